"""Lexicon hits of a note turned into their assertions: affirmed, negated, historical and so on.

What stands nearest to the term wins: a tick box, then the answer after its label, then the section,
then the ConText cues of its sentence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from ..model import Assertion
from .context import Category, context_rules
from .matcher import Hit
from .note import Note
from .past import is_past
from .sections import section_of
from .segments import Unit
from .tickboxes import state

_NO = (
    r"(?:none|no\b|not\b|off\b|n/?a\b|n\b|nil|neg\b|negative|declined|deferred|omitted|without|cancell?ed|0\b(?!\.)|"
    r"-\s*(?=$|\n)|_+\s*(?=$|\n))"
)
_NEGATIVE_ANSWER = re.compile(
    rf"\s{{0,4}}(?:\([^)\n]{{0,30}}\))?(?:(?:[ \t]*+(?:[:=|?]|\.{{2,}}+|_{{2,}}+|-{{2,}}+|-(?=\s)))++\s*|[ \t]{{2,}}){_NO}"
    # A leader with nothing after it is an answer left blank.
    r"|[ \t]*+(?:\.{3,}+|_{3,}+)[ \t]*+(?=$|\n)",
    re.IGNORECASE,
)
# A form may set the answer on the line under its label.
_ANSWER_BELOW = re.compile(rf"[\w /()-]{{0,24}}:?\s*\n\s*{_NO}", re.IGNORECASE)
_LABEL_LINE = 48
_ASKED = re.compile(r"(?:\s\w+)?\s?\?(?!\s*(?:y|n|yes|no)\b)")
# Labels whose values are so asserted up to the end of their sentence.
_LABELS: tuple[tuple[re.Pattern[str], Assertion], ...] = (
    (
        re.compile(
            r"\b(?:options?|alternatives?|under consideration|considering|considered|offered)\s*:[^;|\n]*$"
        ),
        "hypothetical",
    ),
    (
        re.compile(
            r"\b(?:declined|refused|not indicated|not offered|contraindicated|cancell?ed|void(?:ed)?|withdrawn)\s*:[^;|\n]*$"
        ),
        "negated",
    ),
)
# Kinds that name a course of treatment, which may be an earlier one.
_DATED = frozenset({"technique", "site"})
_UNASSERTED = frozenset({"structure"})
_OTHER_SUBJECT_SECTIONS = frozenset({"family"})
_HISTORICAL_SECTIONS = frozenset({"history"})


def _from_categories(categories: frozenset[Category]) -> Assertion | None:
    """Assertion of a set of ConText categories; another subject, condition and negation outrank time and mood."""
    if "OTHER_SUBJECT" in categories:
        return "other_subject"
    if "CONDITIONAL" in categories:
        return "hypothetical"
    if "NEGATED" in categories:
        return "negated"
    if "HYPOTHETICAL" in categories:
        return "hypothetical"
    if "HISTORICAL" in categories:
        return "historical"
    if "PLANNED" in categories:
        return "planned"
    return None


def _from_layout(note: Note, start: int, end: int) -> Assertion | None:
    """What a tick box or a negative answer after the label says of a span, ``None`` where neither does."""
    low, high = note.line_at(start)
    line = note.text[low:high]
    if end <= high:
        ticked = state(line, start - low, end - low)
        if ticked is not None:
            return "affirmed" if ticked else "negated"
    if _NEGATIVE_ANSWER.match(note.plain, end, min(len(note.plain), end + 80)):
        return "negated"
    if high - low <= _LABEL_LINE and _ANSWER_BELOW.match(note.plain, end, min(len(note.plain), end + 50)):
        return "negated"
    return None


def assert_spans(note: Note, spans: Sequence[tuple[int, int, str]]) -> list[Assertion]:
    """Assertion of each ``(start, end, kind)`` flat span of a note, in the order given."""
    units = note.units
    sections = note_sections(note)
    by_unit: dict[int, list[int]] = defaultdict(list)
    result: list[Assertion] = ["affirmed"] * len(spans)
    index_of = {unit.start: index for index, unit in enumerate(units)}
    for position, (start, end, _) in enumerate(spans):
        unit = note.unit_at(start)
        layout = _from_layout(note, start, end)
        if layout is not None:
            result[position] = layout
        elif unit is not None:
            by_unit[index_of[unit.start]].append(position)
    for index, positions in by_unit.items():
        unit = units[index]
        local = [
            (max(0, spans[p][0] - unit.start), min(unit.end, spans[p][1]) - unit.start, spans[p][2])
            for p in positions
        ]
        plain = note.plain[unit.start : unit.end]
        for position, categories in zip(positions, context_rules().categories(plain, local), strict=True):
            found = _from_categories(categories)
            if sections[index] in _OTHER_SUBJECT_SECTIONS:
                found = "other_subject"
            elif sections[index] in _HISTORICAL_SECTIONS and found is None:
                found = "historical"
            elif found is None and spans[position][2] in _DATED:
                found = _of_treatment(note, unit, *spans[position][:2])
            result[position] = found or "affirmed"
    return result


def _of_treatment(note: Note, unit: Unit, start: int, end: int) -> Assertion | None:
    """What a label, a question mark or a date says of a treatment that no cue word modifies."""
    before = note.plain[unit.start : start]
    for label, assertion in _LABELS:
        if label.search(before):
            return assertion
    if _ASKED.match(note.plain, end, unit.end):
        return "hypothetical"
    return "historical" if is_past(note, unit, start, end) else None


def note_sections(note: Note) -> list[str]:
    """Section category of each unit of a note (kept with the note)."""
    cached = note.__dict__.get("sections")
    if cached is None:
        cached = section_of(note.units, note.text)
        note.__dict__["sections"] = cached
    return list(cached)


def assert_hits(note: Note, hits: Sequence[Hit]) -> list[Assertion]:
    """Assertion of each hit; an organ's name is asserted by nobody and costs no context search."""
    asserted = [hit for hit in hits if hit.kind not in _UNASSERTED]
    found = iter(assert_spans(note, [(hit.start, hit.end, hit.kind) for hit in asserted]))
    return [next(found) if hit.kind not in _UNASSERTED else "affirmed" for hit in hits]
