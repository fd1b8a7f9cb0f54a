"""What one case adds to each figure: plain counts that sum over cases, whatever the order.

A rate is ``[hits, opportunities]``. A match is ``[found that are right, found, gold that is found, gold]``
and gives precision, recall and F1; the two sides differ only where spans overlap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Rate = list[int]
Match = list[int]


@dataclass(slots=True)
class Tally:
    """Counts of one case or of many."""

    rates: dict[str, Rate] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)
    pairs: dict[str, dict[str, int]] = field(default_factory=dict)
    confidence: dict[int, list[float]] = field(default_factory=dict)

    def rate(self, name: str, hits: int, opportunities: int) -> None:
        """Add to a rate; nothing is added where there was no opportunity."""
        if opportunities:
            _add(self.rates.setdefault(name, [0, 0]), (hits, opportunities))

    def match(self, name: str, right: int, found: int, gold: int, recalled: int | None = None) -> None:
        """Add to a match; nothing is added where nothing was found and nothing is in the label."""
        if found or gold:
            recalled = right if recalled is None else recalled
            _add(self.matches.setdefault(name, [0, 0, 0, 0]), (right, found, recalled, gold))

    def pair(self, name: str, gold: str, found: str, count: int = 1) -> None:
        """Add to a table of what the label says against what was found."""
        cells = self.pairs.setdefault(name, {})
        key = f"{gold}|{found}"
        cells[key] = cells.get(key, 0) + count

    def sure(self, confidence: float, right: bool) -> None:
        """Add one fact with its confidence, in tenths: sum of confidence, right ones, all."""
        _add(self.confidence.setdefault(min(int(confidence * 10), 9), [0, 0, 0]), (confidence, int(right), 1))

    def add(self, other: Tally) -> None:
        """Add all counts of another tally."""
        for name, rate in other.rates.items():
            _add(self.rates.setdefault(name, [0, 0]), rate)
        for name, match in other.matches.items():
            _add(self.matches.setdefault(name, [0, 0, 0, 0]), match)
        for name, cells in other.pairs.items():
            for key, count in cells.items():
                gold, found = key.split("|")
                self.pair(name, gold, found, count)
        for tenth, sums in other.confidence.items():
            _add(self.confidence.setdefault(tenth, [0, 0, 0]), sums)


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of some tallies."""
    result = Tally()
    for tally in tallies:
        result.add(tally)
    return result


def figure_values(match: Match) -> tuple[float | None, float | None, float | None]:
    """Precision, recall and F1 of a match; ``None`` where there is nothing to divide by."""
    right, found, recalled, gold = match
    precision = right / found if found else None
    recall = recalled / gold if gold else None
    if precision is None or recall is None:
        return precision, recall, 0.0 if found or gold else None
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def _add(sums: list[Any], more: Iterable[float]) -> None:
    for index, value in enumerate(more):
        sums[index] += value
