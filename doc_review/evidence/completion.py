"""A note turned into ``completion`` evidence: the course has ended, was stopped, or goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import Assertion, EntryKind
from .assertion import assert_spans
from .course_dates import Period, long_ago, period
from .fraction_settle import Log
from .kinds import Draft, Reading
from .note import Note
from .patterns import pattern
from .told_counts import find_totals

_LEX = "completion.yaml"
# A course told as completed before this one is ordered is a past one.
_NOT_HERE: frozenset[EntryKind] = frozenset(
    {"consultation", "order", "prescription", "simulation", "plan", "plan_approval", "qa", "physics_check"}
)
_RATIO = re.compile(r"(\d{1,2})\s*(?:/|of)\s*(\d{1,2})")
_RESUMED = re.compile(r"\b(?:resum\w*|continued|completed|then\s+finished|restarted|same\s+session)\b")
_COMING = re.compile(r"\s*(?:on\s+|this\s+|next\s+|is\s+)*(?:mon|tue|wed|thu|fri|sat|sun|tomorrow|next|week)")
_THERAPY = re.compile(
    r"\b(?:radiation|radiotherapy|rt|xrt|fractions?|fxs?|treatments?|sessions?|gy|cgy|course)\b"
)


def _subject_is_other(note: Note, start: int, end: int, low: int) -> bool:
    """Whether what was completed or stopped is not the radiation: drugs, cycles, planning."""
    inside = note.plain[start : end + 12]
    before = note.plain[max(low, start - 30) : start]
    wording = pattern(_LEX, "other_subject")
    if wording.search(inside) and not re.search(r"\b(?:radiation|radiotherapy|fractions?|xrt|rt)\b", inside):
        return True
    return bool(wording.search(before)) and not _THERAPY.search(inside)


def _ahead(note: Note, told: Period, end: int, high: int) -> bool:
    """Whether the end is told of a day to come: after the note's own, or a weekday ahead."""
    if told.last is not None and note.entry.date is not None and told.last > note.entry.date:
        return True
    return note.kind == "management_visit" and _COMING.match(note.plain, end, high) is not None


def _statements(note: Note) -> Iterator[tuple[int, int, str]]:
    """Start, end and value of each statement about the end of the course."""
    for unit in note.units:
        for value in ("stopped", "complete", "ongoing"):
            match = pattern(_LEX, value).search(note.plain, unit.start, unit.end)
            if match is None or _subject_is_other(note, match.start(), match.end(), unit.start):
                continue
            ratio = _RATIO.search(match.group())
            if value == "complete" and ratio and int(ratio.group(1)) < int(ratio.group(2)):
                continue
            if value == "stopped" and _RESUMED.search(note.plain, match.end(), unit.end):
                continue
            if value == "ongoing" and not (
                _going_on(note) and _THERAPY.search(note.plain, unit.start, unit.end)
            ):
                continue
            yield match.start(), match.end(), value
            break


def _going_on(note: Note) -> bool:
    """Whether a note may tell that the course goes on; a visit or check during it says nothing new."""
    return note.kind != "management_visit"


def _attributes(
    told: Period, delivered: int | None, prescribed: int | None, dose: float | None
) -> dict[str, object]:
    found = {
        "delivered": delivered,
        "prescribed": prescribed,
        "dose_gy": dose,
        "first_date": told.first.isoformat() if told.first else None,
        "last_date": told.last.isoformat() if told.last else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def extract(reading: Reading) -> Iterator[Draft]:
    """Statements that the course ended, was stopped or goes on, with the fractions told beside them."""
    note = reading.note
    if note.kind in _NOT_HERE:
        return
    found = list(_statements(note))
    totals = (
        find_totals(note, Log())
        if note.kind in ("completion_summary", "correspondence", "other", "mixed")
        else []
    )
    if note.kind == "completion_summary":
        stopped = any(value == "stopped" for _, _, value in found)
        going = any(value == "ongoing" for _, _, value in found)
        for told_total in totals:
            if told_total.historical:
                continue
            if (
                not stopped
                and not going
                and not any(told_total.unit[0] <= start < told_total.unit[1] for start, _, _ in found)
            ):
                short = told_total.prescribed is not None and told_total.delivered < told_total.prescribed
                found.append((told_total.start, told_total.end, "stopped" if short else "complete"))
    found.sort()
    assertions = assert_spans(note, [(start, end, "completion") for start, end, _ in found])
    whole = period(note, 0, len(note.text)) if found else Period()
    totals = [total for total in totals if not total.historical]
    best = max(totals, key=lambda total: total.delivered, default=None)
    for (start, end, value), said in zip(found, assertions, strict=True):
        unit = note.unit_at(start)
        low, high = (unit.start, max(unit.end, end)) if unit else (start, end)
        total = next((item for item in totals if low <= item.start < high), best)
        own = period(note, low, high)
        told = Period(own.first or whole.first, own.last or whole.last)
        assertion: Assertion = said
        if said == "affirmed" and long_ago(note, low, high):
            assertion = "historical"
        elif said == "affirmed" and _ahead(note, own, end, high):
            assertion = "planned"
        if value == "stopped" and assertion == "negated":
            if not re.search(r"\bnot\b|n't\b|unable|refus|declin|fail", note.plain[start:end]):
                continue
            assertion = "affirmed"
        yield Draft(
            kind="completion",
            value=value,
            citation=note.cite(low, high, anchor=(start, end)),
            attributes=_attributes(
                told,
                total.delivered if total else None,
                total.prescribed if total else None,
                total.dose_gy if total else None,
            ),
            assertion=assertion,
            confidence=0.9 if note.kind == "completion_summary" else 0.8,
        )
