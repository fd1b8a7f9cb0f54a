"""Entry views in, one course out, each fact with its evidence and conflicts kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from ..evidence.dicom_beams import distinct
from ..evidence.orders import most_specific
from ..model import (
    IMRT_TECHNIQUES,
    OUT_OF_SCOPE_TECHNIQUES,
    Assertion,
    CaseContext,
    CaseRecord,
    Conflict,
    Course,
    Document,
    DoseConstraints,
    Evidence,
    Fact,
    Fraction,
    Necessity,
    Order,
    OtherPatientEntry,
    Plan,
    Technique,
    UnreadPart,
)
from . import items
from .areas import area_items, prostate_or_breast, treatment_areas
from .dicom_items import clinical
from .dicom_plans import with_dicom
from .fractions import delivered
from .motion import motion_elements, motion_state
from .prescribed import prescribed
from .split import out_of_scope, split_courses
from .views import PHYSICIANS, EntryView, ids, views

_READABLE = ("application/pdf", "text/", "image/", "application/vnd.openxmlformats")
_DICOM = "application/dicom"
"""Media type of a DICOM plan or record; images, structures and doses say which they are and hold no chart."""
_STEREOTACTIC = frozenset({"SBRT", "SRS"})
# Notes that a physician writes about the treatment itself, not about options before it.
_PHYSICIAN_NOTES = frozenset({"completion_summary", "management_visit", "plan_approval"})
_OUT_OF_SCOPE: tuple[Technique, ...] = ("BRACHYTHERAPY", "PROTON", "SYSTEMIC")
_STATED: tuple[Assertion, ...] = ("affirmed", "planned")


def _techniques(entries: Iterable[EntryView], role: str) -> list[Evidence]:
    return [
        item
        for view in entries
        for item in view.of("technique", assertions=_STATED)
        if item.attributes.get("role") == role and item.value != "EBRT"
    ]


def _technique(
    entries: Sequence[EntryView],
    fractions: Sequence[Fraction],
    plans: Sequence[Plan],
    orders: Sequence[Order],
) -> Fact[Technique]:
    """The technique as delivered, else planned, else ordered, else told; an arc plan makes IMRT a VMAT."""
    logged = Counter(f.technique for f in fractions if f.technique and f.source != "summary")
    if logged and logged.most_common(1)[0][1] * 2 < len(fractions):
        # What a few sessions tell (an electron boost) is not the technique of the course.
        logged = Counter()
    sources: list[tuple[list[str], tuple[str, ...]]] = [
        ([logged.most_common(1)[0][0]] if logged else [], fractions[0].evidence if fractions else ()),
    ]
    for role in ("delivery",):
        told = [i for view in entries if view.kind == "treatment_record" for i in _techniques([view], role)]
        sources.append(([i.value for i in told], ids(told[:3])))
    sources.append(
        ([p.technique for p in plans if p.technique], tuple(e for p in plans for e in p.evidence[:1]))
    )
    sources.append(
        ([o.technique for o in orders if o.technique], tuple(e for o in orders for e in o.evidence[:1]))
    )
    for role in ("delivery", "mention"):
        told = _techniques(entries, role)
        sources.append(([i.value for i in told], ids(told[:3])))
    loose = [i for view in entries for i in view.of("technique", assertions=_STATED)]
    sources.append(([i.value for i in loose], ids(loose[:1])))
    planned = most_specific([p.technique for p in plans if p.technique])
    for values, evidence in sources:
        best = most_specific(values)
        if best is None or (best in ("EBRT", "ELECTRON") and planned):
            continue
        if best == "IMRT" and planned in ("VMAT", "TOMOTHERAPY"):
            best = planned
        if best == "3DCRT" and planned == "FIF":
            best = planned
        return Fact[Technique](value=best, evidence=evidence)  # type: ignore[arg-type]
    return Fact[Technique]()


def _isocenters(entries: Sequence[EntryView], plans: Sequence[Plan]) -> tuple[Fact[int], list[Conflict]]:
    """Number of isocenters as delivered, else planned, else ordered; disagreement is kept."""
    found: list[tuple[int, Evidence]] = []
    for kinds in (
        ("treatment_record",),
        ("plan", "plan_approval"),
        ("order", "prescription"),
        ("completion_summary",),
    ):
        for view in entries:
            if view.kind in kinds:
                found.extend(
                    (int(i.attributes["count"]), i) for i in view.of("isocenter") if i.attributes.get("count")
                )
    planned = _dicom_isocenters(entries)
    if not found:
        return (Fact[int](value=planned[0], evidence=(planned[1].id,)) if planned else Fact[int]()), []
    if planned and len(plans) == 1:
        found.append(planned)
    counts = sorted({count for count, _ in found})
    conflicts = []
    if len(counts) > 1:
        evidence = ids(next(i for c, i in found if c == count) for count in counts)
        conflicts.append(Conflict(about="isocenters", values=tuple(map(str, counts)), evidence=evidence))
    return Fact[int](value=found[0][0], evidence=(found[0][1].id,)), conflicts


def _dicom_isocenters(entries: Sequence[EntryView]) -> tuple[int, Evidence] | None:
    """Isocenters of the DICOM plans; of several plans only where they share them, as phases may not coincide."""
    items = [item for _, item in clinical(entries) if item.attributes.get("isocenters")]
    counts = {int(item.attributes["isocenters"]) for item in items}
    frames = {item.attributes.get("frame_of_reference") for item in items}
    shared = distinct(
        (float(x), float(y), float(z))
        for item in items
        for x, y, z in item.attributes.get("isocenter_positions") or ()
    )
    if len(items) == 1 or (len(counts) == len(frames) == 1 and len(shared) == max(counts)):
        return int(items[0].attributes["isocenters"]), items[0]
    return None


def _necessity(entries: Sequence[EntryView]) -> tuple[Necessity, ...]:
    """Necessity statements, the specific before the generic."""
    found = [item for view in entries for item in view.of("necessity_statement")]
    return tuple(
        Necessity(
            specific=i.value == "specific", criteria=tuple(i.attributes.get("criteria", ())), evidence=(i.id,)
        )
        for i in sorted(found, key=lambda i: (i.value != "specific", -i.confidence))
    )


def _constraints(entries: Sequence[EntryView], ordering: frozenset[str]) -> DoseConstraints:
    """Dose goals of target and critical structures in orders, prescriptions, plans and ordering consultations."""
    places = [
        v
        for v in entries
        if v.kind in ("order", "prescription", "plan", "plan_approval", "mixed") or v.entry.id in ordering
    ]
    goals = [i for v in places for i in v.of("dose_constraint")]
    doses = [i for v in places for i in v.of("prescription", assertions=_STATED)]
    critical = [i for i in goals if i.attributes.get("structure_class") == "critical"]
    targets = [i for i in goals if i.attributes.get("structure_class") == "target"]
    return DoseConstraints(
        target_goal=bool(targets or doses),
        critical_structure=bool(critical),
        evidence=ids((targets or doses)[:2], critical[:3]),
    )


def _photon_family(technique: str | None) -> str | None:
    """``imrt`` or ``3d`` (2D included) of a photon technique, ``None`` for any other."""
    family = items.technique_family(technique)
    return "imrt" if family == "imrt" else "3d" if family in ("3d", "2d") else None


def _conflicts(
    orders: Sequence[Order], plans: Sequence[Plan], fractions: Sequence[Fraction]
) -> list[Conflict]:
    """Order, plan and delivery that do not agree on IMRT and inverse planning (policy 5.13)."""
    families: dict[str, set[str]] = {"order": set(), "plan": set(), "delivery": set()}
    evidence: list[str] = []
    for name, found in (("order", orders), ("plan", plans), ("delivery", fractions)):
        for item in found:
            family = _photon_family(item.technique)
            if family is not None:
                families[name].add(family)
                evidence.extend(e for e in item.evidence[:1] if e not in evidence)
    conflicts = []
    stated = [found for found in families.values() if found]
    if len(stated) > 1 and not set.intersection(*stated):
        values = tuple(f"{name}: {'/'.join(sorted(found))}" for name, found in families.items() if found)
        conflicts.append(Conflict(about="technique", values=values, evidence=tuple(evidence[:6])))
    for order in orders:
        ordered = _photon_family(order.technique)
        others = families["plan"] | families["delivery"]
        if (
            order.form in ("order", "prescription")
            and ordered
            and others
            and ordered not in others
            and not conflicts
        ):
            values = (f"order: {ordered}", f"plan and delivery: {'/'.join(sorted(others))}")
            conflicts.append(
                Conflict(about="technique", values=values, evidence=(*order.evidence[:1], *evidence[:4]))
            )
    forward = [p for p in plans if p.inverse is False and p.technique in IMRT_TECHNIQUES]
    if forward:
        conflicts.append(
            Conflict(about="inverse", values=("IMRT", "forward planned"), evidence=forward[0].evidence[:2])
        )
    return conflicts


def _is_stereotactic(entries: Sequence[EntryView], technique: str | None) -> bool:
    """Whether an order, plan or record calls the treatment stereotactic."""
    called = {
        item.value
        for role in ("order", "plan", "delivery")
        for item in _techniques(entries, role)
        if role != "mention"
    }
    return technique in _STEREOTACTIC or bool(called & _STEREOTACTIC)


def _called_imrt(entries: Sequence[EntryView], plans: Sequence[Plan]) -> list[Conflict]:
    """A physician's note that calls the plan IMRT where the plan shows another technique (policy 5.15)."""
    shown = [plan for plan in plans if items.technique_family(plan.technique) in ("3d", "2d")]
    if not shown or len(shown) < len(plans):
        return []
    called = [
        item
        for view in entries
        if view.kind in _PHYSICIAN_NOTES
        for item in view.of("technique")
        if item.value in IMRT_TECHNIQUES
    ]
    if not called:
        return []
    values = (called[0].value, shown[0].technique or "")
    return [Conflict(about="plan_calls_imrt", values=values, evidence=(called[0].id, *shown[0].evidence[:1]))]


def _complete(
    entries: Sequence[EntryView], context: CaseContext, count: int, planned: int | None
) -> Fact[bool]:
    """Whether the course has ended: by case.yaml, a completion note, or all prescribed fractions."""
    notes = [i for v in entries for i in v.of("completion")]
    ended = [i for i in notes if i.value in ("complete", "stopped")]
    summary = [v for v in entries if v.kind == "completion_summary" and v.items]
    if context.course_complete is not None:
        return Fact[bool](value=context.course_complete)
    if ended:
        return Fact[bool](value=True, evidence=ids(ended[:2]))
    if planned and count >= planned:
        return Fact[bool](value=True)
    if summary and count and not any(i.value == "ongoing" for i in notes):
        return Fact[bool](value=True, evidence=(summary[0].items[0].id,))
    return Fact[bool](value=False if count else None)


def _filled(
    fractions: Sequence[Fraction], technique: str | None, plans: Sequence[Plan], **common: object
) -> tuple[Fraction, ...]:
    """Sessions with what the record leaves to the plan: technique, modality, motion, areas, isocenters."""
    by_label = {plan.label.lower(): plan for plan in plans if plan.label}
    only = plans[0] if len(plans) == 1 else None
    filled = []
    for fraction in fractions:
        plan = by_label.get((fraction.plan or "").lower(), only)
        own = (
            fraction.technique
            if fraction.technique not in (None, "EBRT")
            else (plan.technique if plan else None)
        )
        if own == "IMRT" and technique in ("VMAT", "TOMOTHERAPY"):
            own = technique  # type: ignore[assignment]
        value = own or technique
        modality = fraction.modality or ("electron" if value == "ELECTRON" else "photon" if value else None)
        updates: dict[str, object] = {
            "technique": value,
            "modality": modality,
            "plan": plan.label if plan else None,
        }
        updates |= {
            name: known for name, known in common.items() if getattr(fraction, name) in (None, "none")
        }
        filled.append(fraction.model_copy(update=updates))
    return tuple(filled)


def build_course(entries: Sequence[EntryView], context: CaseContext) -> Course:
    """The course that some entries tell of."""
    orders = items.orders(entries)
    raw, count_evidence = delivered(entries)
    plans, disagreements = with_dicom(entries, orders, items.plans(entries), raw)
    plans = tuple(sorted(plans, key=items.plan_order))
    technique = _technique(entries, raw, plans, orders)
    sites = area_items(entries)
    areas = treatment_areas(sites)
    isocenters, conflicts = _isocenters(entries, plans)
    state = motion_state(entries)
    fractions = _filled(
        raw,
        technique.value,
        plans,
        motion_management=state,
        areas=len(areas) or None,
        isocenters=isocenters.value,
    )
    imrt = [plan for plan in plans if plan.technique in IMRT_TECHNIQUES]
    rx = prescribed(entries)
    dates = sorted({f.date for f in fractions if f.date})
    ordering = frozenset(view.entry.id for view in entries if any(view.of("order")))
    simple, arguable = prostate_or_breast(sites)
    compensator = any(plan.modulation == "compensator" for plan in plans)
    return Course(
        technique=technique,
        treatment_areas=areas,
        isocenters=isocenters,
        prescribed=rx,
        delivered_fractions=Fact[int](
            value=len(fractions) if fractions else None, evidence=count_evidence[:4]
        ),
        first_fraction=_day(dates[:1], fractions),
        last_fraction=_day(dates[-1:], fractions),
        complete=_complete(entries, context, len(fractions), rx.fractions.value),
        ordering_provider=_ordering(orders),
        orders=orders,
        simulations=items.simulations(entries, len(areas), _serves(technique.value, bool(imrt))),
        plans=plans,
        fractions=fractions,
        physics_checks=items.periodic(entries, "physics_check"),
        management_visits=items.periodic(entries, "management_visit"),
        imrt_planned=Fact[bool](value=bool(imrt), evidence=imrt[0].evidence[:1] if imrt else ()),
        necessity=_necessity(entries),
        dose_constraints=_constraints(entries, ordering),
        motion=motion_elements(entries),
        compensator=compensator,
        prostate_breast=simple,
        level_arguable=arguable,
        targets=len(areas) or None,
        stereotactic_intent=_is_stereotactic(entries, technique.value),
        conflicts=tuple(
            conflicts + _conflicts(orders, plans, raw) + _called_imrt(entries, plans) + list(disagreements)
        ),
    )


def _serves(technique: str | None, imrt: bool) -> items.Serves | None:
    return "imrt" if imrt else items.technique_family(technique)


def _day(dates: Sequence[date], fractions: Sequence[Fraction]) -> Fact[date]:
    if not dates:
        return Fact[date]()
    evidence = next((f.evidence for f in fractions if f.date == dates[0]), ())
    return Fact[date](value=dates[0], evidence=evidence)


def _ordering(orders: Sequence[Order]) -> Fact[str]:
    """The ordering physician as written in the signature of the first order that counts."""
    ranked = sorted(orders, key=lambda o: (not (o.signed and o.role in PHYSICIANS), o.form == "consultation"))
    for order in ranked:
        if order.signer:
            return Fact[str](value=order.signer, evidence=order.evidence[:2])
    return Fact[str]()


def _other_modalities(entries: Sequence[EntryView]) -> list[Course]:
    """One course for each modality that is this course's treatment and is never coded here (policy 12.4)."""
    used = [
        i
        for view in entries
        for i in view.of("order", "plan", "technique")
        if i.value in OUT_OF_SCOPE_TECHNIQUES
    ]
    return [
        Course(
            technique=Fact[Technique](value=value, evidence=ids([i for i in used if i.value == value][:3]))
        )
        for value in _OUT_OF_SCOPE
        if any(i.value == value for i in used)
    ]


def build_record(
    documents: Sequence[Document],
    evidence: Sequence[Evidence],
    context: CaseContext,
    other_patient: Sequence[OtherPatientEntry] = (),
) -> CaseRecord:
    """All that the rules read, from the documents, their evidence and the case's context."""
    entries = views(documents, evidence)
    foreign = {entry.entry for entry in other_patient}
    own = [view for view in entries if view.entry.id not in foreign]
    inside, outside = out_of_scope(own)
    found = [build_course(group, context) for group in split_courses(inside)]
    courses = (*sorted(found, key=lambda c: not bool(c.imrt_planned.value)), *_other_modalities(outside))
    unread = [
        UnreadPart(document=document.id, page=page)
        for document in documents
        for page in document.unread_pages
    ] + [
        UnreadPart(document=document.id, page=None)
        for document in documents
        if document.skipped is not None
        and (document.media_type.startswith(_READABLE) or document.media_type == _DICOM)
    ]
    return CaseRecord(
        context=context,
        courses=courses,
        latest_date=max((view.date for view in own if view.date), default=None),
        unread=tuple(unread),
        other_patient=tuple(other_patient),
    )
