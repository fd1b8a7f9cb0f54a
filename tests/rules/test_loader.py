"""Every defect of a rulebook file is an error that names file and line."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from doc_review.errors import RulebookError
from doc_review.rules import NotInForce, Rulebook, load_rulebook

from .conftest import Edit

DEFECTS = [
    ("codes.yaml", "  label:", "  lable:", "Extra inputs|Field required"),
    ("codes.yaml", "service: imrt_plan", "service: imrt_plans", "service imrt_plans is not in services/"),
    ("codes.yaml", "component: pc_tc_1", "component: pc_tc_9", "component pc_tc_9 is not in components.yaml"),
    ("codes.yaml", "references: [pfs_2024, pfs_2026]", "references: []", "at least 1 item"),
    ("codes.yaml", ", references: [pfs_2024, pfs_2026]", "", "Field required"),
    (
        "codes.yaml",
        "references: [pfs_2024, pfs_2026]",
        "references: [pfs_2023]",
        "pfs_2023 is not in references.yaml",
    ),
    (
        "codes.yaml",
        "from: 2024-01-01, to: 2025-12-31",
        "from: 2026-06-01, to: 2025-12-31",
        "ends 2025-12-31 before",
    ),
    (
        "codes.yaml",
        "from: 2024-01-01, to: 2025-12-31, component: null",
        "from: 2024-01-01, component: null",
        "overlaps",
    ),
    ("codes.yaml", '"77301":', '"77300":', "77300 stands twice"),
    ("parameters.yaml", "unit: fractions", "", "Field required"),
    ("parameters.yaml", "value: 5", "value: five", "valid"),
    (
        "tables/simulation_level.yaml",
        "facts: [simulation_areas,",
        "facts: [simulation_area,",
        "simulation_area is not known",
    ),
    ("tables/simulation_level.yaml", "simulation_areas: two", "simulation_areas: too", "too is no value"),
    (
        "tables/simulation_level.yaml",
        "simulation_complexity: present",
        "imrt_site: other",
        "not one of the table's",
    ),
    ("tables/simulation_level.yaml", 'code: "77285"', 'code: "77286"', "77286 is not in codes.yaml"),
    ("tables/delivery_level.yaml", "    to: 2025-12-31\n", "    to: 2026-12-31\n", "overlaps"),
    ("services/imrt_plan.yaml", "fact: necessity", "fact: neccessity", "neccessity is not known"),
    ("services/imrt_plan.yaml", "      generic:", "      vague:", "vague is no value"),
    ("services/imrt_plan.yaml", '      no_order: {skip: "No order counts"}\n', "", "no outcome for no_order"),
    ("services/imrt_plan.yaml", "reason: not_found", "reason: not_there", "Input should be"),
    ("services/imrt_plan.yaml", "findings: [missing_order]", "findings: [no_order]", "Input should be"),
    ("services/imrt_plan.yaml", "status: blocked", "status: denied", "Input should be"),
    ("services/imrt_plan.yaml", 'code: "77301"', 'code: "77302"', "77302 is not in codes.yaml"),
    (
        "services/simulation.yaml",
        "table: simulation_level",
        "table: simulation",
        "simulation is not in tables/",
    ),
    ("services/physics.yaml", "    from: 2024-01-01\n", "", "Field required"),
    ("edits.yaml", 'col1: "77280"', 'col1: "77279"', "77279 is not in codes.yaml"),
    ("edits.yaml", "indicator: 0", "indicator: 7", "Input should be 0 or 1"),
    ("findings.yaml", "severity: error", "severity: fatal", "Input should be"),
    ("profiles.yaml", "article_never_tc", "article_never", "article_never is not in components.yaml"),
    ("profiles.yaml", "bundle_days_before:", "bundle_days:", "bundle_days is not in parameters.yaml"),
    ("profiles.yaml", "delivery_level:", "delivery:", "delivery is not in tables/"),
    ("profiles.yaml", "- from: 2026-01-01", "- from: 2026-01-02", "no version of the table delivery_level"),
    ("profiles.yaml", "[several_isocenters,", "[many_isocenters,", "row many_isocenters is not in the table"),
    ("parameters.yaml", "services: [physics]", "services: [physic]", "service physic is not in services/"),
    ("references.yaml", "  verified_on: 2026-11-23\n", "", "Field required"),
    ("rulebook.yaml", "begins: 2024-01-01", "begins: [", "not valid YAML"),
]


@pytest.mark.parametrize(("file", "old", "new", "problem"), DEFECTS)
def test_a_defect_names_file_and_line(edited: Edit, file: str, old: str, new: str, problem: str) -> None:
    folder = edited(file, old, new)
    with pytest.raises(RulebookError, match=problem) as error:
        load_rulebook(folder)
    message = str(error.value)
    assert re.match(rf"{re.escape(file)}:\d+: ", message)
    assert "\n" not in message


def test_the_line_is_the_defects_own(edited: Edit) -> None:
    folder = edited("services/imrt_plan.yaml", "fact: necessity", "fact: neccessity")
    line = (folder / "services/imrt_plan.yaml").read_text().split("fact: neccessity")[0].count("\n") + 1
    with pytest.raises(RulebookError, match=f"imrt_plan.yaml:{line}:"):
        load_rulebook(folder)


def test_a_missing_file_is_named(edited: Edit) -> None:
    folder = edited("rulebook.yaml", "name:", "name:")
    (folder / "edits.yaml").unlink()
    with pytest.raises(RulebookError, match=r"edits\.yaml: cannot be read"):
        load_rulebook(folder)


@pytest.mark.parametrize(
    ("file", "old", "line"),
    [
        ("rulebook.yaml", "begins: 2024-01-01", 3),
        ("parameters.yaml", "from: 2024-01-01", 8),
        ("services/imrt_plan.yaml", "from: 2024-01-01", 12),
        ("edits.yaml", "to: 2025-12-31", 2),
    ],
)
def test_a_date_that_is_none_names_file_and_line(edited: Edit, file: str, old: str, line: int) -> None:
    folder = edited(file, old, f"{old.split()[0]} 2024-13-01")
    with pytest.raises(RulebookError, match=rf"{Path(file).name}:{line}: 2024-13-01 is no date"):
        load_rulebook(folder)


def test_the_digest_follows_content_and_not_tests(edited: Edit, rulebook: Rulebook) -> None:
    folder = edited("tests/clean.yaml", "# Clean", "# clean")
    assert load_rulebook(folder).version == rulebook.version
    load_rulebook.cache_clear()
    edited("parameters.yaml", "value: 7", "value: 8")
    assert load_rulebook(folder).version != rulebook.version
    assert re.fullmatch(r"us-radiotherapy@[0-9a-f]{64}", rulebook.version)


@pytest.mark.parametrize(
    ("code", "day", "side"),
    [("77386", "2026-01-01", "after"), ("77386", "2023-12-31", "before"), ("77437", "2025-12-31", "before")],
)
def test_outside_its_dates_a_code_is_not_in_force(rulebook: Rulebook, code: str, day: str, side: str) -> None:
    found = rulebook.code_on(code, dt.date.fromisoformat(day))
    assert isinstance(found, NotInForce)
    assert found.side == side


def test_a_parameter_outside_its_dates_is_an_error_and_no_default(rulebook: Rulebook) -> None:
    with pytest.raises(LookupError, match="block_size has no number on 2023-12-31"):
        rulebook.number("block_size", dt.date(2023, 12, 31))
