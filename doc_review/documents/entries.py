"""An open document turned into its entries: the signed notes it holds, each with kind, date and author.

A file is cut at titles, at the headers of a series, at addenda and where a page counter starts again.
A title inside a note that is not yet closed by a signature is a section of that note unless it has a
head of its own. Running headers and footers open nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import cast

from ..dates import day_first
from ..model import Entry, EntryKind
from .base import DicomItem, OpenDocument
from .closed_blocks import mark_closed
from .content_kind import SAME, likely_kind
from .cutting import Draft, cut
from .dicom import PLAN_CLASSES, day
from .entry_dates import author_of, date_of, earliest_date
from .heads import mark_heads
from .lines import Line, lines_of
from .opening import HEAD_LINES, alone
from .series import mark_series
from .superseded import superseded
from .titles import kind_of_content, kind_of_name

__all__ = ["date_in_name", "kind_of", "split", "superseded", "with_entries"]


_BELOW = 4
_LIKELY, _SURE, _CERTAIN = 0.8, 0.9, 0.97
"""Probability from which the words of an entry tell its kind: without a title, against one, against a rare one."""
_FEW, _MANY = 60, 150
"""Words and pairs of words that a text must have to tell its kind, without a title and against one."""
_SELDOM = frozenset({"other", "correspondence", "qa", "mixed"})
"""Kinds of which the model has seen few texts."""
_DAY_FIRST = re.compile(r"\b(?:1[3-9]|2\d|3[01])[/-]\d{1,2}[/-]\d\d")


def _titled_at_edge(lines: Sequence[Line], inherits: bool) -> str | None:
    """Kind of a title among the first or the last lines of the entry's first sheet."""
    sheet = [line for line in lines if line.sheet == lines[0].sheet]
    if any("head" in line.tags for line in sheet[:HEAD_LINES]):
        sheet = [line for line in sheet[:HEAD_LINES] if alone(line)]
    for group in (sheet[:8], sheet[-6:]):
        for line in group:
            if line.title and not line.title.weak and line.title.kind not in ("note", "addendum"):
                return line.title.kind
    for line in () if inherits else sheet[:4]:
        heads = alone(line) if line.title else False
        if line.title and line.title.weak and (heads or "ruled" in line.tags) and line.title.kind != "note":
            return line.title.kind
    return None


def _kind(draft: Draft, before: EntryKind | None, name: str) -> EntryKind:
    """Kind of an entry: its title, that of the series it stands in, its words, the file name.

    Words that leave hardly a doubt outweigh a title: the lists of titles of no two houses are the same.
    """
    named = draft.kind
    if named is None and draft.lines:
        named = _titled_at_edge(draft.lines, draft.inherits)
    if named is None and draft.inherits and before is not None:
        named = before
    text = "\n".join(line.text for line in draft.lines)
    if named is None:
        likely = likely_kind(text, _FEW)
        if likely is not None and likely.probability >= _LIKELY:
            return likely.kind
        return kind_of_content(text) or kind_of_name(name) or "other"
    likely = likely_kind(text, _MANY)
    told = cast("EntryKind", named)
    sure = _CERTAIN if told in _SELDOM else _SURE
    if likely is not None and likely.probability >= sure and SAME.get(told, told) != likely.kind:
        return likely.kind
    return told


def _bounds(document: OpenDocument, drafts: Sequence[Draft]) -> list[tuple[int, int, int, int]]:
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
    if document.dicom is not None:
        return (_dicom_entry(document, document.dicom),)
    lines = lines_of(document.pages)
    mark_series(lines)
    mark_closed(lines)
    mark_heads(lines)
    drafts = cut(lines)
    by_day = any(day_first(page.text) for page in document.pages if _DAY_FIRST.search(page.text))
    earliest = earliest_date(lines, by_day)
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
                date=date_of(draft.lines, kind, by_day, earliest),
                author=author_of(draft.lines),
                page=page,
                start=start,
                end=end,
                end_page=end_page,
            )
        )
        before = kind
    addenda = {number for number, draft in enumerate(drafts) if _is_addendum(draft)}
    return tuple(_dated_by_name(_with_addenda(entries, addenda), document.meta.id))


def _is_addendum(draft: Draft) -> bool:
    return draft.inherits and any(line.title and line.title.kind == "addendum" for line in draft.lines[:3])


def _with_addenda(entries: list[Entry], addenda: Container[int]) -> list[Entry]:
    """Addenda of the kind of the note they belong to: in a print with the newest first, one below them.

    That is so where the entry above is not an earlier one of the same author, and one of the next is.
    """
    found = list(entries)
    for number, own in enumerate(entries):
        if number not in addenda or own.author is None or (number and _precedes(entries[number - 1], own)):
            continue
        below = (note for note in entries[number + 1 : number + 1 + _BELOW] if _precedes(note, own))
        kind = next((note.kind for note in below if note.kind != "other"), own.kind)
        found[number] = own.model_copy(update={"kind": kind})
    return found


def _precedes(note: Entry, addendum: Entry) -> bool:
    """Whether a note is an earlier one of the author of an addendum."""
    dated = note.date is not None and addendum.date is not None and note.date <= addendum.date
    return dated and note.author == addendum.author


def _dicom_entry(document: OpenDocument, found: DicomItem) -> Entry:
    """The one entry of a DICOM object: a plan of its plan date, or a record of its treatment date."""
    plan = found.text("SOPClassUID") in PLAN_CLASSES
    return Entry(
        id=f"{document.meta.id}#1",
        kind="plan" if plan else "treatment_record",
        date=day(found.text("RTPlanDate" if plan else "TreatmentDate")),
        author=None,
        page=1,
        start=0,
        end=len(document.pages[0].text),
        end_page=1,
    )


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
