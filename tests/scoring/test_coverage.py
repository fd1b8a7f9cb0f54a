"""Rule branches and lexicon entries that cases reach: the rules decide the same while they are watched."""

from __future__ import annotations

from pathlib import Path

from doc_review.case import open_cases
from doc_review.review import Reviewed, review_case
from doc_review.rules import decide, load_rulebook
from doc_review.scoring.coverage import (
    _noting,
    gaps,
    lexicon_parts,
    lexicon_reached,
    rule_parts,
    rules_reached,
)


def reviewed(gold_set: Path) -> Reviewed:
    return review_case(open_cases(gold_set / "larynx-generic-necessity-2025").cases[0])


def test_a_watched_rulebook_decides_the_same(gold_set: Path) -> None:
    done = reviewed(gold_set)
    assert done.record is not None
    seen: set[str] = set()
    assert decide(done.record, _noting(load_rulebook(), seen.add)) == decide(done.record, load_rulebook())
    assert seen
    assert seen <= set(rule_parts(load_rulebook()))


def test_what_a_case_reaches(gold_set: Path) -> None:
    done = reviewed(gold_set)
    rules = rules_reached(done, "cms")
    assert "finding: generic_necessity_statement" in rules
    assert "code: 77301" in rules
    words = lexicon_reached(done, set())
    assert words
    assert words <= set(lexicon_parts())
    found = lexicon_reached(done, words)
    assert found <= words


def test_gaps_are_what_is_left() -> None:
    everything = set(rule_parts(load_rulebook())) | set(lexicon_parts())
    assert all(not told["missing"] for told in gaps(everything).values())
    told = gaps(everything - {"finding: missing_dvh"})
    assert told["finding"]["missing"] == ["missing_dvh"]
    assert told["finding"]["parts"] == told["finding"]["reached"] + 1
