"""Every YAML rule test of the rulebook, one pytest case each."""

from __future__ import annotations

import pytest

from doc_review.rules import load_rulebook
from doc_review.rules.rule_tests import RuleTest, load_rule_tests, run_rule_test


@pytest.mark.parametrize("test", load_rule_tests(), ids=lambda t: f"{t.file}:{t.line}")
def test_rule(test: RuleTest) -> None:
    result = run_rule_test(test, load_rulebook())
    assert result.passed, f"{test.name}: {'; '.join(result.problems)}"
