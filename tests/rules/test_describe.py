"""What a reader is told of the rulebook: one code on one screen, two days side by side, what grows old."""

from __future__ import annotations

import datetime as dt

import pytest

from doc_review.errors import UsageError
from doc_review.rules import Rulebook
from doc_review.rules.describe import WIDTH, describe_code, list_codes
from doc_review.rules.diff import differences, render
from doc_review.rules.limits import load_limits
from doc_review.rules.stale import expiring, old_references

LAST_2025, FIRST_2026 = dt.date(2025, 12, 31), dt.date(2026, 1, 1)


def test_the_readings_that_differ_are_shown(rulebook: Rulebook) -> None:
    text = describe_code(rulebook, load_limits(), "77412", dt.date(2026, 3, 1))
    assert "OTHER READINGS" in text
    assert "article: " in text
    assert "bundle-14-days" not in text
    assert "physics-remainder: " in describe_code(rulebook, load_limits(), "77336", dt.date(2026, 3, 1))


def test_every_code_is_told_on_one_screen(rulebook: Rulebook) -> None:
    for day in (LAST_2025, FIRST_2026):
        for code in rulebook.codes:
            lines = describe_code(rulebook, load_limits(), code, day).splitlines()
            assert len(lines) <= 64, code
            assert max(map(len, lines)) <= WIDTH
            assert not any("{detail}" in line or "_" in line for line in lines), code


def test_a_code_tells_requirements_edits_and_sources(rulebook: Rulebook) -> None:
    text = describe_code(rulebook, load_limits(), "77301", FIRST_2026)
    assert "5.3   an order for IMRT signed by a radiation oncologist" in text
    assert "missing DVH" in text
    assert "same course, no modifier passes it, hospital outpatient table" in text
    assert "Most units a day: 1 (practitioner), 1 (hospital outpatient)." in text
    assert "verified 2026-" in text
    level = describe_code(rulebook, load_limits(), "77412", FIRST_2026)
    assert "active motion management during delivery" in level


def test_a_code_outside_its_dates_is_told_as_such(rulebook: Rulebook) -> None:
    text = describe_code(rulebook, load_limits(), "77386", FIRST_2026)
    assert "Not in force on 2026-01-01. Valid 2024-01-01 to 2025-12-31." in text
    assert "77402, 77407, 77412" in text
    assert "77386" in list_codes(rulebook, LAST_2025).split("Not in force")[0]
    assert "77386" in list_codes(rulebook, FIRST_2026).split("Not in force")[1]


def test_what_the_rulebook_does_not_hold_is_refused(rulebook: Rulebook) -> None:
    with pytest.raises(UsageError, match="77999 is not in the rulebook"):
        describe_code(rulebook, load_limits(), "77999", FIRST_2026)
    for function in (list_codes, lambda book, day: differences(book, load_limits(), day, day)):
        with pytest.raises(UsageError, match="begins 2024-01-01"):
            function(rulebook, dt.date(2023, 12, 31))


def test_new_year_2026_shows_what_died_was_born_and_changed(rulebook: Rulebook) -> None:
    found = differences(rulebook, load_limits(), LAST_2025, FIRST_2026)
    assert {"77385", "77386", "G6015", "77014", "77401"} <= {change.what for change in found.died}
    assert {change.what for change in found.born} == {"77436", "77437", "77438", "77439"}
    assert {change.what for change in found.meaning} == {"77387", "77402", "77407", "77412"}
    assert any("7.12" in text for change in found.requirements for text in change.before)
    assert not found.numbers
    backwards = differences(rulebook, load_limits(), FIRST_2026, LAST_2025)
    assert {c.what for c in backwards.died} == {c.what for c in found.born}
    assert any("begins" in change.text for change in backwards.requirements)
    text = render(found)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "DIED: in force on 2025-12-31, not on 2026-01-01" in text


def test_days_of_one_period_have_no_differences(rulebook: Rulebook) -> None:
    found = differences(rulebook, load_limits(), dt.date(2024, 1, 1), LAST_2025)
    assert found.none
    assert render(found) == "Nothing changes between 2024-01-01 and 2025-12-31.\n"


def test_edits_and_numbers_that_change_are_named(rulebook: Rulebook) -> None:
    edit = next(e for e in rulebook.edits if (e.col1, e.col2) == ("77285", "77280"))
    ended = edit.model_copy(update={"to": LAST_2025})
    block = rulebook.parameters["block_size"]
    values = (
        block.values[0].model_copy(update={"to": LAST_2025}),
        block.values[0].model_copy(update={"start": FIRST_2026, "value": 6}),
    )
    changed = rulebook.model_copy(
        update={
            "edits": tuple(ended if e is edit else e for e in rulebook.edits),
            "parameters": {**rulebook.parameters, "block_size": block.model_copy(update={"values": values})},
        }
    )
    found = differences(changed, load_limits(), LAST_2025, FIRST_2026)
    assert [change.text for change in found.edits] == ["edits end: 77280"]
    assert [(change.before, change.after) for change in found.numbers] == [(("5",), ("6",))]


def test_old_sources_and_expiring_values_are_named(rulebook: Rulebook) -> None:
    limits = load_limits()
    verified = {entry.verified_on for entry in (*rulebook.references.values(), *limits.references.values())}
    assert old_references(rulebook, limits, max(verified), 180) == ()
    day = min(verified) + dt.timedelta(days=180)
    old = old_references(rulebook, limits, day, 180)
    assert old
    assert old[0].age == 180
    assert {one.name for one in old_references(rulebook, limits, dt.date(2030, 1, 1), 180)} == {
        *rulebook.references,
        *limits.references,
    }
    ending = [one.where for one in expiring(rulebook, limits, dt.date(2025, 11, 1))]
    assert "codes 77386" in ending
    assert "tables delivery_level" in ending
    assert not any(where.startswith(("edits", "unit limits")) for where in ending)
    assert expiring(rulebook, limits, dt.date(2025, 10, 1)) == ()
    assert expiring(rulebook, limits, FIRST_2026) == ()
