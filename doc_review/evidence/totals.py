"""Lines of a record or summary that tell how many fractions were given, turned into ``total`` drafts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..model import Assertion
from .assertion import assert_spans
from .course_dates import Period, period
from .dose import schemes
from .fraction_log import PLAN_LABEL, Log
from .fraction_rows import range_of
from .kinds import Draft, Reading
from .note import Note
from .orders import most_specific
from .patterns import pattern
from .record_dates import dates_of
from .technique import technique_hits

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
_SEP = r"\s*(?:/|of|out of|from)\s*(?:the\s+|a\s+|an\s+)?(?:" + _P + r"\s+)?"
_PATTERNS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(text)
    for text in (
        # Delivered/prescribed labels with both numbers behind them.
        rf"{_D}\s*(?:/|vs\.?|of)\s*{_P}[\w ]{{0,12}}\)?\s*[:=|]?\s*(?P<d>{_N})\s*(?:{_F}\s*)?(?:/|of|\|)\s*(?P<p>{_N})",
        # Prescribed/delivered, the other way round.
        rf"{_P}\s*(?:/|vs\.?)\s*{_D}[\w ]{{0,12}}\)?\s*[:=|]?\s*(?P<p>{_N})\s*(?:{_F}\s*)?(?:/|\|)\s*(?P<d>{_N})",
        # 28 of 28 fx given; sessions delivered 15 of 15; fx 33/33.
        rf"(?<![\d/.])(?P<d>{_N}){_SEP}(?P<p>{_N})\s*(?:{_P}\s+)?(?:daily\s+)?{_F}",
        rf"{_F}\s*(?:{_D}|total|completed|#|no\.?|number|to date|{_D}\s+to\s+date)?\s*(?:\([^)\d]{{0,30}}\))?\s*[:=#]?\s*(?P<d>{_N}){_SEP}(?P<p>{_N})",
        rf"{_D}\s*(?:total|so far|to date|{_F})?\s*[:=]?\s*(?P<d>{_N}){_SEP}(?P<p>{_N})",
        rf"(?<![\d/.])(?P<d>{_N}){_SEP}(?P<p>{_N})\s*(?:were\s+|was\s+|have\s+been\s+)?{_D}",
        # of 33 planned fractions, 20 were delivered
        rf"(?:of|out of)\s+(?:the\s+)?(?P<p>{_N})\s+(?:{_P}\s+)?{_F}[\s,]+(?:only\s+)?(?P<d>{_N})\s+(?:{_F}\s+)?(?:were|was|have been)\s+{_D}",
        # fractions delivered: 28; delivered fx 28; # of treatments given = 25
        rf"{_F}\s*(?:\(s\)\s*)?{_D}(?:\s+to\s+date)?\s*(?:[:=|#]|\.{{2,}}|\s)\s*(?P<d>{_N})(?!\s*(?:c?gy|%|mu\b|mv))",
        rf"{_D}\s*(?:\w+\s+)?{_F}\s*(?:[:=|#]|\.{{2,}}|\s)\s*(?P<d>{_N})(?!\s*(?:c?gy|%|mu\b|mv))",
        rf"(?<!\w){_D}(?:\s+total)?\s*[:=]\s*(?P<d>{_N})(?=\s*(?:$|[.;,|)\n]|{_F}|\s{{2,}}))",
        # delivered 28 fractions; received a total of 25 treatments; all 33 fractions were given
        rf"{_D}\s+(?:[\w'+/-]+\s+){{0,6}}?(?P<d>{_N})\s*(?:daily\s+|once[- ]daily\s+|external beam\s+|bid\s+|radiation\s+|of\s+the\s+)?{_F}",
        rf"(?<![\d/.])(?P<d>{_N})\s*(?:daily\s+|radiation\s+|rt\s+)?{_F}\s*(?:\([^)\n]{{0,24}}\)\s*)?(?:total\s+)?(?:(?:were|was|have been|has been|had been|are)\s+)?(?:all\s+|successfully\s+|thus far\s+)?{_D}",
    )
)
_COUNT_LABEL = re.compile(
    rf"(?:number\s+of\s+|no\.?\s+of\s+|#\s*(?:of\s+)?|total\s+(?:number\s+of\s+)?|total\s+#?\s*(?:of\s+)?){_F}\s*(?:{_D})?\s*[:=|]?\s*(?P<d>{_N})(?!\s*(?:c?gy|%|mu\b|mv))"
)
_PRESCRIBED_AFTER = re.compile(rf"[^.\n]{{0,24}}?\b{_P}\s*[:=]?\s*(?:a\s+total\s+of\s+)?(?P<p>{_N})\s*{_F}")
_OF_AFTER = re.compile(rf"\s*(?:out\s+)?of\s+(?:the\s+)?(?:a\s+)?(?:{_P}\s+)?(?P<p>{_N})\b")
_GIVEN = re.compile(rf"\b(?:{_D}|total\s+dose|cumulative|actual)\b")
_ASKED = re.compile(r"\b(?:ordered|prescribed|prescription|planned|intended|rx|scheduled|plan|recommended|goal|will|to be)\b")
_BOOST = re.compile(r"\b(?:boost|cone[- ]?down|phase\s*(?:2|ii|two)|bst)\b")
_SIMULTANEOUS = re.compile(r"\b(?:sib|simultaneous|integrated|concurrent)\b")
_FUTURE = re.compile(r"\b(?:will|to)\s+(?:be\s+)?(?:receive|get|have|complete|deliver\w*|give\w*|treat\w*)\b[^.\n]{0,30}$")
_EXTRA = re.compile(r"\b(?:beyond|extra|additional|in\s+excess|over\s+the|missed|make-?\s?up|partial|interrupt\w*|port|verification)\b")
_LEFT = re.compile(r"[^.,;\n]{0,12}\b(?:remain(?:ing|s)?|left|to\s+go|scheduled|pending)\b")
_NUMBER = re.compile(r"(?<![\w/.,:-])\d{1,2},\d{3}(?:\.\d+)?(?![\w/])|(?<![\w/.,:-])\d+(?:\.\d+)?(?![\w/:-]|\.\d)")
_CHECKED = re.compile(r"\b(?:check\w*|verif\w*|review\w*|rounds?|chart)\b")
_MAX_FRACTIONS = 60


@dataclass(frozen=True, slots=True)
class Total:
    """A statement of how many fractions were given. ``unit`` is the statement around ``start``..``end``."""

    start: int
    end: int
    unit: tuple[int, int]
    delivered: int
    prescribed: int | None
    dose_gy: float | None
    confidence: float


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


def _match(text: str) -> tuple[re.Match[str], int, int | None] | None:
    for wording in _PATTERNS:
        for match in wording.finditer(text):
            groups = match.groupdict()
            delivered = number_in(groups["d"])
            prescribed = number_in(groups["p"]) if groups.get("p") else None
            if not 1 <= delivered <= _MAX_FRACTIONS or (prescribed is not None and not 1 <= prescribed <= _MAX_FRACTIONS):
                continue
            slashed = "/" in text[match.start("d") : match.end()] and prescribed is not None
            if slashed and not re.search(_F, text) and (delivered != prescribed or delivered <= 12):
                continue
            if re.match(r"\s*(?:-|to|through|thru)\s*\d", text[match.end() :]) and slashed:
                continue
            if prescribed is None:
                after = _OF_AFTER.match(text, match.end()) or _PRESCRIBED_AFTER.match(text, match.end())
                prescribed = number_in(after.group("p")) if after else None
            if prescribed is not None and delivered < prescribed and not re.search(rf"\b(?:{_D}|to\s+date|after|stopped|discontinued)\b", text):
                continue
            if delivered <= 3 and _EXTRA.search(text[max(0, match.start() - 30) : match.end() + 40]):
                continue
            if prescribed is None and _LEFT.match(text, match.end()):
                continue
            if _FUTURE.search(text[: match.end()]) and not re.search(rf"\b{_D}\b", text[: match.start("d")]):
                continue
            return match, delivered, prescribed
    return None


def _scheme_total(note: Note, text: str, start: int) -> tuple[int, int, int, float | None, float] | None:
    """Start, end, fractions, dose and confidence of a dose scheme that was given rather than asked for."""
    for scheme in schemes(text):
        if not scheme.fractions or (
            scheme.fractions <= 3 and _EXTRA.search(text[max(0, scheme.start - 30) : scheme.end + 40])
        ):
            continue
        before = text[: scheme.start]
        given = [m.end() for m in _GIVEN.finditer(before)]
        asked = [m.end() for m in _ASKED.finditer(before)]
        after = re.match(rf"[^.\n]{{0,20}}\b(?:{_D})\b", text[scheme.end :])
        if given and (not asked or given[-1] > asked[-1]):
            return start + scheme.start, start + scheme.end, scheme.fractions, scheme.dose_gy, 0.9
        if asked and not after:
            continue
        if after or note.kind == "completion_summary":
            return start + scheme.start, start + scheme.end, scheme.fractions, scheme.dose_gy, 0.9 if after else 0.75
    return None


def _spans(note: Note, log: Log) -> Iterator[tuple[int, int]]:
    """Units of the note that are no fraction rows."""
    taken = sorted((row.start, row.end) for row in log.rows)
    index = 0
    for unit in note.units:
        while index < len(taken) and taken[index][1] <= unit.start:
            index += 1
        if index < len(taken) and taken[index][0] < unit.end and taken[index][1] > unit.start:
            continue
        yield unit.start, unit.end


def _table_row(text: str) -> tuple[int, int | None, float | None] | None:
    """Fractions of a summary row whose numbers multiply out (dose per fraction, fractions, total)."""
    values = [float(match.group().replace(",", "")) for match in _NUMBER.finditer(text)][:8]
    for total in sorted(values, reverse=True):
        for count in values:
            if count != int(count) or not 1 <= count <= _MAX_FRACTIONS or total < 4:
                continue
            for single in values:
                if single > 0.7 and count > 1 and single not in (total,) and abs(single * count - total) <= 0.004 * total:
                    if single < 1.0 and total < 10:
                        continue
                    return int(count), None, round(total / 100 if total >= 400 else total, 3)
    return None


def _found(note: Note, log: Log) -> Iterator[Total]:
    summary = note.kind == "completion_summary"
    for start, end in _spans(note, log):
        text = _masked(note, start, end)
        if not any(char.isdigit() for char in text) and not re.search(_D, text):
            continue
        hit = _match(text)
        if hit is not None:
            match, delivered, prescribed = hit
            scheme = next((s for s in schemes(text) if s.fractions == delivered), None)
            yield Total(
                start + match.start(), start + match.end(), (start, end), delivered, prescribed,
                scheme.dose_gy if scheme else None, 0.92,
            )  # fmt: skip
            continue
        told = _scheme_total(note, text, start)
        if told is not None:
            low, high, count, dose, confidence = told
            if confidence > 0.8 or summary:
                yield Total(low, high, (start, end), count, None, dose, confidence)
            continue
        if not summary:
            continue
        label = _COUNT_LABEL.search(text)
        if label and not _ASKED.search(text[: label.start()]):
            yield Total(start + label.start(), start + label.end(), (start, end), number_in(label.group("d")), None, None, 0.8)
            continue
        dated = sum(start <= low < end for low, _, _ in dates_of(note))
        row = _table_row(text) if dated >= 2 else None
        if row is not None:
            yield Total(start, end, (start, end), row[0], row[1], row[2], 0.85)


def told_totals(note: Note) -> list[Total]:
    """Totals of a note without looking for a fraction log first."""
    return list(_found(note, Log()))


def _weekly_ranges(note: Note, log: Log, source: str) -> Iterator[Draft]:
    """Lines of a record that sum up several fractions ("fx 1-5, 03/05 - 03/11"); counted up to the last."""
    if log.weekly and note.kind == "treatment_record":
        last = max(log.weekly, key=lambda row: row.number or 0)
        told: dict[str, object] = {"delivered": last.number, "source": source}
        if last.day:
            told["last_date"] = last.day.isoformat()
        yield Draft("delivery", "total", note.cite(last.start, last.end, also=last.spans), told, confidence=0.75)
    if log.rows or note.kind != "treatment_record":
        return
    for _, line, text in log.others:
        span = range_of(text)
        if span is None or (log.section is not None and line.start >= log.section) or _CHECKED.search(text):
            continue
        if pattern("delivery.yaml", "other_form").search(text) or pattern("delivery.yaml", "planned").search(text):
            continue
        days = period(note, line.start, line.end)
        attributes: dict[str, object] = {"delivered": span[1], "fraction_from": span[0], "fraction_to": span[1], "source": source}
        if days.first and span[0] == 1:
            attributes["first_date"] = days.first.isoformat()
        if days.last:
            attributes["last_date"] = days.last.isoformat()
        yield Draft("delivery", "total", note.cite(line.start, line.end), attributes, confidence=0.75)


def _dates(attributes: dict[str, object], own: Period, whole: Period) -> None:
    first, last = own.first or whole.first, own.last or whole.last
    if first:
        attributes["first_date"] = first.isoformat()
    if last:
        attributes["last_date"] = last.isoformat()


def _sum_of_phases(note: Note, found: Sequence[Total], source: str) -> Iterator[Draft]:
    """The total of phases given one after the other (a boost), where no line states it."""
    phases = [item for item in found if item.prescribed is None or item.prescribed == item.delivered]
    own = [period(note, *item.unit) for item in phases]
    if len(phases) < 2 or any(_SIMULTANEOUS.search(note.plain, *item.unit) for item in phases):
        return
    dated = all(p.first and p.last for p in own)
    ordered = dated and all(a.last < b.first for a, b in pairwise(own))  # type: ignore[operator]
    boosted = [bool(_BOOST.search(note.plain, *item.unit)) for item in phases]
    if not ordered and not (boosted.count(True) == 1 and boosted[-1] and len(phases) == 2):
        return
    total = sum(item.delivered for item in phases)
    if total > _MAX_FRACTIONS or any(item.delivered >= total for item in found):
        return
    attributes: dict[str, object] = {
        "delivered": total,
        "parts": [item.delivered for item in phases],
        "source": source,
    }
    if dated:
        attributes["first_date"] = own[0].first.isoformat()  # type: ignore[union-attr]
        attributes["last_date"] = own[-1].last.isoformat()  # type: ignore[union-attr]
    yield Draft(
        "delivery",
        "total",
        note.cite(*phases[0].unit, also=[item.unit for item in phases[1:]], anchor=(phases[0].start, phases[0].end)),
        attributes,
        confidence=0.75,
    )


def total_drafts(reading: Reading, log: Log, source: str) -> Iterator[Draft]:
    """Totals of a note: how many fractions were given, of how many, from when to when."""
    note = reading.note
    found = list(_found(note, log))
    assertions = assert_spans(note, [(item.start, item.end, "delivery") for item in found])
    whole = period(note, 0, len(note.text))
    values = [hit.value for hit, assertion in technique_hits(reading) if assertion == "affirmed"]
    technique = most_specific(values)
    kept: list[Total] = []
    for item, assertion in zip(found, assertions, strict=True):
        attributes: dict[str, object] = {"delivered": item.delivered, "source": source}
        if item.prescribed is not None:
            attributes["prescribed"] = item.prescribed
        if item.dose_gy is not None:
            attributes["dose_gy"] = item.dose_gy
        _dates(attributes, period(note, *item.unit), whole)
        if technique and technique != "EBRT":
            attributes["technique"] = technique
        label = PLAN_LABEL.search(note.plain, *item.unit)
        if label:
            attributes["plan"] = (label.group("label") or label.group("name")).strip()
        if _BOOST.search(note.plain, *item.unit):
            attributes["phase"] = "boost"
        stated: Assertion = assertion if assertion != "hypothetical" else "planned"
        if stated == "affirmed":
            kept.append(item)
        yield Draft(
            "delivery",
            "total",
            note.cite(*item.unit, anchor=(item.start, item.end)),
            attributes,
            assertion=stated,
            confidence=item.confidence,
        )
    yield from _sum_of_phases(note, kept, source)
    yield from _weekly_ranges(note, log, source)
