"""Lines turned into blocks that a signature closes: weekly visits or checks whatever heads them.

In a file of weekly notes each block has a date or a fraction and a signature of its own. Where the block
has no header of a known shape, its first line after the signature before begins it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..dates import without_births
from .cutting import ATTESTATION
from .entry_dates import dates_in
from .lines import Line
from .opening import OWN_SECTIONS, TRAILER, alone
from .series import begins_with_date, fractions_of, only_date
from .titles import kind_of_content

_GIVEN = re.compile(
    r"\b(?:M\.?D|D\.?O|MBBS|MBChB|FRCR|Ph\.?D|M\.?S|MSc|DABR|DABMP|QMP|MPE|NP|PA(?:-C)?|ARNP|CRNP|APRN|FNP|RN|CMD|RTT?)\b"
    r"|\bDr\b|_{4,}|\b(?:pending|awaiting|unsigned)\b"
)
_HEAD_LINES = 4
_SHORT = 60
_LETTERS = 8
_ANY_KIND = frozenset({"note", "addendum", "other"})


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines ``start`` to ``stop`` (exclusive), the signature's included, and what marks them."""

    start: int
    stop: int
    dates: frozenset[dt.date]
    fraction: int | None


def _closes(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is a signature that somebody gave or left blank, not a column or a tick that names one."""
    line = lines[index]
    if not line.signature:
        return False
    below = lines[index + 1].text if index + 1 < len(lines) else ""
    return bool(_GIVEN.search(line.text) or dates_in(line.text, False) or only_date(below))


def _is_tail(line: Line) -> bool:
    """Whether a line below a signature still belongs to it (a title, a date, a copy list)."""
    if line.furniture or line.signature:
        return True
    if line.title is not None or "series" in line.tags or fractions_of(line.text) is not None:
        return False
    return line.gap == 0 and len(line.text) <= _SHORT and (only_date(line.text) or _is_trailer(line))


def _is_trailer(line: Line) -> bool:
    return TRAILER.match(line.text) is not None and (not dates_in(line.text, False) or ":" not in line.text)


def _blocks(lines: Sequence[Line]) -> Iterator[_Block]:
    """Stretches of lines up to each signature and what stands below it."""
    start = index = 0
    while index < len(lines):
        if not _closes(lines, index):
            index += 1
            continue
        stop = index + 1
        while stop < len(lines) and _is_tail(lines[stop]):
            stop += 1
        yield _block(lines, start, stop)
        start = index = stop


def _block(lines: Sequence[Line], start: int, stop: int) -> _Block:
    inside = [line for line in lines[start:stop] if "print" not in line.tags]
    found = without_births(date for line in inside for date in dates_in(line.text, False))
    told = (fractions_of(line.text) for line in inside)
    fraction = next((number for number in told if number is not None), None)
    return _Block(start, stop, frozenset(item.date for item in found), fraction)


def _text(lines: Sequence[Line], block: _Block) -> list[Line]:
    """Lines of a block that tell something: neither paper, nor signature, nor title."""
    return [
        line
        for line in lines[block.start : block.stop]
        if not line.furniture and not line.signature and line.title is None and _tells(line.text)
    ]


def _tells(text: str) -> bool:
    """Whether a line has words, not only the numbers of a table's row."""
    return sum(char.isalpha() for char in text) >= _LETTERS


def _differs(block: _Block, before: _Block) -> bool:
    """Whether a block tells of another fraction or another day than the one before it."""
    if block.fraction is not None and before.fraction is not None:
        return block.fraction != before.fraction
    return bool(block.dates - before.dates)


def mark_closed(lines: Sequence[Line]) -> None:
    """Tag the first lines of signed blocks that no title and no series header begins with ``closed``.

    Only blocks that read as a visit or a check, tell of another day or fraction than the block before, and
    stand in a document that opens with such a block. A co-signature or an attestation begins none.
    """
    blocks = list(_blocks(lines))
    if len(blocks) < 2:
        return
    above = _titled(lines)
    if not _text(lines, blocks[0]):
        _mark_signed_on_top(lines, blocks, above)
        return
    for before, block in pairwise(blocks):
        body = lines[block.start : block.stop]
        headed = any("series" in line.tags or _opens(line) for line in body[:_HEAD_LINES])
        if headed or not _text(lines, block) or not _differs(block, before):
            continue
        written = "\n".join(line.text for line in body)
        if ATTESTATION.search(written) or not _weekly(above[block.start], written):
            continue
        lines[block.start].tags.add("closed")


def _mark_signed_on_top(lines: Sequence[Line], blocks: Sequence[_Block], above: Sequence[str | None]) -> None:
    """Tag the signatures that stand over their visit or check, on a line that begins with its date."""
    heads = [next(i for i in range(block.start, block.stop) if lines[i].signature) for block in blocks]
    stops = [*heads[1:], len(lines)]
    bodies = [lines[head + 1 : stop] for head, stop in pairwise([*heads, stops[-1]])]
    dated = all(begins_with_date(lines[head].text) for head in heads)
    if not dated or not all(any(_tells(line.text) for line in body) for body in bodies):
        return
    for head, body in zip(heads[1:], bodies[1:], strict=True):
        if _weekly(above[head], "\n".join(line.text for line in (lines[head], *body))):
            lines[head].tags.add("closed")


def _opens(line: Line) -> bool:
    return line.title is not None and not line.title.weak and alone(line)


def _weekly(above: str | None, written: str) -> bool:
    """Whether the kind titled above a block, or its own words, are those of a visit or a check."""
    return above in OWN_SECTIONS or (above is None and kind_of_content(written) in OWN_SECTIONS)


def _titled(lines: Sequence[Line]) -> list[str | None]:
    """For each line the kind of the last strong title before it (of the first line, its own)."""
    kinds: list[str | None] = []
    kind: str | None = None
    for index, line in enumerate(lines):
        title = line.title
        told = title is not None and not title.weak and title.kind not in _ANY_KIND
        if told and index == 0:
            kind = title.kind if title else None
        kinds.append(kind)
        if told and title is not None:
            kind = title.kind
    return kinds
