"""A picture of a page turned into words with their boxes and confidences, by the ``tesseract`` program."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from . import pace

MISSING = "is a scan and tesseract is not installed: install the package tesseract-ocr"
COLUMN = "4"
"""Page mode of one column of text of varying size. Of modes 3, 4, 6 and 11 it makes the fewest errors over
copies, grainy scans and faxes of notes, logs and reports (``python eval/benchmarks/ocr.py --modes``)."""
BLOCK = "6"
"""Page mode of one uniform block: better on faxes and typewritten tables, tried where the page is poor."""
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Found:
    """A recognised word: box in pixels, confidence 0..100, and the line (of the recogniser) it is on."""

    text: str
    x0: int
    y0: int
    x1: int
    y1: int
    confidence: float
    line: tuple[int, int, int]


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


def words(image: bytes, dpi: int, mode: str) -> list[Found] | None:
    """Words of a PNG or TIFF in reading order; ``None`` where the program fails or takes too long."""
    table = _run(image, dpi, mode, "tsv")
    if table is None:
        return None
    found: list[Found] = []
    for row in table.decode("utf-8", "replace").split("\n")[1:]:
        cells = row.split("\t")
        if len(cells) != 12 or cells[0] != "5" or not cells[11].strip():
            continue
        left, top, width, height = (int(cell) for cell in cells[6:10])
        line = (int(cells[2]), int(cells[3]), int(cells[4]))
        found.append(
            Found(cells[11].strip(), left, top, left + width, top + height, max(0.0, float(cells[10])), line)
        )
    return found


def quarter_turns(image: bytes, dpi: int) -> int:
    """Clockwise quarter turns that set a page upright; 0 where the program cannot tell."""
    told = _run(image, dpi, "0")
    match = re.search(rb"Rotate: (\d+)", told or b"")
    sure = re.search(rb"Orientation confidence: ([\d.]+)", told or b"")
    return int(match.group(1)) // 90 % 4 if match and sure and float(sure.group(1)) >= 1.0 else 0


def _run(image: bytes, dpi: int, mode: str, *outputs: str) -> bytes | None:
    command = ["tesseract", "-", "-", "--dpi", str(dpi), "--psm", mode, *outputs]
    pace.step(_SECONDS + pace.STEP)
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # pages run beside each other
    try:
        run = subprocess.run(
            command, input=image, capture_output=True, timeout=_SECONDS, check=False, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return run.stdout if run.returncode == 0 else None
