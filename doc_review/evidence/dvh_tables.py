"""Tables of DVH statistics turned into their rows: a structure each, the metrics in the heads of columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .note import Note
from .rows import Line, lines_of

_VOLUME = r"(?:d ?)?(?:mean|average|avg|median)(?: dose)?|(?:dose )?average|v ?\d{1,3}(?:[.,]\d+)?(?: ?%| ?c?gy)?|d ?\d{1,3}(?:[.,]\d+)?(?: ?%| ?cc)?|% ?> ?rx|coverage"
_EXTREME = r"(?:d ?)?(?:min|max)(?:imum)?(?: dose)?|dose (?:min|max)(?:imum)?"
_UNIT = r"(?: ?(?:[\[(] ?(?:c?gy|%|cm3|cc)(?: ?or ?%)? ?[\])]|c?gy))?"
_VOLUME_HEAD = re.compile(rf"(?:{_VOLUME}){_UNIT}")
_HEAD = re.compile(rf"(?:{_VOLUME}|{_EXTREME}){_UNIT}")
_FIGURE = re.compile(r"[<>=~ ]*\d+(?:[.,]\d+)?(?: ?(?:c?gy|%|cc|cm3|ml))?$")
_EMPTY = re.compile(r"(?:-+|n/?a)?$")
_FIRST_HEAD = re.compile(
    r"(?:structures?|roi(?:/poi)?s?|voi|objects?|organs?|volumes?|region|name|dvh (?:statistics|summary|results)|dose statistics)(?: (?:name|id|set))?|"
)


@dataclass(frozen=True, slots=True)
class StatisticsRow:
    """A row of statistics: its line, flat span of the structure's name, and whether a volume or mean stands in it."""

    line: Line
    name: tuple[int, int]
    volume_or_mean: bool


def _cells(note: Note, line: Line) -> list[str]:
    return [note.plain[cell.start : cell.end].strip(" :*|") for cell in line.cells]


def statistics_rows(note: Note) -> Iterator[StatisticsRow]:
    """Rows below heads of which two or more are metrics, down to the first line that is none."""
    lines = lines_of(note)
    for index, line in enumerate(lines):
        heads = _cells(note, line)
        metrics = [at for at, head in enumerate(heads) if _HEAD.fullmatch(head)]
        if len(metrics) < 2 or (0 not in metrics and not _FIRST_HEAD.fullmatch(heads[0])):
            continue
        volumes = [at for at in metrics if _VOLUME_HEAD.fullmatch(heads[at])]
        shift = 1 if metrics[0] == 0 else 0  # the column of names has no head
        for row in lines[index + 1 :]:
            cells = _cells(note, row)
            figures = [at for at, cell in enumerate(cells) if at and _FIGURE.match(cell)]
            others = [
                cell for at, cell in enumerate(cells) if at and at not in figures and not _EMPTY.match(cell)
            ]
            if not figures or len(cells) > len(heads) + shift or len(others) > 1:
                break
            told = any(at + shift in figures for at in volumes) if len(cells) == len(heads) + shift else False
            yield StatisticsRow(row, (row.cells[0].start, row.cells[0].end), told)
