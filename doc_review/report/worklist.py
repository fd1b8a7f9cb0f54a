"""Turns the reviews of a worklist into one row per chart, worst first, and totals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model import Review
from .wording import context_line, course_line, scope_lines, severity_counts


@dataclass(frozen=True, slots=True)
class Row:
    """What a worklist shows of one chart; every number counts suggestions, findings or claim rows.

    ``failed`` is the reason why a chart could not be reviewed; its numbers are then zero.
    ``packet`` is the file name of the chart's evidence packet where one was written.
    """

    case_id: str
    context: str = ""
    course: str = ""
    supported: int = 0
    needs_review: int = 0
    blocked: int = 0
    bundled: int = 0
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    overcoded: int = 0
    undercoded: int = 0
    unread: int = 0
    failed: str | None = None
    packet: str | None = None


COUNTS: tuple[str, ...] = (
    "errors",
    "warnings",
    "notes",
    "supported",
    "needs_review",
    "blocked",
    "bundled",
    "overcoded",
    "undercoded",
    "unread",
)


def row_of(review: Review, packet: str | None = None) -> Row:
    """The row of one reviewed chart."""
    statuses = [item.status for item in review.suggestions]
    results = [item.result for item in review.comparison or ()]
    severities = severity_counts(review.findings)
    skipped = sum(1 for item in review.documents if item.skipped is not None)
    return Row(
        case_id=review.case_id,
        context=" ".join((context_line(review.context), *scope_lines(review.scope))),
        course=course_line(review.courses[0]) if review.courses else "",
        supported=statuses.count("supported"),
        needs_review=statuses.count("needs_review"),
        blocked=statuses.count("blocked"),
        bundled=statuses.count("bundled"),
        errors=severities["error"],
        warnings=severities["warning"],
        notes=severities["info"],
        overcoded=results.count("overcoded"),
        undercoded=results.count("undercoded"),
        unread=review.coverage.pages_unread + skipped,
        packet=packet,
    )


def failed_row(case_id: str, reason: str) -> Row:
    """The row of a chart that could not be reviewed."""
    return Row(case_id=case_id, failed=reason)


def worst_first(rows: Iterable[Row]) -> list[Row]:
    """Rows by failure, errors, over-coded lines, open questions, blocked codes, unread pages, case id."""

    def badness(row: Row) -> tuple[object, ...]:
        return (
            row.failed is None,
            -row.errors,
            -row.overcoded,
            -row.needs_review,
            -row.blocked,
            -row.unread,
            -row.warnings,
            row.case_id,
        )

    return sorted(rows, key=badness)


def totals(rows: Sequence[Row]) -> Row:
    """The sum of every count, under the name ``total``."""
    sums = {name: sum(getattr(row, name) for row in rows) for name in COUNTS}
    return Row(case_id="total", **sums)
