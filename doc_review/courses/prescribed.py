"""``prescription`` evidence in, total dose and fractions of the course out.

Sequential phases are summed; of a simultaneous boost the highest level counts; concurrent sites keep
the dose per site (contract, ``prescribed``).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Evidence, Fact, Prescribed
from .views import EntryView, ids

_ROLES = ("order", "plan", "dicom", "mention", "simulation", "delivery")


def documented(entries: Sequence[EntryView]) -> list[Evidence]:
    """Schemes of the documents that prescribe best, those of DICOM plans left out."""
    return _items(entries, tuple(role for role in _ROLES if role != "dicom"))


def _items(entries: Sequence[EntryView], roles: Sequence[str] = _ROLES) -> list[Evidence]:
    """Schemes of the place that prescribes best: orders, then plans, then prose, then summaries."""
    found = [item for view in entries for item in view.of("prescription", assertions=("affirmed", "planned"))]
    for role in roles:
        chosen = [
            item for item in found if item.attributes.get("role") == role and item.attributes.get("fractions")
        ]
        if chosen:
            return chosen
    return []


def _phases(items: Sequence[Evidence]) -> list[Evidence]:
    """The highest level of each number of fractions, in order of appearance."""
    by_fractions: dict[int, Evidence] = {}
    for item in items:
        fractions = int(item.attributes["fractions"])
        best = by_fractions.get(fractions)
        same_phase = best is None or (best.attributes.get("phase") == item.attributes.get("phase"))
        if best is None or (same_phase and item.attributes["dose_gy"] > best.attributes["dose_gy"]):
            by_fractions[fractions] = item
    return list(by_fractions.values())


def prescribed(entries: Sequence[EntryView]) -> Prescribed:
    """Dose (Gy) and fractions that the course was prescribed."""
    items = _items(entries)
    if not items:
        return Prescribed()
    phases = _phases(items)
    boosts = [item for item in phases if item.attributes.get("phase") == "boost"]
    initial = [item for item in phases if item not in boosts]
    whole = _total_line(phases)
    if whole is not None:
        phases = [whole]
    elif boosts and initial:
        phases = [max(initial, key=lambda item: float(item.attributes["dose_gy"])), *boosts]
    elif len(phases) > 1 and not any(item.attributes.get("phase") for item in phases):
        phases = [max(phases, key=lambda item: float(item.attributes["dose_gy"]))]
    dose = round(sum(float(item.attributes["dose_gy"]) for item in phases), 3)
    fractions = sum(int(item.attributes["fractions"]) for item in phases)
    evidence = ids(phases)
    return Prescribed(
        dose_gy=Fact[float](value=dose, evidence=evidence),
        fractions=Fact[int](value=fractions, evidence=evidence),
    )


def _total_line(phases: Sequence[Evidence]) -> Evidence | None:
    """The scheme that is the sum of the others, where the chart states one."""
    if len(phases) < 3:
        return None
    for item in phases:
        others = [other for other in phases if other is not item]
        if sum(int(other.attributes["fractions"]) for other in others) == int(item.attributes["fractions"]):
            return item
    return None
