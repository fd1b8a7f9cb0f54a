"""A note turned into ``order`` evidence: an order form, or a consultation that decides to treat.

An option, a recommendation or a wish is no decision (policy 5.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..model import Assertion
from .assertion import note_sections
from .kinds import Draft, Reading
from .matcher import Hit
from .technique import technique_hits

SPECIFICITY: tuple[str, ...] = (
    "TOMOTHERAPY",
    "VMAT",
    "IMRT",
    "SBRT",
    "SRS",
    "FIF",
    "3DCRT",
    "2D",
    "ELECTRON",
    "PROTON",
    "BRACHYTHERAPY",
    "SYSTEMIC",
    "ORTHOVOLTAGE",
    "EBRT",
)
_NO_DECISION = re.compile(
    r"\b(?:recommend\w*|suggest\w*|consider\w*|option\w*|discuss\w*|candidate|may|might|could|would|possib\w+|"
    r"pending|if|whether|versus|vs|prefer\w*|inquir\w*|asked|eligib\w*|explain\w*|benefit\w*|side effects?|risks?|"
    r"rationale|authoriz\w*|tumou?r board|evaluat\w*)\b"
)
_DECISION = re.compile(
    r"\b(?:will (?:be )?(?:treat\w*|tx\b|rt\b|receiv\w*|use|using|proceed|plan\w*|give|given|deliver\w*|undergo|have|start|get|go)|"
    r"(?:i|we) (?:will|have (?:decided|elected|chosen|ordered)|order\w*|plan to|plan on|intend\w* to|am ordering|are ordering|chose|elected|decided|shall|opt\w*|went)|"
    r"proceed\w* with|plan is (?:to|for)|decision|decided|ordered|order(?:s|ing)?\b|is (?:required|needed|necessary|to be treated|planned|indicated|chosen|selected)|"
    r"are (?:required|needed|to be)|agree\w* to|elected to|wishes to proceed|consent\w*|to be treated|to be delivered|scheduled|technique\s*[:=]|"
    r"required|needed here|medically necessary)\b|technique\s*[:=]"
)
_PLAN_SECTIONS = frozenset({"plan", "", "diagnosis", "present"})
_TECHNIQUE_LINE = re.compile(
    r"\b(?:technique|modality|treatment type|delivery|type of (?:treatment|therapy|plan)|plan type|rx technique)\b"
)
_ELECTRON = re.compile(r"\belectrons?\b|\b\d{1,2} ?mev\b")
_PHOTON = re.compile(r"\bphotons?\b|\b(?:4|6|8|10|15|16|18) ?(?:mv|x|fff)\b|\b\d{1,2}x\b")


def most_specific(values: Sequence[str]) -> str | None:
    """The most specific technique of several, ``None`` of none."""
    known = [value for value in values if value in SPECIFICITY]
    return min(known, key=SPECIFICITY.index) if known else None


def _ordered(reading: Reading) -> tuple[str | None, list[tuple[Hit, Assertion]]]:
    """Technique an order form asks for, and the hits that say so; a ``Technique:`` line outranks prose."""
    note = reading.note
    stated: list[tuple[Hit, Assertion]] = [
        (hit, a) for hit, a in technique_hits(reading) if a in ("affirmed", "planned")
    ]
    on_line = [
        (hit, a)
        for hit, a in stated
        if _TECHNIQUE_LINE.search(note.plain[note.line_at(hit.start)[0] : hit.start]) and hit.value != "EBRT"
    ]
    chosen = on_line or stated
    return most_specific([hit.value for hit, _ in chosen]), chosen


def _modality(plain: str) -> str | None:
    electron, photon = bool(_ELECTRON.search(plain)), bool(_PHOTON.search(plain))
    if electron and photon:
        return None
    return "electron" if electron else "photon" if photon else None


def _form(reading: Reading) -> Iterator[Draft]:
    """The order of an order or prescription entry."""
    note = reading.note
    technique, hits = _ordered(reading)
    cited = [hit for hit, _ in hits if hit.value == technique][:1]
    first = next((unit for unit in note.units), None)
    if first is None:
        return
    if cited:
        low, high = note.line_at(cited[0].start)
        citation = note.cite(low, max(high, cited[0].end), anchor=(cited[0].start, cited[0].end))
    else:
        citation = note.cite(first.start, first.end)
    yield Draft(
        kind="order",
        value=technique or "EBRT",
        citation=citation,
        attributes={
            "technique": technique,
            "modality": _modality(note.plain),
            "form": note.kind,
            "inverse": True if "inverse" in note.plain else None,
            "date": note.entry.date.isoformat() if note.entry.date else None,
        },
        confidence=0.95 if cited else 0.7,
    )


def _decision(reading: Reading) -> Iterator[Draft]:
    """A consultation's decision to treat with a technique."""
    note = reading.note
    sections = note_sections(note)
    index_of = {unit.start: index for index, unit in enumerate(note.units)}
    seen: set[str] = set()
    for hit, assertion in technique_hits(reading):
        unit = note.unit_at(hit.start)
        if unit is None or assertion not in ("affirmed", "planned") or hit.value == "EBRT":
            continue
        if sections[index_of[unit.start]] not in _PLAN_SECTIONS:
            continue
        sentence = note.plain[unit.start : unit.end]
        if _NO_DECISION.search(sentence) or not _DECISION.search(sentence) or hit.value in seen:
            continue
        seen.add(hit.value)
        yield Draft(
            kind="order",
            value=hit.value,
            citation=note.cite(unit.start, unit.end, anchor=(hit.start, hit.end)),
            attributes={
                "technique": hit.value,
                "modality": None,
                "form": "consultation",
                "inverse": True if "inverse" in sentence else None,
                "date": note.entry.date.isoformat() if note.entry.date else None,
            },
            confidence=0.75,
        )


_ORDERS_IN_PLAN = re.compile(
    r"\b(?:i (?:hereby )?order|is ordered|are ordered|order(?:ed)? (?:for|by)|physician order|treatment order)\b"
)


def extract(reading: Reading) -> Iterator[Draft]:
    """Orders of the note."""
    if reading.note.kind in ("order", "prescription"):
        yield from _form(reading)
    elif reading.note.kind in ("consultation", "correspondence", "mixed", "other") or (
        reading.note.kind in ("plan", "simulation") and _ORDERS_IN_PLAN.search(reading.note.plain)
    ):
        yield from _decision(reading)
