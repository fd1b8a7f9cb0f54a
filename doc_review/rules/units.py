"""Checks and visits become units: five-fraction blocks, membership and what counts (policy 8, 9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..model import PeriodicEntry, Role
from .facts.base import COUNTING_STATES, SIGNATURE_STATES, Subject, joined, signed_state
from .people import PHYSICIANS
from .sessions import Group

WeeklyKind = Literal["physics", "management"]
PHYSICISTS: frozenset[Role] = frozenset({"physicist"})


@dataclass(frozen=True, slots=True)
class BlockRules:
    """Numbers of sections 8 and 9: block size, grace days, and by kind the remainder that earns a unit."""

    size: int
    grace_days: int
    remainder_from: Mapping[WeeklyKind, int]
    begins: dt.date


@dataclass(frozen=True, slots=True)
class Block:
    """One earned block, ``first``..``last`` fraction, with its qualifying and other entries."""

    first: int
    last: int
    counted: tuple[PeriodicEntry, ...]
    others: tuple[PeriodicEntry, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Weekly:
    """The weekly count of a group.

    ``leftover`` are entries in a block that earns no unit; ``unplaced`` qualifying entries that no block
    can be told for; ``entries`` all entries on or after the first fraction.
    """

    kind: WeeklyKind
    blocks: tuple[Block, ...]
    leftover: tuple[PeriodicEntry, ...]
    unplaced: tuple[PeriodicEntry, ...]
    entries: tuple[PeriodicEntry, ...]

    @property
    def counted(self) -> tuple[Block, ...]:
        """The blocks that hold a qualifying entry."""
        return tuple(b for b in self.blocks if b.counted)

    @property
    def unchecked(self) -> tuple[Block, ...]:
        """The blocks that hold none."""
        return tuple(b for b in self.blocks if not b.counted)

    @property
    def units(self) -> int:
        """Units that count; where none does, the blocks that hold any entry (a blocked code's units)."""
        counted = len(self.counted) + min(len(self.unplaced), len(self.unchecked))
        return counted or sum(bool(b.others) for b in self.blocks)

    @property
    def used(self) -> tuple[PeriodicEntry, ...]:
        """The entries that the units rest on."""
        if self.counted or self.unplaced:
            return tuple(e for b in self.counted for e in b.counted[:1]) + self.unplaced
        return tuple(e for b in self.blocks for e in b.others[:1])

    @property
    def evidence(self) -> tuple[str, ...]:
        """Evidence ids of the entries that the units rest on."""
        return joined(e.evidence for e in self.used)


def weekly(kind: WeeklyKind, subject: Subject, rules: BlockRules) -> Weekly:
    """Count the checks or visits of the subject's group in five-fraction blocks."""
    group = subject.group
    courses = [subject.record.courses[i] for i in group.members]
    stated = [e for c in courses for e in (c.physics_checks if kind == "physics" else c.management_visits)]
    placed: dict[int, list[PeriodicEntry]] = {}
    unplaced: list[PeriodicEntry] = []
    kept: list[PeriodicEntry] = []
    for entry in _distinct(stated, kind, subject):
        block = block_of(entry, group, rules)
        if block == 0:
            continue
        kept.append(entry)
        if block is None:
            unplaced.append(entry)
        else:
            placed.setdefault(block, []).append(entry)
    earned = _earned(kind, group, rules)
    blocks = tuple(_block(b, placed.get(b, []), kind, subject, rules) for b in earned)
    leftover = [e for b, entries in placed.items() if b > _last(earned) for e in entries]
    loose = tuple(e for e in unplaced if qualifies(e, kind, subject) in COUNTING_STATES)
    return Weekly(kind, blocks, tuple(leftover) if group.complete else (), loose, tuple(kept))


def _last(earned: Sequence[int]) -> int:
    return max(earned, default=0)


def _distinct(entries: Sequence[PeriodicEntry], kind: WeeklyKind, subject: Subject) -> list[PeriodicEntry]:
    """One entry per date or stated fraction: a form and a note of the same check are one check."""
    kept: dict[object, PeriodicEntry] = {}
    for i, entry in enumerate(entries):
        key: object = entry.date or entry.fraction_to or entry.fraction_from or ("undated", i)
        other = kept.get(key)
        if other is None or _rank(entry, kind, subject) < _rank(other, kind, subject):
            kept[key] = entry
    return list(kept.values())


def _rank(entry: PeriodicEntry, kind: WeeklyKind, subject: Subject) -> int:
    return SIGNATURE_STATES.index(qualifies(entry, kind, subject))


def qualifies(entry: PeriodicEntry, kind: WeeklyKind, subject: Subject) -> str:
    """The signature state of an entry; a visit without an examination is as good as unsigned."""
    roles = PHYSICISTS if kind == "physics" else PHYSICIANS
    state = signed_state(entry, subject, roles)
    return "unsigned" if kind == "management" and not entry.examined and state in COUNTING_STATES else state


def _earned(kind: WeeklyKind, group: Group, rules: BlockRules) -> list[int]:
    """Numbers of the blocks that earn a unit."""
    full, rest = divmod(group.count, rules.size)
    if group.complete and kind == "physics" and not full and rest:
        return [1]
    blocks = list(range(1, full + 1))
    if group.complete and rest and rest >= rules.remainder_from[kind]:
        blocks.append(full + 1)
    last_days = {b: group.sessions[min(b * rules.size, group.count) - 1].fraction.date for b in blocks}
    return [b for b in blocks if (day := last_days[b]) is None or day >= rules.begins]


def _block(
    number: int, entries: Sequence[PeriodicEntry], kind: WeeklyKind, subject: Subject, rules: BlockRules
) -> Block:
    states = {id(e): qualifies(e, kind, subject) for e in entries}
    counted = sorted(
        (e for e in entries if states[id(e)] in COUNTING_STATES),
        key=lambda e: (SIGNATURE_STATES.index(states[id(e)]), e.date is None, e.date or dt.date.max),
    )
    state = states[id(counted[0])] if counted else "unsigned"
    if counted and counted[0].date is None and counted[0].signature_date is None:
        state = "undated"
    others = tuple(e for e in entries if states[id(e)] not in COUNTING_STATES)
    first, last = (number - 1) * rules.size + 1, min(number * rules.size, subject.group.count)
    return Block(first, last, tuple(counted), others, state)


def block_of(entry: PeriodicEntry, group: Group, rules: BlockRules) -> int | None:
    """The block an entry belongs to (policy 8.2): 0 before the first fraction, ``None`` where untold.

    A stated fraction number wins, or the last of a stated range, then the date; between two blocks, the
    earlier; up to ``grace_days`` after the last fraction, the last block.
    """
    number = entry.fraction_to or entry.fraction_from
    if number is not None:
        if (entry.fraction_from or number) > group.count:
            return None
        return _number(min(number, group.count), rules)
    day = entry.date or entry.signature_date
    return None if day is None or not group.sessions else _by_date(day, group, rules)


def _number(position: int, rules: BlockRules) -> int:
    return -(-position // rules.size)


def _by_date(day: dt.date, group: Group, rules: BlockRules) -> int | None:
    days = [s.fraction.date for s in group.sessions]
    days[0], days[-1] = days[0] or group.first, days[-1] or group.last
    on_day = [i for i, d in enumerate(days, 1) if d == day]
    lower = max((i for i, d in enumerate(days, 1) if d is not None and d <= day), default=0)
    upper = min((i for i, d in enumerate(days, 1) if d is not None and d > day), default=group.count + 1) - 1
    if on_day:
        return _number(on_day[0], rules)
    if upper == 0:
        return 0
    if lower == group.count:
        last = days[-1]
        return _number(lower, rules) if last and (day - last).days <= rules.grace_days else None
    if lower == 0 or _number(lower, rules) != _number(upper, rules):
        return None
    return _number(lower, rules)
