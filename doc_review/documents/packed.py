"""Words and lines of a page turned into arrays and back: what crosses a pipe, and is kept of long documents."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from .base import Cell, Row
from .layout import Layout, Word

_WORD = 6
"""Numbers of a word: its span and its rectangle."""


@dataclass(frozen=True, slots=True)
class PackedPage:
    """The layout of one page. ``rows`` holds, line by line, the number of cells and their spans."""

    words: bytes
    recognised: bytes
    turns: int
    rows: bytes

    def layout(self) -> Layout:
        """The layout as it was."""
        return Layout(_words(self.words), _words(self.recognised), self.turns)

    def lines(self, text: str) -> tuple[Row, ...]:
        """The visual lines of the page, whose text is given."""
        numbers = iter(memoryview(self.rows).cast("i"))
        return tuple(
            tuple(
                Cell(text[start:end], start, end)
                for start, end in zip(*[itertools.islice(numbers, 2 * count)] * 2, strict=True)
            )
            for count in numbers
        )


def pack(layout: Layout, rows: Sequence[Row]) -> PackedPage:
    """The layout and the visual lines of a page; every cell is a span of the page text."""
    numbers = array("i")
    for row in rows:
        numbers.append(len(row))
        for cell in row:
            numbers.extend((cell.start, cell.end))
    return PackedPage(_numbers(layout.words), _numbers(layout.recognised), layout.turns, numbers.tobytes())


def _numbers(words: Sequence[Word]) -> bytes:
    return array("d", [n for w in words for n in (w.start, w.end, w.x0, w.y0, w.x1, w.y1)]).tobytes()


def _words(numbers: bytes) -> tuple[Word, ...]:
    values = iter(memoryview(numbers).cast("d"))
    return tuple(
        Word(int(start), int(end), x0, y0, x1, y1)
        for start, end, x0, y0, x1, y1 in zip(*[values] * _WORD, strict=True)
    )
