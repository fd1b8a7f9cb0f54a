"""What the review asks of the process that reads its files, and what comes back, as messages on a pipe."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from .base import Cell, DicomElement, DicomItem, Mark, Page
from .packed import PackedPage
from .sniff import Kind

PROTOCOL = 5
Call = Literal["part", "tables", "marks", "render"]


@dataclass(frozen=True, slots=True)
class Read:
    """Read a file and keep it open under a number. ``closed`` are numbers nobody asks for any more."""

    number: int
    kind: Kind
    data: bytes
    cache: Path | None
    closed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """Look something up in an open file."""

    number: int
    call: Call
    arguments: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """The answer to ``Read``: the pages, the layout of each where they have one, whether they can be drawn, and
    the attributes of a DICOM object."""

    pages: tuple[Page, ...]
    layouts: tuple[PackedPage, ...]
    images: bool
    dicom: DicomItem | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to ``Look``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer: the file is not open (any more), refused, damaged, or needs too much memory.

    ``told`` is the reason for ``refused`` and the name of an error for ``damaged`` and ``missing``.
    """

    why: Literal["closed", "refused", "damaged", "memory", "missing"]
    told: str = ""


@dataclass(frozen=True, slots=True)
class Alive:
    """The process has started, or a step of reading begins."""


_ANSWERS: dict[str, Any] = {
    one.__name__: one
    for one in (Pages, Found, Failed, Alive, Page, Cell, Mark, PackedPage, DicomItem, DicomElement)
}


class _Answers(pickle.Unpickler):
    """Builds nothing but answers: the process that sends them has read a file nobody trusts."""

    def find_class(self, module: str, name: str) -> Any:
        """A class that an answer may hold. Raises ``UnpicklingError`` for any other."""
        known = _ANSWERS.get(name)
        if known is None or known.__module__ != module:
            raise pickle.UnpicklingError("not an answer")
        return known


def send(stream: IO[bytes], message: object) -> None:
    """Write a message. Raises ``OSError`` where nobody reads any more."""
    pickle.dump(message, stream, PROTOCOL)
    stream.flush()


def request(stream: IO[bytes]) -> Read | Look:
    """The next request. Raises ``EOFError`` where there will be none."""
    asked: Read | Look = pickle.load(stream)  # noqa: S301  comes from the process that started this one
    return asked


def answer(stream: IO[bytes]) -> Pages | Found | Failed | Alive:
    """The next answer. Raises ``EOFError`` or ``UnpicklingError`` where none comes."""
    came = _Answers(stream).load()
    if not isinstance(came, (Pages, Found, Failed, Alive)):
        raise pickle.UnpicklingError("not an answer")
    return came
