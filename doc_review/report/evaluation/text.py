"""Turns a run into lines for the terminal: the worst errors first, then what they are made of."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..wording import clean, words
from .words import (
    COURSE,
    FAULT_WORDS,
    HEADLINES,
    Run,
    caveats,
    counted,
    gold_line,
    interval,
    made_line,
    name_of,
    percent,
    prf_rows,
    table_axes,
)

_CASES_SHOWN = 40
_GAPS_SHOWN = 12


def render_text(run: Run, width: int = 80) -> str:
    """The summary of a run as lines of at most ``width`` columns."""
    parts: list[Iterable[str]] = [
        [gold_line(run), made_line(run)],
        _headlines(run),
        _prf("CODES", run, "code."),
        _prf("STATUSES", run, "status.", ("supported", "needs_review", "blocked", "bundled")),
        _prf("FINDINGS", run, "finding."),
        _course(run),
        _confusions(run),
        _spans(run),
        _time(run),
        _faults(run),
        _listed(run),
        _gaps(run),
        _compared(run),
        _gate(run),
        caveats(run),
    ]
    blocks = [[*part] for part in parts]
    lines = [clean(line) for block in blocks if block for line in (*block, "")]
    return "\n".join(cut for line in lines for cut in _wrapped(line, width)).rstrip() + "\n"


def _wrapped(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False) or [""]


def _headlines(run: Run) -> Iterator[str]:
    for name, text in HEADLINES:
        if figure := run["figures"].get(name):
            yield f"{text:<34} {percent(figure['value']):>7}  {counted(name, figure):<11} {interval(figure)}"


def _prf(head: str, run: Run, prefix: str, order: Sequence[str] = ()) -> Iterator[str]:
    rows = prf_rows(run, prefix, order)
    if not rows:
        return
    yield f"{head:<32} {'gold':>5} {'found':>6} {'prec.':>8} {'recall':>8} {'F1':>8}"
    for row in rows:
        shares = (percent(part["value"] if part else None) for part in (row.precision, row.recall, row.f1))
        yield f"  {words(row.name):<30} {row.gold:>5} {row.found:>6} " + " ".join(f"{s:>8}" for s in shares)


def _course(run: Run) -> Iterator[str]:
    facts = [
        f"{text} {figure['hits']}/{figure['of']}"
        for name, text in COURSE
        if (figure := run["figures"].get(name))
    ]
    if facts:
        yield "COURSE FACTS RIGHT"
        yield "  " + ", ".join(facts)


def _confusions(run: Run) -> Iterator[str]:
    cells = run["tables"]["codes"]
    axes = table_axes(cells)
    mixed = [
        f"  gold {gold}, found {found}: {cells[f'{gold}|{found}']}"
        for gold in axes
        for found in axes
        if gold != found and cells.get(f"{gold}|{found}")
    ]
    if mixed:
        yield "CODES TAKEN FOR EACH OTHER"
        yield from mixed


def _spans(run: Run) -> Iterator[str]:
    rows = {row.name: row for row in prf_rows(run, "spans.overlap.") if row.name != "all"}
    if not rows:
        return
    yield f"{'SPANS BY KIND (recall)':<32} {'gold':>5} {'exact':>8} {'overlap':>8} {'tokens':>8}"
    for name, row in rows.items():
        shares = []
        for how in ("strict", "overlap", "token"):
            figure = run["figures"].get(f"spans.{how}.{name}.recall")
            shares.append(percent(figure["value"] if figure else None))
        yield f"  {words(name):<30} {row.gold:>5} " + " ".join(f"{share:>8}" for share in shares)
    if unlabelled := Counter({k.partition("|")[0]: n for k, n in run["tables"]["unlabelled"].items()}):
        told = ", ".join(f"{words(kind)} {count}" for kind, count in sorted(unlabelled.items()))
        yield f"  found where the case's label has none of the kind, not judged: {told}"


def _time(run: Run) -> Iterator[str]:
    time = run["time"]
    if time["warm"]:
        cold = f"; first of a process {max(time['cold']):.1f} s" if time["cold"] else ""
        yield (
            f"TIME PER CASE  median {time['median']:.2f} s, nine of ten within {time['p90']:.2f} s, "
            f"longest {time['longest']:.1f} s{cold}"
        )


def _faults(run: Run) -> Iterator[str]:
    rank = {kind: number for number, kind in enumerate(FAULT_WORDS)}
    cases = sorted(
        (case for case in run["cases"] if case["faults"]),
        key=lambda case: (rank[case["faults"][0]["kind"]], -len(case["faults"]), case["case_id"]),
    )
    if not cases:
        return
    yield "FAULTS BY CASE"
    for case in cases[:_CASES_SHOWN]:
        kinds = Counter(fault["kind"] for fault in case["faults"])
        told = ", ".join(f"{count} {FAULT_WORDS[kind]}" for kind, count in kinds.items())
        yield f"  {case['case_id']}: {told}"
    if len(cases) > _CASES_SHOWN:
        yield f"  and {len(cases) - _CASES_SHOWN} more"


def _listed(run: Run) -> Iterator[str]:
    rows: list[Mapping[str, Any]] = run["unscored"]
    if not rows and not run["failed"] and not run["gold"]["unusable"]:
        return
    yield "NOT SCORED"
    for one in run["failed"]:
        yield f"  {one['case'] or 'a case'} could not be reviewed ({one['error']}): counted as nothing found"
    if unusable := len(run["gold"]["unusable"]):
        yield f"  cases of the folder that cannot be used: {unusable}"
    for row in rows:
        named = ": " + ", ".join(row["named"]) if row["named"] else f": {row['cases']} cases"
        yield f"  {row['what']}{named}"


def _gaps(run: Run) -> Iterator[str]:
    yield "REACHED BY NO CASE"
    for area, told in run["gaps"].items():
        missing = told["missing"]
        head = f"  {area}: {len(missing)} of {told['parts']}"
        if missing and area in ("finding", "code"):
            more = len(missing) - _GAPS_SHOWN
            head += f": {', '.join(missing[:_GAPS_SHOWN])}" + (f" and {more} more" if more > 0 else "")
        yield head


def _compared(run: Run) -> Iterator[str]:
    compared = run.get("comparison")
    if compared is None:
        return
    yield f"AGAINST THE BASELINE ({compared['cases']} cases in both)"
    for name, told in compared["figures"].items():
        if told["delta"] or name in ("codes.exact", "false_support.cases"):
            yield (
                f"  {name_of(name)}: {percent(told['before'])} to {percent(told['after'])} "
                f"({100 * told['delta']:+.1f} points, {100 * told['low']:+.1f} to {100 * told['high']:+.1f}; "
                f"smallest it could have seen {100 * told['smallest']:.1f})"
            )
    test = compared["mcnemar"]
    least = "no change" if test["smallest"] is None else f"{test['smallest']} cases net"
    yield (
        f"  exact match: {test['better']} better, {test['worse']} worse, McNemar p = {test['p']:.3f}; "
        f"smallest it could have seen: {least}"
    )
    for name in ("better", "worse"):
        if compared[name]:
            yield f"  {name}: " + ", ".join(move["case"] for move in compared[name])
    for name in ("new_false_support", "new_excess_units"):
        if compared[name]:
            yield f"  {words(name)}: " + ", ".join(one["case"] for one in compared[name])
    if not compared["same_gold"]:
        yield "  the gold set differs from the baseline's: labels or documents have changed"


def _gate(run: Run) -> Iterator[str]:
    gate = run.get("gate")
    if gate is None:
        return
    yield f"GATE {'passed' if gate['passed'] else 'FAILED'}: {gate['title']}"
    for reason in gate["reasons"]:
        yield f"  {reason}"
    for one in gate["unjudged"]:
        yield f"  not judged: {one}"
