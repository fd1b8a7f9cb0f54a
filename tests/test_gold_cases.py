"""Every `dev` case of the gold set, from its folder to its codes, findings and citations.

Cases that the run of record (``eval/reports/dev.json``) has right must stay right; the others are scored by
``doc-review eval``. Charts of the ``test`` split are opened by no test.
"""

from __future__ import annotations

import functools
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
import yaml

from doc_review.case import open_cases
from doc_review.model import QUOTE_LIMIT, Span
from doc_review.review import Reviewed, ReviewOptions, review_case

from .conftest import dev_cases

GOLD = Path(__file__).resolve().parent.parent / "gold_set"
RECORD = GOLD.parent / "eval" / "reports" / "dev.json"
CASES = dev_cases()
RIGHT = sorted(
    case["case_id"]
    for case in json.loads(RECORD.read_text(encoding="utf-8"))["cases"]
    if all(fault["kind"] in ("missed_span", "wrong_course") for fault in case["faults"])
)


@functools.cache
def reviewed(name: str) -> Reviewed:
    """The review of one gold case, made once."""
    return review_case(open_cases(GOLD / name).cases[0], ReviewOptions())


def gold(name: str) -> dict[str, Any]:
    """The label of one gold case."""
    return dict(yaml.safe_load((GOLD / name / "gold.yaml").read_text(encoding="utf-8")))


def labelled(name: str) -> dict[str, Any]:
    label = gold(name)
    if label.get("scanned") and shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed: apt-get install tesseract-ocr")
    return label


def test_the_run_of_record_is_of_these_cases() -> None:
    told = json.loads(RECORD.read_text(encoding="utf-8"))["cases"]
    assert sorted(case["case_id"] for case in told) == CASES


@pytest.mark.parametrize("name", RIGHT)
def test_codes(name: str) -> None:
    label = labelled(name)
    expected = Counter((c["code"], c["status"], c["units"], tuple(c["modifiers"])) for c in label["codes"])
    found = Counter((s.code, s.status, s.units, s.modifiers) for s in reviewed(name).review.suggestions)
    assert found == expected


@pytest.mark.parametrize("name", RIGHT)
def test_findings(name: str) -> None:
    label = labelled(name)
    expected = Counter((f["type"], tuple(sorted(f["codes"]))) for f in label["findings"])
    found = Counter((f.type, tuple(sorted(f.codes))) for f in reviewed(name).review.findings)
    assert found == expected


@pytest.mark.parametrize("name", RIGHT)
def test_comparison(name: str) -> None:
    label = labelled(name)
    if "comparison" not in label:
        assert not reviewed(name).review.comparison
        return
    rows = reviewed(name).review.comparison or ()
    assert Counter((row.code, row.result) for row in rows) == Counter(
        (row["code"], row["result"]) for row in label["comparison"]
    )


@pytest.mark.parametrize("name", RIGHT)
def test_course(name: str) -> None:
    label = labelled(name)["course"]
    course = reviewed(name).review.courses[0]
    assert course.technique.value == label["technique"]
    assert len(course.treatment_areas) == len(label["treatment_areas"])
    assert course.prescribed.dose_gy.value == pytest.approx(label["dose_gy"])
    assert course.prescribed.fractions.value == label["fractions_prescribed"]
    assert course.delivered_fractions.value == label["fractions_delivered"]


@pytest.mark.parametrize("name", CASES)
def test_every_citation_is_verbatim(name: str) -> None:
    done = reviewed(name)
    pages = {
        (document.meta.id, page.number): page.text
        for document in done.chart.documents
        for page in document.pages
    }
    boxed = {document.meta.id for document in done.chart.documents if document.geometry is not None}
    spans: list[Span] = []
    for item in done.review.evidence:
        spans += [item.citation, *item.citation.also]
    assert spans
    for span in spans:
        assert pages[span.document, span.page][span.start : span.end] == span.quote
        assert 0 < len(span.quote) <= QUOTE_LIMIT
        assert bool(span.boxes) == (span.document in boxed)


@pytest.mark.parametrize("name", CASES)
def test_every_id_that_is_cited_exists(name: str) -> None:
    review = reviewed(name).review
    known = {item.id for item in review.evidence}
    cited: set[str] = set()
    for suggestion in review.suggestions:
        cited |= {*suggestion.evidence, *suggestion.against}
        cited |= {item for reason in suggestion.reasons for item in reason.evidence}
    for finding in review.findings:
        cited |= set(finding.evidence)
    assert cited <= known


@pytest.mark.parametrize("name", CASES[:2])
def test_the_same_input_gives_the_same_bytes(name: str) -> None:
    again = review_case(open_cases(GOLD / name).cases[0], ReviewOptions())
    assert again.review.model_dump_json() == reviewed(name).review.model_dump_json()


PDF_CASES = [
    name for name in CASES if list((GOLD / name / "documents").glob("*.pdf")) and not name.endswith("-scan")
]


@pytest.mark.parametrize("name", PDF_CASES)
def test_boxes_cover_the_quoted_words(name: str) -> None:
    done = reviewed(name)
    opened: dict[str, Any] = {}
    filled = {path.name for path in (GOLD / name / "documents").glob("*form*.pdf")}
    pictured = {
        (document.meta.id, page.number)
        for document in done.chart.documents
        for page in document.pages
        if page.source != "native"
    }
    checked = 0
    for item in done.review.evidence:
        span = item.citation
        if not span.boxes or span.document in filled or (span.document, span.page) in pictured:
            continue
        if span.document not in opened:
            opened[span.document] = pdfplumber.open(GOLD / name / "documents" / span.document)
        page = opened[span.document].pages[span.page - 1]
        inside = "".join(
            char["text"]
            for box in span.boxes
            for char in sorted(page.chars, key=lambda c: c["x0"])
            if box.x0 <= (char["x0"] + char["x1"]) / 2 <= box.x1
            and box.y0 <= (char["top"] + char["bottom"]) / 2 <= box.y1
        )
        assert Counter("".join(inside.split())) == Counter("".join(span.quote.split()))
        checked += 1
    for document in opened.values():
        document.close()
    assert checked or filled
