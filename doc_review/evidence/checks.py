"""A note turned into ``physics_check`` evidence: weekly physics checks, signed or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .kinds import Draft, Reading
from .periodic import Item, items_of, words
from .periodic_drafts import best_signature, closing, draft, of_item, signature_of_cell
from .signatures import signatures_of

_ELSEWHERE = frozenset({"treatment_record", "mixed", "other", "management_visit"})
_PHYSICS = re.compile(r"\b(?:physic(?:s|ist)|chart)\b")


def _initial(reading: Reading, item: Item) -> bool:
    """Whether an item is a check before treatment rather than a weekly one (policy 8.2)."""
    if item.fractions is not None and item.fractions[1] > 0:
        return False
    plain = reading.note.plain
    return words("initial").search(plain, item.start, min(item.end, item.head[1] + 80)) is not None


def extract(reading: Reading) -> Iterator[Draft]:
    """Physics checks of the note."""
    note = reading.note
    own = note.kind == "physics_check"
    if not own and (note.kind not in _ELSEWHERE or not words("labels", "physics_check").search(note.plain)):
        return
    found = signatures_of(note, reading.providers, reading.people)
    items = items_of(note, "physics_check", [(s.start, s.end) for s in found], whole=own)
    last = closing(items, found)
    for item in items:
        inside = of_item(item, found)
        if not own and not _labelled(reading, item):
            continue
        signature = best_signature(inside or last, "physics_check")
        if signature is None or not signature.counts:
            signature = signature_of_cell(reading, item, "physics_check") or signature
        if note.kind == "management_visit" and not _PHYSICS.search(note.plain, *item.head):
            continue
        told = item.date or item.fractions or item.empty or signature or note.entry.date
        if not told:
            continue
        yield draft(
            reading,
            "physics_check",
            item,
            signature,
            any(s.kind == "stamp" for s in inside),
            {"initial": _initial(reading, item) or None},
        )


def _labelled(reading: Reading, item: Item) -> bool:
    return words("labels", "physics_check").search(reading.note.plain, *item.head) is not None
