"""Entry views in, the orders, simulations, plans, checks and visits of the course out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from ..evidence.orders import most_specific
from ..model import (
    ARC_TECHNIQUES,
    IMRT_TECHNIQUES,
    Approval,
    Evidence,
    Order,
    PeriodicEntry,
    Plan,
    Simulation,
)
from .areas import area_count, area_items
from .views import PHYSICIANS, EntryView, as_date, counting, ids, signing

Serves = Literal["imrt", "3d", "2d", "electron", "sbrt", "out_of_scope"]
_PLANS = frozenset({"plan", "plan_approval"})
_TELLING = frozenset({"order", "prescription", "other"})
_PLAN_ACTS = frozenset({"approved", "signed", "attested", "cosigned"})


def orders(entries: Sequence[EntryView]) -> tuple[Order, ...]:
    """One order per entry that orders, by date."""
    found: list[Order] = []
    for view in entries:
        items = list(view.of("order"))
        if not items:
            continue
        best = min(items, key=lambda item: item.value != most_specific([i.value for i in items]))
        signature = signing(view.signatures)
        attributes = best.attributes
        found.append(
            Order(
                **signature,
                date=view.date or signature.get("signature_date"),
                technique=attributes.get("technique"),
                modality=attributes.get("modality"),
                form=_form(attributes.get("form")),
                evidence=ids([best], view.signatures),
            )
        )
    return tuple(sorted(found, key=lambda order: (order.date is None, str(order.date), order.evidence)))


OrderForm = Literal["order", "prescription", "consultation", "simulation", "other"]
_FORMS: frozenset[OrderForm] = frozenset({"order", "prescription", "consultation", "simulation"})


def _form(written: Any) -> OrderForm:
    return next((form for form in _FORMS if form == written), "other")


def simulations(entries: Sequence[EntryView], areas: int, serves: Serves | None) -> tuple[Simulation, ...]:
    """One simulation per simulation entry; ``areas`` is the course's number where the note tells none."""
    found: list[Simulation] = []
    for view in entries:
        for item in view.of("simulation"):
            attributes = item.attributes
            contrast = [e for e in view.of("contrast") if e.value == "given"]
            studies = [e for e in view.of("motion_management") if e.attributes.get("element") == "study"]
            own = [e for e in area_items([view]) if e.attributes.get("strength") == "field"]
            signature = signing(view.signatures)
            found.append(
                Simulation(
                    **signature,
                    date=view.date or signature.get("signature_date"),
                    areas=attributes.get("areas") or area_count(own) or areas or None,
                    contrast=bool(contrast),
                    arc=bool(attributes.get("arc")),
                    complex_blocking=bool(attributes.get("complex_blocking")),
                    custom_blocks=bool(attributes.get("custom_blocks")),
                    particle=bool(attributes.get("particle")),
                    brachytherapy=bool(attributes.get("brachytherapy")),
                    hyperthermia=bool(attributes.get("hyperthermia")),
                    motion_study=bool(studies),
                    motion_study_used=any(e.attributes.get("used") is not False for e in studies),
                    serves=serves,
                    repeat=bool(attributes.get("repeat")),
                    evidence=ids([item], contrast, studies, own[:2], view.signatures),
                )
            )
    return tuple(sorted(found, key=lambda sim: (sim.date is None, str(sim.date), sim.evidence)))


def approval(items: Sequence[Evidence]) -> Approval:
    """State of a plan's approval from the signatures of its report and approval entries."""
    stamp = any(item.attributes.get("kind") == "stamp" for item in items)
    acting = counting(items, _PLAN_ACTS)
    physicians = [item for item in acting if item.attributes.get("role") in PHYSICIANS]
    # Whoever approves without a told profession may be the physician: the rules ask, they do not block.
    physicians += [item for item in acting if item.attributes.get("role") is None and not physicians]
    best = physicians[0] if physicians else acting[0] if acting else None
    if best is None:
        blank = next((item for item in items if item.attributes.get("signer")), None)
        return Approval(
            state="unsigned",
            by=blank.attributes.get("signer") if blank else None,
            role=blank.attributes.get("role") if blank else None,
            stamp=stamp,
            signature=(blank.id,) if blank else ids(items[:1]),
        )
    kind = best.attributes.get("kind")
    return Approval(
        state="approved" if physicians else "unsigned",
        by=best.attributes.get("signer") or None,
        role=best.attributes.get("role"),
        date=as_date(best.attributes.get("date")),
        kind=kind if kind in ("electronic", "handwritten", "attestation", "mark") else None,
        mark_only=kind == "mark",
        stamp=stamp,
        signature=(best.id,),
    )


def _approvals_for(plan: EntryView, entries: Sequence[EntryView], several: bool) -> list[Evidence]:
    """Signatures that may approve a plan: its own, those of approval entries that name it, and those of a
    prescription or planning note that approve the plan. What signs the prescription on a plan's page approves no plan.
    """
    items = [
        item for item in plan.signatures if plan.kind not in _PLANS or item.attributes.get("of") != "order"
    ]
    label = next((item.value.rstrip(" .,;:") for item in plan.of("plan")), "")
    for view in entries:
        if view.kind in _TELLING and view.entry.id != plan.entry.id and not several:
            items.extend(
                item
                for item in view.signatures
                if item.attributes.get("of") == "plan" and item.attributes.get("act") == "approved"
            )
        if view.kind != "plan_approval":
            continue
        named = any(label and label.lower() in item.citation.quote.lower() for item in view.items)
        if named or not several:
            items.extend(view.signatures)
    return items


def plans(entries: Sequence[EntryView]) -> tuple[Plan, ...]:
    """The plans that documents tell of, by date; an unapproved draft counts for nothing beside an approved plan."""
    parts = [
        (_within(view, item), item) for view in entries for item in view.of("plan") if item.method != "dicom"
    ]
    groups = _same_plan(parts)
    imrt = _families(
        view
        for group in groups
        for view, item in group
        if item.attributes.get("technique") in IMRT_TECHNIQUES
    )
    found: list[tuple[Plan, bool]] = []
    for group in groups:
        view, item = _joined(group)
        plan = _plan(view, item, _approvals_for(view, entries, len(groups) > 1))
        own = _families([view])
        apart = bool(own and imrt and own.isdisjoint(imrt))
        found.append(
            (plan.model_copy(update={"same_target_as_imrt": not apart}), bool(item.attributes.get("draft")))
        )
    if any(plan.approval.state == "approved" for plan, _ in found):
        found = [(plan, draft) for plan, draft in found if not (draft and plan.approval.state != "approved")]
    return tuple(sorted((plan for plan, _ in found), key=plan_order))


Part = tuple[EntryView, Evidence]


def _families(entries: Iterable[EntryView]) -> frozenset[str]:
    """Regions that some entries speak of treating."""
    return frozenset(str(item.attributes.get("family")) for item in area_items(entries))


def _same_plan(parts: Sequence[Part]) -> list[list[Part]]:
    """Parts that tell of one plan: the same label, or none beside the only label of that technique."""
    groups: list[list[Part]] = []
    labels: list[str | None] = []
    for part in sorted(parts, key=lambda part: not _coded(part[1].value)):
        label = part[1].value.lower().rstrip(" .,;:") if _coded(part[1].value) else None
        home = next(
            (index for index, other in enumerate(labels) if label is not None and other == label), None
        )
        if home is None and label is None:
            alike = [index for index, group in enumerate(groups) if _alike(group[0][1], part[1])]
            home = alike[0] if len(alike) == 1 else None
        if home is None:
            groups.append([part])
            labels.append(label)
        else:
            groups[home].append(part)
    return groups


def _coded(label: str) -> bool:
    return any(char in "_0123456789" for char in label) and label.upper() not in {"2D", "3DCRT"}


def _alike(first: Evidence, second: Evidence) -> bool:
    """Whether two reports may be of one plan: nothing that both tell differs (an arc plan is an IMRT plan)."""
    techniques = {first.attributes.get("technique"), second.attributes.get("technique")}
    if (
        not ("IMRT" in techniques and techniques <= IMRT_TECHNIQUES)
        and None not in techniques
        and len(techniques) > 1
    ):
        return False
    return all(
        first.attributes.get(name) == second.attributes.get(name)
        for name in ("fractions", "boost", "replan")
        if first.attributes.get(name) is not None and second.attributes.get(name) is not None
    )


def _joined(group: Sequence[Part]) -> Part:
    """One view and the fullest plan item of the parts of one plan."""
    view, _ = group[0]
    fullest = max(
        (item for _, item in group), key=lambda item: sum(v is not None for v in item.attributes.values())
    )
    items = tuple(item for part, _ in group for item in part.items)
    return EntryView(view.document, view.entry, items), fullest


def _within(view: EntryView, plan: Evidence) -> EntryView:
    """The part of an entry that tells of one plan, where the entry holds several."""
    bounds = plan.attributes.get("bounds")
    if not bounds:
        return view
    low, high = (tuple(bound) for bound in bounds)
    inside = [item for item in view.items if low <= (item.citation.page, item.citation.start) < high]
    return EntryView(view.document, view.entry, tuple(inside))


def plan_order(plan: Plan) -> tuple[bool, str, tuple[str, ...]]:
    """Plans by approval or date, undated ones last."""
    when = plan.approval.date or plan.date
    return when is None, when.isoformat() if when else "", plan.evidence


def _plan(view: EntryView, item: Evidence, signatures: Sequence[Evidence]) -> Plan:
    attributes: dict[str, Any] = item.attributes
    dvh = list(view.of("dvh"))
    targets = [e for e in dvh if e.attributes.get("structure_class") == "target"]
    organs = [e for e in dvh if e.attributes.get("structure_class") == "critical"]
    replans = list(view.of("replan"))
    isocenters = [e for e in view.of("isocenter") if e.attributes.get("count")]
    technique = attributes.get("technique")
    return Plan(
        label=item.value,
        date=as_date(attributes.get("date")) or view.date,
        technique=technique,
        inverse=attributes.get("inverse"),
        modulation=attributes.get("modulation"),
        arcs=attributes.get("arcs") or (None if technique not in ARC_TECHNIQUES else 1),
        isocenters=isocenters[0].attributes["count"] if isocenters else None,
        fractions=attributes.get("fractions"),
        dose_gy=attributes.get("dose_gy"),
        dvh=bool(dvh),
        dvh_target=bool(targets),
        dvh_critical=bool(organs),
        dvh_volume_or_mean=any(e.attributes.get("volume_or_mean") for e in targets),
        approval=approval(signatures),
        planning_ct=as_date(attributes.get("planning_ct")),
        replan=bool(attributes.get("replan")) or any(e.value == "replan" for e in replans),
        boost=bool(attributes.get("boost")),
        new_planning_ct=any(e.value == "new_planning_ct" for e in replans),
        anatomical_change=any(e.value == "anatomical_change" for e in replans),
        online_adapted=any(e.value == "online_adapted" for e in replans),
        evidence=ids([item], targets[:3], organs[:3], isocenters[:1], signatures),
    )


def periodic(entries: Sequence[EntryView], kind: str) -> tuple[PeriodicEntry, ...]:
    """Physics checks or management visits by date and fraction; initial checks are no weekly ones."""
    found: list[PeriodicEntry] = []
    for view in entries:
        for item in view.of(kind):
            attributes = item.attributes
            if attributes.get("initial"):
                continue
            found.append(
                PeriodicEntry(
                    signer=attributes.get("signer") or None,
                    role=attributes.get("role"),
                    signed=bool(attributes.get("signed")),
                    signature_date=as_date(attributes.get("signature_date")),
                    mark_only=bool(attributes.get("mark_only")),
                    stamp=bool(attributes.get("stamp")),
                    date=as_date(attributes.get("date")),
                    fraction_from=attributes.get("fraction_from"),
                    fraction_to=attributes.get("fraction_to"),
                    examined=bool(attributes.get("examined")),
                    evidence=(item.id,),
                )
            )
    return tuple(
        sorted(
            found,
            key=lambda e: (
                e.date is None,
                e.date.isoformat() if e.date else "",
                e.fraction_to or 0,
                e.evidence,
            ),
        )
    )


def technique_family(technique: str | None) -> Serves | None:
    """What a simulation for a technique serves; ``None`` where nothing says."""
    if technique in IMRT_TECHNIQUES:
        return "imrt"
    families: dict[str, Serves] = {
        "3DCRT": "3d",
        "FIF": "3d",
        "2D": "2d",
        "ELECTRON": "electron",
        "SBRT": "sbrt",
        "SRS": "sbrt",
        "PROTON": "out_of_scope",
        "BRACHYTHERAPY": "out_of_scope",
        "SYSTEMIC": "out_of_scope",
    }
    return families.get(technique or "")
