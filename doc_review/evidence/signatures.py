"""A note turned into ``signature`` evidence: every signature, and every place where one is lacking."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from ..dates import find_dates
from ..model import Provider
from .colleagues import Colleague, colleagues
from .kinds import Draft, Reading
from .note import Note
from .people import credential_role
from .signing import Signature
from .signing_reader import read_signatures
from .signing_terms import withdrawals
from .signing_words import named_person

_ATTEST = re.compile(r"\b(?:attest(?:s|ed|ation)?|i (?:hereby )?(?:certify|confirm|affirm) that)\b")
_PAST_ACT = re.compile(r"\b(?:approved|reviewed and approved|signed|reviewed|evaluated|performed|accepted)\b")
_REACH = 700


def _attestations(note: Note, found: Sequence[Signature]) -> list[Signature]:
    """Signatures under an attestation text: their act, and the earlier date that the text speaks of."""
    hinted = any(word in note.plain for word in ("attest", "certify", "confirm that", "affirm that"))
    matches = list(_ATTEST.finditer(note.plain)) if hinted else []
    if not matches:
        return list(found)
    result: list[Signature] = []
    for item in found:
        over = next((m for m in matches if 0 <= item.start - m.start() <= _REACH), None)
        if over is None or not item.counts or item.act not in ("signed", "attested"):
            result.append(item)
            continue
        words = note.text[over.start() : item.start]
        past = _PAST_ACT.search(note.plain, over.start(), item.start)
        earlier = [d.date for d in find_dates(words) if item.date is None or d.date < item.date]
        attested: date | None = earlier[0] if past and earlier else None
        of = item.of
        if re.search(r"\bplan\b", note.plain[over.start() : item.start]) and attested:
            of = "plan"
        result.append(
            replace(
                item, act="attested", kind="attestation" if attested else item.kind, attested=attested, of=of
            )
        )
    return result


_SHEET = re.compile(
    r"\b(?:signature|approval|sign-?off) (?:sheet|page|form|record)\b|\bplan (?:approval|sign-?off)\b"
)
_DOSES = re.compile(
    r"\b(?:dvhs?|isodoses?|dosimetr\w+|coverage|constraints?|[pc]tv\w*|imrt|vmat|beams?|arcs?)\b"
)
_STATED = re.compile(
    r"\bi (?:have |hereby |also )*(?:(?:reviewed|evaluated|accept(?:ed)?),? (?:it )?(?:and )?)*approved? "
    r"(?:of )?(?:this|the|his|her|it)\b|"
    r"\bplan\b(?![^.\n]{0,60}\b(?:not|pending|once|until|will|to be|awaiting|if|for approval)\b)"
    r"[^.\n]{0,60}\b(?:approved|acceptable|accepted|satisfactory and approved)\b(?! by)"
)


def _planning_note(note: Note, found: Sequence[Signature]) -> list[Signature]:
    """Signatures of a physician's own note, or of a sheet of signatures, that approves a plan."""
    physics = any(item.role == "physicist" for item in found)
    if note.kind != "other" or not ("plan" in note.plain or physics):
        return list(found)
    sheet = _SHEET.search(note.plain[:300]) is not None
    stated = _DOSES.search(note.plain) is not None and _STATED.search(note.plain) is not None
    if not sheet and not stated:
        return list(found)

    def approves(item: Signature) -> bool:
        if item.act == "approved" and sheet:
            return item.counts and item.role in _PHYSICIANS
        return stated and item.counts and item.act in ("signed", "approved") and item.role in _PHYSICIANS

    return [
        replace(item, act="approved", of="plan") if item.of == "entry" and approves(item) else item
        for item in found
    ]


_PHYSICIANS = frozenset({"radiation_oncologist", "physician"})


def _withdrawn(note: Note, found: Sequence[Signature]) -> list[Signature]:
    """Approvals of a plan without those that a later line of its history takes back."""
    if note.kind not in ("plan", "plan_approval") or not any(item.act == "approved" for item in found):
        return list(found)
    lines = {note.line_at(match.start()) for match in withdrawals(note.plain)}
    last = max((date.date for line in lines for date in find_dates(note.text[slice(*line)])), default=None)

    def gone(item: Signature) -> bool:
        earlier = last is not None and item.date is not None and item.date < last
        return item.act == "approved" and (earlier or note.line_at(item.start) in lines)

    return [replace(item, counts=False) if gone(item) else item for item in found]


_CLOSING = 7


def _typed(note: Note, found: Sequence[Signature]) -> Iterator[Signature]:
    """Names typed at the end of an entry that nothing signs."""
    if any(item.counts for item in found):
        return
    for low, high in note.lines[-_CLOSING:]:
        if high - low > 90 or any(item.start <= low < item.end for item in found):
            continue
        named = named_person(note.text, low, high)
        if named is None or credential_role(named[0].credentials) is None:
            continue
        rest = note.plain[named[1] : high].strip(" ,.-")
        if len(rest) > 45 or ":" in rest:
            continue
        person = named[0]
        yield Signature(low, high, "signed", "typed", person.written, person, None, confidence=0.8)


def signatures_of(
    note: Note, providers: Sequence[Provider] = (), people: Sequence[Colleague] = ()
) -> tuple[Signature, ...]:
    """Signatures of a note in text order (kept with the note); ``people`` are those its chart names."""
    cached: tuple[Signature, ...] | None = note.__dict__.get("signatures")
    if cached is None:
        found = list(read_signatures(note, providers, people or colleagues([note.text])))
        found = _planning_note(note, _withdrawn(note, _attestations(note, found)))
        found.extend(_typed(note, found))
        cached = tuple(sorted(found, key=lambda item: (item.start, item.end)))
        note.__dict__["signatures"] = cached
    return cached


def extract(reading: Reading) -> Iterator[Draft]:
    """Signatures of the note."""
    for item in signatures_of(reading.note, reading.providers, reading.people):
        person = item.person
        yield Draft(
            kind="signature",
            value=item.signer,
            citation=reading.note.cite(item.start, item.end),
            attributes={
                "signer": item.signer or None,
                "credentials": ", ".join(person.credentials) or None if person else None,
                "role": item.role,
                "date": item.date.isoformat() if item.date else None,
                "kind": item.kind,
                "act": item.act,
                "counts": item.counts,
                "of": item.of,
                "attested_date": item.attested.isoformat() if item.attested else None,
            },
            assertion="negated" if item.absent else "affirmed",
            confidence=item.confidence,
        )
