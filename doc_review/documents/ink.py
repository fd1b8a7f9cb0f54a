"""A picture of a page turned into marks in ink that are no print: where a pen has signed, and lines nobody signed.

A pen is told from print by its shape: a stroke that runs on for more than a letter, thin for its size, and
turns back on itself. Rules, frames, stamps, logos, specks and printed words are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .components import Ints, Mask, Pieces, pieces_of, runs_of
from .layout import Rect

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 150
"""At this resolution shapes are looked at."""
PAPER = 200
"""Gray below which a pixel of a drawn page is ink."""
_POINT = DPI / 72
_RULE = 28.0
"""A rule is made of straight runs at least this long (points); a tilted stamp's frame has shorter ones."""
_RULE_LONG = 58.0
"""... and is at least this long altogether."""
_LINE = (80.0, 420.0)
"""Shortest and longest line to sign on."""
_THIN = 2.4
"""Thickest rule."""
_SPECK = 3.0
_LARGE = (320.0, 95.0)
"""Widest and tallest thing that a pen writes on a signature line; larger is a drawing or a frame."""
_NEAR = (14.0, 5.0)
"""Gaps, across and down, between strokes of one signature."""
_STROKE = (16.0, 6.0)
"""Least extent, across and down, of the largest stroke."""
_WIDE = 25.0
"""Least width of the whole mark."""
_FULL = 0.42
"""Share of its box from which a stroke is filled print or a logo."""
_THICK = 3.6
"""Mean breadth of a stroke from which it is no pen."""
_TURNS = 1.45
"""Least crossings of a mark by the rows or columns through it: a straight stroke has one, letters have two."""
_HOLE = 0.42
"""Share of its box that a frame or a ring encloses."""
_LETTER = (5.0, 32.0)
"""Height of a stamp's letters."""
_LETTERS = 4
"""Letters of one height in a frame that make it a stamp."""
_RING = 11.0
"""Least extent of the space in a ring."""
_RIM = 0.012
"""Share of the page at its rim where scanners leave shadows."""


@dataclass(frozen=True, slots=True)
class Ink:
    """A mark of a pen (``inked``), or the space above a line with nothing on it, in pixels or points."""

    x0: float
    y0: float
    x1: float
    y1: float
    inked: bool

    @property
    def rect(self) -> Rect:
        """The rectangle alone."""
        return self.x0, self.y0, self.x1, self.y1

    def scaled(self, factor: float) -> Ink:
        """The same in another unit."""
        return Ink(self.x0 * factor, self.y0 * factor, self.x1 * factor, self.y1 * factor, self.inked)


def find_ink(picture: Image, dpi: int, dark: int, printed: Sequence[Rect]) -> list[Ink]:
    """Marks and empty lines of a gray page whose lines of text run level, from top to bottom.

    ``dark`` is the gray below which a pixel is ink, ``printed`` the boxes of words in print (pixels).
    """
    scale = dpi / DPI
    ink, words = _reduced(picture, scale, dark), [_scaled(word, 1 / scale) for word in printed]
    rules = _rules(ink)
    lines = pieces_of(rules)
    level = ink & ~_taken_out(ink, rules)
    rest = level & ~_taken_out(ink.T, _rules(ink.T)).T
    for x0, y0, x1, y1 in words:
        rest[max(0, int(y0) - 1) : int(y1) + 2, max(0, int(x0) - 1) : int(x1) + 2] = False
    pieces = pieces_of(rest)
    stamps = _stamps(level)
    strokes = [n for n in _strokes(pieces, ink.shape) if not _in_any(pieces.boxes[n], stamps)]
    marks = [box for box in _clusters(pieces, strokes) if box is not None]
    found = [Ink(*box, True).scaled(scale) for box in marks]
    found += [Ink(*box, False).scaled(scale) for box in _empty(lines, marks)]
    return sorted(found, key=lambda item: (item.y0, item.x0))


def _scaled(rect: Iterable[float], factor: float) -> Rect:
    x0, y0, x1, y1 = (side * factor for side in rect)
    return x0, y0, x1, y1


def _reduced(picture: Image, scale: float, dark: int) -> Mask:
    """Ink at the resolution of shapes. A thin pen turns gray there, so the limit is lighter."""
    if scale == int(scale):
        small = picture.reduce(int(scale)) if scale > 1 else picture
    else:
        small = picture.resize((round(picture.width / scale), round(picture.height / scale)))
    return np.asarray(small) < dark


# ---------------------------------------------------------------- rules


def _rules(ink: Mask) -> Mask:
    """Thin level lines, a little skew allowed."""
    grown = ink.copy()
    grown[1:] |= ink[:-1]
    grown[:-1] |= ink[1:]
    runs = runs_of(grown)
    straight = np.zeros_like(ink)
    for row, start, end in runs[runs[:, 2] - runs[:, 1] >= _RULE * _POINT]:
        straight[row, start:end] = True
    pieces = pieces_of(straight)
    found = np.zeros_like(ink)
    wide = pieces.boxes[:, 2] - pieces.boxes[:, 0]
    long = wide >= _RULE_LONG * _POINT
    for row, start, end in pieces.runs[long[pieces.piece]]:
        found[row, start:end] = True
    return found


def _taken_out(ink: Mask, rules: Mask) -> Mask:
    """Pixels of the rules that nothing crosses: they are no taller than a rule."""
    thin = np.zeros_like(ink)
    columns = np.nonzero(rules.any(axis=0))[0]
    if not len(columns):
        return thin
    part = ink[:, columns].T
    runs = runs_of(part)
    for column, start, end in runs[runs[:, 2] - runs[:, 1] <= _THIN * _POINT]:
        thin[start:end, columns[column]] = True
    return thin & rules


def _empty(lines: Pieces, marks: Sequence[Rect]) -> list[Rect]:
    """Lines to sign on that bear no mark of a pen, each with the space above it; rows of a table are none."""
    boxes: list[Rect] = [_scaled(box, 1.0) for box in lines.boxes.tolist()]
    space = 14 * _POINT
    found: list[Rect] = []
    for x0, y0, x1, y1 in boxes:
        level = y1 - y0 <= (_THIN + 2) * _POINT + (x1 - x0) / 60
        if not level or not _LINE[0] * _POINT <= x1 - x0 <= _LINE[1] * _POINT:
            continue
        stacked = any(
            abs(a - x0) < 3 and abs(c - x1) < 3 and 0 < abs(b - y0) < 2.2 * space for a, b, c, _ in boxes
        )
        if not stacked and not any(_meet((x0 - 3 * space, y0 - space, x1, y1), mark) for mark in marks):
            found.append((x0, y0 - space, x1, y1))
    return found


def _meet(first: Rect, second: Rect) -> bool:
    return min(first[2], second[2]) > max(first[0], second[0]) and min(first[3], second[3]) > max(
        first[1], second[1]
    )


# ---------------------------------------------------------------- strokes


def _strokes(pieces: Pieces, shape: tuple[int, ...]) -> list[int]:
    """Pieces that may belong to a mark: no specks, no shadows of the rim, nothing framed."""
    boxes = pieces.boxes
    wide, tall = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    rim_x, rim_y = shape[1] * _RIM, shape[0] * _RIM
    inside = (
        (boxes[:, 0] > rim_x)
        & (boxes[:, 1] > rim_y)
        & (boxes[:, 2] < shape[1] - rim_x)
        & (boxes[:, 3] < shape[0] - rim_y)
    )
    big = np.maximum(wide, tall) >= _SPECK * _POINT
    fits = (wide <= _LARGE[0] * _POINT) & (tall <= _LARGE[1] * _POINT)
    frames = [
        boxes[n]
        for n in np.nonzero((wide > 30 * _POINT) & (tall > 14 * _POINT))[0]
        if _hole(pieces.mask(n)) >= _HOLE
    ]
    chosen = [int(n) for n in np.nonzero(big & fits & inside)[0]]
    return [n for n in chosen if not any(_within(boxes[n], frame) for frame in frames)]


def _stamps(ink: Mask) -> list[Ints]:
    """Spaces inside the frame of a stamp (letters of one height in it) or the ring of a logo (round).

    ``ink`` is without level rules, so that the cells of a table are none.
    """
    pieces = pieces_of(ink)
    wide, tall = _extent(pieces.boxes)
    letters = pieces.boxes[
        (tall >= _LETTER[0] * _POINT) & (tall <= _LETTER[1] * _POINT) & (wide <= 1.6 * tall)
    ]
    spaces = pieces_of(~ink)
    wide, tall = _extent(spaces.boxes)
    fits = (wide <= _LARGE[0] * _POINT) & (tall <= _LARGE[1] * _POINT)
    rings = (
        fits
        & (np.minimum(wide, tall) >= _RING * _POINT)
        & (np.maximum(wide, tall) <= 1.6 * np.minimum(wide, tall))
        & (spaces.areas >= 0.5 * wide * tall)
    )
    framed = fits & (wide >= 30 * _POINT) & (tall >= 10 * _POINT)
    found = list(spaces.boxes[rings])
    for space in spaces.boxes[framed]:
        inner = letters[[_within(letter, space) for letter in letters]]
        heights = inner[:, 3] - inner[:, 1]
        if any(np.count_nonzero(abs(heights - height) <= 0.25 * height) >= _LETTERS for height in heights):
            found.append(space)
    return found


def _extent(boxes: Ints) -> tuple[Ints, Ints]:
    """Widths and heights of boxes."""
    return boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]


def _in_any(box: Ints, frames: Sequence[Ints]) -> bool:
    """Whether the middle of a box lies in or at one of the frames."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    edge = 4 * _POINT
    return any(a - edge <= x <= c + edge and b - edge <= y <= d + edge for a, b, c, d in frames)


def _within(box: Ints, frame: Ints) -> bool:
    return bool((box[:2] >= frame[:2]).all() and (box[2:] <= frame[2:]).all())


def _hole(mask: Mask) -> float:
    """Share of the box that the largest enclosed space takes."""
    outside = pieces_of(np.pad(~mask, 1, constant_values=True))
    height, width = mask.shape[0] + 2, mask.shape[1] + 2
    boxes = outside.boxes
    enclosed = (boxes[:, 0] > 0) & (boxes[:, 1] > 0) & (boxes[:, 2] < width) & (boxes[:, 3] < height)
    return float(outside.areas[enclosed].max(initial=0)) / mask.size


def _clusters(pieces: Pieces, chosen: Sequence[int]) -> list[Rect | None]:
    """Groups of near strokes that a pen made, each as its box."""
    boxes = pieces.boxes
    groups: list[list[int]] = []
    spans: list[list[float]] = []
    across, down = _NEAR[0] * _POINT, _NEAR[1] * _POINT
    for n in sorted(chosen, key=lambda n: int(boxes[n, 0])):
        x0, y0, x1, y1 = map(float, boxes[n])
        hits = [
            i
            for i, (a, b, c, d) in enumerate(spans)
            if x0 - c <= across and a - x1 <= across and y0 - d <= down and b - y1 <= down
        ]
        members, span = [n], [x0, y0, x1, y1]
        for i in reversed(hits):
            members += groups.pop(i)
            a, b, c, d = spans.pop(i)
            span = [min(span[0], a), min(span[1], b), max(span[2], c), max(span[3], d)]
        groups.append(members)
        spans.append(span)
    return [_signed(pieces, group) for group in groups]


def _signed(pieces: Pieces, group: Sequence[int]) -> Rect | None:
    """The box of a group of strokes that looks written by a pen, otherwise ``None``."""
    boxes = pieces.boxes[list(group)]
    box = boxes[:, 0].min(), boxes[:, 1].min(), boxes[:, 2].max(), boxes[:, 3].max()
    wide, tall = (box[2] - box[0]) / _POINT, (box[3] - box[1]) / _POINT
    if wide < _WIDE or wide > _LARGE[0] or tall > _LARGE[1]:
        return None
    written = [n for n in group if is_stroke(pieces.mask(n))]
    if not written:
        return None
    x0, y0, x1, y1 = map(float, box)
    return x0, y0, x1, y1


def is_stroke(mask: Mask) -> bool:
    """Whether one connected piece has the shape of a pen's stroke."""
    height, width = mask.shape
    if width < _STROKE[0] * _POINT or height < _STROKE[1] * _POINT:
        return False
    across, down = runs_of(mask), runs_of(mask.T)
    area = int(np.count_nonzero(mask))
    length = max(1.0, (len(across) ** 2 + len(down) ** 2) ** 0.5)
    crossings = max(len(across) / height, len(down) / width)
    return (
        area / mask.size <= _FULL
        and area / length <= _THICK * _POINT
        and crossings >= _TURNS
        and _hole(mask) < _HOLE
    )
