"""Turns a page's text and the spans cited on it into pieces that can be marked without nesting."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_CONTROL_PICTURES = 0x2400
_COLUMN_GAP = re.compile(r"\S(?: {3,}|\t+ *| *\| *)\S")
_LAYOUT_SHARE = 0.15
_LAYOUT_WIDTH = 220
_WRAPPED_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Mark:
    """A cited span of one page: code points, end exclusive; ``key`` is the number of its evidence."""

    start: int
    end: int
    key: int
    main: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that the same marks cover: all their keys, and those whose main span starts here."""

    text: str
    keys: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()


def pieces(text: str, marks: Iterable[Mark]) -> tuple[Piece, ...]:
    """The text cut at every start and end of a mark; joined, the pieces are the text.

    Marks that do not lie in the text are left out.
    """
    inside = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    cuts = sorted({0, len(text), *(mark.start for mark in inside), *(mark.end for mark in inside)})
    made: list[Piece] = []
    for start, end in itertools.pairwise(cuts):
        keys = sorted({mark.key for mark in inside if mark.start <= start and end <= mark.end})
        starts = sorted({mark.key for mark in inside if mark.main and mark.start == start})
        made.append(Piece(text[start:end], tuple(keys), tuple(starts)))
    return tuple(made)


def visible(text: str) -> str:
    """``text`` with each control or bidi character replaced by one visible character.

    The length in code points stays, so offsets stay; nothing can reorder or hide what stands beside it.
    """
    lines = text.replace("\r\n", " \n").replace("\r", "\n")
    return _INVISIBLE.sub(_picture, lines)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(_CONTROL_PICTURES + code) if code < 0x20 else "\ufffd"


def form_of(text: str) -> str:
    """How a page's lines are to be shown.

    ``layout``: they stand in columns (tables, forms), which wrapping would take apart. ``wrapped``:
    the writer has broken them. Empty: paragraphs of one long line each.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    columns = sum(1 for line in lines if _COLUMN_GAP.search(line))
    widest = max((len(line) for line in lines), default=0)
    if columns > len(lines) * _LAYOUT_SHARE and widest <= _LAYOUT_WIDTH:
        return "layout"
    return "wrapped" if widest <= _WRAPPED_WIDTH else ""
