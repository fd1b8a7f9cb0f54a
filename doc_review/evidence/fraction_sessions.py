"""Fraction rows turned into sessions: what was treated on one day in one sitting is one fraction.

Several fields, plans or sites of a sitting are one session (policy 7.13). Two sessions of a day are told
by two numbers of one series, by AM and PM, by times far apart, or by a cumulative dose that goes on.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .fraction_rows import FractionRow

_APART_MINUTES = 150


@dataclass(slots=True)
class Session:
    """Rows of one sitting. ``index`` counts the sittings of the day from 1."""

    day: dt.date | None
    index: int
    rows: list[FractionRow] = field(default_factory=list)
    break_hours: float | None = None

    @property
    def number(self) -> int | None:
        """Fraction number: that of the first numbered row of the series that has gone furthest."""
        numbers = [row.number for row in self.rows if row.number is not None]
        return max(numbers) if numbers else None

    @property
    def start(self) -> int | None:
        """First start in minutes since midnight."""
        times = [row.minutes for row in self.rows if row.minutes is not None]
        return min(times) if times else None

    @property
    def end(self) -> int | None:
        """Last end in minutes since midnight."""
        times = [row.end_minutes for row in self.rows if row.end_minutes is not None]
        return max(times) if times else None


def number_series(rows: Sequence[FractionRow]) -> None:
    """Tell apart runs of fraction numbers: a plan's own, and a boost or second site that starts again."""
    by_plan: dict[str | None, int] = {}
    last: dict[int, FractionRow] = {}
    series = 0
    for row in rows:
        known = by_plan.get(row.plan)
        if known is None:
            series += 1
            by_plan[row.plan] = known = series
        previous = last.get(known)
        if previous is not None and _starts_again(previous, row):
            series += 1
            by_plan[row.plan] = known = series
        row.series = known
        if row.number is not None:
            last[known] = row


def _starts_again(previous: FractionRow, row: FractionRow) -> bool:
    if row.number is None or previous.number is None:
        return False
    if row.number < previous.number:
        return True
    if row.day is not None and previous.day is not None and row.day < previous.day:
        return row.number <= previous.number
    return False


def _ranks(rows: Sequence[FractionRow]) -> list[int]:
    """Sitting of the day (from 0) of each row of one day."""
    ranks = [0] * len(rows)
    halves = {row.half for row in rows if row.half}
    numbers: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.number is not None and row.number not in numbers[row.series]:
            numbers[row.series].append(row.number)
    several = {series: sorted(found) for series, found in numbers.items() if len(found) > 1}
    single_numbered = len(numbers) == 1 and not several and all(row.number is not None for row in rows)
    if single_numbered:
        return ranks
    if len(halves) > 1:
        known = 0
        for index, row in enumerate(rows):
            known = int(row.half) - 1 if row.half else known
            ranks[index] = known
        return ranks
    if several:
        for index, row in enumerate(rows):
            if row.series in several and row.number is not None:
                ranks[index] = several[row.series].index(row.number)
        return _beside_others(rows, ranks, several)
    times = sorted({row.minutes for row in rows if row.minutes is not None})
    if times:
        clusters = [times[0]]
        reach = times[0]
        for time in times[1:]:
            if time - reach >= _APART_MINUTES:
                clusters.append(time)
            reach = time
        for index, row in enumerate(rows):
            if row.minutes is not None:
                ranks[index] = sum(row.minutes >= start for start in clusters) - 1
        return ranks
    if not times and not numbers:
        return _by_cumulative(rows)
    return ranks


def _beside_others(rows: Sequence[FractionRow], ranks: list[int], several: dict[int, list[int]]) -> list[int]:
    """Rows of another series take the sitting whose time is nearest."""
    for index, row in enumerate(rows):
        if row.series in several or row.minutes is None:
            continue
        timed = [(abs(other.minutes - row.minutes), ranks[i]) for i, other in enumerate(rows)
                 if other.series in several and other.minutes is not None]  # fmt: skip
        if timed:
            ranks[index] = min(timed)[1]
    return ranks


def _by_cumulative(rows: Sequence[FractionRow]) -> list[int]:
    """Unnumbered, untimed rows of a day with the same fields: each that adds its dose is a sitting."""
    ranks = [0] * len(rows)
    rank = 0
    for index in range(1, len(rows)):
        before, row = rows[index - 1], rows[index]
        adds = (
            before.cumulative is not None
            and row.cumulative is not None
            and row.dose is not None
            and abs(row.cumulative - before.cumulative - row.dose) < 0.02
        )
        if adds and row.field_text == before.field_text and row.plan == before.plan:
            rank += 1
        ranks[index] = rank
    return ranks


def sessions(rows: Sequence[FractionRow], stated_gap: float | None) -> Iterator[Session]:
    """Sessions of the delivered rows by day; ``stated_gap`` is a break in hours the record states for all."""
    number_series(rows)
    by_day: dict[dt.date, list[FractionRow]] = defaultdict(list)
    undated: dict[tuple[int, int | None], list[FractionRow]] = defaultdict(list)
    for row in rows:
        if row.state != "delivered":
            continue
        if row.day is None:
            undated[(row.series, row.number)].append(row)
        else:
            by_day[row.day].append(row)
    for day in sorted(by_day):
        found: dict[int, Session] = {}
        for row, rank in zip(by_day[day], _ranks(by_day[day]), strict=True):
            found.setdefault(rank, Session(day, rank + 1)).rows.append(row)
        ordered = [found[rank] for rank in sorted(found)]
        for position, session in enumerate(ordered, 1):
            session.index = position
            if position > 1:
                session.break_hours = _break(ordered[position - 2], session, stated_gap)
            yield session
    for held in undated.values():
        yield Session(None, 1, held)


def _break(earlier: Session, later: Session, stated: float | None) -> float | None:
    """Hours between two sessions: stated in the row, from the clock, or stated for the whole record."""
    told = [row.gap_hours for row in later.rows if row.gap_hours is not None]
    if told:
        return told[0]
    low = earlier.end if earlier.end is not None else earlier.start
    if low is not None and later.start is not None and later.start > low:
        return round((later.start - low) / 60, 2)
    return stated
