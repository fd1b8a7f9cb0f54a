"""Courses become the sessions they count by: ordered, placed, merged where courses share days.

Policy 7.13: one session is one fraction however many sites it treats, and courses that share treatment
days count together in delivery, physics and management.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ..model import ARC_TECHNIQUES, IMRT_TECHNIQUES, OUT_OF_SCOPE_TECHNIQUES, CaseRecord, Course, Fraction


@dataclass(frozen=True, slots=True)
class Session:
    """One delivered session: its place in the count (1-based) and what each course recorded of it."""

    position: int
    parts: tuple[tuple[int, Fraction], ...]
    fraction: Fraction
    second: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Courses that count together. ``lead`` is the course that carries the lines."""

    lead: int
    members: tuple[int, ...]
    sessions: tuple[Session, ...]
    first: dt.date | None
    last: dt.date | None
    complete: bool

    @property
    def count(self) -> int:
        """Number of delivered fractions."""
        return len(self.sessions)

    @property
    def days(self) -> int:
        """Number of treatment days; undated sessions count a day each."""
        dated = {s.fraction.date for s in self.sessions if s.fraction.date}
        return len(dated) + sum(s.fraction.date is None for s in self.sessions)


def in_scope(course: Course) -> bool:
    """Whether the course is external-beam treatment that this rulebook codes (policy 12.4)."""
    return course.technique.value not in OUT_OF_SCOPE_TECHNIQUES


def groups(record: CaseRecord) -> tuple[Group, ...]:
    """The counting groups of a record, in the order of their first course."""
    members: list[list[int]] = []
    for index, course in enumerate(record.courses):
        if not in_scope(course):
            continue
        days = _days(course)
        shared = [group for group in members if any(days & _days(record.courses[i]) for i in group)]
        merged = sorted({index, *(i for group in shared for i in group)})
        members = [group for group in members if group not in shared] + [merged]
    return tuple(_group(record, tuple(group)) for group in sorted(members))


def _days(course: Course) -> set[dt.date]:
    return {f.date for f in course.fractions if f.date is not None}


def _group(record: CaseRecord, members: tuple[int, ...]) -> Group:
    courses = [record.courses[i] for i in members]
    slots: list[list[tuple[int, Fraction]]] = []
    for index, course in zip(members, courses, strict=True):
        for fraction in _ordered(course):
            twin = next((slot for slot in slots if _same_session(slot, index, fraction)), None)
            if twin is None:
                slots.append([(index, fraction)])
            else:
                twin.append((index, fraction))
    if len(members) > 1:
        slots.sort(key=lambda slot: (slot[0][1].date or dt.date.max, slot[0][1].session))
    sessions: list[Session] = []
    seen: set[dt.date] = set()
    for position, slot in enumerate(slots, 1):
        fraction = _merged([f for _, f in slot])
        second = fraction.session > 1 or (fraction.date is not None and fraction.date in seen)
        if fraction.date is not None:
            seen.add(fraction.date)
        sessions.append(Session(position, tuple(slot), fraction, second))
    firsts = [c.first_fraction.value for c in courses if c.first_fraction.value] + sorted(seen)
    lasts = [c.last_fraction.value for c in courses if c.last_fraction.value] + sorted(seen)
    return Group(
        members[0],
        members,
        tuple(sessions),
        min(firsts, default=None),
        max(lasts, default=None),
        _complete(record, courses),
    )


def _same_session(slot: list[tuple[int, Fraction]], index: int, fraction: Fraction) -> bool:
    other = slot[0][1]
    return (
        fraction.date is not None
        and other.date == fraction.date
        and other.session == fraction.session
        and all(i != index for i, _ in slot)
    )


def _ordered(course: Course) -> list[Fraction]:
    fractions = list(course.fractions)
    if not fractions and course.delivered_fractions.value:
        told = Fraction(
            technique=course.technique.value, source="summary", evidence=course.delivered_fractions.evidence
        )
        return [told.model_copy(update={"number": n}) for n in range(1, course.delivered_fractions.value + 1)]
    numbers = [f.number for f in fractions]
    if None not in numbers and len(set(numbers)) == len(numbers):
        return sorted(fractions, key=lambda f: f.number or 0)
    if all(f.date is not None for f in fractions):
        return sorted(fractions, key=lambda f: (f.date or dt.date.max, f.session))
    return fractions


def _merged(fractions: Sequence[Fraction]) -> Fraction:
    """One fraction for one session that several courses recorded: the fuller of each fact."""
    if len(fractions) == 1:
        return fractions[0]
    modalities = {f.modality for f in fractions if f.modality}
    isocenters = [f.isocenters for f in fractions]
    areas = [f.areas for f in fractions]
    base = next((f for f in fractions if f.technique in IMRT_TECHNIQUES), fractions[0])
    states = [f.motion_management for f in fractions]
    motion = next((s for s in ("active", "planned", "named") if s in states), "none")
    return base.model_copy(
        update={
            "modality": "mixed" if {"photon", "electron"} <= modalities else base.modality,
            "isocenters": sum(i for i in isocenters if i) if None not in isocenters else None,
            "areas": sum(a for a in areas if a) if None not in areas else None,
            "ports": None
            if any(f.ports is None for f in fractions)
            else max(f.ports or 0 for f in fractions),
            "simple_blocks": max(f.simple_blocks for f in fractions),
            "features": tuple(sorted({x for f in fractions for x in f.features})),
            "motion_management": motion,
            "compensator": any(f.compensator for f in fractions),
            "evidence": tuple(dict.fromkeys(e for f in fractions for e in f.evidence)),
        }
    )


def _complete(record: CaseRecord, courses: Sequence[Course]) -> bool:
    if record.context.course_complete is not None:
        return record.context.course_complete
    return bool(courses) and all(_course_complete(course) for course in courses)


def _course_complete(course: Course) -> bool:
    if course.complete.value is not None:
        return course.complete.value
    prescribed = course.prescribed.fractions.value
    return prescribed is not None and len(_ordered(course)) >= prescribed > 0


def possible_dates(
    group: Group, session: Session, floor: dt.date | None, ceiling: dt.date | None
) -> tuple[dt.date | None, dt.date | None]:
    """Earliest and latest day an undated session can lie on; ``None`` where nothing bounds it.

    ``floor`` and ``ceiling`` bound the whole course (the plan's approval, the latest document).
    """
    if session.fraction.date is not None:
        return session.fraction.date, session.fraction.date
    before = [s.fraction.date for s in group.sessions if s.position < session.position and s.fraction.date]
    after = [s.fraction.date for s in group.sessions if s.position > session.position and s.fraction.date]
    earliest = max([d for d in (*before, group.first or floor) if d], default=None)
    latest = min([d for d in (*after, group.last or ceiling) if d], default=None)
    return earliest, latest


def is_arc(technique: str | None) -> bool:
    """Whether the technique treats by rotation (policy 4.1)."""
    return technique in ARC_TECHNIQUES
