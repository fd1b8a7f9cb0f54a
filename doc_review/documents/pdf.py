"""A PDF turned into pages of text, with boxes, visual lines, tables and pictures looked up on demand."""

from __future__ import annotations

import hashlib
import re
from array import array
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pypdfium2.raw import FPDF_PAGEOBJ_PATH

from ..errors import DocumentError
from ..model import Box
from . import ink, pace
from .base import Mark, Page, Row, Table
from .layout import Layout, Rect, Word, cut_rows, direction, union, upright_rules
from .marks import marks_of
from .pdfium import LOCK, PdfFile, version
from .pdftext import PageText, char_rect, native_words, page_text
from .scans import MOSTLY, may_bear_ink, picture_share
from .tables import fill, find_grids, is_ruled

if TYPE_CHECKING:
    from PIL.Image import Image

    from .ocr import Recognised

MAX_PAGES = 2000
_KEPT_PAGES = 64
"""Pages whose words stay in memory; a review asks for the same page many times."""
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
_FEW_WORDS = 12
"""A page with fewer words is looked at for pictures even where the file seems to hold none (inline ones)."""


class PdfReader:
    """The geometry and the pictures of one PDF; its pages are read, and recognised, on construction.

    Raises ``DocumentError`` for a file that cannot be opened, has no pages or too many.
    """

    def __init__(self, data: bytes, cache: Path | None = None) -> None:
        self.file = PdfFile(data)
        if self.file.pages > MAX_PAGES:
            raise DocumentError(f"has {self.file.pages} pages, more than {MAX_PAGES}: split it")
        self._texts: dict[int, PageText] = {}
        self._scanned: dict[int, Recognised] = {}
        self._sizes: dict[int, tuple[float, float]] = {}
        self._words: dict[int, tuple[tuple[Word, ...], int]] = {}
        self._tables: dict[int, tuple[Table, ...]] = {}
        self._marks: dict[int, tuple[Mark, ...]] = {}
        self._has_images = _IMAGE.search(data) is not None
        pages, shares = [], {}
        for number in range(1, self.file.pages + 1):
            pace.step()
            page, share = self._read_page(number)
            pages.append(page)
            if share:
                shares[number] = share
        if shares:
            self._recognise(pages, shares, cache)
        hidden = self.file.hidden_characters
        self.pages = tuple(
            replace(page, hidden=hidden[page.number]) if page.number in hidden else page for page in pages
        )

    def _read_page(self, number: int) -> tuple[Page, float]:
        """A page with its native text, and the share of it that is picture yet to be read."""
        with LOCK:
            page = self.file.page(number)
            if page is None:
                return Page(number, "", unread="the page is damaged: export the file again"), 0.0
            found = page_text(page, self.file.ticks(number))
            self._texts[number] = found
            self._sizes[number] = page.view.size
            share = 0.0
            if self._has_images or found.text.count(" ") < _FEW_WORDS:
                share = picture_share(page, native_words(found, page))
        return Page(number, found.text), share

    def _recognise(self, pages: list[Page], shares: dict[int, float], cache: Path | None) -> None:
        """Read the pictures on pages and put what they say below the native text."""
        from . import tesseract
        from .images import judged
        from .ocr import DPI, Scan, recognise

        if tesseract.version() is None:
            for number in shares:
                pages[number - 1] = Page(
                    number, pages[number - 1].text, "native", 0.0, "the page " + tesseract.MISSING
                )
            return
        digest = hashlib.sha256(self.file.data).hexdigest()
        scans = [
            Scan(
                f"{digest}/{number}/{version()}",
                _Drawn(self.file, number, DPI / 72),
                width=self._sizes[number][0],
            )
            for number in shares
        ]
        taken = [[word.rect for word in self.words(number)] for number in shares]
        for number, found in zip(shares, recognise(scans, cache, taken), strict=True):
            page = judged(number, found)
            native = self._texts[number]
            if page.unread is not None and (shares[number] >= MOSTLY or found is None):
                pages[number - 1] = Page(number, native.text, "native", page.confidence, page.unread)
            elif found is not None and page.text:
                pages[number - 1] = self._merged(number, native.text, page, found)

    def _merged(self, number: int, native: str, page: Page, found: Recognised) -> Page:
        if not native.strip():
            self._scanned[number] = found
            self._texts[number] = PageText(page.text, array("i"))
            return page
        start = native + ("" if native.endswith("\n") else "\n")
        self._scanned[number] = found.moved(len(start))
        self._texts[number].text = start + page.text
        return Page(number, start + page.text, "mixed", page.confidence)

    def words(self, page: int) -> tuple[Word, ...]:
        """Native words of a 1-based page in text order, with their rectangles."""
        return self._laid_out(page)[0]

    def _laid_out(self, number: int) -> tuple[tuple[Word, ...], int]:
        """Native words of a page, and where its text runs (``layout.direction``)."""
        kept = self._words.get(number)
        if kept is None:
            found = self._texts.get(number)
            with LOCK:
                page = self.file.page(number) if found is not None else None
                words = tuple(native_words(found, page)) if found is not None and page is not None else ()
            kept = words, direction(words)
            _keep(self._words, number, kept)
        return kept

    def layout(self, page: int) -> Layout:
        """Words of a 1-based page, native and recognised."""
        scanned = self._scanned.get(page)
        words, turns = self._laid_out(page)
        return Layout(words, scanned.words if scanned is not None else (), turns)

    def boxes(self, page: int, start: int, end: int) -> tuple[Box, ...]:
        """Boxes that cover ``text[start:end]`` of a 1-based page: one per run on a visual line."""
        return self.layout(page).boxes(page, start, end, lambda low, high: self.part(page, low, high))

    def part(self, page: int, start: int, end: int) -> Rect | None:
        """Rectangle of the characters of a part of a word; ``None`` where they have none."""
        with LOCK:
            opened = self.file.page(page)
            if opened is None:
                return None
            first = char_rect(self._texts[page], opened, start)
            last = char_rect(self._texts[page], opened, end - 1)
        return union((first, last)) if first is not None and last is not None else None

    def rows(self, page: int) -> tuple[Row, ...]:
        """Visual lines of a 1-based page, top to bottom, cut into cells at column gaps."""
        found = self._texts.get(page)
        if found is None:
            return ()
        words, turns = self._laid_out(page)
        scanned = self._scanned.get(page)
        if scanned is None:
            return cut_rows(found.text, words, turns, self._rules(page))
        return cut_rows(found.text, (*words, *scanned.upright))

    def marks(self, page: int) -> tuple[Mark, ...]:
        """Marks of a pen on a 1-based page, and lines to sign on that bear none."""
        kept = self._marks.get(page)
        if kept is None:
            kept = self._read_marks(page)
            _keep(self._marks, page, kept)
        return kept

    def _read_marks(self, number: int) -> tuple[Mark, ...]:
        """Marks of a scan as they were recognised; on a page of text those in small pictures and curves."""
        found = self._texts.get(number)
        scanned = self._scanned.get(number)
        if found is None:
            return ()
        words, turns = self._laid_out(number)
        if scanned is not None:
            return marks_of(scanned.ink, found.text, (*words, *scanned.upright))
        if turns or not words:
            return ()
        with LOCK:
            page = self.file.page(number)
            if page is None or not may_bear_ink(page):
                return ()
            picture = self.file.picture(number, ink.DPI / 72, gray=True)
        points = ink.DPI / 72
        printed = [(w.x0 * points, w.y0 * points, w.x1 * points, w.y1 * points) for w in words]
        marks = ink.find_ink(picture, ink.DPI, ink.PAPER, printed)
        return marks_of([mark.scaled(1 / points) for mark in marks], found.text, words)

    def _rules(self, number: int) -> list[Rect]:
        with LOCK:
            page = self.file.page(number)
            return upright_rules(page.objects(FPDF_PAGEOBJ_PATH)) if page is not None else []

    def tables(self, page: int) -> tuple[Table, ...]:
        """Ruled tables of a 1-based page, cells mapped to the page text; empty where nothing is ruled."""
        kept = self._tables.get(page)
        if kept is None:
            kept = self._read_tables(page)
            _keep(self._tables, page, kept)
        return kept

    def _read_tables(self, number: int) -> tuple[Table, ...]:
        found = self._texts.get(number)
        if found is None:
            return ()
        with LOCK:
            page = self.file.page(number)
            if page is None or not is_ruled(page.objects(FPDF_PAGEOBJ_PATH)):
                return ()
            view = page.view
        words = self.words(number)
        filled = (fill(grid, found.text, words) for grid in find_grids(self.file.data, number, view))
        return tuple(table for table in filled if table)

    def render(self, page: int, scale: float) -> bytes:
        """PNG of a 1-based page as displayed; ``scale`` 1.0 is 72 dpi."""
        from .render import png

        return png(self.file.picture(page, scale))


T = TypeVar("T")


def _keep(cache: dict[int, T], number: int, value: T) -> None:
    """Keep a page's value; the page kept longest goes."""
    if len(cache) >= _KEPT_PAGES:
        del cache[next(iter(cache))]
    cache[number] = value


class _Drawn:
    """Draws one page when the recogniser asks for it, so that few are in memory at a time."""

    def __init__(self, file: PdfFile, number: int, scale: float) -> None:
        self._file, self._number, self._scale = file, number, scale

    def __call__(self) -> Image:
        return self._file.picture(self._number, self._scale, gray=True)
