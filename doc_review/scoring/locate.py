"""The quote of a gold label turned into its place in the pages that were read.

A label is written from the document as people see it: white space, line breaks and column gaps differ
from the page text, and a recognised scan differs in letters. Letters and digits in their order decide;
where a page was recognised from an image, the best alignment with few errors does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .labels import Place

Pages = Mapping[tuple[str, int], str]
"""Page text by document id and 1-based page number."""

_ERRORS = 0.2
"""Most errors of an alignment, as a share of the quote's letters and digits."""
_SHORTEST = 8
"""Letters and digits below which an alignment with errors tells nothing."""


@dataclass(frozen=True, slots=True)
class _Folded:
    """The letters and digits of a text in lower case, and where each stands in it."""

    text: str
    at: tuple[int, ...]


def _fold(text: str) -> _Folded:
    kept = [(char.lower()[0], index) for index, char in enumerate(text) if char.isalnum()]
    return _Folded("".join(char for char, _ in kept), tuple(index for _, index in kept))


def find_quote(quote: str, document: str, pages: Pages, scanned: Sequence[int] = ()) -> tuple[Place, ...]:
    """All places of a quote in a document; the verbatim ones where there are any.

    ``scanned`` are the pages whose text was recognised from an image; only there a place may differ in
    letters. Empty where the quote is nowhere.
    """
    own = {page: text for (name, page), text in sorted(pages.items()) if name == document}
    exact = [place for page, text in own.items() for place in _verbatim(quote, document, page, text)]
    if exact:
        return tuple(exact)
    wanted = _fold(quote).text
    if not wanted:
        return ()
    folded = {page: _fold(text) for page, text in own.items()}
    alike = [
        Place(document, page, text.at[start], text.at[start + len(wanted) - 1] + 1)
        for page, text in folded.items()
        for start in _occurrences(wanted, text.text)
    ]
    if alike or len(wanted) < _SHORTEST:
        return tuple(alike)
    best: tuple[float, Place] | None = None
    for page in scanned:
        if page not in folded or not folded[page].text:
            continue
        errors, start, end = align(wanted, folded[page].text)
        if errors <= _ERRORS * len(wanted) and end > start and (best is None or errors < best[0]):
            at = folded[page].at
            best = errors, Place(document, page, at[start], at[end - 1] + 1)
    return () if best is None else (best[1],)


def _verbatim(quote: str, document: str, page: int, text: str) -> list[Place]:
    return [Place(document, page, start, start + len(quote)) for start in _occurrences(quote, text)]


def _occurrences(part: str, text: str) -> list[int]:
    found, start = [], text.find(part) if part else -1
    while start >= 0:
        found.append(start)
        start = text.find(part, start + 1)
    return found


def align(part: str, text: str) -> tuple[int, int, int]:
    """The stretch of ``text`` nearest to ``part`` by edit distance: errors, start and end (exclusive)."""
    errors, end = _nearest_end(part, text)
    back, length = _nearest_end(part[::-1], text[:end][::-1])
    return min(errors, back), end - length, end


def _nearest_end(part: str, text: str) -> tuple[int, int]:
    """Smallest edit distance of ``part`` to any stretch of ``text``, and the first end that has it."""
    import numpy as np

    letters = np.array([ord(char) for char in text])
    steps = np.arange(len(text) + 1)
    row = np.zeros(len(text) + 1, dtype=np.int64)  # a stretch may begin anywhere
    for index, char in enumerate(part, 1):
        below = np.empty_like(row)
        below[0] = index
        below[1:] = np.minimum(row[:-1] + (letters != ord(char)), row[1:] + 1)
        row = np.minimum.accumulate(below - steps) + steps
    end = int(row.argmin())
    return int(row[end]), end


def choose(places: Sequence[Place], found: Sequence[Place]) -> Place | None:
    """The place of a quote that stands several times: the one that was cited, otherwise the first."""
    cited = [place for place in places if place in found] or [
        place for place in places if any(place.overlaps(other) for other in found)
    ]
    return next(iter(cited or places), None)
