"""A note turned into ``technique`` evidence: which technique, asserted how, in what role."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import Assertion, EntryKind
from .kinds import Draft, Reading
from .matcher import Hit
from .note import Note

# "Radiation oncology", "RT(T)" and the like name a department, a person or a paper, not a treatment.
_NOT_TREATMENT = re.compile(
    r"\s*(?:oncolog|onc\b|therapist|safety|physic|dosimet|center|centre|department|clinic|dept|"
    r"proctitis|dermatitis|cystitis|esophagitis|pneumonitis|necrosis|mucositis|exposure|tech|nurse|"
    r"\(r\)|\(t\)|\(cr\))",
    re.IGNORECASE,
)
# "3D" of an image, a match or a measurement names no technique.
_NOT_A_PLAN = re.compile(
    r"[-/\s]{0,2}(?:[23]d\b|match\w*|imag\w*|cbct|vector|shifts?|surface|gamma|registration|reconstruct\w*|water|array|couch|"
    r"volum\w*|view|render\w*|print\w*|mammo\w*|tomosynth\w*|ultrasound|contour\w*|scan\w*|scout|dose)"
)
_PERSON_BEFORE = re.compile(r"[A-Z][a-z]+,?\s$")
_FORWARD = frozenset(
    {"forward planned", "forward-planned", "forward planning", "forward-planning", "forward plan"}
)
ROLES: dict[EntryKind, str] = {
    "order": "order",
    "prescription": "order",
    "plan": "plan",
    "plan_approval": "plan",
    "treatment_record": "delivery",
    "completion_summary": "delivery",
    "simulation": "simulation",
}


def _is_treatment(note: Note, hit: Hit) -> bool:
    """Whether an external-beam hit names a treatment rather than a department, person or injury."""
    if note.text[hit.start : hit.end] in ("3D", "2D"):
        return not (
            _NOT_A_PLAN.match(note.plain, hit.end) or note.plain[hit.start - 3 : hit.start] in ("2d/", "3d/")
        )
    if hit.value != "EBRT":
        return True
    if _NOT_TREATMENT.match(note.text, hit.end):
        return False
    written = note.text[hit.start : hit.end]
    if written == "RT":
        follows = note.text[hit.end : hit.end + 1]
        return not (follows == "(" or _PERSON_BEFORE.search(note.text, max(0, hit.start - 24), hit.start))
    unit = note.unit_at(hit.start)
    return unit is None or unit.layout != "heading"


def technique_hits(reading: Reading) -> Iterator[tuple[Hit, Assertion]]:
    """Hits that name a technique of treatment, with their assertions."""
    for hit, assertion in reading.of_kind("technique"):
        if _is_treatment(reading.note, hit):
            yield hit, assertion


def extract(reading: Reading) -> Iterator[Draft]:
    """One draft for each technique of each unit of the note."""
    note = reading.note
    seen: set[tuple[int, str, str]] = set()
    for hit, assertion in technique_hits(reading):
        unit = note.unit_at(hit.start)
        key = (unit.start if unit else hit.start, hit.value, assertion)
        if key in seen:
            continue
        seen.add(key)
        attributes: dict[str, object] = {
            "role": ROLES.get(note.kind, "mention"),
            "written": note.text[hit.start : hit.end],
        }
        written = note.plain[hit.start : hit.end]
        if written.startswith("inverse"):
            attributes["inverse"] = True
        elif written in _FORWARD:
            attributes["inverse"] = False
        if "compensator" in note.plain[max(0, hit.start - 40) : hit.end + 40] and hit.value == "IMRT":
            attributes["modulation"] = "compensator"
        low, high = (unit.start, unit.end) if unit else (hit.start, hit.end)
        yield Draft(
            kind="technique",
            value=hit.value,
            citation=note.cite(low, max(high, hit.end), anchor=(hit.start, hit.end)),
            attributes=attributes,
            assertion=assertion,
            confidence=0.95 if assertion in ("affirmed", "negated") else 0.85,
        )
