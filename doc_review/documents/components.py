"""A mask of ink turned into its connected pieces (pixels that touch, corners included)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Horizontal runs of a mask (row, first column, column behind the last) and the piece each belongs to.

    ``boxes`` holds a row ``x0, y0, x1, y1`` (end exclusive) for every piece, ``areas`` its pixels.
    """

    runs: Ints
    piece: Ints
    boxes: Ints
    areas: Ints

    def mask(self, number: int) -> Mask:
        """One piece in its own box."""
        x0, y0, x1, y1 = self.boxes[number]
        drawn = np.zeros((y1 - y0, x1 - x0), dtype=bool)
        for row, start, end in self.runs[self.piece == number]:
            drawn[row - y0, start - x0 : end - x0] = True
        return drawn


def runs_of(mask: Mask) -> Ints:
    """Row, start and end of each horizontal run, in reading order."""
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    return np.stack((rows, starts, ends), axis=1).astype(np.int64)


def pieces_of(mask: Mask) -> Pieces:
    """Connected pieces of a mask."""
    runs = runs_of(mask)
    if not len(runs):
        empty = np.zeros(0, dtype=np.int64)
        return Pieces(runs, empty, np.zeros((0, 4), dtype=np.int64), empty)
    roots = _joined(len(runs), *_touching(runs, mask.shape[1]))
    _, piece = np.unique(roots, return_inverse=True)
    count = int(piece.max()) + 1
    boxes = np.empty((count, 4), dtype=np.int64)
    boxes[:, :2], boxes[:, 2:] = np.iinfo(np.int64).max, 0
    for column, values in enumerate((runs[:, 1], runs[:, 0])):
        np.minimum.at(boxes[:, column], piece, values)
    for column, values in enumerate((runs[:, 2], runs[:, 0] + 1), start=2):
        np.maximum.at(boxes[:, column], piece, values)
    areas = np.bincount(piece, weights=runs[:, 2] - runs[:, 1]).astype(np.int64)
    return Pieces(runs, piece.astype(np.int64), boxes, areas)


def _touching(runs: Ints, width: int) -> tuple[Ints, Ints]:
    """Pairs of runs on neighbouring rows that touch."""
    step = width + 2
    starts, ends = runs[:, 0] * step + runs[:, 1], runs[:, 0] * step + runs[:, 2]
    # runs of the next row that begin at or before the end of this one and end at or behind its start
    first = np.searchsorted(ends, starts + step, side="left")
    last = np.searchsorted(starts, ends + step, side="right")
    counts = np.maximum(0, last - first)
    above = np.repeat(np.arange(len(runs)), counts)
    offset = np.arange(len(above)) - np.repeat(np.cumsum(counts) - counts, counts)
    return above, np.repeat(first, counts) + offset


def _joined(count: int, first: Ints, second: Ints) -> Ints:
    """The smallest member of each one's group, where pairs are joined."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[first], label[second])
        new = label.copy()
        np.minimum.at(new, label[first], low)
        np.minimum.at(new, label[second], low)
        np.minimum.at(new, first, low)
        np.minimum.at(new, second, low)
        while True:
            shorter = new[new]
            if np.array_equal(shorter, new):
                break
            new = shorter
        if np.array_equal(new, label):
            return label
        label = new
