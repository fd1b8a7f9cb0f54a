"""A gold set turned into case scores, in parallel: one process per worker, each with its own pipeline."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from ..case import CaseFiles
from ..review import Reviewed, ReviewOptions, review_case
from .case import CaseScore, failed_score, score_case
from .coverage import Reached, lexicon_reached, rules_reached
from .gold import GoldCase

Reviewer = Callable[[CaseFiles, ReviewOptions], Reviewed]
Keep = Callable[[Reviewed, Path], None]
"""Writes what a reader opens from the report (a packet) to a path."""

_MOST_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Job:
    """How to evaluate: review options, and where packets go (``keep`` writes one, ``folder`` holds them)."""

    options: ReviewOptions
    keep: Keep | None = None
    folder: Path | None = None
    reviewer: Reviewer = review_case


@dataclass(slots=True)
class _Worker:
    """What one process remembers between cases."""

    cold: bool = True
    reached: Reached = field(default_factory=set)


_worker = _Worker()


def default_workers() -> int:
    """One process per core that this process may use, eight at most."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST_WORKERS)


def evaluate(
    cases: Sequence[GoldCase], job: Job, workers: int = 1, prepare: Callable[[], None] | None = None
) -> Iterator[tuple[CaseScore, Reached]]:
    """Review and score every case, as they finish; each with the parts of the rules that it reaches.

    ``prepare`` runs first in each process. The longest cases are begun first, so that no worker is left
    with one at the end. Processes are spawned: what holds a pipeline cannot be forked or pickled.
    """
    ordered = sorted(cases, key=lambda case: (-case.weight, case.files.case_id))
    if min(workers, len(ordered)) <= 1:
        _worker.cold = True
        _worker.reached = set()
        for case in ordered:
            yield evaluate_case(case, job)
        return
    with ProcessPoolExecutor(
        max_workers=min(workers, len(ordered)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=prepare,
    ) as pool:
        waiting = [pool.submit(evaluate_case, case, job) for case in ordered]
        for future in as_completed(waiting):
            yield future.result()


def evaluate_case(case: GoldCase, job: Job) -> tuple[CaseScore, Reached]:
    """Review and score one case in this process. A case that fails is scored as one with nothing found."""
    cold, _worker.cold = _worker.cold, False
    start = time.perf_counter()
    try:
        reviewed = job.reviewer(case.files, job.options)
        seconds = time.perf_counter() - start
        score = score_case(case, reviewed, seconds, cold)
        reached = rules_reached(reviewed, job.options.profile)
        reached |= lexicon_reached(reviewed, _worker.reached)
        if job.keep is not None and job.folder is not None:
            job.keep(reviewed, job.folder / packet_name(case))
    except Exception as error:  # the message of any error may hold chart text: only its type is kept
        return failed_score(case, error, round(time.perf_counter() - start, 3), cold), set()
    _worker.reached |= reached
    return score, reached


def packet_name(case: GoldCase) -> str:
    """File name of a case's packet: safe, and unique by the case's key."""
    safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in case.files.case_id)
    return f"{safe[:80].strip('.')}-{case.key[:6]}.html"
