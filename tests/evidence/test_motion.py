"""Motion studies and the five elements of motion management."""

from __future__ import annotations

import pytest

from doc_review.evidence.motion import extract

from .bank_check import cases, check

CASES = cases("motion_management")


@pytest.mark.parametrize("name", CASES)
def test_bank(name: str) -> None:
    check(extract, ("motion_management",), CASES[name])
