"""The typed values of an explanation: one code of one chart, its answers, its rule lit, and what is missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from .model import ComparisonRow, Finding, Reason, Review, Status
from .rules.trace import LitRow, LitTable

Light = Literal["true", "false", "unknown", "unused"]
"""A line of a rule for one chart: met, not met, not told, or not asked (it does not apply here)."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One requirement as the rulebook has it, what this chart makes of it, and the evidence."""

    clause: str
    title: str
    light: Light
    told: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing, why, and the nearest thing that the chart has."""

    text: str
    reason: str
    told: str
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of the review for the code: its status, its rule lit, and what is missing.

    ``status`` is ``None`` where the code is not listed; ``rule`` and ``gaps`` then say what it would take.
    """

    status: Status | None
    title: str
    claim: str | None
    course: int
    units: int
    dates: tuple[dt.date, ...]
    summary: str
    table: LitTable | None
    rule: tuple[RuleLine, ...]
    also: tuple[Reason, ...]
    gaps: tuple[Gap, ...]
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A code of the same table that the chart does not have, and the rows that come nearest to it."""

    code: str
    label: str
    side: str
    rows: tuple[LitRow, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is told of one code for one chart. ``verdict`` is one sentence."""

    review: Review
    code: str
    label: str
    verdict: str
    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]
    comparison: tuple[ComparisonRow, ...]
