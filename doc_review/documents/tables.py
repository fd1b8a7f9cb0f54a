"""A page with ruling lines turned into its tables: cells found by pdfplumber, text taken from the page."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Sequence

from .base import Cell, Row, Table
from .layout import Rect, Word, visual_lines
from .pdfium import View

_THIN = 2.5
"""A path at most this thick (points) is a ruling line."""
_LEAST = 2
_SHORT = 8.0
Grid = list[list[Rect | None]]


def is_ruled(paths: Iterable[Rect]) -> bool:
    """Whether drawn paths can rule a table: at least two lines or box edges each way."""
    across = down = 0
    for x0, y0, x1, y1 in paths:
        wide, high = x1 - x0 >= _SHORT, y1 - y0 >= _SHORT
        thin = y1 - y0 <= _THIN or x1 - x0 <= _THIN
        across += (1 if thin else 2) * wide
        down += (1 if thin else 2) * high
        if across >= _LEAST and down >= _LEAST:
            return True
    return False


def find_grids(data: bytes, number: int, view: View) -> list[Grid]:
    """Cell rectangles of the ruled tables of a 1-based page, row by row; ``None`` where cells are merged.

    Coordinates are those of the displayed page. A page that pdfplumber cannot read has no tables.
    """
    import pdfplumber

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        with pdfplumber.open(io.BytesIO(data), pages=[number]) as pdf:
            page = pdf.pages[0]
            x0, y0, x1, y1 = page.page_obj.mediabox
            left, top = view.offset((x0, y0, x1, y1))  # its coordinates begin at the media box
            return [
                [[_moved(cell, left, top) for cell in row.cells] for row in table.rows]
                for table in page.find_tables()
            ]
    except Exception:  # pdfplumber's errors have no common base, and a page without tables is read as lines
        return []


def _moved(cell: Rect | None, left: float, top: float) -> Rect | None:
    return None if cell is None else (cell[0] - left, cell[1] - top, cell[2] - left, cell[3] - top)


def fill(grid: Grid, text: str, words: Sequence[Word]) -> Table:
    """A table whose cells hold the words inside their rectangles; rows without a word are left out."""
    rows: list[Row] = []
    for rects in grid:
        row = tuple(_cell(rect, text, words) for rect in rects)
        if any(cell.text for cell in row):
            rows.append(row)
    return tuple(rows)


def _cell(rect: Rect | None, text: str, words: Sequence[Word]) -> Cell:
    inside = [word for word in words if rect is not None and _centre_in(word, rect)]
    if not inside:
        return Cell("", -1, -1)
    start, end = inside[0].start, inside[-1].end
    covered = sum(word.end - word.start for word in inside)
    if covered == sum(not char.isspace() for char in text[start:end]):
        return Cell(text[start:end], start, end)
    return Cell(" ".join(text[w.start : w.end] for line in visual_lines(inside) for w in line), -1, -1)


def _centre_in(word: Word, rect: Rect) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    return rect[0] <= x <= rect[2] and rect[1] <= y <= rect[3]
