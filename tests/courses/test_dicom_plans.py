"""DICOM plans in a chart: one plan with the report of the same plan, and conflicts with the notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from doc_review.case import open_cases
from doc_review.model import Course
from doc_review.review import Reviewed, review_case
from tests.documents import made_dicom as dicom

ORDER = """RADIATION ONCOLOGY TREATMENT ORDER
Patient: Petra Roe    MRN 4471902    DOB 04/02/1958
Date: 03/01/2025
Technique: {technique}
Site: right tonsil and bilateral neck
Prescription: {dose} Gy in {fractions} fractions
IMRT is required because the target abuts the right parotid gland and the spinal cord; a 3D plan would
exceed parotid tolerance. Spinal cord max < 45 Gy. Parotid mean < 26 Gy. PTV70 V95 > 95 %.
Electronically signed by Ada Lumley, MD 03/01/2025 10:00
"""
REPORT = """TREATMENT PLAN REPORT
Patient: Petra Roe    MRN 4471902    DOB 04/02/1958
Plan name: {label}
Plan date: 03/03/2025
Technique: VMAT, 2 arcs, 6 MV, inverse optimization, MLC
Prescription: {dose} Gy in {fractions} fractions
DVH statistics
PTV70 V95 = 98.2 %, mean 70.6 Gy
Spinal cord max 41.2 Gy
Right parotid mean 24.8 Gy
Plan approved by: Ada Lumley, MD 03/04/2025
"""
APPROVED = {"ApprovalStatus": "APPROVED", "ReviewDate": "20250304", "ReviewerName": "Lumley^Ada"}


def order(technique: str = "VMAT", dose: int = 70, fractions: int = 35) -> str:
    return ORDER.format(technique=technique, dose=dose, fractions=fractions)


def report(label: str = "HN_VMAT", dose: int = 70, fractions: int = 35) -> str:
    return REPORT.format(label=label, dose=dose, fractions=fractions)


def log(days: int = 35, technique: str = "VMAT") -> str:
    import datetime as dt

    rows, day = [], dt.date(2025, 3, 10)
    for number in range(1, days + 1):
        rows.append(f"{number}   {day:%m/%d/%Y}   2.00 Gy   {number * 2:.2f} Gy   delivered")
        day += dt.timedelta(days=3 if day.weekday() == 4 else 1)
    head = f"TREATMENT RECORD\nPatient: Petra Roe    MRN 4471902\nTechnique: {technique}\nFx  Date  Dose  Cumulative  Status\n"
    return head + "\n".join(rows) + "\n"


def reviewed(tmp_path: Path, *parts: str | Dataset) -> Reviewed:
    folder = tmp_path / "chart" / "documents"
    folder.mkdir(parents=True)
    for index, part in enumerate(parts):
        if isinstance(part, str):
            (folder / f"{index:02}.txt").write_text(part, encoding="utf-8")
        else:
            (folder / f"{index:02}.dcm").write_bytes(dicom.saved(part))
    return review_case(open_cases(tmp_path / "chart").cases[0])


def course_of(found: Reviewed) -> Course:
    assert found.record is not None
    return found.record.courses[0]


def lines(found: Reviewed) -> dict[str, list[tuple[str, int]]]:
    told: dict[str, list[tuple[str, int]]] = {}
    for item in found.review.suggestions:
        told.setdefault(item.code, []).append((item.status, item.units))
    return told


def conflicting(found: Reviewed) -> list[str]:
    return [code for f in found.review.findings if f.type == "conflicting_documents" for code in f.codes]


def vmat(**values: Any) -> Dataset:
    return dicom.plan(dicom.arc(), dicom.arc(2), **values)


@pytest.mark.parametrize("label", ["HN_VMAT", "Neck_1"])
def test_report_and_dicom_of_one_plan_are_one_plan(tmp_path: Path, label: str) -> None:
    alone = reviewed(tmp_path / "alone", order(), report(), log())
    both = reviewed(tmp_path / "both", order(), report(), log(), vmat(RTPlanLabel=label))
    assert lines(alone)["77338"] == [("supported", 1)]
    assert lines(both) == lines(alone)
    assert conflicting(both) == []
    (plan,) = course_of(both).plans
    assert (plan.source, plan.label, plan.arcs, plan.isocenters) == ("document", "HN_VMAT", 2, 1)
    assert any(e.id in plan.evidence for e in both.review.evidence if e.method == "dicom")


def test_the_review_is_the_same_bytes_twice(tmp_path: Path) -> None:
    first = reviewed(tmp_path / "a", order(), report(), log(), vmat()).review
    assert reviewed(tmp_path / "b", order(), report(), log(), vmat()).review == first


@pytest.mark.parametrize(
    ("made", "about"),
    [
        (dicom.plan(dicom.static()), "technique"),
        (vmat(fractions=33), "prescription"),
        (vmat(dose=60), "prescription"),
    ],
    ids=["technique", "fractions", "dose"],
)
def test_a_dicom_plan_that_disagrees_is_a_conflict(tmp_path: Path, made: Dataset, about: str) -> None:
    found = reviewed(tmp_path, order(), report(), log(), made)
    assert [c.about for c in course_of(found).conflicts] == [about]
    assert lines(found)["77301"][0][0] == "needs_review"
    assert "77301" in conflicting(found)
    assert len(course_of(found).plans) == 1
    assert all(status != "supported" for status, _ in lines(found)["77386"])


def test_a_dicom_plan_that_disagrees_with_the_order_alone(tmp_path: Path) -> None:
    found = reviewed(tmp_path, order(technique="IMRT"), log(), dicom.plan(dicom.static(), **APPROVED))
    assert "technique" in {c.about for c in course_of(found).conflicts}
    assert conflicting(found)
    assert all(status != "supported" for _, told in lines(found).items() for status, _ in told)


def test_a_boost_without_a_report_is_a_further_plan(tmp_path: Path) -> None:
    text = order(dose=50, fractions=25) + "Boost: 20 Gy in 10 fractions\n"
    boost = vmat(dose=20, fractions=10, RTPlanLabel="HN_BOOST", SOPInstanceUID="1.2.3")
    primary = vmat(dose=50, fractions=25)
    found = reviewed(tmp_path, text, report(dose=50, fractions=25), log(), primary, boost)
    assert {plan.label for plan in course_of(found).plans} == {"HN_VMAT", "HN_BOOST"}
    assert not [c for c in course_of(found).conflicts if c.about == "prescription"]


@pytest.mark.parametrize("with_report", [True, False])
def test_an_earlier_version_is_no_second_plan(tmp_path: Path, with_report: bool) -> None:
    earlier = vmat(RTPlanLabel="HN_v0", SOPInstanceUID="1.2.3", RTPlanDate="20250302")
    parts = [order(), log(), vmat(**APPROVED), earlier, *([report()] if with_report else [])]
    found = reviewed(tmp_path, *parts)
    assert [plan.label for plan in course_of(found).plans] == ["HN_VMAT"]
    assert [units for _, units in lines(found)["77338"]] == [1]


def test_qa_copies_and_phantoms_reach_no_course(tmp_path: Path) -> None:
    alone = reviewed(tmp_path / "alone", order(), report(), log())
    qa = dicom.plan(dicom.static(), RTPlanLabel="QA_HN", dose=2, fractions=1)
    phantom = vmat(PatientName="Phantom^Water", PatientID="QA1", RTPlanLabel="CUBE", dose=2, fractions=1)
    both = reviewed(tmp_path / "both", order(), report(), log(), qa, phantom)
    assert lines(both) == lines(alone)
    assert [f.type for f in both.review.findings] == [f.type for f in alone.review.findings]


def test_the_plan_of_another_patient_is_told(tmp_path: Path) -> None:
    other = vmat(PatientName="Quill^Oswin", PatientID="998", PatientBirthDate="19400101")
    found = reviewed(tmp_path, order(), report(), log(), other)
    assert "other_patient_document" in [f.type for f in found.review.findings]
    assert not any(e.method == "dicom" and e.assertion != "other_subject" for e in found.review.evidence)


def test_a_plan_of_years_ago_is_of_no_course(tmp_path: Path) -> None:
    old = dicom.plan(dicom.static(), dose=30, fractions=10, RTPlanDate="20190303", RTPlanLabel="LUNG")
    found = reviewed(tmp_path, order(), report(), log(), old)
    assert course_of(found).conflicts == ()
    assert len(course_of(found).plans) == 1


# ---------------------------------------------------------------- approval


@pytest.mark.parametrize(
    ("values", "state", "status"),
    [
        ({"ApprovalStatus": "UNAPPROVED"}, "unsigned", "blocked"),
        ({"ApprovalStatus": "APPROVED", "ReviewDate": "20250304"}, "unsigned", "blocked"),
        (APPROVED, "approved", "blocked"),
    ],
)
def test_approval_of_a_plan_known_by_dicom_alone(
    tmp_path: Path, values: dict[str, str], state: str, status: str
) -> None:
    found = reviewed(tmp_path, order(), log(), vmat(**values))
    (plan,) = course_of(found).plans
    assert (plan.source, plan.approval.state) == ("dicom", state)
    # A DICOM plan shows no DVH, which blocks 77301 even where the approval counts.
    assert lines(found)["77301"][0][0] == status
    unsigned = "unsigned_plan" in [f.type for f in found.review.findings]
    assert unsigned == (state == "unsigned")


def test_dicom_approval_cures_an_unsigned_report(tmp_path: Path) -> None:
    unsigned = report().replace("Plan approved by: Ada Lumley, MD 03/04/2025\n", "Approved by: ____\n")
    without = reviewed(tmp_path / "a", order(), unsigned, log(), vmat())
    assert lines(without)["77301"][0][0] == "blocked"
    signed = reviewed(tmp_path / "b", order(), unsigned, log(), vmat(**APPROVED))
    assert lines(signed)["77301"][0][0] == "supported"
    stranger = reviewed(
        tmp_path / "c", order(), unsigned, log(), vmat(**{**APPROVED, "ReviewerName": "Zed^P"})
    )
    assert lines(stranger)["77301"][0][0] == "needs_review"


# ---------------------------------------------------------------- sessions


def records(days: int) -> list[Dataset]:
    import datetime as dt

    found, day = [], dt.date(2025, 3, 10)
    for number in range(1, days + 1):
        beam = dicom.session_beam(1, number, f"{day:%Y%m%d}")
        found.append(dicom.record(beam, SOPInstanceUID=f"1.2.3.{number}"))
        day += dt.timedelta(days=3 if day.weekday() == 4 else 1)
    return found


def test_sessions_of_records_are_the_fractions(tmp_path: Path) -> None:
    found = reviewed(tmp_path, order(), report(), vmat(), *records(35))
    course = course_of(found)
    assert course.delivered_fractions.value == 35
    assert {(f.technique, f.source, f.plan) for f in course.fractions} == {("VMAT", "dicom", "HN_VMAT")}
    assert lines(found)["77386"] == [("supported", 35)]


def test_records_and_a_log_of_the_same_days_count_once(tmp_path: Path) -> None:
    found = reviewed(tmp_path, order(), report(), log(), vmat(), *records(35))
    assert course_of(found).delivered_fractions.value == 35


def test_a_few_records_do_not_replace_a_documented_total(tmp_path: Path) -> None:
    note = "TREATMENT RECORD SUMMARY\nPatient: Petra Roe\nTechnique: VMAT\nFractions delivered: 35 of 35\n"
    found = reviewed(tmp_path, order(), report(), note, vmat(), *records(3))
    assert course_of(found).delivered_fractions.value == 35


# ---------------------------------------------------------------- what is not read


def test_images_of_the_chart_leave_nothing_open(tmp_path: Path) -> None:
    image = dicom.made(SOPClassUID="1.2.840.10008.5.1.4.1.1.2", SOPInstanceUID="1.2.9")
    found = reviewed(tmp_path, order(), log(), image)
    assert found.record is not None
    assert found.record.unread == ()
    assert "unread_page" not in [f.type for f in found.review.findings]


def test_a_damaged_plan_leaves_its_codes_open(tmp_path: Path) -> None:
    folder = tmp_path / "chart" / "documents"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(order() + log(), encoding="utf-8")
    (folder / "b.dcm").write_bytes(dicom.saved(vmat())[:-400])
    found = review_case(open_cases(tmp_path / "chart").cases[0])
    assert "unread_page" in [f.type for f in found.review.findings]


def test_a_proton_plan_is_out_of_scope(tmp_path: Path) -> None:
    found = reviewed(tmp_path, dicom.plan(dicom.static(RadiationType="PROTON")))
    assert "out_of_scope_modality" in [f.type for f in found.review.findings]
    assert found.review.suggestions == ()


def test_a_single_file_is_a_case(tmp_path: Path) -> None:
    path = tmp_path / "plan.dcm"
    path.write_bytes(dicom.saved(vmat(**APPROVED)))
    found = review_case(open_cases(path).cases[0])
    (course,) = found.review.courses
    assert (course.technique.value, course.prescribed.dose_gy.value) == ("VMAT", 70)
    assert lines(found)["77301"][0][0] == "blocked"
