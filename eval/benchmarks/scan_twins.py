"""Labelled charts printed and scanned, reviewed beside their originals: codes that differ.

    python eval/benchmarks/scan_twins.py [CASE ...] [--dpi 200] [--kinds copy noise fax]

Every document of a dev case becomes a TIFF of its pages, made as in ``ocr.py``. Scans are kept in a folder
of their own and removed afterwards. Exit status 1 where the scan of a case is given a ``supported`` that its
original is not.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from pathlib import Path

import yaml
from ocr import KINDS, ROOT, scanned, sheets_of

from doc_review.case import open_cases
from doc_review.review import review_case

CASES = ("hn-vmat-clean-2026", "lung-gated-2026", "larynx-generic-necessity-2025")
Lines = dict[tuple[str, str], tuple[int, tuple[str, ...]]]


def scan(case: Path, target: Path, dpi: int, kinds: list[str]) -> None:
    """A copy of a case whose documents are scans."""
    (target / "documents").mkdir(parents=True)
    for name in ("case.yaml", "claim.csv", "providers.yaml"):
        if (case / name).exists():
            shutil.copy(case / name, target / name)
    for number, path in enumerate(sorted(p for p in (case / "documents").rglob("*") if p.is_file())):
        pages = [
            scanned(sheet, dpi, kinds[(number + index) % len(kinds)])
            for index, sheet in enumerate(sheets_of(path, f"{case.name}/{path.name}", number))
        ]
        if not pages:
            continue
        buffer = io.BytesIO()
        pages[0].save(buffer, "TIFF", dpi=(dpi, dpi), save_all=True, append_images=pages[1:])
        (target / "documents" / f"{path.stem}.tif").write_bytes(buffer.getvalue())


def lines(case: Path) -> tuple[Lines, set[str]]:
    """Suggested lines of a case, by code and status, and its findings."""
    opened = open_cases(case).cases[0]
    review = review_case(opened).review
    found: Lines = {}
    for line in review.suggestions:
        units, dates = found.get((line.code, line.status), (0, ()))
        found[line.code, line.status] = units + line.units, (*dates, *map(str, line.dates))
    return found, {f"{item.type} {' '.join(item.codes)}" for item in review.findings}


def main() -> int:
    """Print the differences of each case."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="*", default=CASES)
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["copy", "noise"])
    options = parser.parse_args()
    wrong = 0
    for name in options.cases:
        case = ROOT / "gold_set" / name
        if yaml.safe_load((case / "gold.yaml").read_text(encoding="utf-8")).get("split") != "dev":
            parser.error(f"{name} is no dev case")
        with tempfile.TemporaryDirectory() as folder:
            twin = Path(folder) / name
            scan(case, twin, options.dpi, options.kinds)
            (before, told), (after, told_after) = lines(case), lines(twin)
        same = {key: value[0] for key, value in before.items()} == {
            key: value[0] for key, value in after.items()
        }
        print(f"{name}: {'same codes' if same else 'codes differ'}", flush=True)
        for key in sorted(before.keys() | after.keys()):
            first, second = before.get(key, (0, ())), after.get(key, (0, ()))
            if first[0] != second[0]:
                print(f"  {key[0]} {key[1]}: {first[0]} on the original, {second[0]} on the scan")
                wrong += key[1] == "supported" and second[0] > first[0]
        for sign, items in (("-", told - told_after), ("+", told_after - told)):
            for item in sorted(items):
                print(f"  {sign} {item}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
