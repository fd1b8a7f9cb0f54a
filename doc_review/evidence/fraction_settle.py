"""Candidate rows of a record settled: which lines are fractions, which are given, and what number each has."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from . import fraction_rows as fr
from .patterns import pattern
from .rows import Line

_LEX = "delivery.yaml"


@dataclass(slots=True)
class Log:
    """Fraction rows of a note, the lines that are none, and the day the record was printed.

    ``section`` is where another part of the record starts (weekly physics, visits); ``columns`` holds the
    rows of lines that carry several, ``weekly`` rows that sum up a week each.
    """

    rows: list[fr.FractionRow] = field(default_factory=list)
    others: list[tuple[int, Line, str]] = field(default_factory=list)
    printed: dt.date | None = None
    section: int | None = None
    columns: list[fr.FractionRow] = field(default_factory=list)
    weekly: list[fr.FractionRow] = field(default_factory=list)


def _strong(row: fr.FractionRow, text: str) -> bool:
    """Whether a single line outside a table says by itself that a fraction was delivered (or not)."""
    if row.state != "delivered":
        return row.state == "not_treated"
    told = pattern(_LEX, "delivered").search(text) is not None
    return (row.dose is not None or row.mu is not None) or told


def _admit_loose(log: Log, loose: Sequence[tuple[fr.FractionRow, str]]) -> None:
    """Lines outside a table become rows where they say so themselves or stand in a run of numbered days."""
    run: list[tuple[fr.FractionRow, str]] = []

    def close() -> None:
        delivered = [row for row, _ in run]
        proven = sum(_strong(row, text) or row.positive for row, text in run)
        if len({row.day for row in delivered}) >= 3 and proven * 2 >= len(run):
            log.rows.extend(delivered)
        else:
            log.rows.extend(row for row, text in run if _strong(row, text))

    for row, text in loose:
        if run:
            last = run[-1][0]
            follows = (
                last.day is not None
                and row.day is not None
                and last.number is not None
                and row.number is not None
                and row.line - last.line <= 4
                and 0 <= row.number - last.number <= 2
                and row.day >= last.day
            )
            if not follows:
                close()
                run = []
        run.append((row, text))
    if run:
        close()


def _admit_columns(log: Log) -> None:
    """Rows of a log set in columns, where numbers and days run together."""
    ordered = sorted(log.columns, key=lambda row: row.number or 0)
    days = [row.day for row in ordered if row.day]
    if len(ordered) >= 3 and len(days) == len(ordered) and days == sorted(days):
        log.rows.extend(ordered)


def _drop_summaries(log: Log) -> None:
    """Rows that stand for a week each (fractions 5, 10, 15) are no fractions; the last tells how many were given."""
    numbers = sorted({row.number for row in log.rows if row.number is not None and row.state == "delivered"})
    if len(numbers) >= 2 and all(later - earlier >= 3 for earlier, later in pairwise(numbers)):
        log.weekly = [row for row in log.rows if row.state == "delivered"]
        log.rows = [row for row in log.rows if row.state != "delivered"]


def _mend_numbers(log: Log) -> None:
    """Fraction numbers that recognition of a scan misread (41 between 10 and 12) set right.

    Where most rows count up by one a day, a number that does not but ends in the digit that is due is taken
    as that number.
    """
    rows = [row for row in log.rows if row.number is not None and row.day is not None]
    if len(rows) < 4 or len({row.day for row in rows}) != len(rows):
        return
    offsets = Counter((row.number or 0) - index for index, row in enumerate(rows))
    offset, count = offsets.most_common(1)[0]
    if count * 2 < len(rows):
        return
    for index, row in enumerate(rows):
        due = index + offset
        if row.number != due and due > 0 and (row.number or 0) % 10 == due % 10:
            row.number = due


def _late_states(log: Log) -> None:
    """Rows whose cells are empty, or whose day lies after the print, are not delivered."""
    delivered = [row for row in log.rows if row.state == "delivered"]
    positive = [row for row in delivered if row.positive]
    if not positive:
        return
    days = {row.day for row in positive if row.day}
    last = max(days) if days else None
    mostly = len(positive) * 2 >= len(delivered)
    for row in delivered:
        printed_before = log.printed is not None and row.day is not None and row.day > log.printed
        if printed_before and any(day <= log.printed for day in days):  # type: ignore[operator]
            row.state = "planned"
        elif mostly and row.tabled and not row.positive and row.day not in days:
            row.state = "planned" if last is None or row.day is None or row.day > last else "not_treated"


def settle(log: Log, loose: Sequence[tuple[fr.FractionRow, str]], recognised: bool) -> None:
    """Admit loose rows and rows in columns, mend misread numbers of a ``recognised`` page, settle the states."""
    _admit_loose(log, loose)
    _admit_columns(log)
    log.rows.sort(key=lambda row: (row.line, row.start))
    if recognised:
        _mend_numbers(log)
    _late_states(log)
    _drop_summaries(log)
