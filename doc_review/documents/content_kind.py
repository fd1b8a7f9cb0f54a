"""The words of an entry turned into its likely kind, by a small trained model.

Titles differ from house to house, what a weekly visit or a physics check is about does not. The model is a
multinomial logistic regression over words and word pairs, numbers folded into one; its weights lie in
``content_kinds.json`` and are made by ``eval/train_content_kinds.py``.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ..model import EntryKind

WEIGHTS = Path(__file__).with_name("content_kinds.json")
SAME: dict[EntryKind, EntryKind] = {"prescription": "order", "plan_approval": "plan"}
"""Kinds that words do not tell apart, and the one that stands for both in the model."""
_SAMPLE = 8000
_WORD = re.compile(r"[a-z]+(?:/[a-z]+)*|\d+")


@dataclass(frozen=True, slots=True)
class Likely:
    """The likeliest kind of a text and its probability (0..1)."""

    kind: EntryKind
    probability: float


def features(text: str) -> set[str]:
    """Words and pairs of neighbouring words of the beginning of a text, in lower case, numbers as ``#``."""
    words: list[str] = []
    for match in _WORD.finditer(text[:_SAMPLE].lower()):
        word = "#" if match.group()[0].isdigit() else match.group()
        if not (word == "#" and words and words[-1] == "#"):
            words.append(word)
    return {*words, *(f"{one} {other}" for one, other in itertools.pairwise(words))}


@functools.cache
def _model() -> tuple[tuple[EntryKind, ...], dict[str, tuple[float, ...]]]:
    data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    kinds = tuple(cast("EntryKind", kind) for kind in data["kinds"])
    return kinds, {name: tuple(weights) for name, weights in data["weights"].items()}


def likely_kind(text: str, fewest: int) -> Likely | None:
    """The kind that the words of an entry speak for; ``None`` below ``fewest`` words and pairs of words."""
    found = features(text)
    if len(found) < fewest:
        return None
    kinds, weights = _model()
    known = sorted(found & weights.keys())
    scale = 1 / math.sqrt(max(1, len(known)))
    scores = [scale * sum(weights[name][column] for name in known) for column in range(len(kinds))]
    most = max(scores)
    total = sum(math.exp(score - most) for score in scores)
    return Likely(kinds[scores.index(most)], 1 / total)
