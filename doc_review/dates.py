"""Text turned into the calendar dates written in it, with their offsets.

Charts write dates in every order. Slashes and dashes are read month first unless that is impossible or
the text's own unambiguous dates are day first; dots are read day first unless that is impossible. No
locale and no clock takes part: the same text always gives the same dates.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class FoundDate(NamedTuple):
    """A date at ``text[start:end]``; ``has_time`` tells that a time of day follows it."""

    start: int
    end: int
    date: dt.date
    has_time: bool


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:19|20)\d\d"

_DATE = re.compile(
    rf"""(?<![\w/\-])(?:(?<!\.)|(?<=\.\.))(?:
      (?P<iy>{_YEAR})(?P<isep>[-/.])(?P<im>\d{{1,2}})(?P=isep)(?P<id>\d{{1,2}})(?=T\d|[^\w/\-]|$)
    | (?P<a>\d{{1,2}})\ ?(?P<sep>[-/.])\ ?(?P<b>\d{{1,2}})\ ?(?P=sep)\ ?(?P<y>{_YEAR}|\d\d)(?![\w/\-]|\.\d)
    | (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\.?(?:\ of)?[-\s/.]{{0,2}}(?P<m1>{_MONTH})(?![a-z])\.?,?
      [-\s/.]{{0,2}}(?P<y1>{_YEAR}|'?\d\d(?=[^\d:]|$)(?!,?\s?(?:19|20)\d\d))(?![\d/])
    | (?P<m2>{_MONTH})(?![a-z])\.?[-\s/]{{0,2}}(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?
      (?:\s?,\s?|[-\s/]{{1,2}})(?P<y2>{_YEAR}|'\d\d|\d\d(?=\s|$|[,;)]))(?![\d/:])
    | (?P<y3>{_YEAR})[-\s](?P<m3>{_MONTH})(?![a-z])[-\s](?P<d3>\d{{1,2}})(?!\d)
    | (?P<cy>20\d\d)(?P<cm>0[1-9]|1[0-2])(?P<cd>[0-3]\d)(?=\d{{6}}(?:[-+z]|\b)|t\d{{4}}|\ \d\d:\d\d)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_TIME = re.compile(
    r"(?:\s*(?:,|@|at|-|\u2013)\s*|T|\s+|,\s*)(?:[01]?\d|2[0-3])[:.][0-5]\d(?::[0-5]\d)?(?!\d|\.\d)|"
    r"(?:\s+(?:at|@)\s*|\s+)(?:[01]\d|2[0-3])[0-5]\d\s?(?:h\b|hrs?\b|hours?\b)|"
    r"(?:\s+(?:at|@)\s*|\s+)(?:0?[1-9]|1[0-2])\s?[ap]\.?m\b",
    re.IGNORECASE,
)
_NOT_A_DATE = re.compile(r"\s?(?:mv|mev|mm|cm|c?gy|x\b|fff|%)", re.IGNORECASE)
_VERSION = re.compile(r"\b(?:v|ver|version|rev|release|build|aaa|acuros|rc)\.?\s*$", re.IGNORECASE)
_PARTIAL = re.compile(
    r"(?<![\w/\-])(?:(?<!\.)|(?<=\.\.))(\d{1,2})/(\d{1,2})(?![\w/\-]|\.\d|\s?(?:fx|fractions?|mm|%|x\b))"
)
_RATIO_BEFORE = re.compile(
    r"\b(?:fxs?|fractions?|frac|fr|of|tx|treatments?|bp|pain|gleason|session|no)\.?:?\s*#?\s*$",
    re.IGNORECASE,
)

_CENTURY_PIVOT = 40
"""Two-digit years below it are 20xx: treatment dates are recent, birth years below 1940 are spelt out."""


def _year(text: str) -> int:
    digits = text.lstrip("'")
    number = int(digits)
    if len(digits) == 4:
        return number
    return number + (2000 if number < _CENTURY_PIVOT else 1900)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


_STARTS = re.compile(
    r"\d{1,2}(?= ?[-/.] ?\d)|\d{4}(?=[-/. ][\dA-Za-z])|20\d{6}(?=[\dTt ])|"
    r"\d{1,2}(?=[-/. ]{0,2}(?:of )?[JFMASONDjfmasond]|(?:st|nd|rd|th)[ .])"
)
_MONTH_STARTS = re.compile(r"[JFMASONDjfmasond][AEPUCOaepuco][NBRYLGPTVCnbrylgptvc]")


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Matches of the date pattern in order. It is tried only where a date can begin, which is what makes it fast."""
    starts = {match.start() for match in _STARTS.finditer(text)}
    starts.update(match.start() for match in _MONTH_STARTS.finditer(text))
    reach = -1
    for start in sorted(starts):
        if start < reach:
            continue
        match = _DATE.match(text, start)
        if match is not None:
            reach = match.end()
            yield match


def _order(matches: Iterable[re.Match[str]]) -> bool:
    days = months = 0
    for match in matches:
        if match.group("sep") in ("/", "-"):
            first, second = int(match.group("a")), int(match.group("b"))
            days += 12 < first <= 31 and second <= 12
            months += first <= 12 < second <= 31
    return days > months


def day_first(text: str) -> bool:
    """Whether a text writes slash and dash dates day first, by those that allow one order only."""
    return _order(_matches(text))


def _numeric(match: re.Match[str], by_day: bool) -> dt.date | None:
    """Date of ``a sep b sep y``: the usual order first, the other where that is impossible."""
    first, second, separator = int(match.group("a")), int(match.group("b")), match.group("sep")
    written = match.group("y")
    if separator == "." and len(written) == 2 and len(match.group("a")) + len(match.group("b")) < 4:
        return None
    year = _year(written)
    if by_day or separator == ".":
        return _date(year, second, first) or _date(year, first, second)
    return _date(year, first, second) or _date(year, second, first)


def _read(match: re.Match[str], by_day: bool) -> dt.date | None:
    groups = match.groupdict()
    if groups["iy"]:
        return _date(int(groups["iy"]), int(groups["im"]), int(groups["id"]))
    if groups["cy"]:
        return _date(int(groups["cy"]), int(groups["cm"]), int(groups["cd"]))
    if groups["a"]:
        return _numeric(match, by_day)
    for n in "123":
        if groups[f"m{n}"]:
            month = _MONTHS[groups[f"m{n}"].lower()]
            return _date(_year(groups[f"y{n}"]), month, int(groups[f"d{n}"]))
    return None


def find_dates(text: str, by_day: bool | None = None) -> list[FoundDate]:
    """Every full date (with a year) of a text, in order.

    ``by_day`` tells the order of ambiguous slash dates; ``None`` takes it from the text itself, so pass
    ``day_first(whole document)`` when a text is only a line of it. ``end`` is the end of the date
    without its time.
    """
    matches = list(_matches(text))
    order = _order(matches) if by_day is None else by_day
    found: list[FoundDate] = []
    for match in matches:
        if match.group("a") and (
            _NOT_A_DATE.match(text, match.end())
            or (match.group("sep") == "." and _VERSION.search(text, max(0, match.start() - 9), match.start()))
        ):
            continue
        date = _read(match, order)
        if date is not None:
            has_time = bool(match.group("cy")) or _TIME.match(text, match.end()) is not None
            found.append(FoundDate(match.start(), match.end(), date, has_time))
    return found


_EARLIEST_SERVICE = dt.date(1995, 1, 1)
_LIFETIME = dt.timedelta(days=15 * 365)


def earliest_of(dates: Iterable[dt.date]) -> dt.date:
    """The day before which a date of a text can only be a birth date, or one of the patient's history.

    Dates of service of one chart lie close together; birth dates lie decades before them.
    """
    latest = max(dates, default=dt.date.min)
    return max(_EARLIEST_SERVICE, latest - _LIFETIME) if latest > _EARLIEST_SERVICE else _EARLIEST_SERVICE


def without_births(found: Iterable[FoundDate]) -> list[FoundDate]:
    """Dates of a text without those that lie decades before the others."""
    listed = list(found)
    earliest = earliest_of(item.date for item in listed)
    return [item for item in listed if item.date >= earliest]


def find_partial_dates(text: str, near: dt.date) -> list[FoundDate]:
    """Dates written as month/day without a year, in the year that brings them nearest to ``near``.

    Fractions ("fx 5/28") and ratios after a known label are left out; use it only where a date is expected.
    """
    taken = [(found.start, found.end) for found in find_dates(text)]
    dates: list[FoundDate] = []
    for match in _PARTIAL.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        if _RATIO_BEFORE.search(text, max(0, match.start() - 14), match.start()):
            continue
        years = (near.year - 1, near.year, near.year + 1)
        options = [d for y in years if (d := _date(y, int(match.group(1)), int(match.group(2))))]
        if options:
            best = min(options, key=lambda option: abs(option - near))
            has_time = _TIME.match(text, match.end()) is not None
            dates.append(FoundDate(match.start(), match.end(), best, has_time))
    return dates
