"""The terminal summary: width, literal document text, one place for each answer."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from doc_review.report.terminal import render, render_worklist
from doc_review.report.worklist import Row, failed_row, row_of, worst_first

from .builder import CONSULT, document, evidence, finding, review, suggestion

NASTY = "[x] [imrt] [bold]a[/bold] \x1b[31mred\x07 \u202egnp.exe\u202c \u200bend"


@pytest.mark.parametrize("width", [40, 60, 72, 80, 100, 120])
def test_no_line_is_wider_than_asked(width: int) -> None:
    rows = [row_of(review()), failed_row("a" * 70, "documents/ is empty")]
    text = render(review(), width) + render_worklist(rows, ("README.md",), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("width", [40, 80])
def test_codes_and_long_names_are_wrapped_and_never_cut(width: int) -> None:
    name = "scans/" + "x" * 150 + "_end.pdf"
    item = evidence("e1", "plan", name, CONSULT, "IMRT")
    long = suggestion(
        "77412", "blocked", modifiers=("26", "59"), units=140, evidence=("e1",), summary="y" * 90
    )
    text = render(review(suggestions=(long,), evidence=(item,), documents=(document(name),)), width)
    squeezed = re.sub(r"\s", "", text)
    assert "77412-26-59x140" in squeezed
    assert name + ":1" in squeezed
    assert "y" * 90 in squeezed
    assert "…" not in text


def test_every_status_has_its_block() -> None:
    text = render(review())
    bill, ask, hold = text.index("BILL  1"), text.index("ASK  1"), text.index("DO NOT BILL  2")
    assert bill < text.index("77336 x5") < ask < text.index("77385 x28") < hold < text.index("77301 x1")
    assert "Bundled: included in the IMRT plan" in text
    assert "2025-03-17 to 2025-04-13 (28 dates)" in text
    assert "Ask: Was the plan approved, and by whom and when?" in text
    assert "04_movie.mp4: not a document type that can be read (skipped)" in text
    assert "pages 2-3 could not be read" in text
    assert text.rstrip().splitlines()[-1].startswith("Documentation support")


def test_the_place_of_a_blocked_code_is_what_blocks_it() -> None:
    text = render(review())
    block = text[text.index("77301 x1") : text.index("FINDINGS")]
    assert "02 plan.pdf:1" in block


def test_document_text_is_printed_literally() -> None:
    nasty = suggestion("77301", "blocked", summary=NASTY, label=NASTY)
    text = render(
        review(case_id=NASTY, suggestions=(nasty,), findings=(finding("unsigned_plan", message=NASTY),)), 200
    )
    assert "[x] [imrt] [bold]a[/bold] [31mred gnp.exe end" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]", text)


def test_colour_adds_styles_and_changes_no_text() -> None:
    plain, colored = render(review()), render(review(), color=True)
    assert "\x1b[" not in plain
    assert "\x1b[" in colored
    assert [
        line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", colored).splitlines()
    ] == plain.splitlines()


def test_several_courses_and_claims_are_headed() -> None:
    both = review().courses * 2
    items = tuple(
        suggestion("77301", "supported", course=course, claim=claim)
        for course in (0, 1)
        for claim in ("professional", "technical")
    )
    text = render(review(courses=both, suggestions=items))
    assert text.index("COURSE 1 OF 2") < text.index("PROFESSIONAL CLAIM") < text.index("COURSE 2 OF 2")
    assert text.count("TECHNICAL CLAIM") == 2


def test_an_empty_review_says_so() -> None:
    text = render(review(suggestions=(), findings=(), comparison=None, courses=(), evidence=()))
    assert "No code is touched" in text
    assert "FINDINGS  none" in text
    assert "CLAIM COMPARISON" not in text


@given(st.text(max_size=60))
def test_any_text_fits_and_keeps_no_control_character(text: str) -> None:
    out = render(review(case_id=text, findings=(finding("unsigned_plan", message=text, query=text),)))
    assert max(cell_len(line) for line in out.split("\n")) <= 80
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out)


def test_worst_chart_comes_first() -> None:
    rows = [
        Row("clean", supported=4),
        Row("asks", needs_review=2),
        Row("errors", errors=1),
        Row("more errors", errors=3),
        failed_row("broken", "empty"),
        Row("blocked", blocked=1),
    ]
    order = [row.case_id for row in worst_first(rows)]
    assert order == ["broken", "more errors", "errors", "asks", "blocked", "clean"]
    text = render_worklist(rows)
    assert text.index("more errors") < text.index("clean") < text.index("total")
    assert "broken: empty" in text
