"""A seed turned into the entries of one made radiotherapy chart: kind, date, author and text of each."""

from __future__ import annotations

import datetime as dt
import functools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
DAY = dt.timedelta(days=1)
Section = tuple[str | None, tuple[str, ...]]
DateStyle = Callable[[dt.date], str]


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of a chart. ``key`` names its text in ``texts.yaml``; ``number`` counts the weekly ones."""

    key: str
    kind: str
    date: dt.date
    author: str
    sections: tuple[Section, ...]
    number: int = 0
    fraction: int = 0


@dataclass(frozen=True, slots=True)
class MadeChart:
    """The notes of one patient in order of time, and what a print says about him."""

    patient: str
    mrn: str
    born: dt.date
    hospital: str
    site: Mapping[str, Any]
    notes: tuple[Note, ...]
    fractions: tuple[dt.date, ...]
    printed: dt.date


@functools.cache
def texts() -> dict[str, Any]:
    """``texts.yaml`` as plain data."""
    loaded: dict[str, Any] = yaml.safe_load((HERE / "texts.yaml").read_text(encoding="utf-8"))
    return loaded


def _weekday(day: dt.date) -> dt.date:
    while day.weekday() > 4:
        day += DAY
    return day


def _fractions(start: dt.date, count: int) -> tuple[dt.date, ...]:
    days: list[dt.date] = []
    day = start
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += DAY
    return tuple(days)


def _schedule(start: dt.date, given: tuple[dt.date, ...], mixed: bool) -> list[tuple[str, dt.date, int, int]]:
    """Key, date, number and last fraction of every note, in the order of a print."""
    before = [
        ("radiology", -52), ("pathology", -45), ("referral", -38), ("labs", -32), ("consultation", -30),
        ("addendum", -27), ("nursing", -26), ("consent", -25), ("order", -23), ("simulation", -16),
        ("prescription", -10), ("plan", -7), ("plan_approval", -6), ("qa", -3),
    ]  # fmt: skip
    found = [(key, _weekday(start + days * DAY), 0, 0) for key, days in before]
    weeks = range(5, len(given) + 1, 5)
    visits = [("visit", given[fx - 3], number, fx - 2) for number, fx in enumerate(weeks, 1)]
    checks = [("check", given[fx - 1], number, fx) for number, fx in enumerate(weeks, 1)]
    weekly = sorted([*visits, *checks], key=lambda item: item[1]) if mixed else [*visits, *checks]
    after = [("treatment_record", given[-1], 0, 0), ("completion", _weekday(given[-1] + 3 * DAY), 0, 0)]
    return [*found, *weekly, *after, ("letter", _weekday(given[-1] + 12 * DAY), 0, 0)]


def made_chart(
    seed: int, written: DateStyle, mixed: bool = False, without: frozenset[str] = frozenset()
) -> MadeChart:
    """The chart of a seed. ``written`` writes dates inside the text, ``mixed`` sorts checks among visits."""
    dice = random.Random(seed)
    data = texts()
    site = dice.choice(data["sites"])
    start = _weekday(dt.date(2025, 3, 3) + dice.randrange(400) * DAY)
    given = _fractions(start, int(site["fractions"]))
    people = {role: dice.choice(names) for role, names in data["people"].items()}
    told = {
        **site,
        "before1": written(start - 52 * DAY),
        "before2": written(start - 45 * DAY),
        "first": written(given[0]),
        "last": written(given[-1]),
    }
    variants = {key: dice.choice(entry["text"]) for key, entry in data["entries"].items()}
    notes = []
    for key, date, number, last in _schedule(start, given, mixed):
        if key in without:
            continue
        entry = data["entries"][key]
        filled = {**told, "fx": last, "from": last - 4}
        sections = tuple(
            (heading, tuple(str(line).format(**filled) for line in lines)) for heading, lines in variants[key]
        )
        notes.append(Note(key, entry["kind"], date, people[entry["by"]], sections, number, last))
    return MadeChart(
        patient=dice.choice(data["patients"]),
        mrn=str(dice.randrange(1_000_000, 9_999_999)),
        born=dt.date(1940, 1, 1) + dice.randrange(9000) * DAY,
        hospital=dice.choice(data["hospitals"]),
        site=site,
        notes=tuple(notes),
        fractions=given,
        printed=given[-1] + 40 * DAY,
    )
