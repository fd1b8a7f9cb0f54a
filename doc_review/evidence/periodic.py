"""An entry of weekly checks or visits turned into its items: one per check or visit, with date and fractions.

An item is a row of a table, a block under a dated head line, or the whole entry.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from ..dates import FoundDate, find_partial_dates
from .lexicon import load_yaml
from .note import Note
from .rows import Line, lines_of
from .signing_words import Dates

PeriodicKind = Literal["physics_check", "management_visit"]


@functools.cache
def lexicon() -> dict[str, Any]:
    """``periodic.yaml`` as plain data."""
    return dict(load_yaml("periodic.yaml"))


@functools.cache
def words(*keys: str) -> re.Pattern[str]:
    """The pattern under a path of keys, on word boundaries."""
    found: Any = lexicon()
    for key in keys:
        found = found[key]
    return re.compile(rf"(?<!\w)(?:{found})")


@dataclass(slots=True)
class Item:
    """One check or visit: its flat span, its head line, and what the head says.

    ``cells`` are the cells of a table row by role; ``empty`` marks a row that nobody filled in.
    """

    start: int
    end: int
    head: tuple[int, int]
    date: FoundDate | None = None
    fractions: tuple[int, int] | None = None
    value: tuple[int, int] | None = None
    strong: bool = False
    empty: bool = False
    cells: dict[str, tuple[int, int]] = field(default_factory=dict)


# ---------------------------------------------------------------- fractions


@functools.cache
def _fraction_patterns() -> tuple[re.Pattern[str], ...]:
    label = lexicon()["fraction_words"]
    joint = r"\s*(?:-|to|thru|through|–)\s*"
    middle = (
        r"(?:\s*+(?:#|no\.?|nos\.?|number|nr\.?|reviewed|seen|checked|covered|delivered|completed|given|"
        r"received|treated|"
        r"to date|so far|date|dose|:|=|/|\||\.++|_++|\())*+\s*+"
    )
    return (
        re.compile(
            rf"(?<![\w.]){label}\.?{middle}#?(\d{{1,2}}){joint}#?(\d{{1,2}})(?!\d|\.\d| ?c?gy| ?days)"
        ),
        re.compile(rf"(?<![\w.]){label}\.?{middle}(\d{{1,2}})\s*(?:/|of|out of)\s*\d{{1,2}}(?!\d|\.\d)"),
        re.compile(
            rf"(?<![\w./])(\d{{1,2}})\s*(?:/|of|out of)\s*\d{{1,2}}\s*(?:planned |prescribed )?{label}(?!\w)"
        ),
        re.compile(
            rf"(?<![\w.]){label}\.?{middle}(\d{{1,2}})(?!\d|[./%-]\d|%|\s?c?gy(?! ?\d)| ?x | ?days|"
            rf" ?weeks| ?mm| ?cm)"
        ),
        re.compile(
            rf"(?<![\w.])(?:after|completed|received|s/p|has had|"
            rf"through) (\d{{1,2}}) (?:of \d{{1,2}} )?(?:planned |prescribed )?{label}(?!\w)"
        ),
        re.compile(r"(?<![\w.])(\d{1,2})(?:st|nd|rd|th) (?:fraction|treatment|fx)\b"),
        re.compile(rf"(?:c?gy ?/ ?|c?gy in |\()(\d{{1,2}}) ?{label}(?!\w)"),
    )


def fractions_in(
    plain: str, low: int, high: int, head: bool = False
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """First and last fraction told in ``plain[low:high]`` and the span that tells them.

    In the dated ``head`` line of an item a bare count behind a dose (``16 Gy/8 fx``) is that of the day.
    """
    other = re.compile(lexicon()["other_fraction"])
    best: tuple[tuple[int, int], tuple[int, int]] | None = None
    patterns = _fraction_patterns()
    for pattern in patterns if head else patterns[:-1]:
        for match in pattern.finditer(plain, low, high):
            if other.search(plain, max(low, match.start() - 12), match.start()):
                continue
            numbers = [int(number) for number in match.groups() if number]
            if numbers[0] <= numbers[-1] <= 60 and (best is None or match.start() < best[1][0]):
                best = ((numbers[0], numbers[-1]), match.span())
            break
        if best is not None:
            break
    return best


# ---------------------------------------------------------------- tables

_RANGE_CELL = re.compile(
    r"\W*(?:f(?:x|r)\w*\.?\s*)?#?\s*(\d{1,2})\s*(?:-|to|thru|through|/|of)\s*#?(\d{1,2})\W*$"
)
_NUMBER_CELL = re.compile(r"\W*(?:f(?:x|r)\w*\.?\s*)?#?\s*(\d{1,2})\W*$")


@functools.cache
def _column() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(rf"\W*(?:{pattern})\W*$")) for name, pattern in lexicon()["table"].items())


def _roles(note: Note, line: Line) -> list[str]:
    """Column roles of a header line, ``[]`` for any other line."""
    if len(line.cells) < 3:
        return []
    roles = []
    for cell in line.cells:
        text = note.plain[cell.start : cell.end].strip()
        roles.append(next((name for name, pattern in _column() if pattern.match(text)), ""))
    known = {role for role in roles if role}
    return roles if len(known) >= 2 and known & {"date", "fraction"} else []


def _cell_fractions(note: Note, start: int, end: int) -> tuple[int, int] | None:
    text = note.plain[start:end]
    match = _RANGE_CELL.match(text)
    if match:
        first, last = int(match.group(1)), int(match.group(2))
        return (first, first) if "/" in text or " of " in text else (first, last) if first <= last else None
    match = _NUMBER_CELL.match(text)
    return (int(match.group(1)), int(match.group(1))) if match else None


def _table_items(note: Note, dates: Dates) -> list[Item]:
    """Rows under a header of checks or visits."""
    lines = lines_of(note)
    items: list[Item] = []
    roles: list[str] = []
    for line in lines:
        header = _roles(note, line)
        if header:
            roles = header
            continue
        if not roles:
            continue
        short = len(line.cells) < len(roles) and "|" in note.plain[line.start : line.end]
        if len(line.cells) != len(roles) and not short:
            if items and not items[-1].empty and len(line.cells) < len(roles):
                items[-1].end = max(items[-1].end, line.end)
            continue
        item = _row(note, line, roles, dates)
        if item is not None:
            items.append(item)
    return items


_RULE = re.compile(r"[\s|+=_.:-]*$")


def _row(note: Note, line: Line, roles: Sequence[str], dates: Dates) -> Item | None:
    if _RULE.match(note.plain[line.start : line.end]):
        return None
    cells = {role: (cell.start, cell.end) for role, cell in zip(roles, line.cells, strict=False) if role}
    filled = [c for c in line.cells if not _RULE.match(note.plain[c.start : c.end])]
    start, end = min(line.start, *(c.start for c in line.cells)), max(c.end for c in line.cells)
    item = Item(start, end, (start, end), strong=True, cells=cells)
    if len(filled) <= 1:
        item.empty = True
        item.value = (filled[0].start, filled[0].end) if filled else None
        return item if filled else None
    if "date" in cells:
        item.date = dates.after(*cells["date"], 40)
    if "fraction" in cells:
        item.fractions = _cell_fractions(note, *cells["fraction"])
        if item.fractions is None:
            told = fractions_in(note.plain, *cells["fraction"])
            item.fractions = told[0] if told else None
    if item.date is None and item.fractions is None:
        return None
    item.value = (item.date.start, item.date.end) if item.date else cells.get("fraction")
    return item


# ---------------------------------------------------------------- blocks


@functools.cache
def _head() -> re.Pattern[str]:
    return re.compile(rf"[\W\d_]*(?:(?:{lexicon()['head_words']})\b[\W\d_]*)*$")


_WEEK_OF = re.compile(r"\b(?:week (?:of|beginning|starting|from)|due)\W*$")
_ONLY = re.compile(r"[A-Za-z]{3,}")
_PLAIN_EXTRA = re.compile(
    r"\b(?:gy|cgy|wt|weight|lbs?|kg|dose|elapsed|total|cumulative|vmat|imrt|am|pm|at|of)\b"
)


def _anchor(
    note: Note, low: int, high: int, dates: Dates, near: dt.date | None, kind: PeriodicKind
) -> Item | None:
    """The item that a line heads, ``None`` for a line of its text."""
    plain = note.plain
    head_end = min(high, low + 70)
    on_line = [d for d in dates.found if low <= d.start < head_end]
    date = next(
        (d for d in on_line if not _WEEK_OF.search(plain[low : d.start])), on_line[0] if on_line else None
    )
    if date is not None and not _head().match(plain[low : date.start]):
        date = None
    if date is None and near is not None:
        partial = find_partial_dates(note.text[low : min(high, low + 24)], near)
        if partial and _head().match(plain[low : low + partial[0].start]):
            found = partial[0]
            date = FoundDate(found.start + low, found.end + low, found.date, found.has_time)
    fractions = fractions_in(plain, low, high, head=date is not None)
    if fractions and not (date or _head().match(plain[low : fractions[1][0]])):
        fractions = None
    if date is None and fractions is None:
        return None
    spans = ([(date.start, date.end)] if date else []) + ([fractions[1]] if fractions else [])
    rest = plain[low:high]
    for start, end in sorted(spans, reverse=True):
        rest = rest[: start - low] + " " + rest[end - low :]
    bare = not _ONLY.search(_PLAIN_EXTRA.sub("", re.sub(words("head_words"), "", rest)))
    labelled = words("labels", kind).search(plain, low, high) is not None
    return Item(
        low,
        high,
        (low, high),
        date=date,
        fractions=fractions[0] if fractions else None,
        value=spans[0],
        strong=bool(date and fractions) or bare or labelled,
    )


def _block_items(
    note: Note,
    dates: Dates,
    signed: Sequence[tuple[int, int]],
    near: dt.date | None,
    kind: PeriodicKind,
    labelled: bool,
) -> list[Item]:
    """Blocks under head lines; a line that only adds a date or fraction to the open block is no new head."""
    items: list[Item] = []
    closed = True
    for low, high in note.lines:
        inside = any(start < low < end for start, end in signed)
        if labelled and not words("labels", kind).search(note.plain, low, high):
            inside = True
        anchor = None if inside else _anchor(note, low, high, dates, near, kind)
        last = items[-1] if items else None
        adds = (
            anchor is not None
            and last is not None
            and not closed
            and (anchor.date is None or last.date is None)
            and (anchor.fractions is None or last.fractions is None)
        )
        if anchor is not None and not adds:
            items.append(anchor)
            closed = False
        elif last is not None:
            last.end = high
            if adds and anchor is not None:
                last.date = last.date or anchor.date
                last.fractions = last.fractions or anchor.fractions
                last.strong = last.strong or anchor.strong
        if any(low <= start < high for start, _ in signed):
            closed = True
    return items


def _holds(item: Item, signed: Sequence[tuple[int, int]]) -> bool:
    return any(item.start <= start < item.end for start, _ in signed)


def items_of(
    note: Note, kind: PeriodicKind, signed: Sequence[tuple[int, int]], whole: bool = True
) -> list[Item]:
    """Checks or visits of an entry in text order.

    ``signed`` are the flat spans of its signatures, blank lines included. Where the entry holds no
    series it is one item itself, unless ``whole`` is false.
    """
    dates = Dates(note)
    rows = _table_items(note, dates)
    if sum(not row.empty for row in rows) >= 1 and len(rows) >= 2:
        return rows
    blocks = _block_items(note, dates, signed, None, kind, not whole)
    near = note.entry.date or (dates.found[0].date if dates.found else None)
    if near is not None and not any(block.date for block in blocks):
        blocks = _block_items(note, dates, signed, near, kind, not whole)
    every = blocks
    held = [_holds(block, signed) for block in blocks]
    if blocks and sum(held) < 0.6 * len(blocks):
        blocks = [block for block in blocks if block.strong]
        held = [_holds(block, signed) for block in blocks]
    if len(blocks) >= 2:
        full = [
            block
            for block, is_held in zip(blocks, held, strict=True)
            if is_held or (block.date and block.fractions)
        ]
        if len(full) >= 2:
            _extend(full)
            return full
    if not whole:
        return [block for block, is_held in zip(blocks, held, strict=True) if is_held and block.strong][:1]
    return [_whole(note, dates, every)] if note.lines else []


def _extend(items: Sequence[Item]) -> None:
    """Let each block reach to the next one (lines of dropped blocks belong to the block before)."""
    for item, following in pairwise(items):
        item.end = max(item.end, following.start - 1)


def _whole(note: Note, dates: Dates, blocks: Sequence[Item]) -> Item:
    """The entry as one item: date and fraction of its head lines."""
    low, high = note.lines[0]
    item = Item(0, len(note.text), (low, high))
    head = next((block for block in blocks if block.date or block.fractions), None)
    if head is not None:
        item.head = head.head
        item.value = head.value
        item.fractions = head.fractions
        item.date = head.date
    elif note.entry.date is None and len({found.date for found in dates.found}) == 1:
        item.date = dates.found[0]
        item.value = (item.date.start, item.date.end)
    if note.entry.date is not None and (item.date is None or item.date.date != note.entry.date):
        own = next((d for d in dates.found if d.date == note.entry.date), None)
        item.date = own
        if own is not None:
            item.value = (own.start, own.end)
            item.head = note.line_at(own.start)
    if item.fractions is None:
        told = fractions_in(note.plain, 0, min(len(note.plain), 1500))
        if told is not None:
            item.fractions = told[0]
            item.value = item.value or told[1]
            if item.date is None:
                item.head = note.line_at(told[1][0])
    return item
