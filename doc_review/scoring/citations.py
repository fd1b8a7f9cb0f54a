"""The citations of a review held against the chart: verbatim, short, and boxed where the words stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..documents.base import Chart
from ..model import QUOTE_LIMIT, Box, Review, Span
from .tally import Tally

_MARGIN = 1.5
"""Points that a box may fall short of the words it covers."""
_COVERED = 0.9
"""Share of a quote's letters and digits that pdfium must find inside its boxes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A citation that does not hold: the number of its evidence (from 1), its document, and why."""

    number: int
    document: str
    why: str


def score_citations(tally: Tally, review: Review, chart: Chart, files: Mapping[str, bytes]) -> list[Fault]:
    """Count every span of every citation; returns the faults.

    ``files`` holds the bytes of PDFs by document id: what stands inside a box is read from the file
    itself, by another way than the one the box came from. Scans and turned pages have no text to read
    there: their boxes have to lie on the page.
    """
    pages = {(d.meta.id, page.number): page for d in chart.documents for page in d.pages}
    boxed = {d.meta.id for d in chart.documents if d.geometry is not None}
    faults: list[Fault] = []
    with _Printed(files) as printed:
        for number, span in _spans(review):
            page = pages.get((span.document, span.page))
            text = page.text if page else ""
            verbatim = bool(span.quote) and text[span.start : span.end] == span.quote
            short = len(span.quote) <= QUOTE_LIMIT
            tally.rate("citations.verbatim", int(verbatim), 1)
            tally.rate("citations.short", int(short), 1)
            covers = True
            if span.document in boxed:
                native = page is not None and page.source == "native"
                covers = printed.covers(span, native)
                tally.rate("citations.boxed", int(covers), 1)
            tally.rate("citations.valid", int(verbatim and short and covers), 1)
            for fine, why in ((verbatim, "not verbatim"), (short, "too long"), (covers, "box off its words")):
                if not fine:
                    faults.append(Fault(number, span.document, why))
    return faults


def _spans(review: Review) -> Iterator[tuple[int, Span]]:
    for number, item in enumerate(review.evidence, 1):
        yield number, item.citation
        for span in item.citation.also:
            yield number, span


def _letters(text: str) -> Counter[str]:
    return Counter(char for char in text.casefold() if char.isalnum())


class _Printed:
    """What is printed inside boxes of PDF pages, form fields and signatures included."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._open: dict[str, Any] = {}
        self._pages: dict[tuple[str, int], tuple[Any, Any]] = {}

    def __enter__(self) -> _Printed:
        return self

    def __exit__(self, *_: object) -> None:
        for page, reader in self._pages.values():
            reader.close()
            page.close()
        for pdf in self._open.values():
            pdf.close()

    def covers(self, span: Span, native: bool) -> bool:
        """Whether the boxes of a span lie on its page and, on a native one, hold its words."""
        if not span.boxes or any(not _lies(box, span.page) for box in span.boxes):
            return False
        if span.document not in self._files:
            return True
        page, reader = self._page(span.document, span.page)
        left, _, _, top = page.get_bbox()
        width, height = page.get_size()
        if any(box.x1 > width + _MARGIN or box.y1 > height + _MARGIN for box in span.boxes):
            return False
        if not native or page.get_rotation():
            return True
        inside = "".join(
            reader.get_text_bounded(
                left=left + box.x0 - _MARGIN,
                bottom=top - box.y1 - _MARGIN,
                right=left + box.x1 + _MARGIN,
                top=top - box.y0 + _MARGIN,
            )
            for box in span.boxes
        )
        wanted = _letters(span.quote)
        return (wanted & _letters(inside)).total() >= _COVERED * wanted.total()

    def _page(self, document: str, number: int) -> tuple[Any, Any]:
        """A page after flattening, and the reader of its text."""
        import pypdfium2
        from pypdfium2 import raw

        if document not in self._open:
            self._open[document] = pypdfium2.PdfDocument(self._files[document])
            self._open[document].init_forms()
        pdf = self._open[document]
        if (document, number) not in self._pages:
            page = pdf[number - 1]
            raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
            page.close()
            page = pdf[number - 1]
            self._pages[document, number] = page, page.get_textpage()
        return self._pages[document, number]


def _lies(box: Box, page: int) -> bool:
    return box.page == page and box.x0 >= -_MARGIN and box.x0 < box.x1 and box.y0 < box.y1
