"""Notes and sheets apart from a plan's report that approve the plan, and those that do not."""

from __future__ import annotations

import pytest

from doc_review.evidence.signatures import extract

from .support import drafts

SIGNED = "\nElectronically signed by Alan Roe, MD 03/03/2025 10:01"


@pytest.mark.parametrize(
    ("text", "approves"),
    [
        ("Planning note\nPlan reviewed and approved. PTV coverage 97%." + SIGNED, True),
        ("Planning note\nDVH reviewed. I approve this plan for treatment." + SIGNED, True),
        ("Planning note\nI have reviewed and approved the VMAT plan." + SIGNED, True),
        ("Planning note\nThe isodose plan is acceptable." + SIGNED, True),
        (
            "SIGNATURE SHEET, PLAN P1\n| Role | Name | Status | Date |\n"
            "| Physician | Alan Roe, MD | Approved | 03/03/2025 |",
            True,
        ),
        ("Planning note\nDVH reviewed; the plan will be approved after changes." + SIGNED, False),
        ("Planning note\nThe IMRT plan is not yet approved." + SIGNED, False),
        ("Planning note\nThe IMRT plan was approved by Dr. Poe." + SIGNED, False),
        ("Nutrition note\nFeeding plan acceptable to the patient." + SIGNED, False),
        ("Planning note\nPlan reviewed and approved. PTV coverage 97%.\nAlan Roe, MD", False),
        (
            "Planning note\nPlan reviewed and approved. PTV coverage 97%.\n"
            "Electronically signed by Bo Lee, CMD 03/03/2025",
            False,
        ),
    ],
)
def test_other_entries(text: str, approves: bool) -> None:
    found = [
        item.attributes
        for item in drafts(extract, text, "other")
        if item.attributes["of"] == "plan"
        and item.attributes["act"] == "approved"
        and item.attributes["counts"]
    ]
    assert bool(found) is approves
