"""Forms full of dotted leaders, rulers and blanks are read in a time that does not explode."""

from __future__ import annotations

import time

import pytest

from doc_review.evidence.pipeline import EXTRACTORS

from .support import make_reading

TERMS = (
    "IV contrast",
    "Prescription: 70 Gy in 35 fractions",
    "Physics check",
    "Fractions delivered",
    "Electronically signed by Ann Lee, MD",
    "Isocenter",
    "DIBH",
    "cord max 45 Gy",
    "Plan approved by",
    "Weekly visit exam",
    "Simulation",
    "Patient: Lee, Ann  MRN 12345  DOB 01/02/1950",
)
FILLERS = (
    ".",
    "_",
    "-",
    " ",
    "|",
    "=",
    "*",
    ":",
    "\t",
    "- ",
    "_ ",
    "[ ] ",
    "1 ",
    "a",
    "/",
    "\n",
    "5/30 ",
    "fx ",
    "MD, ",
)


@pytest.mark.parametrize("filler", FILLERS)
def test_a_run_of_fillers_costs_little(filler: str) -> None:
    """A pattern that splits a run in every way would take years for the first of these lines."""
    text = "".join(f"{t} {filler * 90} yes\n{filler * 60} {t}\n{t}{filler * 60}{t}\n" for t in TERMS)
    started = time.perf_counter()
    for kind in ("other", "management_visit", "treatment_record"):
        reading = make_reading(text, kind)  # type: ignore[arg-type]
        for extract in EXTRACTORS:
            list(extract(reading))
    assert time.perf_counter() - started < 60
