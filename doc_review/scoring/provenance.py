"""What made an evaluation: commit, versions, rulebook, gold set and settings, for the run's JSON."""

from __future__ import annotations

import datetime as dt
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from .. import __version__
from ..documents import tool_versions
from ..rules import load_rulebook

_LIBRARIES = ("spacy", "medspacy", "pdfplumber", "pydantic", "numpy")


def git_state(folder: Path) -> dict[str, Any]:
    """Commit of the repository a folder lies in, and whether the folder differs; ``None`` outside one."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return {"commit": None, "dirty": None}
    changed = _git(folder, "status", "--porcelain", "--", ".")
    return {"commit": commit, "dirty": bool(changed)}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ("git", "-C", str(folder), *arguments), capture_output=True, text=True, check=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def made_by() -> dict[str, Any]:
    """The code and the libraries of this process, and the time in UTC."""
    return {
        "at": dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat(),
        **git_state(Path(__file__).parent),
        "version": __version__,
        "rulebook": load_rulebook().version,
        "python": platform.python_version(),
        "tools": dict(
            sorted({**{name: metadata.version(name) for name in _LIBRARIES}, **tool_versions()}.items())
        ),
    }
