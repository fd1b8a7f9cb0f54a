"""A record becomes what its decision tables saw: the facts of each simulation and session, and each row lit by them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from ..model import CaseRecord, Course
from .describe import condition_words, spoken
from .engine import Level, decide_level
from .facts import Subject, Told
from .schema import NotInForce, Row, Rulebook, in_force
from .services import _Case
from .sessions import Group


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
    """The rows in force for one subject. ``day`` chose the rules; ``code`` is what came out."""

    name: str
    course: Course
    day: dt.date
    code: str | None
    rows: tuple[LitRow, ...]


class _Observed(_Case):
    """A case that remembers the subjects it looked at."""

    def __init__(self, *arguments: object) -> None:
        self.seen: list[Subject] = []
        super().__init__(*arguments)  # type: ignore[arg-type]

    def subject(self, course: Course, group: Group, day: dt.date | None, **parts: object) -> Subject:
        """The subject, remembered."""
        made = super().subject(course, group, day, **parts)
        self.seen.append(made)
        return made


def lit_tables(record: CaseRecord, rulebook: Rulebook, profile: str) -> tuple[LitTable, ...]:
    """Every decision that a table took on the record, each distinct one once, in the order taken."""
    case = _Observed(rulebook, record, rulebook.profiles[profile])
    list(case.lines())
    found: list[LitTable] = []
    for subject in case.seen:
        for name in _tables(rulebook, subject):
            lit = _lit(rulebook, name, subject)
            if lit is not None and lit not in found:
                found.append(lit)
    return tuple(found)


def _tables(rulebook: Rulebook, subject: Subject) -> Iterator[str]:
    """The table that a subject is for: simulations have theirs, conventional sessions theirs."""
    if subject.simulations and "simulation_level" in rulebook.tables:
        yield "simulation_level"
    if subject.session is not None and "delivery_family" in subject.parents:
        yield "delivery_level"


def _lit(rulebook: Rulebook, name: str, subject: Subject) -> LitTable | None:
    table = rulebook.tables[name]
    version = in_force(table.versions, subject.on, name)
    level = decide_level(table, subject)
    if isinstance(version, NotInForce) or not isinstance(level, Level):
        return None
    rows = tuple(LitRow(row, tuple(_conditions(row, level.told)), row is level.row) for row in version.rows)
    return LitTable(name, subject.course, subject.on, level.row.code, rows)


def _conditions(row: Row, told: dict[str, Told]) -> Iterator[Condition]:
    for fact, wanted in row.when.items():
        values = (wanted,) if isinstance(wanted, str) else wanted
        words = condition_words({fact: wanted}).split(": ", 1)[1]
        found = told[fact]
        actual = spoken(found.value) + (f" ({found.detail})" if found.detail else "")
        yield Condition(fact, words, actual, found.value in values, found)
