"""A TIFF, JPEG or PNG of scanned pages turned into recognised pages."""

from __future__ import annotations

import contextlib
import hashlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DocumentError
from ..model import Box
from . import tesseract
from .base import Mark, Page, Row, Table
from .layout import Layout, cut_rows, direction
from .marks import marks_of
from .ocr import DPI, ILLEGIBLE, Recognised, Scan, recognise

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PAGES = 2000
_RESOLUTIONS = (70.0, 1300.0)
_PAGE_INCHES = (3.0, 20.0)
_LETTER = 8.5
_UNREAD = "nothing on the scanned page could be read: scan it again or add a typed copy"
_MAX_PIXELS = 89_000_000
"""Pixels of a page at 300 dpi: ten letter pages."""
_TOO_LARGE = "has a page of too many pixels: scan it at 300 dpi"
_DAMAGED = "the picture of the page is damaged: scan or save it again"


def judged(number: int, found: Recognised | None) -> Page:
    """The page that a recognised picture makes."""
    if found is None:
        return Page(number, "", "ocr", 0.0, "the page could not be recognised: scan it again")
    if found.blank:
        return Page(number, "", "ocr")
    if not found.text or found.confidence < ILLEGIBLE:
        return Page(number, "", "ocr", found.confidence / 100, _UNREAD)
    return Page(number, found.text, "ocr", found.confidence / 100)


class ImageReader:
    """Pages of an image file, recognised on construction, with their geometry and pictures.

    Raises ``DocumentError`` for a file that is no image or has too many pages.
    """

    def __init__(self, data: bytes, cache: Path | None = None) -> None:
        self._data = data
        count = self._count()
        if count > MAX_PAGES:
            raise DocumentError(f"has {count} pages, more than {MAX_PAGES}: split it")
        self._found: dict[int, Recognised] = {}
        if tesseract.version() is None:
            self.pages = tuple(
                Page(n, "", "ocr", 0.0, "the page " + tesseract.MISSING) for n in range(1, count + 1)
            )
            return
        digest = hashlib.sha256(data).hexdigest()
        scans = [Scan(f"{digest}/{number}", _Frame(self, number)) for number in range(1, count + 1)]
        self.pages = tuple(
            self._keep(number, found) for number, found in enumerate(recognise(scans, cache), 1)
        )

    def _keep(self, number: int, found: Recognised | None) -> Page:
        page = judged(number, found)
        if found is not None and page.unread is None:
            self._found[number] = found
        return page

    def _count(self) -> int:
        from PIL import Image

        try:
            with _strict(), Image.open(io.BytesIO(self._data)) as opened:
                return int(getattr(opened, "n_frames", 1))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise DocumentError(_TOO_LARGE) from error
        except MemoryError:
            raise
        except Exception as error:  # Pillow's own on a damaged file: no common base
            raise DocumentError("is a damaged image: scan or save it again") from error

    def picture(self, number: int) -> Image:
        """A page in gray at 300 dpi, pixels made square. Raises ``DocumentError`` for a damaged one."""
        from PIL import Image, ImageOps

        try:
            with Image.open(io.BytesIO(self._data)) as opened:
                opened.seek(number - 1)
                _refuse_large(opened.width * opened.height)
                across, down = _resolution(opened)
                frame = _gray(ImageOps.exif_transpose(opened) or opened)
        except (DocumentError, MemoryError):
            raise
        except Exception as error:  # Pillow's own on a damaged file: no common base
            raise DocumentError(_DAMAGED) from error
        size = round(frame.width * DPI / across), round(frame.height * DPI / down)
        _refuse_large(size[0] * size[1])
        return frame.resize(size, Image.Resampling.LANCZOS) if size != frame.size else frame

    def layout(self, page: int) -> Layout:
        """Words of a 1-based page, all of them recognised."""
        found = self._found.get(page)
        return Layout((), found.words, direction(found.words)) if found is not None else Layout(())

    def boxes(self, page: int, start: int, end: int) -> tuple[Box, ...]:
        """Boxes that cover ``text[start:end]`` of a 1-based page: one per run on a visual line."""
        return self.layout(page).boxes(page, start, end, lambda low, high: self.part(page, low, high))

    def part(self, page: int, start: int, end: int) -> None:
        """Nothing: a recognised word is known as a whole only."""

    def rows(self, page: int) -> tuple[Row, ...]:
        """Visual lines of a 1-based page, top to bottom, cut into cells at column gaps."""
        found = self._found.get(page)
        return cut_rows(found.text, found.upright) if found is not None else ()

    def marks(self, page: int) -> tuple[Mark, ...]:
        """Marks of a pen on a 1-based page, and lines to sign on that bear none."""
        found = self._found.get(page)
        return marks_of(found.ink, found.text, found.upright) if found is not None else ()

    def tables(self, page: int) -> tuple[Table, ...]:
        """None: ruling lines of a scan are not looked for."""
        return ()

    def render(self, page: int, scale: float) -> bytes:
        """PNG of a 1-based page; ``scale`` 1.0 is 72 dpi."""
        from .render import png

        drawn = self.picture(page)
        factor = scale * 72 / DPI
        return png(drawn.resize((max(1, round(drawn.width * factor)), max(1, round(drawn.height * factor)))))


class _Frame:
    """Draws one page when the recogniser asks for it, so that few are in memory at a time."""

    def __init__(self, reader: ImageReader, number: int) -> None:
        self._reader = reader
        self._number = number

    def __call__(self) -> Image:
        return self._reader.picture(self._number)


@contextlib.contextmanager
def _strict() -> Iterator[None]:
    """Pillow's warning about too many pixels is an error."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _refuse_large(pixels: int) -> None:
    """Pillow looks at the first frame of a file only, and at its pixels before they are scaled."""
    if pixels > _MAX_PIXELS:
        raise DocumentError(_TOO_LARGE)


def _gray(frame: Image) -> Image:
    """Gray on white, whatever the colours and the transparency."""
    from PIL import Image

    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        clear = frame.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(paper, clear).convert("L")
    if frame.mode.startswith("I;16") or frame.mode == "I":
        return frame.point(lambda value: value / 256).convert("L")
    return frame.convert("L")


def _resolution(frame: Image) -> tuple[float, float]:
    """Dots per inch across and down; where the file tells nonsense, those of a page of letter width."""
    told = frame.info.get("dpi")
    across, down = (float(told[0]), float(told[1])) if told else (0.0, 0.0)
    usual = all(_RESOLUTIONS[0] <= dots <= _RESOLUTIONS[1] for dots in (across, down))
    if usual and _PAGE_INCHES[0] <= frame.width / across <= _PAGE_INCHES[1]:
        return across, down
    dots = min(frame.size) / _LETTER
    return dots, dots
