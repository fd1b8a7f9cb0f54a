"""Turns values of a review into the short words and places that every report shows alike."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..model import (
    CaseContext,
    Citation,
    Course,
    Evidence,
    Finding,
    Review,
    Scope,
    Severity,
    Status,
    Suggestion,
)

DISCLAIMER = "Documentation support, not medical or legal advice; a qualified coder decides."

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

STATUS_WORDS: Mapping[Status, str] = {
    "supported": "supported",
    "needs_review": "needs review",
    "blocked": "blocked",
    "bundled": "bundled",
}

_WORDS = {
    "dvh": "DVH",
    "mlc": "MLC",
    "imrt": "IMRT",
    "qa": "QA",
    "ocr": "OCR",
    "dicom": "DICOM",
    "llm": "LLM",
    "nlp": "NLP",
}
_LINE_BREAKS = {"\t", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"}


@dataclass(frozen=True, slots=True)
class Block:
    """One of the three answers a coder looks for, and the statuses that give it."""

    key: str
    title: str
    statuses: tuple[Status, ...]


BLOCKS: tuple[Block, ...] = (
    Block("bill", "BILL", ("supported",)),
    Block("ask", "ASK", ("needs_review",)),
    Block("hold", "DO NOT BILL", ("blocked", "bundled")),
)


def clean(text: str) -> str:
    """``text`` on one line, without control, bidi and other invisible formatting characters.

    What a document or a file name holds can then be printed literally: no terminal escape, no
    reordering of what stands beside it. Surrogates become U+FFFD.
    """
    kept: list[str] = []
    for character in text:
        if character in _LINE_BREAKS:
            kept.append(" ")
        elif (category := unicodedata.category(character)) == "Cs":
            kept.append("\ufffd")
        elif category not in ("Cc", "Cf"):
            kept.append(character)
    return "".join(kept)


def words(name: str) -> str:
    """A closed-list name in words: ``missing_dvh`` is ``missing DVH``."""
    return " ".join(_WORDS.get(part, part) for part in name.split("_"))


def title(name: str) -> str:
    """``words`` with a capital first letter."""
    text = words(name)
    return text[:1].upper() + text[1:]


def code_with_modifiers(suggestion: Suggestion) -> str:
    """``77301-26``; several modifiers are joined by hyphens."""
    return "-".join((suggestion.code, *suggestion.modifiers))


def compact_dates(dates: Sequence[dt.date]) -> str:
    """One or two dates as they are, more as ``first to last (n dates)``; none is ``no date``."""
    if not dates:
        return "no date"
    ordered = sorted(dates)
    if len(ordered) <= 2:
        return ", ".join(day.isoformat() for day in ordered)
    return f"{ordered[0].isoformat()} to {ordered[-1].isoformat()} ({len(ordered)} dates)"


def count(number: int, noun: str) -> str:
    """``1 page``, ``2 pages``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def number(value: float) -> str:
    """A dose or count without trailing zeros: ``64.8``, ``70``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def place(citation: Citation) -> str:
    """``document:page`` of a citation."""
    return f"{clean(citation.document)}:{citation.page}"


def places(ids: Iterable[str], evidence: Mapping[str, Evidence]) -> list[str]:
    """``document:page`` of some evidence ids, each once, in order; unknown ids are left out."""
    return list(dict.fromkeys(place(evidence[key].citation) for key in ids if key in evidence))


def deciding_reason(suggestion: Suggestion) -> str:
    """The few words that decided a status: the summary, or what is missing where there is none.

    A summary stands by itself; here label and status are shown beside it, so they are cut off its front.
    """
    status = STATUS_WORDS[suggestion.status]
    text = clean(suggestion.summary)
    for start in (clean(suggestion.label), ":", status, ":", ";"):
        text = text.removeprefix(start).lstrip()
    if text:
        return text[:1].upper() + text[1:]
    failing = [reason.text for reason in suggestion.reasons if reason.passed is not True]
    return clean(failing[0]) if failing else status


def deciding_evidence(suggestion: Suggestion) -> tuple[str, ...]:
    """Evidence ids, the one a reader should open first at the front.

    For a supported or bundled code that is the evidence for it; otherwise what the failing steps
    point at, then what comes nearest to a missing requirement, then the evidence for the code.
    """
    ids: list[str] = []
    if suggestion.status not in ("supported", "bundled"):
        for reason in suggestion.reasons:
            if reason.passed is not True:
                ids.extend(reason.evidence)
        ids.extend(missing.nearest for missing in suggestion.missing if missing.nearest)
        ids.extend(suggestion.against)
    ids.extend(suggestion.evidence)
    for reason in suggestion.reasons:
        ids.extend(reason.evidence)
    ids.extend(suggestion.against)
    return tuple(dict.fromkeys(ids))


def context_line(context: CaseContext) -> str:
    """Payer, setting and claim in one line."""
    claim = " and ".join(context.claim) + " claim" if context.claim else "claim not specified"
    setting = words(context.setting) + (", off campus (PN)" if context.off_campus_nonexcepted else "")
    return f"{context.payer}, {setting}, {claim}"


def scope_lines(scope: Scope | None) -> tuple[str, ...]:
    """How a review departs from the ordinary one, for the top of every report; empty where it does not."""
    if scope is None:
        return ()
    lines = []
    if scope.on is not None:
        lines.append(f"WHAT-IF: the rules of {scope.on} for every service, whatever its date.")
    if scope.date_from is not None or scope.date_to is not None:
        first = f" from {scope.date_from}" if scope.date_from else ""
        last = f" to {scope.date_to}" if scope.date_to else ""
        lines.append(f"WINDOW: only services{first}{last} are listed and compared.")
    return tuple(lines)


def course_line(course: Course) -> str:
    """Technique, areas, dose and fractions of a course in one line; what is unknown is left out."""
    parts: list[str] = []
    if course.technique.value:
        parts.append(course.technique.value)
    areas = [
        area.value
        if area.laterality is None or area.laterality in area.value
        else f"{area.laterality} {area.value}"
        for area in course.treatment_areas
    ]
    if areas:
        parts.append(", ".join(areas))
    prescribed, delivered = course.prescribed, course.delivered_fractions.value
    dose = []
    if prescribed.dose_gy.value is not None:
        dose.append(f"{number(prescribed.dose_gy.value)} Gy")
    if prescribed.fractions.value is not None:
        dose.append(f"in {count(prescribed.fractions.value, 'fraction')}")
    if dose:
        parts.append(" ".join(dose))
    if delivered is not None:
        parts.append(f"{delivered} delivered")
    first, last = course.first_fraction.value, course.last_fraction.value
    if first and last:
        parts.append(compact_dates((first, last)[: 1 if first == last else 2]).replace(", ", " to "))
    return clean("; ".join(parts)) or "no treatment found in the documents"


def suggestions_of(review: Review, block: Block, course: int, claim: str | None) -> list[Suggestion]:
    """The suggestions of one block for one course and claim, in the order of the review."""
    return [
        item
        for item in review.suggestions
        if item.status in block.statuses and item.course == course and item.claim == claim
    ]


def severity_counts(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings there are of each severity."""
    counts: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts


def counted_severities(findings: Iterable[Finding]) -> str:
    """``2 errors, 1 warning``; severities without a finding are left out."""
    nouns = {"error": "error", "warning": "warning", "info": "note"}
    counts = severity_counts(findings)
    return ", ".join(count(counts[key], nouns[key]) for key in SEVERITIES if counts[key]) or "none"


def coverage_line(review: Review) -> str:
    """How much of the chart was read, in one line."""
    coverage = review.coverage
    read = count(len([item for item in review.documents if item.skipped is None]), "document")
    parts = [f"Read {count(coverage.pages_read, 'page')} of {read}"]
    if coverage.pages_unread:
        parts.append(f"{coverage.pages_unread} not read")
    bare = len(coverage.pages_without_evidence)
    parts.append(f"{count(bare, 'page')} gave no evidence" if bare else "every page gave evidence")
    return "; ".join(parts) + "."


def unread_lines(review: Review) -> list[tuple[str, str]]:
    """Documents that were skipped, not read in full, or hold text that cannot be seen: name and reason."""
    lines: list[tuple[str, str]] = []
    for document in review.documents:
        if document.skipped is not None:
            lines.append((clean(document.id), f"{clean(document.skipped)} (skipped)"))
        elif document.unread_pages:
            pages = page_ranges(document.unread_pages)
            noun = "page" if len(document.unread_pages) == 1 else "pages"
            lines.append((clean(document.id), f"{noun} {pages} could not be read"))
    for item in review.coverage.hidden_text:
        said = f"page {item.page} holds {count(item.characters, 'character')} that cannot be seen, not read"
        lines.append((clean(item.document), said))
    return lines


def page_ranges(pages: Sequence[int]) -> str:
    """``1-3, 7`` for 1, 2, 3 and 7."""
    ranges: list[list[int]] = []
    for page in sorted(set(pages)):
        if ranges and page == ranges[-1][1] + 1:
            ranges[-1][1] = page
        else:
            ranges.append([page, page])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in ranges)
