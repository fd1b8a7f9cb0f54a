"""Evaluates the gold set and writes the numbers of record, and the README's quality table from them.

    python eval/record.py                 both splits, then the table
    python eval/record.py dev             one split, then the table
    python eval/record.py --table         the table alone, from the runs that are there
    python eval/record.py --check         exit 1 where the README's table is not that of the runs

The runs lie in ``eval/reports/SPLIT.json``; of ``test`` they hold sums only. The table stands in the
README between the lines ``<!-- quality:begin -->`` and ``<!-- quality:end -->``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from doc_review.cli import run as doc_review

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "eval" / "reports"
README = ROOT / "README.md"
BEGIN, END = "<!-- quality:begin -->", "<!-- quality:end -->"
SUMS_ONLY = ("test",)
SPLITS = ("dev", "test")

ROWS: tuple[tuple[str, str], ...] = (
    ('Cases with a false "supported" (core codes)', "false_support.cases"),
    ("Cases with more supported units than the label", "excess_units.cases"),
    ("Cases with every core code exact (code, status, units)", "codes.exact"),
    ("Core code lines, F1", "codes.core.f1"),
    ("Extended code lines, F1", "codes.extended.f1"),
    ("Clean charts with a false alarm", "false_alarm.cases"),
    ("Findings, F1", "findings.all.f1"),
    ("Claim rows right", "comparison.rows"),
    ("Labelled spans overlapped by a citation", "spans.overlap.all.recall"),
    ("Citations verbatim, short and boxed on their words", "citations.valid"),
)


def record(split: str) -> int:
    """Evaluate one split and write its run; the status of ``doc-review eval``."""
    arguments = ["eval", str(ROOT / "gold_set"), "--split", split, "--json", str(REPORTS / f"{split}.json")]
    status = doc_review([*arguments, "--aggregate-only"] if split in SUMS_ONLY else arguments)
    if status == 0:
        (REPORTS / f"{split}.json").chmod(0o644)
    return status


def share(value: float) -> str:
    """A share as per cent with one digit; whole where nothing is lost."""
    return f"{100 * value:.1f}".removesuffix(".0") + " %"


def cell(run: dict[str, Any] | None, name: str) -> str:
    """A figure with its interval; a zero or a one with what it still allows."""
    figure = run["figures"].get(name) if run else None
    if figure is None:
        return "-"
    counts = "" if name.endswith(".f1") else f" ({figure['hits']} of {figure['of']})"
    if figure["exact"]:
        bound = figure["high"] if figure["value"] == 0 else figure["low"]
        return f"{share(figure['value'])}{counts}, still allows {share(bound)}"
    return f"{share(figure['value'])}{counts}, {share(figure['low'])} to {share(figure['high'])}"


def table() -> str:
    """The quality table, in Markdown, from the runs of record."""
    runs: dict[str, dict[str, Any]] = {}
    for split in SPLITS:
        path = REPORTS / f"{split}.json"
        if path.is_file():
            runs[split] = json.loads(path.read_text(encoding="utf-8"))
    heads = [
        f"`{split}` ({run['gold']['cases']} cases, {run['gold']['styles']} styles)"
        for split, run in runs.items()
    ]
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(runs) + 1) + "|"]
    lines += [
        f"| {text} | " + " | ".join(cell(run, name) for run in runs.values()) + " |" for text, name in ROWS
    ]
    made = [
        f"`{split}`: commit {(run['made']['commit'] or 'none')[:10]}{' with changes' if run['made']['dirty'] else ''}, "
        f"{run['made']['at'][:10]}, a change of exact match shows from {run['smallest_change'] or 'no number of'} cases on"
        for split, run in runs.items()
    ]
    note = (
        "Intervals are 95 %, by bootstrap over cases; a zero or a one has the exact bound it still allows. "
    )
    return "\n".join([*lines, "", note + "; ".join(made) + "."])


def write_table(check: bool) -> int:
    """Put the table into the README, or say whether it is there already."""
    text = README.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        print(f"{README.name}: has no lines {BEGIN} and {END}: the table has no place", file=sys.stderr)
        return 2
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    new = f"{before}{BEGIN}\n{table()}\n{END}{after}"
    if check and new != text:
        print(
            f"{README.name}: the quality table is not that of eval/reports: run eval/record.py --table",
            file=sys.stderr,
        )
        return 1
    if not check:
        README.write_text(new, encoding="utf-8")
    return 0


def main(arguments: list[str]) -> int:
    """Record, then write the table."""
    if arguments in (["--table"], ["--check"]):
        return write_table(arguments == ["--check"])
    if not set(arguments) <= set(SPLITS):
        print(__doc__, file=sys.stderr)
        return 2
    for split in arguments or SPLITS:
        if status := record(split):
            return status
    return write_table(check=False)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
