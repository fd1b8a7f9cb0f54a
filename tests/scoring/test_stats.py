"""Intervals and tests against figures that can be worked out by hand."""

from __future__ import annotations

import pytest

from doc_review.scoring.stats import change, draws, figures, mcnemar, smallest_change, zero_bound
from doc_review.scoring.tally import Tally


def cases(*hits: tuple[int, int]) -> list[Tally]:
    return [Tally(rates={"x": [hit, of]}) for hit, of in hits]


def test_a_zero_of_sixty_still_allows_almost_five_per_cent() -> None:
    assert zero_bound(60) == pytest.approx(0.0487, abs=0.0001)
    figure = figures(cases(*[(0, 1)] * 60), draws(60))["x"]
    assert (figure.value, figure.low, figure.exact) == (0.0, 0.0, True)
    assert figure.high == pytest.approx(0.0487, abs=0.0001)


def test_a_zero_counts_cases_not_lines() -> None:
    assert figures(cases(*[(0, 50)] * 3), draws(3))["x"].high == pytest.approx(zero_bound(3))


def test_a_one_has_a_bound_as_well() -> None:
    figure = figures(cases(*[(1, 1)] * 14), draws(14))["x"]
    assert (figure.low, figure.high) == (pytest.approx(1 - zero_bound(14)), 1.0)


def test_lines_of_one_case_are_not_independent() -> None:
    clustered = figures(cases(*[(10, 10)] * 10, *[(0, 10)] * 10), draws(20))["x"]
    spread = figures(cases(*[(5, 10)] * 20), draws(20))["x"]
    assert clustered.value == spread.value == 0.5
    assert clustered.high - clustered.low > 0.3
    assert spread.high - spread.low == pytest.approx(0)


def test_a_case_with_nothing_to_score_is_left_out() -> None:
    told = figures([*cases((1, 1), (0, 1)), Tally()], draws(3))["x"]
    assert (told.value, told.cases) == (0.5, 2)
    assert figures([Tally()], draws(1)) == {}


def test_the_seed_gives_the_same_interval() -> None:
    counts = cases((1, 2), (2, 2), (0, 3), (1, 1))
    assert figures(counts, draws(4)) == figures(counts, draws(4))


def test_mcnemar_of_few_cases() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(6, 0) == pytest.approx(2 / 64)
    assert mcnemar(5, 0) > 0.05
    assert mcnemar(3, 3) == 1


def test_the_smallest_change_that_can_be_seen() -> None:
    assert smallest_change(60) == 6
    assert smallest_change(5) is None
    assert smallest_change(60, against=2) == 8


def test_a_change_is_paired_by_case() -> None:
    before, after = cases(*[(0, 1)] * 5, *[(1, 1)] * 15), cases(*[(1, 1)] * 20)
    told = change(before, after, "x", draws(20))
    assert told is not None
    assert told.delta == pytest.approx(0.25)
    assert 0 < told.low < 0.25 < told.high
    same = change(before, before, "x", draws(20))
    assert same is not None
    assert (same.delta, same.low, same.high) == (0, 0, 0)
    assert same.smallest == pytest.approx(zero_bound(20))
    assert change([Tally()], [Tally()], "x", draws(1)) is None


def test_f1_of_spans_is_of_precision_and_recall() -> None:
    tally = Tally(matches={"s": [1, 4, 1, 1]})
    assert figures([tally], draws(1))["s.f1"].value == pytest.approx(0.4)
