"""Lines of a document dealt out to the entries they belong to.

A line opens an entry where it is a title that is no section of the note being read, the header of a
series item, an addendum, or the first of a sheet whose page count starts again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..dates import find_dates
from .entry_dates import head_date, title_date
from .lines import Line
from .titles import Title

_OPEN_KINDS = frozenset({None, "management_visit", "physics_check", "note", "other", "mixed"})
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
_PATIENT = re.compile(
    r"^\W*(?:(?:patient|pt)(?:'s)?(?: name)?|name|dob|d\.o\.b\.?|date of birth|born|mrn|record no\.?|id)\s*[:=#.]",
    re.IGNORECASE,
)
_VALUE = re.compile(r":\s+\S|:[^\W\d]")
_ADDENDUM = re.compile(r"^\W{0,6}(?:addend(?:um|a)|late entry|amendment|amended note)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\W*\d{1,3}\W+$")
_CONTINUED = re.compile(r"(?:\bcontinued|\bcont['\u2019]?d\b\.?|\(cont\.?\))\W*$", re.IGNORECASE)
ATTESTATION = re.compile(
    r"\b(?:i|we) (?:have )?(?:personally )?(?:saw|seen|examined|evaluated|interviewed|discussed|"
    r"was present|were present|"
    r"participated|performed)\b.{0,160}\b(?:resident|agree|with dr|with the np|with the pa|"
    r"nurse practitioner|physician assistant|"
    r"key (?:portions?|components?|elements?))|teaching physician|attending attestation|"
    r"supervising physician|"
    r"attestation (?:of|by|signed)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(slots=True)
class _State:
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


@dataclass(slots=True)
class Draft:
    """An entry before its kind and date are known."""

    lines: list[Line] = field(default_factory=list)
    kind: str | None = None
    inherits: bool = False


_SHAPES = frozenset({"week", "key", "label", "dated", "ruled"})
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
_ITEM_KINDS = (
    ("physics_check", re.compile(r"\b(?:physics|chart check|physicist)\b", re.IGNORECASE)),
    (
        "management_visit",
        re.compile(r"\b(?:otv|on[- ]treatment|physician visit|weekly visit)\b", re.IGNORECASE),
    ),
)


def _authored(lines: Sequence[Line], index: int) -> bool:
    """Whether the line below a title gives the note's date or author."""
    return index + 1 < len(lines) and (
        _AUTHORED.search(lines[index + 1].text) is not None or _bylined(lines[index + 1].text)
    )


def _bylined(text: str) -> bool:
    """Whether a line is a byline: somebody with credentials, then a date with its time."""
    person = _BYLINE.match(text)
    return person is not None and any(found.has_time for found in find_dates(text[person.end() :], False))


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


def _item_kind(text: str) -> str | None:
    """Kind that the head of a series item names."""
    return next((kind for kind, pattern in _ITEM_KINDS if pattern.search(text[:60])), None)


def alone(line: Line) -> bool:
    """Whether a title line holds little besides the title."""
    keyed = line.title is not None and line.title.keyed
    return len(line.text) <= 90 and (keyed or not _VALUE.search(line.text.split("  ")[0]))


def _is_headed(lines: Sequence[Line], index: int) -> bool:
    """Whether the lines after a title are the head of a document (patient, date of service, author)."""
    title = lines[index].title
    if title is not None and title.keyed and find_dates(lines[index].text, False):
        return True
    after = [line for line in lines[index : index + 6] if not line.ruler]
    return any(
        _HEADED.search(line.text) or "series" in line.tags or _dated_person(line.text) for line in after
    )


def _dated_person(text: str) -> bool:
    """Whether a line is a date and then somebody with credentials, no more."""
    found = next(iter(find_dates(text, False)), None)
    person = _BYLINE.match(text[found.end :]) if found and not found.start else None
    return found is not None and person is not None and len(text) - found.end - person.end() < 10


def _counter_resets(lines: Sequence[Line], index: int) -> bool:
    """Whether a sheet whose first line this is starts a new page count (``Page 1 of n``)."""
    sheet = lines[index].sheet
    here = {line.counter for line in lines[index : index + 400] if line.sheet == sheet and line.counter}
    before = {
        line.counter
        for line in lines[max(0, index - 400) : index]
        if line.sheet == sheet - 1 and line.counter
    }
    return any(count[0] == 1 for count in here) and any(
        count[1] != other[1] or other[0] == other[1] for count in here if count[0] == 1 for other in before
    )


def _counter_runs(lines: Sequence[Line], index: int) -> bool:
    """Whether the sheet of a line goes on counting from the sheet before."""
    sheet = lines[index].sheet
    here = {line.counter for line in lines[index : index + 200] if line.sheet == sheet and line.counter}
    before = {
        line.counter
        for line in lines[max(0, index - 200) : index + 1]
        if line.sheet == sheet - 1 and line.counter
    }
    return any((n - 1, m) in before for n, m in here)


def _at_foot(lines: Sequence[Line], index: int) -> bool:
    """Whether a title stands in the last lines of its sheet with no text below: a PDF draws heads last."""
    below = [line for line in lines[index + 1 : index + 8] if line.sheet == lines[index].sheet]
    return len(below) < 7 and not any(
        line.signature or "series" in line.tags or line.text.endswith(".") or len(line.text) > 110
        for line in below
    )


def _of_paper_foot(lines: Sequence[Line], index: int, state: _State) -> bool:
    """Whether a title at the foot of a sheet is that of the sheet, not of a note that begins there.

    A note begins there where the note before has a title and a signature, and the head below this title
    bears another date.
    """
    line, title = lines[index], lines[index].title
    if not _at_foot(lines, index):
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
    return line.title is not None and line.title.kind == title.kind and _CONTINUED.search(line.text) is not None


def _dated(lines: Sequence[Line]) -> dt.date | None:
    """The date in the head of a note: one with a label, else that of a title's own line."""
    head = [line for line in lines if "print" not in line.tags and not line.counter]
    return head_date(head) or (title_date(head[0]) if head else None)


def _heads_anew(lines: Sequence[Line], index: int, state: _State) -> bool:
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


def _names_anew(line: Line, title: Title, state: _State) -> bool:
    """Whether a title below that of an entry is the entry's own rather than that of a section.

    A running header is, and so is the first part of a file of checks and visits. Below a head without a
    title only a line of its own near that head is one.
    """
    if state.kind is None:
        return not state.headed or (alone(line) and state.lines < HEAD_LINES)
    return alone(line) and (line.running or {title.kind, state.kind} <= OWN_SECTIONS)


def _new_date(lines: Sequence[Line], index: int, first: int) -> bool:
    """Whether the head below a repeated title bears another date of service than the entry's own head."""
    here, own = head_date(lines[index : index + 7]), head_date(lines[first : first + 9])
    return here is not None and own is not None and here != own


def _title_opens(lines: Sequence[Line], index: int, state: _State, gapless: bool) -> bool:
    """Whether the title in a line begins a new entry."""
    line, title = lines[index], lines[index].title
    if title is None or not alone(line) or _CONTINUED.search(line.text) or _of_paper_foot(lines, index, state):
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
            return _new_plan(lines, index, state.first) or (_counter_resets(lines, index) and top)
        if line.running:
            return not (
                _counter_runs(lines, index)
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
    if (title.kind == state.kind or title.kind == "note") and not _authored(lines, index):
        if title.kind != "plan" and top and _new_date(lines, index, state.first):
            return True
        return title.keyed and (top or ruled or line.gap > 0) and _is_headed(lines, index)
    if title.kind in OWN_SECTIONS and state.kind in ("treatment_record", *OWN_SECTIONS):
        return True
    if title.kind in OWN_SECTIONS and any("series" in other.tags for other in lines[index + 1 : index + 4]):
        return True
    if _authored(lines, index) and not line.text.endswith(":"):
        return True
    headed = _is_headed(lines, index)
    new_sheet = top and (not _counter_runs(lines, index) or head_date(lines[index : index + 7]) is not None)
    return headed and (new_sheet or ruled or title.keyed or (line.gap > 1))


def _series_opens(line: Line, state: _State) -> bool:
    """Whether a series header begins a new entry."""
    if "closed" in line.tags:
        return state.signed and state.kind in (*OWN_SECTIONS, *_OPEN_KINDS)
    if "series" not in line.tags:
        return False
    if "single" in line.tags or state.kind not in _OPEN_KINDS:
        return state.closed
    return True


def _addendum_opens(lines: Sequence[Line], index: int, state: _State) -> bool:
    """Whether an addendum begins; an attending's statement under a resident's note belongs to that note."""
    line = lines[index]
    if not (line.gap > 0 or lines[index - 1].ruler or state.closed):
        return False
    following = "\n".join(other.text for other in lines[index : index + 12])
    return ATTESTATION.search(following) is None


def _leading(state: _State, drafts: Sequence[Draft], line: Line) -> bool:
    """Whether the current entry is only the heading that stands over a series, or over this item of it."""
    above = drafts[-1].lines[-1]
    if state.series and not state.signed and "series" in above.tags and not above.tags & line.tags & _SHAPES:
        return True
    if state.signed or state.series:
        return False
    return state.fresh or (len(drafts) == 1 and state.lines <= 12 and state.prose <= 2)


def _heading_before(taken: list[Line], line: Line, state: _State) -> list[Line]:
    """Lines taken back from the entry before: the paper's head above a title, or its letter head."""
    back = 0
    while back < min(8, len(taken) - 1):
        above = taken[-1 - back]
        below = taken[-back] if back else line
        same_sheet = above.sheet == line.sheet
        if above.signature or above.text.endswith(".") or not (same_sheet or above.ruler) or _is_row(above):
            break
        heads = "head" not in line.tags or _PATIENT.match(above.text) or (above.gap > 0 and _is_heading(above))
        of_paper = same_sheet and taken[0].sheet != line.sheet and (above.furniture or (above.edge and heads))
        apart = not TRAILER.match(above.text) or _PATIENT.match(above.text)
        of_letter = below.gap == 0 and state.closed and apart and above.title is None
        over = taken[-2 - back] if len(taken) > back + 1 else above
        if back == 0 and over.signature and "key" in line.tags and _is_heading(above):
            del taken[-1:]
            return [above]
        if not (of_paper or of_letter or above.ruler):
            break
        back += 1
    if not back:
        return []
    head = taken[-back:]
    if head[0].sheet == taken[-back - 1].sheet and head[0].gap == 0 and not any(item.ruler for item in head):
        return []
    del taken[-back:]
    return head


def _is_row(line: Line) -> bool:
    """Whether a line is a numbered row of a table of dates."""
    found = next(iter(find_dates(line.text, False)), None)
    return found is not None and _NUMBER.match(line.text[: found.start]) is not None


def _is_heading(line: Line) -> bool:
    """Whether a line reads as a heading of its own."""
    return (
        len(line.text) <= 60
        and line.text[:1].isupper()
        and not line.text.endswith((".", ",", ";"))
        and not line.ruler
    )


def cut(lines: Sequence[Line]) -> list[Draft]:
    """Lines dealt out to entries, in order; the first entry takes what stands before its title."""
    drafts = [Draft()]
    state = _State()
    gapless = not any(line.gap for line in lines[1:])
    for index, line in enumerate(lines):
        title = line.title
        opens = inherits = False
        kind: str | None = None
        if index and lines[index - 1].sheet != line.sheet and _counter_resets(lines, index):
            opens = state.lines > 0
        elif "head" in line.tags:
            opens = state.headed or not state.fresh or (len(drafts) > 1 and state.lines > 4)
            inherits = any(at.title and at.title.kind == "addendum" for at in lines[index : index + 2])
        elif index and not (line.running and not state.closed and title is None):
            if _ADDENDUM.match(line.text):
                opens, inherits = _addendum_opens(lines, index, state) and not state.fresh, True
            elif _series_opens(line, state):
                opens, inherits = not _leading(state, drafts, line), True
                state.series = state.series or "key" not in line.tags
            elif title is not None and (not state.fresh or _heads_anew(lines, index, state)):
                opens = _title_opens(lines, index, state, gapless)
                inherits = title.kind == "addendum"
        if opens:
            previous = state.kind
            head = _heading_before(drafts[-1].lines, line, state)
            drafts.append(Draft(lines=head, inherits=inherits))
            own = any(_is_heading(item) for item in head) and "key" in line.tags
            drafts[-1].inherits = inherits and not own
            state = _State(index, previous if inherits and not own else None)
            state.series = "series" in line.tags and "key" not in line.tags
        if title is not None and title.kind not in ("note", "addendum"):
            weak = title.weak and not opens
            fits = not weak and (opens or (state.fresh and _names_anew(line, title, state)))
            late = state.lines > 6 and state.kind is not None and not _authored(lines, index)
            kind = title.kind if fits and not late else None
        if "series" in line.tags and kind is None:
            kind = _item_kind(line.text) if opens or state.kind is None else None
        if kind is not None:
            state.kind = kind
        drafts[-1].lines.append(line)
        drafts[-1].kind = drafts[-1].kind if drafts[-1].kind and kind is None else kind or state.kind
        state.take(line)
    return drafts
