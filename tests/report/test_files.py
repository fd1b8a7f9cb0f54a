"""Files with chart text: private, whole or absent."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doc_review.errors import UsageError
from doc_review.report.files import file_stem, open_private, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_only_the_owner_can_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "a" / "b" / "x.html", b"text")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700
    assert mode(tmp_path / "a" / "b" / "x.html") == 0o600


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_an_open_file_that_is_replaced_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert mode(path) == 0o600


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"old")

    def fail() -> None:
        with open_private(path) as stream:
            stream.write(b"half")
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["x.json"]


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="is a folder"):
        write_private(tmp_path, b"")
    with pytest.raises(UsageError, match="file"):
        write_private(tmp_path / "file" / "x", b"")


def test_file_names_are_safe_and_unique() -> None:
    taken: set[str] = set()
    assert file_stem("../a b/c", taken) == "a_b_c"
    assert file_stem("A_B_C", taken) == "A_B_C-2"
    assert file_stem("\u202e", taken) == "case"


@given(st.lists(st.text(max_size=20), max_size=8))
def test_no_two_cases_share_a_name(names: list[str]) -> None:
    taken: set[str] = set()
    made = [file_stem(name, taken) for name in names]
    assert len({name.lower() for name in made}) == len(names)
    assert not any("/" in name or "\\" in name or name.startswith(".") for name in made)
