"""Headings and states of a note turned into signatures: names with dates below ``Approvals``, a signed status.

Patterns are ``headings`` of ``lexicon/signing.yaml``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

from ..dates import FoundDate
from ..names import Person
from .lexicon import load_yaml
from .people import role_words
from .signing import Act, Maker, Signature
from .signing_terms import absent_patterns, acts, blank_line, speaks_of_other
from .signing_words import Dates, connector_end, is_title_line, named_person, only_date

_REACH = 7
_NEAR = 4
_LABEL = re.compile(r"[\s*|\u2022-]*(?P<label>[a-z][a-z ./()&-]{1,40}?)\s*(?:[:|]|\s-\s|\s{2,}|\.{2,})\s*")


@functools.cache
def _heading(name: str) -> re.Pattern[str]:
    return re.compile(str(load_yaml("signing.yaml")["headings"][name]))


class _Blocks:
    """Reads what a heading or a state makes a signature of."""

    def __init__(self, maker: Maker, dates: Dates, found: Sequence[Signature]) -> None:
        self.maker = maker
        self.dates = dates
        self.taken = [(item.start, item.end) for item in found if item.person or item.absent]

    def _free(self, low: int, high: int) -> bool:
        return not any(start < high and low < end for start, end in self.taken)

    # ------------------------------------------------------------ names below a heading

    def headed(self) -> Iterator[Signature]:
        """Names with dates below a heading of approvals."""
        lines = self.maker.lines
        for index, (low, high) in enumerate(lines):
            text = self.maker.plain[low:high].strip(" *=-#|")
            if len(text) > 48 or not _heading("approval").fullmatch(text.rstrip(": ")):
                continue
            yield from self._below(index, text)

    def _below(self, index: int, heading: str) -> Iterator[Signature]:
        plain, lines = self.maker.plain, self.maker.lines
        labelled = False
        at = index + 1
        while at < min(index + 1 + _REACH, len(lines)):
            low, high = lines[at]
            if not self._free(low, high) or blank_line(plain, low, high) or absent_patterns(plain, low, high):
                return
            if next(acts(plain, low, high), None) is not None or speaks_of_other(plain[low:high]):
                return
            label = _LABEL.match(plain, low, high)
            words = label.group("label") if label else ""
            titled = bool(label) and any(
                role_words(role).search(words)
                for role in ("physicist", "dosimetrist", "therapist", "radiation_oncologist", "physician")
            )
            start = connector_end(self.maker.text, label.end() if label and titled else low, high)
            named = named_person(self.maker.text, start, high)
            if named is None or high - low > 120:
                return
            date, end = self._date(at, named[1], high)
            if date is not None and (titled or at == index + 1 or labelled):
                act: Act = "signed" if "sign" in heading else "approved"
                yield self.maker.make(
                    at, low, max(high, end), act, "electronic", named[0], label=f"{words or heading} ",
                    date=date.date, confidence=0.75,
                )  # fmt: skip
            labelled = labelled or titled
            if not titled and not labelled:
                return
            at += 1

    def _date(self, at: int, stop: int, high: int) -> tuple[FoundDate | None, int]:
        """The date behind a name, or alone on one of the next two lines."""
        found = self.dates.after(stop, high, 60)
        if found is not None:
            return found, high
        for low, end in self.maker.lines[at + 1 : at + 3]:
            if only_date(self.maker.plain, low, end):
                return self.dates.after(low, end, 50), end
            if not is_title_line(self.maker.plain[low:end]):
                break
        return None, high

    # ------------------------------------------------------------ a signed status

    def states(self) -> Iterator[Signature]:
        """The author of a note whose status says that it is signed."""
        plain = self.maker.plain
        state = _heading("state").search(plain)
        if state is None:
            return
        index = next(i for i, (low, high) in enumerate(self.maker.lines) if low <= state.start() <= high)
        around = range(max(0, index - _NEAR), min(len(self.maker.lines), index + _NEAR + 1))
        person: Person | None = None
        where = index
        for at in sorted(around, key=lambda line: (abs(line - index), line)):
            person = self._author(*self.maker.lines[at])
            if person is not None:
                where = at
                break
        if person is None:
            return
        date = self._state_date(index, around)
        low = min(self.maker.lines[where][0], self.maker.lines[index][0])
        high = max(self.maker.lines[where][1], self.maker.lines[index][1])
        yield self.maker.make(
            where, low, high, "signed", "electronic", person, label="", date=date.date if date else None,
            confidence=0.7,
        )  # fmt: skip

    def _author(self, low: int, high: int) -> Person | None:
        pattern = re.compile(rf"(?<!\w)(?:{_heading('author').pattern})\s*(?:[:|]|\s{{2,}})\s*")
        for label in pattern.finditer(self.maker.plain, low, high):
            found = named_person(self.maker.text, connector_end(self.maker.text, label.end(), high), high)
            if found is not None:
                return found[0]
        return None

    def _state_date(self, index: int, around: Sequence[int]) -> FoundDate | None:
        pattern = re.compile(rf"(?<!\w)(?:{_heading('dated').pattern})\s*(?:[:|]|\s{{2,}})\s*")
        for at in around:
            low, high = self.maker.lines[at]
            for label in pattern.finditer(self.maker.plain, low, high):
                found = self.dates.after(label.end(), high, 60)
                if found is not None:
                    return found
        low, high = self.maker.lines[index]
        return self.dates.after(low, high, high - low)


def read_blocks(maker: Maker, dates: Dates, found: Sequence[Signature]) -> Iterator[Signature]:
    """Signatures that stand below a heading, and (where nothing else signs) the one of a signed status."""
    blocks = _Blocks(maker, dates, found)
    headed = list(blocks.headed())
    yield from headed
    if not any(item.counts for item in (*found, *headed)):
        yield from blocks.states()
