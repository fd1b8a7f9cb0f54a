"""What every reader turns its file into: pages of text with their geometry looked up on demand.

The text of a page is the only offset space of that page: every citation is ``text[start:end]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..model import Box, Document, Provider, TextSource

if TYPE_CHECKING:
    from .layout import Layout


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table or layout row: its text and, where it maps to the page text, its span.

    A cell with ``start`` of -1 could not be mapped back to the page text and cannot be cited.
    """

    text: str
    start: int
    end: int


Row = tuple[Cell, ...]
Table = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of a pen on a page (``inked``), or a ruled line that bears none, with the cells around it.

    ``left`` are the cells before it on its line (the nearest first), ``right`` those behind it,
    ``through`` those it is written over, ``above`` and ``below`` those on the lines next to it.
    """

    inked: bool
    left: Row = ()
    right: Row = ()
    through: Row = ()
    above: Row = ()
    below: Row = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page: 1-based number, text, where the text came from, and why it is unread (if it is).

    ``hidden`` counts the characters that nobody can see and that are not in ``text``.
    """

    number: int
    text: str
    source: TextSource = "native"
    confidence: float = 1.0
    unread: str | None = None
    hidden: int = 0


class Geometry(Protocol):
    """Where text lies on the pages of a document that has a geometry."""

    def boxes(self, page: int, start: int, end: int) -> tuple[Box, ...]:
        """Boxes (one per visual line) that cover ``text[start:end]`` of a 1-based page."""

    def tables(self, page: int) -> tuple[Table, ...]:
        """Tables of a 1-based page, cells mapped to page offsets; empty where there are none."""

    def rows(self, page: int) -> tuple[Row, ...]:
        """Visual lines of a page, top to bottom, cut into cells at column gaps."""

    def marks(self, page: int) -> tuple[Mark, ...]:
        """Marks of a pen on a page, and lines to sign on that bear none, from top to bottom."""


class PageLayouts(Geometry, Protocol):
    """A geometry that tells all words of a page, so that it can be handed from process to process."""

    def layout(self, page: int) -> Layout:
        """Words of a 1-based page."""

    def part(self, page: int, start: int, end: int) -> tuple[float, float, float, float] | None:
        """Rectangle of the characters of a part of a word; ``None`` where they have none."""


class PageImages(Protocol):
    """A document whose pages can be drawn."""

    def render(self, page: int, scale: float) -> bytes:
        """PNG of a 1-based page; ``scale`` 1.0 is 72 dpi."""


@dataclass(frozen=True, slots=True)
class DicomElement:
    """One attribute of a DICOM object: its values as written, where the page text shows it, its items.

    ``start``/``end`` are offsets into page 1. A sequence has ``items`` and no values.
    """

    values: tuple[str, ...]
    start: int
    end: int
    items: tuple[DicomItem, ...] = ()


@dataclass(frozen=True, slots=True)
class DicomItem:
    """A DICOM object, or one item of a sequence: its elements by keyword; empty ones are left out."""

    elements: Mapping[str, DicomElement]

    def text(self, keyword: str) -> str:
        """First value of an attribute, "" where there is none."""
        found = self.elements.get(keyword)
        return found.values[0] if found is not None and found.values else ""

    def items(self, keyword: str) -> tuple[DicomItem, ...]:
        """Items of a sequence, none where it is absent."""
        found = self.elements.get(keyword)
        return found.items if found is not None else ()


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A read document: its public record, its pages, and the geometry or DICOM object behind them (if any)."""

    meta: Document
    pages: tuple[Page, ...]
    geometry: Geometry | None = None
    images: PageImages | None = None
    dicom: DicomItem | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """All documents of a case, in the order of their relative paths."""

    documents: tuple[OpenDocument, ...]
    providers: tuple[Provider, ...] = field(default=())
