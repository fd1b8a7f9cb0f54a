"""Dates in chart text: formats, order, what is no date, and offsets."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doc_review.dates import day_first, find_dates, find_partial_dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7/22/2025", "2025-07-22"),
        ("07/02/25", "2025-07-02"),
        ("2/3/1964", "1964-02-03"),
        ("DOB 3/19/64", "1964-03-19"),
        ("2025-07-22", "2025-07-22"),
        ("2025/7/2", "2025-07-02"),
        ("2025-07-22T14:22:00", "2025-07-22"),
        ("12-Feb-2026", "2026-02-12"),
        ("12-FEB-26", "2026-02-12"),
        ("12 Feb 2026", "2026-02-12"),
        ("12Feb2026", "2026-02-12"),
        ("12. February 2026", "2026-02-12"),
        ("the 3rd of March 2025", "2025-03-03"),
        ("January 6, 2026", "2026-01-06"),
        ("Jan. 6th, 2026", "2026-01-06"),
        ("Sept 9 2025", "2025-09-09"),
        ("FEB-12-2026", "2026-02-12"),
        ("2026-Feb-12", "2026-02-12"),
        ("12.02.2026", "2026-02-12"),
        ("02.25.2026", "2026-02-25"),
        ("25/03/2025", "2025-03-25"),
        ("3-1-2025", "2025-03-01"),
        ("03 / 12 / 2025", "2025-03-12"),
        ("Date: 2025.03.01 10:22:11 -05'00'", "2025-03-01"),
        ("D:20250301102211-05'00'", "2025-03-01"),
        ("20250301 10:22", "2025-03-01"),
        ("(3/1/25)", "2025-03-01"),
        ("Wed 03/05/2025.", "2025-03-05"),
        ("signed 3/1/25, 10:22", "2025-03-01"),
    ],
)
def test_formats(text: str, expected: str) -> None:
    found = find_dates(text)
    assert [item.date for item in found] == [dt.date.fromisoformat(expected)]


@pytest.mark.parametrize(
    "text",
    [
        "fx 5/28",
        "photons 6/10/15 MV",
        "BP 146/88",
        "Eclipse v16.1.12",
        "version 12.02.26",
        "SSN 123-45-6789",
        "phone 555-12-34",
        "2/30/2025",
        "13/13/2025",
        "MRN 20251107",
        "AAA 16.1.2 grid",
        "4/5/6/25",
        "10.2.1",
        "1.2 x 3.4 x 2.25 cm",
        "May 5",
        "may 12 fractions",
    ],
)
def test_no_dates(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7/22/2025 5:38 PM", True),
        ("7/22/2025 at 17:38", True),
        ("7/22/2025 @ 1738 hrs", True),
        ("03/01/2025, 10:22", True),
        ("03/01/2025 at 9 am", True),
        ("7/22/2025", False),
        ("7/22/2025 5 fractions", False),
        ("7/22/2025  fx 5/28", False),
        ("2025-07-22T14:22", True),
        ("12-Feb-2026 09:31", True),
    ],
)
def test_time(text: str, expected: bool) -> None:
    (found,) = find_dates(text)
    assert found.has_time is expected


def test_order_follows_the_text() -> None:
    european = "Visit 25/03/2025, then 03/04/2025"
    assert day_first(european)
    assert [item.date.isoformat() for item in find_dates(european)] == ["2025-03-25", "2025-04-03"]
    american = "3/4/2025 and 3/25/2025"
    assert [item.date.isoformat() for item in find_dates(american)] == ["2025-03-04", "2025-03-25"]
    assert find_dates("03/04/2025", by_day=True)[0].date == dt.date(2025, 4, 3)


def test_a_row_number_before_a_date_is_no_day() -> None:
    assert [item.date for item in find_dates("1 Dec 22, 2025 200 cGy")] == [dt.date(2025, 12, 22)]
    assert [item.date for item in find_dates("1\tDec 22, 2025\t200")] == [dt.date(2025, 12, 22)]


def test_partial_dates() -> None:
    near = dt.date(2026, 1, 5)
    found = find_partial_dates("missed 12/29 and 1/2 (fx 5/28), back on 1/5/2026", near)
    assert [item.date.isoformat() for item in found] == ["2025-12-29", "2026-01-02"]


FORMS = ("%m/%d/%Y", "%Y-%m-%d", "%d-%b-%Y", "%B %d, %Y", "%m/%d/%y", "%d %B %Y", "%b %d, %Y", "%Y%m%d 10:00")


@given(
    st.dates(dt.date(2001, 1, 1), dt.date(2039, 12, 31)),
    st.sampled_from(FORMS),
    st.sampled_from(["", "Date: ", "signed (", "fx 3, "]),
)
def test_offsets_hold_the_date(date: dt.date, form: str, before: str) -> None:
    written = date.strftime(form)
    (found,) = find_dates(f"{before}{written}; end")
    assert found.date == date
    assert written.startswith(f"{before}{written}; end"[found.start : found.end])


@given(st.text(alphabet="0123456789/-. JanFebMyT:'", max_size=60))
def test_any_text(text: str) -> None:
    last = 0
    for item in find_dates(text):
        assert last <= item.start < item.end <= len(text)
        last = item.end
