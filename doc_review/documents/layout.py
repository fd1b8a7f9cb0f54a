"""Words with their boxes turned into citation boxes, visual lines and cells.

All coordinates are PDF points on the page as displayed (cropped and rotated), origin at the top left.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from ..model import Box
from .base import Cell, Row

Rect = tuple[float, float, float, float]
"""``x0, y0, x1, y1``."""

_SAME_LINE = 0.5
"""Share of the lower height by which two rectangles on one visual line overlap vertically."""
_RUN_GAP = 3.0
"""Widest gap inside one citation box, in line heights; a wider one may hold somebody else's words."""
_EM = 0.85
"""Height of a character's full box to its em: 1.15-1.2 in the usual fonts."""
_CELL_GAP_EM = 0.8
_CELL_GAP_CHARS = 1.6
"""A column gap is wider than both: more than a justified space, two spaces of a typewriter font."""
_THIN = 2.5
"""A path at most this thick (points) is a ruling line."""
_SLACK = 0.5
_SHAPED = 3
"""Characters from which a word is longer along its line than across."""
_SAMPLE = 80
"""Words of a page that tell where its text runs."""
_TALL = 3.0
"""Words this many times as tall as the page's median stand by themselves (rotated margin text)."""


@dataclass(frozen=True, slots=True)
class Word:
    """Text without a gap on one visual line: its span in the page text and its rectangle."""

    start: int
    end: int
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def rect(self) -> Rect:
        """The rectangle alone."""
        return self.x0, self.y0, self.x1, self.y1

    def meets(self, start: int, end: int) -> bool:
        """Whether the word has a character in ``start..end``."""
        return max(self.start, start) < min(self.end, end)

    def part(self, start: int, end: int) -> Rect:
        """Rectangle of ``start..end`` (clipped to the word), each character taken as equally wide."""
        low, high = max(start, self.start), min(end, self.end)
        step = (self.x1 - self.x0) / max(1, self.end - self.start)
        return self.x0 + step * (low - self.start), self.y0, self.x0 + step * (high - self.start), self.y1


@dataclass(frozen=True, slots=True)
class Layout:
    """Words of a page with their rectangles: those of its text, then those recognised in its pictures.

    ``turns`` is where the text runs, as ``direction`` tells.
    """

    words: Sequence[Word]
    recognised: Sequence[Word] = ()
    turns: int = 0

    def boxes(
        self, page: int, start: int, end: int, part: Callable[[int, int], Rect | None]
    ) -> tuple[Box, ...]:
        """Boxes that cover a span of the page text: one per run on a visual line.

        ``part`` measures the characters of a part of a word; ``None`` where it cannot.
        """
        rects: list[Rect] = []
        for word in self.words:
            if word.meets(start, end):
                whole = start <= word.start and word.end <= end
                low, high = max(start, word.start), min(end, word.end)
                rects.append(word.rect if whole else part(low, high) or word.part(low, high))
        rects += [word.part(start, end) for word in self.recognised if word.meets(start, end)]
        return line_boxes(page, rects, self.turns)


def union(rects: Iterable[Rect]) -> Rect:
    """Smallest rectangle around all of them."""
    left, top, right, bottom = zip(*rects, strict=True)
    return min(left), min(top), max(right), max(bottom)


def on_one_line(first: Rect, second: Rect) -> bool:
    """Whether two rectangles overlap vertically enough to stand on one visual line."""
    overlap = min(first[3], second[3]) - max(first[1], second[1])
    return overlap >= _SAME_LINE * max(0.01, min(first[3] - first[1], second[3] - second[1]))


def turned(rect: Rect, turns: int) -> Rect:
    """A rectangle in the frame in which text that runs right (0), down (1), left (2) or up (3) runs right.

    Turning by ``-turns`` turns it back.
    """
    x0, y0, x1, y1 = rect
    return (rect, (y0, -x1, y1, -x0), (-x1, -y1, -x0, -y0), (-y1, x0, -y0, x1))[turns % 4]


def direction(words: Sequence[Word]) -> int:
    """Where the text of a page runs: right (0), down (1), left (2) or up (3).

    The axis is told by the shape of the words, the sense by which way the next word of a line lies.
    """
    shaped = [word for word in words if word.end - word.start >= _SHAPED][:_SAMPLE]
    axis = 1 if 2 * sum(word.y1 - word.y0 > word.x1 - word.x0 for word in shaped) > len(shaped) else 0
    sense = 0
    for first, second in itertools.pairwise(words[:_SAMPLE]):
        before, after = turned(first.rect, axis), turned(second.rect, axis)
        if on_one_line(before, after):
            sense += 1 if after[0] > before[0] else -1
    return axis + (2 if sense < 0 else 0)


def line_boxes(page: int, rects: Iterable[Rect], turns: int = 0) -> tuple[Box, ...]:
    """Rectangles in text order merged into one box per run on a visual line; ``turns`` as ``direction``."""
    runs: list[Rect] = []
    for displayed in rects:
        rect = turned(displayed, turns)
        if runs and on_one_line(runs[-1], rect):
            gap = rect[0] - runs[-1][2]
            height = runs[-1][3] - runs[-1][1]
            if -height <= gap <= _RUN_GAP * height:
                runs[-1] = union((runs[-1], rect))
                continue
        runs.append(rect)
    return tuple(
        Box(page=page, x0=round(x0, 2), y0=round(y0, 2), x1=round(x1, 2), y1=round(y1, 2))
        for x0, y0, x1, y1 in (turned(run, -turns) for run in runs)
    )


def visual_lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words grouped into lines from top to bottom, each from left to right, whatever the text order."""
    if not words:
        return []
    tall = _TALL * median(word.y1 - word.y0 for word in words)
    lines: list[list[Word]] = []
    extents: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda w: ((w.y0 + w.y1) / 2, w.x0)):
        if word.y1 - word.y0 <= tall:
            index = _line_of(word, extents)
            if index is not None:
                lines[index].append(word)
                continue
            extents.append((word.y0, word.y1))
        else:
            extents.append((word.y1, word.y1))
        lines.append([word])
    for line in lines:
        line.sort(key=lambda w: (w.x0, w.start))
    return lines


def _line_of(word: Word, extents: list[tuple[float, float]]) -> int | None:
    """The latest few lines' one that the word stands on; a line keeps the extent of its first word."""
    for index in range(len(extents) - 1, max(-1, len(extents) - 4), -1):
        top, bottom = extents[index]
        overlap = min(bottom, word.y1) - max(top, word.y0)
        if overlap >= _SAME_LINE * min(bottom - top, word.y1 - word.y0) and overlap > 0:
            return index
    return None


def upright_rules(paths: Iterable[Rect]) -> list[Rect]:
    """Vertical lines and the left and right edges of boxes among drawn paths."""
    rules: list[Rect] = []
    for x0, y0, x1, y1 in paths:
        if y1 - y0 > _THIN:
            rules += [(x0, y0, x0, y1)] if x1 - x0 <= _THIN else [(x0, y0, x0, y1), (x1, y0, x1, y1)]
    return rules


def cut_rows(text: str, words: Sequence[Word], turns: int = 0, rules: Sequence[Rect] = ()) -> tuple[Row, ...]:
    """Visual lines cut into cells at column gaps and upright ruling lines; ``turns`` as ``direction`` tells.

    A cell is one stretch of the page text, so it is cut as well where the text order jumps.
    """
    if turns:
        words, rules = [Word(word.start, word.end, *turned(word.rect, turns)) for word in words], ()
    return tuple(_cut(text, line, rules) for line in visual_lines(words))


def _cut(text: str, line: list[Word], rules: Sequence[Rect]) -> Row:
    height = median(word.y1 - word.y0 for word in line)
    chars = sum(word.end - word.start for word in line)
    width = sum(word.x1 - word.x0 for word in line) / chars
    limit = max(_CELL_GAP_EM * _EM * height, _CELL_GAP_CHARS * width)
    middle = (line[0].y0 + line[0].y1) / 2
    # a line lower than the text is the side of a tick box
    crossing = [x for x, top, _, bottom in rules if top <= middle <= bottom and bottom - top >= height]
    cells: list[Cell] = []
    start, previous = line[0].start, line[0]
    for word in line[1:]:
        apart = word.x0 - previous.x1 > limit or any(
            previous.x1 - _SLACK <= x <= word.x0 + _SLACK for x in crossing
        )
        between = text[previous.end : word.start]
        if apart or word.start < previous.end or "\n" in between or between.strip():
            cells.append(Cell(text[start : previous.end], start, previous.end))
            start = word.start
        previous = word
    cells.append(Cell(text[start : previous.end], start, previous.end))
    return tuple(cells)
