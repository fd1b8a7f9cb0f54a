"""Billed lines become units drawn from suggestions: reading, splitting and filling (policy 11.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..model import BilledLine, CaseRecord, Claim, FindingType
from .components import COMPONENT_MODIFIERS, fits
from .engine import Line
from .schema import NotInForce, Profile, Rulebook
from .sessions import groups

_BY_DATE_ONLY = frozenset({"imrt_plan", "imrt_device"})


@dataclass
class Slot:
    """A suggestion that billed units draw from.

    Where no claim is told, the professional and the technical line of a code draw from one suggestion
    each, for no component is judged (policy 11.13); ``component`` keeps them apart.
    """

    line: Line
    claim: Claim | None
    left: int
    component: frozenset[str] | None = None

    @property
    def open(self) -> bool:
        """Whether units can be drawn: supported or to be reviewed."""
        return self.line.status in ("supported", "needs_review")


@dataclass
class Billed:
    """A billed line while it is judged: what it drew, and what it found."""

    line: BilledLine
    code: str
    claim: Claim | None = None
    wrong_component: bool = False
    valid: bool = True
    split_units: int | None = None
    split_untold: bool = False
    early: bool = False
    drawn: dict[str, int] = field(default_factory=lambda: {"supported": 0, "needs_review": 0})
    findings: list[FindingType] = field(default_factory=list)

    @property
    def units(self) -> int:
        """Units that draw from suggestions (of a line across a code change, those on valid days)."""
        return self.line.units if self.split_units is None else self.split_units

    @property
    def total(self) -> int:
        """Units drawn so far."""
        return sum(self.drawn.values())


class ClaimLines:
    """The billed lines of a case against its suggestions, with the units each line drew."""

    def __init__(
        self,
        rulebook: Rulebook,
        record: CaseRecord,
        profile: Profile,
        suggested: Sequence[tuple[Claim | None, Line]],
    ) -> None:
        self.rulebook, self.record, self.profile = rulebook, record, profile
        self.slots = [slot for claim, line in suggested for slot in self._slots(claim, line)]
        self.sessions = [s.fraction.date for g in groups(record) for s in g.sessions]
        self.latest = record.latest_date or max(rulebook.boundaries(), default=rulebook.begins)
        self.billed = [self._read(line) for line in record.context.billed]
        for dated in (True, False):
            for billed in self.billed:
                self._draw(billed, dated)

    def _slots(self, claim: Claim | None, line: Line) -> list[Slot]:
        if claim is not None:
            return [Slot(line, claim, line.units)]
        stated = [component_of(b) for b in self.record.context.billed if b.code.strip().upper() == line.code]
        return [
            Slot(line, None, line.units, component) for component in dict.fromkeys(stated or [frozenset()])
        ]

    # ------------------------------------------------------------ reading a line

    def _read(self, line: BilledLine) -> Billed:
        code = line.code.strip().upper()
        billed = Billed(line, code)
        if code not in self.rulebook.codes:
            return billed
        day = line.date or self._undated_day(code)
        billed.early = day < self.rulebook.begins
        billed.valid = not isinstance(self.rulebook.code_on(code, day), NotInForce)
        if line.date and line.date_to:
            self._split(billed, line.date, line.date_to)
        claims = self.record.context.claim
        if claims and billed.valid and not billed.early:
            right = [c for c in claims if fits(self.rulebook, self.profile, code, c, day, line.modifiers)]
            billed.wrong_component = not right
            carrying = [s.claim for s in self.slots if s.line.code == code]
            billed.claim = right[0] if right else next(iter(carrying), None)
        return billed

    def _undated_day(self, code: str) -> dt.date:
        """An undated line meets all suggestions of its code; without any it follows the latest document."""
        return max((s.line.on for s in self.slots if s.line.code == code), default=self.latest)

    def _split(self, billed: Billed, start: dt.date, end: dt.date) -> None:
        """Split a line across a code change by the fractions delivered (policy 11.2)."""
        last_valid = not isinstance(self.rulebook.code_on(billed.code, end), NotInForce)
        if last_valid == billed.valid:
            return
        days = [d for d in self.sessions if d is not None and start <= d <= end]
        valid = sum(not isinstance(self.rulebook.code_on(billed.code, d), NotInForce) for d in days)
        billed.valid = True
        billed.split_untold = None in self.sessions or not days
        billed.split_units = min(billed.line.units, valid)

    # ------------------------------------------------------------ drawing units

    def met(self, billed: Billed) -> list[Slot]:
        """The suggestions a line can draw from: of its code and claim, and of its date where dates decide."""
        component = component_of(billed.line)
        slots = [
            s
            for s in self.slots
            if s.line.code == billed.code and s.claim == billed.claim and s.component in (None, component)
        ]
        if not slots:
            return [s for s in self.slots if s.line.arguable == billed.code]
        several = sum(b.code == billed.code and self._same_pool(b, billed) for b in self.billed) > 1
        if several and billed.line.date and slots[0].line.service in _BY_DATE_ONLY:
            return [s for s in slots if carries(s.line, billed.line)]
        return slots

    def _draw(self, billed: Billed, dated: bool) -> None:
        if not billed.valid or billed.early:
            return
        for status in ("supported", "needs_review"):
            for slot in self.met(billed):
                if slot.line.status != status or (dated and not carries(slot.line, billed.line)):
                    continue
                if dated and billed.line.date is None:
                    continue
                take = min(slot.left, billed.units - billed.total)
                slot.left -= take
                billed.drawn[status] += take

    def last(self, billed: Billed, index: int) -> bool:
        """Whether no later line of the claim draws from the same suggestions (policy 11.11)."""
        return not any(
            b.code == billed.code and b.claim == billed.claim and self._same_pool(b, billed)
            for b in self.billed[index + 1 :]
        )

    def _same_pool(self, one: Billed, other: Billed) -> bool:
        return one.claim is not None or component_of(one.line) == component_of(other.line)


def component_of(line: BilledLine) -> frozenset[str]:
    """The 26 or TC of a line; no other modifier is compared (policy 11.13)."""
    return frozenset(m.upper() for m in line.modifiers) & COMPONENT_MODIFIERS


def carries(line: Line, billed: BilledLine) -> bool:
    """Whether the suggestion has a date of the billed line."""
    if billed.date is None:
        return False
    end = billed.date_to or billed.date
    return any(billed.date <= day <= end for day in line.dates)
