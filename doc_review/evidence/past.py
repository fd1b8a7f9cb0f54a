"""A span of a sentence and the time words around it turned into whether it tells of an earlier treatment.

Cue words of the past stand in ``lexicon/context.yaml``; here are the readings that need more than a
scope: a year that lies before the note's own, the label of a list of earlier courses, and the plain past
of a history ("received radiation"), which in a record of treatment would tell of the present course.
"""

from __future__ import annotations

import re

from ..model import EntryKind
from .note import Note
from .segments import Unit

_YEAR = re.compile(
    r"(?<![\d.])(?:(?<=\d/)|(?<![/-]))(?P<year>19[5-9]\d|20[0-4]\d)(?![\d.]?\d|-\d\d-|/\d|\s?(?:c?gy|mu|cc|ml|mg)\b)|'(?P<short>\d\d)\b"
)
_FULL_DATE = re.compile(
    r"\b\d{1,2}[/-]\d{1,2}[/-](?P<year>(?:19|20)\d\d)\b|\b(?P<iso>(?:19|20)\d\d)-\d\d-\d\d\b"
)
# Between a treatment and its year stands nothing that begins another statement or another event.
_BREAK = re.compile(
    r";|\||\bnow\b|\bcurrent|\bbut\b|\bwill\b|\bplanned\b|\bplans? (?:to|for|is)\b|\brecommend|\bproceed|\bpresent|\bnew\b|"
    r"\bnext\b|\btoday\b"
)
_EVENT = re.compile(
    r"diagnos|\bdx\b|biops|\bsurg|ectomy|resect|\bscan|\bpet\b|\bmri\b|\bpsa\b|\bfound\b|\bnoted\b|detect|\bstage|"
    r"chemo(?!rad|rt)|relaps|recur|progress|hormon|\badt\b"
)
_JOINED = re.compile(r"(?:\+|&|,|\band|\bwith|\bw/|\bthen|followed by|\bplus|\bs/p)\s*(?:\w+\s+)?$")
_PAST_VERB = re.compile(
    r"\b(?:had|received|underwent|undergone|was|were|got|given|treated|completed|finished|did|irradiated|with)\b"
)
_BESIDE = re.compile(r"[\W_]*(?:(?:for|from|of|the|a|course|history)\W+)?$")
_PAST_LABEL = re.compile(
    r"\b(?:prior|previous|past|earlier|old|first|initial|remote|former)\s+(?:(?:courses?|rt|xrt|radiation|radiotherapy|irradiation|"
    r"treatments?|therapy|oncologic)\s*){1,3}(?:history\s*)?(?:\([^)\n]*\))?\s*(?::|=|-\s|\.{2,})\s*[^.;|\n]*$"
)
_NOT_NONE = re.compile(r"(?:none|no\b|n/?a\b|denies|-+|_+)\W*$")
# The plain past of somebody's history: who received what before this note.
_RECEIVED = re.compile(
    r"\b(?:received|underwent|undergone|(?:has|have|had|having) (?:had|completed|finished|received|undergone)|had|"
    r"(?:was|were|been) (?:\w+ly )?treated (?:with|by|using)|"
    r"(?:had|has had|received|underwent|treated|diagnosis|diagnosed)\b[^.;:|\n]*\b(?:followed by|with subsequent)|"
    r"(?:has |had |have |was |just |recently )?(?:completed|finished)|irradiated)\b(?P<between>[^;:|\n]{0,90})$"
)
_STILL = re.compile(
    r"\b(?:will|plan\w*|recommend\w*|propos\w*|consider\w*|discuss\w*|option\w*|offer\w*|now|today|current\w*|candidate|who|options?|talk\w*|conversation|question\w*|consult\w*|referr\w*|"
    r"no|not|proceed\w*|start\w*|begin\w*|began|to be|should|would|may|can|if)\b|\.\s"
)
_EFFECT = re.compile(
    r"\b(?:secondary to|due to|related to|caused by|because of|attributed to|sequela\w* of|complications? of|result of|involvement by)"
    r"\b(?P<between>[^;:,|\n]{0,40})$"
)
# What is required is no cause: "due to the cord IMRT is required".
_PREDICATE = re.compile(r"\s*(?:is|was|are|were|will|has|would|can|must|should|required|needed|chosen)\b")
_AHEAD = re.compile(
    r"\s*(?:(?:is|are|was|to|of|the|\w+)\s+){0,4}?(?:recommended|planned|advised|proposed|indicated|ordered|scheduled|booked)\b"
)
_TOLD_AFTER = re.compile(
    r"(?P<between>[^.;:|\n]{0,110}?)\b(?:(?:a|one|two|three|four|five|six|\d+|several|many) (?:month|year|yr)s? ago|in (?:the )?past)\b"
)
_HISTORY_KINDS: frozenset[EntryKind] = frozenset({"consultation", "other"})
_COURSE_KINDS: frozenset[EntryKind] = frozenset(
    {
        "treatment_record",
        "completion_summary",
        "physics_check",
        "management_visit",
        "plan",
        "plan_approval",
        "qa",
    }
)


def _value(match: re.Match[str]) -> int:
    if match.group("year"):
        return int(match.group("year"))
    short = int(match.group("short"))
    return short + (1900 if short > 50 else 2000)


def _own_year(note: Note) -> int | None:
    """The year a note speaks from: that of its entry, otherwise its latest; ``None`` where it has one at most."""
    known = note.__dict__.get("own_year", 0)
    if known == 0:
        years = {_value(match) for match in _YEAR.finditer(note.plain)}
        years |= {int(m.group("year") or m.group("iso")) for m in _FULL_DATE.finditer(note.plain)}
        known = note.entry.date.year if note.entry.date else max(years) if len(years) > 1 else None
        note.__dict__["own_year"] = known
    return None if known is None else int(known)


def _is_before(note: Note, year: int) -> bool:
    """Whether a year lies before the note's; a record of a course may reach back over one New Year."""
    own = _own_year(note)
    if own is None:
        return note.kind not in _COURSE_KINDS
    return year < own - (1 if note.kind in _COURSE_KINDS else 0)


def _dated_before(note: Note, unit: Unit, start: int, end: int) -> bool:
    """Whether a past year stands with a span in its clause, or in its row."""
    low, high, row = unit.start, unit.end, unit.layout == "row"
    for match in _YEAR.finditer(note.plain, low, high):
        if not _is_before(note, _value(match)):
            continue
        if match.start() >= end:
            between = note.plain[end : match.start()]
            cell = re.fullmatch(r"[\s|]*\|\s*", between)
            broken = _BREAK.search(between) or _EVENT.search(between)
            if len(between) <= 70 and (cell or not broken):
                return True
        elif match.end() <= start:
            between = note.plain[match.end() : start]
            joined = _JOINED.search(between)
            if _BREAK.search(between) or (_EVENT.search(between) and not joined) or len(between) > 70:
                continue
            if row or joined or _BESIDE.match(between) or _PAST_VERB.search(between):
                return True
    return False


def is_past(note: Note, unit: Unit, start: int, end: int) -> bool:
    """Whether the sentence around a flat span tells of a treatment before the present course."""
    low, high = unit.start, unit.end
    before = note.plain[low:start]
    if _AHEAD.match(note.plain, end, high):
        return False
    if _PAST_LABEL.search(before) and not _NOT_NONE.search(note.plain[start:high]):
        return True
    if _dated_before(note, unit, start, end):
        return True
    if note.kind not in _HISTORY_KINDS:
        return False
    effect = None if _PREDICATE.match(note.plain, end, high) else _EFFECT.search(before)
    for told in (_TOLD_AFTER.match(note.plain, end, high), _RECEIVED.search(before), effect):
        if told and not _STILL.search(told.group("between")):
            return True
    return False
