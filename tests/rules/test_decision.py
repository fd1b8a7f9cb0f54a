"""What a suggestion and a finding say: reasons, missing facts, references, order, severity and queries."""

from __future__ import annotations

import re
from typing import Any

import pytest

from doc_review.errors import UsageError
from doc_review.model import Decision, Suggestion
from doc_review.rules import Rulebook, decide
from doc_review.rules.compact import expand

SEVERITIES = {
    "error": "missing_order unsigned_order missing_necessity_statement missing_dose_constraints missing_dvh "
    "unsigned_plan unsigned_simulation invalid_signature duplicate_plan unbundled code_not_valid_on_date "
    "component_error",
    "warning": "generic_necessity_statement signer_not_ordering_provider approval_after_first_fraction "
    "order_after_first_fraction undated_signature signature_mark_unverified conflicting_documents "
    "motion_management_undocumented isocenters_unclear missing_physics_check physics_over_frequency "
    "missing_management_visit date_mismatch date_unknown other_patient_document unread_page",
    "info": "bundled_simulation physics_remainder component_unspecified out_of_scope_modality",
}


def decided(rulebook: Rulebook, case: dict[str, Any], profile: str = "cms") -> Decision:
    return decide(expand(case), rulebook, profile)


def suggestion(decision: Decision, code: str) -> Suggestion:
    return next(s for s in decision.suggestions if s.code == code)


@pytest.mark.parametrize(("severity", "types"), SEVERITIES.items())
def test_severities_are_those_of_section_13(rulebook: Rulebook, severity: str, types: str) -> None:
    assert {t for t, spec in rulebook.findings.items() if spec.severity == severity} == set(types.split())


def test_a_query_never_leads(rulebook: Rulebook) -> None:
    leading = re.compile(
        r"\b(agree|confirm|should|must|because|sign this|add|correct|yes|no)\b|\d{5}", re.IGNORECASE
    )
    for kind, spec in rulebook.findings.items():
        if spec.query is not None:
            assert spec.query.startswith("Please "), kind
            assert not leading.search(spec.query), kind
            assert not re.search(r"reimburse|payment|bill|code|denial", spec.query, re.IGNORECASE), kind


def test_an_unknown_profile_is_a_usage_error(rulebook: Rulebook) -> None:
    with pytest.raises(UsageError, match="profile nobody is not in the rulebook; choose one of cms"):
        decided(rulebook, {}, "nobody")


def test_missing_names_the_smallest_set_with_the_nearest_evidence(rulebook: Rulebook) -> None:
    changes = {"necessity": [], "order": {"signed": False, "evidence": ["e7"]}}
    found = suggestion(decided(rulebook, {"course": changes}), "77301")
    assert [(m.requirement, m.reason, m.nearest) for m in found.missing] == [
        ("order", "not_signed", "e7"),
        ("necessity", "not_found", None),
    ]
    assert found.against == ("e7",)
    assert "e7" not in found.evidence
    assert [r.passed for r in found.reasons].count(False) == 2


def test_an_unread_page_is_the_reason_of_what_is_missing(rulebook: Rulebook) -> None:
    found = suggestion(decided(rulebook, {"course": {"necessity": []}, "unread": True}), "77301")
    assert [m.reason for m in found.missing] == ["unread"]
    assert all(r.passed is not False for r in found.reasons)


def test_the_five_elements_are_told_present_or_absent(rulebook: Rulebook) -> None:
    course = {
        "shift_days": 364,
        "fractions.motion_management": "active",
        "motion": {"system": ["e1"], "threshold": ["e2"]},
    }
    texts = [r.text for r in suggestion(decided(rulebook, {"course": course}), "77412").reasons]
    elements = [t for t in texts if t.startswith("Motion management")]
    assert [t.split(": ")[1] for t in elements] == [
        "absent (7.7)",
        "present (7.7)",
        "present (7.7)",
        "absent (7.7)",
        "absent (7.7)",
    ]


@pytest.mark.parametrize(
    ("context", "course", "wanted"),
    [
        ({"setting": "hospital_outpatient", "claim": "facility"}, {}, "Medicare Claims Processing Manual"),
        ({"setting": "hospital_outpatient", "claim": "professional"}, {}, "NCCI policy manual"),
        ({"setting": "freestanding", "claim": "global"}, {}, "NCCI policy manual"),
        (
            {"setting": "freestanding", "claim": "global"},
            {"simulation": {"date": "2025-03-03"}},
            "NCCI procedure-to-procedure edits",
        ),
    ],
)
def test_a_bundle_cites_what_holds_for_the_claim_and_day(
    rulebook: Rulebook, context: dict[str, Any], course: dict[str, Any], wanted: str
) -> None:
    found = suggestion(decided(rulebook, {"case": context, "course": course}), "77290")
    titles = [r.title for r in found.references]
    bundles = [t for t in titles if "Claims Processing" in t or "NCCI" in t]
    assert len(bundles) == 1
    assert wanted in bundles[0]


def test_unbundled_says_that_no_modifier_overrides_it(rulebook: Rulebook) -> None:
    case = {"case": {"billed": [{"code": "77290", "date": "2025-02-20", "modifiers": ["59"]}]}}
    finding = next(f for f in decided(rulebook, case).findings if f.type == "unbundled")
    assert "no modifier overrides it" in finding.message
    assert "chapter IX, section F" in finding.message


def test_a_same_day_edit_is_mentioned_and_no_finding(rulebook: Rulebook) -> None:
    billed = [{"code": "77301", "date": "2025-03-03"}, {"code": "77336", "date": "2025-03-03", "units": 6}]
    decision = decided(rulebook, {"case": {"billed": billed}})
    assert decision.comparison is not None
    assert "Same-day edit with 77301" in decision.comparison[1].note
    assert not {"unbundled"} & {f.type for f in decision.findings}


def test_the_articles_reading_is_said_where_it_differs(rulebook: Rulebook) -> None:
    case = {"case": {"claim": "technical"}}
    texts = [r.text for r in suggestion(decided(rulebook, case), "77290").reasons]
    assert any("profile article" in t for t in texts)
    assert not any("profile article" in r.text for r in suggestion(decided(rulebook, case), "77301").reasons)


def test_a_reading_that_gives_another_code_is_said_and_both_are_cited(rulebook: Rulebook) -> None:
    found = suggestion(decided(rulebook, {"course": {"shift_days": 364}}), "77407")
    text = next(r.text for r in found.reasons if "profile article" in r.text)
    assert text.endswith("(profile article: 77412 x30 supported)")
    titles = {r.title for r in found.references}
    for name in ("cms", "article"):
        assert {rulebook.references[r].title for r in rulebook.profiles[name].references} <= titles


def test_a_payers_window_is_said_where_it_takes_a_simulation_in(rulebook: Rulebook) -> None:
    other = {"serves": "3d", "same_target_as_imrt": False, "contrast": False}
    inside = {**other, "date": "2025-02-25", "signature_date": "2025-02-25"}
    found = suggestion(decided(rulebook, {"course": {"more_simulations": [inside]}}), "77280")
    assert found.status == "supported"
    assert any("profile bundle-14-days: 77280 x1 needs review" in r.text for r in found.reasons)
    outside = {**other, "date": "2025-05-25", "signature_date": "2025-05-25"}
    found = suggestion(decided(rulebook, {"course": {"more_simulations": [outside]}}), "77280")
    assert not any("profile bundle" in r.text for r in found.reasons)


@pytest.mark.parametrize(("shift", "said"), [(0, True), (364, False)])
def test_the_g_code_overlay_is_said_through_2025(rulebook: Rulebook, shift: int, said: bool) -> None:
    code = "77386" if said else "77407"
    found = suggestion(decided(rulebook, {"course": {"shift_days": shift}}), code)
    assert any("commercial-g-codes" in r.text for r in found.reasons) is said


def test_suggestions_and_findings_are_ordered(rulebook: Rulebook) -> None:
    case = {
        "case": {"claim": ["professional", "facility"]},
        "courses": [{"necessity": []}, {"base": "3d", "shift_days": 200}],
    }
    decision = decided(rulebook, case)
    keys = [
        (s.course, ["professional", "facility"].index(s.claim or ""), s.code) for s in decision.suggestions
    ]
    assert keys == sorted(keys)
    order = ["error", "warning", "info"]
    ranks = [(order.index(f.severity), f.type, f.codes) for f in decision.findings]
    assert ranks == sorted(ranks)


def test_labels_are_our_own(rulebook: Rulebook) -> None:
    assert rulebook.codes["77301"].label == "IMRT plan"
    assert rulebook.codes["77385"].label == "IMRT delivery, simple (through 2025)"
    assert all(len(code.label) <= 70 for code in rulebook.codes.values())


@pytest.mark.parametrize(
    ("course", "code", "words", "first"),
    [
        ({"order.signature": ["o2"], "order.evidence": ["o1", "o2"]}, "77301", "ordered and signed", "o2"),
        (
            {"plan.approval.signature": ["p2"], "plan.evidence": ["p1", "p2", "p3"]},
            "77301",
            "approved by",
            "p2",
        ),
        (
            {"base": "3d", "simulation.signature": ["s2"], "simulation.evidence": ["s1", "s2"]},
            "77280",
            "signed by",
            "s2",
        ),
    ],
)
def test_the_evidence_of_a_signature_leads_with_the_signature(
    rulebook: Rulebook, course: dict[str, object], code: str, words: str, first: str
) -> None:
    decision = decide(expand({"course": course}), rulebook)
    (one,) = (s for s in decision.suggestions if s.code == code)
    reason = next(r for r in one.reasons if words in r.text)
    assert reason.evidence[0] == first


def test_what_is_missing_of_a_signature_points_at_the_line_that_does_not_count(rulebook: Rulebook) -> None:
    course = {
        "plan.approval": {"state": "unsigned", "by": None, "role": None, "date": None, "signature": ["p2"]},
        "plan.evidence": ["p1", "p2"],
    }
    decision = decide(expand({"course": course}), rulebook)
    (one,) = (s for s in decision.suggestions if s.code == "77301")
    assert [m.nearest for m in one.missing if m.requirement == "approval"] == ["p2"]
    assert one.against[0] == "p2"
