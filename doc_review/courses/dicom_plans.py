"""DICOM plans joined with the plans that documents tell of: one plan each, and where the two disagree.

A plan report and the DICOM file of the same plan are one plan: they share the label, or dose and
fractions. What a DICOM plan tells and no document of the course does is a conflict (policy 2.3, 5.13), and
only a plan that a documented phase prescribes is a further plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ..model import Approval, Conflict, Fraction, Order, Plan
from .dicom_items import DicomPlan, clinical_plans, label_of
from .items import technique_family
from .prescribed import documented
from .views import PHYSICIANS, EntryView, ids

_PAST = timedelta(days=180)
"""A plan older than this before the first fraction is of an earlier course."""
_DOSE_AGREES = 0.011
"""Share by which two totals of one prescription differ: rounding, a prescription point beside a target."""
_MORE_SPECIFIC = {("IMRT", "VMAT"), ("IMRT", "TOMOTHERAPY"), ("3DCRT", "FIF"), ("EBRT", "VMAT")}


def _is_past(plan: Plan, fractions: Sequence[Fraction]) -> bool:
    days = [fraction.date for fraction in fractions if fraction.date is not None]
    made = [day for day in (plan.date, plan.approval.date) if day is not None]
    return bool(days and made) and max(made) < min(days) - _PAST


def _near(first: float, second: float) -> bool:
    return abs(first - second) <= _DOSE_AGREES * max(first, second)


def _same_scheme(dicom: DicomPlan, plan: Plan) -> bool:
    """Whether both tell dose and fractions, and these agree."""
    if plan.fractions is None or plan.dose_gy is None:
        return False
    dose = plan.dose_gy
    return plan.fractions in dicom.counts and any(_near(level, dose) for level in dicom.levels)


def _may_be(dicom: DicomPlan, plan: Plan) -> bool:
    """Whether a report that tells no full scheme can be of the plan: nothing that both tell differs."""
    if plan.fractions is not None and plan.dose_gy is not None:
        return False
    counts = plan.fractions is None or not dicom.counts or plan.fractions in dicom.counts
    dose = (
        plan.dose_gy is None or not dicom.levels or any(_near(level, plan.dose_gy) for level in dicom.levels)
    )
    families = {technique_family(plan.technique), technique_family(dicom.plan.technique)} - {None, "sbrt"}
    return counts and dose and len(families) < 2 and plan.boost == dicom.plan.boost


def _home(dicom: DicomPlan, plans: Sequence[Plan], taken: Sequence[int]) -> int | None:
    """Index of the documented plan that a DICOM plan is, ``None`` where it is none of them."""
    free = [index for index in range(len(plans)) if index not in taken]
    for alike in (
        [i for i in free if label_of(plans[i]) == label_of(dicom.plan)],
        [i for i in free if _same_scheme(dicom, plans[i])],
        [i for i in free if _may_be(dicom, plans[i])],
    ):
        dated = [i for i in alike if plans[i].date == dicom.plan.date]
        if alike:
            return (dated or alike)[0]
    return None


def _joined(plan: Plan, dicom: DicomPlan) -> Plan:
    """A documented plan with what its DICOM file adds."""
    own = dicom.plan
    technique = plan.technique
    if technique is None or (technique, own.technique) in _MORE_SPECIFIC:
        technique = own.technique
    told = {
        name: getattr(own, name)
        for name in ("date", "modulation", "arcs", "isocenters", "fractions", "dose_gy")
        if getattr(plan, name) is None
    }
    evidence = tuple(dict.fromkeys((*plan.evidence, *own.evidence)))
    signed = _approved(plan.approval, own.approval)
    return plan.model_copy(update={**told, "technique": technique, "approval": signed, "evidence": evidence})


def _approved(document: Approval, dicom: Approval) -> Approval:
    """The approval that counts further: a physician's before an unknown person's, dated before undated."""

    def rank(found: Approval) -> tuple[bool, bool, bool, bool]:
        approved = found.state == "approved"
        return approved, approved and found.role in PHYSICIANS, not found.mark_only, found.date is not None

    return dicom if dicom.state == "approved" and rank(dicom) > rank(document) else document


@dataclass(frozen=True, slots=True)
class _Told:
    """What the documents of a course tell: families of techniques, doses (Gy), fractions, and where."""

    families: frozenset[str]
    doses: tuple[float, ...]
    counts: tuple[int, ...]
    schemes: tuple[tuple[float, int], ...]
    technique_evidence: tuple[str, ...]
    scheme_evidence: tuple[str, ...]


def _documents(
    entries: Sequence[EntryView],
    orders: Sequence[Order],
    plans: Sequence[Plan],
    fractions: Sequence[Fraction],
) -> _Told:
    written = [f for f in fractions if f.source != "dicom"]
    sources: list[Order | Plan | Fraction] = [*plans, *orders, *written]
    known = [(technique_family(s.technique), s.evidence[:1]) for s in sources]
    schemes = documented(entries)
    by_target = {
        (float(i.attributes["dose_gy"]), int(i.attributes["fractions"]), i.attributes.get("target")): None
        for i in schemes
    }
    pairs = [(dose, count) for dose, count, _ in by_target]
    doses = [dose for dose, _ in pairs] + [p.dose_gy for p in plans if p.dose_gy]
    counts = [count for _, count in pairs] + [p.fractions for p in plans if p.fractions]
    if len(pairs) > 1:
        doses.append(sum(dose for dose, _ in dict.fromkeys(pairs)))
        counts.append(sum(count for _, count in dict.fromkeys(pairs)))
    return _Told(
        frozenset(family for family, _ in known if family),
        tuple(doses),
        tuple(counts),
        tuple(pairs),
        tuple(dict.fromkeys(e for family, evidence in known if family for e in evidence))[:3],
        (*ids(schemes[:3]), *(p.evidence[0] for p in plans if p.evidence))[:4],
    )


def _disagreements(found: Sequence[DicomPlan], told: _Told) -> Iterator[Conflict]:
    """What a DICOM plan tells and no document does."""
    every_dose = [sum(d.plan.dose_gy or 0.0 for d in found)]
    every_count = [sum(d.plan.fractions or 0 for d in found)]
    for dicom in found:
        family = technique_family(dicom.plan.technique)
        if family and told.families and "sbrt" not in told.families and family not in told.families:
            yield _conflict("technique", sorted(told.families), family, told.technique_evidence, dicom)
        counts = [*dicom.counts, *every_count]
        if dicom.counts and told.counts and not set(counts) & set(told.counts):
            written = [f"{count} fractions" for count in dict.fromkeys(told.counts)]
            own = f"{dicom.counts[0]} fractions"
            yield _conflict("prescription", written, own, told.scheme_evidence, dicom)
        doses = [*dicom.levels, *every_dose]
        if dicom.levels and told.doses and not any(_near(a, b) for a in doses for b in told.doses):
            written = [f"{dose:g} Gy" for dose in dict.fromkeys(told.doses)]
            own = f"{dicom.levels[0]:g} Gy"
            yield _conflict("prescription", written, own, told.scheme_evidence, dicom)


def _conflict(
    about: str, written: Iterable[str], own: str, evidence: Sequence[str], dicom: DicomPlan
) -> Conflict:
    values = (f"documents: {'/'.join(written)}", f"DICOM plan: {own}")
    return Conflict(about=about, values=values, evidence=(dicom.item.id, *evidence))  # type: ignore[arg-type]


def with_dicom(
    entries: Sequence[EntryView],
    orders: Sequence[Order],
    plans: Sequence[Plan],
    fractions: Sequence[Fraction],
) -> tuple[tuple[Plan, ...], tuple[Conflict, ...]]:
    """The plans of the course with its DICOM plans joined in, and what the two do not agree on."""
    found = [dicom for dicom in clinical_plans(entries) if not _is_past(dicom.plan, fractions)]
    if not found:
        return tuple(plans), ()
    told = _documents(entries, orders, plans, fractions)
    made = list(plans)
    taken: list[int] = []
    for dicom in found:
        home = _home(dicom, plans, taken)
        if home is not None:
            made[home] = _joined(plans[home], dicom)
            taken.append(home)
        elif not plans or dicom.plan.replan or _is_phase(dicom, told, made):
            made.append(dicom.plan)
    return tuple(made), tuple(_disagreements(found, told))


def _is_phase(dicom: DicomPlan, told: _Told, plans: Sequence[Plan]) -> bool:
    """Whether a documented phase prescribes the plan, and no other plan of the course is of that phase."""
    phases = sum(
        count in dicom.counts and any(_near(level, dose) for level in dicom.levels)
        for dose, count in told.schemes
    )
    return phases > sum(_same_scheme(dicom, plan) for plan in plans)
