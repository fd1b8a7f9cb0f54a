"""Dose references and fraction groups of a DICOM RT Plan turned into what it prescribes, one phase a group.

A target's prescription dose (300A,0026) is that of all the fractions which refer to it, in Gy. A plan
without dose references is told by the doses of its beams; an organ's maximum prescribes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..documents.base import DicomElement, DicomItem
from ..documents.dicom import number

_MOST_GY = 200.0
"""Above this a number is no dose of external-beam treatment in Gy."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What one fraction group prescribes: total dose (Gy), fractions, and the lines that tell it."""

    fractions: int | None
    dose_gy: float | None
    cited: tuple[DicomElement, ...]


def _gy(text: str) -> float | None:
    value = number(text)
    return round(value, 6) if value is not None and 0 < value <= _MOST_GY else None


def _targets(plan: DicomItem) -> dict[str, DicomItem]:
    """Dose references that prescribe a dose to a target, by number."""
    return {
        reference.text("DoseReferenceNumber"): reference
        for reference in plan.items("DoseReferenceSequence")
        if reference.text("DoseReferenceType").upper() == "TARGET"
        and _gy(reference.text("TargetPrescriptionDose")) is not None
    }


def _highest(references: Iterable[DicomItem]) -> tuple[float, DicomElement] | None:
    """The highest prescribed dose: of a simultaneous boost the highest level counts."""
    found = [
        (_gy(r.text("TargetPrescriptionDose")), r.elements["TargetPrescriptionDose"]) for r in references
    ]
    return max(((dose, at) for dose, at in found if dose is not None), key=lambda pair: pair[0], default=None)


def _referred(group: DicomItem, targets: dict[str, DicomItem]) -> list[DicomItem]:
    numbers = [
        r.text("ReferencedDoseReferenceNumber") for r in group.items("ReferencedDoseReferenceSequence")
    ]
    return [targets[n] for n in numbers if n in targets]


def _of_beams(
    group: DicomItem, fractions: int | None, treating: frozenset[str]
) -> tuple[float, tuple[DicomElement, ...]] | None:
    """Dose of all fractions by the doses of the treatment beams, and the lines of these."""
    beams = [
        beam
        for beam in group.items("ReferencedBeamSequence")
        if beam.text("ReferencedBeamNumber") in treating and _gy(beam.text("BeamDose")) is not None
    ]
    if not beams or not fractions:
        return None
    dose = sum(_gy(beam.text("BeamDose")) or 0.0 for beam in beams)
    return round(dose * fractions, 6), tuple(beam.elements["BeamDose"] for beam in beams)


def phases(plan: DicomItem, treating: frozenset[str]) -> tuple[Phase, ...]:
    """Phases of a plan in order; ``treating`` are the numbers of its treatment beams."""
    groups = plan.items("FractionGroupSequence")
    targets = _targets(plan)
    referred = [_referred(group, targets) for group in groups]
    told = all(referred) and len({id(r) for found in referred for r in found}) == sum(map(len, referred))
    if not told:
        referred = _shared(list(targets.values()), len(groups))
    beams = not any(
        r.text("DoseReferenceType").upper() != "TARGET" for r in plan.items("DoseReferenceSequence")
    )
    made: list[Phase] = []
    for group, references in zip(groups, referred, strict=True):
        count = number(group.text("NumberOfFractionsPlanned"))
        fractions = int(count) if count is not None and 0 < count < 1000 else None
        best = _highest(references)
        told_by: tuple[float, tuple[DicomElement, ...]] | None = (best[0], (best[1],)) if best else None
        if told_by is None and not targets and beams:
            told_by = _of_beams(group, fractions, treating)
        dose, cited = told_by or (None, ())
        counted = group.elements.get("NumberOfFractionsPlanned")
        made.append(Phase(fractions, dose, (*cited, *([counted] if counted else []))))
    return tuple(made)


def _shared(targets: Sequence[DicomItem], groups: int) -> list[list[DicomItem]]:
    """Targets of groups that do not say which they treat: all of an only group, one each of several."""
    if groups == 1:
        return [list(targets)]
    if len(targets) == groups:
        return [[target] for target in targets]
    return [list(targets), *[[] for _ in range(groups - 1)]] if groups else []


def total(found: Sequence[Phase]) -> tuple[float | None, int | None]:
    """Dose (Gy) and fractions of all phases; what some phase does not tell is unknown."""
    doses = [phase.dose_gy for phase in found if phase.dose_gy is not None]
    fractions = [phase.fractions for phase in found]
    dose = round(sum(doses), 6) if doses else None
    known = bool(fractions) and None not in fractions
    return dose, sum(count or 0 for count in fractions) if known else None


def levels(plan: DicomItem, found: Sequence[Phase]) -> tuple[float, ...]:
    """Every dose (Gy) that the plan prescribes to some target or in some phase, in order."""
    doses = [_gy(target.text("TargetPrescriptionDose")) for target in _targets(plan).values()]
    doses += [phase.dose_gy for phase in found]
    return tuple(dict.fromkeys(dose for dose in doses if dose is not None))
