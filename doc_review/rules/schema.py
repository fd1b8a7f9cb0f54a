"""The typed rulebook: what its YAML files may hold, every value with dates and references.

Content only: a code, a row, a requirement or an edit is data here and logic nowhere else. Unknown keys
are errors, a period starts on ``from`` and ends on ``to`` (both inclusive; no ``to`` is open-ended).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..model import Claim, FindingType, MissingReason, Payer, Setting, Severity, Status

Scope = Literal["core", "extended", "other"]
Column = Literal["hospital", "freestanding"]
EditTable = Literal["practitioner", "hospital_outpatient"]


class Strict(BaseModel):
    """Base of every rulebook value: frozen, unknown keys are errors, ``from`` is read into ``start``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Dated(Strict):
    """A value in force from ``start`` to ``to`` (inclusive), and the references it rests on."""

    start: dt.date = Field(alias="from")
    to: dt.date | None = None
    references: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Dated:
        if self.to is not None and self.to < self.start:
            raise ValueError(f"the period ends {self.to} before it begins {self.start}")
        return self

    def covers(self, day: dt.date) -> bool:
        """Whether ``day`` lies in the period."""
        return self.start <= day and (self.to is None or day <= self.to)


@dataclass(frozen=True, slots=True)
class NotInForce:
    """The outcome of asking for a value outside its dates: never a default, never zero."""

    what: str
    day: dt.date
    side: Literal["before", "after", "between"]


D = TypeVar("D", bound=Dated)


def in_force(values: Sequence[D], day: dt.date, what: str) -> D | NotInForce:
    """Return the one value of ``values`` in force on ``day``, or ``NotInForce``."""
    for value in values:
        if value.covers(day):
            return value
    if all(day < v.start for v in values):
        return NotInForce(what, day, "before")
    if all(v.to is not None and v.to < day for v in values):
        return NotInForce(what, day, "after")
    return NotInForce(what, day, "between")


class ReferenceEntry(Strict):
    """A source. ``verified_on`` is the day somebody last held the rulebook against it."""

    title: str
    locator: str
    url: str | None = None
    effective_from: dt.date
    verified_on: dt.date


class ParameterValue(Dated):
    """One dated value of a parameter."""

    value: int | tuple[str, ...]


class Parameter(Strict):
    """A number or list that the rules of ``services`` count with."""

    title: str
    unit: str
    clause: str
    services: tuple[str, ...] = Field(min_length=1)
    values: tuple[ParameterValue, ...] = Field(min_length=1)


class ComponentKind(Strict):
    """Who bills a code: per claim the modifier sets that are right, the first being ours."""

    title: str
    clause: str
    references: tuple[str, ...] = Field(min_length=1)
    claims: dict[Claim, tuple[tuple[str, ...], ...]]


class CodeVersion(Dated):
    """A period in which a code is valid. ``component`` is ``None`` where no component rule is known."""

    component: str | None


class Code(Strict):
    """A billing code. ``service`` names the rule that suggests it; without one it is only checked."""

    label: str
    scope: Scope
    service: str | None = None
    versions: tuple[CodeVersion, ...] = Field(min_length=1)


class Row(Strict):
    """One row of a decision table: when every named fact has one of its values, then ``code``.

    ``code`` ``None`` means that no code of ours stands for it. A row may cap the status, raise findings
    and name a level that is arguable beside it.
    """

    id: str
    clause: str
    title: str
    when: dict[str, str | tuple[str, ...]]
    code: str | None
    status: Literal["needs_review"] | None = None
    findings: tuple[FindingType, ...] = ()
    unread_leaves_open: bool = False
    arguable: str | None = None
    elements: bool = False

    def holds(self, facts: dict[str, str]) -> bool:
        """Whether the row applies to these fact values."""
        return all(facts[name] in _tuple(wanted) for name, wanted in self.when.items())


def _tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


class ExceptionRow(Row):
    """A row of a profile that decides before those of the table that it names."""

    exception_to: tuple[str, ...] = Field(min_length=1)


class TableExceptions(Dated):
    """The exceptions of a profile to the version of a table that is in force in the same period."""

    rows: tuple[ExceptionRow, ...] = Field(min_length=1)


class TableVersion(Dated):
    """The rows in force in one period; the first that holds decides."""

    rows: tuple[Row, ...] = Field(min_length=1)


class Table(Strict):
    """A decision table over finite facts."""

    title: str
    clause: str
    facts: tuple[str, ...] = Field(min_length=1)
    versions: tuple[TableVersion, ...] = Field(min_length=1)


class Outcome(Strict):
    """What one value of the tested fact means: exactly one of the five texts is set.

    ``met``: passed. ``skip``: does not apply, not shown. ``unknown``: the chart cannot tell, no effect.
    ``note``: no effect on the status, but findings. ``fail``: ``status``, ``findings``, ``reason``; where
    ``curable`` an unread page may hold the cure (policy 2.6). ``unlisted``: the code is not touched.
    """

    met: str | None = None
    skip: str | None = None
    unknown: str | None = None
    note: str | None = None
    fail: str | None = None
    status: Literal["blocked", "needs_review", "bundled", "unlisted"] | None = None
    findings: tuple[FindingType, ...] = ()
    reason: MissingReason | None = None
    curable: bool = True

    @model_validator(mode="after")
    def _one_kind(self) -> Outcome:
        texts = [self.met, self.skip, self.unknown, self.note, self.fail]
        if sum(text is not None for text in texts) != 1:
            raise ValueError("an outcome has exactly one of met, skip, unknown, note, fail")
        if (self.fail is not None) != (self.status is not None):
            raise ValueError("status belongs to fail, and only to fail")
        reasoned = self.fail is not None and self.status not in ("bundled", "unlisted")
        if reasoned != (self.reason is not None):
            raise ValueError("reason belongs to fail, and only to fail (bundled and unlisted have none)")
        return self

    @property
    def text(self) -> str:
        """The text that is set."""
        return self.met or self.skip or self.unknown or self.note or self.fail or ""


class Requirement(Dated):
    """One requirement of a service: a finite fact, and an outcome for each of its values.

    Where one that ``decides`` fails, no later requirement is tested. A finding names the codes that fail
    by it and not those that depend on them (policy 13.4): where a line of a service in ``defers_to``
    raises the same finding for the same course, this requirement does not.
    """

    id: str
    clause: str
    title: str
    fact: str
    need: str
    decides: bool = False
    defers_to: tuple[str, ...] = ()
    outcomes: dict[str, Outcome] = Field(min_length=1)


class Service(Strict):
    """A service that codes stand for. ``table`` gives the code by level; otherwise ``code`` is fixed."""

    title: str
    clause: str
    code: str | None = None
    table: str | None = None
    references: tuple[str, ...] = Field(min_length=1)
    requirements: tuple[Requirement, ...] = ()


class Edit(Dated):
    """An edit or bundle: ``col2`` is not paid beside ``col1``; indicator 1 lets a modifier through."""

    col1: str
    col2: str
    indicator: Literal[0, 1]
    scope: Literal["same_day", "same_course"]
    tables: tuple[EditTable, ...] = Field(min_length=1)


ASIDE = re.compile(r" \([^()]*\{detail\}[^()]*\)")
"""The parentheses of a query that hold the chart's own indicators."""


class FindingSpec(Strict):
    """Severity and wording of a finding; ``query`` never leads the physician to an answer.

    In ``message``, ``{detail}`` is what the rules saw. In ``query`` it is what the chart itself holds (dates,
    names, fractions), and stands in parentheses that go where the chart tells nothing.
    """

    severity: Severity
    clause: str
    message: str
    query: str | None

    @model_validator(mode="after")
    def _aside(self) -> FindingSpec:
        if self.query is not None and "{detail}" in ASIDE.sub("", self.query):
            raise ValueError("{detail} of a query stands in parentheses, after a space")
        return self


class Profile(Strict):
    """A reading of the rules: what differs from the default.

    Component kinds by code, fee columns by payer and setting, values of parameters, and rows that are
    exceptions to those of a decision table.
    """

    title: str
    references: tuple[str, ...] = Field(min_length=1)
    components: dict[str, str] = Field(default_factory=dict)
    columns: dict[Payer, dict[Setting, Column]] = Field(default_factory=dict)
    parameters: dict[str, tuple[ParameterValue, ...]] = Field(default_factory=dict)
    exceptions: dict[str, tuple[TableExceptions, ...]] = Field(default_factory=dict)
    remark: str


class Rulebook(Strict):
    """The whole rulebook. ``digest`` is the SHA-256 of its content files."""

    name: str
    begins: dt.date
    digest: str
    references: dict[str, ReferenceEntry]
    parameters: dict[str, Parameter]
    components: dict[str, ComponentKind]
    codes: dict[str, Code]
    tables: dict[str, Table]
    services: dict[str, Service]
    edits: tuple[Edit, ...]
    findings: dict[FindingType, FindingSpec]
    profiles: dict[str, Profile]

    @property
    def version(self) -> str:
        """``name@sha256``, as the review names it."""
        return f"{self.name}@{self.digest}"

    def under(self, profile: Profile) -> Rulebook:
        """The rulebook as a profile reads it: its values of parameters, its exceptions before a table's rows."""
        if not (profile.parameters or profile.exceptions):
            return self
        parameters = dict(self.parameters)
        for name, values in profile.parameters.items():
            parameters[name] = parameters[name].model_copy(update={"values": values})
        tables = dict(self.tables)
        for name, exceptions in profile.exceptions.items():
            versions = tuple(_excepted(version, exceptions) for version in tables[name].versions)
            tables[name] = tables[name].model_copy(update={"versions": versions})
        return self.model_copy(update={"parameters": parameters, "tables": tables})

    def number(self, parameter: str, day: dt.date) -> int:
        """The whole number of a parameter on ``day``; raises ``LookupError`` outside its dates."""
        found = in_force(self.parameters[parameter].values, day, parameter)
        if isinstance(found, NotInForce) or not isinstance(found.value, int):
            raise LookupError(f"{parameter} has no number on {day}")
        return found.value

    def names(self, parameter: str, day: dt.date) -> tuple[str, ...]:
        """The list of a parameter on ``day``; raises ``LookupError`` outside its dates."""
        found = in_force(self.parameters[parameter].values, day, parameter)
        if isinstance(found, NotInForce) or isinstance(found.value, int):
            raise LookupError(f"{parameter} has no list on {day}")
        return found.value

    def code_on(self, code: str, day: dt.date) -> CodeVersion | NotInForce:
        """The period of ``code`` in force on ``day``; ``KeyError`` for a code the rulebook does not know."""
        return in_force(self.codes[code].versions, day, code)

    def boundaries(self) -> tuple[dt.date, ...]:
        """First days of a period other than the rulebook's own first day: where answers can change."""
        starts = {v.start for t in self.tables.values() for v in t.versions}
        starts |= {v.start for c in self.codes.values() for v in c.versions}
        return tuple(sorted(d for d in starts if d > self.begins))


def _excepted(version: TableVersion, exceptions: Sequence[TableExceptions]) -> TableVersion:
    """A version with the exceptions of its own period before its rows."""
    rows = tuple(row for one in exceptions if one.start == version.start for row in one.rows)
    return version.model_copy(update={"rows": (*rows, *version.rows)}) if rows else version


__all__ = [
    "Code",
    "CodeVersion",
    "Column",
    "ComponentKind",
    "Dated",
    "Edit",
    "ExceptionRow",
    "FindingSpec",
    "NotInForce",
    "Outcome",
    "Parameter",
    "ParameterValue",
    "Profile",
    "ReferenceEntry",
    "Requirement",
    "Row",
    "Rulebook",
    "Service",
    "Status",
    "Table",
    "TableExceptions",
    "TableVersion",
    "in_force",
]
