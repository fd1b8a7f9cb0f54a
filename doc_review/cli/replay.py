"""Turns a file of recorded reviews into their output anew, or into the lines that say what differs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..case import open_cases
from ..errors import InputError, UsageError
from ..report.files import write_private
from ..report.record import Replayed, changed_documents, replay
from ..review import ReviewOptions, review_case
from . import output
from .text import cache_folder

_DIFFERS = 1
STDOUT = Path("-")


def replay_file(path: Path, json: Path | None, case: Path | None) -> int:
    """Replay every record of a file and return the exit status: 1 where any output differs.

    Raises ``DocReviewError`` where the file holds no records.
    """
    try:
        lines = [line for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({(error.strerror or 'unknown').lower()})") from None
    if not lines:
        raise InputError(f"{path}: is empty; give the file that review --record wrote")
    replayed = [replay(line, path.name) for line in lines]
    told = [(one, [*one.differences, *_reread(case, lines, path.name)]) for one in replayed]
    data = b"".join(one.output for one in replayed)
    if json == STDOUT:
        output.emit(data)
    elif json is not None:
        write_private(json, data)
    say = output.tell if json == STDOUT else _print
    for one, differences in told:
        _report(one, differences, say)
    return _DIFFERS if any(differences for _, differences in told) else 0


def _reread(case: Path | None, lines: list[bytes], name: str) -> tuple[str, ...]:
    """What changed in the documents since the record was written, where the case is at hand."""
    if case is None:
        return ()
    worklist = open_cases(case)
    if worklist.is_worklist or len(lines) > 1:
        raise UsageError("--case compares one record with one case; name a single one of each")
    options = ReviewOptions(cache=cache_folder())
    return changed_documents(lines[0], name, review_case(worklist.cases[0], options).review)


def _print(line: str) -> None:
    output.emit_text(line + "\n")


def _report(one: Replayed, differences: list[str], write: Callable[[str], None]) -> None:
    if not differences:
        write(f"{one.case_id}: reproduced byte for byte ({len(one.output)} bytes)")
        return
    write(f"{one.case_id}: {len(differences)} differences")
    for difference in differences:
        write(f"  {difference}")
