"""A note turned into the small facts around planning and set-up: image guidance, devices, contours, QA.

Contrast and replanning are read here too, each by its own module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import EvidenceKind
from . import contrast, replan
from .assertion import assert_spans
from .kinds import Draft, Reading
from .record_dates import dates_of

_BY_TERM: dict[str, EvidenceKind] = {
    "image_guidance": "image_guidance",
    "immobilization": "immobilization",
    "mlc": "mlc",
    "patient_qa": "patient_qa",
}
_CONTOUR = re.compile(
    r"\b(?:contour\w*|delineat\w*|outlin\w*|segment(?:ed|ation)|volumes?\s+(?:drawn|defined|created)|drew|drawn)\b"
)
_TARGET = re.compile(r"\b(?:i?gtv|ctv|ptv|itv)[\w.]*")


def _terms(reading: Reading) -> Iterator[Draft]:
    """One draft per device, kind and assertion."""
    note = reading.note
    seen: set[tuple[str, str, str]] = set()
    for hit, assertion in reading.of_kind(*_BY_TERM):
        key = (hit.kind, hit.value, assertion)
        if key in seen:
            continue
        seen.add(key)
        unit = note.unit_at(hit.start)
        low, high = (unit.start, max(unit.end, hit.end)) if unit else (hit.start, hit.end)
        attributes: dict[str, object] = {}
        if hit.kind == "patient_qa":
            days = [day for start, _, day in dates_of(note) if low <= start < high]
            when = days[0] if days else note.entry.date
            if when:
                attributes["date"] = when.isoformat()
        written = note.text[hit.start : hit.end]
        yield Draft(
            kind=_BY_TERM[hit.kind],
            value=written if hit.kind in ("mlc", "patient_qa") else hit.value,
            citation=note.cite(low, high, anchor=(hit.start, hit.end)),
            attributes=attributes,
            assertion=assertion,
        )


def _contours(reading: Reading) -> Iterator[Draft]:
    """Structures that a unit says were contoured."""
    note = reading.note
    verbs = [match.start() for match in _CONTOUR.finditer(note.plain)]
    if not verbs:
        return
    units = {unit.start: unit for start in verbs if (unit := note.unit_at(start)) is not None}
    seen: set[str] = set()
    named = [
        (hit, unit)
        for hit, _ in reading.of_kind("structure")
        if (unit := note.unit_at(hit.start)) is not None and unit.start in units
    ]
    said = assert_spans(note, [(hit.start, hit.end, hit.kind) for hit, _ in named])
    for (hit, unit), assertion in zip(named, said, strict=True):
        if hit.value in seen or assertion not in ("affirmed", "planned"):
            continue
        seen.add(hit.value)
        yield Draft(
            "contour",
            hit.value,
            note.cite(unit.start, unit.end, anchor=(hit.start, hit.end)),
            {},
            assertion,
            "nlp",
            0.85,
        )
    for unit in units.values():
        for match in _TARGET.finditer(note.plain, unit.start, unit.end):
            written = note.text[match.start() : match.end()]
            if written.lower() in seen:
                continue
            seen.add(written.lower())
            yield Draft(
                "contour",
                written,
                note.cite(unit.start, unit.end, anchor=match.span()),
                {},
                "affirmed",
                "nlp",
                0.85,
            )


def extract(reading: Reading) -> Iterator[Draft]:
    """Image guidance, immobilisation, collimator, patient QA, contours, contrast and replanning of a note."""
    yield from _terms(reading)
    yield from _contours(reading)
    yield from contrast.extract(reading)
    yield from replan.extract(reading)
