"""A seeded sample of the mutants of the rulebook is caught; what nothing tests survives and is told."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from doc_review.rules import Rulebook

SCRIPT = Path(__file__).resolve().parents[2] / "eval" / "mutate_rules.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutate_rules", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutate_rules"] = module
    spec.loader.exec_module(module)
    return module


def test_a_sample_of_the_mutants_is_caught(script: ModuleType) -> None:
    told: list[str] = []
    assert script.main(["--sample", "100", "--seed", "1", "--jobs", "1"], told.append) == 0, told
    assert not [line for line in told if line.startswith("survivor: core")]
    assert any(line.startswith("core: ") and "(100.0%)" in line for line in told)


def test_every_section_has_mutants_of_core_content(script: ModuleType, rulebook: Rulebook) -> None:
    found = Counter(mutant.section for mutant in script.mutants(rulebook) if mutant.core)
    assert set(found) == {"tables", "services", "codes", "edits", "parameters", "components", "profiles"}
    assert sum(found.values()) > 1500


def test_a_value_that_no_test_holds_survives(
    script: ModuleType, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = tuple(test for test in script.load_rule_tests() if test.file == "clean.yaml")
    monkeypatch.setattr(script, "load_rule_tests", lambda: clean)
    catcher = script.Catcher(rulebook)
    alive = next(m for m in script.mutants(rulebook) if m.what.startswith("imrt_plan dvh none: passes"))
    assert catcher.caught(alive) is None
    moved = next(m for m in script.mutants(rulebook) if m.what == "imrt_plan dvh: starts a day later")
    assert catcher.caught(moved) == "rules check"


def test_what_is_said_to_be_equivalent_exists(script: ModuleType, rulebook: Rulebook) -> None:
    every = {f"{m.section}: {m.what}" for m in script.all_mutants(rulebook)}
    assert set(script.EQUIVALENT) <= every
    assert not set(script.EQUIVALENT) & {f"{m.section}: {m.what}" for m in script.mutants(rulebook)}
