"""Turns a gold folder and its options into an evaluation: figures here, JSON, HTML, and the gate's status."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..report.evaluation import render_html, render_text
from ..report.files import private_folder, write_private
from ..report.packet import packet
from ..review import Reviewed, ReviewOptions
from ..scoring.case import CaseScore
from ..scoring.compare import WEIGHTS, compare_runs
from ..scoring.coverage import Reached
from ..scoring.gate import Gate, Verdict, baseline_of, judge, load_gate
from ..scoring.gold import GoldCase, GoldSet, open_gold
from ..scoring.log import append_run
from ..scoring.provenance import made_by
from ..scoring.result import SCHEMA_VERSION, Run, build_run
from ..scoring.run import Job, default_workers, evaluate, packet_name
from . import output
from .logging import quiet
from .text import cache_folder

STDOUT = Path("-")
_GATE_FAILED = 1


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: the gold folder, what of it, where results go, and what they are held against."""

    gold: Path
    split: str | None = None
    json: Path | None = None
    html: Path | None = None
    compare: Path | None = None
    gate: Path | None = None
    aggregate_only: bool = False
    workers: int | None = None
    profile: str = "cms"
    cached: bool = True


def evaluate_path(request: Request) -> int:
    """Evaluate a gold folder and return the exit status: 1 where the gate fails.

    Raises ``DocReviewError`` where the arguments or the folder cannot be used.
    """
    if request.html == STDOUT:
        raise UsageError("only --json can be written to stdout; name a file for --html")
    if request.html is not None and (request.html.is_dir() or request.html == request.json):
        raise UsageError(f"{request.html}: name an own file for the HTML report")
    gate = load_gate(request.gate) if request.gate is not None else None
    baseline = _baseline(request, gate)
    gold = open_gold(request.gold, request.split)
    if not request.aggregate_only:
        for line in gold.unusable:
            output.complain(line)
    packets = _packet_folder(request)
    run = _run(request, gold, packets)
    weights = gate.weights.model_dump() if gate is not None else WEIGHTS
    compared = compare_runs(baseline, run, weights) if baseline is not None else None
    verdict = judge(gate, run, compared) if gate is not None else None
    _log(gold, run)
    _write(request, gold, run, compared, verdict, packets)
    return _GATE_FAILED if verdict is not None and not verdict.passed else 0


def _baseline(request: Request, gate: Gate | None) -> Run | None:
    path = request.compare
    if path is None and gate is not None and request.gate is not None:
        path = baseline_of(gate, request.gate, request.split)
    if path is None:
        return None
    try:
        run: Any = json.loads(path.read_text(encoding="utf-8"))
        if run["schema_version"] != SCHEMA_VERSION or not isinstance(run["cases"], list):
            raise KeyError
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: is no run of doc-review eval: write one with --json") from error
    return dict(run)


def _packet_folder(request: Request) -> Path | None:
    """The folder beside the HTML report that the packets go to; none where no case may be shown."""
    if request.html is None or request.aggregate_only:
        return None
    return private_folder(request.html.with_name(f"{request.html.stem}-packets"))


def _keep_packet(reviewed: Reviewed, path: Path) -> None:
    write_private(path, packet(reviewed.review, reviewed.chart))


def _quiet_process() -> None:
    """What libraries log stays unseen for the whole life of a worker."""
    contextlib.ExitStack().enter_context(quiet())


def _run(request: Request, gold: GoldSet, packets: Path | None) -> Run:
    options = ReviewOptions(profile=request.profile, cache=cache_folder() if request.cached else None)
    job = Job(options, _keep_packet if packets is not None else None, packets)
    workers = min(request.workers or default_workers(), len(gold.cases))
    reached: Reached = set()
    scores: list[CaseScore] = []
    for score, parts in _progress(evaluate(gold.cases, job, workers, _quiet_process), len(gold.cases)):
        scores.append(score)
        reached |= parts
        if score.failed:
            name = "a case" if request.aggregate_only else score.case_id
            output.complain(f"{name}: could not be reviewed ({score.failed})")
    unusable = [""] * len(gold.unusable) if request.aggregate_only else list(gold.unusable)
    return build_run(
        scores,
        reached,
        made=made_by(),
        settings={"split": request.split, "profile": request.profile, "workers": workers},
        gold={"name": gold.name, "sha256": gold.digest, "unusable": unusable},
        aggregate_only=request.aggregate_only,
    )


def _progress(
    scored: Iterator[tuple[CaseScore, Reached]], number: int
) -> Iterator[tuple[CaseScore, Reached]]:
    """The same, with a bar on stderr where that is a terminal; no case is named."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    parts = (
        TextColumn("evaluating"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cases"),
        TimeElapsedColumn(),
    )
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("cases", total=number)
        for one in scored:
            yield one
            bar.advance(task)


def _log(gold: GoldSet, run: Run) -> None:
    """Write the run to the log of each split it touched that wants one."""
    for split in sorted({case.split for case in gold.cases}):
        if split in gold.logs:
            append_run(gold.logs[split], run)


def _write(
    request: Request,
    gold: GoldSet,
    run: Run,
    compared: dict[str, Any] | None,
    verdict: Verdict | None,
    packets: Path | None,
) -> None:
    told = {**run, "comparison": compared, "gate": _verdict(verdict)}
    data = (json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
    if request.json == STDOUT:
        output.emit(data)
    elif request.json is not None:
        write_private(request.json, data)
    if request.html is not None:
        links = _links(gold.cases, packets) if packets is not None else {}
        write_private(request.html, render_html(told, links))
    if request.json != STDOUT:
        output.emit_text(render_text(told, output.width()))
    elif verdict is not None:
        for reason in verdict.reasons:
            output.complain(f"gate: {reason}")


def _verdict(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {
        "title": verdict.title,
        "passed": verdict.passed,
        "reasons": list(verdict.reasons),
        "unjudged": list(verdict.unjudged),
    }


def _links(cases: tuple[GoldCase, ...], packets: Path) -> dict[str, str]:
    """Packet of each case that has one, by key, relative to the report."""
    names = {case.key: packet_name(case) for case in cases}
    return {key: f"{packets.name}/{name}" for key, name in names.items() if (packets / name).is_file()}
