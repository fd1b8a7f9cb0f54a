"""Pictures of pages turned into text that keeps lines and columns, with a box and a confidence for its words.

A page is recognised once: what was found is kept in the cache by the page's content, the versions of the
programs and the settings.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from ..errors import DocumentError
from . import cache, pace, tesseract
from .cleaning import cleaned
from .ink import Ink, find_ink
from .layout import Rect, Word, on_one_line, visual_lines
from .tesseract import Found

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 300
_SETTINGS = "2"
"""Changes whenever the same picture would give other words, so that older cache entries are not used."""
_WORKERS = 2
_GOOD = 80.0
_POOR = 60.0
_FEW = 5
ILLEGIBLE = 40.0
"""Mean confidence below which a page counts as unread: handwriting, a photograph, a ruined fax."""
_EMPTY = 0.00005
"""Share of ink below which a page is not even tried."""
_SPECKS = 0.005
"""Share of ink up to which a page without a word is blank; more is something that could not be read."""
_PRINTED = 60.0
"""Confidence from which a word is taken for print where a pen may have written."""
_CERTAIN = 88.0
_TALL = 1.6
"""Height, in usual heights of a word, up to which it is print."""
_BAND = 64
"""Height in pixels of the bands by which words that may overlap are found."""
_CONTRAST = 40
"""Gray levels by which ink is darker than the paper; faint print is."""
_NOISE = 60.0
"""Confidence from which a word without a letter or digit is kept; specks and ruling lines stay below."""
_SPACE = 1.8
"""Widest gap, in character widths, that is one space; a wider one is a column gap."""
_PARAGRAPH = 1.7
"""Distance of two lines, in usual distances, from which a blank line is written between them."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A picture to recognise: ``identity`` names its content, ``draw`` makes it (gray, at ``dpi``).

    ``width`` is that of the displayed page in points, where it is known better than from ``dpi``.
    """

    identity: str
    draw: Callable[[], Image]
    dpi: int = DPI
    width: float | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text of a scanned page.

    ``words`` lie on the page as displayed; ``upright`` holds the same words with the page turned
    upright and its skew taken out, for lines and cells, as do the marks in ``ink`` (points).
    ``confidence`` is 0..100. ``blank`` is a page with nothing on it.
    """

    text: str
    words: tuple[Word, ...]
    upright: tuple[Word, ...]
    confidence: float
    blank: bool = False
    ink: tuple[Ink, ...] = ()

    def moved(self, offset: int) -> Recognised:
        """The same with every span moved by an offset."""
        moved = [
            tuple(replace(word, start=word.start + offset, end=word.end + offset) for word in words)
            for words in (self.words, self.upright)
        ]
        return replace(self, words=moved[0], upright=moved[1])


@dataclass(frozen=True, slots=True)
class _Raw:
    """What the recogniser found: pixels of the page turned by ``turns`` clockwise quarters.

    ``width`` and ``height`` are those of the page as displayed. The marks in ``ink`` lie on the page with its skew taken out.
    """

    found: tuple[Found, ...]
    width: int
    height: int
    turns: int
    blank: bool
    ink: tuple[Ink, ...] = ()


def recognise(
    scans: Sequence[Scan], folder: Path | None, taken: Sequence[Sequence[Rect]] = ()
) -> list[Recognised | None]:
    """Recognise pictures, two at a time; ``None`` where the program fails.

    ``taken`` holds, for each picture, displayed rectangles (points) of words that are known already.
    """
    with ThreadPoolExecutor(_WORKERS) as pool:
        raws = list(pool.map(lambda scan: _cached(scan, folder), scans))
    known = list(taken) or [()] * len(scans)
    return [
        _laid_out(raw, scan, rects) if raw is not None else None
        for raw, scan, rects in zip(raws, scans, known, strict=True)
    ]


def _cached(scan: Scan, folder: Path | None) -> _Raw | None:
    parts = json.dumps([scan.identity, scan.dpi, tesseract.version(), _SETTINGS])
    key = hashlib.sha256(parts.encode()).hexdigest()
    kept = cache.load(folder, key)
    if kept is not None and (raw := _decoded(kept)) is not None:
        return raw
    try:
        raw = _recognised(scan)
    except DocumentError:  # a damaged picture: the page is unread, the document goes on
        return None
    if raw is not None:
        cache.store(folder, key, _encoded(raw))
    return raw


def _encoded(raw: _Raw) -> bytes:
    words = [[f.text, f.x0, f.y0, f.x1, f.y1, f.confidence, *f.line] for f in raw.found]
    ink = [[mark.x0, mark.y0, mark.x1, mark.y1, mark.inked] for mark in raw.ink]
    return json.dumps([raw.width, raw.height, raw.turns, raw.blank, words, ink]).encode()


def _decoded(kept: bytes) -> _Raw | None:
    try:
        width, height, turns, blank, words, marks = json.loads(kept)
        ink = tuple(Ink(*mark) for mark in marks)
        found = tuple(Found(t, a, b, c, d, sure, (i, j, k)) for t, a, b, c, d, sure, i, j, k in words)
    except (ValueError, TypeError, IndexError):
        return None
    return _Raw(found, width, height, turns, blank, ink)


# ---------------------------------------------------------------- recognition


def _recognised(scan: Scan) -> _Raw | None:
    """Words by the usual mode; a poor page is tried as one block, and turned upright."""
    pace.step()
    picture = scan.draw()
    dark = _dark(picture)
    ink = _ink(picture, dark)
    if ink < _EMPTY:
        return _Raw((), picture.width, picture.height, 0, True)
    picture = cleaned(picture, dark)
    image = _png(picture)
    found = _best(image, scan.dpi)
    if found is None:
        return None
    turns, upright = 0, picture
    if _mean(found) < _POOR or len(found) < _FEW:
        turns = tesseract.quarter_turns(image, scan.dpi)
        if turns:
            level = picture.rotate(-90 * turns, expand=True)
            turned = _best(_png(level), scan.dpi)
            if turned and _score(turned) > _score(found):
                found, upright = turned, level
            else:
                turns = 0
    kept = [f for f in _once(found) if f.confidence >= _NOISE or _is_written(f.text)]
    marks = _marks(upright, scan.dpi, dark, kept)
    kept = [f for f in kept if not _is_pen(f, kept, marks, upright.width)]
    return _Raw(tuple(kept), picture.width, picture.height, turns, not kept and ink < _SPECKS, tuple(marks))


def _marks(picture: Image, dpi: int, dark: int, found: Sequence[Found]) -> list[Ink]:
    """Marks of a pen on the page with its skew taken out."""
    from PIL.Image import Transform

    slope, middle = _slope(found), picture.width / 2
    level = picture
    if slope:
        shear = (1, 0, 0, slope, 1, -slope * middle)
        level = picture.transform(picture.size, Transform.AFFINE, shear, fillcolor=255)
    height = _height(found)
    printed = [_level(f, slope, middle) for f in found if f.confidence >= _PRINTED and _is_print(f, height)]
    return find_ink(level, dpi, dark, printed)


def _height(found: Sequence[Found]) -> float:
    """Usual height of a word in pixels."""
    return median(f.y1 - f.y0 for f in found) if found else 0.0


def _is_print(found: Found, height: float) -> bool:
    """Whether what was read as a word is as tall as print, or certain enough for a larger one."""
    return "_" not in found.text and (
        found.y1 - found.y0 <= _TALL * height
        or (found.confidence >= _CERTAIN and len(found.text) >= _FEW - 1)
    )


def _is_pen(found: Found, words: Sequence[Found], marks: Sequence[Ink], width: int) -> bool:
    """Whether a pen's stroke was taken for a word: it lies in a mark and is unsure or taller than print."""
    if found.confidence >= _PRINTED and _is_print(found, _height(words)):
        return False
    x0, y0, x1, y1 = _level(found, _slope(words), width / 2)
    return any(
        mark.inked
        and min(x1, mark.x1) - max(x0, mark.x0) > 0.5 * (x1 - x0)
        and min(y1, mark.y1) - max(y0, mark.y0) > 0.5 * (y1 - y0)
        for mark in marks
    )


def _level(found: Found, slope: float, middle: float) -> Rect:
    """A word's box with the skew of its page taken out."""
    shift = slope * ((found.x0 + found.x1) / 2 - middle)
    return found.x0, found.y0 - shift, found.x1, found.y1 - shift


def _once(found: Sequence[Found]) -> list[Found]:
    """Words without those that the recogniser found a second time in an overlapping block."""
    best: list[Found] = []
    near: dict[int, list[Found]] = {}
    for f in sorted(found, key=lambda f: -f.confidence):
        rows = range(f.y0 // _BAND, f.y1 // _BAND + 1)
        if not any(_overlap(f, other) for row in rows for other in near.get(row, ())):
            best.append(f)
            for row in rows:
                near.setdefault(row, []).append(f)
    kept = set(map(id, best))
    return [f for f in found if id(f) in kept]


def _overlap(first: Found, second: Found) -> bool:
    """Whether two words share more than half of the smaller one's area."""
    wide = min(first.x1, second.x1) - max(first.x0, second.x0)
    high = min(first.y1, second.y1) - max(first.y0, second.y0)
    areas = ((f.x1 - f.x0) * (f.y1 - f.y0) for f in (first, second))
    return wide > 0 and high > 0 and 2 * wide * high > min(areas)


def _is_written(text: str) -> bool:
    """Whether a word is more than a speck: it holds letters or digits, or is a line to sign on."""
    return any(char.isalnum() for char in text) or "___" in text


def _best(image: bytes, dpi: int) -> list[Found] | None:
    found = tesseract.words(image, dpi, tesseract.COLUMN)
    if found is None or _mean(found) >= _GOOD:
        return found
    other = tesseract.words(image, dpi, tesseract.BLOCK)
    return other if other and _score(other) > _score(found) else found


def _mean(found: Sequence[Found]) -> float:
    """Mean confidence, each character counting once."""
    chars = sum(len(f.text) for f in found)
    return sum(f.confidence * len(f.text) for f in found) / chars if chars else 0.0


def _score(found: Sequence[Found]) -> float:
    """How much was recognised with confidence."""
    return sum((f.confidence - 50) * len(f.text) for f in found)


def _dark(picture: Image) -> int:
    """Gray below which a pixel is ink."""
    counts = _inner(picture).histogram()
    return max(range(128, 256), key=counts.__getitem__) - _CONTRAST


def _ink(picture: Image, dark: int) -> float:
    """Share of ink inside the page's margin."""
    inner = _inner(picture)
    return sum(inner.histogram()[:dark]) / max(1, inner.width * inner.height)


def _inner(picture: Image) -> Image:
    """The picture inside the page's margin (scanners darken the rim)."""
    x, y = picture.width // 25, picture.height // 25
    return picture.crop((x, y, max(x + 1, picture.width - x), max(y + 1, picture.height - y)))


def _png(picture: Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


# ---------------------------------------------------------------- text


def _laid_out(raw: _Raw, scan: Scan, taken: Sequence[Rect]) -> Recognised:
    """Text of the words, lines from top to bottom, columns apart; words known already are left out."""
    scale = scan.width / raw.width if scan.width is not None else 72 / scan.dpi
    kept = [f for f in raw.found if not _is_taken(_displayed(f, raw, scale), taken)]
    slope = _slope(kept)
    middle = (raw.height if raw.turns % 2 else raw.width) / 2
    placed = [
        Word(index, index + 1, *(side * scale for side in _level(f, slope, middle)))
        for index, f in enumerate(kept)
    ]
    if not placed:
        return Recognised("", (), (), 0.0, raw.blank)
    ink = tuple(mark.scaled(scale) for mark in raw.ink)
    width = median((word.x1 - word.x0) / len(kept[word.start].text) for word in placed)
    text, spans = _written(visual_lines(placed), [f.text for f in kept], max(0.5, width))
    upright = [replace(placed[index], start=start, end=end) for index, start, end in spans]
    shown = [Word(start, end, *_displayed(kept[index], raw, scale)) for index, start, end in spans]
    return Recognised(text, tuple(shown), tuple(upright), _mean(kept), ink=ink)


def _written(
    lines: Sequence[Sequence[Word]], texts: Sequence[str], width: float
) -> tuple[str, list[tuple[int, int, int]]]:
    """The text, and for each word its index and span. Columns lie where they lie on the page."""
    left = min(word.x0 for line in lines for word in line)
    tops = [median(word.y1 for word in line) for line in lines]
    gaps = sorted(b - a for a, b in itertools.pairwise(tops))
    pitch = gaps[len(gaps) // 3] if gaps else 0.0
    pieces: list[str] = []
    spans: list[tuple[int, int, int]] = []
    length = 0
    for number, line in enumerate(lines):
        if number:
            mark = "\n\n" if tops[number] - tops[number - 1] > _PARAGRAPH * pitch else "\n"
            pieces.append(mark)
            length += len(mark)
        start = length
        previous: Word | None = None
        for word in line:
            column = round((word.x0 - left) / width)
            if previous is None:
                space = column
            elif word.x0 - previous.x1 <= _SPACE * width:
                space = 1
            else:
                space = max(2, column - (length - start))
            pieces += [" " * space, texts[word.start]]
            length += space + len(texts[word.start])
            spans.append((word.start, length - len(texts[word.start]), length))
            previous = word
    return "".join(pieces), spans


def _slope(found: Sequence[Found]) -> float:
    """Skew of the page: the median rise of its long lines, in pixels per pixel to the right."""
    lines: dict[tuple[int, int, int], list[Found]] = {}
    for f in found:
        lines.setdefault(f.line, []).append(f)
    rises = [
        ((line[-1].y0 + line[-1].y1) - (line[0].y0 + line[0].y1)) / 2 / (line[-1].x0 - line[0].x0)
        for line in lines.values()
        if len(line) >= _FEW and line[-1].x0 - line[0].x0 > 0
    ]
    return median(rises) if len(rises) >= 3 else 0.0


def _displayed(found: Found, raw: _Raw, scale: float) -> Rect:
    """Rectangle in points on the page as displayed, before it was turned upright."""
    x0, y0, x1, y1 = (side * scale for side in (found.x0, found.y0, found.x1, found.y1))
    wide, high = raw.width * scale, raw.height * scale
    if raw.turns == 1:
        return y0, high - x1, y1, high - x0
    if raw.turns == 2:
        return wide - x1, high - y1, wide - x0, high - y0
    if raw.turns == 3:
        return wide - y1, x0, wide - y0, x1
    return x0, y0, x1, y1


def _is_taken(rect: Rect, taken: Sequence[Rect]) -> bool:
    """Whether more than half of a word's width lies on a known word of its line."""
    for other in taken:
        if min(rect[2], other[2]) - max(rect[0], other[0]) > 0.5 * (rect[2] - rect[0]) and on_one_line(
            rect, other
        ):
            return True
    return False
