"""Weekly visits and checks cut into entries whatever heads them, and birth dates that date nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from doc_review.dates import earliest_of, find_dates, without_births

from .test_entries import check_cover, document, summary

CASES = yaml.safe_load((Path(__file__).parent / "weekly.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_entries(case: dict[str, Any]) -> None:
    doc = document(case["text"])
    assert summary(doc) == [(kind, str(date)) for kind, date in case["expect"]]
    check_cover(doc)


def test_dates_decades_before_the_others_are_left_out() -> None:
    found = find_dates("born 04/11/1949, seen 02/05/2026, surgery 06/01/2019")
    assert [item.date for item in without_births(found)] == [dt.date(2026, 2, 5), dt.date(2019, 6, 1)]
    assert without_births([]) == []
    assert earliest_of([]) == earliest_of([dt.date(1949, 4, 11)]) > dt.date(1949, 4, 11)
