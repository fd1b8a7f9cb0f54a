"""Case scores turned into a run: figures with intervals, tables, times and gaps, as plain values for JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .case import CaseScore
from .coverage import Reached, gaps
from .stats import RESAMPLES, SEED, draws, figures, smallest_change
from .tally import Tally, total

SCHEMA_VERSION = "1.0"
TABLES: tuple[str, ...] = ("codes", "statuses", "results", "unlabelled")
"""Tables of what labels say against what was found."""

Run = dict[str, Any]
"""A run as plain values: what is written as JSON, compared, gated and reported."""


def build_run(
    scores: Iterable[CaseScore],
    reached: Reached,
    *,
    made: Mapping[str, Any],
    settings: Mapping[str, Any],
    gold: Mapping[str, Any],
    aggregate_only: bool = False,
) -> Run:
    """All that a run says. With ``aggregate_only`` nothing in it tells of a single case but its counts."""
    ordered = sorted(scores, key=lambda score: score.key)
    tallies = [score.tally for score in ordered]
    everything = total(tallies)
    weights = draws(len(ordered), RESAMPLES, SEED)
    kept = [score.reduced() for score in ordered] if aggregate_only else ordered
    return {
        "schema_version": SCHEMA_VERSION,
        "made": dict(made),
        "settings": {**settings, "aggregate_only": aggregate_only, "seed": SEED, "resamples": RESAMPLES},
        "gold": {
            **gold,
            "cases": len(ordered),
            "documents": sum(score.documents for score in ordered),
            "pages": sum(score.pages for score in ordered),
            "styles": len({score.style for score in ordered}),
        },
        "figures": {name: _rounded(asdict(figure)) for name, figure in figures(tallies, weights).items()},
        "smallest_change": smallest_change(len(ordered)),
        "tables": {name: dict(sorted(everything.pairs.get(name, {}).items())) for name in TABLES},
        "confidence": _confidence(everything),
        "time": _times(ordered),
        "unscored": _unscored(ordered, aggregate_only),
        "failed": [
            {"case": "" if aggregate_only else score.case_id, "error": score.failed}
            for score in ordered
            if score.failed
        ],
        "styles": {} if aggregate_only else _styles(ordered),
        "gaps": gaps(reached),
        "cases": [score.as_dict() for score in kept],
    }


def tally_of(case: Mapping[str, Any]) -> Tally:
    """The counts of one case of a run."""
    return Tally(rates=dict(case["rates"]), matches=dict(case["matches"]))


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in values.items()}


def _confidence(everything: Tally) -> list[dict[str, Any]]:
    """Per tenth of confidence: mean confidence, share that a labelled span bears out, and how many."""
    return [
        {"from": tenth / 10, "mean": round(sums[0] / sums[2], 4), "right": sums[1], "of": sums[2]}
        for tenth, sums in sorted(everything.confidence.items())
    ]


def _times(scores: Sequence[CaseScore]) -> dict[str, Any]:
    """Seconds per case; the first of each process, which loads the pipeline, apart from the warm ones."""
    done = [score for score in scores if not score.failed]
    warm = sorted(score.seconds for score in done if not score.cold)
    return {
        "warm": len(warm),
        "median": round(statistics.median(warm), 3) if warm else None,
        "p90": round(warm[int(0.9 * (len(warm) - 1))], 3) if warm else None,
        "longest": warm[-1] if warm else None,
        "cold": sorted(score.seconds for score in done if score.cold),
        "seconds": warm,
    }


def _unscored(scores: Sequence[CaseScore], aggregate_only: bool) -> list[dict[str, Any]]:
    """Cases with parts that there was nothing to score by; sums where no case may be named."""
    listed: dict[str, list[str]] = {}
    for score in scores:
        for part in score.unscored:
            listed.setdefault(part, []).append(score.case_id)
        if score.lost_quotes:
            part = "quotes of the label that stand nowhere in the text"
            listed.setdefault(part, []).append(f"{score.case_id} ({score.lost_quotes})")
    return [
        {"what": part, "cases": len(names), "named": [] if aggregate_only else sorted(names)}
        for part, names in sorted(listed.items())
    ]


def _styles(scores: Sequence[CaseScore]) -> dict[str, dict[str, int]]:
    """Exact match per house style."""
    styles: dict[str, dict[str, int]] = {}
    for score in scores:
        hits, of = score.tally.rates.get("codes.exact", [0, 0])
        told = styles.setdefault(score.style or "none named", {"exact": 0, "cases": 0})
        told["exact"] += hits
        told["cases"] += of
    return dict(sorted(styles.items()))
