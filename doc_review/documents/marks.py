"""Ink on a page turned into marks, each with the cells of text around it: where a label or a name stands."""

from __future__ import annotations

from collections.abc import Sequence

from .base import Cell, Mark, Row
from .ink import Ink
from .layout import Rect, Word, cut_rows, union

_UP, _DOWN = 20.0, 24.0
"""How far above and below a mark a line of text may belong to it (points)."""
_ASIDE = 220.0
"""How far beside it."""
_LINE = 7.0
"""How far below a mark's lower edge, or above it, the middle of its line of text may lie."""


def marks_of(ink: Sequence[Ink], text: str, words: Sequence[Word]) -> tuple[Mark, ...]:
    """Marks with their neighbours; ``words`` and ``ink`` lie on the level page (points)."""
    if not ink:
        return ()
    cells = [
        (cell, union([word.rect for word in words if word.meets(cell.start, cell.end)]))
        for row in cut_rows(text, words)
        for cell in row
        if sum(char.isalnum() for char in cell.text) > 1
    ]
    return tuple(_mark(item, cells) for item in ink)


def _mark(ink: Ink, cells: Sequence[tuple[Cell, Rect]]) -> Mark:
    x0, y0, x1, y1 = ink.rect
    left: list[tuple[float, Cell]] = []
    right: list[tuple[float, Cell]] = []
    through: list[tuple[float, Cell]] = []
    above: list[tuple[float, Cell]] = []
    below: list[tuple[float, Cell]] = []
    for cell, rect in cells:
        middle = (rect[1] + rect[3]) / 2
        shared = min(x1, rect[2]) - max(x0, rect[0])
        level = y0 - 2 <= middle <= y1 + _LINE
        over = min(y1, rect[3]) - max(y0, rect[1])
        if shared > 0.3 * min(x1 - x0, rect[2] - rect[0]) and over > 0.45 * (rect[3] - rect[1]):
            through.append((rect[0], cell))
        elif level and rect[2] <= x0 + 0.3 * (x1 - x0) and x0 - rect[2] <= _ASIDE:
            left.append((x0 - rect[2], cell))
        elif level and rect[0] >= x1 - 0.3 * (x1 - x0) and rect[0] - x1 <= _ASIDE:
            right.append((rect[0] - x1, cell))
        elif shared > -40:
            if middle > y1 - 4 and rect[1] - y1 <= _DOWN:
                below.append((rect[1], cell))
            elif middle < y0 + 4 and y0 - rect[3] <= _UP:
                above.append((-rect[1], cell))
    return Mark(ink.inked, *(_sorted(group) for group in (left, right, through, above, below)))


def _sorted(group: list[tuple[float, Cell]]) -> Row:
    return tuple(cell for _, cell in sorted(group, key=lambda item: (item[0], item[1].start)))
