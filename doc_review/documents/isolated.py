"""A risky file turned into pages, geometry and pictures by a process of its own, which it may end.

One process serves this one for all its files, so that a good file pays no start. Where it dies on a file,
that file is refused with the reason, and the next file gets a new process. A process of an older file is
given a second chance first: what that file left behind may be the cause.
"""

from __future__ import annotations

import atexit
import itertools
import os
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from ..case import RawDocument
from ..errors import DocumentError, LostDocumentError
from ..model import Box
from . import wire
from .base import Mark, Row, Table
from .layout import Layout, Rect
from .process import DiedError, Process
from .sniff import Kind

T = TypeVar("T")
_KEPT_PAGES = 64
"""Pages whose words stay unpacked; a review asks for the same page many times."""
_REASONS = {
    "memory": "needs more than 1 GB of memory to be read: split it or export it again",
    "slow": "takes too long to be read: export it again",
    "crash": "crashed its reader: export it again",
}


class _Reader:
    """The process of this one, started when it is first needed and again after it died."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process: Process | None = None
        self._numbers = itertools.count(1)
        self._closed: deque[int] = deque()

    def start(self) -> None:
        """Start the process, so that it is ready when it is needed."""
        with self._lock:
            self._running()

    def process_id(self) -> int | None:
        """Id of the running process; ``None`` where none runs."""
        with self._lock:
            return self._process.pid if self._process is not None and not self._process.ended else None

    def number(self, owner: object) -> int:
        """A new number of a file, which is closed when its owner goes."""
        number = next(self._numbers)
        weakref.finalize(owner, self._closed.append, number).atexit = False
        return number

    def read(self, message: wire.Read) -> wire.Pages:
        """The pages of a file. Raises ``DocumentError``."""
        try:
            return self._tried(lambda process: self._pages(process, message))
        except DiedError as error:
            raise DocumentError(_REASONS[error.why]) from error

    def look(self, message: wire.Look, again: Callable[[], wire.Read]) -> Any:
        """What is found in a file that was read; where it is not open any more, ``again`` reads it anew.

        Raises ``DocumentError`` with the reason where that cannot be done.
        """

        def work(process: Process) -> Any:
            came = process.ask(message)
            if isinstance(came, wire.Failed) and came.why == "closed":
                self._pages(process, again())
                came = process.ask(message)
            return came.value if isinstance(came, wire.Found) else _refuse(came)

        try:
            return self._tried(work)
        except DiedError as error:
            raise DocumentError(_REASONS[error.why]) from error

    def stop(self) -> None:
        """End the process."""
        with self._lock:
            if self._process is not None and not self._process.ended:
                self._process.end()

    def forget(self) -> None:
        """A copy of this process (fork) starts a process of its own."""
        process, self._process, self._lock = self._process, None, threading.RLock()
        if process is not None and not process.ended:
            process.forget()

    def _pages(self, process: Process, message: wire.Read) -> wire.Pages:
        closed = tuple(self._closed.popleft() for _ in range(len(self._closed)))
        came = process.ask(replace(message, closed=closed))
        process.used = True
        return came if isinstance(came, wire.Pages) else _refuse(came)

    def _tried(self, work: Callable[[Process], T]) -> T:
        with self._lock:
            process = self._running()
            older = process.used
            try:
                return work(process)
            except DiedError as error:
                if not older or error.why == "slow":
                    raise
            return work(self._running())

    def _running(self) -> Process:
        if self._process is None or self._process.ended:
            self._process = Process()
        return self._process


def _refuse(came: wire.Pages | wire.Found | wire.Failed) -> NoReturn:
    """Raise what an answer that is none stands for."""
    if not isinstance(came, wire.Failed):
        raise TypeError(type(came).__name__)
    if came.why == "missing":
        raise ImportError(name=came.told)
    raise DocumentError(came.told if came.why == "refused" else f"is damaged ({came.told}): export it again")


_reader = _Reader()
atexit.register(_reader.stop)
if sys.platform != "win32":
    os.register_at_fork(after_in_child=_reader.forget)

start = _reader.start
"""Start the process ahead of the first file, while other things are loaded."""
stop = _reader.stop
process_id = _reader.process_id


class IsolatedFile:
    """Pages of a risky file, and the geometry and pictures that its process looks up.

    Raises ``DocumentError`` for a file that cannot be read. A lookup raises ``LostDocumentError`` where the
    process dies of it as well: then the document counts as unread.
    """

    def __init__(self, raw: RawDocument, kind: Kind, data: bytes, cache: Path | None) -> None:
        self._raw, self._kind, self._cache = raw, kind, cache
        self._number = _reader.number(self)
        found = _reader.read(wire.Read(self._number, kind, data, cache))
        self.pages = found.pages
        self.dicom = found.dicom
        self.has_geometry, self.has_images = bool(found.layouts), found.images
        self._packed = found.layouts
        self._unpacked: dict[int, Layout] = {}

    def layout(self, page: int) -> Layout:
        """Words of a 1-based page."""
        kept = self._unpacked.get(page)
        if kept is None:
            if len(self._unpacked) >= _KEPT_PAGES:
                del self._unpacked[next(iter(self._unpacked))]
            kept = self._unpacked[page] = self._packed[page - 1].layout()
        return kept

    def part(self, page: int, start: int, end: int) -> Rect | None:
        """Rectangle of the characters of a part of a word; ``None`` where they have none."""
        return cast("Rect | None", self._look("part", page, start, end))

    def boxes(self, page: int, start: int, end: int) -> tuple[Box, ...]:
        """Boxes (one per visual line) that cover ``text[start:end]`` of a 1-based page."""
        return self.layout(page).boxes(page, start, end, lambda low, high: self.part(page, low, high))

    def tables(self, page: int) -> tuple[Table, ...]:
        """Ruled tables of a 1-based page, cells mapped to page offsets."""
        try:
            return cast("tuple[Table, ...]", self._look("tables", page))
        except LostDocumentError:  # like a page that pdfplumber cannot read: it is read as lines
            return ()

    def marks(self, page: int) -> tuple[Mark, ...]:
        """Marks of a pen on a 1-based page, and lines to sign on that bear none."""
        return cast("tuple[Mark, ...]", self._look("marks", page))

    def rows(self, page: int) -> tuple[Row, ...]:
        """Visual lines of a 1-based page, top to bottom, cut into cells at column gaps."""
        return self._packed[page - 1].lines(self.pages[page - 1].text)

    def render(self, page: int, scale: float) -> bytes:
        """PNG of a 1-based page; ``scale`` 1.0 is 72 dpi. Raises ``DocumentError`` where it cannot be drawn."""
        try:
            return cast("bytes", self._look("render", page, scale))
        except LostDocumentError as lost:  # only a picture is missing
            raise DocumentError(str(lost)) from lost

    def _look(self, call: wire.Call, *arguments: float) -> Any:
        try:
            return _reader.look(wire.Look(self._number, call, arguments), self._again)
        except DocumentError as error:
            raise LostDocumentError(self._raw.id, str(error)) from error

    def _again(self) -> wire.Read:
        return wire.Read(self._number, self._kind, self._raw.read(), self._cache)
