"""Turns a case and a document id into the page text that offsets refer to, on stdout."""

from __future__ import annotations

from pathlib import Path

from ..case import open_cases
from ..documents import ReadOptions, cache, read_document
from ..documents.base import OpenDocument, Page
from ..errors import DocumentError, UsageError
from . import output

FORM_FEED = "\f"


def cache_folder() -> Path:
    """Where recognised text of this user is kept."""
    return cache.default_folder()


def print_text(path: Path, name: str, number: int | None, *, cached: bool) -> None:
    """Print one page, or all pages parted by form feeds, exactly as offsets count them.

    Raises ``UsageError`` for a document or page that the case does not have, ``DocumentError`` for
    one that was skipped. A page that could not be read prints nothing; stderr tells why.
    """
    document = _open(path, name, cached)
    if document.meta.skipped is not None:
        raise DocumentError(f"{name}: {document.meta.skipped}")
    pages = document.pages if number is None else (_page(document, number),)
    for page in pages:
        if page.unread is not None:
            output.tell(f"doc-review: {name}: page {page.number}: {page.unread}")
    output.emit(FORM_FEED.join(page.text for page in pages).encode(errors="replace"))


def _open(path: Path, name: str, cached: bool) -> OpenDocument:
    worklist = open_cases(path)
    if worklist.is_worklist:
        raise UsageError(f"{path}: is a worklist; name one of its cases")
    documents = worklist.cases[0].documents
    raw = next((item for item in documents if item.id == name), None)
    if raw is None:
        known = ", ".join(item.id for item in documents)
        raise UsageError(f"{path}: has no document {name}; it has {known}")
    return read_document(raw, ReadOptions(cache=cache_folder() if cached else None))


def _page(document: OpenDocument, number: int) -> Page:
    found = next((page for page in document.pages if page.number == number), None)
    if found is None:
        raise UsageError(f"{document.meta.id}: has no page {number}; it has {len(document.pages)}")
    return found
