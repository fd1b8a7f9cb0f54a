"""A raw document turned into an open one by the reader of its kind, or into a skipped one with the reason.

What a file is, is told by its content (``sniff``). Each reader turns bytes into pages and, where its
format has them, geometry and pictures; it raises ``DocumentError`` for what cannot be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..case import RawDocument
from ..errors import DocumentError, InstallationError
from ..model import Document, TextSource
from .base import DicomItem, OpenDocument, Page, PageImages, PageLayouts
from .sniff import Kind, kind_of

_MB = 1024**2


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read: the folder that keeps recognised text of scans (``None`` keeps none)."""

    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader makes of a file."""

    pages: tuple[Page, ...]
    geometry: PageLayouts | None = None
    images: PageImages | None = None
    dicom: DicomItem | None = None


def _text(data: bytes, options: ReadOptions) -> Content:
    from .text import decode

    return Content((Page(1, decode(data)),))


def _html(data: bytes, options: ReadOptions) -> Content:
    from .html import visible_text

    return Content((Page(1, visible_text(data)),))


def _docx(data: bytes, options: ReadOptions) -> Content:
    from .docx import document_text

    return Content((Page(1, document_text(data)),))


def _pdf(data: bytes, options: ReadOptions) -> Content:
    from .pdf import PdfReader

    reader = PdfReader(data, options.cache)
    return Content(reader.pages, reader, reader)


def _image(data: bytes, options: ReadOptions) -> Content:
    from .images import ImageReader

    reader = ImageReader(data, options.cache)
    return Content(reader.pages, reader, reader)


def _dicom(data: bytes, options: ReadOptions) -> Content:
    from .dicom import read_object

    text, found = read_object(data)
    return Content((Page(1, text, "dicom"),), dicom=found)


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its reader, the most bytes it reads, and whether it may read in this process.

    Everything but plain text is read in a process of its own (``isolated``).
    """

    read: Callable[[bytes, ReadOptions], Content]
    limit: int
    harmless: bool = False


FORMATS: dict[Kind, Format] = {
    Kind.TEXT: Format(_text, 50 * _MB, harmless=True),
    Kind.HTML: Format(_html, 50 * _MB),
    Kind.DOCX: Format(_docx, 100 * _MB),
    Kind.PDF: Format(_pdf, 300 * _MB),
    Kind.TIFF: Format(_image, 300 * _MB),
    Kind.JPEG: Format(_image, 100 * _MB),
    Kind.PNG: Format(_image, 100 * _MB),
    Kind.DICOM: Format(_dicom, 50 * _MB),
}
_LARGEST = max(known.limit for known in FORMATS.values())


def read_document(raw: RawDocument, options: ReadOptions | None = None) -> OpenDocument:
    """Read one document. Never raises for what the file holds: ``meta.skipped`` tells why it is not read.

    ``meta.kind`` is ``other`` and ``meta.entries`` empty: the entry splitter fills them.
    """
    digest = hashlib.sha256(b"").hexdigest()
    media_type = "application/octet-stream"
    try:
        if raw.size > _LARGEST:
            raise DocumentError(f"is larger than {_LARGEST // _MB} MB: split it")
        data = raw.read()
        digest = hashlib.sha256(data).hexdigest()
        kind = kind_of(data, raw.id)
        media_type = kind.media_type
        known = FORMATS.get(kind)
        if known is None:
            raise DocumentError(kind.mend)
        if len(data) > known.limit:
            raise DocumentError(f"is larger than the {known.limit // _MB} MB read of such a file: split it")
        options = options or ReadOptions()
        content = known.read(data, options) if known.harmless else _isolated(raw, kind, data, options)
    except DocumentError as error:
        return _skipped(raw.id, digest, media_type, str(error))
    except (ImportError, InstallationError):
        raise
    except Exception as error:  # a library's own error on a damaged file: the case goes on without it
        reason = f"is damaged ({type(error).__name__}): export it again"
        return _skipped(raw.id, digest, media_type, reason)
    return OpenDocument(
        Document(
            id=raw.id,
            sha256=digest,
            media_type=media_type,
            kind="other",
            date=None,
            pages=len(content.pages),
            text_source=_source(content.pages),
            skipped=None,
            unread_pages=tuple(page.number for page in content.pages if page.unread is not None),
            entries=(),
        ),
        content.pages,
        content.geometry,
        content.images,
        content.dicom,
    )


def _isolated(raw: RawDocument, kind: Kind, data: bytes, options: ReadOptions) -> Content:
    from .isolated import IsolatedFile

    file = IsolatedFile(raw, kind, data, options.cache)
    return Content(
        file.pages, file if file.has_geometry else None, file if file.has_images else None, file.dicom
    )


def without(document: OpenDocument, reason: str) -> OpenDocument:
    """A document that turned out unreadable after it was read."""
    return _skipped(document.meta.id, document.meta.sha256, document.meta.media_type, reason)


def _source(pages: tuple[Page, ...]) -> TextSource:
    """Where the text of the pages came from; unread pages do not count unless all are."""
    found = {page.source for page in pages if page.unread is None} or {page.source for page in pages}
    return found.pop() if len(found) == 1 else "mixed"


def _skipped(name: str, digest: str, media_type: str, reason: str) -> OpenDocument:
    return OpenDocument(
        Document(
            id=name,
            sha256=digest,
            media_type=media_type,
            kind="other",
            date=None,
            pages=0,
            text_source="native",
            skipped=reason,
            unread_pages=(),
            entries=(),
        ),
        (),
    )


def tool_versions() -> dict[str, str]:
    """Versions of the programs outside Python that page text depends on; an absent one is not listed."""
    from . import tesseract
    from .pdfium import version

    found = {"pdfium": version()}
    if (recogniser := tesseract.version()) is not None:
        found["tesseract"] = recogniser
    return found
