"""Marks in ink on a page turned into signatures of the person printed there, and bare lines into lacking ones.

Policy 6.2: a mark on a signature line is a signature of the person named there as far as software can
tell. A mark is one of a signature only where a label or a physician's or physicist's name stands by it.
The labels are ``marks`` of ``lexicon/signing.yaml``.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..documents.base import Cell, Mark, Row
from ..names import Person
from .lexicon import load_yaml
from .people import credential_role
from .signing import Act, Maker, Signature
from .signing_terms import says_electronic
from .signing_words import Dates, connector_end, is_title_line, named_person

_CONFIDENCE = 0.6
_SPAN = 200
"""Longest stretch from a label to a name that is quoted as one."""


@functools.cache
def _labels(name: str) -> re.Pattern[str]:
    return re.compile(str(load_yaml("signing.yaml")["marks"][name]))


class _Marks:
    """Reads the marks on the pages of one note."""

    def __init__(self, maker: Maker, dates: Dates) -> None:
        self.maker = maker
        self.dates = dates

    def read(self) -> Iterator[Signature]:
        """Signatures of the marks, and the lines that bear none."""
        for mark in self.maker.note.marks:
            found = self._signature(mark)
            if found is not None:
                yield found

    def _signature(self, mark: Mark) -> Signature | None:
        label = self._label(mark)
        foreign = label is not None and _labels("foreign").search(self._plain(label))
        if foreign or (label is None and self._labelled_otherwise(mark)):
            return None
        if not mark.inked:
            return self._bare(mark, label)
        named = self._named(mark, label)
        if named is None and label is None:
            return None
        person, cell = named if named is not None else (self._letterhead(), label)
        if cell is None:
            return None
        return self._made(mark, label, cell, person)

    def _made(self, mark: Mark, label: Cell | None, cell: Cell, person: Person | None) -> Signature:
        """A signature that quotes the name and, where it stands near, the label."""
        cells = [cell, label] if label is not None else [cell]
        start, end = min(item.start for item in cells), max(item.end for item in cells)
        if end - start > _SPAN:
            start, end = cell.start, cell.end
        words = self._plain(label) if label is not None else ""
        act: Act = "approved" if "approv" in words or "accept" in words else "signed"
        index = self._line(cell.start)
        made = self.maker.make(
            index, start, end, act, "mark", person, label=words, date=self._date(mark, cell, label),
            confidence=_CONFIDENCE,
        )  # fmt: skip
        return made if person is not None else replace(made, counts=False)

    def _bare(self, mark: Mark, label: Cell | None) -> Signature | None:
        """A line to sign on that nobody signed: only where a label says that it is one."""
        if label is None or not _labels("line").search(self._plain(label)):
            return None
        for cell in (*mark.through, *mark.right):
            person = self._person(cell, 0)
            if person is not None and self._professional(person, cell, mark):
                return None
        words = self._plain(label)
        act: Act = "approved" if "approv" in words else "signed"
        index = self._line(label.start)
        return self.maker.make(index, label.start, label.end, act, "blank", None, label=words, absent=True)

    # ------------------------------------------------------------ what stands around a mark

    def _plain(self, cell: Cell) -> str:
        return self.maker.plain[cell.start : cell.end]

    def _line(self, offset: int) -> int:
        lines = self.maker.lines
        return next((i for i, (_, high) in enumerate(lines) if offset < high), len(lines) - 1)

    def _label(self, mark: Mark) -> Cell | None:
        """The label that asks for a signature: before the mark, under it, over it, or beneath its strokes."""
        titles = tuple(cell for cell in mark.right[:1] if is_title_line(self._plain(cell)))
        groups = (self._asking(mark), mark.through, mark.below[:2], mark.above[:1], titles)
        for group in groups:
            for cell in group:
                if _labels("label").fullmatch(self._plain(cell).strip()):
                    return cell
        return self._labelled_name(mark.left[:1])

    def _asking(self, mark: Mark) -> Row:
        """The cells before a mark up to the first that ends a label; a mark may begin behind part of a name."""
        for number, cell in enumerate(mark.left[:3], start=1):
            if self.maker.text[cell.end - 1] == ":":
                return mark.left[:number]
        return mark.left[:1]

    def _labelled_name(self, cells: Row) -> Cell | None:
        """A cell that holds label and name in one (``Physician: A. Roe, MD``)."""
        for cell in cells:
            head = _labels("label").match(self._plain(cell))
            if head and self._person(cell, head.end()):
                return cell
        return None

    def _labelled_otherwise(self, mark: Mark) -> bool:
        """Whether the words before a mark ask for something else: a date, the patient's name."""
        return any(
            cell.start >= 0
            and (
                ":" in self.maker.text[cell.end - 1 : cell.end]
                or _labels("foreign").search(self._plain(cell))
            )
            for cell in mark.left[:1]
        )

    def _person(self, cell: Cell, skip: int) -> Person | None:
        """The person at the head of a cell, behind ``skip`` characters and words that lead to a name."""
        start = connector_end(self.maker.text, cell.start + skip, cell.end)
        found = named_person(self.maker.text, start, cell.end)
        return found[0] if found else None

    def _named(self, mark: Mark, label: Cell | None) -> tuple[Person, Cell] | None:
        """The person printed at the mark, with the cell of the name."""
        if label is not None:
            head = _labels("label").match(self._plain(label))
            person = self._person(label, head.end() if head else 0)
            if person is not None:
                return person, label
        for group in (mark.through, mark.below[:2], mark.left[:2], mark.right[:1], mark.above[:1]):
            for cell in group:
                person = self._person(cell, 0) if cell != label else None
                if person is not None and (label is not None or self._professional(person, cell, mark)):
                    return person, cell
        return None

    def _professional(self, person: Person, cell: Cell, mark: Mark) -> bool:
        """Whether a name without a label is printed as one who signs: with credentials or a title."""
        if person.doctor or credential_role(person.credentials) is not None:
            return True
        rest = self._plain(cell).partition(person.written.lower())[2]
        others = [self._plain(other).strip(" ,") for other in (*mark.through, *mark.right, *mark.below)]
        return any(is_title_line(words) for words in (rest, *others))

    def _letterhead(self) -> Person | None:
        """The only physician that the entry names as its own."""
        names = {}
        for match in _labels("letterhead").finditer(self.maker.plain):
            found = named_person(self.maker.text, match.end(), len(self.maker.text))
            if found:
                names[found[0].surname] = found[0]
        return next(iter(names.values())) if len(names) == 1 else None

    def _date(self, mark: Mark, cell: Cell, label: Cell | None) -> dt.date | None:
        """A printed date behind the mark or the name, on the same line."""
        for other in (*mark.right[:3], cell, *([label] if label is not None else [])):
            date = self.dates.after(other.start, other.end, 60)
            if date is not None:
                return date.date
        return None


def read_marks(maker: Maker, dates: Dates) -> list[Signature]:
    """Signatures in ink on the pages of a note, and lines to sign on that bear none, in text order."""
    found = list(_Marks(maker, dates).read())
    return sorted(found, key=lambda item: (item.start, item.end))


def with_marks(found: Sequence[Signature], marks: Sequence[Signature], text: str) -> list[Signature]:
    """The signatures of the text together with those in ink; ``text`` is the folded note.

    On a paper form a label and a printed name sign nothing: the pen does. A signature that says it is
    electronic stands.
    """

    def replaced(item: Signature) -> bool:
        near = [mark for mark in marks if mark.start < item.end and item.start < mark.end]
        if not near or says_electronic(text, item.start, item.end):
            return False
        return item.kind in ("blank", "typed", "electronic")

    return [*(item for item in found if not replaced(item)), *marks]
