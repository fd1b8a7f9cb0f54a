"""Note text in, units out: sentences of prose, single lines, bullets, key-value lines, headings.

Clinical text is wrapped at a column, listed, boxed and tabulated. A line is taken to run on into the
next only where the next line's first word would not have fitted on it, which is what wrapping means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Layout = Literal["sentence", "bullet", "key_value", "row", "heading"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of text read as one statement. ``start``/``end`` are offsets in the text it came from."""

    start: int
    end: int
    layout: Layout


_LINE = re.compile(r"[^\n]*")
_BULLET = re.compile(r"\s*(?:[-*\u2022\u00b7\u25aa\u25cf>]+\s+|\(?\d{1,2}[.)]\s+|\(?[a-h][.)]\s+)")
_KEY = re.compile(r"\s*[A-Za-z](?:[A-Za-z0-9 /&()#'_-]|\.(?! )){0,38}?(?:\s?:|\s?\.{3,}|\s=)(?=\s|$|[\[(])")
_BOX = re.compile(r"\s*(?:\[[ xX*_\u2713\u2714]?\]|\(\s?[xX]?\s?\)|[\u2610\u2611\u2612])\s*\S")
_COLUMNS = re.compile(r"\S(?:\s{3,}|\t|\s\|\s?)\S")
_HEADING = re.compile(r"[^a-z]*[A-Z][^a-z]*$")
_SENTENCE_END = re.compile(r"[.!?;]['\")\]]*(?=\s+|$)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|prof|st|vs|approx|e\.g|i\.e|etc|no|nos|fig|resp|incl|est|max|min|pt|pts|wt|ht|hx|"
    r"dx|tx|rx|fx|bx|sx|cc|ca|inc|ltd|jr|sr|dept|ext|int|lt|rt|med|rad|onc|avg|temp|cont|prev|s/p|w|aug|sept|"
    r"sep|oct|nov|dec|jan|feb|mar|apr|jun|jul)|\b[A-Za-z]|\b[A-Z]\.[A-Z])\.$",
    re.IGNORECASE,
)
_NEXT_STARTS_SENTENCE = re.compile(r"\s+[\"'(\[]*[A-Z0-9\u2022\[(*-]")


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each physical line without its newline."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


def _is_heading(line: str) -> bool:
    stripped = line.strip().strip("=-_*# ")
    if not 2 < len(stripped) <= 70 or stripped[-1] in ".;,":
        return False
    if stripped.endswith(":") and len(stripped.split()) <= 7 and stripped.count(":") == 1:
        return True
    letters = sum(char.isalpha() for char in stripped)
    digits = sum(char.isdigit() for char in stripped)
    return letters >= 3 and digits <= letters // 3 and bool(_HEADING.match(stripped)) and "[" not in stripped


def _kind(line: str) -> Layout | None:
    """Layout of a line that stands by itself, ``None`` for prose."""
    if _BULLET.match(line):
        return "bullet"
    if _is_heading(line):
        return "heading"
    if _KEY.match(line) or _BOX.match(line):
        return "key_value"
    if _COLUMNS.search(line.strip()):
        return "row"
    return None


def _wrap_width(lines: list[tuple[int, int]], text: str) -> int:
    """Column at which the text seems to have been wrapped, in code points; 0 where it was not."""
    lengths = sorted(len(text[start:end].rstrip()) for start, end in lines if text[start:end].strip())
    if len(lengths) < 3:
        return 0
    longest = lengths[int(len(lengths) * 0.95)]
    return longest if 40 <= longest <= 200 else 0


def _runs_on(previous: str, following: str, width: int) -> bool:
    """Whether a line was broken only because the next word did not fit."""
    previous = previous.rstrip()
    stripped = following.strip()
    if not stripped or not previous:
        return False
    first_word = stripped.split(None, 1)[0]
    if width and len(previous) + 1 + len(first_word) > width - 3:
        return True
    return stripped[0].islower() and previous[-1] not in ".:;!?" and len(previous) > 25


def _blocks(text: str) -> Iterator[tuple[int, int, Layout]]:
    """Runs of lines that read as one: start, end, layout of the run."""
    lines = list(_lines(text))
    width = _wrap_width(lines, text)
    begin = end = -1
    layout: Layout = "sentence"
    previous = ""
    for start, stop in lines:
        line = text[start:stop]
        if not line.strip():
            if begin >= 0:
                yield begin, end, layout
            begin, previous = -1, ""
            continue
        kind = _kind(line)
        prose = kind is None or (kind == "key_value" and line.lstrip()[0].islower())
        joins = begin >= 0 and layout not in ("heading", "row") and prose and _runs_on(previous, line, width)
        if joins:
            end = stop
        else:
            if begin >= 0:
                yield begin, end, layout
            begin, end, layout = start, stop, kind or "sentence"
        previous = line
    if begin >= 0:
        yield begin, end, layout


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences of a run of prose."""
    begin = start
    marker = _BULLET.match(text, start, end)
    for match in _SENTENCE_END.finditer(text, marker.end() if marker else start, end):
        stop = match.end()
        if stop < end and not _NEXT_STARTS_SENTENCE.match(text, stop, min(end, stop + 8)):
            continue
        if text[match.start()] == "." and _ABBREVIATION.search(
            text, max(begin, match.start() - 8), match.start() + 1
        ):
            continue
        if stop > begin:
            yield begin, stop
            begin = stop
    if begin < end:
        yield begin, end


def segment(text: str) -> Iterator[Unit]:
    """Units of a text in order, without surrounding white space; together they hold every non-blank character."""
    for start, end, layout in _blocks(text):
        pieces = [(start, end)] if layout in ("heading", "row") else _sentences(text, start, end)
        for low, high in pieces:
            chunk = text[low:high]
            left = len(chunk) - len(chunk.lstrip())
            right = len(chunk.rstrip())
            if right > left:
                yield Unit(low + left, low + right, layout)
