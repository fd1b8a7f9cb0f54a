"""Per-case counts turned into figures with 95 % intervals, and two sets of them into differences.

Cases are drawn, not lines: what one chart says many times counts as one chart (cluster bootstrap). Where
every draw gives the same figure, as a zero does, the interval is the exact one-sided bound instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .tally import Tally, figure_values, total

if TYPE_CHECKING:
    import numpy.typing as npt

CONFIDENCE = 0.95
RESAMPLES = 2000
SEED = 20240101
POWER_Z = 1.96 + 0.84
"""Standard errors that a true difference must measure to be seen four times in five."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A share with its interval. ``hits`` of ``of`` in ``cases`` cases that had something to score.

    ``exact`` marks an interval that is the exact bound of a zero or of a one. For F1 ``hits`` and ``of``
    are those of the precision and recall together.
    """

    value: float
    low: float
    high: float
    hits: int
    of: int
    cases: int
    exact: bool = False


def zero_bound(cases: int) -> float:
    """The largest share that no event in ``cases`` cases still allows (0 of 60 allows 4.9 %)."""
    return 1.0 - math.pow(1 - CONFIDENCE, 1 / cases) if cases else 1.0


def mcnemar(better: int, worse: int) -> float:
    """Two-sided exact p of ``better`` against ``worse`` discordant cases (McNemar 1947, binomial)."""
    changed = better + worse
    if not changed:
        return 1.0
    tail = sum(math.comb(changed, k) for k in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / math.pow(2, changed))


def smallest_change(cases: int, against: int = 0) -> int | None:
    """Fewest cases that must turn one way, ``against`` turning the other, for p < 0.05; ``None``: too few."""
    for turned in range(against + 1, cases - against + 1):
        if mcnemar(turned, against) < 1 - CONFIDENCE:
            return turned - against
    return None


def draws(cases: int, resamples: int = RESAMPLES, seed: int = SEED) -> npt.NDArray[Any]:
    """How often each case is drawn in each resample: ``resamples`` x ``cases``."""
    import numpy as np

    generator = np.random.default_rng(seed)
    return generator.multinomial(cases, [1 / cases] * cases, size=resamples)


def names_of(tallies: Sequence[Tally]) -> list[str]:
    """All figures that some tallies give: rates, and precision, recall and F1 of matches."""
    everything = total(tallies)
    names = list(everything.rates)
    names += [f"{name}.{part}" for name in everything.matches for part in ("precision", "recall", "f1")]
    return sorted(names)


def columns(tallies: Sequence[Tally], name: str) -> npt.NDArray[Any]:
    """Numerators and denominators of a figure per case; four columns for F1, two for the others."""
    import numpy as np

    base, _, part = name.rpartition(".")
    rows = []
    for tally in tallies:
        if part in ("precision", "recall", "f1") and name not in tally.rates:
            right, found, recalled, gold = tally.matches.get(base, [0, 0, 0, 0])
            rows.append(
                {
                    "precision": [right, found],
                    "recall": [recalled, gold],
                    "f1": [right, found, recalled, gold],
                }[part]
            )
        else:
            rows.append(tally.rates.get(name, [0, 0]))
    return np.array(rows, dtype=float)


def ratios(sums: npt.NDArray[Any]) -> Any:
    """Shares of summed columns, row by row; NaN where there is nothing to divide by."""
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        if sums.shape[1] == 2:
            return sums[:, 0] / sums[:, 1]
        right, found, recalled, gold = sums.T
        below = right * gold + recalled * found
        f1 = np.where(below > 0, 2 * right * recalled / below, 0.0)
        return np.where(found + gold > 0, f1, np.nan)


def figures(tallies: Sequence[Tally], weights: npt.NDArray[Any]) -> dict[str, Figure]:
    """Every figure of some cases with its interval; those with nothing to score are left out."""
    return {
        name: figure
        for name in names_of(tallies)
        if (figure := _figure(columns(tallies, name), weights)) is not None
    }


def _figure(counts: npt.NDArray[Any], weights: npt.NDArray[Any]) -> Figure | None:
    import numpy as np

    value = float(ratios(counts.sum(axis=0, keepdims=True))[0])
    if math.isnan(value):
        return None
    scored = int((counts[:, 1::2].sum(axis=1) > 0).sum())
    drawn = ratios(weights @ counts)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = (float(edge) for edge in np.nanpercentile(drawn, [tail, 100 - tail]))
    exact = value in (0.0, 1.0)
    if exact:
        bound = zero_bound(scored)
        low, high = (0.0, bound) if value == 0 else (1 - bound, 1.0)
    return Figure(
        value=value,
        low=low,
        high=high,
        hits=int(counts[:, 0::2].sum()),
        of=int(counts[:, 1::2].sum()),
        cases=scored,
        exact=exact,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of two runs over the same cases, the difference, and the smallest one it could have seen."""

    before: float
    after: float
    delta: float
    low: float
    high: float
    smallest: float


def change(
    before: Sequence[Tally], after: Sequence[Tally], name: str, weights: npt.NDArray[Any]
) -> Change | None:
    """The difference of a figure, paired by case: both runs are drawn with the same cases."""
    import numpy as np

    old, new = columns(before, name), columns(after, name)
    if old.shape[1] != new.shape[1]:
        return None
    first, second = (float(ratios(side.sum(axis=0, keepdims=True))[0]) for side in (old, new))
    if math.isnan(first) or math.isnan(second):
        return None
    drawn = ratios(weights @ new) - ratios(weights @ old)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = (float(edge) for edge in np.nanpercentile(drawn, [tail, 100 - tail]))
    spread = float(np.nanstd(drawn))
    smallest = POWER_Z * spread if spread > 0 else zero_bound(len(before))
    return Change(first, second, second - first, low, high, smallest)


__all__ = [
    "Change",
    "Figure",
    "change",
    "draws",
    "figure_values",
    "figures",
    "mcnemar",
    "smallest_change",
    "zero_bound",
]
