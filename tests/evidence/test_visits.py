"""Weekly physician visits: items, examination, signer."""

from __future__ import annotations

import pytest

from doc_review.evidence.examination import examination
from doc_review.evidence.visits import extract

from .bank_check import cases, check

CASES = cases("management_visit")


@pytest.mark.parametrize("name", CASES)
def test_bank(name: str) -> None:
    check(extract, ("management_visit",), CASES[name])


@pytest.mark.parametrize(
    ("text", "examined"),
    [
        ("skin intact.", True),
        ("abd: soft, nt/nd", True),
        ("no palpable adenopathy", True),
        ("exam: nad", True),
        ("exam:\n  general: nad, skin with mild erythema", True),
        ("physical examination reveals grade 2 dermatitis", True),
        ("breast: well healed scar, no edema", True),
        ("o/e: skin rtog 2", True),
        ("cn ii-xii intact", True),
        ("wt 180 lb, bp 120/80, kps 90", False),
        ("fatigue grade 1, dermatitis grade 1, nausea grade 0", False),
        ("denies skin irritation or mouth sores", False),
        ("no rectal bleeding, bladder symptoms unchanged", False),
        ("expect skin erythema next week", False),
        ("apply aquaphor to dry skin", False),
        ("patient not examined today", False),
        ("video visit, skin looks intact", False),
        ("port films reviewed, setup unchanged", False),
        ("ros: skin negative for rash", False),
    ],
)
def test_examination(text: str, examined: bool) -> None:
    assert (examination(text, 0, len(text)) is not None) is examined
