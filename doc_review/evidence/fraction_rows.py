"""A line of a treatment record turned into one fraction row: number, day, time, doses and state."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .patterns import pattern
from .tickboxes import BOX, is_ticked

State = Literal["delivered", "not_treated", "planned", "rehearsal"]

_LEX = "delivery.yaml"
MAX_NUMBER = 99
_OF = r"(?:\s*(?:/|of|out of)\s*(?P<total>\d{1,3})(?![\d/]))?(?!\s*/\s*\d)"
_CELL_NUMBER = re.compile(
    r"\D{0,14}?(?P<n>\d{1,3})(?P<suffix>[a-d])?" + _OF + r"(?![\d.:]|\s*-\s*\d|\s*(?:cgy|gy|mu)\b)"
)
_LABELLED = re.compile(
    r"(?<![\w])(?:#(?=\s?\d)|fx|fxn|frx|frac|fraction|session|sess|tx|treatment|tmt|fr)\s*(?:#|no\.?|nr\.?|number)?\s*[:=#]?\s*"
    r"(?P<n>\d{1,3})(?P<suffix>[a-d])?(?![\d.:])"
    + _OF
    + r"(?!\s*(?:-|to|through|thru|&)\s*\d|\s*(?:cgy|gy|mu|min|fields|x\b|mv|mev)"
    r"|[\s-]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
)
_RANGE = re.compile(
    r"(?<![\w])(?:fx|fxs|fxn|frac|fractions?|sessions?|tx|treatments?|fr|#)\s*(?:#|no\.?|nos\.?)?\s*[:=#]?\s*(?P<a>\d{1,3})\s*(?:-|to|through|thru)\s*(?P<b>\d{1,3})\b(?!/)"
)
_BEFORE = re.compile(
    r"^[^\w\n]*(?P<n>\d{1,3})(?P<suffix>[a-d])?"
    + _OF
    + r"(?:[.):|]|\s)*(?:(?:am|pm)\b)?[\s|.,-]*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?|[mtwrfsu]{1,2})?[\s|,-]*$"
)
_LISTED = re.compile(r"\s*(?P<n>\d{1,2})(?P<suffix>)(?P<total>)[.)]\s+(?=[a-z])")
_AFTER = re.compile(
    r"^[\s|,:;-]*(?:\(?(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?\)?,?)?[\s|]*(?:\d{1,2}:\d{2}(?::\d{2})?\s*(?:am|pm)?)?[\s|,-]*(?:fx\s*|#\s*)?"
    r"(?P<n>\d{1,3})(?P<suffix>)\s*(?:/|of)\s*(?P<total>\d{1,3})(?![\d/.])"
)
_AFTER_BARE = re.compile(
    r"^[\s|,:;-]*(?:\(?(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?\)?,?)?[\s|]*(?:\d{1,2}:\d{2}(?::\d{2})?\s*(?:am|pm)?)?[\s|,-]*"
    r"(?P<n>\d{1,2})(?P<suffix>)(?P<total>)(?=\s|$|\|)"
)
_TIME = re.compile(
    r"(?<![\d:])(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?::[0-5]\d)?\s*(?P<half>[ap]\.?m?\.?(?![a-z]))?"
)
_BARE_TIME = re.compile(r"\s*(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)\s*(?P<half>[ap]m)?\s*h?r?s?\s*$")
_HALF = re.compile(r"(?<![\w:])(?<!\d )(?P<half>am|pm|a\.m\.|p\.m\.|morning|afternoon|evening)(?![\w-])")
_SESSION = re.compile(
    r"\b(?:session|sess|bid|daily)\s*(?:#|no\.?)?\s*[:=]?\s*(?P<n>[12])\s*(?:/|of)\s*2\b|\b(?P<ord>1st|2nd|first|second)\s+(?:session|treatment|fraction|tx|fx)(?:\s+of\s+(?:the\s+)?day)?\b"
)
_DOSE = re.compile(r"(?<![\w.,/])(?P<v>\d{1,2},\d{3}(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<u>cgy|gy)\b")
_MU = re.compile(
    r"(?<![\w.,])(?P<v>\d{1,4}(?:,\d{3})?(?:\.\d+)?)\s*mu\b|\bmu\s*[:=]?\s*(?P<w>\d{1,4}(?:\.\d+)?)"
)
_NUMERIC = re.compile(
    r"(?<![\w.,:/-])\d{1,2},\d{3}(?:\.\d+)?(?![\w:/])|(?<![\w.,:/-])\d+(?:\.\d+)?(?![\w:/-]|\.\d)"
)
_BLANK_CELL = re.compile(r"[\s\-_./*]*(?:n/?a)?[\s\-_.]*")
_GAP_HOURS = re.compile(
    r"(?<![\d.])(?P<h>\d{1,2}(?:\.\d+)?)\s*-?\s*(?:h|hr|hrs|hours?)\b(?P<m>\s*\d{1,2}\s*min)?"
    r"\s*(?:\w+\s+){0,2}(?:apart|interval|gap|break|between|after|since|later|from|inter)"
    r"|(?:interval|gap|break|interfraction|apart|spacing|separation)\b[^.\n\d]{0,24}(?P<g>\d{1,2}(?:\.\d+)?|\d{1,2}:\d{2})\s*(?:h|hr|hrs|hours?)\b"
)
_HOURS_MINUTES = re.compile(r"(?<!\d)(\d{1,2})\s*h(?:rs?|ours?)?\s*(\d{1,2})")
_LONGEST_GAP = 24
"""Hours; a larger number between two sessions of a day counts minutes."""


@dataclass(slots=True)
class FractionRow:
    """One row of a log. ``start``/``end`` are flat; ``minutes`` count from midnight; doses are Gy.

    ``outline`` is the text without date, times and number, long numbers blotted out (``shape``).
    """

    start: int
    end: int
    spans: tuple[tuple[int, int], ...]
    text: str
    outline: str
    day: dt.date | None
    number: int | None
    total: int | None
    line: int
    minutes: int | None = None
    end_minutes: int | None = None
    half: str | None = None
    plan: str | None = None
    field_text: str | None = None
    isocenter: str | None = None
    dose: float | None = None
    cumulative: float | None = None
    mu: float | None = None
    gap_hours: float | None = None
    state: State = "delivered"
    partial: bool = False
    completes: bool = False
    tabled: bool = False
    positive: bool = False
    series: int = 0
    context: int = 0
    roles: Mapping[str, str] = field(default_factory=dict)


def is_range(text: str) -> bool:
    """Whether a line speaks of a range of fractions (a weekly check), not of one."""
    match = _RANGE.search(text)
    return match is not None and int(match.group("b")) > int(match.group("a"))


def range_of(text: str) -> tuple[int, int] | None:
    """First and last fraction of a range a line names."""
    match = _RANGE.search(text)
    if match and int(match.group("b")) > int(match.group("a")):
        return int(match.group("a")), int(match.group("b"))
    return None


def _taken(match: re.Match[str] | None) -> tuple[int, int | None] | None:
    if match is None:
        return None
    number = int(match.group("n"))
    total = int(match.group("total")) if match.group("total") else None
    if number > MAX_NUMBER or (total is not None and (total < number or total > MAX_NUMBER)):
        return None
    return number, total


def number_of(
    text: str, day_start: int, day_end: int, cells: Mapping[str, str], number_after: bool
) -> tuple[int | None, int | None]:
    """Fraction number of a row and the total beside it (``4 of 15``).

    ``day_start``/``day_end`` are where the date stands in ``text`` (-1 without one); ``number_after``
    says that the header has the number behind the date.
    """
    if "number" in cells:
        found = _taken(_CELL_NUMBER.match(cells["number"]))
        if found or _BLANK_CELL.fullmatch(cells["number"]):
            return found or (None, None)
    found = _taken(next((m for m in _LABELLED.finditer(text) if not m.start("n") == day_start >= 0), None))
    if found:
        return found
    if day_start >= 0:
        found = (
            _taken(_LISTED.match(text[:day_start]))
            or _taken(_BEFORE.match(text[:day_start]))
            or _taken(_AFTER.match(text[day_end:]))
        )
        if not found and number_after:
            found = _taken(_AFTER_BARE.match(text[day_end:]))
        if found:
            return found
    return None, None


def labelled_number(text: str) -> tuple[int, int | None] | None:
    """Fraction number after a word for it, and the total beside it."""
    return _taken(_LABELLED.search(text))


def minutes_of(match: re.Match[str]) -> int:
    """Minutes since midnight of a matched time."""
    hour = int(match.group("h"))
    half = (match.group("half") or "")[:1]
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    return hour * 60 + int(match.group("m"))


def times_of(text: str, cells: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Start and end of a row in minutes since midnight."""
    start = end = None
    if "time" in cells:
        found = _TIME.search(cells["time"]) or _BARE_TIME.match(cells["time"])
        start = minutes_of(found) if found else None
    if "end_time" in cells:
        found = _TIME.search(cells["end_time"]) or _BARE_TIME.match(cells["end_time"])
        end = minutes_of(found) if found else None
    if start is None:
        all_times = list(_TIME.finditer(text))
        if all_times:
            start = minutes_of(all_times[0])
            between = text[all_times[0].end() : all_times[1].start()] if len(all_times) > 1 else ""
            if len(all_times) > 1 and end is None and between.strip() in ("-", "to", "/"):
                end = minutes_of(all_times[1])
    if end is not None and (start is None or end < start):
        end = None
    return start, end


def half_of(text: str, cells: Mapping[str, str]) -> str | None:
    """``1`` or ``2``: the session of the day that a row names (AM/PM, first/second)."""
    if "session" in cells:
        cell = cells["session"].strip()
        if re.match(r"(?:am|a|1)\b", cell):
            return "1"
        if re.match(r"(?:pm|p|2)\b", cell):
            return "2"
    match = _SESSION.search(text)
    if match:
        first = match.group("n") == "1" or (match.group("ord") or "")[:1] in ("1", "f")
        return "1" if first else "2"
    bare = _TIME.sub(" ", text)
    match = _HALF.search(bare)
    if match:
        return "1" if match.group("half")[0] in ("a", "m") else "2"
    return None


def _number(text: str) -> float | None:
    match = re.search(r"\d{1,2},\d{3}(?:\.\d+)?|\d+(?:\.\d+)?", text)
    return float(match.group().replace(",", "")) if match else None


def to_gy(value: float, unit: str) -> float:
    """A dose in Gy; without a unit, 20 and more for a fraction is cGy."""
    if unit == "cgy" or (not unit and value >= 40):
        return round(value / 100, 4)
    return round(value, 4)


def doses_of(text: str, cells: Mapping[str, str], unit: str) -> tuple[float | None, float | None]:
    """Dose of the fraction and cumulative dose in Gy; ``unit`` is that of the header, if it has one."""
    single = cumulative = None
    if "dose" in cells:
        found = _DOSE.search(cells["dose"])
        value = _number(cells["dose"])
        if value is not None:
            single = to_gy(value, found.group("u") if found else unit)
    if "cumulative" in cells:
        found = _DOSE.search(cells["cumulative"])
        value = _number(cells["cumulative"])
        if value is not None:
            cumulative = to_gy(
                value, (found.group("u") if found else unit) or ("cgy" if value > 99 else "gy")
            )
    if single is None and cumulative is None:
        written = [to_gy(float(m.group("v").replace(",", "")), m.group("u")) for m in _DOSE.finditer(text)]
        if written:
            single = written[0]
            cumulative = written[-1] if len(written) > 1 and written[-1] > single else None
    if single is not None and single > 30:
        single = None
    return single, cumulative


def mu_of(text: str, cells: Mapping[str, str]) -> float | None:
    """Monitor units of a row."""
    if "mu" in cells:
        return _number(cells["mu"])
    match = _MU.search(text)
    return float((match.group("v") or match.group("w")).replace(",", "")) if match else None


def leftover_numbers(text: str) -> int:
    """How many plain positive numbers a text holds (a row's doses and monitor units, whatever their column)."""
    return sum(float(match.group().replace(",", "")) > 0 for match in _NUMERIC.finditer(text))


def gap_of(text: str, cells: Mapping[str, str]) -> float | None:
    """Hours between two sessions of a day that a text states."""
    if "gap" in cells and (value := _number(cells["gap"])) is not None:
        clock = _TIME.search(cells["gap"])
        if clock:
            return round(minutes_of(clock) / 60, 2)
        split = _HOURS_MINUTES.search(cells["gap"])
        if split:
            return round(int(split.group(1)) + int(split.group(2)) / 60, 2)
        return value if value <= _LONGEST_GAP else round(value / 60, 2)
    match = _GAP_HOURS.search(text)
    if match is None:
        return None
    if match.group("g"):
        hours, _, minutes = match.group("g").partition(":")
        value = float(hours) + (int(minutes) / 60 if minutes else 0)
    else:
        value = float(match.group("h"))
        if match.group("m"):
            value += int(re.sub(r"\D", "", match.group("m"))) / 60
    return round(value, 2) if 1 <= value <= 16 else None


def _is_blank(text: str) -> bool:
    return bool(_BLANK_CELL.fullmatch(text))


def state_of(row: FractionRow, rest: str) -> State:
    """Whether a row's fraction was delivered. ``rest`` is the shape of the row without its identity."""
    positive = row.positive
    cues = _cues(rest)
    if "status" in row.roles and not _is_blank(row.roles["status"]):
        status = row.roles["status"]
        box = BOX.search(status)
        if box and not is_ticked(box):
            return "planned"
        said = _cues(status)
        if "not_treated" in said:
            return "not_treated"
        if "planned" in said and "delivered" not in said:
            return "planned"
        if "delivered" in said and "surely_rehearsal" not in cues:
            return "delivered"
    if "surely_rehearsal" in cues or (not positive and "rehearsal" in cues):
        return "rehearsal"
    if "surely_not" in cues or (not positive and "not_treated" in cues):
        return "not_treated"
    if "planned" in cues and "delivered" not in cues and (not positive or "status" not in row.roles):
        return "planned"
    return "delivered"


_STRONG = {
    "surely_rehearsal": re.compile(
        r"(?<!\w)(?:phantom|dry\s*-?\s*run|(?:imrt|vmat|patient[- ]specific|plan|pre-?treatment)\s*qa\b|qa\s+(?:plan|delivery|run|measurement)|mock\s)"
    ),
    "surely_not": re.compile(
        r"(?<!\w)(?:not\s+(?:treated|delivered|given)|no\s+(?:treatment|tx|rt)\s*(?:given|today|delivered|[-:,(]|$)|cancel(?:l?ed)|no[- ]?show|did\s+not\s+(?:receive|get|have))"
    ),
}


_LONG_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)+|\d{3,}")


def shape(text: str) -> str:
    """A row's text with its long numbers blotted out: rows of one log share few shapes.

    Short numbers stay, as they name energies, fields and arcs.
    """
    return _LONG_NUMBER.sub("#", text)


@functools.lru_cache(maxsize=1024)
def _cues(text: str) -> frozenset[str]:
    """Which lists of delivery wording a text holds."""
    names = ("not_treated", "planned", "delivered", "rehearsal")
    found = {name for name in names if pattern(_LEX, name).search(text)}
    found |= {name for name, wording in _STRONG.items() if wording.search(text)}
    return frozenset(found)


@functools.lru_cache(maxsize=1024)
def partial_of(rest: str) -> tuple[bool, bool]:
    """Whether a row tells of a partial fraction, and whether it completes an earlier one."""
    part = pattern(_LEX, "partial").search(rest)
    if part and re.search(
        r"\b(?:no|without|0|zero|not)\s+(?:beam\s+|treatment\s+)?$",
        rest[max(0, part.start() - 20) : part.start()],
    ):
        part = None
    return part is not None, bool(pattern(_LEX, "completion_of_partial").search(rest))


_IDENTITY = re.compile(
    r"(?<![\w:])\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]m)?|(?<!\w)(?:fx|fxn|fraction|session|tx|treatment)\s*[#:]?\s*\d{1,3}(?:\s*(?:/|of)\s*\d{1,3})?|\b\d{1,2}\s*(?:/|of)\s*\d{1,2}\b"
)


def strip_identity(text: str, number: int | None) -> str:
    """A row's text without its times and fraction number (same length, blanks in their place)."""
    blank = _IDENTITY.sub(lambda match: " " * len(match.group()), text)
    if number is not None:
        lead = re.match(rf"\W*0*{number}[a-d]?\b", blank)
        if lead:
            blank = " " * lead.end() + blank[lead.end() :]
    return blank
