"""A note turned into ``management_visit`` evidence: weekly physician visits, examined or not, signed or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .examination import documented, examination
from .kinds import Draft, Reading
from .note import Note
from .periodic import Item, items_of, words
from .periodic_drafts import best_signature, closing, draft, of_item, signature_of_cell
from .signatures import signatures_of
from .signing import Signature

_ELSEWHERE = frozenset({"mixed", "other", "physics_check", "treatment_record"})
_PHYSICIANS = frozenset({"radiation_oncologist", "physician"})


def _visit_by_other(note: Note, item: Item, found: Sequence[Signature]) -> Signature | None:
    """The NP/PA (or nurse) whose visit a physician only co-signed, ``None`` for a physician's own visit."""
    if words("own_statement").search(note.plain, item.start, item.end):
        return None
    other = next((s for s in found if s.role == "np_pa" and not s.absent), None)
    if other is not None:
        return other
    seen = words("np_visit").search(note.plain, item.start, item.end)
    if seen is None and any(s.act == "cosigned" and s.counts for s in found):
        seen = words("np_named").search(note.plain, item.start, item.end)
    if seen is None:
        return None
    return Signature(seen.start(), seen.end(), "signed", "typed", role="np_pa")


def _exam(note: Note, item: Item) -> tuple[int, int] | None:
    """The examination of a visit: of its column where a table has one, otherwise of its text."""
    if "exam" not in item.cells:
        return examination(note.plain, item.start, item.end)
    low, high = item.cells["exam"]
    return (low, high) if documented(note.plain, low, high) else None


def extract(reading: Reading) -> Iterator[Draft]:
    """Weekly visits of the note."""
    note = reading.note
    own = note.kind == "management_visit"
    if not own and (
        note.kind not in _ELSEWHERE or not words("labels", "management_visit").search(note.plain)
    ):
        return
    found = signatures_of(note, reading.providers, reading.people)
    items = items_of(note, "management_visit", [(s.start, s.end) for s in found], whole=own)
    last = closing(items, found)
    for item in items:
        if not own and not words("labels", "management_visit").search(note.plain, *item.head):
            continue
        inside = of_item(item, found) or last
        signature = best_signature(inside, "management_visit")
        if signature is None or not signature.counts:
            signature = signature_of_cell(reading, item, "management_visit") or signature
        other = _visit_by_other(note, item, inside)
        co_signed = bool(other and signature and signature.counts and signature.role in _PHYSICIANS)
        if other is not None:
            signature = other
        exam = _exam(note, item)
        yield draft(
            reading,
            "management_visit",
            item,
            signature,
            any(s.kind == "stamp" for s in inside),
            {"examined": exam is not None, "co_signed": co_signed or None},
            also=[exam] if exam else [],
        )
