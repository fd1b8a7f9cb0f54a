"""A note turned into ``prescription`` evidence: dose schemes of orders, plans and summaries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..dates import find_dates
from ..model import EntryKind
from .dose import Scheme, schemes
from .kinds import Draft, Reading
from .note import Note
from .technique import ROLES

_BOOST = re.compile(r"\b(?:boost|cone[- ]?down|conedown|phase (?:2|ii|two|3|iii)|cd1|bst|reduced field)\b")
_INITIAL = re.compile(r"\b(?:initial|phase (?:1|i|one)|primary plan|first phase)\b")
_SIMULTANEOUS = re.compile(
    r"\b(?:sib|simultaneous\w*|same \d+ (?:sessions|fractions)|dose[- ]painting|concurrent boost|integrated boost)\b"
)
_TARGET = re.compile(
    r"\b((?:ptv|ctv|gtv|itv)[\w.+-]*)|\b(boost|prostate|breast|chest wall|nodes|tumou?r bed|cavity)\b"
)
_PAST = re.compile(
    r"\b(?:prior|previous\w*|received|years ago|in (?:19|20)\d\d\b|outside hospital|history of)\b"
)
_OPTION = re.compile(
    r"\b(?:option\w*|alternativ\w*|versus|vs\.?|could|trial|randomi\w*|consider\w*|either)\b"
)
_DELIVERED_SO_FAR = re.compile(
    r"\b(?:to date|so far|current dose|cum(?:ulative)?\b|thus far|of planned|received to)"
)
_TOLD: frozenset[EntryKind] = frozenset({"treatment_record", "mixed", "other", "correspondence"})
_KINDS: frozenset[EntryKind] = frozenset(
    {
        "order",
        "prescription",
        "plan",
        "plan_approval",
        "consultation",
        "simulation",
        "completion_summary",
        "treatment_record",
        "correspondence",
        "mixed",
    }
)
# Label and value stand on lines of their own in forms; prose lines are longer.
_SHORT_LINE = 60
_BLOCK_LINES = 14
_QUANTITY = re.compile(
    r"\d\s*(?:c?gy\b|gray|rads?\b)|\d{4}\s*/\s*\d{1,2}\b|\b\d{1,2}\s+\d{3}\s+\d{4}\b|\b\d{3}\s+\d{1,2}\s+\d{4}\b|\b\d{4}\s+\d{3}\s+\d{1,2}\b"
)


def _passages(note: Note) -> Iterator[tuple[int, int]]:
    """Units that name a dose, then blocks of short lines whose lines hold a scheme only together."""
    for unit in note.units:
        if _QUANTITY.search(note.plain, unit.start, unit.end):
            yield unit.start, unit.end
    block: list[tuple[int, int]] = []
    for start, end in (*note.lines, (len(note.text), len(note.text))):
        apart = block and note.text.count("\n", block[-1][1], start) > 1
        if block and (apart or end - start > _SHORT_LINE or len(block) == _BLOCK_LINES or start == end):
            if len(block) > 1 and _QUANTITY.search(note.plain, block[0][0], block[-1][1]):
                yield block[0][0], block[-1][1]
            block = []
        if 0 < end - start <= _SHORT_LINE:
            block.append((start, end))


def _phase(note: Note, offset: int, line: str) -> str | None:
    """The phase a scheme belongs to: the last phase word before it, otherwise one in its line."""
    before = note.plain[max(0, offset - 160) : offset]
    marks = [(m.start(), "boost") for m in _BOOST.finditer(before)] + [
        (m.start(), "initial") for m in _INITIAL.finditer(before)
    ]
    if marks and not _SIMULTANEOUS.search(before):
        return max(marks)[1]
    if _SIMULTANEOUS.search(line):
        return None
    return "boost" if _BOOST.search(line) else "initial" if _INITIAL.search(line) else None


def _draft(note: Note, start: int, end: int, scheme: Scheme) -> Draft:
    low, high = note.line_at(start + scheme.start)
    line = note.plain[max(low, start) : min(max(high, start + scheme.end), max(end, high))]
    attributes: dict[str, object] = {
        "dose_gy": scheme.dose_gy,
        "fractions": scheme.fractions,
        "dose_per_fraction_gy": scheme.per_fraction_gy,
        "role": ROLES.get(note.kind, "mention"),
        "consistent": scheme.consistent,
    }
    target = _TARGET.search(line)
    if target:
        attributes["target"] = target.group()
    phase = _phase(note, start + scheme.start, line)
    if phase:
        attributes["phase"] = phase
    if _SIMULTANEOUS.search(note.plain[max(0, start - 200) : end + 200]):
        attributes["simultaneous"] = True
    return Draft(
        kind="prescription",
        value=note.text[start + scheme.start : start + scheme.end],
        citation=note.cite(
            max(low, start) if start + scheme.start - low < 200 else start + scheme.start,
            max(start + scheme.end, min(high, end)),
            anchor=(start + scheme.start, start + scheme.end),
        ),
        attributes=attributes,
        confidence=0.95 if scheme.consistent else 0.85,
    )


def extract(reading: Reading) -> Iterator[Draft]:
    """Dose schemes of the note; a scheme of the past or an option among several is not affirmed."""
    note = reading.note
    if note.kind not in _KINDS or not _QUANTITY.search(note.plain):
        return
    taken: list[tuple[int, int]] = []
    for start, end in _passages(note):
        text = note.plain[start:end]
        for scheme in schemes(text):
            low, high = start + scheme.start, start + scheme.end
            if any(low < right and left < high for left, right in taken):
                continue
            around = note.plain[max(start, low - 80) : min(end, high + 60)]
            if note.kind in _TOLD and _DELIVERED_SO_FAR.search(around):
                continue
            if note.kind == "treatment_record" and find_dates(note.text[slice(*note.line_at(low))]):
                continue
            taken.append((low, high))
            draft = _draft(note, start, end, scheme)
            if note.kind in ("consultation", "correspondence", "mixed") and _PAST.search(around):
                draft = replace(draft, assertion="historical")
            elif note.kind in ("consultation", "correspondence") and _OPTION.search(around):
                draft = replace(draft, assertion="hypothetical")
            yield draft
