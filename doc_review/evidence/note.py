"""An entry of a document turned into one flat string with its units, and offsets turned back into citations.

Extractors work on ``Note.text`` (or ``Note.plain``, its case-folded twin of equal length) and cite
flat offsets; the note maps them to the pages they came from.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from ..documents.base import Cell, Mark, OpenDocument, Row, Table
from ..model import QUOTE_LIMIT, Citation, Entry, EntryKind, Span
from .segments import Unit, segment
from .tickboxes import chosen

_FOLD = str.maketrans(
    {
        "\u00a0": " ",
        "\u2007": " ",
        "\u2009": " ",
        "\u202f": " ",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u00d7": "x",
        "\u2264": "<",
        "\u2265": ">",
        "\t": " ",
    }
)


def fold(text: str) -> str:
    """Lower-case and plain punctuation, one code point for one, so that offsets stay true."""
    plain = text.translate(_FOLD)
    lowered = plain.lower()
    if len(lowered) == len(plain):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in plain)


class Note:
    """One entry: its text over all its pages, cut into units, with sections.

    ``text`` joins the entry's page slices with newlines. Offsets are flat code points of ``text``.
    """

    __slots__ = ("__dict__", "_flat_starts", "_parts", "document", "entry", "text")

    def __init__(self, document: OpenDocument, entry: Entry) -> None:
        self.document = document
        self.entry = entry
        parts: list[tuple[int, int, int, int]] = []
        chunks: list[str] = []
        flat = 0
        for page in document.pages[entry.page - 1 : entry.end_page]:
            start = entry.start if page.number == entry.page else 0
            end = entry.end if page.number == entry.end_page else len(page.text)
            chunks.append(page.text[start:end])
            parts.append((flat, page.number, start, end))
            flat += end - start + 1
        self.text = "\n".join(chunks)
        self._parts = parts
        self._flat_starts = [part[0] for part in parts]

    @property
    def kind(self) -> EntryKind:
        """Kind of the entry."""
        return self.entry.kind

    @cached_property
    def plain(self) -> str:
        """``text`` case-folded with plain dashes, quotes and spaces, of equal length."""
        return fold(self.text)

    @cached_property
    def chosen(self) -> str:
        """``plain`` without the options of unticked boxes, of equal length."""
        return chosen(self.plain)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Sentences, lines, bullets and headings of the note, in order."""
        return tuple(segment(self.text))

    @cached_property
    def _unit_starts(self) -> list[int]:
        return [unit.start for unit in self.units]

    def unit_at(self, offset: int) -> Unit | None:
        """The unit that holds a flat offset, ``None`` between units."""
        index = bisect_right(self._unit_starts, offset) - 1
        if index >= 0 and self.units[index].start <= offset < self.units[index].end:
            return self.units[index]
        return None

    def line_at(self, offset: int) -> tuple[int, int]:
        """Flat start and end of the physical line around an offset."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        return start, len(self.text) if end < 0 else end

    @cached_property
    def lines(self) -> tuple[tuple[int, int], ...]:
        """Flat start and end of every non-blank physical line, white space stripped."""
        return tuple((m.start(), m.end()) for m in re.finditer(r"[^\s](?:[^\n]*[^\s])?", self.text))

    def page_of(self, offset: int) -> int:
        """1-based page of a flat offset."""
        return self._parts[bisect_right(self._flat_starts, offset) - 1][1]

    def on_page(self, offset: int) -> tuple[int, int]:
        """Page and page offset of a flat offset."""
        flat, number, start, end = self._parts[bisect_right(self._flat_starts, offset) - 1]
        return number, min(end, start + offset - flat)

    def part(self, start: int, end: int) -> Note:
        """The stretch ``start``..``end`` of the note as a note of the same entry."""
        (page, low), (end_page, high) = self.on_page(start), self.on_page(end)
        bounds = {"page": page, "start": low, "end_page": end_page, "end": high}
        return Note(self.document, self.entry.model_copy(update=bounds))

    def flat(self, page: int, offset: int) -> int | None:
        """Flat offset of a page offset, ``None`` where it lies outside this entry."""
        for flat, number, start, end in self._parts:
            if number == page and start <= offset <= end:
                return flat + offset - start
        return None

    def _pieces(self, start: int, end: int) -> Iterator[Span]:
        """Page-bound, stripped pieces of at most ``QUOTE_LIMIT`` code points that cover a flat span."""
        for index, (flat, number, page_start, page_end) in enumerate(self._parts):
            low, high = max(start, flat), min(end, flat + page_end - page_start)
            if index and high < flat:
                return
            while low < high:
                low += len(self.text[low:high]) - len(self.text[low:high].lstrip())
                stop = min(high, low + QUOTE_LIMIT)
                if stop < high:
                    space = max(self.text.rfind(" ", low + 1, stop), self.text.rfind("\n", low + 1, stop))
                    stop = space if space > low else stop
                piece = self.text[low:stop].rstrip()
                if piece:
                    first = page_start + low - flat
                    yield Span(
                        document=self.document.meta.id,
                        entry=self.entry.id,
                        page=number,
                        start=first,
                        end=first + len(piece),
                        quote=piece,
                    )
                low = stop

    def cite(
        self,
        start: int,
        end: int,
        also: Iterable[tuple[int, int]] = (),
        anchor: tuple[int, int] | None = None,
    ) -> Citation:
        """The citation of a flat span.

        A span longer than a quote may be is cut at a word end; the quote is the piece that holds
        ``anchor`` (the value), and the rest goes to ``also``. Raises ``ValueError`` for a blank span.
        """
        pieces = list(self._pieces(start, end))
        if not pieces:
            raise ValueError("a citation needs a span with text")
        first = 0
        if anchor is not None:
            page, offset = self.page_of(anchor[0]), anchor[0]
            for index, piece in enumerate(pieces):
                piece_start = self.flat(page, piece.start) if piece.page == page else None
                if piece_start is not None and piece_start <= offset < piece_start + len(piece.quote):
                    first = index
                    break
        rest = [piece for index, piece in enumerate(pieces) if index != first]
        for other_start, other_end in also:
            rest.extend(self._pieces(other_start, other_end))
        return Citation(**pieces[first].model_dump(), also=tuple(rest))

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Tables of the entry with cells in flat offsets: ruled ones of a PDF, otherwise none."""
        if self.document.geometry is None:
            return ()
        found: list[Table] = []
        for _, number, _, _ in self._parts:
            for table in self.document.geometry.tables(number):
                rows = tuple(row for row in (self._flat_row(number, row) for row in table) if row)
                if rows:
                    found.append(rows)
        return tuple(found)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Visual lines cut into cells, in flat offsets; empty for formats without geometry."""
        if self.document.geometry is None:
            return ()
        return tuple(
            flat_row
            for _, number, _, _ in self._parts
            for row in self.document.geometry.rows(number)
            if (flat_row := self._flat_row(number, row))
        )

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """Marks of a pen on the pages, and bare lines to sign on, with their neighbours in flat offsets.

        A mark belongs to the entry of a cell next to it.
        """
        if self.document.geometry is None:
            return ()
        found: list[Mark] = []
        for _, number, _, _ in self._parts:
            for mark in self.document.geometry.marks(number):
                around = {
                    side: tuple(
                        cell for cell in self._flat_row(number, getattr(mark, side)) if cell.start >= 0
                    )
                    for side in ("left", "right", "through", "above", "below")
                }
                if any(around.values()):
                    found.append(Mark(mark.inked, **around))
        return tuple(found)

    def is_recognised(self, offset: int) -> bool:
        """Whether the page of a flat offset was recognised from a picture, wholly or in part."""
        return self.document.pages[self.page_of(offset) - 1].source in ("ocr", "mixed")

    def _flat_row(self, page: int, row: Row) -> Row:
        """A row in flat offsets; empty when it lies outside the entry."""
        cells: list[Cell] = []
        inside = False
        for cell in row:
            start = self.flat(page, cell.start) if cell.start >= 0 else None
            end = self.flat(page, cell.end) if cell.start >= 0 else None
            if start is None or end is None:
                cells.append(Cell(cell.text, -1, -1))
            else:
                inside = True
                cells.append(Cell(cell.text, start, end))
        return tuple(cells) if inside else ()
