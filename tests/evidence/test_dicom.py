"""DICOM plans and treatment records turned into evidence: technique, use, prescription, approval, sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydicom.dataset import Dataset

from doc_review.case.raw import FileDocument
from doc_review.documents import read_document
from doc_review.documents.base import Chart, OpenDocument
from doc_review.documents.entries import with_entries
from doc_review.evidence.pipeline import extract_evidence
from doc_review.model import Evidence, Provider
from tests.documents import made_dicom as dicom


def opened(path: Path) -> OpenDocument:
    return with_entries(read_document(FileDocument(path.name, path.stat().st_size, path)))


def evidence(tmp_path: Path, *datasets: Dataset, providers: tuple[Provider, ...] = ()) -> list[Evidence]:
    documents = []
    for index, dataset in enumerate(datasets):
        path = tmp_path / f"{index}.dcm"
        path.write_bytes(dicom.saved(dataset))
        documents.append(opened(path))
    found, _ = extract_evidence(Chart(tuple(documents), providers))
    for item in found:
        text = next(d for d in documents if d.meta.id == item.citation.document).pages[0].text
        for span in (item.citation, *item.citation.also):
            assert text[span.start : span.end] == span.quote
    return list(found)


def plan_of(found: list[Evidence]) -> dict[str, Any]:
    (only,) = [item for item in found if item.kind == "plan"]
    assert only.method == "dicom"
    return only.attributes


def described(tmp_path: Path, *beams: Dataset, **values: Any) -> dict[str, Any]:
    return plan_of(evidence(tmp_path, dicom.plan(*beams, **values)))


# ---------------------------------------------------------------- technique


@pytest.mark.parametrize(
    ("beams", "technique", "arcs"),
    [
        ([dicom.arc(), dicom.arc(2)], "VMAT", 2),
        ([dicom.arc(moving=False)], "3DCRT", 1),
        ([dicom.static(), dicom.static(2, GantryAngle=180)], "3DCRT", 0),
        ([dicom.field_in_field()], "FIF", 0),
        ([dicom.step_and_shoot()], "IMRT", 0),
        ([dicom.sliding_window()], "IMRT", 0),
        ([dicom.static(), dicom.arc(2)], "VMAT", 1),
        ([dicom.static(RadiationType="ELECTRON")], "ELECTRON", 0),
        ([dicom.static(RadiationType="PROTON")], "PROTON", 0),
    ],
    ids=["vmat", "constant arc", "static", "fif", "steps", "window", "hybrid", "electron", "proton"],
)
def test_technique(tmp_path: Path, beams: list[Dataset], technique: str, arcs: int) -> None:
    told = described(tmp_path, *beams)
    assert (told["technique"], told["arcs"], told["beams"]) == (technique, arcs, len(beams))


def test_a_whole_turn_that_ends_where_it_began_is_an_arc(tmp_path: Path) -> None:
    points = [
        dicom.point(0, 0, dicom.OPEN, GantryAngle=180, GantryRotationDirection="CW"),
        dicom.point(1, 1, GantryAngle=180),
    ]
    assert described(tmp_path, dicom.beam(1, points))["arcs"] == 1


def test_jaws_that_move_are_a_wedge(tmp_path: Path) -> None:
    beam = dicom.static()
    for index, width in enumerate((10, 50)):
        jaw = dicom.made(RTBeamLimitingDeviceType="ASYMY", LeafJawPositions=[-50, width])
        at = beam.ControlPointSequence[index]
        at.BeamLimitingDevicePositionSequence = [*at.get("BeamLimitingDevicePositionSequence", []), jaw]
    assert described(tmp_path, beam)["technique"] == "3DCRT"


def test_setup_beams_do_not_count(tmp_path: Path) -> None:
    setup = dicom.static(2, TreatmentDeliveryType="SETUP", IsocenterPosition=[90, 0, 0])
    told = described(tmp_path, dicom.arc(), setup)
    assert (told["beams"], told["isocenters"]) == (1, 1)


def test_a_conformal_arc_by_name_is_no_vmat(tmp_path: Path) -> None:
    assert described(tmp_path, dicom.arc(), RTPlanLabel="LIVER_DCAT")["technique"] == "3DCRT"


def test_tomotherapy_and_brachytherapy(tmp_path: Path) -> None:
    assert described(tmp_path, dicom.arc(), ManufacturerModelName="Radixact")["technique"] == "TOMOTHERAPY"
    brachy = dicom.plan()
    del brachy.BeamSequence
    brachy.FractionGroupSequence[0].ReferencedBeamSequence = []
    brachy.BrachyTreatmentType = "HDR"
    brachy.ApplicationSetupSequence = [dicom.made(ApplicationSetupType="VAGINAL", ApplicationSetupNumber=1)]
    assert plan_of(evidence(tmp_path, brachy))["technique"] == "BRACHYTHERAPY"


@pytest.mark.parametrize(("apart", "count"), [(0.9, 1), (1.1, 2)])
def test_isocenters_within_a_millimetre_are_one(tmp_path: Path, apart: float, count: int) -> None:
    beams = dicom.static(), dicom.static(2, IsocenterPosition=[0, 0, apart])
    assert described(tmp_path, *beams)["isocenters"] == count


# ---------------------------------------------------------------- what it is for


@pytest.mark.parametrize(
    ("values", "use"),
    [
        ({}, "clinical"),
        ({"PlanIntent": "VERIFICATION"}, "qa_copy"),
        ({"RTPlanLabel": "QA_HN_VMAT"}, "qa_copy"),
        ({"RTPlanLabel": "HnVmatQA"}, "qa_copy"),
        ({"RTPlanDescription": "Recalculated on the ArcCHECK phantom"}, "qa_copy"),
        ({"RTPlanDescription": "Approved after QA and physics check"}, "clinical"),
        (
            {
                "ReferencedRTPlanSequence": [
                    dicom.made(ReferencedSOPInstanceUID="1.2", RTPlanRelationship="VERIFIED_PLAN")
                ]
            },
            "qa_copy",
        ),
        ({"PatientName": "Phantom^Water"}, "phantom"),
        ({"PatientName": "LINAC^DAILY^QA"}, "phantom"),
        ({"PatientName": "Qasim^Isolde"}, "clinical"),
        ({"PatientName": "Test^Patient"}, "other"),
        ({"PlanIntent": "MACHINE_QA"}, "phantom"),
        ({"PlanIntent": "RESEARCH"}, "other"),
        ({"RTPlanLabel": "DRAFT_2"}, "other"),
        ({"ApprovalStatus": "REJECTED"}, "other"),
    ],
)
def test_use(tmp_path: Path, values: dict[str, Any], use: str) -> None:
    found = evidence(tmp_path, dicom.plan(dicom.arc(), **values))
    assert plan_of(found)["use"] == use
    assert (len(found) == 1) == (use != "clinical")


# ---------------------------------------------------------------- prescription and approval


def test_prescription_of_a_target_and_of_two_groups(tmp_path: Path) -> None:
    told = described(tmp_path, dicom.arc())
    assert (told["dose_gy"], told["fractions"]) == (70, 35)
    references = [
        dicom.made(DoseReferenceNumber=n, DoseReferenceType="TARGET", TargetPrescriptionDose=dose)
        for n, dose in ((1, 50), (2, 16))
    ]
    references.append(
        dicom.made(DoseReferenceNumber=3, DoseReferenceType="ORGAN_AT_RISK", DeliveryMaximumDose=99)
    )
    groups = [
        dicom.made(
            FractionGroupNumber=n,
            NumberOfFractionsPlanned=fractions,
            ReferencedBeamSequence=[dicom.made(ReferencedBeamNumber=n)],
            ReferencedDoseReferenceSequence=[dicom.made(ReferencedDoseReferenceNumber=n)],
        )
        for n, fractions in ((1, 25), (2, 8))
    ]
    made = dicom.plan(
        dicom.arc(), dicom.arc(2), DoseReferenceSequence=references, FractionGroupSequence=groups
    )
    found = evidence(tmp_path, made)
    assert (plan_of(found)["dose_gy"], plan_of(found)["fractions"]) == (66, 33)
    phases = [i.attributes for i in found if i.kind == "prescription"]
    assert [(p["dose_gy"], p["fractions"], p["phase"]) for p in phases] == [
        (50, 25, "initial"),
        (16, 8, "boost"),
    ]


def test_the_highest_level_of_a_simultaneous_boost(tmp_path: Path) -> None:
    levels = [
        dicom.made(DoseReferenceNumber=n, DoseReferenceType="TARGET", TargetPrescriptionDose=dose)
        for n, dose in ((1, 56), (2, 70), (3, 63))
    ]
    assert described(tmp_path, dicom.arc(), DoseReferenceSequence=levels)["dose_gy"] == 70


def test_beam_doses_tell_where_nothing_is_prescribed(tmp_path: Path) -> None:
    told = described(tmp_path, dicom.arc(), dicom.arc(2), dose=None, fractions=30)
    assert (told["dose_gy"], told["fractions"]) == (30, 30)


def test_an_organ_s_maximum_prescribes_nothing(tmp_path: Path) -> None:
    organ = dicom.made(DoseReferenceNumber=1, DoseReferenceType="ORGAN_AT_RISK", DeliveryMaximumDose=75)
    assert "dose_gy" not in described(tmp_path, dicom.arc(), DoseReferenceSequence=[organ])


APPROVED = {"ApprovalStatus": "APPROVED", "ReviewDate": "20250304", "ReviewerName": "Lumley^Ada"}


def signatures(found: list[Evidence]) -> list[dict[str, Any]]:
    return [item.attributes for item in found if item.kind == "signature"]


def test_an_approval_with_name_and_date_is_electronic(tmp_path: Path) -> None:
    found = evidence(tmp_path, dicom.plan(dicom.arc(), **APPROVED))
    assert plan_of(found)["approval_date"] == "2025-03-04"
    (signed,) = signatures(found)
    assert (signed["signer"], signed["date"], signed["kind"]) == ("Ada Lumley", "2025-03-04", "electronic")
    assert "role" not in signed


@pytest.mark.parametrize("reviewer", ["", "Anonymous", "SYSTEM"])
def test_a_status_without_a_name_signs_nothing(tmp_path: Path, reviewer: str) -> None:
    found = evidence(tmp_path, dicom.plan(dicom.arc(), **{**APPROVED, "ReviewerName": reviewer}))
    assert plan_of(found)["approval_status"] == "APPROVED"
    assert signatures(found) == []


@pytest.mark.parametrize("reviewer", ["Lumley^Ada", "alumley"])
def test_providers_tell_the_reviewer_s_role(tmp_path: Path, reviewer: str) -> None:
    known = Provider(name="Ada Lumley, MD", logins=("alumley",), role="radiation_oncologist")
    made = dicom.plan(dicom.arc(), **{**APPROVED, "ReviewerName": reviewer})
    (signed,) = signatures(evidence(tmp_path, made, providers=(known,)))
    assert signed["role"] == "radiation_oncologist"


# ---------------------------------------------------------------- treatment records


def deliveries(found: list[Evidence]) -> list[Evidence]:
    return [item for item in found if item.kind == "delivery"]


def test_sessions_of_a_record(tmp_path: Path) -> None:
    beams = [
        dicom.session_beam(number, fraction, day)
        for fraction, day in ((1, "20250310"), (2, "20250311"))
        for number in (1, 2)
    ]
    beams.append(dicom.session_beam(9, 3, "20250312", TreatmentDeliveryType="SETUP"))
    found = deliveries(evidence(tmp_path, dicom.record(*beams), dicom.plan(dicom.arc(), dicom.arc(2))))
    told = [(i.attributes["number"], i.attributes["date"], i.attributes["ports"]) for i in found]
    assert told == [(1, "2025-03-10", 2), (2, "2025-03-11", 2)]
    assert {(i.attributes["plan"], i.attributes["technique"], i.assertion) for i in found} == {
        ("HN_VMAT", "VMAT", "affirmed")
    }


def test_two_sessions_of_a_day_and_their_break(tmp_path: Path) -> None:
    records = [
        dicom.record(
            dicom.session_beam(1, fraction, "20250310", time), SOPInstanceUID=f"1.2.826.0.1.{fraction}"
        )
        for fraction, time in ((1, "080000"), (2, "143000"))
    ]
    found = deliveries(evidence(tmp_path, *records))
    assert [(i.attributes["session"], i.attributes.get("break_hours")) for i in found] == [
        (1, None),
        (2, 6.5),
    ]


def test_a_session_without_dose_was_not_delivered(tmp_path: Path) -> None:
    made = dicom.record(dicom.session_beam(1, 1, "20250310", DeliveredPrimaryMeterset=0))
    assert [i.assertion for i in deliveries(evidence(tmp_path, made))] == ["negated"]


def test_the_delivery_of_a_qa_copy_is_no_session(tmp_path: Path) -> None:
    qa = dicom.plan(dicom.arc(), RTPlanLabel="QA_HN")
    found = deliveries(evidence(tmp_path, dicom.record(dicom.session_beam(1, 1, "20250310")), qa))
    assert [i.assertion for i in found] == ["negated"]


# ---------------------------------------------------------------- labelled plans


def _labelled(shared_data: Path) -> list[tuple[Path, dict[str, Any]]]:
    folder = shared_data / "rtplans"
    if not (folder / "labels.yaml").is_file():
        pytest.skip("test data folder rtplans is not beside the repository")
    loaded = yaml.safe_load((folder / "labels.yaml").read_text(encoding="utf-8"))
    return [(folder / label["file"], label) for label in loaded["plans"]]


def test_labelled_plans(shared_data: Path) -> None:
    wrong: list[str] = []
    total = 0
    for path, label in _labelled(shared_data):
        document = opened(path)
        total += 1
        if not label["readable"]:
            if document.meta.skipped is None:
                wrong.append(f"{path.name}: read")
            continue
        found, _ = extract_evidence(Chart((document,)))
        (plan,) = [item for item in found if item.kind == "plan"]
        told = plan.attributes
        review = label["review"] or {"date": None, "reviewer": None, "role": None}
        signed = next((i.attributes for i in found if i.kind == "signature"), {})
        doses = [prescribed["dose_gy"] for prescribed in label["prescribed"]]
        groups = [group["fractions_planned"] for group in label["fraction_groups"]]
        expected = {
            "technique": (told["technique"], label["technique"]),
            "use": (told["use"] == "clinical", label["counts_as_treatment"]),
            "use as named": (told["use"], {"demo": "clinical"}.get(label["use"], label["use"])),
            "beams": (told["beams"], label["treatment_beams"]),
            "arcs": (told["arcs"], label["arcs"]),
            "isocenters": (told["isocenters"], label["isocenters"]),
            "fractions": (told["fractions"], label["fractions_total"]),
            "groups": (told.get("fraction_groups", [told["fractions"]]), groups),
            "levels": (told.get("dose_levels", []), doses),
            "dose": (told.get("dose_gy"), round(sum(doses), 6) if doses else None),
            "approval": (told["approval_status"], label["approval_status"]),
            "review date": (told.get("approval_date", "").replace("-", "") or None, review["date"]),
            "reviewer": (told.get("reviewer"), review["reviewer"]),
            "reviewer's role": (signed.get("role"), review["role"]),
        }
        total += len(expected)
        wrong += [f"{path.name}: {name} {own}" for name, (own, right) in expected.items() if own != right]
    assert wrong == []
    assert total == 61
