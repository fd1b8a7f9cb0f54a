"""Turns reviews into CSV: one row per suggestion, or one row per chart of a worklist."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ..model import Review
from .wording import clean, deciding_evidence, deciding_reason, places, scope_lines
from .worklist import COUNTS, Row, worst_first

COLUMNS: tuple[str, ...] = (
    "case_id",
    "course",
    "claim",
    "code",
    "modifiers",
    "units",
    "status",
    "label",
    "dates",
    "reason",
    "missing",
    "findings",
    "main_citation",
    "quote",
    "rule",
    "scope",
)
SUMMARY_COLUMNS: tuple[str, ...] = ("case_id", *COUNTS, "context", "course", "failed", "packet")

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_cell(value: object) -> str:
    """``value`` as text that no spreadsheet runs as a formula.

    A leading ``= + - @``, tab or line break, also behind blanks or quotes or as a full-width
    character, gets an apostrophe in front. Control and bidi characters are dropped.
    """
    text = str(value)
    cleaned = clean(text)
    bare = cleaned.lstrip(" \u00a0\u3000\"'")
    runs = text.startswith(_FORMULA_STARTS) or bare.startswith(_FORMULA_STARTS)
    return f"'{cleaned}" if runs else cleaned


def header() -> bytes:
    """The header line of the suggestions' CSV, UTF-8 with a byte-order mark (spreadsheets need it)."""
    return b"\xef\xbb\xbf" + _lines([COLUMNS])


def suggestion_rows(review: Review) -> bytes:
    """One CSV line per suggestion of a review, without a header."""
    evidence = {item.id: item for item in review.evidence}
    lines: list[Sequence[object]] = []
    for item in review.suggestions:
        cited = [evidence[key] for key in deciding_evidence(item) if key in evidence]
        findings = [finding.type for finding in review.findings if item.code in finding.codes]
        lines.append(
            (
                review.case_id,
                item.course + 1,
                item.claim or "",
                item.code,
                " ".join(item.modifiers),
                item.units,
                item.status,
                item.label,
                " ".join(day.isoformat() for day in item.dates),
                deciding_reason(item),
                "; ".join(missing.text for missing in item.missing),
                " ".join(dict.fromkeys(findings)),
                next(iter(places((entry.id for entry in cited[:1]), evidence)), ""),
                cited[0].citation.quote if cited else "",
                item.rule,
                " ".join(scope_lines(review.scope)),
            )
        )
    return _lines(lines)


def to_csv(reviews: Iterable[Review]) -> bytes:
    """The suggestions of some reviews as one CSV file."""
    return header() + b"".join(suggestion_rows(review) for review in reviews)


def summary_csv(rows: Iterable[Row]) -> bytes:
    """One CSV line per chart of a worklist, worst first."""
    lines = ([_blank(getattr(row, name)) for name in SUMMARY_COLUMNS] for row in worst_first(rows))
    return b"\xef\xbb\xbf" + _lines([SUMMARY_COLUMNS]) + _lines(lines)


def _blank(value: object) -> object:
    return "" if value is None else value


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return stream.getvalue().encode(errors="replace")
