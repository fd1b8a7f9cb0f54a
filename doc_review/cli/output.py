"""Turns results into bytes on stdout, and messages into single lines on stderr."""

from __future__ import annotations

import os
import shutil
import sys

MAX_WIDTH = 100


def emit(data: bytes) -> None:
    """Write bytes to stdout, nothing added; a reader that has gone away is no error."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def emit_text(text: str) -> None:
    """Write text to stdout in its own encoding; what that encoding lacks is written as an escape."""
    emit(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))


def tell(message: str) -> None:
    """Write one line to stderr: progress, or a remark about the input."""
    from ..report.wording import clean

    try:
        encoding = sys.stderr.encoding or "utf-8"
        line = clean(message).encode(encoding, "backslashreplace").decode(encoding)
        print(line, file=sys.stderr, flush=True)  # noqa: T201
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def complain(message: str) -> None:
    """Write an error to stderr as one line."""
    tell(f"doc-review: {message}")


def width() -> int:
    """Columns for the terminal summary: 80 where stdout is no terminal, 100 at most."""
    if not sys.stdout.isatty():
        return 80
    return min(shutil.get_terminal_size((80, 24)).columns, MAX_WIDTH)


def colored() -> bool:
    """Colour only on a terminal, and not where ``NO_COLOR`` is set or the terminal is dumb."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain
