"""A note turned into ``motion_management`` evidence: motion studies, and the five elements of policy 7.7.

A technology merely named is ``named``; a system, a threshold, the monitoring and the beam-on rule are
told apart. Surface guidance for set-up, compression and free breathing control no beam.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..model import Assertion
from .assertion import assert_spans
from .fraction_rows import range_of
from .kinds import Draft, Reading
from .note import Note
from .patterns import groups, pattern

_LEX = "motion.yaml"
_HINT = re.compile(
    r"breath|gat(?:e|ed|ing)\b|track|4-?\s?d|four-dim|respir|surface|sgrt|align\s?rt|vision\s?rt|osms|catalyst|c-?rad|compress|belt|"
    r"synchrony|calypso|raypilot|beacon|triggered|motion|excursion|beam[- ]?hold|auto.{0,12}hold|dibh|rpm|rgsc|inspir|\bfb\b|ebh|cine|beam|trace|"
    r"marker|camera|spirom|threshold|toleran|window|amplitude"
)
# What controls the beam; the first that a unit names is what its elements belong to.
_CONTROL = ("dibh", "breath_hold", "gating", "tracking", "surface_guidance")
_OF_SYSTEM = (
    (re.compile(r"align|vision|osms|optical|catalyst|sentinel|c-?rad|identify|simrt"), "surface_guidance"),
    (re.compile(r"breathing|sdx|dyn|spiro|abches"), "breath_hold"),
    (re.compile(r"calypso|synchrony|raypilot|vero"), "tracking"),
    (re.compile(r"."), "gating"),
)
_CARDIAC = re.compile(r"\b(?:muga|ecg|ekg|spect|ejection|angiogra\w*|echocardio\w*|cardiac (?:ct|mri?))\b")
_TIED = re.compile(r"\b(?:gate|gating|breath|hold|respir\w*|surface|trace|window|system|device)\b")
_DISTANCE = re.compile(r"(?<![\d.])\d+(?:\.\d+)?\s*(?:mm|cm)\b")
_ANSWERED_NO = re.compile(
    r"[\s/,&+]*(?:\bor\b\s*|\band\b\s*)?(?:[:=|]|\s\s|\.{2,}|_{2,})\s*(?:no|none|off|n/?a|not|nil|0)\b"
)
_DOSIMETRIC = re.compile(r"\b(?:ptv|ctv|gtv)\b[^.\n]{0,20}$")


@dataclass(frozen=True, slots=True)
class _Item:
    start: int
    end: int
    element: str
    value: str
    unit: tuple[int, int]


def _technologies(note: Note, low: int, high: int) -> list[tuple[str, int, int]]:
    """Technologies named in a unit with the span of the first mention of each."""
    found: list[tuple[str, int, int]] = []
    for value, wording in groups(_LEX, "technology"):
        match = wording.search(note.plain, low, high)
        if match and not (value == "gating" and _CARDIAC.search(note.plain, low, high)):
            found.append((value, match.start(), match.end()))
    if any(value == "dibh" for value, _, _ in found):
        found = [item for item in found if item[0] != "breath_hold"]
    return found


def _control(found: Sequence[tuple[str, int, int]]) -> str | None:
    names = {value for value, _, _ in found}
    return next((value for value in _CONTROL if value in names), None)


def _only_setup(note: Note, low: int, high: int) -> bool:
    """Whether surface guidance in a unit serves the set-up, with no word of holding the beam."""
    plain = note.plain
    return not pattern(_LEX, "beam_rule").search(plain, low, high) and not re.search(
        r"beam[- ]?hold|gat(?:ed|ing)|intra-?fraction|during (?:beam|delivery|treatment)|real-?time|breath|dibh",
        plain[low:high],
    )


def _threshold(note: Note, low: int, high: int) -> re.Match[str] | None:
    """The threshold of beam control in a unit; margins, doses and couch shifts are none."""
    found = pattern(_LEX, "threshold").finditer(note.plain, low, high)
    return next((match for match in found if _may_be_threshold(note, low, match)), None)


def _may_be_threshold(note: Note, low: int, match: re.Match[str]) -> bool:
    before = note.plain[max(low, match.start() - 36) : match.start()]
    return not pattern(_LEX, "not_threshold").search(before) and not _DOSIMETRIC.search(before)


def _elements(note: Note, low: int, high: int, control: str) -> Iterator[_Item]:
    """Elements of policy 7.7 that a unit tells about a technology."""
    unit = (low, high)
    for name in ("system", "monitoring", "beam_rule", "why"):
        match = pattern(_LEX, name).search(note.plain, low, high)
        if match:
            yield _Item(match.start(), match.end(), name, control, unit)
    match = _threshold(note, low, high)
    if match is None and pattern(_LEX, "beam_rule").search(note.plain, low, high):
        match = next(
            (m for m in _DISTANCE.finditer(note.plain, low, high) if _may_be_threshold(note, low, m)), None
        )
    if match:
        yield _Item(match.start(), match.end(), "threshold", control, unit)


def _system_control(written: str) -> str:
    return next(value for wording, value in _OF_SYSTEM if wording.search(written))


def _of_unit(note: Note, low: int, high: int, default: str | None) -> Iterator[_Item]:
    """Items of one unit. ``default`` is what the note controls the beam with, for units that do not name it."""
    unit = (low, high)
    studies = list(pattern(_LEX, "study").finditer(note.plain, low, high))
    study = next((match for match in studies if "4" in match.group() or "four" in match.group()), None)
    study = study or (studies[0] if studies else None)
    if study:
        yield _Item(study.start(), study.end(), "study", "4dct", unit)
    named = _technologies(note, low, high)
    control = _control(named)
    if control == "gating" and default in ("dibh", "breath_hold"):
        # A gate on a breath hold is part of the breath hold.
        control = default
        named = [item for item in named if item[0] != "gating"]
    surface = next((item for item in named if item[0] == "surface_guidance"), None)
    if control == "surface_guidance" and _only_setup(note, low, high):
        control = None
        named = [item for item in named if item is not surface]
    for value, start, end in named:
        if value in ("free_breathing", "compression"):
            yield _Item(start, end, "named", value, unit)
    system = pattern(_LEX, "system").search(note.plain, low, high)
    if (
        control is None
        and system
        and not study
        and surface is None
        and pattern(_LEX, "beam_rule").search(note.plain, low, high)
    ):
        control = _system_control(note.plain[system.start() : system.end()])
    if control is not None:
        elements = list(_elements(note, low, high, control))
        yield from elements
        for value, start, end in named:
            if value in _CONTROL and (value == control or value != "surface_guidance"):
                yield _Item(start, end, "named", value, unit)
    elif default is not None and study:
        why = pattern(_LEX, "why").search(note.plain, low, high)
        if why:
            yield _Item(why.start(), why.end(), "why", default, unit)
    elif default is not None:
        rule = pattern(_LEX, "beam_rule").search(note.plain, low, high)
        tied = rule or _TIED.search(note.plain, low, high)
        if tied and surface is None:
            yield from _elements(note, low, high, default)
        elif system and surface is None and not pattern(_LEX, "setup").search(note.plain, low, high):
            yield _Item(system.start(), system.end(), "system", default, unit)


def _items(note: Note) -> list[_Item]:
    units = [unit for unit in note.units if _HINT.search(note.plain, unit.start, unit.end)]
    if not units:
        return []
    default: str | None = None
    for unit in units:
        named = _technologies(note, unit.start, unit.end)
        control = _control(named)
        if control and not (control == "surface_guidance" and _only_setup(note, unit.start, unit.end)):
            default = control if default is None else default
    return [item for unit in units for item in _of_unit(note, unit.start, unit.end, default)]


def _abandoned(note: Note, item: _Item) -> bool:
    """Whether the words after a technology say that it was not used after all."""
    _, stop = note.line_at(item.start)
    rest = note.plain[item.end : min(max(stop, item.unit[1]), item.end + 90)].split("\n", 1)[0]
    for _, wording in groups(_LEX, "technology"):
        rest = wording.sub(" ", rest)
    if _ANSWERED_NO.match(rest):
        return True
    after = note.plain[item.end : min(item.unit[1], item.end + 60)]
    clause = re.split(r"[;,.]\s|\bbut\b|\btherefore\b", after, maxsplit=1)[0]
    return bool(pattern(_LEX, "abandoned").search(clause))


def extract(reading: Reading) -> Iterator[Draft]:
    """Motion studies, technologies and elements of motion management that a note tells of."""
    note = reading.note
    items = _items(note)
    if not items:
        return
    delivered = note.kind == "treatment_record"
    said = assert_spans(note, [(item.start, item.end, "motion") for item in items])
    naming: dict[tuple[tuple[int, int], str], Assertion] = {}
    states: list[Assertion] = []
    for item, assertion in zip(items, said, strict=True):
        state: Assertion = (
            "negated"
            if assertion == "affirmed" and item.element == "named" and _abandoned(note, item)
            else assertion
        )
        if item.element == "study" and assertion == "affirmed" and _abandoned(note, item):
            state = "negated"
        states.append(state)
        if item.element == "named":
            naming.setdefault((item.unit, item.value), state)
    elements = {
        item.value
        for item, state in zip(items, states, strict=True)
        if item.element not in ("named", "study")
    }
    seen: set[tuple[str, str, Assertion]] = set()
    for item, state in zip(items, states, strict=True):
        if item.element not in ("named", "study"):
            # An element has no life of its own: it is asserted as the technology it belongs to.
            state = naming.get((item.unit, item.value), state)
            if state == "negated":
                continue
        key = (item.element, item.value, state)
        if key in seen or (
            item.element == "named"
            and state == "affirmed"
            and item.value in elements
            and _told_here(item, items)
        ):
            continue
        seen.add(key)
        attributes: dict[str, object] = {"element": item.element}
        if delivered:
            attributes["delivered"] = True
        if item.element == "study" and state == "affirmed" and pattern(_LEX, "used").search(note.plain):
            attributes["used"] = True
        span = range_of(note.plain[item.unit[0] : item.unit[1]]) if delivered else None
        if span:
            attributes["fraction_from"], attributes["fraction_to"] = span
        yield Draft(
            kind="motion_management",
            value=item.value,
            citation=note.cite(*item.unit, anchor=(item.start, item.end)),
            attributes=attributes,
            assertion=state,
            confidence=0.9 if item.element in ("named", "study") else 0.85,
        )


def _told_here(item: _Item, items: Sequence[_Item]) -> bool:
    """Whether the unit that names a technology also tells an element of it."""
    return any(
        other.unit == item.unit and other.value == item.value and other.element not in ("named", "study")
        for other in items
    )
