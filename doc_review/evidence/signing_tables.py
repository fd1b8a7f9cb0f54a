"""Tables of approvals turned into signatures: a person a row, or a person a column.

``Role | Name | Status | Date`` and its kin, and the three signature blocks that stand side by side.
Patterns are ``tables`` of ``lexicon/signing.yaml``.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .lexicon import load_yaml
from .rows import Line, Piece, lines_of
from .signing import Act, Maker, Signature
from .signing_terms import speaks_of_other
from .signing_words import Dates, connector_end, is_title_line, named_person

_KINDS = frozenset({"plan", "plan_approval", "order", "prescription", "simulation", "consultation", "other"})
_MOST_ROWS = 14
_RULE = re.compile(r"[\s|+=_.:-]*$")
_APART = 14
# A review is no approval (policy 6.2), whatever the column is called.
_REVIEWED = re.compile(r"(?:plan )?reviewed\W*$")


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{load_yaml('signing.yaml')['tables'][name]})\W*$")


@functools.cache
def _search(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{load_yaml('signing.yaml')['tables'][name]})")


@dataclass(frozen=True, slots=True)
class Found:
    """Signatures of the tables of a note, and the flat spans that the tables cover."""

    signatures: tuple[Signature, ...]
    covered: tuple[tuple[int, int], ...]


class _Tables:
    """Reads the approval tables of one note."""

    def __init__(self, maker: Maker, dates: Dates) -> None:
        self.maker = maker
        self.dates = dates
        self.plain = maker.plain
        self.starts = [low for low, _ in maker.lines]
        self.signatures: list[Signature] = []
        self.covered: list[tuple[int, int]] = []

    def read(self) -> Found:
        """Every table of the note."""
        lines = lines_of(self.maker.note)
        at = 0
        while at < len(lines):
            line = lines[at]
            at += 1
            if not 2 <= len(line.cells) <= 9 or (line.spans and line.end - line.start > 400):
                continue
            roles = self._header(line)
            if roles:
                at += self._rows(line, roles, lines[at : at + _MOST_ROWS])
            elif self._titles(line):
                at += self._stacked(line, lines[at : at + 5])
        self._labels_first()
        return Found(tuple(self.signatures), tuple(self.covered))

    def _cell(self, cell: Piece) -> str:
        return self.plain[cell.start : cell.end].strip()

    # ------------------------------------------------------------ a person a row

    def _header(self, line: Line) -> list[str]:
        """Column roles of a header of approvals, ``[]`` for any other line."""
        roles: list[str] = []
        for place, cell in enumerate(line.cells):
            text = self._cell(cell)
            if len(text) > 40 or any(char.isdigit() for char in text):
                return []
            role = next(
                (name for name in ("by", "name", "date", "status", "role") if _pattern(name).match(text)), ""
            )
            if role == "status" and place == 0 and not re.search(r"stat(?:us|e)\b", text):
                role = "role" if _search("approval").search(text) else role
            roles.append(role or ("role" if place == 0 and not text else ""))
        if "date" not in roles:
            clocks = [at for at, cell in enumerate(line.cells) if self._cell(cell) == "time"]
            roles = ["date" if at in clocks and not role else role for at, role in enumerate(roles)]
        known = {role for role in roles if role}
        if not known & {"name", "by"} or not known & {"date", "status"}:
            return []
        unknown = sum(not role for role in roles)
        return roles if "by" in known or unknown <= 1 else []

    def _rows(self, header: Line, roles: Sequence[str], lines: Sequence[Line]) -> int:
        """Read the rows below a header; how many lines they take."""
        taken = 0
        found: list[Signature] = []
        spans = [(header.start, header.end)]
        for line in lines:
            text = self.plain[line.start : line.end]
            if _RULE.match(text):
                taken += 1
                continue
            cells = self._place(header, roles, line)
            if cells is None:
                break
            taken += 1
            spans.append((line.start, max(line.end, *(cell.end for cell in line.cells))))
            made = self._row(header, roles, line, cells)
            if made is not None:
                found.append(made)
        if found:
            self.signatures.extend(found)
            self.covered.extend(spans)
            return taken
        return 0

    def _place(self, header: Line, roles: Sequence[str], line: Line) -> dict[str, Piece] | None:
        """Cells of a row by column role, ``None`` where the line is no row."""
        if len(line.cells) < 2:
            return None
        if len(line.cells) == len(roles):
            return {role: cell for role, cell in zip(roles, line.cells, strict=True) if role}
        if "|" in self.plain[line.start : line.end]:
            return {role: cell for role, cell in zip(roles, line.cells, strict=False) if role}
        if line.spans or header.spans:
            return None
        placed: dict[str, Piece] = {}
        for cell in line.cells:
            column = self._column(header, line, cell)
            if column is not None and roles[column]:
                placed[roles[column]] = cell
        return placed

    def _column(self, header: Line, line: Line, cell: Piece) -> int | None:
        """The column that a cell stands below, by its distance from the left margin."""
        own = cell.start - self._margin(line.start)
        apart = [abs(own - (c.start - self._margin(header.start))) for c in header.cells]
        best = min(range(len(apart)), key=apart.__getitem__)
        return best if apart[best] <= _APART else None

    def _margin(self, at: int) -> int:
        return self.plain.rfind("\n", 0, at) + 1

    def _row(
        self, header: Line, roles: Sequence[str], line: Line, cells: dict[str, Piece]
    ) -> Signature | None:
        name = cells.get("by") or cells.get("name")
        if name is None:
            return None
        heads = {role: self._cell(cell) for role, cell in zip(roles, header.cells, strict=True) if role}
        role = self._cell(cells["role"]) if "role" in cells else ""
        status = self._cell(cells["status"]) if "status" in cells else ""
        if speaks_of_other(f"{role} {status}"):
            return None
        act, absent = self._act(heads, role, status, "status" in roles)
        if act is None:
            return None
        start = connector_end(self.maker.text, name.start, name.end)
        found = named_person(self.maker.text, start, name.end)
        person = found[0] if found else self.maker.login(self.maker.text[name.start : name.end].strip())
        if person is None and not absent:
            return None
        date = self.dates.after(cells["date"].start, cells["date"].end, 30) if "date" in cells else None
        if date is None and "status" in cells:
            date = self.dates.after(cells["status"].start, cells["status"].end, 60)
        if date is None and not absent and "status" not in cells:
            absent = "date" in roles
        kind: Any = "electronic"
        if absent:
            kind = "blank" if _RULE.match(status) else "pending"
        if not absent and re.search(r"\bink\b|handwrit|initial", status):
            kind = "handwritten"
        elif re.search(r"\bstamp", status):
            kind = "stamp"
        low, high = line.start, max(line.end, name.end)
        index = bisect_right(self.starts, name.start) - 1
        return self.maker.make(
            index, low, high, act, kind, person, label=f"{role} {heads.get('by', '')} {status} ",
            date=date.date if date else None, absent=absent, confidence=0.9, beside="" if role else None,
        )  # fmt: skip

    def _act(
        self, heads: dict[str, str], role: str, status: str, has_status: bool
    ) -> tuple[Act | None, bool]:
        """What a row says was done, and whether it says that it was not."""
        by = heads.get("by", "")
        wanted: Act = "approved" if "approv" in f"{role} {by} {heads.get('status', '')}" else "signed"
        if has_status:
            if _RULE.match(status) or _search("undone").search(status):
                return wanted, True
            if _search("approved").search(status):
                return "approved", False
            if _search("signed").search(status):
                return "signed", False
            if _REVIEWED.match(status) and not re.search("approv", role):
                return "reviewed", False
            if _search("done").search(status):
                formal = re.search(r"approv|sign", f"{role} {heads['status']}")
                return (wanted if formal and not role.startswith("physics") else "checked"), False
            return ("signed", False) if "sign" in heads["status"] and self._dated(status) else (None, False)
        if by:
            return (
                "signed"
                if "sign" in by
                else "approved"
                if re.search("approv|accept|author", by)
                else "reviewed"
            ), False
        return None, False

    def _dated(self, text: str) -> bool:
        return re.search(r"\d{1,4}[-/.]\w{1,3}[-/.]\d{2,4}", text) is not None

    # ------------------------------------------------------------ a person a column

    def _titles(self, line: Line) -> bool:
        """Whether a line only holds the titles of signature blocks side by side."""
        return len(line.cells) >= 2 and all(
            is_title_line(self._cell(cell).rstrip(":"))
            and named_person(self.maker.text, cell.start, cell.end) is None
            for cell in line.cells
        )

    def _stacked(self, header: Line, lines: Sequence[Line]) -> int:
        """Read blocks below their titles; how many lines they take."""
        columns: list[list[Piece]] = [[] for _ in header.cells]
        taken = 0
        end = header.end
        for line in lines:
            if not line.cells or self.plain[end : line.start].count("\n") > 3 or line.spans:
                break
            placed = (
                list(range(len(columns)))
                if len(line.cells) == len(columns)
                else [self._column(header, line, cell) for cell in line.cells]
            )
            if any(column is None for column in placed) or len(set(placed)) != len(placed):
                break
            for column, cell in zip(placed, line.cells, strict=True):
                if column is not None:
                    columns[column].append(cell)
            end = line.end
            taken += 1
        made = [
            item
            for title, cells in zip(header.cells, columns, strict=True)
            if (item := self._block(self._cell(title), cells)) is not None
        ]
        if not any(item.counts for item in made):
            return 0
        self.signatures.extend(made)
        self.covered.append((header.start, end))
        return taken

    def _block(self, title: str, cells: Sequence[Piece]) -> Signature | None:
        if not cells:
            return None
        named = next(
            (
                (cell, found[0])
                for cell in cells
                if (
                    found := named_person(
                        self.maker.text, connector_end(self.maker.text, cell.start, cell.end), cell.end
                    )
                )
            ),
            None,
        )
        words = "  ".join(self._cell(cell) for cell in cells)
        act: Act | None = (
            "approved"
            if "approv" in f"{title} {words}"
            else "signed"
            if _search("signed").search(words)
            else None
        )
        date = next((d for cell in cells if (d := self.dates.after(cell.start, cell.end, 60))), None)
        absent = (
            act is None or _search("undone").search(words) is not None or (date is None and "____" in words)
        )
        if named is None:
            return None
        index = bisect_right(self.starts, named[0].start) - 1
        return self.maker.make(
            index, named[0].start, named[0].end, act or "signed", "blank" if absent else "electronic", named[1],
            label=title + " ", date=date.date if date else None, absent=absent, confidence=0.85, beside="",
        )  # fmt: skip

    # ------------------------------------------------------------ labels, then names, then dates

    def _labels_first(self) -> None:
        """Labels on lines of their own, then as many names, then as many dates: a form read down its columns."""
        lines = self.maker.lines
        labels = [_LABEL.match(self.plain, low, high) is not None for low, high in lines]
        at = 0
        while at < len(lines):
            size = 0
            while at + size < len(lines) and labels[at + size]:
                size += 1
            if size >= 2:
                self._read_down(at, size)
            at += size or 1

    def _read_down(self, at: int, size: int) -> None:
        lines = self.maker.lines[at + size : at + 3 * size]
        if len(lines) < size:
            return
        named = [named_person(self.maker.text, low, high) for low, high in lines[:size]]
        if not all(named) or any(self.dates.after(low, high, 90) for low, high in lines[:size]):
            return
        dates = [self.dates.after(low, high, 40) for low, high in lines[size:]]
        dates = dates if len(dates) == size and all(dates) else [None] * size
        for place, (found, date) in enumerate(zip(named, dates, strict=True)):
            label = self.plain[slice(*self.maker.lines[at + place])]
            act: Act = "approved" if "approv" in label else "signed" if "sign" in label else "prepared"
            if found is not None:
                low, high = lines[place]
                self.signatures.append(
                    self.maker.make(
                        at + size + place, low, high, act, "electronic", found[0], label=label + " ",
                        date=date.date if date else None, confidence=0.7,
                    )
                )  # fmt: skip
        taken = 3 if dates[0] is not None else 2
        self.covered.append((self.maker.lines[at][0], self.maker.lines[at + taken * size - 1][1]))


_LABEL = re.compile(
    r"\W*(?:[a-z]+ ){0,2}(?:prepared|planned|approved|reviewed|checked|signed|verified|accepted|calculated)"
    r"(?: by)?\s*:?\s*$",
    re.MULTILINE,
)


def read_tables(maker: Maker, dates: Dates) -> Found:
    """Signatures in tables of approvals, with the spans of those tables."""
    if maker.note.kind not in _KINDS:
        return Found((), ())
    return _Tables(maker, dates).read()
