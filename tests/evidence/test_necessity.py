"""Necessity statements: the reasoning, not the phrase."""

from __future__ import annotations

from typing import Any

import pytest

from doc_review.evidence.necessity import extract

from .support import bank, drafts


@pytest.mark.parametrize("case", bank("necessity_statement"), ids=lambda case: case["text"][:50])
def test_bank(case: dict[str, Any]) -> None:
    found = [draft.value for draft in drafts(extract, case["text"], case.get("entry", "consultation"))]
    assert found == case["expect"]
