"""Turns bytes that hold chart text into files that only their owner can read."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import UsageError

FILE_MODE = 0o600
FOLDER_MODE = 0o700

_UNSAFE = re.compile(r"[^\w.\-]+")
_NAME_LIMIT = 120


def private_folder(path: Path) -> Path:
    """``path`` as a folder; it and its missing parents are made with mode 0700.

    A folder that exists keeps its mode. Raises ``UsageError`` where it cannot be made.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        for folder in reversed(missing):
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    except OSError as error:
        raise _refusal(path, error) from error
    if not path.is_dir():
        raise UsageError(f"{path}: is a file; name a folder")
    return path


@contextlib.contextmanager
def open_private(path: Path) -> Iterator[BinaryIO]:
    """A binary file with mode 0600 that appears under ``path`` only when the block ends without error.

    Raises ``UsageError`` where it cannot be written. A path that is no regular file (a pipe, a
    terminal) is written directly.
    """
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file")
    private_folder(path.parent)
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                yield stream
            return
        handle, name = tempfile.mkstemp(prefix=".doc-review-", dir=path.parent)
    except OSError as error:
        raise _refusal(path, error) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        _replace(name, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def write_private(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` at once, mode 0600, in folders of mode 0700 where they are new."""
    with open_private(path) as stream:
        stream.write(data)


def file_stem(case_id: str, taken: set[str]) -> str:
    """A safe file name for a case id, made unique among ``taken`` (which it joins).

    Names that differ only in case count as the same, since some file systems hold them so.
    """
    stem = _UNSAFE.sub("_", case_id).strip("._")[:_NAME_LIMIT] or "case"
    name, number = stem, 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name.lower())
    return name


def _replace(name: str, path: Path) -> None:
    try:
        os.replace(name, path)
    except OSError as error:
        raise _refusal(path, error) from error


def _refusal(path: Path, error: OSError) -> UsageError:
    reason = error.strerror or type(error).__name__
    return UsageError(f"{path}: cannot be written ({reason.lower()}); choose another place")
