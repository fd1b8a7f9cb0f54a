"""Turns names and numbers of a run into words, shares and rows that its reports show alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..wording import title

Run = Mapping[str, Any]

HEADLINES: tuple[tuple[str, str], ...] = (
    ("false_support.cases", "Cases with a false 'supported'"),
    ("false_support.lines", "Supported core lines that are not"),
    ("excess_units.cases", "Cases with units beyond gold"),
    ("codes.exact", "Cases with every core code exact"),
    ("false_alarm.cases", "Clean charts with a false alarm"),
    ("codes.core.f1", "Core lines, F1"),
    ("codes.extended.f1", "Extended lines, F1"),
    ("findings.all.f1", "Findings, F1"),
    ("findings.with_codes.f1", "Findings with their codes, F1"),
    ("comparison.rows", "Claim rows right"),
    ("spans.strict.all.recall", "Gold spans cited exactly"),
    ("spans.overlap.all.recall", "Gold spans overlapped"),
    ("spans.token.all.f1", "Tokens of gold spans, F1"),
    ("citations.valid", "Citations valid"),
)
"""Main figures, the one that weighs most first."""

COURSE: tuple[tuple[str, str], ...] = (
    ("course.technique", "technique"),
    ("course.treatment_areas", "number of areas"),
    ("course.isocenters", "isocenters"),
    ("course.dose_gy", "dose"),
    ("course.fractions_prescribed", "fractions prescribed"),
    ("course.fractions_delivered", "fractions delivered"),
)

FAULT_WORDS: Mapping[str, str] = {
    "false_support": "false support",
    "excess_units": "too many units",
    "false_alarm": "false alarm",
    "wrong_code": "wrong level",
    "wrong_status": "wrong status",
    "wrong_units": "wrong units",
    "missed_code": "code missed",
    "extra_code": "code too many",
    "missed_finding": "finding missed",
    "extra_finding": "finding too many",
    "wrong_course": "course fact",
    "wrong_result": "claim row",
    "bad_citation": "citation",
    "missed_span": "span missed",
}


@dataclass(frozen=True, slots=True)
class PRF:
    """Precision, recall and F1 of one name, as figures of the run or ``None``, and the counts behind them."""

    name: str
    precision: Mapping[str, Any] | None
    recall: Mapping[str, Any] | None
    f1: Mapping[str, Any] | None

    @property
    def found(self) -> int:
        """How many were found."""
        return int(self.precision["of"]) if self.precision else 0

    @property
    def gold(self) -> int:
        """How many the labels hold."""
        return int(self.recall["of"]) if self.recall else 0


def percent(value: float | None, digits: int = 1) -> str:
    """A share as per cent: ``97.2 %``; whole where nothing is lost; a dash for none."""
    if value is None:
        return "-"
    text = f"{100 * value:.{digits}f}"
    if value < 1 and float(text) == 100:
        text = f"{100 - 10**-digits:.{digits}f}"
    return text.removesuffix("." + "0" * digits) + " %"


def interval(figure: Mapping[str, Any]) -> str:
    """``90.1 % to 99.8 %``; the bound that a zero or a one allows where it is one."""
    if figure["exact"] and figure["value"] == 0:
        return f"still allows {percent(figure['high'])}"
    if figure["exact"]:
        return f"still allows {percent(figure['low'])}"
    return f"{percent(figure['low'])} to {percent(figure['high'])}"


def counted(name: str, figure: Mapping[str, Any]) -> str:
    """``14 of 14``; nothing for an F1, which is no plain share."""
    return "" if name.endswith(".f1") else f"{figure['hits']} of {figure['of']}"


def prf_rows(run: Run, prefix: str, order: Sequence[str] = ()) -> list[PRF]:
    """The matches whose name begins with ``prefix``, without it; those in ``order`` first."""
    figures = run["figures"]
    names = {
        name[len(prefix) :].rpartition(".")[0]
        for name in figures
        if name.startswith(prefix) and name.rpartition(".")[2] in ("precision", "recall", "f1")
    }
    ranked = sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [
        PRF(name, *(figures.get(f"{prefix}{name}.{part}") for part in ("precision", "recall", "f1")))
        for name in ranked
        if name
    ]


def table_axes(cells: Mapping[str, int], order: Sequence[str] = ()) -> list[str]:
    """What stands on the sides of a table of pairs; ``none`` last."""
    names = {part for key in cells for part in key.split("|")}
    rank = {name: index for index, name in enumerate(order)}
    return sorted(names, key=lambda name: (name == "none", rank.get(name, len(order)), name))


def made_line(run: Run) -> str:
    """Commit, version, rulebook and profile that made a run."""
    made = run["made"]
    commit = (made["commit"] or "no commit")[:10] + (" with changes" if made["dirty"] else "")
    rules = made["rulebook"].partition("@")
    return (
        f"doc-review {made['version']}, commit {commit}, "
        f"rulebook {rules[0]}@{rules[2][:10]}, profile {run['settings']['profile']}"
    )


def gold_line(run: Run) -> str:
    """What was evaluated."""
    gold, split = run["gold"], run["settings"]["split"]
    part = f"split {split}" if split else "all splits"
    return (
        f"{gold['name']} ({part}): {gold['cases']} cases, {gold['documents']} documents, "
        f"{gold['pages']} pages, {gold['styles']} house styles"
    )


def caveats(run: Run) -> Iterable[str]:
    """What a reader has to know before trusting a figure."""
    least, cases = run["smallest_change"], run["gold"]["cases"]
    if least is None:
        yield f"{cases} cases are too few to show any change of exact match at p < 0.05."
    else:
        yield (
            f"A later run shows a change of exact match (p < 0.05) only from {least} of {cases} cases "
            f"on ({percent(least / cases)})."
        )
    yield (
        "Labels hold the spans an auditor would cite, not every one that proves the same: "
        "precision of spans understates."
    )


def name_of(figure: str) -> str:
    """A figure's name in words."""
    known = dict(HEADLINES) | {key: f"Course: {text}" for key, text in COURSE}
    return known.get(figure) or title(figure.replace(".", " "))
