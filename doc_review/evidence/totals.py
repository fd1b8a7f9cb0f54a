"""Counts of fractions given turned into ``total`` drafts, with their period, technique and plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..model import Assertion
from .assertion import assert_spans
from .course_dates import Period, period
from .fraction_log import PLAN_LABEL
from .fraction_rows import range_of
from .fraction_settle import Log
from .kinds import Draft, Reading
from .note import Note
from .orders import most_specific
from .patterns import pattern
from .technique import technique_hits
from .told_counts import Total, find_totals

_BOOST = re.compile(r"\b(?:boost|cone[- ]?down|phase\s*(?:2|ii|two)|bst)\b")
_SIMULTANEOUS = re.compile(r"\b(?:sib|simultaneous|integrated|concurrent)\b")
_CHECKED = re.compile(r"\b(?:check\w*|verif\w*|review\w*|rounds?|chart)\b")
_MAX_FRACTIONS = 60


def _weekly_ranges(note: Note, log: Log, source: str) -> Iterator[Draft]:
    """Lines of a record that sum up several fractions ("fx 1-5, 03/05 - 03/11"); counted up to the last."""
    if log.weekly and note.kind == "treatment_record":
        last = max(log.weekly, key=lambda row: row.number or 0)
        told: dict[str, object] = {"delivered": last.number, "source": source}
        if last.day:
            told["last_date"] = last.day.isoformat()
        yield Draft(
            "delivery", "total", note.cite(last.start, last.end, also=last.spans), told, confidence=0.75
        )
    if log.rows or note.kind != "treatment_record":
        return
    for _, line, text in log.others:
        span = range_of(text)
        if span is None or (log.section is not None and line.start >= log.section) or _CHECKED.search(text):
            continue
        if pattern("delivery.yaml", "other_form").search(text) or pattern("delivery.yaml", "planned").search(
            text
        ):
            continue
        days = period(note, line.start, line.end)
        attributes: dict[str, object] = {
            "delivered": span[1],
            "fraction_from": span[0],
            "fraction_to": span[1],
            "source": source,
        }
        if days.first and span[0] == 1:
            attributes["first_date"] = days.first.isoformat()
        if days.last:
            attributes["last_date"] = days.last.isoformat()
        yield Draft("delivery", "total", note.cite(line.start, line.end), attributes, confidence=0.75)


def _dates(attributes: dict[str, object], own: Period, whole: Period) -> None:
    first, last = own.first or whole.first, own.last or whole.last
    if first:
        attributes["first_date"] = first.isoformat()
    if last:
        attributes["last_date"] = last.isoformat()


def _sum_of_phases(note: Note, found: Sequence[Total], source: str) -> Iterator[Draft]:
    """The total of phases given one after the other (a boost), where no line states it."""
    phases = [item for item in found if item.prescribed is None or item.prescribed == item.delivered]
    own = [period(note, *item.part) for item in phases]
    if len(phases) < 2 or any(_SIMULTANEOUS.search(note.plain, *item.unit) for item in phases):
        return
    dated = all(p.first and p.last for p in own)
    ordered = dated and all(a.last < b.first for a, b in pairwise(own))  # type: ignore[operator]
    boosted = [bool(_BOOST.search(note.plain, *item.part)) for item in phases]
    if not ordered and not (boosted.count(True) == 1 and boosted[-1] and len(phases) == 2):
        return
    total = sum(item.delivered for item in phases)
    if total > _MAX_FRACTIONS or any(item.delivered >= total for item in found):
        return
    attributes: dict[str, object] = {
        "delivered": total,
        "parts": [item.delivered for item in phases],
        "source": source,
    }
    if dated:
        attributes["first_date"] = own[0].first.isoformat()  # type: ignore[union-attr]
        attributes["last_date"] = own[-1].last.isoformat()  # type: ignore[union-attr]
    yield Draft(
        "delivery",
        "total",
        note.cite(
            *phases[0].unit, also=[item.unit for item in phases[1:]], anchor=(phases[0].start, phases[0].end)
        ),
        attributes,
        confidence=0.75,
    )


def total_drafts(reading: Reading, log: Log, source: str) -> Iterator[Draft]:
    """Totals of a note: how many fractions were given, of how many, from when to when."""
    note = reading.note
    found = find_totals(note, log)
    assertions = assert_spans(note, [(item.start, item.end, "delivery") for item in found])
    whole = period(note, 0, len(note.text))
    values = [hit.value for hit, assertion in technique_hits(reading) if assertion == "affirmed"]
    technique = most_specific(values)
    kept: list[Total] = []
    for item, assertion in zip(found, assertions, strict=True):
        attributes: dict[str, object] = {"delivered": item.delivered, "source": source}
        if item.prescribed is not None:
            attributes["prescribed"] = item.prescribed
        if item.dose_gy is not None:
            attributes["dose_gy"] = item.dose_gy
        _dates(attributes, period(note, *item.unit), Period() if item.historical else whole)
        if technique and technique != "EBRT":
            attributes["technique"] = technique
        label = PLAN_LABEL.search(note.plain, *item.part)
        if label:
            attributes["plan"] = (label.group("label") or label.group("name")).strip()
        if _BOOST.search(note.plain, *item.part):
            attributes["phase"] = "boost"
        stated: Assertion = assertion if assertion != "hypothetical" else "planned"
        if item.historical and stated == "affirmed":
            stated = "historical"
        if stated == "affirmed":
            kept.append(item)
        yield Draft(
            "delivery",
            "total",
            note.cite(*item.unit, anchor=(item.start, item.end)),
            attributes,
            assertion=stated,
            confidence=item.confidence,
        )
    yield from _sum_of_phases(note, kept, source)
    yield from _weekly_ranges(note, log, source)
