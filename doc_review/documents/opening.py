"""A title in a line turned into the answer whether it begins a new entry or heads a section of the one read.

It begins one after a signature, over a head of its own (patient, date of service, author), or at the top of a
sheet with another date; a title of the paper (running, at the foot, continued) begins none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..dates import find_dates
from .entry_dates import head_date, title_date
from .lines import Line
from .sheets import at_foot, counter_resets, counter_runs
from .titles import Title

_DATED_KINDS = frozenset({"management_visit", "physics_check", "consultation", "simulation", "note", "other"})
HEAD_LINES = 4
OWN_SECTIONS = frozenset({"physics_check", "management_visit"})
_HEADED = re.compile(
    r"\b(?:mrn|dob|d\.o\.b|date of birth|patient(?: name)?\s*:|name\s*:|date of (?:service|visit|"
    r"procedure|consult\w*|"
    r"exam\w*|sim\w*|order|note)|dos\b|service date|visit date|encounter|date\s*[:=]|order date|ordered|"
    r"note date|"
    r"author\s*:|provider\s*:|physician\s*:|attending\s*:)",
    re.IGNORECASE,
)
TRAILER = re.compile(
    r"^\W*(?:cc|copy|copies|c\.c\.|dictated|transcribed|d:|t:|dd:|dt:|job|doc(?:ument)? id|assisted by|"
    r"therapists?|"
    r"scribe|printed|page|time spent|total time|pager|phone|fax|tel|end of (?:note|report|document)|"
    r"radiation oncolog(?:y|ist)|attending|medical physicist|department of|board certified|date|time|name)\b",
    re.IGNORECASE,
)
_VALUE = re.compile(r":\s+\S|:[^\W\d]")
_CONTINUED = re.compile(r"(?:\bcontinued|\bcont['\u2019]?d\b\.?|\(cont\.?\))\W*$", re.IGNORECASE)
_AUTHORED = re.compile(
    r"\b(?:author|encounter date|order date|addendum date|ordering|date of (?:service|procedure|visit|"
    r"consult\w*|"
    r"order|note|simulation|exam\w*))\b|^\W*(?:date|dos)\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"\W*(?:by:?\s+)?(?:Dr\.?\s+)?[A-Z][\w.'-]+,?(?:\s+[A-Z][\w.'-]*,?){0,3}\s+"
    r"(?:MD|DO|MBBS|PhD|MS|MSc|DABR|DABMP|NP|PA(?:-C)?|ARNP|CRNP|APRN|FNP|RN|CMD|RTT?)\b"
)
_PLAN_NAME = re.compile(
    r"\bplan\b(?:[ ]report)?(?:[ ](?:name|id|label))?[ :-]{1,4}([A-Za-z0-9.-]*[\d_][\w.-]*)", re.IGNORECASE
)


@dataclass(slots=True)
class State:
    """What is known of the entry that is being read."""

    first: int = 0
    kind: str | None = None
    lines: int = 0
    prose: int = 0
    keyed: bool = False
    signed: bool = False
    since: int = 99
    series: bool = False
    headed: bool = False

    def take(self, line: Line) -> None:
        """Add a line to the entry."""
        self.headed = self.headed or "head" in line.tags
        if line.furniture:
            return
        self.lines += 1
        self.keyed = self.keyed or bool(line.title and line.title.keyed)
        if line.signature:
            self.signed, self.since = True, 0
        elif not TRAILER.match(line.text) and len(line.text) > 22:
            self.since += 1
        if self.lines > 3 and (
            (len(line.text) > 60 and not _HEADED.search(line.text))
            or (line.text.endswith(".") and line.text.count(" ") > 1)
        ):
            self.prose += 1

    @property
    def closed(self) -> bool:
        """Whether a signature ended the note, a few lines aside."""
        return self.signed and self.since <= 2

    @property
    def fresh(self) -> bool:
        """Whether only a heading has been read."""
        return not self.signed and self.prose == 0 and self.lines <= 10


def alone(line: Line) -> bool:
    """Whether a title line holds little besides the title."""
    keyed = line.title is not None and line.title.keyed
    return len(line.text) <= 90 and (keyed or not _VALUE.search(line.text.split("  ")[0]))


def authored(lines: Sequence[Line], index: int) -> bool:
    """Whether the line below a title gives the note's date or author."""
    return index + 1 < len(lines) and (
        _AUTHORED.search(lines[index + 1].text) is not None or _bylined(lines[index + 1].text)
    )


def _bylined(text: str) -> bool:
    """Whether a line is a byline: somebody with credentials, then a date with its time."""
    person = _BYLINE.match(text)
    return person is not None and any(found.has_time for found in find_dates(text[person.end() :], False))


def _dated_person(text: str) -> bool:
    """Whether a line is a date and then somebody with credentials, no more."""
    found = next(iter(find_dates(text, False)), None)
    person = _BYLINE.match(text[found.end :]) if found and not found.start else None
    return found is not None and person is not None and len(text) - found.end - person.end() < 10


def _is_headed(lines: Sequence[Line], index: int) -> bool:
    """Whether the lines after a title are the head of a document (patient, date of service, author)."""
    title = lines[index].title
    if title is not None and title.keyed and find_dates(lines[index].text, False):
        return True
    after = [line for line in lines[index : index + 6] if not line.ruler]
    return any(
        _HEADED.search(line.text) or "series" in line.tags or _dated_person(line.text) for line in after
    )


def _new_plan(lines: Sequence[Line], index: int, first: int) -> bool:
    """Whether the head below a plan's title names another plan than the entry's own head."""

    def named(start: int, size: int) -> str | None:
        for line in lines[start : start + size]:
            match = _PLAN_NAME.search(line.text)
            if match:
                return match.group(1).lower()
        return None

    here, own = named(index, 7), named(first, 12)
    return here is not None and own is not None and here != own


def _of_paper_foot(lines: Sequence[Line], index: int, state: State) -> bool:
    """Whether a title at the foot of a sheet is that of the sheet, not of a note that begins there.

    A note begins there where the note before has a title and a signature, and the head below this title
    bears another date.
    """
    line, title = lines[index], lines[index].title
    if not at_foot(lines, index):
        return False
    if line.running or line.counter or not state.closed or state.kind is None or title is None:
        return True
    beyond = [other for other in lines[index + 1 : index + 8] if other.sheet != line.sheet]
    if any(_continues(title, other) for other in beyond):
        return False
    if title.keyed and not any(other.title for other in beyond):
        return head_date(beyond) in (None, _dated(lines[state.first : state.first + 9]))
    here = _dated([other for other in lines[index : index + 5] if other.sheet == line.sheet])
    return here is None or (title.kind == state.kind and here == _dated(lines[state.first : state.first + 9]))


def _continues(title: Title, line: Line) -> bool:
    """Whether a line repeats a title as ``(continued)``."""
    return (
        line.title is not None and line.title.kind == title.kind and _CONTINUED.search(line.text) is not None
    )


def _dated(lines: Sequence[Line]) -> dt.date | None:
    """The date in the head of a note: one with a label, else that of a title's own line."""
    head = [line for line in lines if "print" not in line.tags and not line.counter]
    return head_date(head) or (title_date(head[0]) if head else None)


def _new_date(lines: Sequence[Line], index: int, first: int) -> bool:
    """Whether the head below a repeated title bears another date of service than the entry's own head."""
    here, own = head_date(lines[index : index + 7]), head_date(lines[first : first + 9])
    return here is not None and own is not None and here != own


def heads_anew(lines: Sequence[Line], index: int, state: State) -> bool:
    """Whether a title can end an entry of a few unsigned lines.

    It can where it heads the checks or visits of a treatment record, where both bear a note's head, or
    where a sheet begins with it.
    """
    line, title = lines[index], lines[index].title
    if title is None:
        return False
    own_section = title.kind in OWN_SECTIONS and state.kind == "treatment_record" and state.lines > 3
    begun = lines[state.first].sheet != line.sheet and line.edge
    return own_section or (title.keyed and state.keyed) or begun


def names_anew(line: Line, title: Title, state: State) -> bool:
    """Whether a title below that of an entry is the entry's own rather than that of a section.

    A running header is, and so is the first part of a file of checks and visits. Below a head without a
    title only a line of its own near that head is one.
    """
    if state.kind is None:
        return not state.headed or (alone(line) and state.lines < HEAD_LINES)
    return alone(line) and (line.running or {title.kind, state.kind} <= OWN_SECTIONS)


def title_opens(lines: Sequence[Line], index: int, state: State, gapless: bool) -> bool:
    """Whether the title in a line begins a new entry."""
    line, title = lines[index], lines[index].title
    if (
        title is None
        or not alone(line)
        or _CONTINUED.search(line.text)
        or _of_paper_foot(lines, index, state)
    ):
        return False
    ruled = lines[index - 1].ruler
    top = (
        line.edge
        and (
            lines[index - 1].sheet != line.sheet
            or all(
                other.sheet != line.sheet or other.furniture or not other.text.endswith(".")
                for other in lines[max(0, index - 6) : index]
            )
        )
        and any(other.sheet != line.sheet for other in lines[max(0, index - 6) : index])
    )
    if (line.gap > 0 or ruled) and index + 1 < len(lines) and _bylined(lines[index + 1].text):
        return True
    if title.weak:
        return (
            state.closed
            and (line.gap > 0 or ruled or top)
            and len(line.text) <= 60
            and (_is_headed(lines, index) or bool(find_dates(line.text, False)))
        )
    if state.closed:
        if title.kind == state.kind == "plan":
            return _new_plan(lines, index, state.first) or (counter_resets(lines, index) and top)
        if line.running:
            return not (
                counter_runs(lines, index)
                and state.kind in ("plan", "treatment_record", "prescription", "order")
            )
        return (
            gapless
            or line.gap > 0
            or ruled
            or top
            or title.keyed
            or line.text.upper() == line.text
            or _is_headed(lines, index)
        )
    if line.running:
        return state.kind in _DATED_KINDS and _new_date(lines, index, state.first)
    if title.kind == "plan" and state.kind == "plan" and top and _new_plan(lines, index, state.first):
        return True
    if (title.kind == state.kind or title.kind == "note") and not authored(lines, index):
        if title.kind != "plan" and top and _new_date(lines, index, state.first):
            return True
        return title.keyed and (top or ruled or line.gap > 0) and _is_headed(lines, index)
    if title.kind in OWN_SECTIONS and state.kind in ("treatment_record", *OWN_SECTIONS):
        return True
    if title.kind in OWN_SECTIONS and any("series" in other.tags for other in lines[index + 1 : index + 4]):
        return True
    if authored(lines, index) and not line.text.endswith(":"):
        return True
    headed = _is_headed(lines, index)
    new_sheet = top and (not counter_runs(lines, index) or head_date(lines[index : index + 7]) is not None)
    return headed and (new_sheet or ruled or title.keyed or (line.gap > 1))
