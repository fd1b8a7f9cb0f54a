"""Recognised text of scans kept in the user's cache folder, so that a page is recognised once.

Files are named by a hash of page content, recogniser and settings, and hold chart text: the folder is
0700, the files 0600, and ``purge`` removes them.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

_FOLDER = "doc-review"
_SUFFIX = ".json"


def default_folder() -> Path:
    """The folder of this user: ``$XDG_CACHE_HOME/doc-review``, otherwise ``~/.cache/doc-review``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / _FOLDER


def load(folder: Path | None, key: str) -> bytes | None:
    """What was kept under a key; ``None`` where nothing was, or nothing is to be kept."""
    if folder is None:
        return None
    try:
        return _file(folder, key).read_bytes()
    except OSError:
        return None


def store(folder: Path | None, key: str, content: bytes) -> None:
    """Keep content under a key. A folder that cannot be written keeps nothing: the review goes on."""
    if folder is None:
        return
    target = _file(folder, key)
    with contextlib.suppress(OSError):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for private in (folder, target.parent):
            private.chmod(0o700)
        handle, name = tempfile.mkstemp(dir=target.parent)  # 0600 from the start
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, target)
        except OSError:
            os.unlink(name)
            raise


def purge(folder: Path | None = None) -> int:
    """Remove everything kept (by default in this user's folder) and return the number of files."""
    root = (folder or default_folder()) / "pages"
    removed = 0
    for path in sorted(root.glob("*")):
        with contextlib.suppress(OSError):
            path.unlink()
            removed += 1
    with contextlib.suppress(OSError):
        root.rmdir()
    return removed


def _file(folder: Path, key: str) -> Path:
    return folder / "pages" / (key + _SUFFIX)
