"""Fixtures that every test folder shares."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def dev_cases() -> list[str]:
    """Names of the labelled cases that tests may open; those of the ``test`` split are not among them."""
    labels = (ROOT / "gold_set").glob("*/gold.yaml")
    return sorted(p.parent.name for p in labels if "\nsplit: dev\n" in p.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def gold_set() -> Path:
    """The labelled cases of the repository."""
    return ROOT / "gold_set"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public test data beside the repository; tests that need it skip where it is absent."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip(f"test data folder {path.name} is not beside the repository")
    return path
