"""A day becomes what of the rulebook needs a look: sources not verified for long, and values about to expire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from .limits import UnitLimits
from .schema import Dated, Edit, ReferenceEntry, Requirement, Rulebook

EXPIRY_DAYS = 90
"""How long before its last day a value is named."""

_LIMITS = "unit limits"


@dataclass(frozen=True, slots=True)
class OldReference:
    """A source that nobody has held the rulebook against for ``age`` days."""

    name: str
    entry: ReferenceEntry
    age: int


@dataclass(frozen=True, slots=True)
class Expiring:
    """A value whose last day is near: where it stands, and that day."""

    where: str
    to: dt.date


def old_references(
    rulebook: Rulebook, limits: UnitLimits, today: dt.date, days: int
) -> tuple[OldReference, ...]:
    """Sources last verified ``days`` days before ``today`` or earlier, the oldest first."""
    entries = {**rulebook.references, **limits.references}
    aged = (OldReference(name, entry, (today - entry.verified_on).days) for name, entry in entries.items())
    return tuple(sorted((one for one in aged if one.age >= days), key=lambda one: (-one.age, one.name)))


def expiring(
    rulebook: Rulebook, limits: UnitLimits, today: dt.date, days: int = EXPIRY_DAYS
) -> tuple[Expiring, ...]:
    """Values in force on ``today`` whose last day is at most ``days`` days away, the nearest first."""
    last = today + dt.timedelta(days=days)
    ends: dict[dt.date | None, set[str]] = {}
    for name, code in rulebook.codes.items():
        ends.setdefault(code.versions[-1].to, set()).add(name)
    found = [
        Expiring(where, value.to)
        for where, value in (*_dated(rulebook, ()), *_dated(limits, (_LIMITS,)))
        if value.to is not None and value.covers(today) and value.to <= last
        if not _dies_with_code(where, value, ends.get(value.to, set()))
    ]
    return tuple(sorted(found, key=lambda one: (one.to, one.where)))


def _dies_with_code(where: str, value: Dated, codes: set[str]) -> bool:
    """Whether an edit or limit only ends because its code does: the code is named already."""
    if isinstance(value, Edit):
        return bool({value.col1, value.col2} & codes)
    return where.startswith(_LIMITS) and where.split()[-1] in codes


def _dated(node: object, at: tuple[str, ...]) -> Iterator[tuple[str, Dated]]:
    """Every dated value below ``node``, with the names that lead to it."""
    if isinstance(node, Dated):
        yield " ".join((*at, *_name(node))), node
    if isinstance(node, BaseModel):
        for key in type(node).model_fields:
            yield from _dated(getattr(node, key), (*at, key) if isinstance(node, Rulebook) else at)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _dated(value, (*at, str(key)))
    elif isinstance(node, tuple | list):
        yield from _items(node, at)


def _items(nodes: Iterable[object], at: tuple[str, ...]) -> Iterator[tuple[str, Dated]]:
    for node in nodes:
        yield from _dated(node, at)


def _name(value: Dated) -> tuple[str, ...]:
    """What tells a value from its neighbours in a list."""
    if isinstance(value, Edit):
        return (f"{value.col1}/{value.col2}",)
    return (value.id,) if isinstance(value, Requirement) else ()
