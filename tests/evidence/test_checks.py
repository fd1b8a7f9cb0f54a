"""Weekly physics checks: items, dates, fractions, signer."""

from __future__ import annotations

import pytest

from doc_review.evidence.checks import extract
from doc_review.evidence.periodic import fractions_in

from .bank_check import cases, check

CASES = cases("physics_check")


@pytest.mark.parametrize("name", CASES)
def test_bank(name: str) -> None:
    check(extract, ("physics_check",), CASES[name])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fx 5/28", (5, 5)),
        ("fractions reviewed 1-5", (1, 5)),
        ("fraction 5 of 28", (5, 5)),
        ("fractions 6 to 10", (6, 10)),
        ("fx #11 - #15", (11, 15)),
        ("5/28 fx", (5, 5)),
        ("fractions to date: 12", (12, 12)),
        ("after 5 fractions", (5, 5)),
        ("15th fraction", (15, 15)),
        ("fx(s): 21-25", (21, 25)),
        ("70 gy in 35 fractions", None),
        ("prescribed fractions: 35", None),
        ("250 cgy x 28 fx", None),
        ("5 fx/week", None),
        ("fx dose 2 gy", None),
        ("3 fractions left", None),
    ],
)
def test_fractions(text: str, expected: tuple[int, int] | None) -> None:
    found = fractions_in(text, 0, len(text))
    assert (found[0] if found else None) == expected
