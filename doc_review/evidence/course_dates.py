"""A record or summary turned into the first and last day of treatment that it names."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from itertools import pairwise

from .note import Note
from .record_dates import dates_of, reference_day, short_dates

_FIRST = re.compile(
    r"\b(?:first|1st|start(?:ed|s)?|began|beg[iu]n\w*|initiated|commenced|fx 1|fraction 1)\b(?:\s*(?:of|on|rt|radiation|radiotherapy|treatment|tx|fx|fraction|session|date|day|dates|therapy|delivered|was|were|given|treated|all|the|in|her|his|course|\d{1,2}|fractions?|fxs|treatments|sessions)\b)*[\s:=.|(-]*(?:(?:mon|tue|wed|thu|fri|sat|sun)\w*,?\s*)?$"
)
_LAST = re.compile(
    r"\b(?:last|end(?:ed|s)?|complet(?:ed|ion)|finish(?:ed)?|final|conclu\w+|stop(?:ped)?|through|thru|until|discontinued)\b(?:\s*(?:of|on|rt|radiation|radiotherapy|treatment|tx|fx|fraction|session|date|day|dates|therapy|delivered|was|were|given|treated|as of|as|planned|prescribed|scheduled|all|the|in|her|his|course|\d{1,2}|fractions?|fxs|treatments|sessions)\b)*[\s:=.|(-]*(?:(?:mon|tue|wed|thu|fri|sat|sun)\w*,?\s*)?$"
)
_RANGE_GAP = re.compile(
    r"\s*(?:-|to|through|thru|until|and|\||\u2192|->)\s*(?:(?:mon|tue|wed|thu|fri|sat|sun)\w*,?\s*)?|\s{2,}"
)
_NOT_THERAPY = re.compile(
    r"\b(?:dob|born|birth|printed|signed|dictated|diagnos\w*|surgery|surgical|biops\w*|chemo\w*|cycle|cisplatin|consult\w*|simulat\w*|sim|mri|pet|ct|psa|follow|seen|visit|rtc|return|plan(?:ned|ning)?|approved|not treated|missed|holiday|machine|break|held|closed)\b[^.\n]{0,18}$"
)


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day of treatment with the flat span that tells them; a day may be unknown."""

    first: dt.date | None = None
    last: dt.date | None = None
    spans: tuple[tuple[int, int], ...] = ()


def _all_dates(note: Note, start: int, end: int) -> list[tuple[int, int, dt.date]]:
    """Full and completed short dates of a span."""
    full = [found for found in dates_of(note) if start <= found[0] < end]
    near = full[-1][2] if full else reference_day(note)
    short = [s for s in short_dates(note, start, end, near) if not any(f[0] <= s[0] < f[1] for f in full)]
    return sorted([*full, *short])


def period(note: Note, start: int, end: int) -> Period:
    """The period of treatment told inside a span: a range of dates, or labelled first and last days."""
    dates = _all_dates(note, start, end)
    for (low, low_end, first), (high, high_end, last) in pairwise(dates):
        gap = note.plain[low_end:high]
        ranged = _RANGE_GAP.fullmatch(gap) and first <= last and (last - first).days <= 150
        if ranged and not _NOT_THERAPY.search(note.plain[max(start, low - 40) : low]):
            return Period(first, last, ((low, high_end),))
    first_day = last_day = None
    spans: list[tuple[int, int]] = []
    for low, high, day in dates:
        before = note.plain[max(start, low - 60) : low]
        if first_day is None and _FIRST.search(before):
            first_day = day
            spans.append((low, high))
        elif _LAST.search(before):
            last_day = day
            spans.append((low, high))
    if first_day and last_day and last_day < first_day:
        return Period()
    return Period(first_day, last_day, tuple(spans))


_LONG_AGO = dt.timedelta(days=240)
_BARE_YEAR = re.compile(r"\b(?:in|since|during)\s+(?:\w+\s+)?((?:19|20)\d\d)\b")


def long_ago(note: Note, start: int, end: int) -> bool:
    """Whether a statement names a day, or a bare year, long before its note."""
    when = reference_day(note)
    if when is None:
        return False
    days = [day for low, _, day in dates_of(note) if start <= low < end]
    if days:
        return max(days) < when - _LONG_AGO
    years = [int(year) for year in _BARE_YEAR.findall(note.plain[start:end])]
    return bool(years) and max(years) < when.year - (1 if when.month < 9 else 0)
