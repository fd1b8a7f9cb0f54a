"""Cited places of a review and of its label turned into counts: same span, overlap, and tokens, per kind.

A label holds the spans a careful auditor would cite, not every row that proves the same: precision is
against that list, and understates. Recall and the token figures say how much of the list was found.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from .labels import Item, Label, Place
from .locate import Pages
from .tally import Tally

_TOKEN = re.compile(r"\S+")

Token = tuple[str, int, int]
"""Document, page, and the offset a token starts at."""


def score_spans(tally: Tally, gold: Label, found: Label, pages: Pages) -> list[Item]:
    """Count the places of a case; returns the label's items that no cited place overlaps.

    A fact counts once, right where one of its places is. Facts of a kind that the label does not hold
    are told under ``unlabelled`` and judged by nothing. A quote that stands nowhere in the text that was
    read counts as missed.
    """
    if gold.items is None or found.items is None:
        return []
    kinds = sorted({item.kind for item in gold.items})
    tokens = _Tokens(pages)
    missed: list[Item] = []
    for kind in kinds:
        wanted = [item for item in gold.items if item.kind == kind]
        told = [item for item in found.items if item.kind == kind]
        _count(tally, "strict", kind, wanted, told, _same)
        missed += _count(tally, "overlap", kind, wanted, told, _overlap)
        left, right = tokens.of(wanted), tokens.of(told)
        for name in (f"spans.token.{kind}", "spans.token.all"):
            tally.match(name, len(left & right), len(right), len(left))
        for item in told:
            if item.confidence is not None:
                tally.sure(item.confidence, _hits(item, wanted, _overlap))
    for kind, count in sorted(Counter(item.kind for item in found.items if item.kind not in kinds).items()):
        tally.pair("unlabelled", kind, kind, count)
    return missed


def _same(a: Place, b: Place) -> bool:
    return a == b


def _overlap(a: Place, b: Place) -> bool:
    return a.overlaps(b)


def _hits(item: Item, others: Iterable[Item], same: object) -> bool:
    test = _same if same is _same else _overlap
    return any(test(a, b) for other in others for a in item.places for b in other.places)


def _count(
    tally: Tally, how: str, kind: str, gold: Sequence[Item], found: Sequence[Item], same: object
) -> list[Item]:
    right = sum(_hits(item, gold, same) for item in found)
    missed = [item for item in gold if not _hits(item, found, same)]
    for name in (f"spans.{how}.{kind}", f"spans.{how}.all"):
        tally.match(name, right, len(found), len(gold), recalled=len(gold) - len(missed))
    return missed


class _Tokens:
    """The tokens (runs without white space) of pages, found by the places that touch them."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._bounds = functools.cache(self._read)

    def _read(self, document: str, page: int) -> tuple[list[int], list[int]]:
        found = [match.span() for match in _TOKEN.finditer(self._pages.get((document, page), ""))]
        return [start for start, _ in found], [end for _, end in found]

    def of(self, items: Iterable[Item]) -> set[Token]:
        """All tokens that the places of some items touch."""
        return {
            (place.document, place.page, start)
            for item in items
            for place in item.places
            for start in self._touched(place)
        }

    def _touched(self, place: Place) -> list[int]:
        starts, ends = self._bounds(place.document, place.page)
        return starts[bisect_right(ends, place.start) : bisect_left(starts, place.end)]
