"""Fractions, totals and days not treated."""

from __future__ import annotations

import pytest

from doc_review.evidence.delivery import extract

from .bank_check import cases, check

CASES = cases("delivery")


@pytest.mark.parametrize("name", CASES)
def test_bank(name: str) -> None:
    check(extract, ("delivery",), CASES[name])
