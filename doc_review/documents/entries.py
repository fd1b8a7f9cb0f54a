"""An open document turned into its entries: the signed notes it holds, each with kind, date and author.

A file is cut at titles, at the headers of a series, at addenda and where a page counter starts again.
A title inside a note that is not yet closed by a signature is a section of that note unless it has a
head of its own. Running headers and footers open nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from ..dates import day_first
from ..model import Entry, EntryKind
from .base import OpenDocument
from .entry_dates import author_of, date_of
from .lines import Line, lines_of
from .series import mark_series
from .superseded import superseded
from .titles import kind_of_content, kind_of_name

__all__ = ["date_in_name", "kind_of", "split", "superseded", "with_entries"]

_OPEN_KINDS = frozenset({None, "management_visit", "physics_check", "note", "other", "mixed"})
_OWN_SECTIONS = frozenset({"physics_check", "management_visit"})
_HEADED = re.compile(
    r"\b(?:mrn|dob|d\.o\.b|date of birth|patient(?: name)?\s*:|name\s*:|date of (?:service|visit|"
    r"procedure|consult\w*|"
    r"exam\w*|sim\w*|order|note)|dos\b|service date|visit date|encounter|date\s*[:=]|order date|ordered|"
    r"note date|"
    r"author\s*:|provider\s*:|physician\s*:|attending\s*:)",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"^\W*(?:cc|copy|copies|c\.c\.|dictated|transcribed|d:|t:|dd:|dt:|job|doc(?:ument)? id|assisted by|"
    r"therapists?|"
    r"scribe|printed|page|time spent|total time|pager|phone|fax|tel|end of (?:note|report|document)|"
    r"radiation oncolog(?:y|ist)|attending|medical physicist|department of|board certified|date|time|name)\b",
    re.IGNORECASE,
)
_VALUE = re.compile(r":\s+\S|:[^\W\d]")
_ADDENDUM = re.compile(r"^\W{0,6}(?:addend(?:um|a)|late entry|amendment|amended note)\b", re.IGNORECASE)
_ATTESTATION = re.compile(
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

    kind: str | None = None
    lines: int = 0
    prose: int = 0
    signed: bool = False
    since: int = 99
    series: bool = False

    def take(self, line: Line) -> None:
        """Add a line to the entry."""
        if line.furniture:
            return
        self.lines += 1
        if line.signature:
            self.signed, self.since = True, 0
        elif not _TRAILER.match(line.text) and len(line.text) > 22:
            self.since += 1
        if self.lines > 3 and (
            (len(line.text) > 60 and not _HEADED.search(line.text)) or line.text.endswith(".")
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
class _Draft:
    """An entry before its kind and date are known."""

    lines: list[Line] = field(default_factory=list)
    kind: str | None = None
    inherits: bool = False


def _alone(line: Line) -> bool:
    """Whether a title line holds little besides the title."""
    keyed = line.title is not None and line.title.keyed
    return len(line.text) <= 90 and (keyed or not _VALUE.search(line.text.split("  ")[0]))


def _is_headed(lines: Sequence[Line], index: int) -> bool:
    """Whether the lines after a title are the head of a document (patient, date of service, author)."""
    after = [line for line in lines[index : index + 6] if not line.ruler]
    return any(_HEADED.search(line.text) or "series" in line.tags for line in after)


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


def _title_opens(lines: Sequence[Line], index: int, state: _State) -> bool:
    """Whether the title in a line begins a new entry."""
    line, title = lines[index], lines[index].title
    if title is None or not _alone(line) or _at_foot(lines, index):
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
    if title.weak:
        return (
            state.closed
            and (line.gap > 0 or ruled or top)
            and len(line.text) <= 60
            and _is_headed(lines, index)
        )
    if state.closed:
        if line.running:
            return not (
                _counter_runs(lines, index)
                and state.kind in ("plan", "treatment_record", "prescription", "order")
            )
        return (
            line.gap > 0
            or ruled
            or top
            or title.keyed
            or line.text.upper() == line.text
            or _is_headed(lines, index)
        )
    if line.running:
        return False
    if title.kind == state.kind or title.kind == "note":
        return title.keyed and top and _is_headed(lines, index)
    if title.kind in _OWN_SECTIONS and state.kind in ("treatment_record", *_OWN_SECTIONS):
        return True
    headed = _is_headed(lines, index)
    return headed and ((top and not _counter_runs(lines, index)) or ruled or title.keyed or (line.gap > 1))


def _series_opens(line: Line, state: _State) -> bool:
    """Whether a series header begins a new entry."""
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
    return _ATTESTATION.search(following) is None


def _leading(state: _State, drafts: Sequence[_Draft]) -> bool:
    """Whether the current entry is only the heading that stands over a series."""
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
        if above.signature or above.text.endswith(".") or not (same_sheet or above.ruler):
            break
        of_paper = same_sheet and taken[0].sheet != line.sheet and (above.furniture or above.edge)
        of_letter = below.gap == 0 and state.closed and not _TRAILER.match(above.text) and above.title is None
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


def _cut(lines: Sequence[Line]) -> list[_Draft]:
    """Lines dealt out to entries."""
    drafts = [_Draft()]
    state = _State()
    for index, line in enumerate(lines):
        title = line.title
        opens = inherits = False
        kind: str | None = None
        if index and lines[index - 1].sheet != line.sheet and _counter_resets(lines, index):
            opens = state.lines > 0
        elif index and not (line.running and not state.closed):
            if _ADDENDUM.match(line.text):
                opens, inherits = _addendum_opens(lines, index, state) and not state.fresh, True
            elif _series_opens(line, state):
                opens, inherits = not _leading(state, drafts), True
                state.series = True
            elif title is not None and not state.fresh:
                opens = _title_opens(lines, index, state)
        if opens:
            previous = state.kind
            head = _heading_before(drafts[-1].lines, line, state)
            drafts.append(_Draft(lines=head, inherits=inherits))
            state = _State(kind=previous if inherits else None, series="series" in line.tags)
        if title is not None and title.kind not in ("note", "addendum"):
            fits = not title.weak and (state.fresh or opens) and (state.kind is None or _alone(line) or opens)
            kind = title.kind if fits and not (state.lines > 6 and state.kind is not None) else None
        if kind is not None:
            state.kind = kind
        drafts[-1].lines.append(line)
        drafts[-1].kind = drafts[-1].kind if drafts[-1].kind and kind is None else kind or state.kind
        state.take(line)
    return drafts


def _titled_at_edge(lines: Sequence[Line]) -> str | None:
    """Kind of a title among the first or the last lines of the entry's first sheet."""
    sheet = [line for line in lines if line.sheet == lines[0].sheet]
    for group in (sheet[:8], sheet[-6:]):
        for line in group:
            if line.title and not line.title.weak and line.title.kind not in ("note", "addendum"):
                return line.title.kind
    for line in sheet[:4]:
        if line.title and line.title.weak and _alone(line) and line.title.kind != "note":
            return line.title.kind
    return None


def _kind(draft: _Draft, before: EntryKind | None, name: str) -> EntryKind:
    """Kind of an entry: its title, that of the series it stands in, its text, the file name."""
    named = draft.kind
    if named is None and draft.lines:
        named = _titled_at_edge(draft.lines)
    if named is None and draft.inherits and before is not None:
        named = before
    if named is None:
        named = kind_of_content("\n".join(line.text for line in draft.lines)) or kind_of_name(name)
    return cast("EntryKind", named or "other")


def _bounds(document: OpenDocument, drafts: Sequence[_Draft]) -> list[tuple[int, int, int, int]]:
    """First page and offset, end offset and last page of each entry; together they cover every page."""
    starts: list[tuple[int, int]] = []
    for index, draft in enumerate(drafts):
        if index == 0:
            starts.append((1, 0))
            continue
        line = draft.lines[0]
        head = document.pages[line.page - 1].text[: line.start]
        starts.append((line.page, 0 if not head.strip() else head.rfind("\n") + 1))
    bounds: list[tuple[int, int, int, int]] = []
    last = len(document.pages)
    for (page, start), following in zip(starts, [*starts[1:], None], strict=True):
        if following is None:
            bounds.append((page, start, len(document.pages[last - 1].text), last))
        elif following[1] == 0:
            bounds.append((page, start, len(document.pages[following[0] - 2].text), following[0] - 1))
        else:
            bounds.append((page, start, following[1], following[0]))
    return bounds


def split(document: OpenDocument) -> tuple[Entry, ...]:
    """Entries of a document, in order, without overlap and covering the whole of its text.

    The first entry takes what stands before its title. A document that was skipped has none.
    """
    if not document.pages or document.meta.skipped is not None:
        return ()
    lines = lines_of(document.pages)
    mark_series(lines)
    drafts = _cut(lines)
    by_day = day_first("\n".join(line.text for line in lines if any(char.isdigit() for char in line.text)))
    entries: list[Entry] = []
    before: EntryKind | None = None
    for number, (draft, (page, start, end, end_page)) in enumerate(
        zip(drafts, _bounds(document, drafts), strict=True), start=1
    ):
        kind = _kind(draft, before, document.meta.id)
        entries.append(
            Entry(
                id=f"{document.meta.id}#{number}",
                kind=kind,
                date=date_of(draft.lines, kind, by_day),
                author=author_of(draft.lines),
                page=page,
                start=start,
                end=end,
                end_page=end_page,
            )
        )
        before = kind
    return tuple(_dated_by_name(entries, document.meta.id))


def _dated_by_name(entries: list[Entry], name: str) -> list[Entry]:
    """The only entry of a file takes the date of the file name where its text gives none."""
    if len(entries) != 1 or entries[0].date is not None:
        return entries
    date = date_in_name(name)
    return [entries[0].model_copy(update={"date": date})] if date else entries


_NAME_DATE = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?([0-2]\d|3[01])(?!\d)|(?<!\d)(0[1-9]|"
    r"1[0-2])[-_.]([0-2]\d|3[01])[-_.](20\d\d)(?!\d)"
)


def date_in_name(name: str) -> dt.date | None:
    """The date in a file name (``RO_Consult_2025-07-22.txt``), ``None`` where there is none."""
    match = _NAME_DATE.search(name.rsplit("/", 1)[-1])
    if match is None:
        return None
    year, month, day = (
        int(g)
        for g in (
            match.group(1) or match.group(6),
            match.group(2) or match.group(4),
            match.group(3) or match.group(5),
        )
    )
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def kind_of(entries: Sequence[Entry]) -> EntryKind:
    """Kind of a document: that of its entries, ``mixed`` where they differ, ``other`` without any."""
    kinds = {entry.kind for entry in entries}
    return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "other"


def with_entries(document: OpenDocument) -> OpenDocument:
    """The document with its entries, its kind, and its date (that of its latest entry) filled in."""
    entries = split(document)
    dates = [entry.date for entry in entries if entry.date is not None]
    meta = document.meta.model_copy(
        update={"entries": entries, "kind": kind_of(entries), "date": max(dates, default=None)}
    )
    return replace(document, meta=meta)
