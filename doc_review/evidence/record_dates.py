"""Dates of a treatment record: full dates, and month/day without a year that the record completes."""

from __future__ import annotations

import datetime as dt
import re

from ..dates import find_dates, without_births
from .note import Note

_DATE_DASH = re.compile(r"(?<=/\d\d)[-\u2013](?=\d{1,2}/)|(?<=/\d{4})[-\u2013](?=\d{1,2}/)")
_SHORT = re.compile(r"(?<![\d/.-])(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/]|\.\d)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_SHORT_NAMED = re.compile(
    r"(?<![\w/])(?:(?P<d1>\d{1,2})[ -]?(?P<n1>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|"
    r"(?P<n2>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? ?(?P<d2>\d{1,2}))(?![\w/-])"
)


def dates_of(note: Note) -> list[tuple[int, int, dt.date]]:
    """Full dates of a note as flat start, end and day, in order (kept with the note)."""
    cached = note.__dict__.get("found_dates")
    if cached is None:
        # A dash that joins two dates is no part of either.
        text = _DATE_DASH.sub(" ", note.text)
        cached = [(found.start, found.end, found.date) for found in without_births(find_dates(text))]
        note.__dict__["found_dates"] = cached
    return list(cached)


def _with_year(month: int, day: int, near: dt.date) -> dt.date | None:
    """The day of the year that lies nearest to another day."""
    best: dt.date | None = None
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            candidate = dt.date(year, month, day)
        except ValueError:
            continue
        if best is None or abs(candidate - near) < abs(best - near):
            best = candidate
    return best


def short_dates(note: Note, start: int, end: int, near: dt.date | None) -> list[tuple[int, int, dt.date]]:
    """Dates without a year in a span (US order), completed by a nearby day; none without one."""
    if near is None:
        return []
    found: list[tuple[int, int, dt.date]] = []
    for match in _SHORT.finditer(note.plain, start, end):
        day = _with_year(int(match.group("m")), int(match.group("d")), near)
        if day:
            found.append((match.start(), match.end(), day))
    for match in _SHORT_NAMED.finditer(note.plain, start, end):
        name = match.group("n1") or match.group("n2")
        day = _with_year(_MONTHS.index(name) + 1, int(match.group("d1") or match.group("d2")), near)
        if day:
            found.append((match.start(), match.end(), day))
    return sorted(found)


def reference_day(note: Note) -> dt.date | None:
    """A day near the treatments of a record: the entry's own, otherwise the latest day the record names."""
    if note.entry.date is not None:
        return note.entry.date
    days = [day for _, _, day in dates_of(note)]
    return max(days) if days else None
