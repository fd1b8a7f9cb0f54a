"""Two runs over the same cases turned into what changed: paired differences, better and worse cases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from .result import Run, tally_of
from .stats import RESAMPLES, SEED, change, draws, mcnemar, smallest_change
from .tally import Tally

COMPARED: tuple[str, ...] = (
    "codes.exact",
    "codes.core.f1",
    "codes.extended.f1",
    "false_support.cases",
    "false_support.lines",
    "excess_units.cases",
    "false_alarm.cases",
    "findings.all.f1",
    "comparison.rows",
    "course.technique",
    "course.treatment_areas",
    "course.isocenters",
    "course.dose_gy",
    "course.fractions_prescribed",
    "course.fractions_delivered",
    "spans.strict.all.recall",
    "spans.overlap.all.recall",
    "spans.token.all.f1",
    "citations.valid",
)
"""Figures that a comparison tells."""

LOWER_IS_BETTER = re.compile(r"false_support\..*|false_alarm\..*|excess_units\..*")

WEIGHTS: Mapping[str, float] = {
    "false_support": 20,
    "excess_units": 10,
    "false_alarm": 3,
    "wrong_line": 1,
    "wrong_finding": 1,
}
"""What a fault costs beside the others, unless a gate says otherwise; false support weighs most."""


def cost(tally: Tally, weights: Mapping[str, float] = WEIGHTS) -> float:
    """The faults of a case weighed: lines and findings that are wrong, and the worse kinds on top."""

    def hits(name: str) -> int:
        return tally.rates.get(name, [0, 0])[0]

    def off(name: str) -> int:
        right, found, recalled, gold = tally.matches.get(name, [0, 0, 0, 0])
        return found - right + gold - recalled

    return (
        weights["false_support"] * (hits("false_support.lines") + hits("false_support.extended_lines"))
        + weights["excess_units"] * hits("excess_units.cases")
        + weights["false_alarm"] * hits("false_alarm.cases")
        + weights["wrong_line"] * (off("codes.core") + off("codes.extended"))
        + weights["wrong_finding"] * off("findings.all")
    )


def compare_runs(before: Run, after: Run, weights: Mapping[str, float] = WEIGHTS) -> dict[str, Any]:
    """What ``after`` changes of ``before``, over the cases that both have."""
    old = {case["key"]: case for case in before["cases"]}
    new = {case["key"]: case for case in after["cases"]}
    both = sorted(old.keys() & new.keys())
    first, second = [tally_of(old[key]) for key in both], [tally_of(new[key]) for key in both]
    moves = [_move(old[key], new[key], weights) for key in both]
    exact = [(_exact(a), _exact(b)) for a, b in zip(first, second, strict=True)]
    up, down = sum(b > a for a, b in exact), sum(b < a for a, b in exact)
    drawn = draws(len(both), RESAMPLES, SEED) if both else None
    least = smallest_change(len(both), min(up, down))
    return {
        "before": {"made": before["made"], "gold": before["gold"]},
        "cases": len(both),
        "only_before": len(old) - len(both),
        "only_after": len(new) - len(both),
        "same_gold": before["gold"].get("sha256") == after["gold"].get("sha256"),
        "figures": {}
        if drawn is None
        else {
            name: {key: round(value, 6) for key, value in asdict(told).items()}
            for name in COMPARED
            if (told := change(first, second, name, drawn)) is not None
        },
        "mcnemar": {"better": up, "worse": down, "p": round(mcnemar(up, down), 6), "smallest": least},
        "cost": {
            "before": round(sum(cost(tally, weights) for tally in first) / max(1, len(both)), 4),
            "after": round(sum(cost(tally, weights) for tally in second) / max(1, len(both)), 4),
        },
        "new_false_support": _more("false_support.lines", both, old, new)
        + _more("false_support.extended_lines", both, old, new),
        "new_excess_units": _more("excess_units.cases", both, old, new),
        "better": [move for move in moves if move["cost_after"] < move["cost_before"]],
        "worse": [move for move in moves if move["cost_after"] > move["cost_before"]],
    }


def _exact(tally: Tally) -> int:
    return tally.rates.get("codes.exact", [0, 0])[0]


def _name(case: Mapping[str, Any]) -> str:
    return str(case["case_id"] or case["key"])


def _move(old: Mapping[str, Any], new: Mapping[str, Any], weights: Mapping[str, float]) -> dict[str, Any]:
    before, after = tally_of(old), tally_of(new)
    return {
        "case": _name(new),
        "exact_before": _exact(before),
        "exact_after": _exact(after),
        "cost_before": cost(before, weights),
        "cost_after": cost(after, weights),
    }


def _more(
    name: str, keys: list[str], old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Cases in which a fault stands more often than before."""
    found = []
    for key in keys:
        before, after = (run[key]["rates"].get(name, [0, 0])[0] for run in (old, new))
        if after > before:
            found.append({"case": _name(new[key]), "before": before, "after": after})
    return found
