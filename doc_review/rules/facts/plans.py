"""Plans: which are IMRT, which count, who approved them and when."""

from __future__ import annotations

import datetime as dt

from ...model import ARC_TECHNIQUES, IMRT_TECHNIQUES, Conflict, Course, Plan
from ..people import PHYSICIANS, same_person
from ..sessions import Group
from .base import COUNTING_STATES, SIGNATURE_STATES, Subject, Told, approval_state, fact, joined, led
from .orders import counting_orders


def is_imrt(plan: Plan) -> bool:
    """IMRT by name, or inverse planned under a name that does not tell (policy 5.1)."""
    if plan.technique in IMRT_TECHNIQUES:
        return True
    return plan.inverse is True and plan.technique in (None, "EBRT", "SRS", "SBRT")


def is_approved(plan: Plan) -> bool:
    """Approved by somebody who can be a physician; a physicist's signature approves nothing (policy 5.8)."""
    return plan.approval.state == "approved" and plan.approval.role in (None, *PHYSICIANS)


def was_delivered(plan: Plan, course: Course) -> bool:
    """Whether the plan was treated; where the record does not tell, a course under treatment decides."""
    if plan.delivered is not None:
        return plan.delivered
    labels = {f.plan for f in course.fractions if f.plan}
    if labels:
        return plan.label in labels
    return bool(course.fractions) or bool(course.delivered_fractions.value)


def is_draft(plan: Plan, course: Course) -> bool:
    """Never approved and never delivered: counts for nothing (policy 5.15).

    The only plan of a course that has not begun is no draft: its approval is still to come.
    """
    if is_approved(plan) or plan.delivered is True:
        return False
    others = any(p is not plan and is_approved(p) for p in course.plans)
    treated = bool(course.fractions) or bool(course.delivered_fractions.value)
    if plan.delivered is False:
        return others or treated
    return others and not plan.boost and not was_named(plan, course)


def was_named(plan: Plan, course: Course) -> bool:
    """Whether a fraction names the plan."""
    return plan.label is not None and any(f.plan == plan.label for f in course.fractions)


def imrt_plans(course: Course) -> tuple[Plan, ...]:
    """IMRT plans that count, earliest first; plans adapted online day by day add nothing (policy 5.16)."""
    plans = [p for p in course.plans if is_imrt(p) and not p.online_adapted and not is_draft(p, course)]
    return tuple(sorted(plans, key=lambda p: plan_day(p) or dt.date.max))


def plan_day(plan: Plan) -> dt.date | None:
    """The approval's date; the plan's while unapproved or undated (policy 1.8)."""
    return (plan.approval.date if is_approved(plan) else None) or plan.date


def first_fraction_of(plan: Plan, group: Group, main: bool) -> dt.date | None:
    """First fraction treated with this plan; the course's for the main plan where none names a plan."""
    days = [s.fraction.date for s in group.sessions if s.fraction.date and _uses(plan, s.parts)]
    if days:
        return min(days)
    return group.first if main else None


def _uses(plan: Plan, parts: tuple[tuple[int, object], ...]) -> bool:
    return plan.label is not None and any(getattr(f, "plan", None) == plan.label for _, f in parts)


def conflicts(course: Course, *about: str) -> tuple[Conflict, ...]:
    """The course's conflicts about the named facts."""
    return tuple(c for c in course.conflicts if c.about in about)


def _plan(subject: Subject) -> Plan:
    return subject.plan or Plan()


@fact(*SIGNATURE_STATES)
def plan_approval(subject: Subject) -> Told:
    """The plan's approval by a radiation oncologist (policy 5.8)."""
    plan = _plan(subject)
    state = approval_state(plan.approval, subject)
    against = () if state in COUNTING_STATES else led(plan)
    return Told(state, led(plan), against, plan.approval.by or "")


@fact("dated", "undated", "not_approved")
def plan_approval_dating(subject: Subject) -> Told:
    """Whether the approval bears a date (policy 5.9)."""
    plan = _plan(subject)
    if approval_state(plan.approval, subject) not in COUNTING_STATES:
        return Told("not_approved")
    if plan.approval.date is None:
        return Told("undated", led(plan), led(plan))
    return Told("dated", led(plan), detail=str(plan.approval.date))


@fact("ordering", "other", "unknown")
def plan_approver(subject: Subject) -> Told:
    """Whether an ordering physician approved the plan (policy 5.10)."""
    plan = _plan(subject)
    orders = counting_orders(subject)
    names = [o.signer for o in orders if o.signer]
    if approval_state(plan.approval, subject) not in COUNTING_STATES or not names or not plan.approval.by:
        return Told("unknown")
    evidence = led(plan) + joined(led(o) for o in orders)
    if any(same_person(plan.approval.by, name) for name in names):
        return Told("ordering", evidence, detail=plan.approval.by)
    return Told(
        "other",
        evidence,
        led(plan),
        f"{plan.approval.by}; ordered by {' and '.join(dict.fromkeys(names))}",
    )


@fact("on_time", "late", "unknown", "not_told", "not_started", "no_date")
def plan_timing(subject: Subject) -> Told:
    """The approval against the first fraction treated with this plan (policy 5.11)."""
    plan = _plan(subject)
    approved = approval_state(plan.approval, subject) in COUNTING_STATES
    if not approved or plan.approval.date is None:
        return Told("no_date")
    if not subject.group.sessions and subject.group.first is None:
        return Told("not_started", led(plan))
    main = not (plan.boost or plan.replan)
    first = first_fraction_of(plan, subject.group, main)
    if first is None:
        return Told("unknown" if main else "not_told", led(plan))
    detail = f"approved {plan.approval.date}, first fraction {first}"
    if plan.approval.date <= first:
        return Told("on_time", led(plan), detail=detail)
    return Told("late", led(plan), led(plan), detail)


@fact("both", "no_target", "no_critical", "none")
def dvh(subject: Subject) -> Told:
    """DVH or DVH statistics for target and critical structures (policy 5.7), of a plan that 77301 covers."""
    plan = _plan(subject)
    plans = [plan] if plan.replan or plan.new_planning_ct else [plan, *imrt_plans(subject.course)]
    target, critical = any(p.dvh_target for p in plans), any(p.dvh_critical for p in plans)
    evidence = joined(p.evidence for p in plans if p.dvh or p.dvh_target or p.dvh_critical)
    values = {(True, True): "both", (False, True): "no_target", (True, False): "no_critical"}
    return Told(values.get((target, critical), "none"), evidence)


@fact("agrees", "conflict", "forward_planned")
def technique_agreement(subject: Subject) -> Told:
    """Whether order, plan and delivery agree on inverse-planned IMRT (policy 5.13)."""
    found = conflicts(subject.course, "technique", "inverse", "plan_calls_imrt")
    if found:
        evidence = joined(c.evidence for c in found)
        values = ", ".join(dict.fromkeys(v for c in found for v in c.values))
        return Told("conflict", evidence, evidence, values)
    if _plan(subject).inverse is False:
        return Told("forward_planned", _plan(subject).evidence, _plan(subject).evidence)
    return Told("agrees", _plan(subject).evidence)


@fact("agrees", "conflict")
def laterality_agreement(subject: Subject) -> Told:
    """Whether the documents agree on the side treated (policy 2.3)."""
    found = joined(c.evidence for course in subject.courses for c in conflicts(course, "laterality"))
    any_conflict = any(conflicts(course, "laterality") for course in subject.courses)
    return Told("conflict", found, found) if any_conflict else Told("agrees")


@fact("agrees", "conflict")
def prescription_agreement(subject: Subject) -> Told:
    """Whether the plan's own file and the documents agree on dose and fractions (policy 2.3)."""
    found = [x for course in subject.courses for x in conflicts(course, "prescription")]
    if not found:
        return Told("agrees")
    evidence = joined(c.evidence for c in found)
    return Told("conflict", evidence, evidence, "; ".join(", ".join(c.values) for c in found))


@fact("plan", "narrative_only")
def plan_kind(subject: Subject) -> Told:
    """Whether 77301 rests on an IMRT plan, or on a note that calls another plan IMRT (policy 5.15)."""
    found = conflicts(subject.course, "plan_calls_imrt")
    if not found or is_imrt(_plan(subject)):
        return Told("plan", _plan(subject).evidence)
    evidence = joined(c.evidence for c in found)
    return Told("narrative_only", evidence, evidence)


@fact("first", "adaptive", "unjustified")
def plan_place(subject: Subject) -> Told:
    """The first IMRT plan of the course, or a replan (policy 5.15)."""
    plan = _plan(subject)
    if plan.new_planning_ct and plan.anatomical_change and subject.parents.get("first_plan") == "listed":
        return Told("adaptive", plan.evidence)
    if subject.parents.get("first_plan") == "listed":
        return Told("unjustified", plan.evidence, plan.evidence)
    return Told("first", plan.evidence)


@fact("mlc", "compensator", "unknown")
def modulation(subject: Subject) -> Told:
    """How the plan modulates the beam (policy 5.16); arcs are MLC-modulated (5.1)."""
    plan = _plan(subject)
    if plan.modulation == "compensator" or subject.course.compensator:
        return Told("compensator", plan.evidence)
    if plan.modulation == "mlc" or plan.technique in ARC_TECHNIQUES:
        return Told("mlc", plan.evidence)
    return Told("unknown", plan.evidence)


@fact("clear", "blocked")
def imrt_plan_gate(subject: Subject) -> Told:
    """Whether 77301 of the course is blocked (policy 5.16)."""
    return Told("blocked" if subject.parents.get("imrt_plan") == "blocked" else "clear")


@fact("clear", "blocked", "not_imrt")
def imrt_delivery_gate(subject: Subject) -> Told:
    """Whether 77301 stands behind IMRT delivery (policy 7.12); the session's family comes with the parents."""
    if subject.parents.get("delivery_family") != "imrt":
        return Told("not_imrt")
    return Told("blocked" if subject.parents.get("imrt_plan") == "blocked" else "clear")


@fact("first", "second")
def device_place(subject: Subject) -> Told:
    """One device unit a day: the second plan approved on one date waits (policy 5.16)."""
    return Told(subject.parents.get("device_place", "first"))


@fact("supported", "needs_review", "blocked", "none")
def parent_status(subject: Subject) -> Told:
    """The status of the code that an add-on follows; a bundled one is none (policy 4.6)."""
    return Told(subject.parents.get("parent", "none"))


@fact("delivered", "not_delivered")
def plan_delivery(subject: Subject) -> Told:
    """Whether the plan was treated (policy 5.16)."""
    plan = _plan(subject)
    return Told("delivered" if was_delivered(plan, subject.course) else "not_delivered", plan.evidence)


@fact("volume_or_mean", "none")
def target_figures(subject: Subject) -> Told:
    """Whether a volume or mean figure of the target stands: maxima and isodoses alone are none (12.3)."""
    return Told("volume_or_mean" if _plan(subject).dvh_volume_or_mean else "none", _plan(subject).evidence)


@fact("bundled", "separate")
def plan_bundle(subject: Subject) -> Told:
    """Whether a 3D plan planned the tumor that 77301 planned (policy 12.3)."""
    listed = subject.parents.get("imrt_plan") is not None
    return Told(
        "bundled" if listed and _plan(subject).same_target_as_imrt else "separate", _plan(subject).evidence
    )
