"""Tables of a summary (one row per site or phase) turned into fractions and dose given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .note import Note
from .rows import Line, line_text, lines_of

_FX = re.compile(
    r"(?<![/\w])(?:#\s*)?(?:of\s+)?(?:fx'?s?|frac\w*|fractions?|treatments?|txs?|sessions?)\b|#\s*(?:fx|tx)"
)
_PER = re.compile(
    r"(?:/|per)\s*(?:fx|frac\w*|fraction|treatment|tx)\b|\b(?:fx|fraction|daily)\s+dose|dose\s*\(?\s*(?:/|per)"
)
_DONE = re.compile(r"\b(?:deliv\w*|given|treated|complet\w*|actual|received|del\b|done)")
_ASKED = re.compile(r"\b(?:plan\w*|presc\w*|sched\w*|rx|ordered|intended|total)\b")
_DAY = re.compile(r"\b(?:start|first|begin|end|last|stop|complet\w*|date|from|to|elapsed)\b")
_TOTAL_DOSE = re.compile(r"\b(?:total|dose|delivered|cum\w*|cgy|gy)\b")
_COUNT = re.compile(r"\s*(?P<d>\d{1,2})(?:\s*(?:/|of)\s*(?P<p>\d{1,2}))?\s*(?:fx|fractions?)?\s*$")
_DOSE = re.compile(r"(?<![\d/])(?P<v>\d{1,2},\d{3}|\d+(?:\.\d+)?)\s*(?P<u>c?gy)?")
_NUMBER = re.compile(
    r"(?<![\w/.,:-])\d{1,2},\d{3}(?:\.\d+)?(?![\w/])|(?<![\w/.,:-])\d+(?:\.\d+)?(?![\w/:-]|\.\d)"
)
_MAX_FRACTIONS = 60


@dataclass(frozen=True, slots=True)
class RowTotal:
    """Fractions and dose (Gy) given by one row, at a flat span."""

    start: int
    end: int
    delivered: int
    prescribed: int | None
    dose_gy: float | None
    confidence: float


@dataclass(frozen=True, slots=True)
class _Columns:
    done: int
    asked: int | None
    dose: int | None
    count: int
    explicit: bool


def _columns(cells: Sequence[str]) -> _Columns | None:
    """Which columns of a header hold fractions given and asked for, and the total dose."""
    counts = [
        i
        for i, cell in enumerate(cells)
        if _FX.search(cell) and not _PER.search(cell) and not _DAY.search(cell.replace("completed", ""))
    ]
    doses = [
        i
        for i, cell in enumerate(cells)
        if i not in counts and _TOTAL_DOSE.search(cell) and not _PER.search(cell) and not _DAY.search(cell)
    ]
    if not counts or not (doses or any(_DAY.search(cell) for cell in cells)):
        return None
    done = [i for i in counts if _DONE.search(cells[i])]
    asked = [i for i in counts if _ASKED.search(cells[i]) and i not in done]
    plain = [i for i in counts if i not in asked]
    chosen = done[0] if done else plain[0] if plain else None
    if chosen is None:
        return None
    given = [i for i in doses if _DONE.search(cells[i])] or doses
    return _Columns(chosen, asked[0] if asked else None, given[-1] if given else None, len(cells), bool(done))


def _dose(cell: str) -> float | None:
    match = _DOSE.search(cell)
    if match is None:
        return None
    value = float(match.group("v").replace(",", ""))
    gy = value / 100 if match.group("u") == "cgy" or (not match.group("u") and value >= 150) else value
    return round(gy, 3) if 0 < gy <= 90 else None


def _row(line: Line, cells: Sequence[str], columns: _Columns) -> RowTotal | None:
    if len(cells) != columns.count:
        return None
    match = _COUNT.match(cells[columns.done])
    if match is None:
        return None
    delivered = int(match.group("d"))
    prescribed = int(match.group("p")) if match.group("p") else None
    if columns.asked is not None and (other := _COUNT.match(cells[columns.asked])):
        prescribed = int(other.group("d"))
    if not 1 <= delivered <= _MAX_FRACTIONS:
        return None
    dose = _dose(cells[columns.dose]) if columns.dose is not None else None
    return RowTotal(line.start, line.end, delivered, prescribed, dose, 0.9 if columns.explicit else 0.8)


def multiplied(text: str) -> tuple[int, float] | None:
    """Fractions and total Gy of a row whose numbers multiply out (dose per fraction, fractions, total)."""
    values = [float(match.group().replace(",", "")) for match in _NUMBER.finditer(text)][:8]
    for total in sorted(values, reverse=True):
        for count in values:
            if count != int(count) or not 2 <= count <= _MAX_FRACTIONS or total < 4:
                continue
            for single in values:
                fits = single != total and abs(single * count - total) <= 0.004 * total
                if fits and (single >= 100 or 1 <= single <= 25):
                    return int(count), round(total / 100 if total >= 150 else total, 3)
    return None


def table_totals(note: Note) -> list[RowTotal]:
    """Totals of the rows of summary tables; in a treatment record only where the header says that they were given."""
    found: list[RowTotal] = []
    columns: _Columns | None = None
    summary = note.kind == "completion_summary"
    for line in lines_of(note):
        if not line.cut:
            continue
        text = line_text(note, line)
        cells = [note.plain[cell.start : cell.end] for cell in line.cells]
        if not any(char.isdigit() for char in text):
            header = _columns(cells)
            columns = header if header and (header.explicit or summary) else None
            continue
        row = _row(line, cells, columns) if columns else None
        if row is not None and not (line.spans):
            found.append(row)
    return found
