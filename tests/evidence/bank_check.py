"""Snippets of a bank file: the drafts of an extractor compared, item by item, with what each expects."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from doc_review.documents.base import OpenDocument
from doc_review.evidence.kinds import Draft, Extractor, Reading
from doc_review.evidence.note import Note

from .support import bank, make_reading


def cases(name: str) -> dict[str, dict[str, Any]]:
    """Each snippet of a bank file under an id that says where it stands."""
    return {
        f"{number}: {' '.join(case['text'].split())[:50]}": case for number, case in enumerate(bank(name), 1)
    }


def dated_reading(text: str, kind: Any, date: dt.date | None) -> Reading:
    """A reading of one string whose entry has a date."""
    reading = make_reading(text, kind)
    if date is None:
        return reading
    document = reading.note.document
    entry = reading.note.entry.model_copy(update={"date": date})
    return dataclasses.replace(reading, note=Note(OpenDocument(document.meta, document.pages), entry))


def _has(draft: Draft, expected: dict[str, Any]) -> bool:
    told = {"value": draft.value, "assertion": draft.assertion, "kind": draft.kind, **draft.attributes}
    return all(told.get(name) == (None if value == "absent" else value) for name, value in expected.items())


def check(extract: Extractor, kinds: tuple[str, ...], case: dict[str, Any]) -> None:
    """Every expected item has its own draft (``times`` of it), and no draft is left over."""
    reading = dated_reading(case["text"], case["entry"], case.get("date"))
    left = [draft for draft in extract(reading) if draft.kind in kinds]
    for draft in left:
        for span in (draft.citation, *draft.citation.also):
            assert reading.note.document.pages[0].text[span.start : span.end] == span.quote
    for expected in case["expect"]:
        wanted = dict(expected)
        for _ in range(wanted.pop("times", 1)):
            match = next((draft for draft in left if _has(draft, wanted)), None)
            assert match is not None, (
                f"no draft {wanted} in {[(d.value, d.assertion, d.attributes) for d in left]}"
            )
            left.remove(match)
    assert not left, f"left over: {[(d.value, d.assertion, d.attributes) for d in left]}"
