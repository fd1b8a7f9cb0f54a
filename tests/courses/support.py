"""Evidence made by hand, for tests of the course builder."""

from __future__ import annotations

from itertools import count
from typing import Any

from doc_review.courses.views import EntryView
from doc_review.model import Assertion, Citation, Document, Entry, EntryKind, Evidence, EvidenceKind

_numbers = count(1)


def item(
    kind: EvidenceKind,
    value: str,
    *,
    assertion: Assertion = "affirmed",
    entry: str = "a.txt#1",
    **attributes: Any,
) -> Evidence:
    """One piece of evidence."""
    return Evidence(
        id=f"e{next(_numbers)}",
        kind=kind,
        value=value,
        attributes=attributes,
        assertion=assertion,
        method="nlp",
        confidence=0.9,
        citation=Citation(document="a.txt", entry=entry, page=1, start=0, end=1, quote="x"),
    )


def view(kind: EntryKind, *items: Evidence, entry: str = "a.txt#1", date: Any = None) -> EntryView:
    """An entry that holds some evidence."""
    made = Entry(id=entry, kind=kind, date=date, author=None, page=1, start=0, end=1, end_page=1)
    document = Document(
        id="a.txt",
        sha256="0" * 64,
        media_type="text/plain",
        kind=kind,
        date=date,
        pages=1,
        text_source="native",
        skipped=None,
        unread_pages=(),
        entries=(made,),
    )
    return EntryView(document, made, items)
