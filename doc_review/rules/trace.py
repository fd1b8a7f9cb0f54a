"""Judged lines become what their decision tables saw: the facts of each simulation and session light each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .describe import condition_words, spoken
from .engine import Level, Line
from .facts import Told
from .schema import NotInForce, Row, Rulebook, in_force


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a row: the fact, what the row wants, what the chart has, and whether it is met."""

    fact: str
    wanted: str
    actual: str
    met: bool
    told: Told


@dataclass(frozen=True, slots=True)
class LitRow:
    """A row of a decision table with its conditions lit; ``decided`` is the row that gave the code."""

    row: Row
    conditions: tuple[Condition, ...]
    decided: bool

    @property
    def failing(self) -> tuple[Condition, ...]:
        """The conditions that this chart does not meet."""
        return tuple(condition for condition in self.conditions if not condition.met)


@dataclass(frozen=True, slots=True)
class LitTable:
    """The rows in force for one subject of a course (its index). ``day`` chose the rules, ``code`` came out."""

    name: str
    course: int
    day: dt.date
    code: str | None
    rows: tuple[LitRow, ...]


def lit_tables(rulebook: Rulebook, lines: Iterable[Line]) -> tuple[LitTable, ...]:
    """Every decision that a table took for the lines, each distinct one once, in the order taken."""
    found: list[LitTable] = []
    for line in lines:
        for level in line.levels:
            lit = _lit(rulebook, line.service, level)
            if lit is not None and lit not in found:
                found.append(lit)
    return tuple(found)


def _lit(rulebook: Rulebook, service: str, level: Level) -> LitTable | None:
    name = rulebook.services[service].table
    if name is None:
        return None
    version = in_force(rulebook.tables[name].versions, level.on, name)
    if isinstance(version, NotInForce):
        return None
    rows = tuple(LitRow(row, tuple(_conditions(row, level.told)), row is level.row) for row in version.rows)
    return LitTable(name, level.course, level.on, level.row.code, rows)


def _conditions(row: Row, told: dict[str, Told]) -> Iterator[Condition]:
    for fact, wanted in row.when.items():
        values = (wanted,) if isinstance(wanted, str) else wanted
        words = condition_words({fact: wanted}).split(": ", 1)[1]
        found = told[fact]
        actual = spoken(found.value) + (f" ({found.detail})" if found.detail else "")
        yield Condition(fact, words, actual, found.value in values, found)
