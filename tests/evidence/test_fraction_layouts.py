"""Fraction logs in generated layouts: every session found once, on its day, whatever the house style."""

from __future__ import annotations

import datetime as dt
import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doc_review.evidence import completion, delivery, imaging, isocenters, motion
from doc_review.evidence.kinds import Draft

from .support import drafts, make_note, make_reading

DATE_FORMATS = ("%m/%d/%Y", "%Y-%m-%d", "%d-%b-%Y", "%m/%d/%y", "%d.%m.%Y", "%a %m/%d/%Y", "%b %d, %Y")
SEPARATORS = (" | ", "\t", "   ")
HEADERS = (
    ("Fx", "Date", "MU", "cGy", "Cum cGy"),
    ("#", "Treatment Date", "Fields", "Monitor Units", "Dose (cGy)"),
    ("Date", "Fraction", "Energy", "MU", "Dose"),
    ("Session", "Date", "Time", "Technique", "MU"),
    ("Tx #", "Date of treatment", "Machine", "Beams", "Daily dose", "Total dose"),
)
VALUES = {
    "MU": "512.3",
    "Monitor Units": "512.3",
    "cGy": "200",
    "Dose (cGy)": "200",
    "Dose": "2.0 Gy",
    "Daily dose": "200 cGy",
    "Energy": "6X",
    "Time": "09:12",
    "Technique": "VMAT",
    "Machine": "TB2",
    "Fields": "A1, A2",
    "Beams": "Arc1 Arc2",
}


def weekdays(count: int, start: dt.date) -> list[dt.date]:
    """Consecutive weekdays from a start."""
    days = (start + dt.timedelta(n) for n in range(count * 2 + 3))
    return [day for day in days if day.weekday() < 5][:count]


def log(header: tuple[str, ...], separator: str, pattern: str, days: list[dt.date]) -> str:
    """A fraction log of one row a day."""
    lines = ["TREATMENT RECORD", separator.join(header)]
    for number, day in enumerate(days, 1):
        cells = []
        for name in header:
            if "date" in name.lower():
                cells.append(day.strftime(pattern))
            elif name in ("Fx", "#", "Fraction", "Session", "Tx #"):
                cells.append(str(number))
            elif name in ("Cum cGy", "Total dose"):
                cells.append(str(200 * number))
            else:
                cells.append(VALUES[name])
        lines.append(separator.join(cells))
    return "\n".join(lines) + "\n"


def fractions(text: str) -> list[Draft]:
    found = drafts(delivery.extract, text, "treatment_record")
    return [draft for draft in found if draft.value == "fraction" and draft.assertion == "affirmed"]


@pytest.mark.parametrize(("pattern", "separator", "header"), list(product(DATE_FORMATS, SEPARATORS, HEADERS)))
def test_each_layout_gives_each_session_once(pattern: str, separator: str, header: tuple[str, ...]) -> None:
    days = weekdays(16, dt.date(2025, 12, 22))
    found = fractions(log(header, separator, pattern, days))
    assert [draft.attributes["date"] for draft in found] == [day.isoformat() for day in days]
    assert [draft.attributes["number"] for draft in found] == list(range(1, 17))
    assert {draft.attributes["session"] for draft in found} == {1}


def test_a_log_over_pages_keeps_its_numbering() -> None:
    days = weekdays(12, dt.date(2026, 2, 2))
    lines = log(HEADERS[0], "   ", "%m/%d/%Y", days).splitlines()
    pages = ("\n".join(lines[:8]) + "\nPage 1 of 2", "\n".join([lines[1], *lines[8:]]) + "\nPage 2 of 2")
    reading = make_reading("")
    note = make_note(*pages, kind="treatment_record")
    found = [d for d in delivery.extract(type(reading)(note, (), ())) if d.value == "fraction"]
    assert [draft.attributes["number"] for draft in found] == list(range(1, 13))
    assert {draft.citation.page for draft in found} == {1, 2}
    for draft in found:
        text = pages[draft.citation.page - 1]
        assert text[draft.citation.start : draft.citation.end] == draft.citation.quote


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=60),
            st.sampled_from(
                [
                    "1 03/03/2025 200 cGy",
                    "Fx | Date | MU | Dose",
                    "Delivered 5 of 25 fractions",
                    "Not treated 3/4/2025",
                    "Isocenter A (1.0, 2.0, 3.0)",
                    "DIBH, AlignRT, tolerance 3 mm",
                    "Contrast: [x] IV [ ] oral",
                ]
            ),
        ),
        max_size=14,
    )
)
def test_quotes_are_verbatim_whatever_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    for module in (delivery, completion, motion, isocenters, imaging):
        for draft in drafts(module.extract, text, "treatment_record"):
            for span in (draft.citation, *draft.citation.also):
                assert text[span.start : span.end] == span.quote


@pytest.mark.parametrize(
    "line", ["a " * 40, "1 2 3 4 5 6 7 8 9 " * 8, "- - - | | |", "fx fx fx fx", "03/03/2025 "]
)
def test_time_is_linear_in_length(line: str) -> None:
    text = (line + "\n") * 400
    reading = make_reading(text, "treatment_record")
    started = time.perf_counter()
    for module in (delivery, completion, motion, isocenters, imaging):
        list(module.extract(reading))
    assert time.perf_counter() - started < 6
