"""Requests on standard input turned into answers on standard output: the process that reads risky files.

    python -P -m doc_review.documents.reader

It lives as long as the process that started it and keeps the files it read open. It ends itself where a
step takes too long, whatever library hangs, and cannot take more than its memory.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import threading
from collections import OrderedDict
from pathlib import Path
from typing import IO

from ..errors import DocumentError
from . import pace, wire
from .packed import PackedPage, pack
from .read import FORMATS, Content, ReadOptions

MEMORY = 1024**3
"""Bytes that reading may take over what the process takes when it starts."""
_KEPT = 128 * 1024**2
"""Bytes of files kept open; the file asked for longest ago is closed first."""
_MOST_TEXT = 50_000_000
"""Characters of one document, as many as a text file may have bytes."""
BROKEN = 70


class _Reader:
    """Open files by their numbers."""

    def __init__(self) -> None:
        self._open: OrderedDict[int, tuple[Content, int]] = OrderedDict()

    def answer(self, asked: wire.Read | wire.Look) -> wire.Pages | wire.Found | wire.Failed:
        """What a request gets; a library's own error on a damaged file is an answer as well."""
        try:
            return self._read(asked) if isinstance(asked, wire.Read) else self._look(asked)
        except DocumentError as error:
            return wire.Failed("refused", str(error))
        except MemoryError:
            self._open.clear()
            return wire.Failed("memory")
        except ImportError as error:
            return wire.Failed("missing", str(error.name))
        except Exception as error:
            return wire.Failed("damaged", type(error).__name__)

    def _read(self, asked: wire.Read) -> wire.Pages:
        for number in asked.closed:
            self._open.pop(number, None)
        while self._open and sum(size for _, size in self._open.values()) + len(asked.data) > _KEPT:
            self._open.popitem(last=False)
        content = FORMATS[asked.kind].read(asked.data, ReadOptions(asked.cache))
        if sum(len(page.text) for page in content.pages) > _MOST_TEXT:
            raise DocumentError(f"holds more than {_MOST_TEXT // 10**6} million characters: split it")
        if content.geometry is not None or content.images is not None:
            self._open[asked.number] = content, len(asked.data)
        return wire.Pages(content.pages, _layouts(content), content.images is not None, content.dicom)

    def _look(self, asked: wire.Look) -> wire.Found | wire.Failed:
        if asked.number not in self._open:
            return wire.Failed("closed")
        self._open.move_to_end(asked.number)
        content = self._open[asked.number][0]
        target = content.images if asked.call == "render" else content.geometry
        return wire.Found(getattr(target, asked.call)(*asked.arguments))


def _layouts(content: Content) -> tuple[PackedPage, ...]:
    """Words and lines of every page: all that a review needs, so that it seldom asks again."""
    geometry = content.geometry
    if geometry is None:
        return ()
    found = []
    for page in content.pages:
        pace.step()
        found.append(pack(geometry.layout(page.number), geometry.rows(page.number)))
    return tuple(found)


def main() -> None:
    """Answer until nobody asks."""
    requests, answers = _streams()
    from . import images, pdf, render, tesseract  # noqa: F401  what most files need, before one waits

    _limit_memory()
    writing = threading.Lock()
    silent = open(os.devnull, "w")  # noqa: SIM115  lives as long as the process

    def step(seconds: float) -> None:
        with writing:  # pages are recognised beside each other
            faulthandler.dump_traceback_later(seconds, exit=True, file=silent)
            wire.send(answers, wire.Alive())

    pace.listen(step)
    reader = _Reader()
    wire.send(answers, wire.Alive())
    while True:
        asked = wire.request(requests)
        step(pace.STEP)
        reply = reader.answer(asked)
        faulthandler.cancel_dump_traceback_later()
        with writing:
            wire.send(answers, reply)


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes of this process; libraries that print write to nowhere, and read nothing."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return requests, answers


def _limit_memory() -> None:
    """Limit memory where the platform tells how much is taken, and write no core, which would hold text."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    status = BROKEN
    try:
        main()
    except (EOFError, OSError):  # nobody asks, or reads, any more
        status = 0
    finally:
        os._exit(status)
