"""Plan reports and treatment records in many looks: every field and fraction as printed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "eval"))
import plan_layouts as plans
import record_layouts as records

DEV = sorted(set(plans.LOOKS) - set(plans.HELD_OUT))


@pytest.mark.parametrize("look", DEV)
def test_every_field_of_a_plan_report_is_read(look: str) -> None:
    for made, pdf in plans.reports(look, 5):
        found, true = plans.told(pdf), plans.truth(made)
        assert found is not None
        assert {name for name in true if not plans.right(name, found[name], true[name])} == set(), made


@pytest.mark.parametrize("name", sorted(records.LAYOUTS))
def test_every_fraction_of_a_treatment_record_is_read_once(name: str) -> None:
    kind, layout = records.LAYOUTS[name]
    for seed in range(2):
        made = records.course(seed)
        assert records.told(kind, layout(made)) == [(f.number, f.day) for f in made]


@pytest.mark.parametrize("approval", ["reviewed", "physicist", "unapproved"])
def test_a_plan_nobody_approved_as_physician_is_unapproved_in_every_look(approval: str) -> None:
    """A status column named "Approval Status" once made a review, or a physicist's approval, the physician's."""
    from dataclasses import replace

    for look in DEV:
        kinds = ("TOMOTHERAPY",) if look == "tomo" else ("VMAT",)
        for seed in (1, 2):
            found = plans.told(plans.LOOKS[look](replace(plans.spec(seed, kinds), approval=approval)))
            assert found is not None
            assert found["approved"] is False, look
