"""Combined charts in many house styles, cut into entries and scored against what they hold: a sample with a floor."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

EVAL = Path(__file__).resolve().parents[2] / "eval"
FLOOR = 0.95
SAMPLE = [("dev", seed) for seed in (0, 3)] + [("held_out", 1)]


@pytest.fixture
def splitting(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(EVAL))
    return importlib.import_module("entry_splitting")


@pytest.mark.parametrize(("split", "seed"), SAMPLE)
def test_a_sample_of_charts_is_cut_where_its_notes_begin(splitting: Any, split: str, seed: int) -> None:
    whole = splitting.Score()
    for style in splitting.styles(split):
        whole.add(splitting.score(style, seed))
    assert whole.entries > 200
    assert whole.f1 >= FLOOR
    assert whole.share("kind") >= FLOOR
    assert whole.share("date") >= FLOOR


def test_a_made_chart_is_the_same_bytes_each_time(splitting: Any) -> None:
    for style in splitting.styles("dev"):
        assert splitting.printed(style, 7).data == splitting.printed(style, 7).data
