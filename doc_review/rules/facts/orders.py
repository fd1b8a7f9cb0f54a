"""Orders, prescriptions and the statement of need: who asked for what, and when."""

from __future__ import annotations

import datetime as dt

from ...model import IMRT_TECHNIQUES, OUT_OF_SCOPE_TECHNIQUES, Order
from .base import COUNTING_STATES, SIGNATURE_STATES, Subject, Told, best, fact, joined, led, signed_state


def imrt_orders(subject: Subject) -> tuple[Order, ...]:
    """Every order for IMRT, signed or not."""
    return tuple(o for o in subject.course.orders if o.technique in IMRT_TECHNIQUES)


def counting_imrt_orders(subject: Subject) -> tuple[Order, ...]:
    """The IMRT orders whose signature is the best there is, where that counts."""
    return _counting(imrt_orders(subject), subject)


def counting_orders(subject: Subject) -> tuple[Order, ...]:
    """Every signed order or prescription of the course: who signed one is an ordering physician."""
    orders = (o for o in subject.course.orders if o.technique not in OUT_OF_SCOPE_TECHNIQUES)
    return tuple(o for o in orders if signed_state(o, subject) in COUNTING_STATES)


def order_date(order: Order) -> dt.date | None:
    """An order bears the date of its signature; undated, the form's (policy 5.12)."""
    return order.signature_date or order.date


def _counting(orders: tuple[Order, ...], subject: Subject) -> tuple[Order, ...]:
    top = best(signed_state(o, subject) for o in orders)
    if top not in COUNTING_STATES:
        return ()
    return tuple(o for o in orders if signed_state(o, subject) == top)


def _standing(orders: tuple[Order, ...], subject: Subject) -> Told:
    top = best(signed_state(o, subject) for o in orders)
    if top is None:
        return Told("missing")
    chosen = [o for o in orders if signed_state(o, subject) == top]
    names = " and ".join(dict.fromkeys(o.signer for o in chosen if o.signer))
    evidence = joined(led(o) for o in chosen)
    against = () if top in COUNTING_STATES else evidence
    return Told(top, evidence, against, names)


@fact(*SIGNATURE_STATES, "missing")
def imrt_order(subject: Subject) -> Told:
    """The best signature under an order for IMRT (policy 5.3)."""
    return _standing(imrt_orders(subject), subject)


@fact(*SIGNATURE_STATES, "missing")
def treatment_order(subject: Subject) -> Told:
    """The best signature under any order or prescription behind the treatment (policy 7.11)."""
    worst: Told | None = None
    for course in subject.courses:
        orders = tuple(o for o in course.orders if o.technique not in OUT_OF_SCOPE_TECHNIQUES)
        told = _standing(orders, subject)
        if worst is None or _rank(told.value) > _rank(worst.value):
            worst = told
    return worst or Told("missing")


def _rank(value: str) -> int:
    return SIGNATURE_STATES.index(value) if value in SIGNATURE_STATES else len(SIGNATURE_STATES)


@fact("dated", "form_dated", "undated", "no_order")
def imrt_order_dating(subject: Subject) -> Told:
    """Whether the signature under the IMRT order bears a date (policy 6.1)."""
    orders = counting_imrt_orders(subject)
    evidence = joined(led(o) for o in orders)
    if not orders:
        return Told("no_order")
    if any(o.signature_date for o in orders):
        return Told("dated", evidence)
    if any(o.date for o in orders):
        return Told("form_dated", evidence)
    return Told("undated", evidence)


@fact("on_time", "late", "unknown", "not_started", "no_order")
def imrt_order_timing(subject: Subject) -> Told:
    """The IMRT order against the first fraction (policy 5.12); of several orders one suffices."""
    orders = counting_imrt_orders(subject)
    if not orders:
        return Told("no_order")
    return _timing(
        min((d for d in map(order_date, orders) if d), default=None),
        joined(led(o) for o in orders),
        subject,
    )


def _timing(day: dt.date | None, evidence: tuple[str, ...], subject: Subject) -> Told:
    first = subject.group.first
    if not subject.group.sessions and first is None:
        return Told("not_started", evidence)
    if day is None or first is None:
        return Told("unknown", evidence)
    detail = f"{day}, first fraction {first}"
    if day <= first:
        return Told("on_time", evidence, detail=detail)
    return Told("late", evidence, evidence, detail)


@fact("specific", "generic", "missing")
def necessity(subject: Subject) -> Told:
    """Why IMRT and not conventional treatment (policy 5.4, 5.5), wherever it stands."""
    statements = subject.course.necessity
    specific = [n for n in statements if n.specific]
    if specific:
        criteria = ", ".join(dict.fromkeys(c for n in specific for c in n.criteria))
        return Told("specific", joined(n.evidence for n in specific), detail=criteria)
    if statements:
        evidence = joined(n.evidence for n in statements)
        return Told("generic", evidence, evidence)
    return Told("missing")


@fact("both", "no_target_goal", "no_critical_constraint", "none")
def dose_constraints(subject: Subject) -> Told:
    """Dose goals for the target and a constraint for a named critical structure (policy 5.6)."""
    told = subject.course.dose_constraints
    values: dict[tuple[bool, bool], str] = {
        (True, True): "both",
        (False, True): "no_target_goal",
        (True, False): "no_critical_constraint",
        (False, False): "none",
    }
    return Told(values[told.target_goal, told.critical_structure], told.evidence)
