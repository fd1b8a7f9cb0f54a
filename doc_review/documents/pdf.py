"""A PDF turned into pages of text, with boxes, visual lines, tables and pictures looked up on demand."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pypdfium2.raw import FPDF_PAGEOBJ_PATH

from ..errors import DocumentError
from ..model import Box
from .base import Page, Row, Table
from .layout import Rect, Word, cut_rows, line_boxes
from .pdfium import LOCK, PdfFile
from .pdftext import PageText, char_rect, native_words, page_text
from .tables import fill, find_grids, is_ruled

MAX_PAGES = 2000
_KEPT_PAGES = 64
"""Pages whose words stay in memory; a review asks for the same page many times."""


class PdfReader:
    """The geometry and the pictures of one PDF; reads its pages once, on construction.

    Raises ``DocumentError`` for a file that cannot be opened, has no pages or too many.
    """

    def __init__(self, data: bytes, cache: Path | None = None) -> None:
        self.file = PdfFile(data)
        if not self.file.pages:
            raise DocumentError("has no pages: export it again")
        if self.file.pages > MAX_PAGES:
            raise DocumentError(f"has {self.file.pages} pages, more than {MAX_PAGES}: split it")
        self._texts: dict[int, PageText] = {}
        self._words = lru_cache(maxsize=_KEPT_PAGES)(self._read_words)
        self._tables = lru_cache(maxsize=_KEPT_PAGES)(self._read_tables)
        self.pages = tuple(self._read_page(number) for number in range(1, self.file.pages + 1))

    def _read_page(self, number: int) -> Page:
        with LOCK:
            page = self.file.page(number)
            if page is None:
                return Page(number, "", unread="the page is damaged: export the file again")
            found = page_text(page, self.file.ticks(number))
        self._texts[number] = found
        return Page(number, found.text)

    def _read_words(self, number: int) -> tuple[Word, ...]:
        found = self._texts.get(number)
        if found is None:
            return ()
        with LOCK:
            page = self.file.page(number)
            return tuple(native_words(found, page)) if page is not None else ()

    def words(self, page: int) -> tuple[Word, ...]:
        """Words of a 1-based page in text order, with their rectangles."""
        return self._words(page)

    def boxes(self, page: int, start: int, end: int) -> tuple[Box, ...]:
        """Boxes that cover ``text[start:end]`` of a 1-based page: one per run on a visual line."""
        rects = [
            word.rect if start <= word.start and word.end <= end else self._part(page, word, start, end)
            for word in self.words(page)
            if word.start < end and start < word.end
        ]
        return line_boxes(page, rects)

    def _part(self, number: int, word: Word, start: int, end: int) -> Rect:
        """Rectangle of the part of a word inside a span."""
        with LOCK:
            page = self.file.page(number)
            low, high = max(start, word.start), min(end, word.end) - 1
            if page is not None:
                first = char_rect(self._texts[number], page, low)
                last = char_rect(self._texts[number], page, high)
                if first is not None and last is not None and first[0] <= last[2]:
                    return first[0], word.y0, last[2], word.y1
        return word.part(start, end)

    def rows(self, page: int) -> tuple[Row, ...]:
        """Visual lines of a 1-based page, top to bottom, cut into cells at column gaps."""
        found = self._texts.get(page)
        return cut_rows(found.text, self.words(page)) if found is not None else ()

    def tables(self, page: int) -> tuple[Table, ...]:
        """Ruled tables of a 1-based page, cells mapped to the page text; empty where nothing is ruled."""
        return self._tables(page)

    def _read_tables(self, number: int) -> tuple[Table, ...]:
        found = self._texts.get(number)
        if found is None:
            return ()
        with LOCK:
            page = self.file.page(number)
            if page is None or not is_ruled(page.objects(FPDF_PAGEOBJ_PATH)):
                return ()
        words = self.words(number)
        filled = (fill(grid, found.text, words) for grid in find_grids(self.file.data, number))
        return tuple(table for table in filled if table)

    def render(self, page: int, scale: float) -> bytes:
        """PNG of a 1-based page as displayed; ``scale`` 1.0 is 72 dpi."""
        from .render import png

        return png(self.file.picture(page, scale))
