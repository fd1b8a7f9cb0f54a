"""Two runs compared case by case, and held against a gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from doc_review.errors import UsageError
from doc_review.scoring.case import CaseScore, score_labels
from doc_review.scoring.compare import compare_runs, cost
from doc_review.scoring.gate import Gate, Weights, judge, load_gate
from doc_review.scoring.labels import CodeLine, Label
from doc_review.scoring.result import build_run

from .support import label, line

GATES = Path(__file__).resolve().parents[2] / "eval" / "gates"
GOLD = label(line("77301", "blocked"), line("77336", "supported", 4))
WEIGHTS = {"false_support": 20, "excess_units": 10, "false_alarm": 3, "wrong_line": 1, "wrong_finding": 1}


def run(*found: Label, failed: str | None = None) -> dict[str, Any]:
    """A run over as many cases as there are labels, all of them meant to be ``GOLD``."""
    scores = []
    for number, one in enumerate(found):
        tally, faults, unscored = score_labels(GOLD, one, {})
        scores.append(CaseScore(f"k{number:03}", f"case-{number}", "s", "dev", tally, faults, unscored))
    scores[0].failed = failed
    return build_run(
        scores, set(), made={"commit": None}, settings={"split": "dev"}, gold={"sha256": "x", "unusable": []}
    )


def found(*lines: CodeLine) -> Label:
    return label(*lines)


RIGHT = GOLD
WRONG_UNITS = found(line("77301", "blocked"), line("77336", "supported", 3))
FALSE_SUPPORT = found(line("77301"), line("77336", "supported", 4))
MORE_UNITS = found(line("77301", "blocked"), line("77336", "supported", 5))


def gate(**more: Any) -> Gate:
    return Gate(title="t", weights=Weights(**WEIGHTS), **more)


def test_what_got_better_and_worse() -> None:
    before, after = run(RIGHT, WRONG_UNITS, RIGHT), run(RIGHT, RIGHT, FALSE_SUPPORT)
    told = compare_runs(before, after)
    assert told["cases"] == 3
    assert [move["case"] for move in told["better"]] == ["case-1"]
    assert [move["case"] for move in told["worse"]] == ["case-2"]
    assert told["mcnemar"] == {"better": 1, "worse": 1, "p": 1.0, "smallest": None}
    assert [one["case"] for one in told["new_false_support"]] == ["case-2"]
    assert told["figures"]["codes.exact"]["delta"] == 0


def test_only_cases_of_both_runs_are_compared() -> None:
    told = compare_runs(run(RIGHT), run(RIGHT, FALSE_SUPPORT))
    assert (told["cases"], told["only_after"], told["new_false_support"]) == (1, 1, [])


def test_false_support_costs_most() -> None:
    costs = [cost(score_labels(GOLD, one, {})[0]) for one in (RIGHT, WRONG_UNITS, MORE_UNITS, FALSE_SUPPORT)]
    assert costs[0] == 0
    assert costs == sorted(costs)
    assert len(set(costs)) == 4


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (FALSE_SUPPORT, "new false support in case-1"),
        (MORE_UNITS, "new excess units in case-1"),
        (WRONG_UNITS, "codes.exact went from 100 % to 50 %"),
    ],
)
def test_the_default_gate_closes(one: Label, reason: str) -> None:
    default = load_gate(GATES / "default.yaml")
    before, after = run(RIGHT, RIGHT), run(RIGHT, one)
    verdict = judge(default, after, compare_runs(before, after))
    assert not verdict.passed
    assert any(reason.replace(" %", ".0%") in told for told in verdict.reasons)
    assert judge(default, before, compare_runs(before, before)).passed
    assert judge(default, before, compare_runs(after, before)).passed


def test_false_support_of_before_is_no_new_one() -> None:
    before = run(FALSE_SUPPORT, RIGHT)
    assert judge(gate(forbid=("new_false_support",)), before, compare_runs(before, before)).passed


def test_limits_and_failed_cases() -> None:
    strict = gate(
        limits=({"figure": "codes.exact", "at_least": 0.9}, {"figure": "citations.valid", "at_least": 1}),
        forbid=("failed_cases",),
    )
    verdict = judge(strict, run(RIGHT, WRONG_UNITS, failed="KeyError"), None)
    assert len(verdict.reasons) == 2
    assert verdict.unjudged == ("citations.valid: nothing to score it by",)


def test_without_a_baseline_changes_are_not_judged() -> None:
    verdict = judge(gate(changes=({"figure": "codes.exact", "by_at_most": 0},)), run(WRONG_UNITS), None)
    assert verdict.passed
    assert verdict.unjudged == ("changes: no baseline was given",)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"surprise": 1}, "surprise"),
        ({"weights": {**WEIGHTS, "false_alarm": 30}}, "false_support has to weigh more"),
        ({"changes": [{"figure": "codes.wrong", "by_at_most": 0}]}, "codes.wrong is not compared"),
        ({"forbid": ["everything"]}, "forbid.0"),
    ],
)
def test_a_gate_that_is_not_well_formed(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    path = tmp_path / "gate.yaml"
    path.write_text(yaml.safe_dump({"title": "t", "weights": WEIGHTS, **change}), encoding="utf-8")
    with pytest.raises(UsageError, match=told):
        load_gate(path)


def test_a_run_of_sums_says_nothing_of_a_case_and_still_compares() -> None:
    scores = []
    for number, one in enumerate((RIGHT, FALSE_SUPPORT)):
        tally, faults, unscored = score_labels(GOLD, one, {})
        scores.append(
            CaseScore(f"k{number:03}", f"case-{number}", "style-x", "test", tally, faults, unscored)
        )
    sums = build_run(
        scores, set(), made={}, settings={}, gold={"sha256": "x", "unusable": []}, aggregate_only=True
    )
    text = str(sums["cases"]) + str(sums["unscored"]) + str(sums["styles"]) + str(sums["failed"])
    for secret in ("case-", "style-x", "77301", "77336", "blocked"):
        assert secret not in text
    told = compare_runs(run(RIGHT, RIGHT), sums)
    assert [one["case"] for one in told["new_false_support"]] == ["k001"]
    assert told["figures"]["codes.exact"]["after"] == 0.5
