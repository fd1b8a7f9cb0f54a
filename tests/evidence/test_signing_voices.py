"""Approvals of plans, signatures of orders and notes, and weekly visits in the voices of many hospitals."""

from __future__ import annotations

from typing import Any

import pytest

from doc_review.courses import items, views
from doc_review.evidence import checks, signatures, visits
from doc_review.evidence.kinds import Draft
from doc_review.evidence.pipeline import as_evidence
from doc_review.model import Evidence

from .bank_check import cases
from .support import make_reading

PLANS = cases("signature_plans")
ORDERS = cases("signature_orders")
VISITS = cases("visits_voices")
CHECKS = cases("checks_voices")


def _evidence(text: str, kind: Any) -> list[Evidence]:
    drafts = signatures.extract(make_reading(text, kind))
    return [as_evidence(number, draft) for number, draft in enumerate(drafts, 1)]


def _told(stands: bool, word: str, role: str | None, date: Any) -> str:
    if not stands or role not in {*views.PHYSICIANS, None}:
        return "unsigned"
    return f"{word if role else 'unknown'} {date or 'undated'}"


@pytest.mark.parametrize("name", PLANS)
def test_plan_approval(name: str) -> None:
    case = PLANS[name]
    signed = _evidence(case["text"], case.get("entry", "plan"))
    found = items.approval([item for item in signed if item.attributes.get("of") != "order"])
    assert _told(found.state == "approved", "approved", found.role, found.date) == case["expect"]


@pytest.mark.parametrize("name", ORDERS)
def test_order_signature(name: str) -> None:
    case = ORDERS[name]
    found = views.signing(_evidence(case["text"], case["entry"]))
    told = _told(found["signed"], "signed", found["role"], found.get("signature_date"))
    assert told == case["expect"]


def _visit(draft: Draft, expected: str) -> str:
    told = draft.attributes
    by = told.get("role") in views.PHYSICIANS
    yes = draft.assertion == "affirmed" and told["examined"] and told["signed"] and by
    number = f" fx{told.get('fraction_to')}" if " fx" in expected else ""
    return f"{told.get('date')}{number} {'yes' if yes else 'no'}"


@pytest.mark.parametrize("name", VISITS)
def test_visit(name: str) -> None:
    case = VISITS[name]
    drafts = list(visits.extract(make_reading(case["text"], "management_visit")))
    assert [_visit(draft, case["expect"][0]) for draft in drafts] == case["expect"]


def _check(draft: Draft, expected: str) -> str:
    told = draft.attributes
    yes = draft.assertion == "affirmed" and told["signed"] and told.get("role") == "physicist"
    number = f" fx{told.get('fraction_to')}" if " fx" in expected else ""
    return f"{told.get('date')}{number} {'yes' if yes else 'no'}"


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    case = CHECKS[name]
    drafts = list(checks.extract(make_reading(case["text"], "physics_check")))
    assert [_check(draft, case["expect"][0]) for draft in drafts] == case["expect"]
