"""Drafts and copies that a signed final replaces."""

from __future__ import annotations

import datetime as dt

from doc_review.documents.superseded import superseded
from doc_review.model import Entry, EntryKind

BODY = (
    "On treatment visit fraction 5 of 30. Mild fatigue and no cough. Lungs clear, skin grade 1. "
    "Continue treatment.\n"
)
SIGNED = "Electronically signed by Alan Roe, MD 02/05/2025 10:00\n"


def entry(number: int, date: str | None = "2025-02-05", kind: EntryKind = "management_visit") -> Entry:
    day = dt.date.fromisoformat(date) if date else None
    return Entry(id=f"a.txt#{number}", kind=kind, date=day, author=None, page=1, start=0, end=1, end_page=1)


def test_exact_copy_after_white_space() -> None:
    copies = [(entry(1), BODY + SIGNED), (entry(2), (BODY + SIGNED).replace(" ", "  ") + "\n\n")]
    assert superseded(copies) == {"a.txt#2"}


def test_draft_yields_to_the_signed_final_in_either_order() -> None:
    draft = "DRAFT - not yet signed\n" + BODY
    assert superseded([(entry(1), draft), (entry(2), BODY + SIGNED)]) == {"a.txt#1"}
    assert superseded([(entry(1), BODY + SIGNED), (entry(2), draft)]) == {"a.txt#2"}


def test_unsigned_text_yields_to_the_signed_one() -> None:
    assert superseded([(entry(1), BODY), (entry(2), BODY + SIGNED)]) == {"a.txt#1"}


def test_what_stays() -> None:
    other = BODY.replace(
        "Mild fatigue and no cough", "Severe esophagitis and weight loss, opioids started, PEG discussed"
    )
    assert superseded([(entry(1), BODY), (entry(2, "2025-02-12"), BODY + SIGNED)]) == set()
    assert superseded([(entry(1), BODY), (entry(2, kind="physics_check"), BODY + SIGNED)]) == set()
    assert superseded([(entry(1), other), (entry(2), BODY + SIGNED)]) == set()
    assert (
        superseded([(entry(1), BODY + SIGNED), (entry(2), BODY + SIGNED.replace("10:00", "11:00"))]) == set()
    )
    assert superseded([(entry(1), BODY), (entry(2), BODY.replace("5 of 30", "6 of 30"))]) == set()
