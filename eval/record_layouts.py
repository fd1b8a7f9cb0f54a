"""Treatment records in several layouts, with what was delivered, reviewed and scored.

    python eval/record_layouts.py [--count N] [--wrong]

A record is a table of a PDF or fixed-width text: a row a fraction, a field or a session, with totals,
gated and interrupted sessions. Names and plans are invented. The score is a record's dates, numbers and
count of delivered fractions, all right or not.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from plan_layouts import Sheet


@dataclass(frozen=True)
class Delivered:
    """A fraction: its number and day, and whether it was given in two parts on that day."""

    number: int
    day: dt.date
    interrupted: bool = False


def course(seed: int) -> list[Delivered]:
    """Fractions on weekdays, now and then a day missed."""
    rng = random.Random(seed)
    day = dt.date(2025, rng.randint(1, 11), rng.randint(1, 26))
    made: list[Delivered] = []
    count = rng.randint(12, 20)
    while len(made) < count:
        if day.weekday() < 5 and rng.random() > 0.06:
            made.append(Delivered(len(made) + 1, day, rng.random() < 0.08))
        day += dt.timedelta(1)
    return made


Layout = Callable[[Sequence[Delivered]], bytes]


def row_per_fraction(fs: Sequence[Delivered]) -> bytes:
    """A ruled PDF table, a row a fraction, a totals line."""
    sheet = Sheet("Treatment Record   Orlin, Greta", "Radiation Oncology")
    sheet.line("Radiation Treatment Record", big=True)
    rows = [["Fx", "Date", "Technique", "Energy", "MU", "Dose (cGy)", "Cum (cGy)"]]
    rows += [
        [str(f.number), f"{f.day:%m/%d/%Y}", "VMAT", "6X", "512.4", "200", str(200 * f.number)] for f in fs
    ]
    sheet.table(
        (40, 80, 160, 240, 300, 370, 460),
        [*rows, ["Total", "", "", "", "", "", str(200 * len(fs))]],
        ruled=True,
    )
    return sheet.done()


def row_per_field(fs: Sequence[Delivered]) -> bytes:
    """A PDF table, a row a field; an interrupted field is told twice."""
    sheet = Sheet("Treatment Record   Orlin, Greta", "Radiation Oncology", size=7)
    sheet.line("Radiation Treatment Record", big=True)
    head = ["Date", "Time", "Fx", "Field", "Energy", "Planned MU", "Delivered MU", "Status"]
    rows: list[list[str]] = []
    for f in fs:
        for at, arc in enumerate(("A1", "A2")):
            if f.interrupted and not at:
                rows.append(
                    [f"{f.day:%Y-%m-%d}", "10:02", str(f.number), arc, "6X", "240.0", "101.3", "Partial"]
                )
                rows.append(
                    [f"{f.day:%Y-%m-%d}", "10:09", str(f.number), arc, "6X", "240.0", "138.7", "Completed"]
                )
            else:
                rows.append(
                    [
                        f"{f.day:%Y-%m-%d}",
                        f"10:{5 + at:02}",
                        str(f.number),
                        arc,
                        "6X",
                        "240.0",
                        "240.0",
                        "Completed",
                    ]
                )
    for low in range(0, len(rows), 50):
        sheet.table((40, 100, 150, 190, 240, 300, 380, 460), [head, *rows[low : low + 50]])
        if low + 50 < len(rows):
            sheet.page()
    return sheet.done()


def by_columns(fs: Sequence[Delivered]) -> bytes:
    """A PDF table whose cells are drawn column by column."""
    sheet = Sheet("Delivery log", "page foot")
    sheet.line("Treatment Delivery Record", big=True)
    rows = [["Session", "Treatment Date", "Beams", "Daily Dose (cGy)", "Gating", "Therapists"]]
    rows += [[str(f.number), f"{f.day:%d-%b-%Y}", "2 arcs", "200", "beam hold 3 events", "kp/rs"] for f in fs]
    sheet.table((40, 100, 200, 270, 360, 480), rows, down=True)
    return sheet.done()


def fixed_width(fs: Sequence[Delivered]) -> bytes:
    """Fixed-width text with a ruler of dashes."""
    lines = [
        "TREATMENT RECORD",
        "",
        f"{'FX':>4} {'DATE':<12}{'TIME':<8}{'FIELDS':<10}{'MU':>8}{'CGY':>6}{'CUM':>7}",
        "-" * 60,
    ]
    lines += [
        f"{f.number:>4} {f.day:%m/%d/%Y}  {'09:14':<8}{'A1,A2':<10}{512.4:>8}{200:>6}{200 * f.number:>7}"
        for f in fs
    ]
    lines += ["-" * 60, f"TOTAL FRACTIONS DELIVERED: {len(fs)}   TOTAL DOSE {200 * len(fs)} CGY"]
    return "\n".join(lines).encode()


def dotted_dates(fs: Sequence[Delivered]) -> bytes:
    """Tab-separated text, dates with dots, a status a row; an interrupted fraction resumed on its day."""
    lines = ["Treatment record", "Date\tFraction\tPlan\tDose [Gy]\tStatus"]
    for f in fs:
        if f.interrupted:
            lines.append(
                f"{f.day:%d.%m.%Y}\t{f.number}\tProstate_V1\t0,9\tpartially delivered, machine fault"
            )
            lines.append(f"{f.day:%d.%m.%Y}\t{f.number}\tProstate_V1\t1,1\tcompleted")
        else:
            lines.append(f"{f.day:%d.%m.%Y}\t{f.number}\tProstate_V1\t2,0\tcompleted")
    return "\n".join(lines).encode()


def session_blocks(fs: Sequence[Delivered]) -> bytes:
    """A block of lines a session."""
    out = ["TREATMENT RECORD", ""]
    for f in fs:
        out += [f"Session {f.number} of {len(fs)}   {f.day:%a %m/%d/%Y}  09:30", "  Arc 1  CW   256.2 MU delivered", "  Arc 2  CCW  256.2 MU delivered",
                "  Gating events: 2 beam holds" if f.number % 4 == 0 else "  No interruptions", ""]  # fmt: skip
    return "\n".join(out).encode()


def two_up(fs: Sequence[Delivered]) -> bytes:
    """A PDF log set twice side by side."""
    sheet = Sheet("Daily treatment log", "foot")
    sheet.line("Daily Treatment Record", big=True)
    half = (len(fs) + 1) // 2
    rows = [["Fx", "Date", "cGy", "Fx", "Date", "cGy"]]
    for at in range(half):
        cells = [str(fs[at].number), f"{fs[at].day:%m/%d/%y}", "200"]
        if at + half < len(fs):
            other = fs[at + half]
            cells += [str(other.number), f"{other.day:%m/%d/%y}", "200"]
        rows.append(cells)
    sheet.table((40, 80, 160, 300, 340, 420), rows)
    return sheet.done()


def pipes(fs: Sequence[Delivered]) -> bytes:
    """Text with upright bars, weekday beside the date, weekly subtotals."""
    lines = ["RADIATION TREATMENT RECORD", "| # | Date | Day | Ports | MU | Dose |"]
    for f in fs:
        lines.append(f"| {f.number} | {f.day:%b %d, %Y} | {f.day:%a} | 2 arcs | 512 | 200 cGy |")
        if f.day.weekday() == 4:
            lines.append(f"| | Week subtotal | | | | {200 * f.number} cGy |")
    return "\n".join(lines).encode()


LAYOUTS: dict[str, tuple[str, Layout]] = {
    "row_per_fraction": ("pdf", row_per_fraction), "row_per_field": ("pdf", row_per_field), "by_columns": ("pdf", by_columns),
    "fixed_width": ("txt", fixed_width), "dotted_dates": ("txt", dotted_dates), "session_blocks": ("txt", session_blocks),
    "two_up": ("pdf", two_up), "pipes": ("txt", pipes),
}  # fmt: skip


def told(kind: str, data: bytes) -> list[tuple[int | None, dt.date | None]]:
    """Number and day of every delivered fraction that the evidence tells of."""
    from doc_review.case import open_cases
    from doc_review.review import review_case

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"treatment_record.{kind}"
        path.write_bytes(data)
        review = review_case(open_cases(path).cases[0]).review
    return sorted(
        (item.attributes.get("number"), dt.date.fromisoformat(item.attributes["date"]))
        for item in review.evidence
        if item.kind == "delivery" and item.value == "fraction" and item.assertion == "affirmed" and item.attributes.get("date")
    )  # fmt: skip


def main() -> int:
    """Print how many records of each layout are right."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10, help="records per layout")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    options = parser.parse_args()
    for name, (kind, layout) in LAYOUTS.items():
        good = 0
        for seed in range(options.count):
            made = course(seed)
            found, true = told(kind, layout(made)), [(f.number, f.day) for f in made]
            good += found == true
            if options.wrong and found != true:
                print(
                    f"  {name}-{seed}: {len(found)} of {len(true)}; extra {[x for x in found if x not in true][:3]}"
                )
        print(f"{name:<18}{good:>4}/{options.count}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
