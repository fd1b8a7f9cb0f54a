"""Earlier courses told by their year, their label or the plain past of a history."""

from __future__ import annotations

import datetime as dt

import pytest

from doc_review.evidence.assertion import assert_hits
from doc_review.evidence.matcher import find_hits
from doc_review.evidence.note import Note
from doc_review.model import EntryKind

from .support import make_note


def assertions(text: str, kind: EntryKind, date: dt.date | None = None) -> list[str]:
    """How each technique of a text is asserted, in an entry of a kind and date."""
    note = make_note(text, kind=kind)
    if date is not None:
        note = Note(note.document, note.entry.model_copy(update={"date": date}))
    hits = [hit for hit in find_hits(note) if hit.kind == "technique"]
    return list(assert_hits(note, hits))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In 2014 she had IMRT to the left breast.", "historical"),
        ("Oncologic history: 2015 lumpectomy and RT; now a new mass.", "historical"),
        ("Prostatectomy in 2019, PSA 0.4, salvage IMRT recommended.", "affirmed"),
        ("Diagnosed in 2019 and now recommended IMRT.", "planned"),
        ("Earlier course (2018): IMRT.", "historical"),
        ("He then received IMRT and did well.", "historical"),
        ("Fibrosis secondary to XRT.", "historical"),
        ("Due to the proximity of the cord IMRT is required.", "affirmed"),
        ("He has finished a course of IMRT two months ago.", "historical"),
    ],
)
def test_consultation(text: str, expected: str) -> None:
    assert assertions(text, "consultation") == [expected]


def test_year_of_the_note_is_the_present() -> None:
    text = "She completed VMAT in 2025."
    assert assertions(text, "correspondence", dt.date(2025, 6, 1)) == ["affirmed"]
    assert assertions(text, "correspondence", dt.date(2027, 6, 1)) == ["historical"]


def test_a_course_over_new_year_is_one_course() -> None:
    text = "VMAT begun in 2025 and completed today."
    assert assertions(text, "completion_summary", dt.date(2026, 1, 20)) == ["affirmed"]


def test_plain_past_of_a_record_is_the_present_course() -> None:
    assert assertions("She received VMAT, 25 fractions.", "completion_summary") == ["affirmed"]


def test_rows_of_courses_by_year() -> None:
    text = "C1 | Neck | TOMO | 2019 | Completed\nC2 | Spine | VMAT | 2025 | 3/10"
    assert assertions(text, "treatment_record") == ["historical", "affirmed"]
