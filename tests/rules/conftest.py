"""Fixtures of the rule tests: the built-in rulebook, and copies of it to break."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from doc_review.rules import Rulebook, load_rulebook
from doc_review.rules.loader import RULEBOOK_DIR

Edit = Callable[[str, str, str], Path]


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The built-in rulebook."""
    return load_rulebook()


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """A function that copies the rulebook and replaces one text of one file in the copy."""
    folder = tmp_path / "rulebook"
    shutil.copytree(RULEBOOK_DIR, folder)

    def edit(file: str, old: str, new: str) -> Path:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return edit
