"""The rule tests themselves: enough of them, well formed, and their mistakes named by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from doc_review.errors import RulebookError
from doc_review.rules import Rulebook, load_rulebook
from doc_review.rules.rule_tests import load_rule_tests, run_rule_tests

CORE = "77280 77285 77290 77293 77301 77338 77385 77386 G6015 G6016 77402 77407 77412 77336 77427".split()  # noqa: SIM905


def test_there_are_enough_and_each_names_its_clause() -> None:
    tests = load_rule_tests()
    assert len(tests) >= 250
    names = [(t.file, t.name) for t in tests]
    assert len(set(names)) == len(names)
    assert {t.clause.split(".")[0] for t in tests} >= {
        str(n) for n in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
    }


def test_every_core_code_is_expected_somewhere_in_every_status_it_can_have() -> None:
    text = "".join(str(t.expect) for t in load_rule_tests())
    for code in CORE:
        assert f"'{code}': 'supported" in text or f"'{code}': ['supported" in text or code == "77293", code


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('- {name: a, clause: "5", expect: {codez: {}}}', r"broken.yaml:1: expect.codez is not a key"),
        ('- {name: a, clause: "5"}', r"broken.yaml:1: a rule test has name, clause and expect"),
        (
            '- {name: a, clause: "5", expect: {}, course: {base: proton}}',
            r"broken.yaml:1: base proton is not one of",
        ),
        (
            '- {name: a, clause: "5", expect: {}, course: {tecnique: VMAT}}',
            r"broken.yaml:1: tecnique: Extra inputs",
        ),
        (
            '- {name: a, clause: "5", expect: {}, course: {plan.modulator: mlc}}',
            r"broken.yaml:1: plans.0.modulator",
        ),
        ('- {name: a, clause: "5", expect: {codes: {"77301": fine}}}', r"77301: fine is not 'status"),
        ('- {name: a, clause: "5", expect: {}, profile: nobody}', r"broken.yaml:1: profile nobody is not"),
    ],
)
def test_a_mistake_in_a_test_names_file_and_line(
    tmp_path: Path, rulebook: Rulebook, body: str, problem: str
) -> None:
    (tmp_path / "broken.yaml").write_text(body + "\n", encoding="utf-8")
    with pytest.raises(RulebookError, match=problem):
        run_rule_tests(rulebook, tmp_path)


def test_a_test_that_fails_says_what_was_found(tmp_path: Path) -> None:
    body = '- {name: a, clause: "5", expect: {codes: {"77301": blocked, "77338": [supported x2]}, findings: {}}}\n'
    (tmp_path / "failing.yaml").write_text(body, encoding="utf-8")
    (result,) = run_rule_tests(load_rulebook(), tmp_path)
    assert not result.passed
    assert result.problems[0] == "77301: expected blocked, found supported x1"
    assert "finding bundled_simulation: expected None, found ['77290']" in result.problems
