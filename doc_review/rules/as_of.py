"""A rulebook and a day become the rulebook that has the rules of that day for every date: for what-if reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar

from .describe import need_day
from .schema import Dated, Profile, Rulebook, Table, TableVersion

D = TypeVar("D", bound=Dated)

ALWAYS = dt.date(1900, 1, 1)
"""The first day of a rulebook read as of one day; no chart is older."""


def rulebook_on(rulebook: Rulebook, day: dt.date) -> Rulebook:
    """The rules of ``day``, in force on every date; what is not in force on ``day`` is in force on none.

    Name and digest stay: it is the same content, read as of one day. Raises ``UsageError`` for a day before
    the rulebook begins.
    """
    need_day(rulebook, day)
    return rulebook.model_copy(
        update={
            "begins": ALWAYS,
            "parameters": {
                name: one.model_copy(update={"values": _frozen(one.values, day)})
                for name, one in rulebook.parameters.items()
            },
            "codes": {
                name: one.model_copy(update={"versions": _frozen(one.versions, day)})
                for name, one in rulebook.codes.items()
            },
            "tables": {name: _table(one, day) for name, one in rulebook.tables.items()},
            "services": {
                name: one.model_copy(update={"requirements": _frozen(one.requirements, day)})
                for name, one in rulebook.services.items()
            },
            "edits": _frozen(rulebook.edits, day),
            "profiles": {name: _profile(one, day) for name, one in rulebook.profiles.items()},
        }
    )


def _frozen(values: Sequence[D], day: dt.date) -> tuple[D, ...]:
    """The values in force on ``day``, without a first and last day."""
    always = {"start": ALWAYS, "to": None}
    return tuple(value.model_copy(update=always) for value in values if value.covers(day))


def _table(table: Table, day: dt.date) -> Table:
    versions: tuple[TableVersion, ...] = _frozen(table.versions, day)
    return table.model_copy(update={"versions": versions})


def _profile(profile: Profile, day: dt.date) -> Profile:
    """A reading with the numbers and exceptions that it has on ``day``; what it has then on no day is left out."""
    numbers = {name: _frozen(values, day) for name, values in profile.parameters.items()}
    rows = {name: _frozen(exceptions, day) for name, exceptions in profile.exceptions.items()}
    return profile.model_copy(
        update={
            "parameters": {name: values for name, values in numbers.items() if values},
            "exceptions": {name: exceptions for name, exceptions in rows.items() if exceptions},
        }
    )
