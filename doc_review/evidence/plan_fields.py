"""A plan report as laid out on its pages turned into its labelled values: scheme, arcs, date, text by lines.

In reports of planning systems labels and values lie apart in the order of the text, so they are paired by
where they stand: a value is the cell after its label, or the one below it in a table. Offsets are flat.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ..dates import find_dates
from ..documents.base import OpenDocument, Page
from .note import Note
from .rows import Line, Piece, lines_of

Name = Literal["dose", "per", "fractions", "arcs", "date", "saved"]
_UNIT = r"\s*(?:[\[(]\s*(?P<unit>c?gy)\s*[\])])?"
_COUNT = r"(?:(?:number|no\.?|nr\.?|#)\s?(?:of )?)?(?:planned |total |treatment )?"
_LABELS: tuple[tuple[Name, re.Pattern[str]], ...] = (
    ("per", re.compile(rf"(?:dose|rx|prescription) ?(?:per|/) ?(?:fraction|fx)|(?:fraction(?:al|ation)?|daily) dose{_UNIT}")),
    ("dose", re.compile(rf"(?:(?:total|prescribed|prescription|rx|planned) )+dose{_UNIT}|prescription(?: \(\d\))?")),
    ("fractions", re.compile(rf"{_COUNT}(?:fractions|fxs?)")),
    ("arcs", re.compile(rf"{_COUNT}arcs")),
    ("date", re.compile(r"plan (?:date|created(?: on)?|creation date)|(?:creation|created|planning) date|created on|date of plan|date planned")),
    ("saved", re.compile(r"(?:plan )?last (?:saved|modified)|plan saved")),
)  # fmt: skip
_BRACKET = re.compile(r"\s*[\[(]\s*(?P<unit>c?gy)\s*[\])]\s*$")
_DOSE = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>c?gy\b)?")
_WHOLE = re.compile(r"\d{1,2}(?:\.0+)?$")
_ARC_COLUMN = re.compile(r"arc(?: length)?|rotation|(?:gantry )?rotation direction|direction")
_RANGE_COLUMN = re.compile(
    r"gantry(?: rtn| rotation| angles?)?|(?:gantry |angles? )?start ?(?:/|-|to) ?(?:stop|end)"
)
_RANGE = re.compile(r"\d{1,3}(?:[.,]\d)?(?![.,]?\d)\D{0,6}[\s/>-]\D{0,6}\d{1,3}(?:[.,]\d)?\W*$")
_BEAM_COLUMN = re.compile(r"(?:beam|field|arc)s?(?: (?:id|name|no\.?|#))?|#|name|mu(?:/fx)?")
_STATIC = re.compile(r"(?:-+|none|static|n/?a|0(?:\.0+)?|)$")
_MOST_FRACTIONS = 50


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled value: flat spans of label and value, the unit that the label gives."""

    name: Name
    label: Piece
    value: Piece
    unit: str


@dataclass(frozen=True, slots=True)
class PlanScheme:
    """Dose (Gy) and fractions of labelled fields."""

    dose_gy: float
    fractions: int


def _bare(note: Note, cell: Piece) -> str:
    return note.plain[cell.start : cell.end].strip(" :.=*\t")


def _name(text: str) -> tuple[Name, str] | None:
    bracket = _BRACKET.search(text)
    bare = text[: bracket.start()].strip() if bracket else text
    for name, pattern in _LABELS:
        if pattern.fullmatch(bare):
            return name, bracket.group("unit") if bracket else ""
    return None


def _split(note: Note, cell: Piece) -> tuple[Piece, Piece] | None:
    """A cell ``label: value`` as two."""
    at = note.plain.find(":", cell.start, cell.end)
    if at < 0 or not note.plain[at + 1 : cell.end].strip():
        return None
    return Piece(cell.start, at), Piece(at + 1, cell.end)


def fields_of(note: Note) -> Iterator[Field]:
    """Labelled values of a report in reading order."""
    lines = lines_of(note)
    for index, line in enumerate(lines):
        below = lines[index + 1] if index + 1 < len(lines) else None
        for place, cell in enumerate(line.cells):
            parted = _split(note, cell)
            label = parted[0] if parted else cell
            found = _name(_bare(note, label))
            if found is None:
                continue
            value = parted[1] if parted else _value(note, line, place, below)
            if value is not None:
                yield Field(found[0], label, value, found[1])


def _value(note: Note, line: Line, place: int, below: Line | None) -> Piece | None:
    after = line.cells[place + 1] if place + 1 < len(line.cells) else None
    if after is not None and re.match(r"\W*\d", note.plain[after.start : after.end]):
        return after
    if below is not None and len(below.cells) == len(line.cells) and len(line.cells) > 1:
        return below.cells[place]
    return None


def _gy(note: Note, field: Field) -> float | None:
    match = _DOSE.match(note.plain[field.value.start : field.value.end].strip())
    if match is None:
        return None
    number = float(match.group("number").replace(",", "."))
    unit = match.group("unit") or field.unit
    return number / 100 if unit == "cgy" else number if unit == "gy" else None


def plan_scheme(note: Note, fields: Sequence[Field]) -> PlanScheme | None:
    """Dose and fractions that labelled fields tell and that agree with each other."""
    doses = [gy for field in fields if field.name == "dose" and (gy := _gy(note, field))]
    singles = [gy for field in fields if field.name == "per" and (gy := _gy(note, field))]
    counts = [
        int(float(text))
        for field in fields
        if field.name == "fractions" and _WHOLE.match(text := _bare(note, field.value))
    ]
    if not counts or not 1 <= counts[0] <= _MOST_FRACTIONS:
        return None
    total = doses[0] if doses else singles[0] * counts[0] if singles else None
    if total is None or not 4 <= total <= 90 or not 0.8 <= total / counts[0] <= 25:
        return None
    if doses and singles and abs(singles[0] * counts[0] - total) > max(0.05, 0.01 * total):
        return None
    return PlanScheme(round(total, 3), counts[0])


def plan_date(note: Note, fields: Sequence[Field]) -> dt.date | None:
    """The date that a field gives the plan: of its making, otherwise of its last change."""
    for name in ("date", "saved"):
        for field in fields:
            found = find_dates(note.text[field.value.start : field.value.end]) if field.name == name else []
            if found:
                return found[0][2]
    return None


def plan_arcs(note: Note, fields: Sequence[Field]) -> int | None:
    """Number of arcs by a labelled field, otherwise by the rows of a beam table that turn."""
    for field in fields:
        text = _bare(note, field.value)
        if field.name == "arcs" and text.isdigit() and 1 <= int(text) <= 9:
            return int(text)
    lines = lines_of(note)
    for index, line in enumerate(lines):
        heads = [_bare(note, cell) for cell in line.cells]
        bare = [_BRACKETED.sub("", head) for head in heads]
        turns = [at for at, head in enumerate(bare) if _ARC_COLUMN.fullmatch(head)]
        ranges = [at for at, head in enumerate(bare) if _RANGE_COLUMN.fullmatch(head)]
        if not (turns or ranges) or not any(_BEAM_COLUMN.fullmatch(head) for head in heads) or len(heads) < 4:
            continue
        count = 0
        for row in lines[index + 1 :]:
            if len(row.cells) != len(line.cells):
                break
            cells = [_bare(note, cell) for cell in row.cells]
            count += any(not _STATIC.match(cells[at]) for at in turns) or any(
                _RANGE.match(cells[at]) for at in ranges
            )
        if count:
            return count
    return None


_BRACKETED = re.compile(r"\s*[\[(][^\])]*[\])]\s*$")


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The text of a note line by line as it stands on the page, as a note without geometry."""

    note: Note
    starts: tuple[int, ...]
    pieces: tuple[Piece, ...]

    def flat(self, offset: int) -> int:
        """Flat offset in the note it was made of."""
        at = max(0, bisect_right(self.starts, offset) - 1)
        return min(self.pieces[at].end - 1, self.pieces[at].start + offset - self.starts[at])


def laid_out(note: Note) -> LaidOut | None:
    """A note in the order of its lines; ``None`` where the text has that order already."""
    lines = lines_of(note)
    if not any(line.spans for line in lines):
        return None
    chunks: list[str] = []
    starts: list[int] = []
    pieces: list[Piece] = []
    length = 0
    for line in lines:
        for place, cell in enumerate(line.cells):
            text = ("  " if place else "\n" if chunks else "") + note.text[cell.start : cell.end]
            starts.append(length + len(text) - (cell.end - cell.start))
            pieces.append(cell)
            chunks.append(text)
            length += len(text)
    text = "".join(chunks)
    entry = note.entry.model_copy(update={"page": 1, "start": 0, "end_page": 1, "end": len(text)})
    made = Note(OpenDocument(note.document.meta, (Page(1, text),)), entry)
    return LaidOut(made, tuple(starts), tuple(pieces))
