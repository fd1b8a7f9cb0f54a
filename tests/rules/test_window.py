"""Windows of days and what-if days: what is listed, what still counts, and the same record under other rules."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from doc_review.errors import UsageError
from doc_review.model import CaseRecord, Decision
from doc_review.rules import Rulebook, decide
from doc_review.rules.as_of import rulebook_on
from doc_review.rules.compact import expand
from doc_review.rules.window import Window, decide_within

from .test_properties import records

MARCH = Window(dt.date(2025, 3, 1), dt.date(2025, 3, 31))
APRIL = Window(dt.date(2025, 4, 1), dt.date(2025, 4, 30))


def told(decision: Decision) -> dict[str, tuple[str, int]]:
    return {s.code: (s.status, s.units) for s in decision.suggestions}


def rows(decision: Decision) -> list[str]:
    return [f"{r.code} {r.billed}/{r.supported} {r.result}" for r in decision.comparison or ()]


def within(rulebook: Rulebook, window: Window, **description: Any) -> Decision:
    return decide_within(expand(description), rulebook, "cms", window)


def test_months_of_a_clean_course_add_up(rulebook: Rulebook) -> None:
    march, april = within(rulebook, MARCH), within(rulebook, APRIL)
    assert told(march) == {
        "77301": ("supported", 1),
        "77338": ("supported", 1),
        "77336": ("supported", 3),
        "77386": ("supported", 16),
        "77427": ("supported", 3),
    }
    assert told(april) == {
        "77336": ("supported", 3),
        "77386": ("supported", 14),
        "77427": ("supported", 3),
    }
    assert all(MARCH.covers(day) for s in march.suggestions for day in s.dates)
    assert any("16 of the 30 units" in reason.text for s in march.suggestions for reason in s.reasons)
    assert [f.type for f in march.findings] == []


def test_an_open_window_is_the_whole_decision(rulebook: Rulebook) -> None:
    record = expand({})
    assert decide_within(record, rulebook, "cms", Window(dt.date(2025, 1, 1), None)) == decide(
        record, rulebook
    )


def test_what_lies_outside_still_counts(rulebook: Rulebook) -> None:
    late = within(rulebook, APRIL, course={"necessity": []})
    assert told(late)["77386"] == ("needs_review", 14)
    assert [f.type for f in late.findings] == []
    missing = within(rulebook, MARCH, course={"checks": {"every": 5, "skip": [1, 2, 3, 4, 5, 6]}})
    assert [f.type for f in missing.findings] == ["missing_physics_check"]


def test_a_month_is_compared_with_its_own_services(rulebook: Rulebook) -> None:
    line = {"code": "77386", "units": 16, "date": dt.date(2025, 3, 10), "date_to": dt.date(2025, 3, 31)}
    other = {"code": "77386", "units": 14, "date": dt.date(2025, 4, 1), "date_to": dt.date(2025, 4, 18)}
    march = within(rulebook, MARCH, case={"billed": [line, other]})
    assert rows(march) == [
        "77386 16/16 agrees",
        "77301 0/1 undercoded",
        "77336 0/3 undercoded",
        "77338 0/1 undercoded",
        "77427 0/3 undercoded",
    ]
    over = within(rulebook, MARCH, case={"billed": [{**line, "units": 17}]})
    assert rows(over)[0] == "77386 17/16 overcoded"
    april = within(rulebook, APRIL, case={"billed": [other]})
    assert rows(april) == ["77386 14/14 agrees", "77336 0/3 undercoded", "77427 0/3 undercoded"]
    nothing = within(rulebook, APRIL, case={"billed": [line]})
    assert rows(nothing) == ["77336 0/3 undercoded", "77386 0/14 undercoded", "77427 0/3 undercoded"]


def test_a_bundle_is_told_though_its_plan_lies_outside(rulebook: Rulebook) -> None:
    february = Window(dt.date(2025, 2, 1), dt.date(2025, 2, 28))
    line = {"code": "77290", "units": 1, "date": dt.date(2025, 2, 20)}
    decision = within(rulebook, february, case={"billed": [line]})
    assert rows(decision) == ["77290 1/0 overcoded"]
    found = {f.type: f for f in decision.findings}
    assert "included in 77301" in found["unbundled"].message
    assert "bundled_simulation" in found


def test_two_sessions_a_day_are_counted_in_their_month(rulebook: Rulebook) -> None:
    twice = {
        "count": 30,
        "from": "2025-03-24",
        "twice_daily": True,
        "technique": "VMAT",
        "modality": "photon",
    }
    documented = {"fractions": {**twice, "break_hours": 6.5}}
    assert told(within(rulebook, MARCH, course=documented))["77386"] == ("supported", 12)
    undocumented = within(rulebook, MARCH, course={"fractions": twice})
    assert sorted(s.units for s in undocumented.suggestions if s.code == "77386") == [6, 6]


def test_undated_fractions_are_in_no_window(rulebook: Rulebook) -> None:
    extra = [{"technique": "VMAT", "modality": "photon"}] * 2
    fractions = {"count": 28, "from": "2025-03-10", "technique": "VMAT", "modality": "photon", "then": extra}
    whole = within(
        rulebook, Window(dt.date(2025, 3, 1), dt.date(2025, 5, 1)), course={"fractions": fractions}
    )
    assert sum(s.units for s in whole.suggestions if s.code == "77386") == 28
    assert any("the others are undated" in r.text for s in whole.suggestions for r in s.reasons)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageError, match="swap --from and --to"):
        Window(dt.date(2025, 3, 2), dt.date(2025, 3, 1))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(record=records, cut=st.dates(dt.date(2024, 1, 1), dt.date(2026, 6, 30)))
def test_two_windows_hold_no_more_than_the_whole(
    rulebook: Rulebook, record: CaseRecord, cut: dt.date
) -> None:
    whole = decide(record, rulebook)
    parts = [
        decide_within(record, rulebook, "cms", window)
        for window in (Window(None, cut), Window(cut + dt.timedelta(days=1), None))
    ]
    for part in parts:
        assert all(s.units >= 1 for s in part.suggestions)
        assert {(s.code, s.status) for s in part.suggestions} <= {
            (s.code, s.status) for s in whole.suggestions
        }
    dated = [[s for s in part.suggestions if s.dates] for part in parts]
    for code in {s.code for s in whole.suggestions}:
        total = sum(s.units for s in whole.suggestions if s.code == code)
        assert sum(s.units for part in dated for s in part if s.code == code) <= total


# ---------------------------------------------------------------- what-if


def test_a_course_of_2025_under_the_rules_of_2026_and_back(rulebook: Rulebook) -> None:
    record = expand({"case": {"payer": "medicare", "setting": "hospital_outpatient", "claim": "facility"}})
    assert told(decide(record, rulebook))["77386"] == ("supported", 30)
    later = decide(record, rulebook_on(rulebook, dt.date(2026, 7, 1)))
    assert told(later)["77407"] == ("supported", 30)
    assert "77386" not in told(later)
    assert {s.dates for s in later.suggestions if s.code == "77407"} == {
        s.dates for s in decide(record, rulebook).suggestions if s.code == "77386"
    }
    moved = expand({"course": {"shift_days": 364}})
    assert told(decide(moved, rulebook))["77407"] == ("supported", 30)
    assert told(decide(moved, rulebook_on(rulebook, dt.date(2025, 7, 1))))["77386"] == ("supported", 30)


def test_a_course_across_new_year_has_one_set_of_codes(rulebook: Rulebook) -> None:
    record = expand({"course": {"shift_days": 280}})
    assert {"77386", "77407"} <= set(told(decide(record, rulebook)))
    assert told(decide(record, rulebook_on(rulebook, dt.date(2025, 12, 31))))["77386"] == ("supported", 30)
    assert told(decide(record, rulebook_on(rulebook, dt.date(2026, 1, 1))))["77407"] == ("supported", 30)


def test_a_billed_code_is_judged_by_the_day_asked_for(rulebook: Rulebook) -> None:
    line = {"code": "77386", "units": 30, "date": dt.date(2025, 3, 10), "date_to": dt.date(2025, 4, 18)}
    record = expand({"case": {"billed": [line]}})
    assert rows(decide(record, rulebook))[0] == "77386 30/30 agrees"
    later = decide(record, rulebook_on(rulebook, dt.date(2026, 1, 1)))
    assert rows(later)[0].endswith("overcoded")
    assert "code_not_valid_on_date" in {f.type for f in later.findings}


def test_a_day_before_the_rulebook_is_refused(rulebook: Rulebook) -> None:
    with pytest.raises(UsageError, match="begins 2024-01-01"):
        rulebook_on(rulebook, dt.date(2023, 12, 31))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(record=records, day=st.sampled_from([dt.date(2025, 12, 31), dt.date(2026, 1, 1)]))
def test_any_course_is_decided_under_any_day(rulebook: Rulebook, record: CaseRecord, day: dt.date) -> None:
    decision = decide(record, rulebook_on(rulebook, day))
    for suggestion in decision.suggestions:
        assert rulebook.codes[suggestion.code].versions[0].start <= day
        assert suggestion.status != "supported" or not suggestion.missing
