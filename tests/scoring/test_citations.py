"""Citations held against the chart: wrong offsets, long quotes and boxes off their words are told."""

from __future__ import annotations

from pathlib import Path

from doc_review.case import open_cases
from doc_review.model import Review
from doc_review.review import Reviewed, review_case
from doc_review.scoring.citations import score_citations
from doc_review.scoring.tally import Tally


def done(gold_set: Path) -> tuple[Reviewed, dict[str, bytes]]:
    case = open_cases(gold_set / "prostate-form-approval-2025").cases[0]
    files = {d.id: d.read() for d in case.documents if d.id.endswith(".pdf")}
    return review_case(case), files


def changed(review: Review, document: str, update: dict[str, object]) -> Review:
    """The review with the first citation of a document changed."""
    items = list(review.evidence)
    index = next(i for i, item in enumerate(items) if item.citation.document == document)
    citation = items[index].citation.model_copy(update=update)
    items[index] = items[index].model_copy(update={"citation": citation})
    return review.model_copy(update={"evidence": tuple(items)})


def test_citations_of_forms_are_valid_and_spoilt_ones_are_told(gold_set: Path) -> None:
    reviewed, files = done(gold_set)
    tally = Tally()
    assert score_citations(tally, reviewed.review, reviewed.chart, files) == []
    assert tally.rates["citations.valid"][0] == tally.rates["citations.valid"][1] > 100
    assert tally.rates["citations.boxed"][1] > 20
    name = sorted(files)[0]
    first = next(item.citation for item in reviewed.review.evidence if item.citation.document == name)
    moved = tuple(box.model_copy(update={"y0": 2.0, "y1": 6.0}) for box in first.boxes)
    for update, why in (
        ({"quote": "something else"}, "not verbatim"),
        ({"quote": "x" * 301}, "too long"),
        ({"boxes": moved}, "box off its words"),
        ({"boxes": ()}, "box off its words"),
    ):
        spoilt = changed(reviewed.review, name, update)
        faults = score_citations(Tally(), spoilt, reviewed.chart, files)
        assert why in {fault.why for fault in faults}
