"""What holds of the scorer whatever the labels: itself is perfect, order is nothing, counts add up."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from doc_review.scoring.case import score_labels
from doc_review.scoring.labels import Item, Label, Place
from doc_review.scoring.lines import pair_lines
from doc_review.scoring.spans import score_spans
from doc_review.scoring.stats import draws, figures
from doc_review.scoring.tally import Tally, figure_values, total

from .support import PAGES, labels

WORSE_WHEN_HIGH = ("false_support", "false_alarm", "excess_units")


@given(labels)
def test_gold_against_itself_is_perfect(gold: Label) -> None:
    tally, faults, _ = score_labels(gold, gold, PAGES)
    assert faults == []
    for name, (hits, of) in tally.rates.items():
        assert hits == (0 if name.startswith(WORSE_WHEN_HIGH) else of), name
    for name, match in tally.matches.items():
        assert set(figure_values(match)) == {1.0}, name
    for name in ("codes", "statuses", "results"):
        assert all(key.split("|")[0] == key.split("|")[1] for key in tally.pairs.get(name, {}))


def shuffled(label: Label, seed: int) -> Label:
    chance = random.Random(seed)

    def mixed(values: tuple[object, ...] | None) -> tuple[object, ...] | None:
        return None if values is None else tuple(chance.sample(values, len(values)))

    return replace(
        label,
        codes=mixed(label.codes),
        findings=mixed(label.findings),
        comparison=mixed(label.comparison),
        items=mixed(label.items),
    )


@given(labels, labels, st.integers(0, 9))
def test_order_does_not_matter(gold: Label, found: Label, seed: int) -> None:
    tally, faults, unscored = score_labels(gold, found, PAGES)
    other, mixed, again = score_labels(shuffled(gold, seed), shuffled(found, seed + 1), PAGES)
    assert tally == other
    assert sorted(map(str, faults)) == sorted(map(str, mixed))
    assert unscored == again


@given(labels, labels)
def test_counts_add_up(gold: Label, found: Label) -> None:
    tally, _, _ = score_labels(gold, found, PAGES)
    own = [match for name, match in tally.matches.items() if name.startswith("code.")]
    both = [tally.matches.get(f"codes.{scope}", [0, 0, 0, 0]) for scope in ("core", "extended")]
    assert [sum(match[i] for match in own) for i in range(4)] == [sum(m[i] for m in both) for i in range(4)]
    kinds = [m for name, m in tally.matches.items() if name.startswith("finding.")]
    assert [sum(m[i] for m in kinds) for i in range(4)] == tally.matches.get("findings.all", [0, 0, 0, 0])
    for how in ("strict", "overlap", "token"):
        every = [
            m
            for name, m in tally.matches.items()
            if name.startswith(f"spans.{how}.") and not name.endswith(".all")
        ]
        assert [sum(m[i] for m in every) for i in range(4)] == tally.matches.get(
            f"spans.{how}.all", [0, 0, 0, 0]
        )
    for right, of, recalled, wanted in tally.matches.values():
        assert 0 <= right <= of
        assert 0 <= recalled <= wanted
    for hits, of in tally.rates.values():
        assert 0 <= hits <= of


@given(labels, labels)
def test_every_line_is_in_exactly_one_pair(gold: Label, found: Label) -> None:
    pairs = pair_lines(gold.codes or (), found.codes or ())
    assert sorted(pair.gold for pair in pairs if pair.gold) == sorted(gold.codes or ())
    assert sorted(pair.found for pair in pairs if pair.found) == sorted(found.codes or ())
    assert all(pair.gold or pair.found for pair in pairs)


@given(labels, labels)
def test_exact_match_is_what_the_counts_say(gold: Label, found: Label) -> None:
    tally, faults, _ = score_labels(gold, found, PAGES)
    right, of, _, wanted = tally.matches.get("codes.core", [0, 0, 0, 0])
    assert tally.rates["codes.exact"][0] == int(right == of == wanted)
    if not any(fault.kind in ("false_support", "excess_units") for fault in faults):
        assert tally.rates["false_support.cases"] == [0, 1]


@given(labels, labels)
def test_a_kind_without_a_label_is_told_and_judged_by_nothing(gold: Label, found: Label) -> None:
    tally = Tally()
    score_spans(tally, gold, found, PAGES)
    labelled = {item.kind for item in gold.items or ()}
    told = {kind.split("|")[0]: count for kind, count in tally.pairs.get("unlabelled", {}).items()}
    wanted: dict[str, int] = {}
    for item in found.items or ():
        if item.kind not in labelled:
            wanted[item.kind] = wanted.get(item.kind, 0) + 1
    assert told == wanted
    assert not any(name.rpartition(".")[2] in wanted for name in tally.matches)


@given(labels)
def test_a_part_that_is_not_labelled_is_listed_and_not_scored(found: Label) -> None:
    nothing = Label(codes=None, findings=None, comparison=None, course=None, items=None)
    tally, faults, unscored = score_labels(nothing, found, PAGES)
    assert (tally.rates, tally.matches, faults) == ({}, {}, [])
    assert len(unscored) >= 4


def test_a_quote_that_was_not_found_counts_as_missed() -> None:
    gold = Label(items=(Item("order", ()),))
    found = Label(items=(Item("order", (Place("a.txt", 1, 0, 3),), 1, 0.9),))
    tally, faults, _ = score_labels(gold, found, PAGES)
    assert tally.matches["spans.overlap.order"] == [0, 1, 0, 1]
    assert [fault.found for fault in faults] == ["quote not in the text"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(labels, labels), min_size=1, max_size=6))
def test_figures_are_those_of_the_sum_and_lie_in_their_interval(pairs: list[tuple[Label, Label]]) -> None:
    tallies = [score_labels(gold, found, PAGES)[0] for gold, found in pairs]
    everything = total(tallies)
    for name, figure in figures(tallies, draws(len(tallies), 200)).items():
        if name in everything.rates:
            assert figure.value == everything.rates[name][0] / everything.rates[name][1]
        assert 0 <= figure.low <= figure.high <= 1
        assert 1 <= figure.cases <= len(tallies)
