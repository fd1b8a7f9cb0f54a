"""What a fact is: a name, its closed list of values, and a small pure function of a subject."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...model import Approval, CaseRecord, Course, Order, Plan, Role, Signed, Simulation, SpecialProcedure
from ..people import PHYSICIANS, role_of
from ..sessions import Group, Session

if TYPE_CHECKING:
    from ..units import Weekly


@dataclass(frozen=True, slots=True)
class Told:
    """The value of a fact for one subject, the evidence for and against it, and words about it."""

    value: str
    evidence: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule looks at: one plan, simulation, session or weekly service of a course.

    ``on`` is the day whose rules apply; ``parents`` the statuses of codes that this one depends on;
    ``column`` the fee column (policy 7.2, 7.3); ``window_days`` the days before and after 77301 in which a
    payer's edit takes a planning line in (0: no such edit); ``known`` the roles that the record tells of people;
    ``period`` the day on which the other side of a code change begins where undated sessions may lie
    on either side.
    """

    record: CaseRecord
    course: Course
    group: Group
    on: dt.date
    known: tuple[tuple[str, Role], ...] = ()
    column: str = "hospital"
    plan: Plan | None = None
    simulations: tuple[Simulation, ...] = ()
    session: Session | None = None
    weekly: Weekly | None = None
    special: SpecialProcedure | None = None
    parents: Mapping[str, str] = field(default_factory=dict)
    straddles: bool = False
    break_hours: int = 6
    window_days: tuple[int, int] = (0, 0)

    @property
    def courses(self) -> tuple[Course, ...]:
        """The courses that the subject's session treats (the one course where there is no session)."""
        if self.session is None:
            return (self.course,)
        return tuple(self.record.courses[i] for i, _ in self.session.parts)


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A registered fact: ``values`` is its whole domain, which decision tables are checked against."""

    name: str
    values: tuple[str, ...]
    of: Callable[[Subject], Told]


FACTS: dict[str, FactSpec] = {}


def fact(*values: str) -> Callable[[Callable[[Subject], Told]], Callable[[Subject], Told]]:
    """Register a function as the fact of its own name, with its closed list of values."""

    def register(function: Callable[[Subject], Told]) -> Callable[[Subject], Told]:
        FACTS[function.__name__] = FactSpec(function.__name__, values, function)
        return function

    return register


SIGNATURE_STATES = ("signed", "mark", "unknown_signer", "stamp", "wrong_signer", "unsigned")
"""How far a signature carries, best first."""
COUNTING_STATES = frozenset(SIGNATURE_STATES[:3])


def signature_state(
    signed: bool,
    name: str | None,
    role: Role | None,
    mark: bool,
    stamp: bool,
    subject: Subject,
    roles: Iterable[str] = PHYSICIANS,
) -> str:
    """Classify a signature for a requirement that only ``roles`` can meet (policy section 6)."""
    if not signed:
        return "stamp" if stamp else "unsigned"
    stated = role_of(name, role, subject.known)
    if stated is not None and stated not in roles:
        return "wrong_signer"
    if mark:
        return "mark"
    return "signed" if stated is not None else "unknown_signer"


def signed_state(item: Signed, subject: Subject, roles: Iterable[str] = PHYSICIANS) -> str:
    """``signature_state`` of an order, note, check or visit."""
    return signature_state(item.signed, item.signer, item.role, item.mark_only, item.stamp, subject, roles)


def approval_state(approval: Approval, subject: Subject) -> str:
    """``signature_state`` of a plan's physician approval."""
    return signature_state(
        approval.state == "approved", approval.by, approval.role, approval.mark_only, approval.stamp, subject
    )


def led(item: Order | Simulation | Plan) -> tuple[str, ...]:
    """The evidence of an item whose signature decides: that signature first, then the rest."""
    deciding = item.approval.signature if isinstance(item, Plan) else item.signature
    return tuple(dict.fromkeys((*deciding, *item.evidence)))


def best(states: Iterable[str]) -> str | None:
    """The best of several signature states; ``None`` where there is none."""
    return min(states, key=SIGNATURE_STATES.index, default=None)


def joined(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Evidence ids of several items, each once, in order."""
    return tuple(dict.fromkeys(e for group in groups for e in group))
