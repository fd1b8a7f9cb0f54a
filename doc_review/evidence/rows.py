"""A note turned into its visual lines cut into cells, and header lines into column roles.

A line comes from the geometry of the page where there is one, otherwise from the text, cut at ``|``,
tabs or runs of spaces. Offsets are flat offsets of the note.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..dates import find_dates
from .lexicon import load_yaml
from .note import Note

_PIPE = re.compile(r"\s*[|\u2502\u00a6]\s*")
_GAP = re.compile(r"\s*\t\s*|\s{2,}")
_WORD = re.compile(r"\S+")
_FILLED_FIELD = re.compile(r"\w ?: *[a-z0-9][^|\n]*")
_MAX_HEADER = 220
_MIN_APART = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A cell of a line: flat start and end."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A visual line: flat start and end, its cells, and whether they were cut at real column marks."""

    start: int
    end: int
    cells: tuple[Piece, ...]
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def cut(self) -> bool:
        """Whether the line has more than one cell."""
        return len(self.cells) > 1


def _cells(text: str, start: int, end: int) -> tuple[Piece, ...]:
    """Cells of ``text[start:end]``; a pipe table keeps its empty cells."""
    mark = _PIPE if _PIPE.search(text, start, end) else _GAP
    pieces: list[Piece] = []
    low = start
    for match in mark.finditer(text, start, end):
        if match.start() > low or (mark is _PIPE and match.start() > start):
            pieces.append(Piece(low, match.start()))
        low = match.end()
    if low < end:
        pieces.append(Piece(low, end))
    return tuple(pieces)


def _text_lines(note: Note) -> Iterator[Line]:
    for start, end in note.lines:
        yield Line(start, end, _cells(note.text, start, end))


def _geometric_lines(note: Note) -> Iterator[Line]:
    """Lines of the page geometry. Cells out of text order leave a line of several spans."""
    for row in note.rows:
        cells = [Piece(cell.start, cell.end) for cell in row if 0 <= cell.start < cell.end]
        if not cells:
            continue
        start, end = min(cell.start for cell in cells), max(cell.end for cell in cells)
        together = all(
            first.end <= second.start and not note.text[first.end : second.start].strip()
            for first, second in pairwise(cells)
        )
        if together:
            yield Line(start, end, tuple(cells))
        else:
            yield Line(
                cells[0].start,
                cells[0].end,
                tuple(cells),
                tuple((cell.start, cell.end) for cell in cells[1:]),
            )


def _runs(note: Note, line: Line) -> list[tuple[Piece, ...]]:
    """Cells of a line grouped into runs that stand on one line of the text."""
    runs: list[list[Piece]] = [[line.cells[0]]]
    for first, second in pairwise(line.cells):
        between = note.text[first.end : second.start] if first.end <= second.start else "?"
        if between.strip() or "\n" in between:
            runs.append([])
        runs[-1].append(second)
    return [tuple(run) for run in runs]


def _columns_apart(note: Note, lines: list[Line]) -> list[Line]:
    """Lines of a page set in columns, each column read down by itself.

    Where the text writes several cells of each column on one line, neighbours across the gutter only share
    their height on the paper. Tables drawn cell by cell keep their rows.
    """
    runs = {id(line): _runs(note, line) for line in lines if line.spans}
    apart = {key for key, found in runs.items() if sum(len(run) > 1 for run in found) > 1}
    if len(apart) < _MIN_APART:
        return lines
    split: list[Line] = []
    for line in lines:
        if any(len(run) > 1 for run in runs.get(id(line), ())):
            split.extend(Line(run[0].start, run[-1].end, run) for run in runs[id(line)])
        else:
            split.append(line)
    return sorted(split, key=lambda line: line.start)


def lines_of(note: Note) -> tuple[Line, ...]:
    """Visual lines of a note in reading order (kept with the note)."""
    cached = note.__dict__.get("visual_lines")
    if cached is None:
        drawn = list(_geometric_lines(note)) if note.rows else []
        cached = tuple(_columns_apart(note, drawn)) if drawn else tuple(_text_lines(note))
        note.__dict__["visual_lines"] = cached
    return tuple(cached)


def line_text(note: Note, line: Line) -> str:
    """Folded text of a line, its cells joined by two spaces where they lie apart in the text."""
    if line.spans:
        return "  ".join(note.plain[cell.start : cell.end] for cell in line.cells)
    return note.plain[line.start : line.end]


# ---------------------------------------------------------------- column roles


@functools.cache
def _role_phrases() -> tuple[dict[str, str], int]:
    """Header phrase (folded, punctuation dropped) to role, and the longest phrase in words."""
    phrases = {
        _bare(str(phrase)): role
        for role, listed in load_yaml("columns.yaml")["columns"].items()
        for phrase in listed
    }
    return phrases, max(len(phrase.split()) for phrase in phrases)


_BARE = re.compile(r"[^a-z0-9#/&]+")


def _bare(text: str) -> str:
    return _BARE.sub(" ", text.lower()).strip()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a header: its role (``""`` where unknown) and where it stands across the paper."""

    role: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Header:
    """A header line: its columns in order."""

    columns: tuple[Column, ...]
    cut: bool

    @property
    def roles(self) -> frozenset[str]:
        """Known roles of the header."""
        return frozenset(column.role for column in self.columns if column.role)


def _place(note: Note, start: int, end: int) -> tuple[int, int]:
    """Where a span stands across the paper: in points by the page's geometry, else by its text column."""
    geometry = note.document.geometry
    if geometry is not None and start < end:
        page, low = note.on_page(start)
        boxes = geometry.boxes(page, low, low + end - start)
        if boxes:
            return round(boxes[0].x0), round(boxes[0].x1)
    origin = note.text.rfind("\n", 0, start) + 1
    return start - origin, end - origin


def _roles_in_words(note: Note, start: int, end: int) -> list[Column]:
    """Columns of a header line whose cells are not marked: longest known phrases, word by word."""
    phrases, longest = _role_phrases()
    words = [(match.start() + start, match.end() + start) for match in _WORD.finditer(note.plain[start:end])]
    found: list[Column] = []
    index = 0
    while index < len(words):
        for size in range(min(longest, len(words) - index), 0, -1):
            low, high = words[index][0], words[index + size - 1][1]
            role = phrases.get(_bare(note.plain[low:high]))
            if role is not None:
                found.append(Column(role, *_place(note, low, high)))
                index += size
                break
        else:
            low, high = words[index]
            if not _bare(note.plain[low:high]) or note.plain[low] == "(":
                pass
            else:
                found.append(Column("", *_place(note, low, high)))
            index += 1
    return found


def header_of(note: Note, line: Line) -> Header | None:
    """Column roles of a line, ``None`` where it is no table header (fewer than three known columns)."""
    if line.end - line.start > _MAX_HEADER and not line.spans:
        return None
    if _FILLED_FIELD.search(note.plain, line.start, line.end):
        return None
    phrases, _ = _role_phrases()
    columns: list[Column] = []
    if line.cut:
        for cell in line.cells:
            bare = _bare(note.plain[cell.start : cell.end])
            role = phrases.get(bare, "")
            if not role and bare:
                inner = [c for c in _roles_in_words(note, cell.start, cell.end) if c.role]
                role = inner[0].role if len(inner) == 1 or (inner and len(bare.split()) <= 4) else ""
            columns.append(Column(role, *_place(note, cell.start, cell.end)))
    known = {column.role for column in columns if column.role}
    cut = line.cut
    if len(known) < 3 or (cut and len(line.cells) < 4 and len(known) < len(columns)):
        words = _roles_in_words(note, line.start, line.end)
        word_known = {column.role for column in words if column.role}
        if len(word_known) > len(known):
            columns, known, cut = words, word_known, False
    unknown = sum(not column.role for column in columns)
    if len(known) < 3 or unknown > len(columns) // 2:
        return None
    return Header(tuple(columns), cut)


def repeats(header: Header) -> int:
    """How many times a header repeats its columns side by side (a log set in two or three columns)."""
    roles = [column.role for column in header.columns]
    times = roles.count("date")
    if times < 2 or len(roles) % times:
        return 1
    width = len(roles) // times
    return times if roles == roles[:width] * times else 1


def side_by_side(note: Note, header: Header, line: Line) -> list[tuple[Header, Line]]:
    """A row of a log set in columns cut into its parts, each with the part of the header above it.

    Parts with a cell missing are cut where their dates stand.
    """
    times = repeats(header)
    width = len(header.columns) // times
    if times == 1 or not line.cut:
        return []
    starts = list(range(0, len(line.cells), width))
    if len(line.cells) % width:
        ahead = next(i for i, column in enumerate(header.columns) if column.role == "date")
        starts = [
            at - ahead for at, cell in enumerate(line.cells) if find_dates(note.text[cell.start : cell.end])
        ]
        if not starts or starts[0] < 0 or len(starts) > times:
            return []
    parts: list[tuple[Header, Line]] = []
    for low, stop in pairwise([*starts, len(line.cells)]):
        cells = line.cells[low:stop]
        ordered = all(first.end <= second.start for first, second in pairwise(cells)) and not line.spans
        start, end = (cells[0].start, cells[-1].end) if ordered else (cells[0].start, cells[0].end)
        spans = () if ordered else tuple((cell.start, cell.end) for cell in cells[1:])
        parts.append((Header(header.columns[:width], header.cut), Line(start, end, cells, spans)))
    return parts


def by_role(note: Note, header: Header, line: Line) -> dict[str, Piece]:
    """Cells of a row by the role of their column: same count by order, otherwise by where they stand.

    Words of a line that has no column marks are dealt out in order when their number agrees.
    """
    pieces = list(line.cells)
    if not (line.cut and header.cut):
        pieces = [
            Piece(match.start() + line.start, match.end() + line.start)
            for match in _WORD.finditer(note.plain[line.start : line.end])
        ]
        pieces = _merge_weekday(note, pieces, header)
    found: dict[str, Piece] = {}
    if len(pieces) == len(header.columns):
        for column, piece in zip(header.columns, pieces, strict=True):
            if column.role:
                found.setdefault(column.role, piece)
        return found
    if not (line.cut and header.cut) or line.spans:
        return {}
    starts = [column.start for column in header.columns]
    for piece in pieces:
        low, high = _place(note, piece.start, piece.end)
        best, best_overlap = -1, -999
        for index in range(
            max(0, bisect_right(starts, low) - 2), min(len(starts), bisect_right(starts, high) + 1)
        ):
            column = header.columns[index]
            overlap = min(high, column.end) - max(low, column.start)
            if overlap > best_overlap:
                best, best_overlap = index, overlap
        if best >= 0 and header.columns[best].role:
            found.setdefault(header.columns[best].role, piece)
    return found


_WEEKDAY = re.compile(r"(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)[a-z]*[.,]?$|[mtwrfsu]$")


_JOINERS = ("/", "+", "&")


def _merge_weekday(note: Note, pieces: list[Piece], header: Header) -> list[Piece]:
    """Words of a row with a weekday joined to its date, and ``a / b`` joined, where the header has fewer columns."""
    if len(pieces) == len(header.columns):
        return pieces
    merged: list[Piece] = []
    for piece in pieces:
        last = note.plain[merged[-1].start : merged[-1].end] if merged else ""
        joined = len(merged) > 1 and (note.plain[piece.start : piece.end] in _JOINERS or last[-1] in _JOINERS)
        dated = bool(merged) and bool(_WEEKDAY.match(last)) and note.plain[piece.start].isdigit()
        if joined or dated:
            merged[-1] = Piece(merged[-1].start, piece.end)
        else:
            merged.append(piece)
    return merged
