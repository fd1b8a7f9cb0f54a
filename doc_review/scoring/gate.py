"""A run, its comparison and a gate file turned into a verdict: passed, or each reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import UsageError
from .compare import COMPARED, LOWER_IS_BETTER
from .result import Run


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weights(_Strict):
    """What each kind of fault costs. False support has to weigh most."""

    false_support: float = Field(gt=0)
    excess_units: float = Field(ge=0)
    false_alarm: float = Field(ge=0)
    wrong_line: float = Field(ge=0)
    wrong_finding: float = Field(ge=0)


class Limit(_Strict):
    """Bounds of one figure of the run itself, as shares."""

    figure: str
    at_least: float | None = None
    at_most: float | None = None


class Drift(_Strict):
    """How much worse a figure may be than in the baseline, as a share; where less is better, how much more."""

    figure: str
    by_at_most: float = Field(ge=0)


class Gate(_Strict):
    """A gate: what may not happen at all, bounds of figures, and bounds of their change."""

    title: str
    baselines: dict[str, str] = Field(default_factory=dict)
    weights: Weights
    forbid: tuple[
        Literal["new_false_support", "new_excess_units", "failed_cases", "unusable_cases"], ...
    ] = ()
    limits: tuple[Limit, ...] = ()
    changes: tuple[Drift, ...] = ()
    cost_rise_at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's title, every reason why it does not open, and what could not be judged."""

    title: str
    reasons: tuple[str, ...]
    unjudged: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether there is no reason against."""
        return not self.reasons


def load_gate(path: Path) -> Gate:
    """Read a gate file. Raises ``UsageError`` that names the file and the field."""
    try:
        gate = Gate.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "file"
        raise UsageError(f"{path}: {field}: {first['msg'].lower()}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: cannot be read as a gate: name a YAML file") from error
    weights = gate.weights.model_dump()
    if any(value >= gate.weights.false_support for name, value in weights.items() if name != "false_support"):
        raise UsageError(f"{path}: weights: false_support has to weigh more than every other fault")
    for drift in gate.changes:
        if drift.figure not in COMPARED:
            raise UsageError(
                f"{path}: changes: {drift.figure} is not compared; choose of {', '.join(COMPARED)}"
            )
    return gate


def baseline_of(gate: Gate, path: Path, split: str | None) -> Path | None:
    """The baseline that a gate names for a split (``all`` without one); paths are relative to the gate."""
    named = gate.baselines.get(split or "all")
    if named is None:
        return None
    found = path.parent / named
    if not found.is_file():
        raise UsageError(f"{path}: baselines: {named} is not there: record it, or leave the line out")
    return found


def judge(gate: Gate, run: Run, compared: Mapping[str, Any] | None) -> Verdict:
    """Hold a run against a gate; ``compared`` is its comparison with the baseline, where there is one."""
    reasons: list[str] = []
    unjudged: list[str] = []
    for limit in gate.limits:
        _limit(limit, run, reasons, unjudged)
    if "failed_cases" in gate.forbid and run["failed"]:
        reasons.append(f"{len(run['failed'])} cases could not be reviewed")
    if "unusable_cases" in gate.forbid and run["gold"].get("unusable"):
        reasons.append(f"{len(run['gold']['unusable'])} cases of the gold set cannot be used")
    if compared is None:
        if gate.changes or gate.cost_rise_at_most is not None or "new_false_support" in gate.forbid:
            unjudged.append("changes: no baseline was given")
    else:
        _changes(gate, compared, reasons, unjudged)
    return Verdict(gate.title, tuple(reasons), tuple(unjudged))


def _limit(limit: Limit, run: Run, reasons: list[str], unjudged: list[str]) -> None:
    figure = run["figures"].get(limit.figure)
    if figure is None:
        unjudged.append(f"{limit.figure}: nothing to score it by")
        return
    value = figure["value"]
    if limit.at_least is not None and value < limit.at_least:
        reasons.append(f"{limit.figure} is {value:.1%}, at least {limit.at_least:.1%} is asked for")
    if limit.at_most is not None and value > limit.at_most:
        reasons.append(f"{limit.figure} is {value:.1%}, at most {limit.at_most:.1%} is allowed")


def _changes(gate: Gate, compared: Mapping[str, Any], reasons: list[str], unjudged: list[str]) -> None:
    if not compared["cases"]:
        unjudged.append("changes: the baseline shares no case with this run")
        return
    for name in ("new_false_support", "new_excess_units"):
        if name in gate.forbid and compared[name]:
            cases = ", ".join(one["case"] for one in compared[name])
            reasons.append(f"{name.replace('_', ' ')} in {cases}")
    for drift in gate.changes:
        told = compared["figures"].get(drift.figure)
        if told is None:
            unjudged.append(f"{drift.figure}: nothing to compare it by")
            continue
        worse = told["delta"] if LOWER_IS_BETTER.fullmatch(drift.figure) else -told["delta"]
        if worse > drift.by_at_most + 1e-9:
            reasons.append(
                f"{drift.figure} went from {told['before']:.1%} to {told['after']:.1%}; "
                f"{drift.by_at_most:.1%} is allowed"
            )
    if gate.cost_rise_at_most is not None:
        rise = compared["cost"]["after"] - compared["cost"]["before"]
        if rise > gate.cost_rise_at_most + 1e-9:
            reasons.append(
                f"weighed faults per case rose from {compared['cost']['before']:.2f} "
                f"to {compared['cost']['after']:.2f}"
            )
