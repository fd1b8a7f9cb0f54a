"""A stretch of text in, dose schemes out: total dose, fractions and dose per fraction that agree.

A scheme is trusted most where its three numbers stand together and multiply out; two numbers that
name a plausible fraction size come next. Units: Gy throughout (cGy and rad are converted).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = r"\d{1,2},\d{3}(?:\.\d+)?|\d+(?:[.,]\d+)?"
_WORD_VALUES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "thirteen": 13, "fifteen": 15, "sixteen": 16, "eighteen": 18, "twenty": 20, "twenty-five": 25,
    "twenty-eight": 28, "thirty": 30, "thirty-three": 33, "thirty-five": 35, "forty": 40,
}  # fmt: skip
_WORDS = "|".join(sorted(_WORD_VALUES, key=len, reverse=True))
# Dates, times and progress counts (fx 5/28) are no doses; they are blanked before numbers are read.
_NOISE = re.compile(
    r"\b\d{1,4}[/-]\d{1,2}[/-]\d{2,4}\b|\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d{1,2}\s?/\s?\d{1,2}\b|"
    r"\b\d{1,2}[- ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- ]\d{2,4}\b",
    re.IGNORECASE,
)
_IN = re.compile(r"\bin\b|\bover\b", re.IGNORECASE)
_OTHER_UNIT = re.compile(
    r"\s?(?:mm|cm|ml|cc|mev|mv|days?|weeks?|wks?|months?|years?|arcs?|beams?|fields?|%)", re.IGNORECASE
)
_QUANTITY = re.compile(
    rf"(?<![\w.,])(?P<number>{_NUMBER}|{_WORDS}(?=\s+(?:daily\s+)?(?:fractions|treatments|fx|sessions)))\s*(?P<unit>cgy|gy(?!n)|gray|rads?\b)?(?![\w%])"
    r"(?P<per>\s*(?:/|per|a|each)\s*(?:fx|fxs|frx|fractions?|treatments?|tx|day|session)\b)?",
    re.IGNORECASE,
)
_COUNT_AFTER = re.compile(
    r"\s*-?\s*(?:daily\s+|once-daily\s+|equal\s+|total\s+|once daily\s+|consecutive\s+)?"
    r"(?:fx|fxs|fxn|frx|fractions?|frac|treatments?|tx|txs|sessions?|fr|daily fractions)\b",
    re.IGNORECASE,
)
_COUNT_BEFORE = re.compile(
    r"(?:(?:fx|fxs|fractions?|# ?of ?fx|no\.? of fractions|number of fractions|treatments|sessions)\s*[:=#]?\s*|[x]\s*)$",
    re.IGNORECASE,
)
_TIMES = re.compile(r"\s*(?:x|@|\*|times)\s*$", re.IGNORECASE)
_SLASH = re.compile(r"\s*/\s*$")
_JOIN = re.compile(
    r"\s*(?:in|over|x|/|given in|,|;|via|using|\(|-|total in|total|to be given in|delivered in|at|@)?\s*",
    re.IGNORECASE,
)
MAX_FRACTIONS = 50
_MAX_TOTAL_GY = 90.0


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text: offsets, value as written, dose in Gy where its unit tells, and its cues."""

    start: int
    end: int
    value: float
    gy: float | None
    per_fraction: bool
    count: bool
    times_before: bool
    slash_before: bool


@dataclass(frozen=True, slots=True)
class Scheme:
    """A dose scheme: total and per fraction in Gy, fractions, span. ``consistent`` where three numbers agree."""

    start: int
    end: int
    dose_gy: float | None
    fractions: int | None
    per_fraction_gy: float | None
    consistent: bool


def _value(text: str) -> float:
    if text.lower() in _WORD_VALUES:
        return float(_WORD_VALUES[text.lower()])
    if re.fullmatch(r"\d{1,2},\d{3}(?:\.\d+)?", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


def numbers(text: str) -> list[Number]:
    """The numbers of a text with what stands around each."""
    found = []
    text = _NOISE.sub(lambda match: " " * len(match.group()), text)
    for match in _QUANTITY.finditer(text):
        value = _value(match.group("number"))
        unit = (match.group("unit") or "").lower()
        if not unit and _OTHER_UNIT.match(text, match.end("number")):
            continue
        gy = value if unit.startswith("gy") or unit == "gray" else value / 100 if unit else None
        before = text[max(0, match.start() - 24) : match.start()]
        whole = value == int(value) and 1 <= value <= MAX_FRACTIONS and not unit
        cue = bool(_COUNT_AFTER.match(text, match.end("number"))) or bool(_COUNT_BEFORE.search(before))
        found.append(
            Number(
                match.start(),
                match.end(),
                value,
                gy,
                bool(match.group("per")),
                whole and cue,
                bool(_TIMES.search(before)),
                bool(_SLASH.search(before)),
            )
        )
    return found


def _agree(total: float, fractions: float, single: float) -> bool:
    return abs(total - fractions * single) <= max(0.011, 0.004 * total)


def _dose(number: Number) -> list[float]:
    """Doses in Gy that a number may stand for; without a unit both Gy and cGy are tried."""
    if number.gy is not None:
        return [number.gy]
    if number.count:
        return []
    return [number.value / 100] if number.value >= 100 else [number.value]


def _triples(found: list[Number]) -> Iterator[tuple[int, int, int, Scheme]]:
    """Consistent (single, count, total) triples among numbers that stand near each other."""
    for i in range(len(found)):
        window = range(i, min(len(found), i + 5))
        for a in window:
            for b in window:
                for c in window:
                    if len({a, b, c}) != 3 or i not in (a, b, c):
                        continue
                    single, count, total = found[a], found[b], found[c]
                    if count.gy is not None or count.value != int(count.value):
                        continue
                    if not 2 <= count.value <= MAX_FRACTIONS:
                        continue
                    if single.gy is None and total.gy is None and not _bare_cgy(single, count, total):
                        continue
                    for one in _dose(single):
                        for full in _dose(total):
                            if (
                                0.8 <= one <= 25
                                and 4 <= full <= _MAX_TOTAL_GY
                                and _agree(full, count.value, one)
                            ):
                                spans = (single, count, total)
                                yield (
                                    a,
                                    b,
                                    c,
                                    Scheme(
                                        min(n.start for n in spans),
                                        max(n.end for n in spans),
                                        round(full, 3),
                                        int(count.value),
                                        round(one, 4),
                                        True,
                                    ),
                                )


def _bare_cgy(single: Number, count: Number, total: Number) -> bool:
    """Whether three numbers without units are a table row of cGy (10 300 3000)."""
    if count.slash_before or total.slash_before:
        return False
    return (
        80 <= single.value <= 2500
        and 400 <= total.value <= 9000
        and single.value * count.value == total.value
    )


def _pairs(text: str, found: list[Number], used: set[int]) -> Iterator[Scheme]:
    """Schemes of two neighbouring numbers: total and count, single and count, total and single."""
    for swapped in (False, True):
        for i in range(len(found) - 1):
            if i in used or i + 1 in used:
                continue
            scheme = _pair(text, found[i], found[i + 1], swapped)
            if scheme is not None:
                used |= {i, i + 1}
                yield scheme


def _pair(text: str, first: Number, second: Number, swapped: bool) -> Scheme | None:
    """One scheme of two neighbouring numbers (``swapped``: the count stands first)."""
    gap = text[first.end : second.start]
    if len(gap) > (24 if swapped else 60) or "\n\n" in gap:
        return None
    dose, count = (second, first) if swapped else (first, second)
    if swapped and not (count.count and dose.gy is not None and not dose.per_fraction):
        return None
    if dose.gy is not None and count.gy is not None and count.per_fraction and not dose.per_fraction:
        return _whole(dose, count)
    if count.gy is not None or count.value != int(count.value) or not 1 <= count.value <= MAX_FRACTIONS:
        return None
    joined = bool(_JOIN.fullmatch(gap))
    if dose.gy is None:
        single = dose.value / 100 / count.value
        plausible = count.slash_before and joined and 400 <= dose.value <= 9000 and dose.value % 5 == 0
        if plausible and 1 <= single <= 12 and count.value >= 3:
            return _scheme(dose, count, dose.value / 100, int(count.value), single)
        return None
    if (dose.per_fraction or count.times_before) and (count.count or count.times_before):
        total = dose.gy * count.value
        if 0.8 <= dose.gy <= 25 and total <= _MAX_TOTAL_GY:
            return _scheme(dose, count, total, int(count.value), dose.gy)
    counted = count.count or (joined and (count.slash_before or _IN.search(gap) is not None))
    if not dose.per_fraction and counted and dose.gy <= _MAX_TOTAL_GY:
        single = dose.gy / count.value
        if 0.8 <= single <= 25:
            return _scheme(dose, count, dose.gy, int(count.value), single)
    return None


def _whole(total: Number, single: Number) -> Scheme | None:
    """Total and dose per fraction that give a whole number of fractions."""
    if (
        total.gy is None
        or single.gy is None
        or not 0.8 <= single.gy <= 25
        or not single.gy < total.gy <= _MAX_TOTAL_GY
    ):
        return None
    count = round(total.gy / single.gy)
    return _scheme(total, single, total.gy, count, single.gy) if _agree(total.gy, count, single.gy) else None


def _scheme(one: Number, two: Number, total: float, count: int, single: float) -> Scheme:
    start, end = min(one.start, two.start), max(one.end, two.end)
    return Scheme(start, end, round(total, 3), count, round(single, 4), False)


def schemes(text: str) -> list[Scheme]:
    """Dose schemes of a text, in order; each number serves one scheme."""
    found = numbers(text)
    if len(found) < 2 or not any(number.gy is not None or number.value >= 400 for number in found):
        return []
    used: set[int] = set()
    result: list[Scheme] = []
    for a, b, c, scheme in sorted(_triples(found), key=lambda t: (t[3].end - t[3].start, t[3].start)):
        if not used & {a, b, c}:
            used |= {a, b, c}
            result.append(scheme)
    result.extend(_pairs(text, found, used))
    return sorted(result, key=lambda scheme: scheme.start)
