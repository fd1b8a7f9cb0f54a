"""Cases evaluated one by one and in processes; a case that fails is told by its error's type alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from doc_review.case import CaseFiles
from doc_review.review import Reviewed, ReviewOptions, review_case
from doc_review.scoring.gold import open_gold
from doc_review.scoring.result import build_run
from doc_review.scoring.run import Job, evaluate, packet_name

from .folder import write_case

SUPPORTED = "codes:\n  - {code: '77301', status: supported}\nfindings: []\n"


def stumbling(case: CaseFiles, options: ReviewOptions) -> Reviewed:
    """A reviewer that fails on one case, with chart text in its message."""
    if case.case_id == "bad":
        raise KeyError("Arno Testmann")
    return review_case(case, options)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_case_that_fails_counts_as_nothing_found(tmp_path: Path, workers: int) -> None:
    write_case(tmp_path, "bad", SUPPORTED)
    write_case(tmp_path, "good")
    gold = open_gold(tmp_path)
    done = [score for score, _ in evaluate(gold.cases, Job(ReviewOptions(), reviewer=stumbling), workers)]
    failed = next(score for score in done if score.case_id == "bad")
    assert failed.failed == "KeyError"
    assert failed.tally.rates["codes.exact"] == [0, 1]
    assert "false_support.cases" not in failed.tally.rates
    run = build_run(done, set(), made={}, settings={}, gold={"unusable": []})
    assert run["failed"] == [{"case": "bad", "error": "KeyError"}]
    assert run["figures"]["codes.exact"]["value"] == 0.5
    assert "Testmann" not in str(run)


def test_the_longest_cases_are_begun_first(tmp_path: Path) -> None:
    write_case(tmp_path, "a-short", note="Nothing.\n")
    write_case(tmp_path, "b-long", note="Nothing was done.\n" * 200)
    write_case(tmp_path, "c-scan", "scanned: [note.txt]\ncodes: []\n", note="Nothing was done.\n" * 20)
    cases = open_gold(tmp_path).cases
    done = [score.case_id for score, _ in evaluate(cases, Job(ReviewOptions()), 1)]
    assert done == ["c-scan", "b-long", "a-short"]


def test_packet_names_are_safe_and_own(tmp_path: Path) -> None:
    folder = write_case(tmp_path, "a")
    (folder / "case.yaml").write_text("case_id: x y\n", encoding="utf-8")
    (case,) = open_gold(tmp_path).cases
    name = packet_name(case)
    assert " " not in name
    assert not name.startswith(".")
    assert name.endswith(f"-{case.key[:6]}.html")
