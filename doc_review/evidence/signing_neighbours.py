"""Where a signing act lacks a name or a date, the lines around it searched for them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..dates import FoundDate
from ..model import Provider
from ..names import Person
from .colleagues import Colleague
from .note import Note
from .signing import Act, Maker
from .signing_terms import acts
from .signing_words import Dates, connector_end, is_title_line, named_person, only_date

_REASON = re.compile(r"\W*(?:reason|location|contact|dn)\s*:")
_OWN_LABEL = re.compile(
    r"\W*(?:[a-z]+ )?(?:physician|provider|md|oncologist|physicist|dosimetrist|attending)\s*:"
)


class Neighbours(Maker):
    """Finds names and dates on the lines around an act."""

    def __init__(self, note: Note, providers: Sequence[Provider], people: Sequence[Colleague] = ()) -> None:
        super().__init__(note, providers, people)
        self.dates = Dates(note)

    def _nearby(self, index: int, low: int, high: int) -> Person | None:
        """A person named on the line."""
        for match in re.finditer(r"(?<![\w.])[A-Z]", self.text[low:high]):
            found = named_person(self.text, low + match.start(), high)
            if found:
                return found[0]
        return None

    def _by_below(self, index: int, position: int, high: int) -> bool:
        """Whether the line ends with the act and the next one begins with ``by``."""
        if position < high or index + 1 >= len(self.lines):
            return False
        return re.match(r"\W*by\b", self.plain[slice(*self.lines[index + 1])]) is not None

    def _labelled(self, index: int) -> tuple[Person, int] | None:
        """The person whom a line just above names as the signing provider."""
        for back in (1, 2, -1):
            low, high = self.lines[min(max(0, index - back), len(self.lines) - 1)]
            label = re.match(
                r"[\s|*-]*(?:(?:ordering|authorizing|prescribing|signing|attending|approving|treating)?\s?"
                r"(?:provider|physician|md|radiation oncologist|oncologist)|lock(?:ed)? (?:author|by|user)|"
                r"approver|author)\s*[:|]\s*",
                self.plain[low:high],
            )
            found = named_person(self.text, low + label.end(), high) if label else None
            if found:
                return found[0], low
        return None

    def _cell(self, index: int, column: int) -> tuple[int, int]:
        """The cell of a line that stands below a column, the whole line where it has no columns."""
        low, high = self.lines[index]
        cells = [(m.start() + low, m.end() + low) for m in re.finditer(r"\S+(?: \S+)*", self.text[low:high])]
        if len(cells) < 2 or self.plain.startswith("by", cells[0][0]):
            return low, high
        origin = self.text.rfind("\n", 0, low) + 1
        return min(cells, key=lambda cell: abs(cell[0] - origin - column))

    def _following(self, index: int, by: bool, column: int) -> tuple[Person, int, FoundDate | None] | None:
        """A person on the next line or two, with the end and the date found there."""
        column += self.lines[index][0] - (self.text.rfind("\n", 0, self.lines[index][0]) + 1)
        for ahead in (1, 2):
            if index + ahead >= len(self.lines):
                return None
            low, high = self._cell(index + ahead, column)
            if _OWN_LABEL.match(self.plain, low, high) and self.dates.after(low, high, 120) is None:
                return None
            start = connector_end(self.text, low, high)
            found = named_person(self.text, start, high)
            if (
                found
                and (found[0].credentials or found[0].doctor or (by and ahead == 1))
                and high - low <= 100
            ):
                date = self.dates.after(found[1], high, 60)
                if date is None and index + ahead + 1 < len(self.lines):
                    below = self._cell(index + ahead + 1, column)
                    if only_date(self.plain, *below):
                        date = self.dates.after(*below, 50)
                return found[0], found[1], date
            if not only_date(self.plain, low, high) or not self.dates.after(low, high, 40):
                return None
        return None

    def _previous(self, index: int, act: Act, segment: str) -> tuple[Person, int] | None:
        """The person that the line above consists of (a name line over ``Electronically signed``)."""
        if index == 0 or segment.strip(" -:*([<") or act not in ("signed", "cosigned", "approved"):
            return None
        low, high = self.lines[index - 1]
        titled = is_title_line(self.plain[low:high]) and not self._nearby(index - 1, low, high)
        if index > 1 and titled and self.lines[index][0] - high <= 3:
            index -= 1
            low, high = self.lines[index - 1]
        if high - low > 90 or self.lines[index][0] - high > 3 or next(acts(self.plain, low, high), None):
            return None
        start = connector_end(self.text, low, high)
        found = named_person(self.text, start, high)
        rest = self.plain[found[1] : high] if found else ""
        if (
            found
            and (found[0].credentials or found[0].doctor)
            and (not rest.strip(" ,.") or is_title_line(rest))
        ):
            return found[0], low
        return None

    def _leading_date(self, low: int, start: int) -> FoundDate | None:
        """The date that opens the line of an act (``03/04/2025 14:22 - Approved - A. Roe, MD``)."""
        head = next((date for date in self.dates.found if date.start >= low), None)
        if head is None or head.end > start or any(char.isalpha() for char in self.text[low : head.start]):
            return None
        return head if self.dates.spans_between(low, start) == 1 else None

    def _later_date(self, index: int, finish: int) -> FoundDate | None:
        """A date on one of the next two lines that hold little else."""
        current = next((i for i in range(index, len(self.lines)) if self.lines[i][1] >= finish), index)
        for ahead in (1, 2, 3):
            if current + ahead >= len(self.lines):
                return None
            low, high = self.lines[current + ahead]
            if _REASON.match(self.plain, low, high):
                continue
            if ahead > 2:
                return None
            if only_date(self.plain, low, high):
                return self.dates.after(low, high, 50)
            dated = self.dates.after(low, high, 60)
            if dated is not None and is_title_line(self.plain[low : dated.start]):
                rest = self.plain[self.dates.end_of(dated) : high]
                return dated if sum(char.isalpha() for char in rest) <= 4 else None
            if not is_title_line(self.plain[low:high]):
                return None
        return None
