"""A seeded sample of damaged files of every format gives results and one-line refusals, nothing else."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from doc_review.documents.read import FORMATS

SCRIPT = Path(__file__).resolve().parents[1] / "eval" / "robustness.py"
FEW = {"PDF": 8, "TIFF": 4, "JPEG": 2, "PNG": 4}
"""Pictures are recognised, and pages of a PDF drawn, which takes a second each."""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("robustness", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["robustness"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", [kind.name for kind in FORMATS])
def test_damaged_files_are_read_or_refused(
    script: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    suffix = script.SUFFIXES[name]
    if not script.seeds(suffix):
        pytest.skip(f"no good {suffix} file to damage")
    monkeypatch.setattr(script, "SECONDS", 60.0)  # tests run beside each other
    tally = script.Tally()
    for number in range(FEW.get(name, 20)):
        script.check(script.Held(f"{number}{suffix}", script.damaged(suffix, 7, number)), tally)
    assert tally.failures == []
    assert sum(tally.outcomes.values()) == FEW.get(name, 20)


def test_the_same_seed_damages_alike(script: ModuleType) -> None:
    assert script.damaged(".txt", 7, 3) == script.damaged(".txt", 7, 3)
    assert script.damaged(".txt", 7, 3) != script.damaged(".txt", 8, 3)
