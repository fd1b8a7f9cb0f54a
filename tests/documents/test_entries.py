"""Documents cut into entries: where they begin, of which kind and date they are, and that nothing is lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from doc_review.documents.base import OpenDocument, Page
from doc_review.documents.entries import date_in_name, kind_of, split, with_entries
from doc_review.model import Document, Entry


def document(*pages: str, name: str = "note.txt", skipped: str | None = None) -> OpenDocument:
    meta = Document(
        id=name,
        sha256="",
        media_type="text/plain",
        kind="other",
        date=None,
        pages=len(pages),
        text_source="native",
        skipped=skipped,
        unread_pages=(),
        entries=(),
    )
    return OpenDocument(meta, tuple(Page(number, text) for number, text in enumerate(pages, start=1)))


def text_of(doc: OpenDocument, entry: Entry) -> str:
    parts = []
    for page in doc.pages[entry.page - 1 : entry.end_page]:
        start = entry.start if page.number == entry.page else 0
        parts.append(page.text[start : entry.end if page.number == entry.end_page else len(page.text)])
    return "\n".join(parts)


def summary(doc: OpenDocument) -> list[tuple[str, str]]:
    return [(entry.kind, str(entry.date)) for entry in split(doc)]


def check_cover(doc: OpenDocument) -> None:
    """Every character of every page lies in exactly one entry."""
    entries = split(doc)
    position = (1, 0)
    for entry in entries:
        assert (entry.page, entry.start) == position
        assert (entry.end_page, entry.end) >= (entry.page, entry.start)
        if entry.end == len(doc.pages[entry.end_page - 1].text) and entry.end_page < len(doc.pages):
            position = (entry.end_page + 1, 0)
        else:
            position = (entry.end_page, entry.end)
    assert entries[-1].end_page == len(doc.pages)
    assert entries[-1].end == len(doc.pages[-1].text)


CONSULT = """RADIATION ONCOLOGY CONSULTATION
Patient: Doe, Jane    MRN: 123456   DOB: 02/03/1961
Date of Service: 01/08/2025

HISTORY OF PRESENT ILLNESS:
Ms. Doe is a 63 y/o woman with a right lung cancer found on CT 11/20/2024, biopsied on 12/02/2024.
She was seen by thoracic surgery and is no candidate for surgery.

PAST MEDICAL HISTORY: COPD.

SIMULATION
We will obtain a CT simulation next week.

ASSESSMENT AND PLAN:
Treatment Plan: 60 Gy in 30 fractions with IMRT to spare the heart.

Electronically signed by: Alan Roe, MD on 01/08/2025 4:12 PM
"""
SIM = """CT SIMULATION NOTE
Patient: Doe, Jane    MRN: 123456
Date of procedure: 01/15/2025
The patient was placed supine on the table with arms up in a wing board. A 4D-CT was obtained.
Electronically signed by: Alan Roe, MD on 01/15/2025 10:01 AM
"""
VISIT = """ON TREATMENT VISIT
Patient: Doe, Jane    MRN: 123456
Date of service: {date}
Fraction {fx} of 30
Mild fatigue, no cough. Lungs clear on exam. Continue.
Electronically signed by: Alan Roe, MD on {date} 9:15 AM
"""


def test_one_note_with_its_sections_is_one_entry() -> None:
    assert summary(document(CONSULT)) == [("consultation", "2025-01-08")]


def test_print_of_notes_in_one_text() -> None:
    doc = document(
        "\n".join(
            [CONSULT, SIM, VISIT.format(date="02/03/2025", fx=3), VISIT.format(date="02/10/2025", fx=8)]
        )
    )
    assert summary(doc) == [
        ("consultation", "2025-01-08"),
        ("simulation", "2025-01-15"),
        ("management_visit", "2025-02-03"),
        ("management_visit", "2025-02-10"),
    ]
    check_cover(doc)
    assert [entry.author for entry in split(doc)] == ["Alan Roe, MD"] * 4
    assert [entry.id for entry in split(doc)] == [f"note.txt#{n}" for n in range(1, 5)]


def test_print_with_form_feeds_and_running_headers() -> None:
    head = "VALLEY CANCER CENTER   Doe, Jane  MRN 123456   DOB 02/03/1961\n"
    foot = "\nPrinted 03/01/2025 08:00   Page {} of 5\n"
    first, second = CONSULT.split("PAST MEDICAL")
    pages = [
        first,
        "PAST MEDICAL" + second,
        SIM,
        VISIT.format(date="02/03/2025", fx=3),
        VISIT.format(date="02/10/2025", fx=8),
    ]
    sheets = [head + page + foot.format(number) for number, page in enumerate(pages, start=1)]
    expected = [
        ("consultation", "2025-01-08"),
        ("simulation", "2025-01-15"),
        ("management_visit", "2025-02-03"),
        ("management_visit", "2025-02-10"),
    ]
    as_pages = document(*sheets, name="chart.pdf")
    assert summary(as_pages) == expected
    assert [(entry.page, entry.end_page) for entry in split(as_pages)] == [(1, 2), (3, 3), (4, 4), (5, 5)]
    check_cover(as_pages)
    assert summary(document("\f".join(sheets))) == expected
    assert summary(document("".join(sheets))) == expected


def test_running_title_on_every_page_opens_nothing() -> None:
    page = "TREATMENT PLAN REPORT\nDoe, Jane MRN 123456\nPage {} of 3\n"
    doc = document(
        page.format(1) + "Beams\n1 VMAT arc CW 181-179 6X\n",
        page.format(2)
        + "DVH statistics\nCord Dmax 38.9 Gy\nPlan approved by Alan Roe, MD 01/22/2025 11:08\n",
        page.format(3) + "Beam parameters\nMU 268.1\n",
        name="plan.pdf",
    )
    assert summary(doc) == [("plan", "2025-01-22")]


def test_page_count_that_starts_again_opens_an_entry() -> None:
    doc = document(
        "MOSAIQ TREATMENT HISTORY\nPlan A\n1 02/03/2025 VMAT 200\nPage 1 of 2",
        "MOSAIQ TREATMENT HISTORY\n2 02/04/2025 VMAT 400\nPage 2 of 2",
        "MOSAIQ TREATMENT HISTORY\nPlan B\n1 02/05/2025 VMAT 200\nPage 1 of 1",
        name="tx.pdf",
    )
    assert [(e.kind, e.page, e.end_page) for e in split(doc)] == [
        ("treatment_record", 1, 2),
        ("treatment_record", 3, 3),
    ]


def test_pdf_that_draws_its_head_last() -> None:
    doc = document(
        "Dx C61\nRx site Technique Dose/fx Fractions Total dose\nProstate VMAT 180 cGy 36 6480 cGy\n"
        "Electronically signed by Alan Roe, MD 01/15/2026 16:05\nValley Center RADIATION PRESCRIPTION\n"
        "Doe, Jane MRN 123456 DOB 05/21/1957\nForm 14 v1 Page 1 of 1",
        name="x.pdf",
    )
    assert summary(doc) == [("prescription", "2026-01-15")]


SERIES = {
    "equals": (
        "=== {date}  fx {fx}/30 ===\n"
        "Tired. Abdomen soft, no tenderness.\n"
        "Electronically signed by Alan Roe, MD at {date} 10:44 AM\n"
    ),
    "dashes": (
        "--- {date}   fx {fx} of 30   12 Gy   wt 180 lb\n"
        "S: fine. O: skin intact.\n"
        "A/P: continue.\n"
        "/es/ Alan Roe, MD {date}\n"
    ),
    "bare": ("{date}  fx {fx}\n   No problems. Abd soft.\n   Electronically signed by Alan Roe, MD {date}\n"),
    "label": (
        "OTV {date} fx {fx}/30\n"
        " No complaints. Skin clear.\n"
        " Electronically signed by Alan Roe, MD at {date} 1:11 PM\n"
    ),
    "week": ("WEEK {fx} - {date}\nDoing well. Exam: skin grade 1.\nSigned by: Alan Roe, MD {date}\n"),
    "keys": (
        "Date of visit: {date}\n"
        "Fraction: {fx}/30\n"
        "Subjective: fine\n"
        "Exam: NAD, skin clear\n"
        "Signed: Alan Roe, MD {date} 10:00\n"
    ),
    "numbered": (
        "Visit #{fx}   {date}\nFeels well. Exam: lungs clear.\nAuthenticated by Alan Roe, MD {date} 10:00\n"
    ),
    "fraction first": (
        "Fraction {fx} of 30 ({date})\n"
        "Feels well. Exam: lungs clear. Skin intact.\n"
        "[Signed] Alan Roe, MD {date}\n"
    ),
    "unsigned": (
        "**** {date} **** fraction {fx}\n"
        "Feels well. Exam: lungs clear. Skin intact.\n"
        "Physician: __________ (pending)\n"
    ),
}


@pytest.mark.parametrize("form", sorted(SERIES))
@pytest.mark.parametrize("blank", ["", "\n"])
def test_series_of_visits(form: str, blank: str) -> None:
    dates = ["02/05/2025", "02/12/2025", "02/19/2025"]
    items = [SERIES[form].format(date=date, fx=5 * n + 3) for n, date in enumerate(dates)]
    doc = document("WEEKLY ON-TREATMENT VISITS\nDoe, Jane  MRN 123456\n\n" + blank.join(items))
    assert summary(doc) == [
        ("management_visit", str(dt.datetime.strptime(d, "%m/%d/%Y").date())) for d in dates
    ]
    check_cover(doc)
    assert text_of(doc, split(doc)[0]).startswith("WEEKLY")


def test_rows_of_checks_are_one_entry() -> None:
    doc = document(
        "WEEKLY PHYSICS QA\nPatient: DOE, Jane\n\n wk | date       | fx   | physicist\n"
        " 1  | 02/06/2026 | 1-5  | electronically signed: Grant Poe, MS, DABR 02/06/2026\n"
        " 2  | 02/13/2026 | 6-10 | electronically signed: Grant Poe, MS, DABR 02/13/2026\n"
        " 3  |            |      |\n"
        " 4  | 02/27/2026 | 16-20 | Physicist signature: ____________ (pending)\n"
    )
    assert [entry.kind for entry in split(doc)] == ["physics_check"]


def test_fraction_log_is_one_entry_and_its_physics_section_another() -> None:
    rows = "\n".join(f" {n} 02/{n + 2:02d}/2025 ARC1 ARC2 428.6 180 {n * 180}" for n in range(1, 11))
    doc = document(
        f"TREATMENT RECORD\nDoe, Jane MRN 123456 printed 03/30/2025\n fx date field MU cGy cum\n{rows}\n"
        "Delivered 10 of 10.\nPHYSICS WEEKLY CHART CHECKS\n 02/07/2025 fx 1-5 verified.\n"
        " Electronically signed by Grant Poe, MS, DABR at 02/07/2025 4:12 PM\n"
    )
    assert summary(doc) == [("treatment_record", "2025-02-12"), ("physics_check", "2025-02-07")]


def test_physics_and_visits_in_one_file() -> None:
    doc = document(
        "RADIATION ONCOLOGY - WEEKLY REVIEWS\nDoe 123456\n\nPHYSICS CHART CHECK\n"
        " 2/7/2025  fx 1-5   verified.  Electronically signed by Grant Poe, MS, DABR at 2/7/2025 3:20 PM\n"
        " 2/14/2025  fx 6-10  verified. Electronically signed by Grant Poe, MS, DABR at 2/14/2025 3:20 PM\n\n"
        "OTV 2/5/2025 fx 3/15\n Skin clear.\n Electronically signed by Alan Roe, MD at 2/5/2025 1:11 PM\n"
        "OTV 2/12/2025 fx 8/15\n Skin pink.\n Electronically signed by Alan Roe, MD at 2/12/2025 1:11 PM\n"
    )
    assert [entry.kind for entry in split(doc)] == ["physics_check", "management_visit", "management_visit"]
    assert kind_of(split(doc)) == "mixed"
    assert with_entries(doc).meta.kind == "mixed"


def test_addendum_is_an_entry_of_its_own() -> None:
    doc = document(
        SIM
        + "\nADDENDUM 01/17/2025\nThe 4D-CT was used to make an ITV.\nElectronically signed by Alan Roe, MD 01/17/2025\n"
    )
    assert summary(doc) == [("simulation", "2025-01-15"), ("simulation", "2025-01-17")]


def test_attestation_stays_with_the_note_of_the_resident() -> None:
    doc = document(
        CONSULT.replace("Alan Roe, MD on", "Kim Poe, MD (PGY-3) on")
        + "\nADDENDUM\nI saw and examined the patient with the resident and agree with the plan.\n"
        "Electronically signed by Alan Roe, MD 01/09/2025\n"
    )
    assert [entry.kind for entry in split(doc)] == ["consultation"]


def test_ehr_note_headers() -> None:
    doc = document(
        "Progress Notes by Alan Roe, MD at 2/5/2025 9:15 AM\nAuthor: Alan Roe, MD   Service: Radiation "
        "Oncology\n"
        "Status: Signed\nOn treatment visit, fraction 3 of 30. Tolerating well. Skin clear on exam. "
        "Continue RT.\n"
        "Electronically signed by Alan Roe, MD at 2/5/2025 9:20 AM\n\n"
        "Nursing Note by Ann Poe, RN at 2/5/2025 9:00 AM\nWeight 180 lb.\nElectronically signed by Ann "
        "Poe, RN\n"
    )
    assert [entry.kind for entry in split(doc)] == ["management_visit", "other"]


def test_timeline_of_a_history_is_no_series() -> None:
    doc = document(
        CONSULT.replace(
            "PAST MEDICAL",
            "Oncologic history\n11/20/2024 CT chest with RUL mass\n12/02/2024\nbiopsy: adenocarcinoma\n"
            "12/10/2024 PET: no distant disease\n\nPAST MEDICAL",
        )
    )
    assert summary(doc) == [("consultation", "2025-01-08")]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (
            "DOB 02/03/1961\nPrinted 3/1/2025\nSomething short.",
            "RO_Consult_2025-01-08.txt",
            ("consultation", "2025-01-08"),
        ),
        (
            "Dictated: 01/09/2025\nDate of visit: 01/08/2025\nHPI: a man with cancer.\nPMH: none.",
            "a.txt",
            ("consultation", "2025-01-08"),
        ),
        (
            "LETTER OF MEDICAL NECESSITY\n12-Feb-2026\nDear Medical Director,\nIMRT is needed.",
            "l.txt",
            ("correspondence", "2026-02-12"),
        ),
        (
            "END OF TREATMENT SUMMARY                 04/01/2026\nDates 02/02/2026 - 03/27/2026.\n",
            "x.txt",
            ("completion_summary", "2026-04-01"),
        ),
        (
            "Treatment was completed.\nSigned by Alan Roe, MD April 2, 2026\n",
            "completion_note.txt",
            ("completion_summary", "2026-04-02"),
        ),
        (
            "PLAN REPORT\nPlanning CT: 01/15/2025\nPrinted 01/23/2025\nPrepared by: Bo Lee, CMD 1/20/2025\n"
            "Plan approved by Alan Roe, MD 1/22/2025 11:00\nPhysics check by: Grant Poe, DABR 1/23/2025\n",
            "p.txt",
            ("plan", "2025-01-22"),
        ),
        (
            "Pre-treatment IMRT QA report\nDate measured: 1/24/2025\nGamma 3%/2mm 98.9 % pass",
            "q.txt",
            ("qa", "2025-01-24"),
        ),
        ("CT SIMULATION ORDER\nOrder date: 1/9/2025\nScan: thorax", "o.txt", ("order", "2025-01-09")),
        (
            "Radiotherapy Review Clinic\nDate 05.03.2025\nFraction 7/20. Skin RTOG 1.",
            "r.txt",
            ("management_visit", "2025-03-05"),
        ),
        (
            "TREATMENT PLAN APPROVAL\nI reviewed the plan.\nApproved by: Alan Roe, MD 1/22/2025",
            "a.txt",
            ("plan_approval", "2025-01-22"),
        ),
    ],
)
def test_kind_and_date(text: str, name: str, expected: tuple[str, str]) -> None:
    assert summary(document(text, name=name)) == [expected]


PRINTS = yaml.safe_load((Path(__file__).parent / "prints.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", PRINTS, ids=lambda case: case["name"])
def test_prints(case: dict[str, Any]) -> None:
    doc = document(*case["pages"])
    assert summary(doc) == [(kind, str(date)) for kind, date in case["expect"]]
    check_cover(doc)


def test_date_in_name() -> None:
    assert date_in_name("a/RO_Plan_20250814.pdf") == dt.date(2025, 8, 14)
    assert date_in_name("plan_03-11-2025.pdf") == dt.date(2025, 3, 11)
    assert date_in_name("mrn_51290047.pdf") is None


def test_skipped_and_empty() -> None:
    assert split(document("text", skipped="cannot be read")) == ()
    assert split(document()) == ()
    (entry,) = split(document("", "", name="scan.pdf"))
    assert (entry.page, entry.end_page, entry.start, entry.end) == (1, 2, 0, 0)


LINES = st.sampled_from(
    [
        "",
        "ON TREATMENT VISIT",
        "CT SIMULATION NOTE",
        "=== 02/05/2025 fx 3/30 ===",
        "02/12/2025  fx 8",
        "Electronically signed by Alan Roe, MD 02/12/2025",
        "Page 1 of 2",
        "Page 2 of 2",
        "-----------",
        "The patient is well.",
        "ADDENDUM:",
        "Date of service: 02/05/2025",
        "\f",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(LINES, max_size=14).map("\n".join), min_size=1, max_size=4))
def test_entries_cover_the_text(pages: list[str]) -> None:
    check_cover(document(*pages))


SIGNED = "Electronically signed by Alan Roe, MD on {} 9:15 AM"


def test_a_continued_title_opens_nothing() -> None:
    first = f"CONSULTATION NOTE\nDate of Service: 01/08/2025\nLong history of back pain.\n{SIGNED.format('01/08/2025')}"
    second = "CONSULTATION NOTE (CONTINUED)\nAddress: 12 Elm Street\nCopies sent to the referring office."
    assert summary(document(first, second, name="chart.pdf")) == [("consultation", "2025-01-08")]


def test_a_title_at_the_foot_of_a_sheet_begins_the_note_that_the_next_sheet_continues() -> None:
    first = (
        f"CT SIMULATION NOTE\nDate of Service: 01/15/2025\nSupine, arms up.\n{SIGNED.format('01/15/2025')}\n"
        "02/07/2025   WEEKLY PHYSICS CHECK"
    )
    doc = document(
        first, "Fractions 1-5 reviewed, parameters verified.\nSigned by: Grant Poe, PhD 02/07/2025"
    )
    assert summary(doc) == [("simulation", "2025-01-15"), ("physics_check", "2025-02-07")]


def test_a_page_count_of_the_whole_print_does_not_join_notes() -> None:
    record = (
        "TREATMENT RECORD\nDate of Service: 02/07/2025\n1  02/03/2025  2 Gy\n2  02/04/2025  2 Gy\nPage 1 of 9"
    )
    summed = "TREATMENT COMPLETION SUMMARY\nPatient: Jane Doe\nDate of Service: 03/10/2025\nAll given.\nPage 2 of 9"
    doc = document(record, summed, name="chart.pdf")
    assert [kind for kind, _ in summary(doc)] == ["treatment_record", "completion_summary"]


def test_a_section_heading_does_not_rename_a_titled_note() -> None:
    doc = document(
        "TREATMENT COMPLETION SUMMARY\nDate of Service: 03/10/2025\nSite: prostate\nTREATMENT DATES\n"
        f"02/03/2025 to 03/07/2025\n{SIGNED.format('03/10/2025')}"
    )
    assert summary(doc) == [("completion_summary", "2025-03-10")]


def test_treatment_dates_do_not_date_a_summary() -> None:
    doc = document(
        "TREATMENT COMPLETION SUMMARY\nDated 03/10/2025\n"
        f"TREATMENT DATES: 02/03/2025 to 03/07/2025\n{SIGNED.format('03/12/2025')}"
    )
    assert summary(doc) == [("completion_summary", "2025-03-10")]


def test_a_date_behind_an_author_with_credentials_is_labelled() -> None:
    doc = document(
        "CT SIMULATION NOTE\nAuthor: Alan Roe, MD Date: 01/15/2025\nSupine. Transcribed 01/20/2025"
    )
    assert summary(doc) == [("simulation", "2025-01-15")]


def test_a_wrapped_sentence_that_begins_with_date_heads_nothing() -> None:
    doc = document(
        "TREATMENT COMPLETION SUMMARY\nDated 03/10/2025\nIMRT was given, start date 02/03/2025, end\n"
        f"date 03/07/2025.\n{SIGNED.format('03/10/2025')}"
    )
    assert summary(doc) == [("completion_summary", "2025-03-10")]


def test_an_addendum_in_a_print_with_the_newest_first_is_of_the_note_below_it() -> None:
    def signed(title: str, who: str, date: str) -> str:
        return f"{title}\nDate of Service: {date}\nAs told above, no change.\nElectronically signed by {who} on {date}\n"

    doc = document(
        "\n".join(
            [
                signed("NURSING NOTE", "Ann Holt, RN", "01/12/2025"),
                signed("ADDENDUM", "Alan Roe, MD", "01/10/2025"),
                signed("CONSULTATION NOTE", "Alan Roe, MD", "01/08/2025"),
            ]
        )
    )
    assert [kind for kind, _ in summary(doc)] == ["other", "consultation", "consultation"]
