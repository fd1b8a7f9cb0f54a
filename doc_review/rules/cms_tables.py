"""CMS's published tables (csv, tab text, xlsx, any of them in a zip) become typed rows, one format after another.

Read are the layouts of CMS's own releases, which open with title and copyright rows and spread a heading
over several rows, and plain csv files with one heading row. Columns are found by their headings. Rows are
streamed: an edit table has hundreds of thousands.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from ..errors import InputError
from .schema import EditTable

_HEADING_ROWS = 25
"""A heading stands within so many rows of the top."""
_STACKED = 4
"""Rows above the heading that may hold the first words of a column's name."""
_CODE = re.compile(r"[A-Z]?\d{4,5}[A-Z]?")
_CELL = re.compile(r"([A-Z]+)\d+")
_NEVER = dt.date.max

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class PtpEdit:
    """One edit of a procedure-to-procedure table. ``deleted`` is its last day."""

    col1: str
    col2: str
    effective: dt.date | None
    deleted: dt.date
    indicator: int

    def covers(self, day: dt.date) -> bool:
        """Whether the edit is in force: indicator 9 marks one that never was."""
        return (
            self.indicator != 9 and (self.effective is None or self.effective <= day) and day <= self.deleted
        )


@dataclass(frozen=True, slots=True)
class Mue:
    """One line of a table of medically unlikely edits."""

    code: str
    units: int


@dataclass(frozen=True, slots=True)
class Fee:
    """One line of the fee schedule: code, modifier (empty, 26 or TC), status and PC/TC indicator."""

    code: str
    modifier: str
    status: str
    component: str


_PTP = {
    "col1": ("col1", "column 1", "column1"),
    "col2": ("col2", "column 2", "column2"),
    "effective": ("effective",),
    "deleted": ("deletion",),
    "indicator": ("modifier",),
}
_MUE = {"code": ("hcpcs", "code"), "units": ("mue values", "mue value", "mue_units")}
_FEE = {
    "code": ("hcpcs", "code"),
    "modifier": ("mod",),
    "status": ("status",),
    "component": ("pctc", "pc/tc"),
}
_OPTIONAL = frozenset({"effective"})


def read_ptp(path: Path) -> Iterator[PtpEdit]:
    """The edits of a table; ``InputError`` for a file that holds none."""
    for row in _records(path, _PTP, "procedure-to-procedure edits"):
        yield PtpEdit(
            row["col1"],
            row["col2"],
            _day(row.get("effective", "")),
            _day(row["deleted"]) or _NEVER,
            _number(path, row["indicator"]),
        )


def read_mue(path: Path) -> Iterator[Mue]:
    """The limits of a table; ``InputError`` for a file that holds none."""
    for row in _records(path, _MUE, "medically unlikely edits"):
        yield Mue(row["code"], _number(path, row["units"]))


def read_fees(path: Path) -> Iterator[Fee]:
    """The lines of a fee schedule; ``InputError`` for a file that holds none."""
    for row in _records(path, _FEE, "a physician fee schedule"):
        yield Fee(row["code"], row["modifier"].upper(), row["status"].upper(), row["component"].split(".")[0])


def edit_table(path: Path) -> EditTable | None:
    """The table that file names, or the first rows, tell of; ``None`` where they do not."""
    with _opened(path) as (name, rows):
        head = " ".join(" ".join(row) for row, _ in zip(rows, range(_HEADING_ROWS), strict=False))
    for text in (path.name, name, head):
        lower = text.lower()
        hospital = "hospital" in lower or "outpatient" in lower
        practitioner = "practitioner" in lower or "physician" in lower
        if hospital != practitioner:
            return "hospital_outpatient" if hospital else "practitioner"
    return None


def _records(path: Path, columns: Mapping[str, tuple[str, ...]], what: str) -> Iterator[dict[str, str]]:
    """Rows of codes as a value per column."""
    with _opened(path) as (_, rows):
        top: list[Row] = []
        places: dict[str, int] | None = None
        found = False
        for row in rows:
            if places is None:
                if _is_data(row):
                    places = _places(top, columns)
                    if places is None:
                        break
                else:
                    top.append(row)
                    if len(top) > _HEADING_ROWS:
                        break
            if places is not None and _is_data(row) and len(row) > max(places.values()):
                found = True
                yield {name: row[at].strip() for name, at in places.items()}
    if not found:
        raise InputError(f"{path.name}: holds no {what} with the headings of CMS; give the file as published")


def _is_data(row: Row) -> bool:
    return bool(row) and _CODE.fullmatch(row[0].strip()) is not None


def _places(top: Sequence[Row], columns: Mapping[str, tuple[str, ...]]) -> dict[str, int] | None:
    """Where each column stands: the first whose stacked heading begins with, or holds, its name."""
    width = max((len(row) for row in top), default=0)
    stacked = top[-_STACKED - 1 :]
    names = [
        " ".join(" ".join(row[at].split()) for row in stacked if at < len(row) and row[at].strip()).lower()
        for at in range(width)
    ]
    places: dict[str, int] = {}
    for column, starts in columns.items():
        at = next(
            (i for i, name in enumerate(names) if _named(name, starts) and i not in places.values()), None
        )
        if at is None and column not in _OPTIONAL:
            return None
        if at is not None:
            places[column] = at
    return places


def _named(name: str, starts: tuple[str, ...]) -> bool:
    return any(re.search(rf"(?<![a-z]){re.escape(start)}", name) for start in starts)


def _day(text: str) -> dt.date | None:
    digits = re.sub(r"\D", "", text.split(" ")[0].split(".")[0])
    if len(digits) != 8:
        return None
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _number(path: Path, text: str) -> int:
    try:
        return int(float(text))
    except ValueError:
        raise InputError(f"{path.name}: {text!r} stands where a number is expected") from None


# ---------------------------------------------------------------- the files


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    """A table file as its name (inside a zip: the member's) and its rows."""
    try:
        if not zipfile.is_zipfile(path):
            yield path.name, _delimited(path.read_bytes())
            return
        with zipfile.ZipFile(path) as archive:
            yield _zipped(archive, path.name)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({(error.strerror or 'unknown').lower()})") from None
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, csv.Error):
        raise InputError(f"{path.name}: is damaged or no table; download it again") from None


def _zipped(archive: zipfile.ZipFile, name: str) -> tuple[str, Iterator[Row]]:
    names = archive.namelist()
    if "xl/workbook.xml" in names:
        return name, _sheet(archive)
    for suffix in (".txt", ".csv", ".xlsx"):
        for member in sorted(names):
            if member.lower().endswith(suffix):
                data = archive.read(member)
                if suffix == ".xlsx":
                    return member, _sheet(zipfile.ZipFile(io.BytesIO(data)))
                return member, _delimited(data)
    raise InputError(f"{name}: holds no txt, csv or xlsx file")


def _delimited(data: bytes) -> Iterator[Row]:
    text = data.decode("utf-8-sig", "replace") if _is_utf8(data) else data.decode("latin-1")
    top = text.split("\n", _HEADING_ROWS)[:_HEADING_ROWS]
    tabs = sum(line.count("\t") for line in top)
    commas = sum(line.count(",") for line in top)
    return csv.reader(io.StringIO(text, newline=""), delimiter="\t" if tabs > commas else ",")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _sheet(archive: zipfile.ZipFile) -> Iterator[Row]:
    """Rows of the first sheet of an xlsx workbook, its cells as text."""
    names = archive.namelist()
    shared: list[str] = []
    if "xl/sharedStrings.xml" in names:
        shared = [
            "".join(part.text or "" for part in item.iter(f"{_NS}t"))
            for item in _elements(archive, "xl/sharedStrings.xml", "si")
        ]
    sheets = sorted(n for n in names if n.startswith("xl/worksheets/") and n.endswith(".xml"))
    for row in _elements(archive, sheets[0], "row") if sheets else ():
        cells: dict[int, str] = {}
        for place, cell in enumerate(row.iter(f"{_NS}c")):
            match = _CELL.fullmatch(cell.get("r") or "")
            cells[_column(match[1]) if match else place] = _cell(cell, shared)
        yield [cells.get(at, "") for at in range(max(cells, default=-1) + 1)]


def _elements(archive: zipfile.ZipFile, name: str, tag: str) -> Iterable[etree._Element]:
    with archive.open(name) as stream:
        for _, element in etree.iterparse(stream, tag=f"{_NS}{tag}", resolve_entities=False, no_network=True):
            yield element
            element.clear()


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _cell(cell: etree._Element, shared: Sequence[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_NS}t"))
    value = cell.find(f"{_NS}v")
    text = "" if value is None or value.text is None else value.text
    if cell.get("t") == "s" and text.isdigit() and int(text) < len(shared):
        return shared[int(text)]
    return text.removesuffix(".0")
