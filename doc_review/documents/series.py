"""Lines turned into the headers of a series: dated visits or checks that follow one another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from .entry_dates import dates_in, label_above
from .lines import Line

_FRACTION = re.compile(
    r"\b(?:fxs?|fxn|fractions?|frac|fr|tx|treatments?|sessions?)\.?\s*(?:#|no\.?|number|nr\.?|reviewed|"
    r"seen|checked|:)*\s*\d{1,2}\b|"
    r"\b\d{1,2}\s*(?:/|of)\s*\d{1,2}\s*(?:fxs?|fractions?|treatments?|tx)\b",
    re.IGNORECASE,
)
_RULED = re.compile(r"^\s*(?:[-=*#~_\u2500\u2501\u2550]{2,}|[#>]{1,3}\s)")
_LABEL = re.compile(
    r"^\W{0,6}(?:otv|on[- ]treatment(?: (?:visit|note|review))?|(?:weekly |treatment |physician |"
    r"physics |chart |status |continuing )*"
    r"(?:visit|check|review|note|assessment|exam|encounter|management)|seen|status|sv|weekly)"
    r"\s*(?:date|no\.?|number|nr\.?|#)?\s*[:#]?\s*\d{0,2}\b",
    re.IGNORECASE,
)
_MAY_HEAD = re.compile(r"\d|__|\.\.\.")
_LEADER = re.compile(r"\s*(?:\.{3,}|_{4,}|\u2026+)\s*")
_BLANK = re.compile(r"\b(?:fxs?|fractions?|date)\b[\s:]*_{2,}", re.IGNORECASE)
_BY = re.compile(r"\s*(?:by|with)\b", re.IGNORECASE)
_DATE_KEY = re.compile(
    r"^\W{0,4}(?:date(?: of (?:visit|service|check|review|exam|encounter|note))?|(?:visit|check|review|"
    r"exam|encounter|service|note)[ /]date|dos)\b"
    r"\s*[:.=]?\s*(?=\d|[A-Z][a-z]{2})",
    re.IGNORECASE,
)
_WEEK = re.compile(
    r"^\W{0,6}(?:treatment |tx )?(?:week|wk)\.?\s*(?:#|no\.?)?\s*:?\s*(?:\d{1,2}|one|two|three|four|five|"
    r"six|seven|eight|nine)\b|^\W{0,6}week (?:of|beginning|commencing|starting|ending)\b",
    re.I,
)
_FRACTION_FIRST = re.compile(
    r"^\W{0,6}(?:fxs?|fractions?|frac|tx|treatment|session)\.?\s*(?:#|no\.?)?\s*:?\s*\d{1,2}\b", re.I
)
_RANGE_FIRST = re.compile(
    r"^\W{0,4}\d{1,2}\s*(?:-|\u2013|to|thru|through)\s*\d{1,2}\b[\s.:|,]*$", re.IGNORECASE
)
_NUMBERED = re.compile(r"^\W{0,4}(?:mon|tue|wed|thu|fri)?[a-z]*[ ,.]{0,2}$", re.IGNORECASE)
_LEFTOVER = re.compile(r"[A-Za-z]{3,}")
_FEW = re.compile(
    r"\b(?:gy|cgy|wt|weight|lbs?|kg|dose|day|last|first|total|of|at|am|pm|mon|tue|wed|thu|fri|monday|"
    r"tuesday|wednesday|thursday|friday|week|wk|elapsed)\b",
    re.I,
)


def _shape(line: Line) -> str | None:
    """Shape of a series header, ``None`` for any other line."""
    if not _MAY_HEAD.search(line.text, 0, 60) and not _WEEK.match(line.text):
        return None
    text = _LEADER.sub(" ", line.text[:150]) if "__" in line.text or ".." in line.text else line.text[:150]
    if line.running or line.ruler or line.counter or (line.signature and not _RULED.match(text)):
        return None
    dates = dates_in(text, False)
    fraction = _FRACTION.search(text)
    if _RULED.match(text) and (dates or fraction or _WEEK.match(text)):
        return "ruled"
    if _WEEK.match(text):
        rest = _FEW.sub("", _FRACTION.sub("", text[_WEEK.match(text).end() :]))  # type: ignore[union-attr]
        return "week" if dates or fraction or not _LEFTOVER.search(rest) else None
    label = _LABEL.match(text)
    marks = [found.start for found in dates[:1]] + ([fraction.start()] if fraction else [])
    marks += [blank.start() for blank in [_BLANK.search(line.text[:150])] if blank and not marks]
    if label and marks and min(marks) - label.end() <= 10 and not _BY.match(text, label.end()):
        return "label"
    if _DATE_KEY.match(text) and dates and (":" in text[: dates[0].start] or not text[0].islower()):
        return "key"
    if dates and _RANGE_FIRST.match(text[: dates[0].start]):
        return "dated"
    if dates and _NUMBERED.match(text[: dates[0].start]):
        if fraction:
            return "dated"
        rest = text[dates[0].end :]
        return "dated" if not _LEFTOVER.search(_FEW.sub("", rest)) else None
    if fraction and dates and _FRACTION_FIRST.match(text):
        return "dated"
    return None


def _blocks(lines: Sequence[Line], headers: Sequence[int]) -> list[Sequence[Line]]:
    stops = [*headers[1:], len(lines)]
    return [lines[start:stop] for start, stop in zip(headers, stops, strict=True)]


def _is_table(lines: Sequence[Line], headers: Sequence[int]) -> bool:
    """Whether candidates are rows: most of them stand directly below one another."""
    if len(headers) < 2:
        return False
    close = sum(second - first == 1 for first, second in pairwise(headers))
    return close >= 0.4 * (len(headers) - 1)


def mark_series(lines: Sequence[Line]) -> None:
    """Tag the lines that head an item of a series with ``series``, an only one with ``single`` as well.

    Rows of a table are none: they follow each other without text between. A plain dated line heads an
    item only where most items of that shape are signed by themselves and longer than a row.
    """
    by_shape: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        shape = _shape(line)
        if shape and not _belongs_above(lines, index):
            by_shape.setdefault(shape, []).append(index)
    for shape, found in by_shape.items():
        headers = found if shape in ("ruled", "label", "week") else _without_rows(lines, found)
        if not headers or (shape != "ruled" and _is_table(lines, headers)):
            continue
        if shape in ("dated", "key"):
            blocks = _blocks(lines, headers)
            signed = sum(any(line.signature for line in block) for block in blocks)
            if signed < 0.6 * len(blocks) or (shape == "dated" and (len(blocks) < 2 or _short(blocks))):
                continue
        for index in headers:
            lines[index].tags.update(("series", shape))
            if len(headers) == 1:
                lines[index].tags.add("single")


_TOLD = re.compile(
    r"\b(?:after|received|had|given)\s+\d{1,2}\s+(?:of\s+\d{1,2}\s+)?(?:planned\s+|prescribed\s+)?"
    r"(?:fxs?|fractions?|treatments?|sessions?)\b|\b\d{1,2}(?:st|nd|rd|th)\s+(?:fx|fraction|treatment|session)\b",
    re.IGNORECASE,
)


def fractions_of(text: str) -> int | None:
    """The first number of the fraction or range of fractions that a line tells, ``None`` without one."""
    match = _FRACTION.search(text) or _TOLD.search(text)
    number = re.search(r"\d{1,2}", match.group()) if match else None
    return int(number.group()) if number else None


def begins_with_date(text: str) -> bool:
    """Whether a line begins with a date, perhaps after a number or a weekday."""
    found = dates_in(text, False)
    return bool(found) and _NUMBERED.match(text[: found[0].start]) is not None


def only_date(text: str) -> bool:
    """Whether a line holds a date, perhaps with a time, and nothing else."""
    found = dates_in(text, False)
    if not found:
        return False
    rest = text[: found[0].start] + text[found[0].end :]
    return not _LEFTOVER.search(_FEW.sub("", rest))


def _belongs_above(lines: Sequence[Line], index: int) -> bool:
    """Whether a line only holds the date of what the line above says: of a label or of a signature."""
    above = lines[index - 1] if index else None
    if above is None or lines[index].gap > 1:
        return False
    if label_above(lines[index], above) == "excluded":
        return True
    undated = above.signature and not dates_in(above.text, False)
    return undated and lines[index].gap == 0 and only_date(lines[index].text)


def _short(blocks: Sequence[Sequence[Line]]) -> bool:
    """Whether items are no longer than a row with its signature line."""
    return median(len(block) for block in blocks) < 3 and sum(block[0].gap > 0 for block in blocks[1:]) == 0


def _without_rows(lines: Sequence[Line], headers: Sequence[int]) -> list[int]:
    """Headers without the runs of three and more that stand directly below one another."""
    kept: list[int] = []
    run: list[int] = []
    for index in (*headers, len(lines) + 9):
        if run and index - run[-1] != 1:
            if len(run) < 3:
                kept.extend(run)
            run = []
        run.append(index)
    return kept
