"""Lines turned into the heads of notes: the date and author that a print sets over every note, title or none.

A hospital's print heads each note in one and the same way (``Date: ...  Author: ...``, on a line, on two, or as
the columns of a table; ``Consult Note by ... at ...``). Such a head stands above the first note and has text below the last one; a block of
signatures does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..names import person_at
from .entry_dates import dates_in, known_label
from .lines import Line
from .opening import TRAILER
from .titles import Title, title_of

_FEWEST = 3
_ABOVE = 4
_LONGEST = 140
_AUTHORS = frozenset(
    {
        "author", "provider", "physician", "clinician", "staff", "physician/staff", "author/provider", "by",
        "written by", "entered by", "documented by", "dictated by", "performed by", "service provider",
        "attending", "practitioner", "note author",
    }
)  # fmt: skip
_COLON = re.compile(r"(?<=[A-Za-z])\s?:(?=\s|$)")
_WORD = re.compile(r"[A-Za-z/&]+")
_KEYS = re.compile(r"^[A-Za-z/& ]+$")
_SECTIONS = frozenset({"physics_check", "management_visit"})


_BY = re.compile(r"([A-Z][A-Za-z&/ ()-]{2,50}?),? (?:by|signed by|written by) (?=[A-Z])")
_WHEN = re.compile(r"[ ,]{1,2}(?:(?:at|on)[ ]|[-\u2013][ ])?")
_BY_SHAPE = ("by",)


@dataclass(frozen=True, slots=True)
class _Head:
    """A head: the line it begins with (a title over it included), its own line, and what it says."""

    top: int
    index: int
    labels: tuple[str, ...]
    said: str


def _role(label: str) -> str | None:
    if label in _AUTHORS:
        return "author"
    return "date" if known_label(label) in ("service", "plain") else None


def _labelled(words: Sequence[str]) -> tuple[str, str] | None:
    """The longest label (and its role) that a run of words ends with."""
    for size in (3, 2, 1):
        label = " ".join(words[-size:]).lower()
        role = _role(label) if len(words) >= size else None
        if role:
            return label, role
    return None


def _keys(text: str) -> list[tuple[str, str]]:
    """Labels of dates and authors before the colons of a line, each with its role."""
    found = []
    start = 0
    for colon in _COLON.finditer(text):
        key = _labelled(_WORD.findall(text[start : colon.start()]))
        if key:
            found.append(key)
        start = colon.end()
    return found


def _columns(text: str) -> list[tuple[str, str]]:
    """Labels of a table's head: nothing but words, a date's and an author's among them."""
    words = text.split()
    if not 2 <= len(words) <= 8 or not _KEYS.match(text):
        return []
    ends = [_labelled(words[:stop]) for stop in range(1, len(words) + 1)]
    found = [key for key in ends if key]
    return found if {role for _, role in found} == {"author", "date"} else []


def _complete(keys: Sequence[tuple[str, str]]) -> bool:
    return {role for _, role in keys} == {"author", "date"}


def _usable(line: Line) -> bool:
    return not line.signature and not line.ruler and "print" not in line.tags


def _head(lines: Sequence[Line], index: int) -> _Head | None:
    """The head whose first labelled line this is."""
    line = lines[index]
    below = lines[index + 1] if index + 1 < len(lines) else None
    if not _usable(line) or len(line.text) > _LONGEST:
        return None
    if _title_by(line.text) is not None:
        return _Head(index, index, _BY_SHAPE, line.text)
    keys = _keys(line.text)
    if below is None or below.sheet != line.sheet or not _usable(below):
        below = None
    if _complete(keys) and dates_in(line.text, False):
        said = line.text
    elif keys and below is not None and below.gap == 0 and _complete([*keys, *_keys(below.text)]):
        if len({role for _, role in keys}) != 1 or not dates_in(f"{line.text}  {below.text}", False):
            return None
        keys, said = [*keys, *_keys(below.text)], f"{line.text}\n{below.text}"
    elif not keys and below is not None and dates_in(below.text, False) and (keys := _columns(line.text)):
        said = below.text
    else:
        return None
    return _Head(_top(lines, index), index, tuple(label for label, _ in keys), said)


def _title_by(text: str) -> Title | None:
    """The title of a head such as ``Progress Note by Ann Roe, MD at 01/08/2025 1:00 PM``."""
    match = _BY.match(text)
    person = person_at(text, match.end()) if match else None
    if match is None or person is None:
        return None
    when = _WHEN.match(text, person[2])
    if when is None or not any(found.start == when.end() for found in dates_in(text, False)):
        return None
    return replace(title_of(match.group(1)) or Title("note", False), weak=False, keyed=True)


def _top(lines: Sequence[Line], index: int) -> int:
    """The title within a few lines above a head, else the head itself."""
    for above in range(index, max(-1, index - _ABOVE), -1):
        line = lines[above]
        if line.sheet != lines[index].sheet or line.signature or (line.text.endswith(".") and above < index):
            break
        if line.title is not None and len(line.text) <= _LONGEST // 2:
            return above
    return index


def _parts_notes(lines: Sequence[Line], heads: Sequence[_Head]) -> bool:
    """Whether heads of one shape stand over notes: above the first, with text below each, the last included."""
    if len(heads) < _FEWEST:
        return False
    before = [line for line in lines[: heads[0].index] if not line.furniture]
    if any(line.signature for line in before) or sum(_is_sentence(line) for line in before) > 1:
        return False
    titled = sum(head.top < head.index for head in heads)
    if titled < len(heads) / 2 and any(line.title and line.title.kind in _SECTIONS for line in before):
        return False
    stops = [*(head.top for head in heads[1:]), len(lines)]
    bodies = [lines[head.index + 1 : stop] for head, stop in zip(heads, stops, strict=True)]
    told = [any(_tells(line) for line in body) for body in bodies]
    return told[-1] and sum(told) >= 0.9 * len(told)


def _tells(line: Line) -> bool:
    """Whether a line is text of a note rather than of its foot or of the paper."""
    return _usable(line) and line.counter is None and TRAILER.match(line.text) is None


def _is_sentence(line: Line) -> bool:
    return line.text.endswith(".") and not line.text.endswith("..") and line.text.count(" ") > 4


def mark_heads(lines: Sequence[Line]) -> None:
    """Tag with ``head`` the line that begins each head of a note, where the document heads its notes alike.

    A head repeated at the top of a sheet continues the note. The title that a table's row holds beside its
    date becomes the title of that line.
    """
    shapes: dict[tuple[str, ...], list[_Head]] = {}
    for index in range(len(lines)):
        head = _head(lines, index)
        if head:
            shapes.setdefault(head.labels, []).append(head)
    for heads in shapes.values():
        if not _parts_notes(lines, heads):
            continue
        for number, head in enumerate(heads):
            if not number or not _continues(lines, heads[number - 1], head):
                lines[head.top].tags.add("head")
            if head.labels == _BY_SHAPE:
                lines[head.top].title = _title_by(head.said)
            elif head.top == head.index:
                _title_row(lines, head)


def _continues(lines: Sequence[Line], before: _Head, head: _Head) -> bool:
    """Whether a head only repeats the one before it, on a new sheet."""
    same_title = lines[before.top].text == lines[head.top].text if head.top < head.index else True
    fresh_sheet = lines[before.index].sheet != lines[head.index].sheet and lines[head.index].edge
    return fresh_sheet and before.said == head.said and same_title


def _title_row(lines: Sequence[Line], head: _Head) -> None:
    """Take the title of a table's row from beside its date, and tag the row with ``columns``."""
    row = lines[head.index + 1] if head.index + 1 < len(lines) else None
    if row is None or row.text != head.said:
        return
    row.tags.add("columns")
    date = dates_in(row.text, False)[0]
    for cell in (row.text[: date.start], row.text[date.end :]):
        title = title_of(cell.strip())
        if title is not None:
            row.title = replace(title, weak=False, keyed=True)
            return
