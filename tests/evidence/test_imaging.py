"""Contrast, replanning, image guidance and devices."""

from __future__ import annotations

import pytest

from doc_review.evidence import imaging

from .bank_check import cases, check
from .support import drafts

CONTRAST = cases("contrast")
REPLAN = cases("replan")


@pytest.mark.parametrize("name", CONTRAST)
def test_contrast(name: str) -> None:
    check(imaging.extract, ("contrast",), CONTRAST[name])


@pytest.mark.parametrize("name", REPLAN)
def test_replan(name: str) -> None:
    check(imaging.extract, ("replan",), REPLAN[name])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Daily CBCT before each fraction.", {("image_guidance", "cbct", "affirmed")}),
        (
            "[x] 5-point thermoplastic mask  [ ] Vac-Lok",
            {("immobilization", "mask", "affirmed"), ("immobilization", "vacuum_cushion", "negated")},
        ),
        ("ArcCHECK 98.3 % at 3 %/2 mm.", {("patient_qa", "ArcCHECK", "affirmed")}),
        ("MLC: Agility 160 leaf.", {("mlc", "MLC", "affirmed")}),
        (
            "Heart and PTV_eval were contoured.",
            {("contour", "PTV_eval", "affirmed"), ("contour", "heart", "affirmed")},
        ),
        ("Port films only on day one.", {("image_guidance", "mv", "affirmed")}),
    ],
)
def test_small_facts(text: str, expected: set[tuple[str, str, str]]) -> None:
    found = {
        (draft.kind, draft.value, draft.assertion) for draft in drafts(imaging.extract, text, "simulation")
    }
    assert expected <= found
