"""Turns a ``Review`` into the contract's JSON, byte-identical for an identical review."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from ..model import Review

_BOX_DIGITS = 2
_FLOAT_DIGITS = 6

# The contract's order where the typed values inherit their first fields; further keys follow.
_ITEM_KEYS: Mapping[str, tuple[str, ...]] = {
    "orders": ("date", "technique", "modality", "signer", "role", "signed", "mark_only"),
    "simulations": (
        "date",
        "areas",
        "contrast",
        "arc",
        "complex_blocking",
        "motion_study",
        "signer",
        "role",
        "signed",
        "mark_only",
        "serves",
    ),
    "plans": (
        "label",
        "date",
        "technique",
        "inverse",
        "modulation",
        "arcs",
        "isocenters",
        "fractions",
        "dose_gy",
        "dvh",
        "approval",
        "planning_ct",
        "replan",
        "source",
    ),
    "fractions": (
        "number",
        "date",
        "session",
        "technique",
        "modality",
        "ports",
        "isocenters",
        "motion_management",
        "break_hours",
    ),
    "physics_checks": ("date", "fraction_from", "fraction_to", "signer", "role", "signed", "examined"),
    "management_visits": ("date", "fraction_from", "fraction_to", "signer", "role", "signed", "examined"),
}
_APPROVAL_KEYS = ("state", "by", "role", "date", "kind")

# Readers that split at every Unicode line end, terminals and editors stay safe when these are escaped.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def as_dict(review: Review) -> dict[str, Any]:
    """The review as plain values in the contract's order; no ``comparison`` where nothing was billed.

    Nor is there a ``scope`` in an ordinary review.
    """
    data = review.model_dump(mode="json")
    for name in ("comparison", "scope"):
        if data[name] is None:
            del data[name]
    data["engine"]["tools"] = dict(sorted(data["engine"]["tools"].items()))
    for course in data["courses"]:
        for name, keys in _ITEM_KEYS.items():
            course[name] = [_ordered(item, keys) for item in course[name]]
        for plan in course["plans"]:
            plan["approval"] = _ordered(plan["approval"], _APPROVAL_KEYS)
    plain: dict[str, Any] = _stable(data, _FLOAT_DIGITS)
    return plain


def to_json(review: Review) -> bytes:
    """One indented JSON object in UTF-8 that ends with a newline."""
    return _encode(json.dumps(as_dict(review), ensure_ascii=False, indent=2, allow_nan=False))


def to_json_line(review: Review) -> bytes:
    """One JSON object on one line (JSON Lines) in UTF-8 that ends with a newline."""
    return _encode(json.dumps(as_dict(review), ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def _encode(text: str) -> bytes:
    return (_ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n").encode()


def _ordered(item: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    first = {key: item[key] for key in keys}
    rest = {key: value for key, value in item.items() if key not in first and key != "evidence"}
    tail = {"evidence": item["evidence"]} if "evidence" in item else {}
    return {**first, **tail, **rest}


def _stable(value: Any, digits: int) -> Any:
    """``value`` with rounded floats, so that the last bits of a computation do not show; NaN is null."""
    if isinstance(value, float):
        return round(value, digits) + 0.0 if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _stable(item, _BOX_DIGITS if key == "boxes" else digits) for key, item in value.items()}
    if isinstance(value, list):
        return [_stable(item, digits) for item in value]
    return value
