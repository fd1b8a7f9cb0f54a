"""A run turned into one line of a log of runs: when, by which commit, and the main figures."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from ..errors import UsageError
from .result import Run

COLUMNS: tuple[str, ...] = (
    "at",
    "commit",
    "dirty",
    "version",
    "rulebook",
    "split",
    "cases",
    "gold",
    "codes.exact",
    "false_support.cases",
    "false_support.lines",
    "excess_units.cases",
    "false_alarm.cases",
    "codes.core.f1",
    "findings.all.f1",
    "comparison.rows",
    "spans.overlap.all.recall",
    "citations.valid",
    "failed",
)


def append_run(path: Path, run: Run) -> None:
    """Add a run to a CSV of runs, with a header where the file is new. Raises ``UsageError``."""
    made = run["made"]
    told: dict[str, object] = {
        "at": made["at"],
        "commit": made["commit"] or "",
        "dirty": made["dirty"],
        "version": made["version"],
        "rulebook": made["rulebook"].partition("@")[2][:12],
        "split": run["settings"]["split"] or "all",
        "cases": run["gold"]["cases"],
        "gold": run["gold"]["sha256"][:12],
        "failed": len(run["failed"]),
    }
    for name in COLUMNS:
        if name not in told:
            figure = run["figures"].get(name)
            told[name] = "" if figure is None else f"{figure['value']:.4f}"
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    if not path.exists():
        writer.writeheader()
    writer.writerow(told)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            log.write(stream.getvalue())
    except OSError as error:
        raise UsageError(f"{path}: the run cannot be logged: make the place writable") from error
