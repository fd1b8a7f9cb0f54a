"""A PDF page turned into how much of it must be recognised: by its pictures, not by having text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH

from .layout import Rect, Word
from .pdfium import OpenPage

_GRID = 40
"""The page is looked at as so many by so many cells, which adds up overlapping and sliced pictures."""
_PICTURE = 0.10
"""Share of the page from which a picture may hold text: a pasted table does, a logo does not."""
_DENSE = 60.0
"""Words on a full page of picture above which the picture is a background or was recognised before."""
_PEN = (18.0, 330.0, 6.0, 110.0)
"""Least and greatest width, least and greatest height of what a pen writes on a signature line (points)."""
MOSTLY = 0.5
"""Share of the page from which an unreadable picture makes the page unread."""
_DRAWN = 0.4
"""What a page of drawings without a word counts for: its letters may be outlines, or there are none."""


def picture_share(page: OpenPage, words: Sequence[Word]) -> float:
    """Share (0..1) of a page that is picture whose text is not in the page's words; 0 for a read page."""
    width, height = page.view.size
    cells = _covered(page.objects(FPDF_PAGEOBJ_IMAGE), width, height)
    share = len(cells) / (_GRID * _GRID)
    if share < _PICTURE:
        return _DRAWN if not words and page.has_objects() else 0.0
    inside = sum(_cell((w.x0 + w.x1) / 2, (w.y0 + w.y1) / 2, width, height) in cells for w in words)
    return share if inside / share <= _DENSE else 0.0


def may_bear_ink(page: OpenPage) -> bool:
    """Whether a page of text holds a picture or a drawing of the size of a signature."""
    return any(
        _PEN[0] <= x1 - x0 <= _PEN[1] and _PEN[2] <= y1 - y0 <= _PEN[3]
        for kind in (FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH)
        for x0, y0, x1, y1 in page.objects(kind)
    )


def _covered(pictures: Iterable[Rect], width: float, height: float) -> set[tuple[int, int]]:
    """Cells whose centre lies in a picture."""
    cells: set[tuple[int, int]] = set()
    for x0, y0, x1, y1 in pictures:
        columns = range(max(0, _edge(x0, width)), min(_GRID, _edge(x1, width)))
        rows = range(max(0, _edge(y0, height)), min(_GRID, _edge(y1, height)))
        cells.update((column, row) for column in columns for row in rows)
    return cells


def _edge(position: float, size: float) -> int:
    return round(position / max(1.0, size) * _GRID)


def _cell(x: float, y: float, width: float, height: float) -> tuple[int, int]:
    return int(x / max(1.0, width) * _GRID), int(y / max(1.0, height) * _GRID)
