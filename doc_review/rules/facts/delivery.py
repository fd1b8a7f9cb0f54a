"""Delivered sessions: technique, level signs, isocenters, motion management, and what stands behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...model import IMRT_TECHNIQUES, Course, Fraction, Plan
from .base import COUNTING_STATES, SIGNATURE_STATES, Subject, Told, approval_state, fact, joined, led
from .plans import conflicts, imrt_plans, is_draft, was_delivered

_FAMILIES = {"3DCRT": "3d", "FIF": "3d", "2D": "2d", "ELECTRON": "electron"} | dict.fromkeys(
    IMRT_TECHNIQUES, "imrt"
)
_COMPLEX = frozenset({"tangents", "wedges", "rotation", "field_in_field", "custom_blocks", "total_skin"})


def family_of(fraction: Fraction, course: Course) -> str:
    """``imrt``, ``3d``, ``2d``, ``electron``, ``mixed`` or ``unknown``: how the session was treated."""
    if fraction.modality == "mixed":
        return "mixed"
    if fraction.modality == "electron":
        return "electron"
    told = _FAMILIES.get(fraction.technique or "")
    if told is not None:
        return told
    plan = _named(fraction, course)
    if plan is not None and plan.technique in _FAMILIES:
        return _FAMILIES[plan.technique]
    if fraction.technique in ("SBRT", "SRS"):
        return "imrt" if imrt_plans(course) else "3d"
    return _FAMILIES.get(course.technique.value or "", "unknown")


def _named(fraction: Fraction, course: Course) -> Plan | None:
    return next((p for p in course.plans if p.label and p.label == fraction.plan), None)


def _parts(subject: Subject) -> Iterable[tuple[Course, Fraction]]:
    if subject.session is None:
        return ()
    return [(subject.record.courses[i], f) for i, f in subject.session.parts]


def _fraction(subject: Subject) -> Fraction:
    return subject.session.fraction if subject.session else Fraction()


@fact("imrt", "3d", "2d", "electron", "mixed", "unknown")
def delivery_family(subject: Subject) -> Told:
    """How the session was treated (policy 7.5, 7.6)."""
    fraction = _fraction(subject)
    if fraction.modality == "mixed":
        return Told("mixed", fraction.evidence)
    families = [family_of(f, course) for course, f in _parts(subject)]
    order = ("imrt", "3d", "2d", "electron", "mixed", "unknown")
    return Told(min(families, key=order.index, default="unknown"), fraction.evidence)


@fact("hospital", "freestanding")
def fee_column(subject: Subject) -> Told:
    """The column of the delivery table that payer and setting choose (policy 7.2, 7.3)."""
    return Told(subject.column)


@fact("prostate_breast", "other", "unknown")
def imrt_site(subject: Subject) -> Told:
    """Whether every area is prostate, breast or chest wall (policy 7.2)."""
    evidence = joined(a.evidence for c in subject.courses for a in c.treatment_areas)
    if any(not c.treatment_areas and not c.prostate_breast for c in subject.courses):
        return Told("unknown")
    names = ", ".join(dict.fromkeys(a.value for c in subject.courses for a in c.treatment_areas))
    simple = all(c.prostate_breast for c in subject.courses)
    return Told("prostate_breast" if simple else "other", evidence, detail=names)


@fact("yes", "no")
def level_arguable(subject: Subject) -> Told:
    """Breast with nodes, left breast or prostate with nodes: the higher level is arguable (policy 7.4)."""
    return Told("yes" if any(c.level_arguable for c in subject.courses) else "no")


@fact("yes", "no")
def compensator(subject: Subject) -> Told:
    """Whether a physical compensator modulates the beam (policy 7.2, 7.3)."""
    found = _fraction(subject).compensator or any(c.compensator for c in subject.courses)
    return Told("yes" if found else "no")


@fact("one", "two", "three_plus", "unknown")
def delivery_areas(subject: Subject) -> Told:
    """Treatment areas of the session (policy 7.5)."""
    stated = _fraction(subject).areas
    count = stated if stated else sum(len(c.treatment_areas) for c in subject.courses)
    evidence = joined(a.evidence for c in subject.courses for a in c.treatment_areas)
    return Told({0: "unknown", 1: "one", 2: "two"}.get(count, "three_plus"), evidence, detail=str(count))


@fact("few", "many", "unknown")
def delivery_ports(subject: Subject) -> Told:
    """Ports on one area: one or two, or three and more (policy 7.5)."""
    ports = _fraction(subject).ports
    if not ports:
        return Told("unknown")
    return Told("few" if ports <= 2 else "many", _fraction(subject).evidence, detail=str(ports))


@fact("few", "many")
def simple_blocks(subject: Subject) -> Told:
    """Simple blocks: up to two, or three and more (policy 7.5)."""
    blocks = _fraction(subject).simple_blocks
    return Told("few" if blocks <= 2 else "many", detail=str(blocks))


@fact("present", "mlc_only", "none")
def complex_sign(subject: Subject) -> Told:
    """Signs of the highest conventional level (policy 7.5); MLC-shaped portals alone are none."""
    fraction = _fraction(subject)
    signs = [f for f in fraction.features if f in _COMPLEX]
    if any(f.technique == "FIF" for _, f in _parts(subject)) and "field_in_field" not in signs:
        signs.append("field_in_field")
    if signs:
        return Told("present", fraction.evidence, detail=", ".join(s.replace("_", " ") for s in signs))
    return Told("mlc_only" if "mlc_shaped" in fraction.features else "none", fraction.evidence)


@fact("yes", "no")
def total_skin(subject: Subject) -> Told:
    """Total-skin electrons (policy 7.6)."""
    return Told("yes" if "total_skin" in _fraction(subject).features else "no")


@fact("one", "several", "assumed", "unclear")
def isocenters(subject: Subject) -> Told:
    """Isocenters of the session; one is assumed only where there is one target (policy 7.8)."""
    fraction = _fraction(subject)
    disputed = joined(x.evidence for c in subject.courses for x in conflicts(c, "isocenters"))
    if any(conflicts(c, "isocenters") for c in subject.courses):
        return Told("unclear", disputed, disputed)
    count = fraction.isocenters
    if count is None:
        told = [_isocenters(course, f) for course, f in _parts(subject)]
        count = sum(n for n in told if n) if told and None not in told else None
    if count:
        return Told("one" if count == 1 else "several", fraction.evidence, detail=str(count))
    targets = [c.targets if c.targets is not None else len(c.treatment_areas) for c in subject.courses]
    return Told("assumed" if sum(targets) == 1 else "unclear")


def _isocenters(course: Course, fraction: Fraction) -> int | None:
    if fraction.isocenters is not None:
        return fraction.isocenters
    plan = _named(fraction, course)
    if plan is not None and plan.isocenters is not None:
        return plan.isocenters
    return course.isocenters.value


@fact("active", "planned", "named", "none")
def motion_management(subject: Subject) -> Told:
    """How far active motion management during delivery is documented (policy 7.7)."""
    motion = [c.motion for c in subject.courses]
    groups = [g for m in motion for g in (m.system, m.threshold, m.monitoring, m.beam_rule)]
    return Told(_fraction(subject).motion_management, joined((_fraction(subject).evidence, *groups)))


@fact("first", "separated", "undocumented")
def second_session(subject: Subject) -> Told:
    """A second session of a day needs a documented break (policy section 7)."""
    if subject.session is None or not subject.session.second:
        return Told("first")
    hours = _fraction(subject).break_hours
    if hours is not None and hours >= subject.break_hours:
        return Told("separated", _fraction(subject).evidence, detail=f"{hours:g} h")
    return Told("undocumented", _fraction(subject).evidence)


@fact("record", "no_technique", "summary")
def delivery_source(subject: Subject) -> Told:
    """Whether a treatment record tells of the session and its technique (policy 7.10)."""
    evidence = _fraction(subject).evidence
    parts = list(_parts(subject))
    if all(f.source == "summary" for _, f in parts):
        return Told("summary", evidence)
    if any(_told_technique(f, course) for course, f in parts if f.source != "summary"):
        return Told("record", evidence)
    return Told("no_technique", evidence)


def _told_technique(fraction: Fraction, course: Course) -> bool:
    if fraction.technique not in (None, "EBRT") or fraction.modality in ("electron", "mixed"):
        return True
    plan = _named(fraction, course)
    return plan is not None and plan.technique in _FAMILIES


@fact("within", "exceeded", "conflict", "unknown")
def delivered_against_prescribed(subject: Subject) -> Told:
    """Delivered fractions against prescribed ones, and documents that count differently (policy 7.10)."""
    disputed = [x for c in subject.courses for x in conflicts(c, "fractions")]
    for index, course in _indexed(subject):
        prescribed = course.prescribed.fractions
        if prescribed.value is None:
            continue
        count = sum(any(i == index for i, _ in s.parts) for s in subject.group.sessions)
        if count > prescribed.value:
            against = prescribed.evidence + course.delivered_fractions.evidence
            return Told("exceeded", against, against, f"{count} delivered, {prescribed.value} prescribed")
    if disputed:
        evidence = joined(x.evidence for x in disputed)
        values = ", ".join(dict.fromkeys(v for x in disputed for v in x.values))
        return Told("conflict", evidence, evidence, values)
    if any(c.prescribed.fractions.value is None for c in subject.courses):
        return Told("unknown")
    return Told("within", joined(c.prescribed.fractions.evidence for c in subject.courses))


def _indexed(subject: Subject) -> Iterable[tuple[int, Course]]:
    members = subject.group.members if subject.session is None else tuple(i for i, _ in subject.session.parts)
    return [(i, subject.record.courses[i]) for i in members]


@fact(*SIGNATURE_STATES, "missing", "not_needed")
def delivered_plan_approval(subject: Subject) -> Told:
    """The approval of the plan that was delivered (policy 7.11); conventional treatment may have no plan."""
    worst = Told("not_needed")
    rank = ("not_needed", *SIGNATURE_STATES, "missing").index
    for course, fraction in _parts(subject):
        told = _plan_approval(course, fraction, subject)
        if rank(told.value) > rank(worst.value):
            worst = told
    return worst


def _plan_approval(course: Course, fraction: Fraction, subject: Subject) -> Told:
    imrt = family_of(fraction, course) == "imrt"
    named = _named(fraction, course)
    plans = (
        [named]
        if named is not None
        else [
            p
            for p in course.plans
            if not is_draft(p, course) and was_delivered(p, course) and not p.online_adapted
        ]
    )
    if imrt and named is None:
        plans = [p for p in plans if p in imrt_plans(course)]
    if not plans:
        return Told("missing") if imrt else Told("not_needed")
    states = [(approval_state(p.approval, subject), p) for p in plans]
    state, plan = max(states, key=lambda pair: SIGNATURE_STATES.index(pair[0]))
    return Told(state, led(plan), () if state in COUNTING_STATES else led(plan), plan.approval.by or "")


def _families_in(value: str) -> set[str]:
    """The families that a conflict's value names, as a technique or as a family in words."""
    words = re.findall(r"\w+", value)
    named = {_FAMILIES[w.upper()] for w in words if w.upper() in _FAMILIES}
    return named | {w.lower() for w in words if w.lower() in _FAMILIES.values()}


@fact("agrees", "imrt_or_3d", "other")
def delivered_technique(subject: Subject) -> Told:
    """Documents that do not agree on the technique, by whether the delivery code hangs on it."""
    found = [x for c in subject.courses for x in conflicts(c, "technique")]
    evidence = joined(x.evidence for x in found)
    kinds = [{k for value in x.values for k in _families_in(value)} for x in found]
    detail = ", ".join(dict.fromkeys(v for x in found for v in x.values))
    if any(len(k) > 1 and k - {"imrt", "3d"} for k in kinds):
        return Told("other", evidence, evidence, detail)
    if any({"imrt", "3d"} <= k for k in kinds):
        return Told("imrt_or_3d", evidence, evidence, detail)
    return Told("agrees")


@fact("certain", "straddles")
def code_period(subject: Subject) -> Told:
    """Whether an undated session could lie on either side of a code change (policy 1.8)."""
    return Told("straddles" if subject.straddles else "certain", _fraction(subject).evidence)


@fact("documented", "missing")
def stereotactic_management(subject: Subject) -> Told:
    """Whether a physician's visit stands in the record of a stereotactic course (policy 7.15)."""
    visits = [v for c in subject.courses for v in c.management_visits if v.signed]
    return Told("documented", joined(v.evidence for v in visits)) if visits else Told("missing")


@fact("specific", "stock")
def special_account(subject: Subject) -> Told:
    """Whether the account of extra work is patient-specific (policy 12.3)."""
    special = subject.special
    if special is None:
        return Told("stock")
    return Told("specific" if special.specific else "stock", special.evidence)


@fact("signed", "unsigned")
def special_signature(subject: Subject) -> Told:
    """Whether the account of extra work is signed (policy 12.3)."""
    signed = subject.special is not None and subject.special.signed
    return Told("signed" if signed else "unsigned", subject.special.evidence if subject.special else ())


@fact("same_day", "other_day", "no_imrt")
def special_bundle(subject: Subject) -> Told:
    """Whether the special procedure shares the day of the IMRT plan (policy 12.3)."""
    day = subject.parents.get("imrt_plan_day")
    if day is None or subject.special is None:
        return Told("no_imrt")
    return Told("same_day" if day == str(subject.special.date) else "other_day")
