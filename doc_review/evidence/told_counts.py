"""Statements of a note turned into counts of fractions given: sentences, labels, dose schemes, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .course_dates import long_ago
from .dose import Scheme, schemes
from .fraction_settle import Log
from .note import Note
from .record_dates import dates_of
from .summary_tables import multiplied, table_totals

_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "twenty-one": 21, "twenty-two": 22, "twenty-three": 23, "twenty-four": 24, "twenty-five": 25,
    "twenty-six": 26, "twenty-seven": 27, "twenty-eight": 28, "thirty": 30, "thirty-three": 33, "thirty-five": 35,
    "thirty-six": 36, "thirty-seven": 37, "thirty-eight": 38, "thirty-nine": 39, "forty": 40, "forty-four": 44,
}  # fmt: skip
_N = r"(?:\d{1,2}|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")(?![.,]\d|\w|-\d)"
_F = r"(?:fxs?\b|fxn\b|frx\b|fractions?\b|fract\b|treatments?\b(?!\s+(?:week|plan|field|area|site))|tx'?s?\b|sessions?\b|fr\b)"
_D = r"(?:delivered|given|treated|received|completed?|administered|done|rec'?d|recorded|finished|del\b|tolerated)"
_P = r"(?:planned|prescribed|scheduled|ordered|intended|rx'?d?|total)"
_SEP = r"\s*+(?:/|of|out of|from)\s*+(?:the\s++|a\s++|an\s++)?(?:" + _P + r"\s++)?"
_PATTERNS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(text)
    for text in (
        # Delivered/prescribed labels with both numbers behind them.
        rf"{_D}\s*+(?:/|vs\.?|of)\s*+{_P}[\w ]{{0,12}}\)?\s*+[:=|]?\s*+(?P<d>{_N})\s*+(?:{_F}\s*+)?(?:/|of|\|)\s*+(?P<p>{_N})",
        # Prescribed/delivered, the other way round.
        rf"{_P}\s*+(?:/|vs\.?)\s*+{_D}[\w ]{{0,12}}\)?\s*+[:=|]?\s*+(?P<p>{_N})\s*+(?:{_F}\s*+)?(?:/|\|)\s*+(?P<d>{_N})",
        # 28 of 28 fx given; sessions delivered 15 of 15; fx 33/33.
        rf"(?<![\d/.])(?P<d>{_N}){_SEP}(?P<p>{_N})\s*+(?:{_P}\s++)?(?:daily\s++)?{_F}",
        rf"{_F}\s*+(?:{_D}|total|completed|#|no\.?|number|to date|{_D}\s++to\s++date)?\s*+(?:\([^)\d]{{0,30}}\))?\s*+[:=#]?\s*+(?P<d>{_N}){_SEP}(?P<p>{_N})",
        rf"{_D}\s*+(?:total|so far|to date|{_F})?\s*+[:=(]?\s*+(?P<d>{_N}){_SEP}(?P<p>{_N})",
        rf"(?<![\d/.])(?P<d>{_N}){_SEP}(?P<p>{_N})\s*+(?:were\s++|was\s++|have\s++been\s++)?{_D}",
        # of 33 planned fractions, 20 were delivered
        rf"(?:of|out of)\s++(?:the\s++)?(?P<p>{_N})\s++(?:{_P}\s++)?{_F}[\s,]++(?:only\s++)?(?P<d>{_N})\s++(?:{_F}\s++)?(?:were|was|have been)\s++{_D}",
        # fractions delivered: 28; delivered fx 28; # of treatments given = 25
        rf"{_F}\s*+(?:\(s\)\s*+)?{_D}(?:\s++to\s++date)?(?:\s*+(?:[:=|#]|\.{{2,}}+)\s*+|\s++)(?P<d>{_N})(?!\s*+(?:c?gy|%|mu\b|mv))",
        rf"{_D}\s*+(?:\w+\s++)?{_F}(?:\s*+(?:[:=|#]|\.{{2,}}+)\s*+|\s++)(?P<d>{_N})(?!\s*+(?:c?gy|%|mu\b|mv))",
        rf"(?<!\w){_D}(?:\s++total)?\s*+[:=]\s*+(?P<d>{_N})(?=\s*(?:$|[.;,|)\n]|{_F}|\s{{2,}}))",
        # delivered 28 fractions; received a total of 25 treatments; all 33 fractions were given
        rf"{_D}\s++(?:[\w'+/-]+\s++){{0,6}}?(?P<d>{_N})\s*+(?:daily\s++|once[- ]daily\s++|external beam\s++|bid\s++|radiation\s++|of\s++the\s++)?{_F}",
        rf"(?<![\d/.])(?P<d>{_N})\s*+(?:daily\s++|radiation\s++|rt\s++)?{_F}\s*+(?:\([^)\n]{{0,24}}\)\s*+)?(?:total\s++)?(?:(?:were|was|have been|has been|had been|are)\s++)?(?:all\s++|successfully\s++|thus far\s++)?{_D}",
    )
)
_COUNT_LABEL = re.compile(
    rf"(?:(?:number\s++of\s++|no\.?\s++of\s++|#\s*+(?:of\s++)?|total\s++(?:number\s++of\s++)?|total\s++#?\s*+(?:of\s++)?){_F}\s*+(?:{_D})?\s*+(?:(?:[:=|]|\.{{2,}}+)\s*+)?|"
    rf"(?<!\w){_F}\s*+(?:[:=|]|\.{{2,}}+)\s*+)(?P<d>{_N})(?!\s*+(?:c?gy|%|mu\b|mv))"
)
_PRESCRIBED_AFTER = re.compile(rf"[^.\n]{{0,24}}?\b{_P}\s*[:=]?\s*(?:a\s+total\s+of\s+)?(?P<p>{_N})\s*{_F}")
_OF_AFTER = re.compile(
    rf"\s*(?:out\s+)?of\s+(?:the\s+)?(?:a\s+)?(?:{_P}\s+)?(?P<p>{_N})\b(?!\s*(?:c?gy|gray))"
)
_GIVEN = re.compile(rf"\b(?:{_D}|total\s+dose|cumulative|actual)\b")
_ASKED = re.compile(
    r"\b(?:ordered|prescribed|prescription|planned|intended|rx|scheduled|plan|recommended|goal|will|to be)\b"
)
_FUTURE = re.compile(
    r"\b(?:will|to)\s+(?:be\s+)?(?:receive|get|have|complete|deliver\w*|give\w*|treat\w*)\b[^.\n]{0,30}$"
)
_EXTRA = re.compile(
    r"\b(?:beyond|extra|additional|in\s+excess|over\s+the|missed|make-?\s?up|partial|interrupt\w*|port|verification)\b"
)
_PROGRESS = re.compile(rf"\b(?:{_D}|to\s+date|after|stopped|discontinued)\b")
_ELAPSED = re.compile(
    rf"(?<![\d/.])(?P<d>{_N})\s*(?:daily\s+)?{_F}[^.\n]{{0,12}}?(?:\d+\s+elapsed|elapsed|in\s+\d+\s+(?:calendar\s+)?days|over\s+\d+\s+(?:calendar\s+)?days)"
)
_NEGATIVE = re.compile(r"\b(?:no|not|missed|without)\b")
_LEFT = re.compile(r"[^.,;\n]{0,12}\b(?:remain(?:ing|s)?|left|to\s+go|scheduled|pending)\b")
_MAX_FRACTIONS = 60


@dataclass(frozen=True, slots=True)
class Total:
    """A statement of how many fractions were given.

    ``unit`` is the statement around ``start``..``end``; ``part`` the stretch of it that tells of this total
    alone (a sentence may tell of a course and its boost).
    """

    start: int
    end: int
    unit: tuple[int, int]
    part: tuple[int, int]
    delivered: int
    prescribed: int | None
    dose_gy: float | None
    confidence: float
    historical: bool = False


def number_in(text: str) -> int:
    """A count written in digits or words."""
    return int(text) if text.isdigit() else _WORDS[text]


def _masked(note: Note, start: int, end: int) -> str:
    """Folded text of a span with its full dates blanked, newlines as spaces."""
    chars = note.plain[start:end].replace("\n", " ").replace("\r", " ")
    for low, high, _ in dates_of(note):
        if start <= low < end:
            stop = min(high, end)
            chars = chars[: low - start] + " " * (stop - low) + chars[stop - start :]
    return chars


def _acceptable(text: str, match: re.Match[str], delivered: int, prescribed: int | None, dated: bool) -> bool:
    """Whether a pair of numbers is a count of fractions given, not a date, a ratio or a plan."""
    slashed = prescribed is not None and "/" in match.group()
    if slashed and not re.search(_F, text) and (delivered != prescribed or delivered <= 12):
        return False
    if slashed and re.match(r"\s*(?:-|to|through|thru)\s*\d", text[match.end() :]):
        return False
    short = prescribed is not None and delivered < prescribed
    if short and dated and not _PROGRESS.search(text):
        return False
    if delivered <= 3 and _EXTRA.search(text[max(0, match.start() - 30) : match.end() + 40]):
        return False
    if prescribed is None and _LEFT.match(text, match.end()):
        return False
    return not (_FUTURE.search(text[: match.end()]) and not re.search(rf"\b{_D}\b", text[: match.start("d")]))


def _match(text: str, dated: bool) -> tuple[re.Match[str], int, int | None] | None:
    """The first count of fractions given in a masked statement; ``dated``: a day's progress is no total."""
    for wording in _PATTERNS:
        for match in wording.finditer(text):
            groups = match.groupdict()
            delivered = number_in(groups["d"])
            prescribed = number_in(groups["p"]) if groups.get("p") else None
            if prescribed is None:
                after = _OF_AFTER.match(text, match.end()) or _PRESCRIBED_AFTER.match(text, match.end())
                prescribed = number_in(after.group("p")) if after else None
                prescribed = prescribed if prescribed is not None and prescribed >= delivered else None
            plausible = 1 <= delivered <= _MAX_FRACTIONS and (
                prescribed is None or 1 <= prescribed <= _MAX_FRACTIONS
            )
            if plausible and _acceptable(text, match, delivered, prescribed, dated):
                return match, delivered, prescribed
    return None


def _split_schemes(text: str, summary: bool) -> tuple[list[tuple[Scheme, float]], set[int]]:
    """Dose schemes that were given, with confidence, and the fraction counts of those that were asked for."""
    given: list[tuple[Scheme, float]] = []
    asked: set[int] = set()
    for scheme in schemes(text):
        around = text[max(0, scheme.start - 30) : scheme.end + 40]
        if not scheme.fractions or (scheme.fractions <= 3 and _EXTRA.search(around)):
            continue
        before = text[: scheme.start]
        done = max((m.end() for m in _GIVEN.finditer(before)), default=-1)
        wanted = max((m.end() for m in _ASKED.finditer(before)), default=-1)
        after = re.match(rf"(?:(?!\s{{3}})[^.\n|:]){{0,20}}\b(?:{_D})\b(?!\s*[:=])", text[scheme.end :])
        if done > wanted or after:
            given.append((scheme, 0.9))
        elif wanted >= 0:
            asked.add(scheme.fractions)
        elif summary:
            given.append((scheme, 0.75))
    return given, asked


def _spans(note: Note, log: Log) -> Iterator[tuple[int, int]]:
    """Units of the note that are no fraction rows; a dot leader runs on to the end of its line."""
    taken = sorted((row.start, row.end) for row in log.rows)
    index = 0
    for unit in note.units:
        while index < len(taken) and taken[index][1] <= unit.start:
            index += 1
        if index < len(taken) and taken[index][0] < unit.end and taken[index][1] > unit.start:
            continue
        end = note.line_at(unit.start)[1] if note.plain.endswith("..", unit.start, unit.end) else unit.end
        yield unit.start, end


def _from_schemes(found: Sequence[tuple[Scheme, float]], start: int, end: int) -> Iterator[Total]:
    """One total for each dose scheme of a statement."""
    for index, (scheme, confidence) in enumerate(found):
        low = start + (found[index - 1][0].end if index else 0)
        high = start + found[index + 1][0].start if index + 1 < len(found) else end
        yield Total(
            start + scheme.start, start + scheme.end, (start, end), (low, high), scheme.fractions or 0, None,
            scheme.dose_gy, confidence,
        )  # fmt: skip


def _of_statement(note: Note, start: int, end: int, asked: set[int]) -> Iterator[Total]:
    """Totals of one statement; fractions it says were asked for are added to ``asked``."""
    text = _masked(note, start, end)
    if not any(char.isdigit() for char in text) and not re.search(_D, text):
        return
    summary = note.kind == "completion_summary"
    dated = note.kind != "treatment_record" or any(start <= low < end for low, _, _ in dates_of(note))
    given, wanted = _split_schemes(text, summary)
    asked |= wanted
    hit = _match(text, dated)
    if hit is not None and len(given) < 2:
        match, delivered, prescribed = hit
        dose = next((s.dose_gy for s in schemes(text) if s.fractions == delivered), None)
        low, high = start + match.start(), start + match.end()
        yield Total(low, high, (start, end), (start, end), delivered, prescribed, dose, 0.92)
    elif given:
        yield from _from_schemes(given, start, end)
    elif (
        summary and sum(start <= low < end for low, _, _ in dates_of(note)) >= 2 and (row := multiplied(text))
    ):
        yield Total(start, end, (start, end), (start, end), row[0], None, row[1], 0.85)
    elif summary:
        label = _COUNT_LABEL.search(text) or _ELAPSED.search(text)
        if label and not _ASKED.search(text[: label.start()]) and not _NEGATIVE.search(text[: label.start()]):
            low, high = start + label.start(), start + label.end()
            yield Total(low, high, (start, end), (start, end), number_in(label.group("d")), None, None, 0.8)


def find_totals(note: Note, log: Log) -> list[Total]:
    """Every count of fractions given that a note states, in order, outside its fraction log."""
    asked: set[int] = set()
    found: list[Total] = []
    tables = (
        table_totals(note)
        if note.kind in ("completion_summary", "treatment_record", "other", "mixed")
        else []
    )
    covered = [(row.start, row.end) for row in tables]
    for row in tables:
        span = (row.start, row.end)
        found.append(
            Total(row.start, row.end, span, span, row.delivered, row.prescribed, row.dose_gy, row.confidence)
        )
    for start, end in _spans(note, log):
        if not any(low < end and start < high for low, high in covered):
            found.extend(_of_statement(note, start, end, asked))
    if len(asked) == 1:
        single = next(iter(asked))
        found = [replace(item, prescribed=single) if item.prescribed is None else item for item in found]
    found = [replace(item, historical=long_ago(note, *item.unit)) for item in found]
    return sorted(found, key=lambda item: item.start)
