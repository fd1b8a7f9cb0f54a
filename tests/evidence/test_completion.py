"""Whether the course has ended."""

from __future__ import annotations

import pytest

from doc_review.evidence.completion import extract

from .bank_check import cases, check

CASES = cases("completion")


@pytest.mark.parametrize("name", CASES)
def test_bank(name: str) -> None:
    check(extract, ("completion",), CASES[name])
