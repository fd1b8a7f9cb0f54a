"""A review or a gold label turned into one form, a ``Label``, so that two of them can be compared.

Scopes and severities are the coding policy's own lists, not the rulebook's: a rulebook that moved a
code out of scope would otherwise grade itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from ..model import Course, Review

CORE_CODES: frozenset[str] = frozenset(
    {
        *("77280", "77285", "77290", "77293", "77301", "77338", "77385", "77386"),
        *("G6015", "G6016", "77402", "77407", "77412", "77336", "77427"),
    }
)
"""Codes whose case is scored by exact match (coding policy 12.1)."""

INFO_FINDINGS: frozenset[str] = frozenset(
    ("bundled_simulation", "physics_remainder", "component_unspecified", "out_of_scope_modality")
)
"""Findings that are remarks; every other one is a warning or an error (coding policy 13)."""

FAMILIES: tuple[tuple[str, ...], ...] = (
    ("77280", "77285", "77290"),
    ("77301", "77295"),
    ("77385", "77386", "G6015", "G6016", "77402", "77407", "77412", "77371", "77372", "77373"),
    ("77427", "77431", "77432", "77435"),
)
"""Codes that stand for neighbouring levels of one service, and can be mistaken for each other."""

STATUSES: tuple[str, ...] = ("supported", "needs_review", "blocked", "bundled")
RESULTS: tuple[str, ...] = ("agrees", "overcoded", "undercoded", "needs_review", "not_assessed")
COURSE_FIELDS: tuple[str, ...] = (
    "technique",
    "treatment_areas",
    "isocenters",
    "dose_gy",
    "fractions_prescribed",
    "fractions_delivered",
)


@dataclass(frozen=True, slots=True, order=True)
class CodeLine:
    """One code with one status. ``number`` is its place in the review, from 1; 0 in a gold label."""

    code: str
    status: str
    units: int
    modifiers: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    number: int = 0

    @property
    def core(self) -> bool:
        """Whether the code is of the core scope."""
        return self.code in CORE_CODES


@dataclass(frozen=True, slots=True, order=True)
class FindingMark:
    """One finding and the codes that fail by it, sorted."""

    type: str
    codes: tuple[str, ...] = ()

    @property
    def alarms(self) -> bool:
        """Whether it is a warning or an error."""
        return self.type not in INFO_FINDINGS


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One row of the claim comparison; ``date`` is empty where the label leaves it out."""

    code: str
    result: str
    date: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A span of one page: code points, end exclusive."""

    document: str
    page: int
    start: int
    end: int

    def overlaps(self, other: Place) -> bool:
        """Whether the two share a code point."""
        same = self.document == other.document and self.page == other.page
        return same and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Item:
    """One fact of a kind and the places it is cited for; no places where a quote was not found.

    ``number`` is its place in the review, from 1; ``confidence`` is ``None`` in a gold label.
    """

    kind: str
    places: tuple[Place, ...]
    number: int = 0
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What is said of one case. ``None`` for a part that was not labelled.

    ``course`` holds the fields that were labelled, a field that cannot be told as ``None``.
    """

    codes: tuple[CodeLine, ...] | None = ()
    findings: tuple[FindingMark, ...] | None = ()
    comparison: tuple[ResultRow, ...] | None = None
    course: dict[str, object] | None = None
    items: tuple[Item, ...] | None = ()
    several_claims: bool = False


def iso(dates: Iterable[dt.date]) -> tuple[str, ...]:
    """Dates as sorted ISO text."""
    return tuple(sorted(day.isoformat() for day in dates))


def label_of(review: Review) -> Label:
    """What a review says, in the form of a label. Units: doses in Gy, areas and isocenters as numbers."""
    return Label(
        codes=tuple(
            CodeLine(s.code, s.status, s.units, s.modifiers, iso(s.dates), number)
            for number, s in enumerate(review.suggestions, 1)
        ),
        findings=tuple(FindingMark(f.type, tuple(sorted(f.codes))) for f in review.findings),
        comparison=None
        if review.comparison is None
        else tuple(
            ResultRow(row.code, row.result, row.date.isoformat() if row.date else "")
            for row in review.comparison
        ),
        course=_course(review.courses[0]) if review.courses else dict.fromkeys(COURSE_FIELDS),
        items=tuple(
            Item(
                item.kind,
                tuple(
                    Place(span.document, span.page, span.start, span.end)
                    for span in (item.citation, *item.citation.also)
                ),
                number,
                item.confidence,
            )
            for number, item in enumerate(review.evidence, 1)
        ),
        several_claims=len(set(review.context.claim)) > 1,
    )


def _course(course: Course) -> dict[str, object]:
    """The main course's facts; areas are compared by their number (contract, "Output of review")."""
    return {
        "technique": course.technique.value,
        "treatment_areas": len(course.treatment_areas),
        "isocenters": course.isocenters.value,
        "dose_gy": course.prescribed.dose_gy.value,
        "fractions_prescribed": course.prescribed.fractions.value,
        "fractions_delivered": course.delivered_fractions.value,
    }
