"""Lines of a record outside its log turned into the days on which no fraction was given."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from .fraction_settle import Log
from .kinds import Draft
from .note import Note
from .patterns import pattern
from .record_dates import dates_of, short_dates

_LEX = "delivery.yaml"


_SENTENCE = re.compile(r"(?<=[a-z)])[.;]\s")


def _told_of(note: Note, start: int, end: int, day: int) -> bool:
    """Whether the sentence around a date says that nothing was given, or the line opens with it."""
    if pattern(_LEX, "not_treated").match(note.plain, start):
        return True
    ends = [match.end() for match in _SENTENCE.finditer(note.plain, start, end)]
    low = max((stop for stop in ends if stop <= day), default=start)
    high = min((stop for stop in ends if stop > day), default=end)
    return pattern(_LEX, "not_treated").search(note.plain, low, high) is not None


def missed_days(note: Note, log: Log, source: str) -> Iterator[Draft]:
    """A negated remark for each day a line says was not treated (holiday, machine down, patient ill)."""
    dates = dates_of(note)
    starts = [found[0] for found in dates]
    treated = {row.day for row in log.rows if row.state == "delivered"}
    near = max((day for day in treated if day), default=None)
    for _, line, text in log.others:
        if not pattern(_LEX, "not_treated").search(text) or pattern(_LEX, "other_form").search(text):
            continue
        here = [dates[i] for i in range(bisect_left(starts, line.start), bisect_left(starts, line.end))]
        for low, high, day in here or short_dates(note, line.start, line.end, near):
            if day in treated or not _told_of(note, line.start, line.end, low):
                continue
            yield Draft(
                kind="delivery",
                value="session_note",
                citation=note.cite(line.start, line.end, anchor=(low, high)),
                attributes={"date": day.isoformat(), "source": source},
                assertion="negated",
                confidence=0.85,
            )
