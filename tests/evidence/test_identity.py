"""Whose page it is: names, birth dates, and pages of another patient."""

from __future__ import annotations

import pytest

from doc_review.documents.base import OpenDocument
from doc_review.evidence.identity import identities, identity_of, other_patient, same_patient
from doc_review.evidence.note import Note

from .support import make_note

MAIN = (
    "Patient: Dwayne A. Prudhomme\nMRN: 51290047\nDOB: 2/3/1964\nConsultation text.",
    "Prudhomme, Dwayne A   MRN: 51290047   DOB: 02/03/1964\nOrder text.",
    "PRUDHOMME,DWAYNE A 51290047 PAGE 1\nTreatment history.",
    "Weekly checks without any head.",
)


def notes(*texts: str) -> list[Note]:
    return [make_note(text, document=f"{number:02d}.txt") for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    ("text", "surname", "given", "born"),
    [
        (
            "Patient: FAIRWEATHER, Odell T.        MRN 40118772      DOB 03/19/1964",
            "FAIRWEATHER",
            "Odell",
            "1964-03-19",
        ),
        (
            "Patient Name: Ildik\u00f3 Marchetti-Dunbar  D.O.B.: 8/22/1966 (58 y.o.)",
            "Marchetti-Dunbar",
            "Ildik\u00f3",
            "1966-08-22",
        ),
        ("RE: Odell Fairweather, MRN 40118772, DOB 3/19/64", "Fairweather", "Odell", "1964-03-19"),
        ("Dwayne A. Prudhomme | MRN 51290047 | DOB 2/3/1964", "Prudhomme", "Dwayne", "1964-02-03"),
        ("ABERNATHY-ROY, Lucian PGR 18-3306 DOB 05/21/1957", None, None, "1957-05-21"),
        ("Name Abernathy-Roy, Lucian          ID PGR 18-3306", "Abernathy-Roy", "Lucian", None),
        ("Pt: Dwayne Prudhomme, MRN 51290047", "Prudhomme", "Dwayne", None),
        (
            "Provider name: Alan Roe\nPlan name: Pelvis Boost\nPatient tolerated treatment well.",
            None,
            None,
            None,
        ),
        ("Name: Alan Roe, MD\nSigned 3/1/2025", None, None, None),
        (
            "Borgstrom, Thaddeus W. Chart DP-220914 DOB 11/02/1955 Course C1",
            "Borgstrom",
            "Thaddeus",
            "1955-11-02",
        ),
        ("RE: Prior Authorization\nDear Medical Director", None, None, None),
        ("Patient: Seen today. Patient: Supine, arms up.", None, None, None),
    ],
)
def test_identity(text: str, surname: str | None, given: str | None, born: str | None) -> None:
    found = identity_of(make_note(text))
    assert (found.name.surname if found.name else None) == surname
    assert (found.name.given[0] if found.name else None) == given
    assert (found.born.isoformat() if found.born else None) == born


@pytest.mark.parametrize(
    "page",
    [
        "Patient: PRUDHOMME, D.   MRN 51290047",
        "Patient: Dwayne Prudhome   DOB 02/03/1964",
        "Patient: Dwayne Prudhornme   MRN 51290047",
        "Patient: Prudhomme-Leal, Dwayne   DOB 02/03/1964",
        "Patient: Dwayne Leal   DOB 02/03/1964   MRN 99",
        "Patient: Dwayne Prudhomme   MRN 77001122",
        "Patient: Dwane Prudhomme, DOB 03/02/1964",
        "Patient: Dwayne Prudhomme, MRN 51290047, DOB 02/08/1964",
        "Patient: Prudhomme Dwayne   MRN 1234567",
        "Physician: John Smith, MD  Name: Alan Roe, MD",
        "Letter to insurer. Subscriber: Anna Leal, subscriber DOB 01/02/1970",
        "Family history: son born 3/4/2010; father's DOB 1/1/1930. Mother name: Mary Leal",
    ],
)
def test_same_patient(page: str) -> None:
    assert other_patient(notes(*MAIN, page)) == {}


@pytest.mark.parametrize(
    "page",
    [
        "Patient: Harold Whitcombe   MRN 60011223   DOB 11/30/1949",
        "WHITCOMBE, HAROLD   60011223\nCT report",
        "Patient: Dwayne Prudhomme   MRN 77001122   DOB 11/30/1949",
        "Patient: Doreen Prudhomme   DOB 02/03/1964",
        "DOB: 11/30/1949\nBone scan report",
        "Patient: Harold Prudhomme",
    ],
)
def test_other_patient(page: str) -> None:
    chart = notes(*MAIN, page)
    found = other_patient(chart)
    assert list(found) == ["05.txt#1"]
    for draft in found["05.txt#1"]:
        assert draft.citation.quote in page
        assert draft.assertion == "other_subject"


def test_main_patient_is_the_one_most_documents_name() -> None:
    chart = notes("Patient: Harold Whitcombe   DOB 11/30/1949", *MAIN)
    assert list(other_patient(chart)) == ["01.txt#1"]


def test_a_silent_entry_belongs_to_its_document() -> None:
    foreign = make_note("Patient: Harold Whitcombe   DOB 11/30/1949\nVisit one.", document="09.txt")
    entry = foreign.entry.model_copy(update={"id": "09.txt#2"})
    second = Note(OpenDocument(foreign.document.meta, foreign.document.pages), entry)
    silent = make_note("Visit two, no head.", document="09.txt")
    silent_entry = silent.entry.model_copy(update={"id": "09.txt#3"})
    third = Note(OpenDocument(foreign.document.meta, silent.document.pages), silent_entry)
    chart = [*notes(*MAIN), foreign, second, third]
    assert list(other_patient(chart)) == ["09.txt#1", "09.txt#2", "09.txt#3"]
    assert identities(chart)["09.txt#3"].born is not None


def test_what_is_not_told_is_no_difference() -> None:
    name = identity_of(make_note("Patient: Dwayne Prudhomme"))
    born = identity_of(make_note("DOB: 2/3/1964"))
    assert same_patient(name, born)
