"""An open page of pdfium turned into its text, and every code point of that text into a character index.

The one place where pdfium's text is changed: ``\\r\\n`` becomes ``\\n``, a hyphen at which pdfium joined
two lines becomes ``-`` and a line break, control characters become spaces, unpaired surrogates and
characters without a meaning become U+FFFD. Tick boxes are written where they stand, as ``[x]`` or
``[ ]`` before (or after) the nearest word of their line, because their state is nowhere in the text, and a
signature field that nobody has signed as a blank line; one with no word near is a line of its own at the end of the page, with the name of its field.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from .layout import Rect, Word, on_one_line, union
from .pdfium import OpenPage, TickBox

NO_CHAR = -1
"""Index of a code point that stands for nothing drawn: a line break, a space of ours."""
_JOINED = "\ufffe"
_TICK_REACH = 4.0
"""Farthest word that a tick box belongs to, in heights of the box or the word, whichever is larger."""
_TOKEN = re.compile(r"\S+")
_CONTROL = dict.fromkeys((*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")
_CLEAN = str.maketrans({**_CONTROL, **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")})
_SURROGATE = re.compile("[\ud800-\udfff]")
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe]")


@dataclass(slots=True)
class PageText:
    """The text of a page and what each code point stands for.

    ``index`` holds pdfium's character index, ``NO_CHAR``, or ``-2 - n`` for the n-th of ``marks``. Text
    beyond its end was recognised from a picture.
    """

    text: str
    index: array[int]
    marks: list[Rect] = field(default_factory=list)


def page_text(page: OpenPage, ticks: Sequence[TickBox] = ()) -> PageText:
    """Text of an open page, with its tick boxes."""
    units = page.units()
    found = _paired(units) if _SURROGATE.search(units) else _plain(units)
    char_of = page.char_indices(len(units)) if units else None
    if char_of is not None:
        found.index = array("i", (char_of(unit) if unit >= 0 else unit for unit in found.index))
    if _ODD.search(found.text):
        found = _mended(found, page)
    return with_ticks(found, native_words(found, page), ticks) if ticks else found


def _plain(units: str) -> PageText:
    """Text whose code points are its units."""
    index = array("i")
    position = 0
    counted = array("i", range(len(units)))  # slices of it are copied faster than numbers are made
    for line in units.split("\r\n"):
        index += counted[position : position + len(line)]
        index.append(NO_CHAR)
        position += len(line) + 2
    index.pop()
    return PageText(units.replace("\r\n", "\n"), index)


def _paired(units: str) -> PageText:
    """Text with surrogate pairs: the index is that of a pair's first unit."""
    chars: list[str] = []
    index = array("i")
    position = 0
    for char in units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"):
        chars.append(char)
        index.append(position)
        position += 2 if ord(char) > 0xFFFF else 1
    text = "".join(chars)
    kept = [at for at, char in enumerate(text) if not (char == "\r" and text[at + 1 : at + 2] == "\n")]
    indices = array("i", (NO_CHAR if text[at] == "\n" else index[at] for at in kept))
    return PageText("".join(text[at] for at in kept), indices)


def _mended(found: PageText, page: OpenPage) -> PageText:
    """Line-joining hyphens opened again, and what is no text replaced, one code point for one."""
    pieces: list[str] = []
    index = array("i")
    start = 0
    for match in re.finditer(_JOINED, found.text):
        at = match.start()
        pieces.append(found.text[start:at])
        index.extend(found.index[start:at])
        if page.is_hyphen(found.index[at]):
            broken = found.text[at + 1 : at + 2] != "\n"
            pieces.append("-\n" if broken else "-")
            index.append(found.index[at])
            if broken:
                index.append(NO_CHAR)
        else:
            pieces.append("\ufffd")
            index.append(found.index[at])
        start = at + 1
    pieces.append(found.text[start:])
    index.extend(found.index[start:])
    return PageText("".join(pieces).translate(_CLEAN), index)


# ---------------------------------------------------------------- words


def native_words(found: PageText, page: OpenPage) -> list[Word]:
    """Words of the text with their rectangles, in text order; what has no place on the page is left out."""
    words: list[Word] = []
    index = found.index
    for token in _TOKEN.finditer(found.text, 0, len(index)):
        start, end = token.span()
        first, last = index[start], index[end - 1]
        rect = page.run_rect(first, last) if first >= 0 and last >= 0 else None
        if rect is not None:
            words.append(Word(start, end, *rect))
        else:
            words.extend(_pieces(found, page, start, end))
    return words


def char_rect(found: PageText, page: OpenPage, offset: int) -> Rect | None:
    """Rectangle of one code point; ``None`` where nothing is drawn."""
    index = found.index[offset]
    if index >= 0:
        return page.char_rect(index)
    return None if index == NO_CHAR else found.marks[-2 - index]


def _pieces(found: PageText, page: OpenPage, start: int, end: int) -> list[Word]:
    """A token that does not run along one line, cut where it turns; upright margin text stays whole."""
    rects = [(at, rect) for at in range(start, end) if (rect := char_rect(found, page, at)) is not None]
    pieces: list[Word] = []
    for at, rect in rects:
        last = pieces[-1] if pieces else None
        if last is not None and (on_one_line(last.rect, rect) or _upright(last.rect, rect)):
            pieces[-1] = Word(last.start, at + 1, *union((last.rect, rect)))
        else:
            pieces.append(Word(at, at + 1, *rect))
    return pieces


def _upright(above: Rect, rect: Rect) -> bool:
    """Whether a character continues text that runs up or down the page."""
    width = max(0.01, min(above[2] - above[0], rect[2] - rect[0]))
    beside = min(above[2], rect[2]) - max(above[0], rect[0]) >= 0.8 * width
    apart = max(rect[1] - above[3], above[1] - rect[3])
    return beside and apart <= 0.5 * (rect[3] - rect[1])


# ---------------------------------------------------------------- tick boxes


def with_ticks(found: PageText, words: Sequence[Word], ticks: Sequence[TickBox]) -> PageText:
    """The text with ``[x]`` and ``[ ]`` written where the boxes stand."""
    inserts: list[tuple[int, int, str]] = []
    alone: list[tuple[str, Rect]] = []
    for tick in ticks:
        mark = tick.mark
        place = _place(tick.rect, words)
        if place is None:
            alone.append((f"{mark} {tick.name}".rstrip().translate(_CLEAN), tick.rect))
        else:
            inserts.append((place[0], len(found.marks), f"{mark} " if place[1] else f" {mark}"))
            found.marks.append(tick.rect)
    return _with_lines(_with_inserts(found, inserts), alone)


def _place(box: Rect, words: Sequence[Word]) -> tuple[int, bool] | None:
    """Offset at which a box belongs, and whether it stands before a word (else after one)."""
    best: tuple[float, int, bool] | None = None
    for word in words:
        if not on_one_line(box, word.rect):
            continue
        before = word.x0 >= (box[0] + box[2]) / 2
        gap = word.x0 - box[2] if before else box[0] - word.x1
        if gap > _TICK_REACH * max(box[3] - box[1], word.y1 - word.y0):
            continue
        candidate = (gap, word.start if before else word.end, before)
        if best is None or candidate < best:
            best = candidate
    return None if best is None else (best[1], best[2])


def _with_inserts(found: PageText, inserts: list[tuple[int, int, str]]) -> PageText:
    pieces: list[str] = []
    index = array("i")
    start = 0
    for at, mark, written in sorted(inserts):
        pieces += [found.text[start:at], written]
        index.extend(found.index[start:at])
        index.extend(
            [NO_CHAR] * written.startswith(" ")
            + [-2 - mark] * len(written.strip())
            + [NO_CHAR] * written.endswith(" ")
        )
        start = at
    pieces.append(found.text[start:])
    index.extend(found.index[start:])
    return PageText("".join(pieces), index, found.marks)


def _with_lines(found: PageText, lines: Sequence[tuple[str, Rect]]) -> PageText:
    for line, rect in lines:
        joint = "\n" if found.text else ""
        found.text += joint + line
        found.index.extend([NO_CHAR] * len(joint) + [-2 - len(found.marks)] * len(line))
        found.marks.append(rect)
    return found
