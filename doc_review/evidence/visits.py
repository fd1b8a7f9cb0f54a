"""A note turned into ``management_visit`` evidence: weekly physician visits, examined or not, signed or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .kinds import Draft, Reading
from .note import Note
from .periodic import Item, items_of, lexicon, words
from .periodic_drafts import best_signature, closing, draft, of_item, signature_of_cell
from .signatures import signatures_of
from .signing import Signature
from .tickboxes import state

_ELSEWHERE = frozenset({"mixed", "other", "physics_check", "treatment_record"})
_PHYSICIANS = frozenset({"radiation_oncologist", "physician"})
_OBJECTIVE = re.compile(r"\b(?:obj(?:ective)?|o|exam(?:ination)?|pe|o/e|findings)\s*[:=]")
_SENTENCE = re.compile(r"[^.;\n]+(?:[.;](?=\d)[^.;\n]*)*")


def _told(plain: str, low: int, at: int) -> bool:
    """Whether the words before a finding tell that it is reported, feared or planned."""
    before = plain[max(low, at - 70) : at]
    cut = max((match.end() for match in _OBJECTIVE.finditer(before)), default=0)
    return re.search(lexicon()["exam"]["told"], before[cut:]) is not None


def examination(plain: str, low: int, high: int) -> tuple[int, int] | None:
    """Span that documents a physical examination in ``plain[low:high]``, ``None`` without one.

    Vital signs, weight, performance status and symptoms are none.
    """
    for match in words("exam", "ticked").finditer(plain, low, high):
        first, last = plain.rfind("\n", low, match.start()) + 1, plain.find("\n", match.end(), high)
        first, last = max(first, low), high if last < 0 else last
        ticked = state(plain[first:last], match.start() - first, match.end() - first)
        if ticked is not None:
            return match.span() if ticked else None
    deferred = words("exam", "deferred").search(plain, low, high)
    stated = words("exam", "stated").search(plain, low, high)
    label = words("exam", "label").search(plain, low, high)
    if stated and not (deferred and deferred.start() <= stated.start() < deferred.end()):
        return stated.span()
    if deferred and not stated:
        return None
    if label:
        stop = plain.find("\n", label.end(), high)
        stop = high if stop < 0 else stop
        rest = plain[label.end() : stop]
        if words("exam", "finding").search(rest) or words("exam", "sign").search(rest):
            return label.start(), stop
        if len(rest.strip()) < 3:
            following = plain.find("\n", stop + 1, high)
            following = high if following < 0 else following
            if words("exam", "finding").search(plain, stop, following):
                return label.start(), following
    for sentence in _SENTENCE.finditer(plain, low, high):
        found = _finding(plain, *sentence.span())
        if found is not None:
            return found
    return None


def _finding(plain: str, low: int, high: int) -> tuple[int, int] | None:
    """A place with what is found there, or a sign that only an examination tells, within a sentence."""
    sign = words("exam", "sign").search(plain, low, high)
    if sign and not _told(plain, low, sign.start()):
        return sign.span()
    for place in words("exam", "place").finditer(plain, low, high):
        if _told(plain, low, place.start()) or (place.end() < high and plain[place.end()].isalpha()):
            continue
        finding = words("exam", "finding").search(plain, place.end(), min(high, place.end() + 60))
        if finding is None:
            finding = words("exam", "finding").search(plain, max(low, place.start() - 30), place.start())
        if finding is None or _told(plain, low, finding.start()):
            continue
        around = plain[min(place.start(), finding.start()) : min(high, max(place.end(), finding.end()) + 14)]
        if not words("exam", "symptom").search(around):
            return min(place.start(), finding.start()), max(place.end(), finding.end())
    return None


def _visit_by_other(note: Note, item: Item, found: Sequence[Signature]) -> Signature | None:
    """The NP/PA (or nurse) whose visit a physician only co-signed, ``None`` for a physician's own visit."""
    if words("own_statement").search(note.plain, item.start, item.end):
        return None
    other = next((s for s in found if s.role == "np_pa" and not s.absent), None)
    if other is not None:
        return other
    seen = words("np_visit").search(note.plain, item.start, item.end)
    if seen is None:
        return None
    return Signature(seen.start(), seen.end(), "signed", "typed", role="np_pa")


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
        exam = examination(note.plain, item.start, item.end)
        yield draft(
            reading,
            "management_visit",
            item,
            signature,
            any(s.kind == "stamp" for s in inside),
            {"examined": exam is not None, "co_signed": co_signed or None},
            also=[exam] if exam else [],
        )
