"""Delivered sessions from treatment records."""

from __future__ import annotations

from typing import Any

from doc_review.courses.fractions import delivered

from .support import item, view


def row(**attributes: Any) -> Any:
    return item("delivery", "fraction", **{"source": "record", **attributes})


def test_rows_of_one_session_are_one_fraction() -> None:
    rows = [row(number=1, date="2025-03-03", technique="3DCRT") for _ in range(3)] + [
        row(number=2, date="2025-03-04")
    ]
    made, _ = delivered([view("treatment_record", *rows)])
    assert [fraction.number for fraction in made] == [1, 2]


def test_two_sessions_a_day_stay_two() -> None:
    rows = [row(date="2025-03-03", session=1), row(date="2025-03-03", session=2, break_hours=6.5)]
    made, _ = delivered([view("treatment_record", *rows)])
    assert [(f.session, f.break_hours) for f in made] == [(1, None), (2, 6.5)]


def test_photon_and_electron_fields_of_one_session_are_mixed() -> None:
    rows = [row(date="2026-03-03", modality="photon"), row(date="2026-03-03", modality="electron")]
    made, _ = delivered([view("treatment_record", *rows)])
    assert [f.modality for f in made] == ["mixed"]


def test_a_total_without_rows_gives_undated_fractions() -> None:
    total = item(
        "delivery", "total", delivered=5, source="record", first_date="2025-03-03", last_date="2025-03-07"
    )
    made, _ = delivered([view("treatment_record", total)])
    assert [f.number for f in made] == [1, 2, 3, 4, 5]
    assert made[0].date is not None
    assert made[2].date is None
    assert {f.source for f in made} == {"record"}


def test_a_summary_alone_is_marked() -> None:
    made, _ = delivered([view("completion_summary", item("completion", "complete", delivered=3))])
    assert {f.source for f in made} == {"summary"}


def test_not_delivered_rows_do_not_count() -> None:
    rows = [row(date="2025-03-03"), item("delivery", "fraction", assertion="negated", date="2025-03-04")]
    made, _ = delivered([view("treatment_record", *rows)])
    assert len(made) == 1
