"""Notes made from strings, for tests of extractors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from doc_review.documents.base import OpenDocument, Page
from doc_review.evidence.assertion import assert_hits
from doc_review.evidence.kinds import Draft, Extractor, Reading
from doc_review.evidence.matcher import find_hits
from doc_review.evidence.note import Note
from doc_review.model import Document, Entry, EntryKind

BANK = Path(__file__).parent / "bank"


def make_note(*pages: str, kind: EntryKind = "other", document: str = "note.txt") -> Note:
    """A note whose one entry covers the given pages."""
    entry = Entry(
        id=f"{document}#1",
        kind=kind,
        date=None,
        author=None,
        page=1,
        start=0,
        end=len(pages[-1]),
        end_page=len(pages),
    )
    meta = Document(
        id=document,
        sha256="0" * 64,
        media_type="text/plain",
        kind=kind,
        date=None,
        pages=len(pages),
        text_source="native",
        skipped=None,
        unread_pages=(),
        entries=(entry,),
    )
    return Note(OpenDocument(meta, tuple(Page(n, text) for n, text in enumerate(pages, start=1))), entry)


def make_reading(text: str, kind: EntryKind = "other") -> Reading:
    """A reading of one string."""
    note = make_note(text, kind=kind)
    hits = find_hits(note)
    return Reading(note, hits, assert_hits(note, hits))


def drafts(extract: Extractor, text: str, kind: EntryKind = "other") -> list[Draft]:
    """What an extractor finds in one string."""
    return list(extract(make_reading(text, kind)))


def bank(name: str) -> list[dict[str, Any]]:
    """Snippets of one sentence bank."""
    return list(yaml.safe_load((BANK / f"{name}.yaml").read_text(encoding="utf-8")))
