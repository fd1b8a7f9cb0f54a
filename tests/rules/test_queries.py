"""Queries to the physician are compliant: every template, every query of the gold set; and the linter finds what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from doc_review.errors import RulebookError
from doc_review.model import Finding
from doc_review.rules import Rulebook, decide, load_rulebook
from doc_review.rules.compact import expand
from doc_review.rules.findings import asked
from doc_review.rules.queries import lint_finding, lint_question
from doc_review.rules.rule_tests import load_rule_tests

from ..conftest import dev_cases
from .conftest import Edit

GOOD = [
    "Please clarify the authentication of the treatment order.",
    "Please describe how respiratory motion was managed during delivery, if it was.",
    "How many isocenters were treated in a session?",
    "Please document the considerations, if any, behind the choice of technique.",
    "How was respiratory motion managed in these sessions?\n"
    "[ ] Free breathing\n[ ] Gating\n[ ] Breath hold\n[ ] Other: ____\n[ ] Unable to determine",
]
BAD = [
    ("Please clarify the plan for 77301.", "names a code"),
    ("Please clarify G6015.", "names a code"),
    ("Please clarify which CPT applies.", "speaks of coding"),
    ("Please clarify the plan so it can be billed.", "speaks of payment"),
    ("Please clarify the necessity for the payer.", "speaks of payment"),
    ("Please confirm the plan was approved.", "asks to confirm"),
    ("Please document that IMRT was needed to spare the parotid glands.", "puts the answer"),
    ("Which statement of need should be documented?", "says what ought"),
    ("Please sign the plan and clarify its date.", "asks for a change"),
    ("Please clarify the need in order to meet the policy.", "names the purpose"),
    ("Was the plan approved?", "yes or no"),
    ("Did you approve the plan before treatment?", "yes or no"),
    ("The plan, the date.", "no open question"),
    ("Please document the reason for IMRT.", "presumes"),
    ("How was motion managed?\n[ ] Gating\n[ ] Other\n[ ] Unable to determine", "a single choice"),
    ("How was motion managed?\n- Gating\n- Breath hold\n- Unable to determine", 'not offer "other"'),
    ("How was motion managed?\n1. Gating\n2. Breath hold\n3. Other", "unable to determine"),
    (" ", "asks nothing"),
]


@pytest.mark.parametrize("text", GOOD)
def test_compliant_questions_pass(text: str) -> None:
    assert lint_question(text) == ()


@pytest.mark.parametrize(("text", "problem"), BAD)
def test_each_defect_is_found(text: str, problem: str) -> None:
    assert any(problem in found for found in lint_question(text)), lint_question(text)


def test_every_template_is_compliant(rulebook: Rulebook) -> None:
    queries = {kind: spec.query for kind, spec in rulebook.findings.items() if spec.query is not None}
    assert len(queries) > 15
    assert {kind: found for kind, query in queries.items() if (found := lint_question(query))} == {}


def test_a_query_cites_the_chart(rulebook: Rulebook) -> None:
    spec = rulebook.findings["unsigned_plan"]
    bare = Finding(
        type="unsigned_plan",
        severity="error",
        codes=("77301",),
        message=spec.message.replace("{detail}", "").strip(),
        query=spec.query,
        evidence=(),
    )
    assert lint_finding(bare, rulebook) == ("cites no indicator of the chart",)
    assert lint_finding(bare.model_copy(update={"evidence": ("e1",)}), rulebook) == ()
    told = bare.model_copy(update={"message": f"{bare.message} The plan is signed by a physicist."})
    assert lint_finding(told, rulebook) == ()
    assert lint_finding(bare.model_copy(update={"query": None}), rulebook) == ()


def test_a_query_holds_the_charts_own_indicators(rulebook: Rulebook) -> None:
    def query(course: dict[str, object]) -> str | None:
        findings = decide(expand({"course": course}), rulebook).findings
        return next(f.query for f in findings if f.severity == "warning")

    late = query({"plan.approval.date": "2025-03-11"})
    assert late is not None
    assert "(in the record: approved 2025-03-11, first fraction 2025-03-10)" in late
    visits = query({"visits": {"every": 5, "skip": [2]}})
    assert visits is not None
    assert "(fractions 6-10)" in visits


@pytest.mark.parametrize("indicator", ["", "Ann Fee, MD; ordered by Ada Berg, MD", "code 77301"])
def test_an_indicator_that_may_not_stand_in_a_query_is_left_out(indicator: str) -> None:
    template = "Please clarify the roles of the two physicians (approved by {detail})."
    assert asked(template, [indicator]) == "Please clarify the roles of the two physicians."
    told = asked(template, ["Eve Foy", "", "Eve Foy", "Ada Berg"])
    assert told == "Please clarify the roles of the two physicians (approved by Eve Foy; Ada Berg)."


def test_an_indicator_outside_parentheses_is_an_error(edited: Edit) -> None:
    folder = edited("findings.yaml", "evaluation in these fractions ({detail})", "evaluation in {detail}")
    with pytest.raises(RulebookError, match=r"findings\.yaml:\d+: .*stands in parentheses"):
        load_rulebook(folder)


def test_every_query_of_the_rule_tests_is_compliant(rulebook: Rulebook) -> None:
    seen: set[str] = set()
    for test in load_rule_tests():
        for finding in decide(expand(test.case), rulebook, test.profile).findings:
            if finding.query is not None and finding.type not in seen:
                assert lint_finding(finding, rulebook) == (), (test.name, finding.type)
                seen.add(finding.type)
    assert len(seen) > 12


def test_every_query_of_the_gold_set_is_compliant(rulebook: Rulebook, gold_set: Path) -> None:
    from doc_review.case import open_cases
    from doc_review.review import ReviewOptions, review_case

    for name in dev_cases():
        if name.endswith("-scan"):
            continue
        case = open_cases(gold_set / name).cases[0]
        for finding in review_case(case, ReviewOptions()).review.findings:
            assert lint_finding(finding, rulebook) == (), (case.case_id, finding.type)
