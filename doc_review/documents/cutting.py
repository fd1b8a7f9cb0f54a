"""Lines of a document dealt out to the entries they belong to.

A line opens an entry where it is a title that is no section of the note being read, the header of a
series item, an addendum, or the first of a sheet whose page count starts again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..dates import find_dates
from .lines import Line
from .opening import (
    OWN_SECTIONS,
    TRAILER,
    State,
    authored,
    heads_anew,
    names_anew,
    title_opens,
)
from .sheets import counter_resets

_OPEN_KINDS = frozenset({None, "management_visit", "physics_check", "note", "other", "mixed"})
_PATIENT = re.compile(
    r"^\W*(?:(?:patient|pt)(?:'s)?(?: name)?|name|dob|d\.o\.b\.?|date of birth|born|mrn|record no\.?|id)\s*[:=#.]",
    re.IGNORECASE,
)
_ADDENDUM = re.compile(r"^\W{0,6}(?:addend(?:um|a)|late entry|amendment|amended note)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\W*\d{1,3}\W+$")
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
_SHAPES = frozenset({"week", "key", "label", "dated", "ruled"})
_ITEM_KINDS = (
    ("physics_check", re.compile(r"\b(?:physics|chart check|physicist)\b", re.IGNORECASE)),
    (
        "management_visit",
        re.compile(r"\b(?:otv|on[- ]treatment|physician visit|weekly visit)\b", re.IGNORECASE),
    ),
)


@dataclass(slots=True)
class Draft:
    """An entry before its kind and date are known."""

    lines: list[Line] = field(default_factory=list)
    kind: str | None = None
    inherits: bool = False


def _item_kind(text: str) -> str | None:
    """Kind that the head of a series item names."""
    return next((kind for kind, pattern in _ITEM_KINDS if pattern.search(text[:60])), None)


def _series_opens(line: Line, state: State) -> bool:
    """Whether a series header begins a new entry."""
    if "closed" in line.tags:
        return state.signed and state.kind in (*OWN_SECTIONS, *_OPEN_KINDS)
    if "series" not in line.tags:
        return False
    if "single" in line.tags or state.kind not in _OPEN_KINDS:
        return state.closed
    return True


def _addendum_opens(lines: Sequence[Line], index: int, state: State) -> bool:
    """Whether an addendum begins; an attending's statement under a resident's note belongs to that note."""
    line = lines[index]
    if not (line.gap > 0 or lines[index - 1].ruler or state.closed):
        return False
    following = "\n".join(other.text for other in lines[index : index + 12])
    return ATTESTATION.search(following) is None


def _leading(state: State, drafts: Sequence[Draft], line: Line) -> bool:
    """Whether the current entry is only the heading that stands over a series, or over this item of it."""
    above = drafts[-1].lines[-1]
    if state.series and not state.signed and "series" in above.tags and not above.tags & line.tags & _SHAPES:
        return True
    if state.signed or state.series:
        return False
    return state.fresh or (len(drafts) == 1 and state.lines <= 12 and state.prose <= 2)


def _heading_before(taken: list[Line], line: Line, state: State) -> list[Line]:
    """Lines taken back from the entry before: the paper's head above a title, or its letter head."""
    back = 0
    while back < min(8, len(taken) - 1):
        above = taken[-1 - back]
        below = taken[-back] if back else line
        same_sheet = above.sheet == line.sheet
        if above.signature or above.text.endswith(".") or not (same_sheet or above.ruler) or _is_row(above):
            break
        heads = (
            "head" not in line.tags or _PATIENT.match(above.text) or (above.gap > 0 and _is_heading(above))
        )
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
    state = State()
    gapless = not any(line.gap for line in lines[1:])
    for index, line in enumerate(lines):
        title = line.title
        opens = inherits = False
        kind: str | None = None
        if index and lines[index - 1].sheet != line.sheet and counter_resets(lines, index):
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
            elif title is not None and (not state.fresh or heads_anew(lines, index, state)):
                opens = title_opens(lines, index, state, gapless)
                inherits = title.kind == "addendum"
        if opens:
            previous = state.kind
            head = _heading_before(drafts[-1].lines, line, state)
            drafts.append(Draft(lines=head, inherits=inherits))
            own = any(_is_heading(item) for item in head) and "key" in line.tags
            drafts[-1].inherits = inherits and not own
            state = State(index, previous if inherits and not own else None)
            state.series = "series" in line.tags and "key" not in line.tags
        if title is not None and title.kind not in ("note", "addendum"):
            weak = title.weak and not opens
            fits = not weak and (opens or (state.fresh and names_anew(line, title, state)))
            late = state.lines > 6 and state.kind is not None and not authored(lines, index)
            kind = title.kind if fits and not late else None
        if "series" in line.tags and kind is None:
            kind = _item_kind(line.text) if opens or state.kind is None else None
        if kind is not None:
            state.kind = kind
        drafts[-1].lines.append(line)
        drafts[-1].kind = drafts[-1].kind if drafts[-1].kind and kind is None else kind or state.kind
        state.take(line)
    return drafts
