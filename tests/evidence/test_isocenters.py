"""How many isocenters a note tells of."""

from __future__ import annotations

import pytest

from doc_review.evidence.isocenters import extract

from .bank_check import cases, check

CASES = cases("isocenter")


@pytest.mark.parametrize("name", CASES)
def test_bank(name: str) -> None:
    check(extract, ("isocenter",), CASES[name])
