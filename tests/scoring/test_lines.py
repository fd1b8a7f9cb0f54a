"""Codes, findings and claim rows held against a label: the errors by name."""

from __future__ import annotations

import pytest

from doc_review.scoring.case import score_labels
from doc_review.scoring.labels import FindingMark, Label, ResultRow
from doc_review.scoring.lines import is_clean, pair_lines

from .support import label, line


def kinds(gold: Label, found: Label) -> list[str]:
    return [fault.kind for fault in score_labels(gold, found, {})[1]]


@pytest.mark.parametrize(
    ("gold", "found", "fault"),
    [
        (line("77301", "blocked"), line("77301"), "false_support"),
        (line("77301", "bundled"), line("77301"), "false_support"),
        (line("77407"), line("77412"), "false_support"),
        (line("77336", "supported", 4), line("77336", "supported", 5), "excess_units"),
        (line("77336", "supported", 5), line("77336", "supported", 4), "wrong_units"),
        (line("77407", "needs_review"), line("77412", "needs_review"), "wrong_code"),
        (line("77301"), line("77301", "needs_review"), "wrong_status"),
    ],
)
def test_the_worst_that_is_true_of_a_line(gold: object, found: object, fault: str) -> None:
    assert kinds(label(gold, findings=None), label(found)) == [fault]  # type: ignore[arg-type]


def test_a_supported_line_that_gold_lacks_is_false_support() -> None:
    gold, found = label(line("77301")), label(line("77301"), line("77338"))
    tally, faults, _ = score_labels(gold, found, {})
    assert [fault.about for fault in faults if fault.kind == "false_support"] == ["77338"]
    assert tally.rates["false_support.cases"] == [1, 1]
    assert tally.rates["false_support.lines"] == [1, 2]
    assert tally.rates["codes.exact"] == [0, 1]


def test_extended_codes_do_not_touch_exact_match() -> None:
    tally, _, _ = score_labels(label(line("77301")), label(line("77301"), line("77470")), {})
    assert tally.rates["codes.exact"] == [1, 1]
    assert tally.rates["false_support.lines"] == [0, 1]
    assert tally.rates["false_support.extended_lines"] == [1, 1]


def test_modifiers_tell_the_lines_of_two_claims_apart() -> None:
    gold = label(line("77301", "blocked"), line("77301", "supported", 1, "26"), several_claims=True)
    crossed = label(line("77301", "blocked", 1, "26"), line("77301"), several_claims=True)
    tally, _, _ = score_labels(gold, crossed, {})
    assert tally.rates["codes.exact"] == [0, 1]
    assert tally.rates["false_support.lines"] == [1, 1]


def test_of_one_claim_a_wrong_modifier_is_told_apart_from_exact_match() -> None:
    tally, _, _ = score_labels(label(line("77301", "supported", 1, "26")), label(line("77301")), {})
    assert tally.rates["codes.exact"] == [1, 1]
    assert tally.rates["codes.exact_with_modifiers"] == [0, 1]


def test_a_line_meets_its_own_code_before_a_neighbour() -> None:
    pairs = pair_lines([line("77407"), line("77412")], [line("77412", "blocked"), line("77402")])
    assert {(pair.gold.code, pair.found.code) for pair in pairs if pair.gold and pair.found} == {
        ("77412", "77412"),
        ("77407", "77402"),
    }


def test_confusion_between_neighbours_stands_in_the_table() -> None:
    tally, _, _ = score_labels(label(line("77385")), label(line("77386")), {})
    assert tally.pairs["codes"] == {"77385|77386": 1}


def test_codes_that_are_no_neighbours_are_missed_and_extra() -> None:
    tally, faults, _ = score_labels(label(line("77336")), label(line("77427")), {})
    assert tally.pairs["codes"] == {"77336|none": 1, "none|77427": 1}
    assert {fault.kind for fault in faults} == {"missed_code", "false_support"}


CLEAN = label(
    line("77301"), line("77290", "bundled"), findings=(FindingMark("bundled_simulation", ("77290",)),)
)


@pytest.mark.parametrize(
    ("found", "alarmed"),
    [
        (CLEAN, 0),
        (label(line("77301", "needs_review"), findings=CLEAN.findings), 1),
        (label(line("77301"), findings=(FindingMark("unsigned_plan", ("77301",)),)), 1),
        (label(line("77301"), findings=(FindingMark("physics_remainder", ("77336",)),)), 0),
        (label(line("77301"), line("77338", "blocked"), findings=()), 1),
    ],
)
def test_a_clean_chart_is_objected_to(found: Label, alarmed: int) -> None:
    assert is_clean(CLEAN)
    tally, _, _ = score_labels(CLEAN, found, {})
    assert tally.rates["false_alarm.cases"] == [alarmed, 1]


def test_a_chart_with_a_warning_is_no_clean_one() -> None:
    gold = label(line("77301"), findings=(FindingMark("missing_physics_check", ("77336",)),))
    assert "false_alarm.cases" not in score_labels(gold, gold, {})[0].rates


def test_claim_rows_meet_by_code_and_date_and_extra_ones_are_wrong() -> None:
    gold = Label(comparison=(ResultRow("77336", "agrees", "2025-01-02"), ResultRow("77301", "overcoded")))
    found = Label(
        comparison=(
            ResultRow("77336", "overcoded", "2025-02-02"),
            ResultRow("77336", "agrees", "2025-01-02"),
            ResultRow("77301", "overcoded", "2025-01-02"),
        )
    )
    tally, faults, _ = score_labels(gold, found, {})
    assert tally.rates["comparison.rows"] == [2, 3]
    assert [(fault.about, fault.wanted, fault.found) for fault in faults] == [
        ("77336", "no row", "overcoded")
    ]


def test_an_unlabelled_comparison_is_listed() -> None:
    found = Label(comparison=(ResultRow("77301", "agrees"),))
    tally, _, unscored = score_labels(Label(), found, {})
    assert "comparison.rows" not in tally.rates
    assert any("comparison" in part for part in unscored)


def test_course_facts_by_field() -> None:
    gold = Label(course={"dose_gy": 64.8, "isocenters": None, "technique": "VMAT"})
    found = Label(course={"dose_gy": 64.8001, "isocenters": 1, "technique": "VMAT", "treatment_areas": 2})
    tally, faults, _ = score_labels(gold, found, {})
    assert tally.rates["course.dose_gy"] == [1, 1]
    assert tally.rates["course.isocenters"] == [0, 1]
    assert "course.treatment_areas" not in tally.rates
    assert [fault.about for fault in faults] == ["isocenters"]
