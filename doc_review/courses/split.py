"""Entry views in, one group of views per course out.

One course is all sites treated in shared sessions, with boosts and replans. A second course in the
folder shows as sessions after a long pause; entries follow the course whose sessions come next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from ..model import OUT_OF_SCOPE_TECHNIQUES, Evidence
from .fractions import PAUSE, logged
from .views import EntryView


def _sessions(entries: Sequence[EntryView]) -> list[date]:
    return sorted({fraction.date for fraction in logged(entries) if fraction.date is not None})


_IN_USE = frozenset({"order", "plan", "delivery", "simulation"})


def out_of_scope(entries: Sequence[EntryView]) -> tuple[list[EntryView], list[EntryView]]:
    """Entries of external-beam treatment, and entries that order or record only another modality (policy 12.4)."""
    inside: list[EntryView] = []
    outside: list[EntryView] = []
    for view in entries:
        used = {i.value for i in view.of("technique") if i.attributes.get("role") in _IN_USE} - {"EBRT"}
        ordered = {_ordered(i) for i in view.of("order", "plan")} - {"EBRT"}
        beams = {i.attributes.get("modality") for i in view.of("delivery")} & {"photon", "electron", "mixed"}
        told = (ordered or used) if not beams else set()
        (outside if told and told <= OUT_OF_SCOPE_TECHNIQUES else inside).append(view)
    return inside, outside


def _ordered(item: Evidence) -> str:
    """The technique of an order or plan; a document's plan may be known by its label alone."""
    dicom = item.kind == "plan" and item.method == "dicom"
    return str(item.attributes.get("technique") if dicom else item.value)


def split_courses(entries: Sequence[EntryView]) -> list[list[EntryView]]:
    """Views grouped by course; all of them in one group where the sessions show one course."""
    sessions = _sessions(entries)
    starts = [later for earlier, later in pairwise(sessions) if later - earlier > PAUSE]
    if not starts:
        return [list(entries)]
    ends = [max(day for day in sessions if day < start) for start in starts]
    groups: list[list[EntryView]] = [[] for _ in range(len(starts) + 1)]
    for view in entries:
        groups[_course_of(view, ends)].append(view)
    return groups


def _course_of(view: EntryView, ends: Sequence[date]) -> int:
    """Index of the course an entry belongs to: its own sessions, otherwise its date."""
    own = _sessions([view])
    when = own[0] if own else view.date
    if when is None:
        return 0
    slack = timedelta(days=0 if own else 14 if view.kind in ("completion_summary", "treatment_record") else 3)
    return sum(1 for end in ends if when > end + slack)
