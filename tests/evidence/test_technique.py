"""Techniques and their assertions, sentence by sentence."""

from __future__ import annotations

from typing import Any

import pytest

from doc_review.evidence.technique import extract

from .support import bank, drafts


@pytest.mark.parametrize("case", bank("technique"), ids=lambda case: case["text"][:50])
def test_bank(case: dict[str, Any]) -> None:
    found = {
        (draft.value, draft.assertion) for draft in drafts(extract, case["text"], case.get("entry", "other"))
    }
    assert found == {tuple(pair) for pair in case["expect"]}
