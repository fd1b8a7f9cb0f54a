"""``motion_management`` evidence in, the five elements and the state of motion management out (policy 7.7)."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Evidence, Motion, MotionState
from .views import EntryView, counting, ids

_CONTROL = frozenset({"gating", "tracking", "dibh", "breath_hold", "surface_guidance"})
_PROOF = frozenset({"threshold", "monitoring", "beam_rule"})
_SIGNED_PLACES = frozenset({"order", "prescription", "simulation", "plan", "plan_approval"})


def _items(entries: Sequence[EntryView]) -> list[tuple[EntryView, Evidence]]:
    return [
        (view, item)
        for view in entries
        for item in view.of("motion_management", assertions=("affirmed", "planned"))
        if item.attributes.get("element") != "study"
    ]


def motion_elements(entries: Sequence[EntryView]) -> Motion:
    """Evidence of each of the five elements."""
    found = _items(entries)
    return Motion(
        **{
            name: ids([item for _, item in found if item.attributes.get("element") == name])
            for name in ("why", "system", "threshold", "monitoring", "beam_rule")
        }
    )


def motion_state(entries: Sequence[EntryView]) -> MotionState:
    """``active`` by the treatment record, ``planned`` by a signed document, ``named``, or ``none``."""
    found = [(view, item) for view, item in _items(entries) if item.value in _CONTROL]
    if not found:
        return "none"
    recorded = {str(item.attributes.get("element")) for _, item in found if item.attributes.get("delivered")}
    gated = any(item.attributes.get("delivered") for _, item in found)
    if gated and recorded & _PROOF:
        return "active"
    for place in {view.entry.id: view for view, _ in found if view.kind in _SIGNED_PLACES}.values():
        said = {
            str(item.attributes.get("element")) for view, item in found if view.entry.id == place.entry.id
        }
        if {"system", "threshold"} <= said and counting(place.signatures):
            return "planned"
    return "named"
