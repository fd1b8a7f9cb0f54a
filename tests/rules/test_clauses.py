"""Every clause of the policy has a title of ours, something that implements it and something that holds it."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from doc_review.model import FindingType
from doc_review.rules import Rulebook

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = {1: 11, 2: 6, 3: 1, 4: 7, 5: 17, 6: 3, 7: 16, 8: 2, 9: 1, 10: 1, 11: 14, 12: 4, 13: 4}
"""Clauses of each section of the policy."""


@pytest.fixture(scope="module")
def table() -> ModuleType:
    """The generator of the page."""
    spec = importlib.util.spec_from_file_location("clauses", ROOT / "eval" / "clauses.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["clauses"] = module
    spec.loader.exec_module(module)
    return module


def test_every_clause_is_implemented_and_held(table: ModuleType) -> None:
    found = table.clauses()
    assert [c.id for c in found] == [f"{s}.{n}" for s, count in SECTIONS.items() for n in range(1, count + 1)]
    assert [c.id for c in found if not (c.rules or c.modules)] == []
    assert [c.id for c in found if not c.tests] == []
    assert len({c.title for c in found}) == len(found)


def test_entries_of_the_rulebook_name_clauses_that_exist(table: ModuleType, rulebook: Rulebook) -> None:
    known = {c.id for c in table.clauses()} | {str(section) for section in SECTIONS}
    assert {clause for clause, _ in table.entries(rulebook)} <= known


def test_the_page_is_current(table: ModuleType) -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.page(), "run python eval/clauses.py"


def test_the_clauses_are_those_of_the_policy(table: ModuleType, shared_data: Path) -> None:
    policy = shared_data.parent / "coding-policy.md"
    if not policy.is_file():
        pytest.skip("the policy is not beside the repository")
    ids = re.findall(r"\*\*(\d+\.\d+)\*\*", policy.read_text(encoding="utf-8"))
    assert [c.id for c in table.clauses()] == ids


def test_scopes_and_severities_are_those_of_the_policy(rulebook: Rulebook) -> None:
    core = [
        "77280",
        "77285",
        "77290",
        "77293",
        "77301",
        "77338",
        "77385",
        "77386",
        "G6015",
        "G6016",
        "77402",
        "77407",
        "77412",
        "77336",
        "77427",
    ]
    assert {code for code, entry in rulebook.codes.items() if entry.scope == "core"} == set(core)
    extended = {
        *[
            "77261",
            "77262",
            "77263",
            "77295",
            "77300",
            "77332",
            "77333",
            "77334",
            "77370",
            "77470",
            "77387",
            "77014",
            "G6001",
            "G6002",
            "G6017",
        ],
        *(f"G60{n:02d}" for n in range(3, 15)),
        *["77371", "77372", "77373", "77431", "77432", "77435", "77436", "77437", "77438", "77439"],
    }
    assert {code for code, entry in rulebook.codes.items() if entry.scope == "extended"} == extended
    counts = {"error": 12, "warning": 16, "info": 4}
    found = {severity: sum(f.severity == severity for f in rulebook.findings.values()) for severity in counts}
    assert found == counts
    assert set(rulebook.findings) == set(get_args(FindingType))
