"""Dictated notes of other specialties: treatments told in them, and no code supported by them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def notes() -> ModuleType:
    """The script that scores the notes."""
    spec = importlib.util.spec_from_file_location("real_notes", ROOT / "eval" / "real_notes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["real_notes"] = module
    spec.loader.exec_module(module)
    return module


def test_techniques_and_codes(notes: ModuleType, shared_data: Path) -> None:
    score = notes.run(shared_data / "real_notes")
    assert score.supported == []
    assert score.recall >= 0.95, "\n".join(score.failures)
    assert score.precision >= 0.95, "\n".join(score.failures)


def test_a_folder_without_labels_is_told(
    notes: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert notes.main([str(tmp_path)]) == 2
    assert "holds no labels.yaml" in capsys.readouterr().err
