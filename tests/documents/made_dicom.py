"""Small DICOM plans and treatment records made for tests: invented patients, a handful of leaf pairs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian

RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.5"
RT_RECORD = "1.2.840.10008.5.1.4.1.1.481.4"
PLAN_UID = "1.2.826.0.1.3680043.8.498.1"
OPEN = (-50.0,) * 4 + (50.0,) * 4
"""Four leaf pairs, fully open: first bank, then second (mm)."""
HALF = (-50.0, -50.0, 0.0, 0.0, 50.0, 50.0, 0.0, 0.0)
"""The open field with its last two pairs closed."""


def made(**values: Any) -> Dataset:
    """A dataset of some attributes; a list becomes a sequence."""
    dataset = Dataset()
    for name, value in values.items():
        setattr(dataset, name, Items(value) if isinstance(value, list) and _items(value) else value)
    return dataset


def _items(value: list[Any]) -> bool:
    return bool(value) and isinstance(value[0], Dataset)


def point(index: int, weight: float | None, leaves: Sequence[float] | None = None, **values: Any) -> Dataset:
    """A control point; ``leaves`` are the positions of an MLC."""
    found = made(ControlPointIndex=index, CumulativeMetersetWeight=weight, **values)
    if leaves is not None:
        device = made(RTBeamLimitingDeviceType="MLCX", LeafJawPositions=list(leaves))
        found.BeamLimitingDevicePositionSequence = Items([device])
    return found


def beam(number: int, points: Sequence[Dataset], **values: Any) -> Dataset:
    """A photon treatment beam of 6 MV at the isocenter (0, 0, 0) unless its points say otherwise."""
    first = points[0]
    for name, value in (("NominalBeamEnergy", 6), ("IsocenterPosition", [0, 0, 0]), ("GantryAngle", 0)):
        if name not in first:
            setattr(first, name, value)
    told = {"BeamType": "STATIC", "RadiationType": "PHOTON", "TreatmentDeliveryType": "TREATMENT", **values}
    return made(
        BeamNumber=number,
        BeamName=f"Beam {number}",
        NumberOfControlPoints=len(points),
        ControlPointSequence=list(points),
        **told,
    )


def static(number: int = 1, **values: Any) -> Dataset:
    """One open field."""
    at = {name: values.pop(name) for name in ("IsocenterPosition", "GantryAngle") if name in values}
    return beam(number, [point(0, 0, OPEN, **at), point(1, 1)], **values)


def arc(number: int = 1, *, moving: bool = True) -> Dataset:
    """An arc from 181 to 179 degrees; its leaves move from point to point, or stay."""
    points = []
    for index in range(9):
        shift = 6.0 * (index % 3) if moving else 0.0
        leaves = [value + shift for value in OPEN]
        gantry = (181 + index * 358 / 8) % 360
        direction = "CW" if index < 8 else "NONE"
        points.append(
            point(index, index / 8, leaves, GantryAngle=round(gantry, 2), GantryRotationDirection=direction)
        )
    return beam(number, points, BeamType="DYNAMIC")


def field_in_field(number: int = 1) -> Dataset:
    """An open segment and a smaller one inside it, no dose while the leaves move."""
    points = [point(0, 0, OPEN), point(1, 0.7, OPEN), point(2, 0.7, HALF), point(3, 1, HALF)]
    return beam(number, points)


def step_and_shoot(number: int = 1) -> Dataset:
    """Six segments that lie beside one another."""
    points = []
    for index in range(6):
        leaves = [-50.0 + 16 * index] * 4 + [-34.0 + 16 * index] * 4
        points += [
            point(2 * index, round(index / 6, 4), leaves),
            point(2 * index + 1, round((index + 1) / 6, 4), leaves),
        ]
    return beam(number, points, BeamType="DYNAMIC")


def sliding_window(number: int = 1) -> Dataset:
    """Leaves that move while the beam is on, at rest between two gantry angles."""
    points = [
        point(index, index / 5, [-50.0 + 15 * index] * 4 + [-30.0 + 15 * index] * 4) for index in range(6)
    ]
    return beam(number, points, BeamType="DYNAMIC")


def plan(*beams: Dataset, dose: float | None = 70, fractions: int = 35, **values: Any) -> Dataset:
    """A clinical plan, approved by nobody, whose only fraction group treats with all beams."""
    group = made(
        FractionGroupNumber=1,
        NumberOfFractionsPlanned=fractions,
        NumberOfBeams=len(beams),
        NumberOfBrachyApplicationSetups=0,
        ReferencedBeamSequence=[
            made(ReferencedBeamNumber=b.BeamNumber, BeamDose=0.5, BeamMeterset=100) for b in beams
        ],
    )
    told: dict[str, Any] = {
        "PatientName": "Roe^Petra",
        "PatientID": "4471902",
        "PatientBirthDate": "19580402",
        "RTPlanLabel": "HN_VMAT",
        "RTPlanDate": "20250303",
        "PlanIntent": "CURATIVE",
        "ApprovalStatus": "UNAPPROVED",
        **values,
    }
    if dose is not None:
        target = made(DoseReferenceNumber=1, DoseReferenceType="TARGET", TargetPrescriptionDose=dose)
        told.setdefault("DoseReferenceSequence", [target])
    told.setdefault("FractionGroupSequence", [group])
    return made(
        SOPClassUID=RT_PLAN,
        Modality="RTPLAN",
        SOPInstanceUID=told.pop("SOPInstanceUID", PLAN_UID),
        BeamSequence=list(beams),
        **told,
    )


def session_beam(number: int, fraction: int, day: str, time: str = "090000", **values: Any) -> Dataset:
    """A beam of a delivered session."""
    points = [
        made(TreatmentControlPointDate=day, TreatmentControlPointTime=time, DeliveredMeterset=amount)
        for amount in (0, 100)
    ]
    told = {"TreatmentDeliveryType": "TREATMENT", "RadiationType": "PHOTON", **values}
    told.setdefault("DeliveredPrimaryMeterset", 100)
    return made(
        ReferencedBeamNumber=number,
        BeamName=f"Beam {number}",
        CurrentFractionNumber=fraction,
        TreatmentTerminationStatus="NORMAL",
        NumberOfControlPoints=2,
        ControlPointDeliverySequence=points,
        **told,
    )


def record(*beams: Dataset, **values: Any) -> Dataset:
    """A treatment record of some delivered beams of the plan."""
    return made(
        **{
            "SOPClassUID": RT_RECORD,
            "SOPInstanceUID": "1.2.826.0.1.3680043.8.498.2",
            "Modality": "RTRECORD",
            "PatientName": "Roe^Petra",
            "PatientID": "4471902",
            "ReferencedRTPlanSequence": [
                made(ReferencedSOPClassUID=RT_PLAN, ReferencedSOPInstanceUID=PLAN_UID)
            ],
            "TreatmentSessionBeamSequence": list(beams),
            **values,
        }
    )


def saved(dataset: Dataset, *, preamble: bool = True, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """The bytes of a DICOM file; without preamble it begins with its first attribute."""
    out = io.BytesIO()
    if not preamble:
        dataset.save_as(out, implicit_vr=True, little_endian=True, enforce_file_format=False)
        return out.getvalue()
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    file = FileDataset(out, dataset, preamble=b"\0" * 128, file_meta=meta)
    file.save_as(out, enforce_file_format=True)
    return out.getvalue()
