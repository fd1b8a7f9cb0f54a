"""A picture of a page turned into words with their boxes and confidences, by the ``tesseract`` program."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess

MEND = "is a scan and tesseract is not installed: install the package tesseract-ocr"


@functools.cache
def version() -> str | None:
    """Version of the installed program; ``None`` where there is none."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        run = subprocess.run([program, "--version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(rb"tesseract v?(\S+)", run.stdout or run.stderr)
    return found.group(1).decode("ascii", "replace") if found and run.returncode == 0 else None


def environment() -> dict[str, str]:
    """The program's environment: one thread each, as pages run beside each other."""
    return {**os.environ, "OMP_THREAD_LIMIT": "1"}
