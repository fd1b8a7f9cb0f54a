"""CSV: one row per suggestion, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doc_review.report.csv import COLUMNS, safe_cell, summary_csv, to_csv
from doc_review.report.worklist import failed_row, row_of

from .builder import CONSULT, evidence, review, suggestion


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_one_row_per_suggestion() -> None:
    lines = rows(to_csv([review(), review(case_id="case-2")]))
    assert tuple(lines[0]) == COLUMNS
    assert len(lines) == 9
    first = dict(zip(lines[0], lines[2], strict=True))
    assert first["code"] == "77301"
    assert first["status"] == "blocked"
    assert first["findings"] == "unsigned_plan"
    assert first["main_citation"] == "02 plan.pdf:1"
    assert first["quote"] == "Approval: ______________"
    assert lines[5][0] == "case-2"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u200b=", "\uff1d", '"='])
def test_formulas_are_text(start: str) -> None:
    assert safe_cell(f"{start}HYPERLINK(1)").startswith("'")


def test_document_text_cannot_be_a_formula() -> None:
    text = CONSULT + '=cmd|"/c calc"!A1'
    item = evidence("e1", "plan", "01_consult.txt", text, '=cmd|"/c calc"!A1')
    data = rows(
        to_csv([review(evidence=(item,), suggestions=(suggestion("77301", "supported", evidence=("e1",)),))])
    )
    assert data[1][COLUMNS.index("quote")] == '\'=cmd|"/c calc"!A1'


@given(st.text())
def test_no_cell_starts_like_a_formula_or_breaks_its_row(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.lstrip(" \u00a0\u3000").startswith(("=", "+", "-", "@"))
    assert not set(cell) & set("\t\r\n\x00\x1b\u202e")


def test_summary_has_one_row_per_chart_worst_first() -> None:
    lines = rows(summary_csv([row_of(review()), failed_row("broken", "-empty")]))
    assert [line[0] for line in lines] == ["case_id", "broken", "case-1"]
    assert "'-empty" in lines[1]
