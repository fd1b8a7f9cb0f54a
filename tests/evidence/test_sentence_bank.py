"""Snippets by hands that never saw the extractors: what was right stays right."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITTEN_RIGHT = {
    "dose_constraint": 27,
    "necessity_statement": 39,
    "prescription": 26,
    "technique": 79,
    "treatment_area": 50,
}
"""Snippets of each written bank that are read as expected, at least."""
FROZEN_SHARE = {
    "dose_constraint": 0.93,
    "necessity_statement": 0.73,
    "prescription": 0.85,
    "technique": 0.9,
    "treatment_area": 0.82,
}
"""Share of each frozen bank that is read as expected, at least; which ones is not told."""


@pytest.fixture(scope="module")
def banks() -> ModuleType:
    """The script that scores the banks."""
    spec = importlib.util.spec_from_file_location("sentence_bank", ROOT / "eval" / "sentence_bank.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sentence_bank"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", WRITTEN_RIGHT)
def test_written(banks: ModuleType, kind: str) -> None:
    score = banks.run("written", kind)
    assert score.right >= WRITTEN_RIGHT[kind], "\n".join(score.failures)


@pytest.mark.parametrize("kind", FROZEN_SHARE)
def test_frozen(banks: ModuleType, kind: str) -> None:
    figures = banks.run("frozen", kind).figures()
    assert figures["share"] >= FROZEN_SHARE[kind]


def test_every_bank_has_both_halves(banks: ModuleType) -> None:
    halves = set(banks.banks([]))
    assert {kind for half, kind in halves if half == "written"} == set(WRITTEN_RIGHT)
    assert {kind for half, kind in halves if half == "frozen"} == set(FROZEN_SHARE) == set(WRITTEN_RIGHT)


def test_names_of_one_area_are_equal(banks: ModuleType) -> None:
    assert banks.area_of("tonsil") == banks.area_of("base of tongue") == "oropharynx"
    assert banks.area_of("left great toe") == "left great toe"
    assert banks.organ_of("Left lung") == banks.organ_of("lungs") == "lung"
