"""Evidence and entries in, one view per entry out: what each entry says, and who signed it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ..model import Assertion, Document, Entry, EntryKind, Evidence, Role

PHYSICIANS: frozenset[Role] = frozenset({"radiation_oncologist", "physician"})
_ROLE_RANK: tuple[str, ...] = (
    "radiation_oncologist",
    "physician",
    "physicist",
    "np_pa",
    "resident",
    "dosimetrist",
    "therapist",
    "other",
)
SIGNING_ACTS = frozenset({"signed", "approved", "attested", "cosigned"})


def as_date(value: Any) -> date | None:
    """An ISO date attribute as a date."""
    return date.fromisoformat(value) if isinstance(value, str) and value else None


@dataclass(frozen=True)
class EntryView:
    """One entry with its evidence."""

    document: Document
    entry: Entry
    items: tuple[Evidence, ...]

    @property
    def kind(self) -> EntryKind:
        """Kind of the entry."""
        return self.entry.kind

    @property
    def date(self) -> date | None:
        """Date of the entry."""
        return self.entry.date

    def of(self, *kinds: str, assertions: Iterable[Assertion] = ("affirmed",)) -> Iterator[Evidence]:
        """Items of some kinds and assertions, in order."""
        wanted = frozenset(assertions)
        for item in self.items:
            if item.kind in kinds and item.assertion in wanted:
                yield item

    @cached_property
    def signatures(self) -> tuple[Evidence, ...]:
        """Signature items of the entry, blank and pending ones included."""
        return tuple(item for item in self.items if item.kind == "signature")


def views(documents: Sequence[Document], evidence: Sequence[Evidence]) -> tuple[EntryView, ...]:
    """A view of each entry, in document order; evidence of another subject's page is left out."""
    by_entry: dict[str, list[Evidence]] = defaultdict(list)
    for item in evidence:
        if item.assertion != "other_subject":
            by_entry[item.citation.entry].append(item)
    return tuple(
        EntryView(document, entry, tuple(by_entry[entry.id]))
        for document in documents
        if document.skipped is None
        for entry in document.entries
    )


def counting(items: Iterable[Evidence], acts: frozenset[str] = SIGNING_ACTS) -> list[Evidence]:
    """Signatures that count, best first: right role, then dated, then earliest, then in text order."""
    signed = [item for item in items if item.attributes.get("counts") and item.attributes.get("act") in acts]
    return sorted(signed, key=_signature_rank)


def _signature_rank(item: Evidence) -> tuple[int, bool, bool, str]:
    role = item.attributes.get("role") or "other"
    rank = _ROLE_RANK.index(role) if role in _ROLE_RANK else len(_ROLE_RANK)
    when = item.attributes.get("date")
    return rank, item.attributes.get("kind") == "mark", when is None, str(when or "")


def signing(items: Sequence[Evidence], acts: frozenset[str] = SIGNING_ACTS | {"reviewed"}) -> dict[str, Any]:
    """The ``Signed`` fields of an item from its signature evidence."""
    signed = counting(items, acts)
    stamp = any(item.attributes.get("kind") == "stamp" for item in items)
    if not signed:
        named = next((item for item in items if item.attributes.get("signer")), None)
        return {
            "signer": named.attributes.get("signer") if named else None,
            "role": named.attributes.get("role") if named else None,
            "signed": False,
            "stamp": stamp,
            "signature": (named.id,) if named else ids(items[:1]),
        }
    best = signed[0]
    return {
        "signer": best.attributes.get("signer") or None,
        "role": best.attributes.get("role"),
        "signed": True,
        "signature_date": as_date(best.attributes.get("date")),
        "mark_only": best.attributes.get("kind") == "mark",
        "stamp": stamp,
        "signature": (best.id,),
    }


def ids(*groups: Iterable[Evidence]) -> tuple[str, ...]:
    """Evidence ids of several groups, each once, in the order given."""
    return tuple(dict.fromkeys(item.id for group in groups for item in group))
