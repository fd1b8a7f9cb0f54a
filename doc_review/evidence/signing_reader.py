"""A note turned into its signing acts, line by line: the act, then the name and the date around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..dates import FoundDate
from ..model import Provider
from ..names import Person
from .colleagues import Colleague
from .note import Note
from .signing import Act, Kind, Signature, merge
from .signing_blocks import read_blocks
from .signing_marks import read_marks, with_marks
from .signing_neighbours import Neighbours
from .signing_tables import read_tables
from .signing_terms import (
    absent_patterns,
    acts,
    blank_line,
    has_hint,
    illegible,
    ink,
    instruction,
    needs_by,
    not_ours,
    says_electronic,
    speaks_of_other,
    undone,
)
from .signing_words import (
    connector_end,
    login_at,
    named_person,
    only_date,
    person_before,
)
from .tickboxes import state

_STATUS = re.compile(
    r"[\s|*-]*(?:(?:plan|approval|treatment|order|note|document)[ ])*(?:status|state)?[\s:|=-]*"
)
_COPY = re.compile(r"\W*(?:cc|c\.c\.|copy to|copies)\s*:")
_AGENT = re.compile(r"^.*(?:\bby\b|,\s*(?:cmd|ms|phd|dabr|rn|np|rtt?)\b).*\b(?:and|then)\b")


class _Reader(Neighbours):
    """Reads the signatures of one note, line by line."""

    def read(self) -> list[Signature]:
        """Signatures in text order."""
        tables = read_tables(self, self.dates)
        found = list(tables.signatures)
        for index, (low, high) in enumerate(self.lines):
            covered = any(low < end and start < high for start, end in tables.covered)
            if has_hint(self.plain[low:high]) and not covered:
                found.extend(self._line(index, low, high))
        found.extend(read_blocks(self, self.dates, found))
        if self.note.marks:
            found = with_marks(found, read_marks(self, self.dates), self.plain)
        return sorted(found, key=lambda item: (item.start, item.end))

    # ------------------------------------------------------------ one line

    def _line(self, index: int, low: int, high: int) -> Iterator[Signature]:
        absent = [
            self._absent(index, low, high, kind, *span)
            for kind, span in absent_patterns(self.plain, low, high)
        ]
        blank = [] if absent else blank_line(self.plain, low, high)
        written = ink(self.plain, low, high)
        found: list[Signature] = []
        for act, start, end in acts(self.plain, low, high):
            spans = [(item.start, item.end) for item in absent] + blank
            if any(first <= start < last for first, last in spans) or any(s.absent for s in absent):
                continue
            if any(item.kind in ("on_file", "stamp") for item in absent) or (blank and start < blank[-1][1]):
                continue
            if state(self.text[low:high], start - low, end - low) is False:
                if act in ("approved", "signed"):
                    found.append(
                        self.make(index, low, high, act, "pending", None, self.plain[low:end], absent=True)
                    )
                continue
            signature = self._act(index, low, high, act, start, end)
            if signature is not None:
                found.append(signature)
        if written and not absent and not blank:
            found = [item for item in (self._ink(index, low, high, *written, found),) if item]
        merged = merge(found)
        if any(item.kind == "not_read" for item in absent):
            merged = [replace(item, kind="not_read", counts=False) for item in merged]
            absent = [] if merged else absent
        if any(item.counts for item in merged):
            merged = [item for item in merged if item.person]
        yield from absent
        yield from (self._blank(index, low, high, *span) for span in blank)
        yield from merged

    def _absent(self, index: int, low: int, high: int, kind: Kind, start: int, end: int) -> Signature:
        person = self._nearby(index, low, high)
        label = self.plain[low:end]
        return self.make(
            index, low if high - low <= 200 else start, high if high - low <= 200 else end, "signed", kind,
            person, label=label, date=None, absent=kind in ("pending", "blank"),
        )  # fmt: skip

    def _blank(self, index: int, low: int, high: int, start: int, end: int) -> Signature:
        label = self._segment(index, low, start) + self.plain[start:end]
        act: Act = "approved" if "approv" in label else "signed"
        return self.make(index, start, end, act, "blank", None, label=label, date=None, absent=True)

    # ------------------------------------------------------------ one act

    def _act(self, index: int, low: int, high: int, act: Act, start: int, end: int) -> Signature | None:
        segment = self._segment(index, low, start)
        asked = self.plain[start:end].strip() == "approval" and segment.rstrip().endswith("'s")
        if not_ours(segment) or instruction(segment) or asked or _COPY.match(self.plain, low, high):
            return None
        if undone(segment):
            if speaks_of_other(segment) or act not in ("signed", "approved", "cosigned"):
                return None
            return self.make(
                index, low, high, act, "pending", self._nearby(index, low, high), label=segment, absent=True
            )
        lead = _AGENT.sub("", segment)
        position = connector_end(self.text, end, high)
        joined = self.plain[end:position]
        by = (
            not {"by", "user", "login"}.isdisjoint(joined.split())
            or ":" in joined
            or self._by_below(index, position, high)
        )
        weak = self.plain[start:end].strip().endswith("signature") and "lectronic" not in self.text[start:end]
        person, stop = self._target(position, high, act, by)
        if person is None and needs_by(act):
            return None
        paper = self.note.is_recognised(start) and not says_electronic(self.plain, low, high)
        if person is not None and paper and self._is_scrawl(person, weak, stop, high):
            return None
        date: FoundDate | None = self.dates.after(stop if person else end, high, 70)
        finish = max(stop if person else end, self.dates.end_of(date) if date else 0)
        if person is None and not by:
            before = person_before(self.text, low, start)
            if before is not None:
                person, begin = before
                lead = self.plain[low:begin][-40:] + " "
                date = date or self.dates.after(begin, start, 120)
                start = min(start, begin)
        if person is None and not by and date is not None:
            before = self._previous(index, act, segment)
            if before is not None:
                person, start = before
        if person is None and (by or (act in ("signed", "cosigned", "attested") and not weak)):
            moved = self._following(index, by, start - low)
            if moved is not None and not (paper and not (moved[0].credentials or moved[0].doctor)):
                person, finish, later = moved
                date = later or date
        if person is None and act == "approved":
            person, stop = self._further(end, high)
            date = (self.dates.after(stop, high, 40) if person else None) or date
            finish = max(finish, self.dates.end_of(date) if date else 0)
        if person is None:
            before = self._previous(index, act, segment) or person_before(self.text, low, start)
            formal = act in ("signed", "approved") and _STATUS.fullmatch(segment) is not None
            if before is None and formal and (date or self._later_date(index, max(end, finish))):
                before = self._labelled(index)
            if before is not None:
                person, begin = before
                if low <= begin < start:
                    lead = self.plain[low:begin][-40:] + " "
                    date = date or self.dates.after(begin, start, 120)
                start = min(start, begin)
        if person is None and date is not None and act in ("signed", "approved", "cosigned"):
            late = connector_end(self.text, self.dates.end_of(date), high)
            person, stop = self._target(late, high, act, False)
            finish = max(finish, stop)
        if date is None and person is not None:
            date = self._leading_date(low, start)
        if date is None and person is not None:
            date = self._later_date(index, finish)
            finish = max(finish, self.dates.end_of(date) if date else 0)
        if person is None:
            return self._nameless(low, high, act, start, end, segment)
        apart = paper and person.written not in self.text[low:high]  # printed under or over a line to sign on
        kind: Kind = "typed" if act == "prepared" or (weak and (date is None or apart)) else "electronic"
        confidence = (
            0.6
            if weak or act in ("reviewed", "checked")
            else 0.95
            if person.credentials or person.doctor
            else 0.8
        )
        begin = start if start - low > 90 else low
        if self.dates.spans_between(low, start) > 1 or high - low > 200:
            begin = start
        return self.make(
            index, begin, max(finish, end), act, kind, person, label=lead + self.plain[start:position],
            date=date.date if date else None, confidence=confidence, act_at=start,
        )  # fmt: skip

    def _segment(self, index: int, low: int, start: int) -> str:
        """Folded words before an act in its sentence or cell."""
        before = self.plain[low:start]
        if index and len(before) < 12 and self.text[low : low + 1].islower():
            before = self.plain[self.lines[index - 1][0] : self.lines[index - 1][1]][-50:] + " " + before
        cut = max(
            before.rfind(". "), before.rfind(";"), before.rfind("|"), before.rfind("  "), before.rfind("\t")
        )
        return before[cut + 1 :]

    def _target(self, position: int, high: int, act: Act, by: bool) -> tuple[Person | None, int]:
        """The person that begins at a position, or a login: of a listed provider, or after ``by``."""
        found = named_person(self.text, position, high)
        if found is None:
            found = login_at(
                self.text, position, high, self._is_known, by, self._dated(position, high, act, by)
            )
        return (found[0], found[1]) if found else (None, position)

    def _is_scrawl(self, person: Person, weak: bool, stop: int, high: int) -> bool:
        """Whether initials or a word on paper may be a pen's strokes recognised as letters: a login has a date."""
        if person.given or person.credentials or person.doctor:
            return False
        return weak or not self._is_known(person.written) or self.dates.after(stop, high, 60) is None

    def _is_known(self, written: str) -> bool:
        return self.login(written) is not None

    def _dated(self, position: int, high: int, act: Act, by: bool) -> bool:
        """Whether a login at a place may stand for an unknown user: a date follows, or is all of the next line."""
        apart = by or act == "signed" or self.text[position - 2 : position].isspace()
        if not apart:
            return False
        if self.dates.after(position, high, 60) is not None:
            return True
        following = next(((low, end) for low, end in self.lines if low > position), None)
        return by and following is not None and only_date(self.plain, *following)

    def _further(self, end: int, high: int) -> tuple[Person | None, int]:
        """A person in a later column of the line (``approved [x]   rejected [ ]   A. Roe, MD``)."""
        for gap in re.finditer(r"\s{2,}|\|", self.text[end:high]):
            found = named_person(self.text, connector_end(self.text, end + gap.end(), high), high)
            if found and found[0].credentials:
                return found
        return None, end

    def _nameless(
        self, low: int, high: int, act: Act, start: int, end: int, segment: str
    ) -> Signature | None:
        """A plan approval state that names nobody."""
        if act != "approved" or not re.search(
            r"\b(?:plan|treatment|approval|status)\b", segment + self.plain[start:end]
        ):
            return None
        if not re.search(r"\b(?:status|state|approval)\b.*\bapproved\b", self.plain[low:high]):
            return None
        return Signature(
            start=low, end=high, act="approved", kind="typed", of=self.subject(segment), confidence=0.5
        )

    # ------------------------------------------------------------ ink

    def _ink(
        self, index: int, low: int, high: int, start: int, end: int, found: list[Signature]
    ) -> Signature | None:
        """Ink described in the text: counts where a name stands beside it."""
        if not_ours(self._segment(index, low, start)):
            return found[0] if found else None
        person = next((item.person for item in found if item.person), None) or self._nearby(index, low, high)
        for ahead in (1, -1):
            if person is None and 0 <= index + ahead < len(self.lines):
                first, last = self.lines[index + ahead]
                if last - first <= 90:
                    person = self._nearby(index + ahead, first, last)
        if person is None and illegible(self.plain, low, high):
            person = self._letterhead()
        date = self.dates.after(low, high, 200) or self._later_date(index, high)
        act: Act = "approved" if "approv" in self.plain[low:high] else "signed"
        made = self.make(
            index, low, high, act, "handwritten", person, label=self.plain[low:high],
            date=date.date if date else None, confidence=0.8,
        )  # fmt: skip
        return made if person is not None else replace(made, counts=False)

    def _letterhead(self) -> Person | None:
        """The only physician whose printed name heads the entry."""
        names = []
        for match in re.finditer(r"\b(?:physician|provider|attending|oncologist)\s*:\s*", self.plain[:1500]):
            found = named_person(self.text, match.end(), len(self.text))
            if found:
                names.append(found[0])
        return names[0] if len({name.surname for name in names}) == 1 else None


def read_signatures(
    note: Note, providers: Sequence[Provider] = (), people: Sequence[Colleague] = ()
) -> list[Signature]:
    """Signing acts of a note, and places where one is lacking, in text order."""
    return _Reader(note, providers, people).read()
