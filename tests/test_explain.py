"""Why a code has its status, why not its neighbours, what is missing: for made charts and those of the gold set."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from doc_review.case import open_cases
from doc_review.cli import run
from doc_review.errors import UsageError
from doc_review.explain import Answer, Explanation, explain
from doc_review.model import CaseRecord, Scope
from doc_review.report.explain import render
from doc_review.report.packet import explanation
from doc_review.review import Reviewed, decided
from doc_review.rules import load_rulebook
from doc_review.rules.compact import expand
from doc_review.rules.services import all_lines
from doc_review.rules.trace import lit_tables

from .report.builder import chart, review

IN_2026 = {"shift_days": 364}


def reviewed(scope: Scope | None = None, **description: Any) -> Reviewed:
    """A review of a made course: its codes are decided, its documents are those of the report tests."""
    record: CaseRecord = expand(description)
    decision, engine = decided(record, "cms", scope)
    made = review().model_copy(
        update={
            "engine": engine,
            "context": record.context,
            "courses": record.courses,
            "suggestions": decision.suggestions,
            "findings": decision.findings,
            "comparison": decision.comparison,
            "scope": scope,
        }
    )
    return Reviewed(made, chart(made), record)


def told(code: str, scope: Scope | None = None, **description: Any) -> Explanation:
    return explain(reviewed(scope, **description), code)


def only(explained: Explanation) -> Answer:
    assert len(explained.answers) == 1
    return explained.answers[0]


def why_not(answer: Answer) -> dict[str, list[tuple[str, str, str]]]:
    return {
        one.code: [(c.fact, c.actual.split(" (")[0], c.wanted) for row in one.rows for c in row.failing]
        for one in answer.neighbours
    }


def test_a_failed_requirement_is_the_only_line_that_is_false() -> None:
    answer = only(told("77301", course={"necessity": []}))
    assert answer.status == "blocked"
    assert [line.clause for line in answer.rule if line.light == "false"] == ["5.4"]
    assert {line.light for line in answer.rule} == {"true", "false", "unused"}
    assert [gap.reason for gap in answer.gaps] == ["not found"]
    assert "why IMRT and not conventional treatment" in answer.gaps[0].text


def test_a_near_miss_is_told() -> None:
    approval = {"by": "Ben Holm, MS, DABR", "role": "physicist"}
    answer = only(told("77301", course={"plan": {"approval": approval}}))
    (gap,) = answer.gaps
    assert gap.reason == "wrong role"
    assert (
        gap.told == "The plan is signed by Ben Holm, MS, DABR; a radiation oncologist's approval is missing"
    )


def test_every_reason_of_a_requirement_lights_its_line() -> None:
    for course in ({}, {"base": "3d"}, {"base": "sbrt"}, {"necessity": []}, {"visits": []}, IN_2026):
        one = reviewed(course=course)
        for suggestion in one.review.suggestions:
            for answer in explain(one, suggestion.code).answers:
                left = [reason.text for reason in answer.also if reason.text.endswith(")")]
                assert all(re.search(r"Motion management|profile|window|\(1\.8\)", text) for text in left), (
                    left
                )
                statuses = {line.light for line in answer.rule}
                assert ("false" in statuses) <= (answer.status != "supported")


@pytest.mark.parametrize(
    ("code", "course", "neighbour", "lacks"),
    [
        ("77386", {}, "77385", ("imrt_site", "other", "prostate breast")),
        ("77385", {"prostate_breast": True}, "77386", ("imrt_site", "prostate breast", "other")),
        ("77407", IN_2026, "77412", ("isocenters", "one", "several")),
        ("77290", {}, "77280", ("simulation_complexity", "present", "absent")),
        ("77280", {"base": "3d"}, "77285", ("simulation_areas", "one", "two")),
        ("77280", {"base": "3d"}, "77290", ("simulation_complexity", "absent", "present")),
    ],
)
def test_why_not_the_neighbour(
    code: str, course: dict[str, Any], neighbour: str, lacks: tuple[str, str, str]
) -> None:
    answer = only(told(code, course=course))
    assert lacks in why_not(answer)[neighbour]
    text = render(told(code, course=course))
    assert f"Why not {neighbour} (" in text


def test_levels_are_told_higher_or_lower() -> None:
    sides = {one.code: one.side for one in only(told("77407", course=IN_2026)).neighbours}
    assert sides == {"77402": "lower", "77412": "higher"}


def test_what_the_higher_level_would_take() -> None:
    explained = told("77412", course=IN_2026)
    assert explained.verdict == "Not listed: the chart documents 77407 instead."
    answer = only(explained)
    assert answer.status is None
    texts = [gap.text for gap in answer.gaps]
    assert "photons with several isocenters (isocenters: several)" in texts
    assert any("motion management: active" in text for text in texts)
    assert any(line.light == "true" for line in answer.rule)
    assert "One way:" in render(explained)


@pytest.mark.parametrize(
    ("code", "description", "verdict"),
    [
        ("77386", {"course": IN_2026}, "Not in force on 2026-04-17: valid 2024-01-01 to 2025-12-31."),
        ("77437", {}, "Not in force on"),
        ("77300", {}, "No rule suggests this code"),
        ("77293", {}, "Not listed: the documents do not touch this service."),
        ("77427", {"case": {"claim": "facility"}}, "a facility claim does not carry it"),
        ("77301", {}, "Supported x1 on the global claim."),
    ],
)
def test_verdicts(code: str, description: dict[str, Any], verdict: str) -> None:
    assert verdict in told(code, **description).verdict


def test_a_what_if_day_decides_what_is_in_force() -> None:
    scope = Scope(on=load_rulebook().boundaries()[0])
    assert "Supported x30" in told("77407", scope).verdict
    assert "Not in force on 2026-01-01" in told("77386", scope).verdict


def test_billed_rows_and_findings_of_the_code_are_told() -> None:
    line = {"code": "77301", "units": 2, "date": "2025-03-03"}
    explained = told("77301", case={"billed": [line]}, course={"necessity": []})
    assert [row.result for row in explained.comparison] == ["overcoded"]
    text = render(explained)
    assert "2 billed on 2025-03-03" in text
    assert "Missing necessity statement" in text


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(UsageError, match="77999 is not in the rulebook"):
        told("77999")


def test_every_code_is_explained_for_every_gold_case_it_is_asked_of(gold_set: Path) -> None:
    from doc_review.review import ReviewOptions, review_case

    case = open_cases(gold_set / "lung-gated-2026").cases[0]
    one = review_case(case, ReviewOptions())
    for code in load_rulebook().codes:
        explained = explain(one, code)
        text = render(explained)
        assert explained.verdict
        assert max(map(len, text.splitlines())) <= 80
        page = explanation(explained).decode()
        assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert explanation(explained).decode() == page


def test_tables_are_lit_by_the_facts_of_the_chart() -> None:
    rulebook = load_rulebook()
    lines = all_lines(rulebook, expand({"course": IN_2026}), rulebook.profiles["cms"])
    for lit in lit_tables(rulebook, lines):
        decided_rows = [row for row in lit.rows if row.decided]
        assert len(decided_rows) == 1
        assert not decided_rows[0].failing
        assert all(row.failing for row in lit.rows if not row.decided)


def test_explain_by_command(gold_set: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    case = str(gold_set / "lung-gated-2026")
    assert run(["explain", case, "77412", "--no-cache"]) == 0
    assert "Why not 77407 (lower level)" in capfd.readouterr().out
    page = tmp_path / "x.html"
    assert run(["explain", case, "77407", "--no-cache", "--html", str(page)]) == 0
    assert page.stat().st_mode & 0o777 == 0o600
    assert "What it would take" in page.read_text(encoding="utf-8")
    capfd.readouterr()
    for bad in (["77999"], ["77301", "--on", "2020-01-01"], ["77301", "--profile", "none"]):
        assert run(["explain", case, *bad, "--no-cache"]) == 2
    assert run(["explain", str(gold_set), "77301"]) == 2
    assert capfd.readouterr().err.count("\n") == 4
