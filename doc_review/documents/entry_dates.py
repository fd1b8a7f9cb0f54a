"""The lines of an entry turned into its date of service and its author.

A date of service, visit, order or procedure wins over the date of a signature. Print, fax, scan,
dictation and birth dates are no dates of an entry.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Sequence
from typing import Literal

from ..dates import FoundDate, earliest_of, find_dates
from ..names import credentials_in, person_at
from .lines import SIGNING, Line
from .titles import lexicon, title_of

Label = Literal["service", "plain", "excluded", "unknown", "none"]

_HEAD = 16
_LONG = 170
_TABULAR = frozenset({"treatment_record", "physics_check", "management_visit"})


@functools.cache
def _labels() -> dict[str, Label]:
    return {
        _bare(str(phrase)): kind
        for kind in ("plain", "service", "excluded")
        for phrase in lexicon()["dates"][kind]
    }


_BARE = re.compile(r"[^a-z0-9./&]+")


_DIGIT = re.compile(r"\d")


@functools.lru_cache(maxsize=4096)
def dates_in(text: str, by_day: bool) -> tuple[FoundDate, ...]:
    """Dates of a line, as ``find_dates`` tells them (kept for the lines read last)."""
    return tuple(find_dates(text, by_day)) if _DIGIT.search(text) else ()


def _bare(text: str) -> str:
    return _BARE.sub(" ", text.lower()).strip(" .:/")


_CUT = re.compile(r"\s{2,}|\t|[|\u2502;,()]|\s[-\u2013\u2014]+\s")
_WEEKDAY = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]?\s*$", re.IGNORECASE
)


def _after_value(text: str, size: int) -> bool:
    """Whether a label of so many words, at the end of a text, follows a number or the credentials of a name."""
    words = text.split()
    before = words[-size - 1] if len(words) > size else ""
    return before[-1:].isdigit() or credentials_in(before) != ()


def _label(text: str, found: FoundDate, previous_end: int) -> Label:
    """What the words before a date on its line call it."""
    before = _WEEKDAY.sub("", text[previous_end : found.start])
    cut = _CUT.split(before)
    last = cut[-1]
    if not last.strip() and len(cut) > 1 and before.rstrip().endswith(":") is False:
        earlier = [piece for piece in cut if piece.strip()]
        last = earlier[-1] if earlier and earlier[-1].rstrip().endswith((":", "=", "-")) else ""
    words = _bare(last).split()
    labels = _labels()
    for size in (4, 3, 2, 1):
        kind = labels.get(" ".join(words[-size:])) if len(words) >= size else None
        if kind == "excluded" or (kind == "service" and (size > 1 or len(words) <= 3)):
            return kind
        if kind and (len(words) == size or (last.rstrip().endswith(":") and _after_value(last, size))):
            return kind
    if not words or title_of(last.strip()) is not None or not any(word[0].isalpha() for word in words):
        return "none"
    return "unknown"


def known_label(phrase: str) -> Label:
    """What a phrase calls a date by itself; ``none`` for a phrase that is no label."""
    return _labels().get(_bare(phrase), "none")


def label_above(line: Line, above: Line | None) -> Label:
    """What the line above calls a date that opens a line, where that line is a label and nothing else."""
    if above is None or line.gap > 1 or len(above.text) > 40 or _DIGIT.search(above.text):
        return "none"
    return known_label(above.text)


def _label_of(line: Line, found: FoundDate, previous: int, above: Line | None) -> Label:
    """What the words before a date call it, on its own line or, where it opens the line, on the one above."""
    label = _label(line.text, found, previous)
    if label == "none" and not previous and not _WEEKDAY.sub("", line.text[: found.start]).strip():
        return label_above(line, above)
    return label


def _service_dates(lines: Sequence[Line], by_day: bool) -> dict[str, list[dt.date]]:
    """Dates of the head of an entry by how much their label says, in order."""
    ranked: dict[str, list[dt.date]] = {"service": [], "title": [], "plain": [], "none": []}
    for index, line in enumerate(lines):
        if line.signature and index > 1 and "series" not in line.tags:
            continue
        if len(line.text) > _LONG:
            continue
        previous = 0
        for found in dates_in(line.text, by_day):
            label = _label_of(line, found, previous, lines[index - 1] if index else None)
            previous = found.end
            if label == "service":
                ranked["service"].append(found.date)
            elif label == "plain":
                ranked["plain"].append(found.date)
            elif _titles(line, label):
                ranked["title"].append(found.date)
            elif label == "none" and index < 6 and _stands_alone(line.text, found):
                ranked["none"].append(found.date)
    return ranked


def _titles(line: Line, label: Label) -> bool:
    """Whether a date belongs to the title or the head on its line, which need not label it."""
    if "columns" in line.tags or (line.title and "head" in line.tags):
        return label in ("none", "unknown")
    return label == "none" and (line.title is not None or "series" in line.tags) and "print" not in line.tags


def _stands_alone(text: str, found: FoundDate) -> bool:
    """Whether a date without a label makes up its segment of the line (a letter head, a title line)."""
    after = text[found.end :]
    rest = _CUT.split(after)[0] if after else ""
    return len(re.sub(r"[^A-Za-z]", "", rest)) <= 4


def head_date(lines: Sequence[Line]) -> dt.date | None:
    """The date that the head of a sheet gives as that of the service; ``None`` without a label."""
    for index, line in enumerate(lines):
        previous = 0
        for found in dates_in(line.text, False):
            above = lines[index - 1] if index else None
            if _label_of(line, found, previous, above) in ("service", "plain"):
                return found.date
            previous = found.end
    return None


def title_date(line: Line) -> dt.date | None:
    """The first date on a title's line that is no print, birth or other excluded date."""
    previous = 0
    for found in dates_in(line.text, False):
        if _label(line.text, found, previous) != "excluded":
            return found.date
        previous = found.end
    return None


_ROW = re.compile(r"^[\W\d]{0,8}(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[\s,.|]*)?$", re.IGNORECASE)


def _row_dates(lines: Sequence[Line], by_day: bool) -> list[dt.date]:
    """Dates that begin rows (after a number and a weekday)."""
    dates: list[dt.date] = []
    for index, line in enumerate(lines):
        if ("print" in line.tags and not line.title) or line.running:
            continue
        found = dates_in(line.text, by_day)
        if found and label_above(line, lines[index - 1] if index else None) == "excluded":
            continue
        if found and _ROW.match(line.text[: found[0].start]):
            dates.append(found[0].date)
    return dates


_APPROVED = re.compile(r"approv", re.IGNORECASE)
_PHYSICIAN = re.compile(
    r"\bM\.?D\b|\bD\.?O\b|\bMBBS\b|\bMBChB\b|\bFRCR\b|\bDr\b|physician|oncologist", re.IGNORECASE
)


def signature_dates(lines: Sequence[Line], by_day: bool) -> list[tuple[dt.date, str]]:
    """Dates that follow a signing act (on its line or the next), with the text of the line."""
    dates: list[tuple[dt.date, str]] = []
    for index, line in enumerate(lines):
        match = SIGNING.search(line.text) if line.signature else None
        if match is None:
            continue
        found = [f for f in dates_in(line.text, by_day) if f.start >= match.start()]
        if not found and index + 1 < len(lines):
            found = [f for f in dates_in(lines[index + 1].text, by_day) if f.start < 40]
        if found:
            dates.append((found[0].date, line.text))
    return dates


def earliest_date(lines: Sequence[Line], by_day: bool) -> dt.date:
    """The day before which a date of a document's lines can only be a birth date."""
    return earliest_of(found.date for line in lines for found in dates_in(line.text, by_day))


def date_of(
    lines: Sequence[Line], kind: str, by_day: bool, earliest: dt.date = dt.date.min
) -> dt.date | None:
    """Date of an entry: its service date, else its rows', else its signature's; ``None`` without any.

    A date before ``earliest`` is a birth date, whatever it is called.
    """
    series = [line for line in lines[:_HEAD] if "series" in line.tags]
    if series:
        for line in series[:1]:
            for found in dates_in(line.text, by_day):
                if found.date >= earliest and _label(line.text, found, 0) != "excluded":
                    return found.date
    head = [line for line in lines[:_HEAD] if not ("print" in line.tags and not line.title)]
    tail = [line for line in lines[-6:] if line.edge and line not in head and not line.signature]
    ranked = {
        rank: [date for date in dates if date >= earliest]
        for rank, dates in _service_dates([*head, *tail], by_day).items()
    }
    rows = [d for d in _row_dates(lines, by_day) if d >= earliest] if kind in _TABULAR else []
    if kind in _TABULAR and len(rows) > 2 and (kind == "treatment_record" or not ranked["service"]):
        return max(rows)
    for rank in ("service", "title", "plain", "none"):
        if ranked[rank]:
            return ranked[rank][0]
    signed = [item for item in signature_dates(lines, by_day) if item[0] >= earliest]
    if kind in ("plan", "plan_approval"):
        approved = [d for d, text in signed if _APPROVED.search(text) and _PHYSICIAN.search(text)]
        signed = [(date, "") for date in approved] or signed
    if signed:
        return signed[-1][0]
    return max(rows) if rows else None


_CAPITAL = re.compile(r"(?<![\w.])[A-Z]")
_AUTHOR = re.compile(
    r"\b(?:author|provider|attending(?: physician)?|dictated by|physician)\s*:\s*", re.IGNORECASE
)


def author_of(lines: Sequence[Line]) -> str | None:
    """Who wrote or signed an entry, as written: the first signer with a name, else a named author."""
    for line in lines:
        match = SIGNING.search(line.text) if line.signature else None
        if match is None:
            continue
        for start in _CAPITAL.finditer(line.text, match.end()):
            found = person_at(line.text, start.start())
            direct = start.start() - match.end() <= 4
            if found and (found[0].credentials or found[0].doctor or (direct and found[0].given)):
                return found[0].written
    for line in lines[:_HEAD]:
        match = _AUTHOR.search(line.text)
        found = person_at(line.text, match.end()) if match else None
        if found:
            return found[0].written
    return None
