"""What a payer adds to the rules: a window of days around 77301 in which it pays no planning line."""

from __future__ import annotations

import datetime as dt

from .base import Subject, Told, fact, joined
from .plans import plan_bundle, plan_day
from .simulations import simulation_bundle


@fact("inside", "outside")
def bundling_window(subject: Subject) -> Told:
    """Whether a planning service of its own lies in the payer's window around 77301.

    One that 77301 takes in anyway (policy 4.4, 12.3) needs no window.
    """
    told = subject.parents.get("imrt_plan_day")
    day, evidence, bundled = _service(subject)
    if day is None or not told or bundled:
        return Told("outside")
    before, after = subject.window_days
    early = (dt.date.fromisoformat(told) - day).days
    if not (0 < early <= before or 0 < -early <= after):
        return Told("outside")
    days = f"{abs(early)} day{'' if abs(early) == 1 else 's'} {'before' if early > 0 else 'after'}"
    return Told("inside", evidence, evidence, days)


def _service(subject: Subject) -> tuple[dt.date | None, tuple[str, ...], bool]:
    """Day and evidence of the simulation or 3D plan looked at, and whether 77301 takes it in."""
    if subject.plan is not None:
        return plan_day(subject.plan), subject.plan.evidence, plan_bundle(subject).value == "bundled"
    days = [s.date or s.signature_date for s in subject.simulations]
    evidence = joined(s.evidence for s in subject.simulations)
    return next(iter(days), None), evidence, simulation_bundle(subject).value == "bundled"
