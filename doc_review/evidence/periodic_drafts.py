"""An item of a weekly series with the signatures of its entry turned into a draft."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from ..dates import find_dates
from .colleagues import Colleague, colleague_of, colleagues
from .kinds import Draft, Reading
from .note import Note
from .people import Person, provider_of, role_of
from .periodic import Item, PeriodicKind
from .signing import Signature
from .signing_words import named_person

_INITIALS = re.compile(r"(?:[A-Z]\.? ?){2,3}(?![A-Za-z])|[A-Za-z][\w.-]{3,20}")
_PREFERRED: dict[PeriodicKind, tuple[str, ...]] = {
    "physics_check": (
        "physicist",
        "radiation_oncologist",
        "physician",
        "dosimetrist",
        "therapist",
        "resident",
        "np_pa",
    ),
    "management_visit": ("radiation_oncologist", "physician", "np_pa", "resident", "physicist", "other"),
}


def best_signature(found: Sequence[Signature], kind: PeriodicKind) -> Signature | None:
    """The signature that stands for an item: one that counts, of the right role, dated; else what lacks."""
    order = _PREFERRED[kind]

    def rank(item: Signature) -> tuple[bool, int, bool, bool, int]:
        role = order.index(item.role) if item.role in order else len(order)
        return not item.counts, role, item.date is None, item.kind == "mark", item.start

    own = [item for item in found if item.act != "prepared"] or list(found)
    return min(own, key=rank, default=None)


def of_item(item: Item, found: Sequence[Signature]) -> list[Signature]:
    """Signatures that stand inside an item."""
    return [signature for signature in found if item.start <= signature.start < item.end]


def closing(items: Sequence[Item], found: Sequence[Signature]) -> list[Signature]:
    """Signatures behind or in the last of several unsigned items: they close the whole entry."""
    if len(items) < 2 or any(of_item(item, found) for item in items[:-1]):
        return []
    return [signature for signature in found if signature.start >= items[-1].start]


def signature_of_cell(reading: Reading, item: Item, kind: PeriodicKind) -> Signature | None:
    """The signer named in the cell of a row whose column says that it is signed (or who it should be)."""
    note = reading.note
    told = _answered(note, item)
    for role in ("signed", "checked", "signer"):
        if role not in item.cells:
            continue
        low, high = item.cells[role]
        start = low + len(note.text[low:high]) - len(note.text[low:high].lstrip())
        named = named_person(note.text, start, high) or _initialled(reading, start, high)
        if named is None:
            continue
        person = named[0]
        date = _date_in(note, named[1], high)
        counts = role == "signed" or (role == "checked" and item.date is not None)
        counts = counts or (not person.given and _in_log(note, person.written)) or told is not None
        date = date or (told if isinstance(told, dt.date) else None)
        return Signature(
            start=low,
            end=high,
            act="signed" if role != "checked" else "checked",
            kind="electronic" if counts else "typed",
            signer=person.written,
            person=person,
            role=role_of(
                person,
                kind.replace("_", " "),
                note.plain[named[1] : high],
                reading.providers,
                kind == "physics_check",
            )
            if person.given or (known := _colleague(reading, person.written)) is None
            else known.role,
            date=date,
            counts=counts,
            confidence=0.8 if role == "signed" else 0.6,
        )
    return None


_YES = re.compile(
    r"\W*(?:y|yes|x|\u2713|\u2714|signed|e-?signed|done)\W*$|\W*(?:e-?|electronically )?signed\b"
)


def _answered(note: Note, item: Item) -> dt.date | bool | None:
    """The date, or a yes, in a column that tells whether a row is signed; ``None`` without either."""
    if "signed" not in item.cells or "signer" not in item.cells:
        return None
    low, high = item.cells["signed"]
    return _date_in(note, low, high) or (_YES.match(note.plain, low, high) is not None or None)


def _colleague(reading: Reading, written: str) -> Colleague | None:
    return colleague_of(written, reading.people or colleagues([reading.note.text]))


def _initialled(reading: Reading, start: int, end: int) -> tuple[Person, int] | None:
    """Initials or a login in a cell, where they mean one listed or named person."""
    match = _INITIALS.match(reading.note.text, start, end)
    if match is None:
        return None
    written = match.group(0)
    if provider_of(written, reading.providers) is None and _colleague(reading, written) is None:
        return None
    return Person(written, written, (), ()), match.end()


def _in_log(note: Note, initials: str) -> bool:
    """Whether the note itself says whose initials these are (``IF = I. Falk, MD``)."""
    return re.search(rf"(?<!\w){re.escape(initials)}\s*(?:=|:|-)\s*(?:Dr\.? )?[A-Z]", note.text) is not None


def _date_in(note: Note, start: int, end: int) -> dt.date | None:
    found = find_dates(note.text[start:end])
    return found[0].date if found else None


def trimmed(note: Note, item: Item) -> tuple[int, int]:
    """The span that an item is cited for: its head line, or the whole of a short row."""
    low, high = item.head
    return (low, high) if re.search(r"\S", note.text[low:high]) else (item.start, item.end)


def draft(
    reading: Reading,
    kind: PeriodicKind,
    item: Item,
    signature: Signature | None,
    stamp: bool,
    extra: dict[str, Any],
    also: Sequence[tuple[int, int]] = (),
    signed: bool | None = None,
) -> Draft:
    """The draft of one check or visit; its signature and ``also`` spans complete the citation."""
    note = reading.note
    date = item.date.date if item.date else None
    if date is None and item.start == 0 and item.end >= len(note.text):
        date = note.entry.date
    if date is None and signature is not None and signature.counts:
        date = signature.date
    if date is None and not item.cells and not item.fractions:
        date = note.entry.date
    is_signed = bool(signature and signature.counts) if signed is None else signed
    nothing = not (date or item.fractions or is_signed)
    low, high = trimmed(note, item)
    spans = [span for span in also if span[0] < low or span[1] > high]
    if signature is not None and (signature.start < low or signature.end > high):
        spans.append((signature.start, signature.end))
    value = (
        note.text[item.value[0] : item.value[1]].strip() if item.value else date.isoformat() if date else ""
    )
    person = signature.person if signature else None
    confidence = 0.9 if date else 0.6
    if signature is not None and is_signed:
        confidence = min(confidence, signature.confidence)
    return Draft(
        kind=kind,
        value=value,
        citation=note.cite(low, high, also=spans, anchor=item.value),
        attributes={
            "date": date.isoformat() if date else None,
            "fraction_from": item.fractions[0] if item.fractions else None,
            "fraction_to": item.fractions[1] if item.fractions else None,
            "signer": (signature.signer or None) if signature else None,
            "credentials": ", ".join(person.credentials) or None if person else None,
            "role": signature.role if signature else None,
            "signed": is_signed,
            "signature_date": signature.date.isoformat() if signature and signature.date else None,
            "mark_only": bool(signature and signature.counts and signature.kind == "mark") or None,
            "stamp": stamp or None,
            **extra,
        },
        assertion="negated" if item.empty or nothing else "affirmed",
        method="table" if item.cells else "nlp",
        confidence=confidence,
    )
