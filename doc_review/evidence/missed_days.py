"""Lines of a record outside its log turned into the days on which no fraction was given."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from .fraction_log import Log
from .kinds import Draft
from .note import Note
from .patterns import pattern
from .record_dates import dates_of, short_dates

_LEX = "delivery.yaml"


def missed_days(note: Note, log: Log, source: str) -> Iterator[Draft]:
    """A negated remark for each day a line says was not treated (holiday, machine down, patient ill)."""
    dates = dates_of(note)
    starts = [found[0] for found in dates]
    treated = {row.day for row in log.rows if row.state == "delivered"}
    near = max((day for day in treated if day), default=None)
    for _, line, text in log.others:
        cue = pattern(_LEX, "not_treated").search(text)
        if cue is None or pattern(_LEX, "other_form").search(text):
            continue
        here = [dates[i] for i in range(bisect_left(starts, line.start), bisect_left(starts, line.end))]
        for low, high, day in here or short_dates(note, line.start, line.end, near):
            if day in treated:
                continue
            yield Draft(
                kind="delivery",
                value="session_note",
                citation=note.cite(line.start, line.end, anchor=(low, high)),
                attributes={"date": day.isoformat(), "source": source},
                assertion="negated",
                confidence=0.85,
            )
