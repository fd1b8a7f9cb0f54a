"""Evidence of DICOM plans in, the plans they are out: versions of one plan once, QA copies and phantoms not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..evidence.dicom_beams import distinct
from ..model import Evidence, Plan
from .items import approval, technique_family
from .views import EntryView, ids


@dataclass(frozen=True, slots=True)
class DicomPlan:
    """A DICOM plan and the evidence of it."""

    plan: Plan
    item: Evidence

    @property
    def levels(self) -> tuple[float, ...]:
        """Doses (Gy) that it prescribes: its total and that of each target and phase."""
        levels = self.item.attributes.get("dose_levels") or ()
        return tuple(dict.fromkeys([*([self.plan.dose_gy] if self.plan.dose_gy else []), *levels]))

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of fractions: its total and that of each phase."""
        groups = self.item.attributes.get("fraction_groups") or ()
        return tuple(dict.fromkeys([*([self.plan.fractions] if self.plan.fractions else []), *groups]))


def clinical(entries: Sequence[EntryView]) -> Iterator[tuple[EntryView, Evidence]]:
    """Plan items of DICOM files that are of the patient's treatment."""
    for view in entries:
        for item in view.of("plan"):
            if item.method == "dicom" and item.attributes.get("use") == "clinical":
                yield view, item


def clinical_plans(entries: Sequence[EntryView]) -> list[DicomPlan]:
    """The plans that DICOM files tell of, each once, in document order."""
    found: list[DicomPlan] = []
    for view, item in clinical(entries):
        attributes = item.attributes
        plan = Plan(
            label=item.value,
            date=view.date,
            technique=attributes.get("technique"),
            modulation=attributes.get("modulation"),
            arcs=attributes.get("arcs"),
            isocenters=attributes.get("isocenters"),
            fractions=attributes.get("fractions"),
            dose_gy=attributes.get("dose_gy"),
            approval=approval(view.signatures),
            replan=bool(attributes.get("replan")),
            boost=bool(attributes.get("boost")),
            source="dicom",
            evidence=ids([item], view.signatures),
        )
        _keep(found, DicomPlan(plan, item))
    return found


def _keep(found: list[DicomPlan], new: DicomPlan) -> None:
    """Add a plan; of two versions of one plan the approved or later stays."""
    for index, old in enumerate(found):
        if _versions(old, new):
            found[index] = max(old, new, key=_standing)
            return
    found.append(new)


def _versions(old: DicomPlan, new: DicomPlan) -> bool:
    """Whether two files hold one plan: the same scheme under one label, or to the same isocenters."""
    if (old.plan.fractions, old.plan.dose_gy) != (new.plan.fractions, new.plan.dose_gy):
        return False
    families = {technique_family(old.plan.technique), technique_family(new.plan.technique)}
    if len(families) > 1 and old.plan.approval.state == new.plan.approval.state == "approved":
        return False
    points = [
        [(float(x), float(y), float(z)) for x, y, z in d.item.attributes.get("isocenter_positions") or ()]
        for d in (old, new)
    ]
    beside = all(points) and len(distinct([*points[0], *points[1]])) == len(points[0]) == len(points[1])
    return label_of(old.plan) == label_of(new.plan) or beside


def _standing(found: DicomPlan) -> tuple[bool, str]:
    return found.plan.approval.state == "approved", str(found.plan.approval.date or found.plan.date or "")


def label_of(plan: Plan) -> str:
    """A plan's label as letters and digits, to compare."""
    return re.sub(r"[^a-z0-9]", "", (plan.label or "").lower())
