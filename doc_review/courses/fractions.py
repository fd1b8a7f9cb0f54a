"""``delivery`` evidence in, the delivered sessions of the course out (policy section 7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from ..model import Evidence, Fraction
from .views import EntryView, as_date, ids

# Longest pause inside one course: split courses and long breaks stay below, a new course above.
PAUSE = timedelta(days=42)
# Fewer days than this, far from a log's other days, are no course of their own.
_FEW = 3
_FEATURES = frozenset(
    {"tangents", "wedges", "rotation", "field_in_field", "custom_blocks", "mlc_shaped", "total_skin"}
)


def _rows(entries: Sequence[EntryView]) -> list[Evidence]:
    return [
        item
        for view in entries
        for item in view.of("delivery")
        if item.value == "fraction" and item.attributes.get("source") != "summary"
    ]


def _told_alike(rows: list[Evidence]) -> list[Evidence]:
    """Rows without the strays of a log: one that numbers (or doses) its sessions does so for all of them."""
    for name in ("number", "dose_gy"):
        full = [row for row in rows if row.attributes.get(name)]
        if len(full) > len(rows) / 2:
            days = {row.attributes.get("date") for row in full}
            return [row for row in rows if row.attributes.get(name) or row.attributes.get("date") in days]
    return rows


def _key(item: Evidence) -> tuple[Any, ...]:
    """What makes two rows one session: the date and session, otherwise the number."""
    when = item.attributes.get("date")
    if when:
        return ("date", when, item.attributes.get("session") or 1)
    return ("number", item.attributes.get("plan"), item.attributes.get("number"))


def _merged(items: Sequence[Evidence]) -> dict[str, Any]:
    """Attributes of one session from all rows that tell of it; a later row fills what an earlier left open."""
    merged: dict[str, Any] = {}
    features: set[str] = set()
    modalities: set[str] = set()
    for item in items:
        for name, value in item.attributes.items():
            if value is not None and merged.get(name) is None:
                merged[name] = value
        features |= set(item.attributes.get("features") or ())
        if item.attributes.get("modality"):
            modalities.add(str(item.attributes["modality"]))
    merged["features"] = tuple(sorted(features & _FEATURES))
    if {"photon", "electron"} <= modalities or "mixed" in modalities:
        merged["modality"] = "mixed"
    return merged


def _fraction(items: Sequence[Evidence], number: int) -> Fraction:
    merged = _merged(items)
    return Fraction(
        number=merged.get("number") or number,
        date=as_date(merged.get("date")),
        session=merged.get("session") or 1,
        technique=merged.get("technique"),
        modality=merged.get("modality"),
        ports=merged.get("ports"),
        simple_blocks=merged.get("simple_blocks") or 0,
        features=merged["features"],
        areas=merged.get("areas"),
        isocenters=merged.get("isocenters"),
        break_hours=merged.get("break_hours"),
        compensator=bool(merged.get("compensator")),
        plan=merged.get("plan"),
        source=merged.get("source") or "record",
        evidence=ids(items),
    )


def logged(entries: Sequence[EntryView]) -> list[Fraction]:
    """Sessions that treatment records list, in order of date, session and number."""
    by_key: dict[tuple[Any, ...], list[Evidence]] = {}
    for item in _told_alike(_rows(entries)):
        by_key.setdefault(_key(item), []).append(item)
    made = [_fraction(items, index + 1) for index, items in enumerate(by_key.values())]
    ordered = sorted(_one_log(made), key=lambda f: (f.date or date.max, f.session, f.number or 0))
    return [fraction.model_copy(update={"number": index + 1}) for index, fraction in enumerate(ordered)]


def _one_log(fractions: list[Fraction]) -> list[Fraction]:
    """Sessions without single days that lie far from all others: a birth, print or order date, not a course."""
    days = sorted({fraction.date for fraction in fractions if fraction.date is not None})
    if len(days) < _FEW * 2:
        return fractions
    runs: list[list[date]] = [[days[0]]]
    for earlier, later in pairwise(days):
        if later - earlier > PAUSE:
            runs.append([])
        runs[-1].append(later)
    strays = {day for run in runs if len(run) < _FEW for day in run}
    return [fraction for fraction in fractions if fraction.date not in strays]


def _totals(entries: Sequence[EntryView]) -> list[Evidence]:
    """Totals, records before summaries, larger before smaller."""
    found = [
        item
        for view in entries
        for item in view.of("delivery", "completion")
        if (item.value == "total" or item.kind == "completion") and item.attributes.get("delivered")
    ]
    return sorted(
        found,
        key=lambda item: (
            item.kind != "delivery" or item.attributes.get("source") == "summary",
            -int(item.attributes["delivered"]),
            item.id,
        ),
    )


def told(entries: Sequence[EntryView]) -> list[Fraction]:
    """Undated sessions from a total where no record lists them."""
    totals = _totals(entries)
    if not totals:
        return []
    best = totals[0]
    count = int(best.attributes["delivered"])
    summary = best.kind == "completion" or best.attributes.get("source") == "summary"
    first, last = as_date(best.attributes.get("first_date")), as_date(best.attributes.get("last_date"))
    dates: dict[int, date | None] = {1: first, count: last}
    return [
        Fraction(
            number=number,
            date=dates.get(number),
            technique=best.attributes.get("technique"),
            modality=best.attributes.get("modality"),
            source="summary" if summary else "record",
            evidence=(best.id,),
        )
        for number in range(1, count + 1)
    ]


def delivered(entries: Sequence[EntryView]) -> tuple[list[Fraction], tuple[str, ...]]:
    """Sessions of the course, and the evidence of their number."""
    rows = logged(entries)
    told_totals = _totals(entries)
    totals = ids(told_totals[:2])
    exported = bool(rows) and all(row.source == "dicom" for row in rows)
    if exported and told_totals and int(told_totals[0].attributes["delivered"]) > len(rows):
        # A few exported records are no log of the course: its own total tells more.
        return told(entries), totals
    if rows:
        return rows, tuple(dict.fromkeys((*totals, *(rows[-1].evidence))))
    return told(entries), totals
