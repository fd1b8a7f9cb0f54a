"""Turns a path into reviews, one case at a time, and each review into the outputs asked for."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..case import CaseFiles, Worklist, open_cases
from ..errors import DocReviewError, UsageError
from ..report import csv as csv_report
from ..report import json as json_report
from ..report import terminal
from ..report.files import file_stem, open_private, private_folder, write_private
from ..report.worklist import Row, failed_row, row_of
from ..review import Reviewed, ReviewOptions, review_case
from . import output
from .text import cache_folder

if TYPE_CHECKING:
    from ..model import Review, Scope

Reviewer = Callable[..., Reviewed]
"""How one case is reviewed: ``reviewer(case, options=options)``."""

STDOUT = Path("-")
_UNUSABLE = 2


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where results go; ``json`` may be ``-`` for stdout. ``record`` is for ``replay``."""

    json: Path | None = None
    html: Path | None = None
    csv: Path | None = None
    record: Path | None = None


class _NothingWrittenError(Exception):
    """Leaves the outputs of a case that failed as they were, instead of emptying them."""


@dataclass(slots=True)
class _Sinks:
    """Open outputs: each takes one case after the other, so that a worklist is never held in memory."""

    json: Callable[[Review], None] | None = None
    csv: Callable[[bytes], object] | None = None
    record: Callable[[bytes], object] | None = None
    packets: Path | None = None
    packet_file: Path | None = None
    written: int = 0
    names: set[str] = field(default_factory=lambda: {"index", "summary"})


def scope_of(on: dt.date | None, date_from: dt.date | None, date_to: dt.date | None) -> Scope | None:
    """The scope that ``--on``, ``--from`` and ``--to`` ask for; ``None`` where they ask for nothing.

    Raises ``UsageError`` for a day before the rulebook begins or a window that ends before it begins.
    """
    from ..model import Scope
    from ..rules import load_rulebook
    from ..rules.describe import need_day
    from ..rules.window import Window

    if on is None and date_from is None and date_to is None:
        return None
    Window(date_from, date_to)
    if on is not None:
        need_day(load_rulebook(), on)
    return Scope(on=on, date_from=date_from, date_to=date_to)


def review_path(
    path: Path,
    outputs: Outputs,
    *,
    profile: str = "cms",
    scope: Scope | None = None,
    providers: Path | None = None,
    cached: bool = True,
    reviewer: Reviewer = review_case,
) -> int:
    """Review every case at ``path`` and return the exit status.

    A case that fails is one line on stderr, and the others go on. Raises ``DocReviewError`` where
    the arguments or the only case cannot be used.
    """
    worklist = open_cases(path, providers)
    options = ReviewOptions(profile=profile, cache=cache_folder() if cached else None, scope=scope)
    _check(outputs, worklist)
    if worklist.ignored and not (worklist.is_worklist and outputs.json != STDOUT):
        output.tell(f"ignored beside the documents: {', '.join(worklist.ignored)}")
    rows = [_unusable(line) for line in worklist.failed]
    with contextlib.suppress(_NothingWrittenError), contextlib.ExitStack() as stack:
        sinks = _open(outputs, worklist, stack)
        rows += _review_all(worklist, partial(reviewer, options=options), sinks, show=outputs.json != STDOUT)
        if not sinks.written and not worklist.is_worklist:
            raise _NothingWrittenError
    if worklist.is_worklist:
        _finish_worklist(worklist, rows, sinks, show=outputs.json != STDOUT)
    return 0 if any(row.failed is None for row in rows) else _UNUSABLE


def _check(outputs: Outputs, worklist: Worklist) -> None:
    files = (outputs.json, outputs.html, outputs.csv, outputs.record)
    named = [path.resolve() for path in files if path and path != STDOUT]
    if len(set(named)) < len(named):
        raise UsageError("--json, --html, --csv and --record name the same file; give each its own")
    if STDOUT in files[1:]:
        raise UsageError("only --json can be written to stdout; name a file for the other outputs")
    page = outputs.html is not None and (outputs.html.is_file() or outputs.html.suffix in (".html", ".htm"))
    if worklist.is_worklist and page:
        raise UsageError(f"{outputs.html}: is a file name; a worklist's packets need a folder")


def _open(outputs: Outputs, worklist: Worklist, stack: contextlib.ExitStack) -> _Sinks:
    sinks = _Sinks()
    if outputs.json is not None:
        encode = json_report.to_json_line if worklist.is_worklist else json_report.to_json
        if outputs.json == STDOUT:
            sinks.json = lambda review: output.emit(encode(review))
        else:
            stream = stack.enter_context(open_private(outputs.json))
            sinks.json = lambda review: _ignore(stream.write(encode(review)))
    if outputs.csv is not None:
        sinks.csv = stack.enter_context(open_private(outputs.csv)).write
        sinks.csv(csv_report.header())
    if outputs.record is not None:
        sinks.record = stack.enter_context(open_private(outputs.record)).write
    if outputs.html is not None:
        if worklist.is_worklist or _is_folder(outputs.html):
            sinks.packets = private_folder(outputs.html)
        else:
            sinks.packet_file = outputs.html
    return sinks


def _is_folder(path: Path) -> bool:
    """A folder that exists, or a new path without a suffix."""
    return path.is_dir() or (not path.exists() and path.suffix == "")


def _ignore(_: object) -> None:
    return None


def _review_all(
    worklist: Worklist, reviewer: Callable[[CaseFiles], Reviewed], sinks: _Sinks, show: bool
) -> list[Row]:
    rows: list[Row] = []
    for number, case in enumerate(worklist.cases, 1):
        if worklist.is_worklist:
            output.tell(f"[{number}/{len(worklist.cases)}] {case.case_id}")
        rows.append(_review_one(case, reviewer, sinks, show and not worklist.is_worklist))
    return rows


def _review_one(case: CaseFiles, reviewer: Callable[[CaseFiles], Reviewed], sinks: _Sinks, show: bool) -> Row:
    try:
        reviewed = reviewer(case)
    except DocReviewError as error:
        return _failed(case, str(error))
    except Exception as error:
        # The message of an unforeseen error may hold chart text: only its type is told.
        return _failed(case, f"unexpected {type(error).__name__}; set DOC_REVIEW_DEBUG=1 for the traceback")
    packet = _write(reviewed, sinks)
    if show:
        output.emit_text(terminal.render(reviewed.review, output.width(), output.colored()))
    if not reviewed.review.coverage.pages_read:
        output.complain(f"{case.case_id}: no page could be read; see the reasons given for its documents")
        return failed_row(case.case_id, "no page could be read")
    return row_of(reviewed.review, packet)


def _unusable(line: str) -> Row:
    """The row of a case that could not be opened; ``line`` is ``folder: reason`` or ``folder/file: ...``."""
    output.complain(line)
    return failed_row(line.split(":", 1)[0].split("/", 1)[0], line)


def _failed(case: CaseFiles, reason: str) -> Row:
    output.complain(f"{case.case_id}: {reason}")
    if os.environ.get("DOC_REVIEW_DEBUG"):
        traceback.print_exc()
    return failed_row(case.case_id, reason)


def _write(reviewed: Reviewed, sinks: _Sinks) -> str | None:
    """Write one review to every open output; the file name of its packet, where there is one."""
    sinks.written += 1
    if sinks.json is not None:
        sinks.json(reviewed.review)
    if sinks.csv is not None:
        sinks.csv(csv_report.suggestion_rows(reviewed.review))
    if sinks.record is not None:
        from ..report.record import to_record

        sinks.record(to_record(reviewed))
    if sinks.packets is None and sinks.packet_file is None:
        return None
    from ..report.packet import packet

    data = packet(reviewed.review, reviewed.chart)
    if sinks.packet_file is not None:
        write_private(sinks.packet_file, data)
        output.tell(f"evidence packet: {sinks.packet_file.resolve()}")
        return sinks.packet_file.name
    name = file_stem(reviewed.review.case_id, sinks.names) + ".html"
    write_private(sinks.packets / name if sinks.packets else Path(name), data)
    return name


def _finish_worklist(worklist: Worklist, rows: list[Row], sinks: _Sinks, show: bool) -> None:
    if sinks.packets is not None:
        from ..report.packet import index

        write_private(sinks.packets / "index.html", index(rows, worklist.ignored))
        write_private(sinks.packets / "summary.csv", csv_report.summary_csv(rows))
    if show:
        text = terminal.render_worklist(rows, worklist.ignored, output.width(), output.colored())
        output.emit_text(text)
