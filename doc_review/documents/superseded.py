"""Entries of a case turned into the ids of those that a signed final or an identical copy replaces.

A chart print often holds a note twice: as a draft and as the signed final, or simply copied. Such an
entry is no second visit, order or plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model import Entry
from .lines import SIGNING, signs

_DRAFT = re.compile(
    r"\b(?:draft|preliminary|unsigned|not (?:yet )?(?:electronically )?signed|incomplete|pended|in progress|"
    r"awaiting signature|pending signature|unauthenticated|unverified)\b",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\w+")
_NEAR = 0.85


@dataclass(frozen=True, slots=True)
class _Read:
    """An entry with what is needed to compare it."""

    entry: Entry
    folded: str
    words: frozenset[str]
    draft: bool
    signed: bool


def _read(entry: Entry, text: str) -> _Read:
    lines = text.split("\n")
    signed = any(signs(line) and not _DRAFT.search(line) and SIGNING.search(line) for line in lines)
    body = " ".join(line for line in lines if not (signs(line) or (_DRAFT.search(line) and len(line) < 60)))
    words = frozenset(_WORDS.findall(body.lower()))
    draft = any(_DRAFT.search(line) and len(line) < 120 for line in lines)
    return _Read(entry, " ".join(text.split()).lower(), words, draft, signed)


def _near(first: _Read, second: _Read) -> bool:
    """Whether two texts share nearly all of their words, signatures aside."""
    union, apart = first.words | second.words, first.words ^ second.words
    return bool(union) and 1 - len(apart) / len(union) >= _NEAR and sum(w.isdigit() for w in apart) <= 2


def _may_match(first: _Read, second: _Read) -> bool:
    if first.entry.kind != second.entry.kind:
        return False
    return first.entry.date == second.entry.date or first.entry.date is None or second.entry.date is None


def superseded(entries: Iterable[tuple[Entry, str]]) -> set[str]:
    """Ids of entries that another entry of the case replaces.

    ``entries`` are all entries of a case in order, each with its text. Of identical texts (white space
    aside) the first stays; a draft or unsigned text yields to a signed one of the same kind and date
    that has nearly the same words.
    """
    reads = [_read(entry, text) for entry, text in entries]
    gone: set[str] = set()
    seen: dict[str, str] = {}
    for read in reads:
        if len(read.words) >= 5 and read.folded in seen:
            gone.add(read.entry.id)
        else:
            seen.setdefault(read.folded, read.entry.id)
    finals: Sequence[_Read] = [r for r in reads if r.signed and not r.draft and r.entry.id not in gone]
    for read in reads:
        if read.entry.id in gone or (read.signed and not read.draft) or len(read.words) < 5:
            continue
        if any(other is not read and _may_match(read, other) and _near(read, other) for other in finals):
            gone.add(read.entry.id)
    return gone
