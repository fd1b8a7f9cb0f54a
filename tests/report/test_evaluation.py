"""The evaluation's report: one file, strict policy, everything escaped, the same bytes for the same run."""

from __future__ import annotations

import copy
import re
from typing import Any

from doc_review.report.evaluation import render_html, render_text
from doc_review.scoring.case import CaseScore, score_labels
from doc_review.scoring.compare import compare_runs
from doc_review.scoring.labels import FindingMark
from doc_review.scoring.result import build_run

from ..scoring.support import PAGES, label, line

EVIL = "<script>alert(1)</script>"


def made_run() -> dict[str, Any]:
    """A run of two cases, one of them with several faults and a name that tries to be markup."""
    gold = label(line("77301", "blocked"), findings=(FindingMark("unsigned_plan", ("77301",)),))
    scores = []
    for number, found in enumerate((gold, label(line("77301"), line("77412")))):
        tally, faults, unscored = score_labels(gold, found, PAGES)
        tally.sure(0.9, True)
        name = EVIL if number else "fine"
        scores.append(CaseScore(f"k{number}", name, EVIL, "dev", tally, faults, unscored, seconds=0.2))
    run = build_run(
        scores,
        set(),
        made={
            "at": "2026-01-01",
            "commit": None,
            "dirty": None,
            "version": "1",
            "rulebook": "x@y",
            "python": "3",
            "tools": {},
        },
        settings={"split": "dev", "profile": "cms"},
        gold={"name": EVIL, "sha256": "x", "unusable": []},
    )
    return {**run, "comparison": compare_runs(run, run), "gate": None}


def test_nothing_of_a_run_becomes_markup() -> None:
    page = render_html(made_run(), {"k1": "r-packets/k1.html"}).decode()
    assert EVIL not in page
    assert page.count("<script>") == 1
    assert 'href="r-packets/k1.html#show-codes"' in page


def test_the_policy_is_strict_and_holds_for_plots() -> None:
    page = render_html(made_run()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1].replace("&#39;", "'")
    assert "unsafe" not in policy[1]
    body = page.partition("<body")[2]
    assert " style=" not in body
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)


def test_the_same_run_gives_the_same_bytes() -> None:
    run = made_run()
    assert render_html(run) == render_html(copy.deepcopy(run))


def test_the_terminal_keeps_its_width() -> None:
    for width in (60, 80, 100):
        lines = render_text(made_run(), width).splitlines()
        assert max(map(len, lines)) <= width
    text = render_text(made_run())
    assert "2 false support" in text
    assert "still allows" in text
    assert "77301" in text


def test_a_failed_gate_is_told_with_its_reasons() -> None:
    gate = {"title": "t", "passed": False, "reasons": ["new false support in x"], "unjudged": ["y: nothing"]}
    run = {**made_run(), "gate": gate}
    assert "GATE FAILED: t\n  new false support in x\n  not judged: y: nothing" in render_text(run)
    assert "new false support in x" in render_html(run).decode()
