"""A treatment record turned into its fraction rows: a log with or without a header, lists, series of lines."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace

from . import fraction_rows as fr
from .fraction_settle import Log, settle
from .note import Note
from .patterns import pattern
from .record_dates import dates_of, reference_day, short_dates
from .rows import Header, Line, by_role, header_of, line_text, lines_of, side_by_side

_LEX = "delivery.yaml"
_HEADER_HINT = re.compile(
    r"\b(?:date|dates|day|dos|fx|fxn|frac\w*|session\w*|tx|treated|dose|mu|cgy|gy|fields?|beams?|arcs?|no|nr)\b|#"
)
_FOREIGN = re.compile(
    r"\b(?:physicist|physics|weight|wt|kps|ecog|pain|exam|toxicity|checked|check|reviewed|reviewer|md|physician|provider|approved|finding\w*|tolerance|constraint|gantry rtn|appointment|location)\b"
)
_OTHER_TABLE = re.compile(
    r"\b(?:drug|(?<!duty )cycle|mg|chemo\w*|code|cpt|charges?|invoice|psa|weight|wt|lab|units billed)\b"
)
_SUMMARY_HEADER = re.compile(
    r"\b(?:start|first|begin\w*|end|last|stop|complet\w+)\s*(?:date|tx|treatment)\b|\belapsed\b|\b(?:date|tx)\s+(?:started|ended|completed)\b"
)
_UNIT = re.compile(r"\bcgy\b")
_UNIT_GY = re.compile(r"\bgy\b")
_PRINTED = re.compile(
    r"\b(?:print(?:ed)?(?:\s+(?:on|date))?|as of|report(?:ed)?\s+(?:date|run|on)|run\s+date|generated|exported?|export)\b[^\d\n]{0,16}$"
)
_NEAR_DATE = re.compile(r"\d\s*(?:-|to|through|thru)\s*$")
_SEVERAL_SHORT = re.compile(r"(?<![\d/.])\d{1,2}/\d{1,2}\s*(?:#|\(|fx)")
_LEADING_SHORT = re.compile(
    r"\W*(?:(?:fx|fxn|frac|fraction|session|tx|treatment)\s*[#:]?\s*)?\d{1,2}\b(?!\s*/)[.):|,\s-]*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s*|[mtwrf]{1,2}\s+)?(?:\||-)?\s*(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9])(?![\d/])"
    r"|\W*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s*)?(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9])(?![\d/])[\s|:,-]+(?:fx|fxn|frac|fraction|session|tx|treatment|#)\s*\d"
)
_FIRST_DATE = re.compile(
    r"\W*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s*)?(?:\d{1,4}[/.-]\d{1,2}|\d{1,2}[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d)"
)
_FOOT = re.compile(
    r"\W*(?:delivered|total|totals|sum|last|first|sessions?|elapsed|final|overall|prescri\w+|note|comment)\b"
)
_TOTAL_LINE = re.compile(
    r"\W*(?:(?:total |no\.? |number )(?:of )?)?(?:fractions|fxs?|fxns?|treatments|sessions|tx)\s+"
    r"(?:were |was )?(?:delivered|given|treated|completed|received|administered|done|to date|recorded)\b"
)
_PAIR_BEFORE = re.compile(
    r"(?<![\d./:-])(\d{1,2})[.):]?\s*[|-]?\s*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s*)?$"
)
_PAIR_AFTER = re.compile(r"\s*(?:#|\(|fx\s?#?)\s?(\d{1,2})\b(?!\s*/)")
PLAN_LABEL = re.compile(
    r"(?<!\w)(?:plan|site|rx|rx site|field set|course/plan|course|phase|volume|target|prescription|treatment site|tx site|plan id|plan name|site/plan|region|area)"
    r"\s*[:=]\s*(?P<label>(?!\d+(?:[.,]\d+)?\s*(?:c?gy|/))[a-z0-9][^|\n:;,]{1,38}?)(?=\s{2,}|\s*[|;,(\n]|\s+-\s|\s+(?:dose|modality|energy|technique|rx|prescri\w+|machine|fx|fractions?)\b|$)"
    r"|(?<!\w)(?:plan|phase|course)\s+(?P<name>[a-z0-9]*[_\d][\w.+-]*)"
)


@dataclass(slots=True)
class _State:
    header: Header | None = None
    header_text: str = ""
    unit: str = ""
    number_after: bool = False
    fraction_table: bool = False


def _open_header(header: Header, text: str) -> _State:
    """State after a header line; ``fraction_table`` tells a fraction log from other tables."""
    roles = header.roles
    order = [column.role for column in header.columns]
    dosed = bool(roles & {"mu", "fields", "cumulative"})
    kind = dosed or (
        "number" in roles and bool(roles & {"dose", "status", "technique", "energy", "time", "session"})
    )
    foreign = (
        bool(_FOREIGN.search(text)) and "mu" not in roles and not ("fields" in roles and "dose" in roles)
    )
    imaging = "shift" in roles and not dosed and not roles & {"dose", "status"}
    unit = "cgy" if _UNIT.search(text) else "gy" if _UNIT_GY.search(text) else ""
    after = "date" in roles and "number" in roles and order.index("number") > order.index("date")
    table = (
        ("date" in roles)
        and kind
        and not foreign
        and not imaging
        and not _SUMMARY_HEADER.search(text)
        and not _OTHER_TABLE.search(text)
    )
    return _State(header, text, unit, after, table)


def _is_section(text: str) -> bool:
    """Whether a line without a date opens another part of the record (weekly physics, visits, image review)."""
    stripped = text.strip(" =-_*#:.")
    return (
        len(stripped) <= 70
        and bool(pattern(_LEX, "section").search(stripped))
        and sum(c.isdigit() for c in stripped) <= 4
    )


def _segments(
    text: str, base: int, dates: list[tuple[int, int, dt.date]]
) -> list[tuple[int, int, tuple[int, int, dt.date]]]:
    """Parts of a line with several numbered dates (a log set in columns), as offsets in ``text``."""
    before = [_PAIR_BEFORE.search(text, max(0, low - base - 18), low - base) for low, _, _ in dates]
    after = [_PAIR_AFTER.match(text, high - base) for _, high, _ in dates]
    leading = [(match.start(1), int(match.group(1))) for match in before if match]
    trailing = [
        (low - base, int(match.group(1))) for (low, _, _), match in zip(dates, after, strict=True) if match
    ]
    for found in (leading, trailing):
        numbers = [number for _, number in found]
        if len(found) == len(dates) and len(set(numbers)) == len(numbers) and sorted(numbers) == numbers:
            starts = [start for start, _ in found]
            return list(zip(starts, [*starts[1:], len(text)], dates, strict=True))
    return []


def _row(
    note: Note,
    line: Line,
    index: int,
    text: str,
    offset: int,
    day: tuple[int, int, dt.date] | None,
    roles: Mapping[str, str],
    state: _State,
) -> fr.FractionRow:
    """A row from the text of a line or of its part; ``offset`` is where the text stands in the note."""
    day_start, day_end = (day[0] - offset, day[1] - offset) if day else (-1, -1)
    if day and line.spans:
        # The text is joined from cells that lie apart, so the date is looked for by its words.
        written = note.plain[day[0] : day[1]]
        day_start = text.find(written)
        day_end = day_start + len(written)
    number, total = fr.number_of(text, day_start, day_end, roles, state.number_after)
    if day is not None and day_start >= 0:
        blank = text[:day_start] + " " * (day_end - day_start) + text[day_end:]
    else:
        blank = text
    minutes, end_minutes = fr.times_of(text, roles)
    single, cumulative = fr.doses_of(blank, roles, state.unit)
    mu = fr.mu_of(blank, roles)
    rest = fr.strip_identity(blank, number)
    outline = fr.shape(rest)
    spans = [(offset, offset + len(text))]
    if line.spans:
        # Cells apart in the text: the one with the date is what the row is cited by.
        spans = sorted(
            [(line.start, line.end), *line.spans], key=lambda span: not (day and span[0] <= day[0] < span[1])
        )
    row = fr.FractionRow(
        start=spans[0][0],
        end=spans[0][1],
        spans=tuple(spans[1:]),
        text=text,
        outline=outline,
        day=day[2] if day else None,
        number=number,
        total=total,
        line=index,
        minutes=minutes,
        end_minutes=end_minutes,
        half=fr.half_of(text, roles),
        plan=_clean(roles.get("plan")),
        field_text=_clean(roles.get("fields")),
        isocenter=_clean(roles.get("isocenter")),
        dose=single,
        cumulative=cumulative,
        mu=mu,
        gap_hours=fr.gap_of(text, roles),
        tabled=state.fraction_table,
        roles=roles,
    )
    told = single if single is not None else mu
    row.positive = told > 0 if told is not None else fr.leftover_numbers(rest) > 0
    row.state = fr.state_of(row, outline) if number != 0 else "rehearsal"
    row.partial, row.completes = fr.partial_of(outline)
    return row


def _clean(text: str | None) -> str | None:
    if text is None:
        return None
    stripped = text.strip(" -|")
    return stripped or None


def _plausible(row: fr.FractionRow, text: str) -> bool:
    """Whether a line outside a fraction table may be a fraction row at all."""
    if row.number is None or row.number == 0 or fr.is_range(text) or _TOTAL_LINE.match(text):
        return False
    return not pattern(_LEX, "other_form").search(text) or (row.dose is not None and row.mu is not None)


def read_log(note: Note) -> Log:
    """Fraction rows of a note in text order, with states; nothing is grouped yet."""
    log = Log()
    state = _State()
    loose: list[tuple[fr.FractionRow, str]] = []
    dates = dates_of(note)
    starts = [found[0] for found in dates]
    near = reference_day(note)
    for index, line in enumerate(lines_of(note)):
        text = line_text(note, line)
        spans = line.spans or ()
        here = [dates[i] for i in range(bisect_left(starts, line.start), bisect_left(starts, line.end))]
        for low, high in spans:
            here.extend(dates[i] for i in range(bisect_left(starts, low), bisect_left(starts, high)))
        if not here and _HEADER_HINT.search(text) and (header := header_of(note, line)):
            state = _open_header(header, text)
            continue
        if not here and _is_section(text) and not state_row_like(text):
            state = _State()
            log.section = line.start if log.section is None else log.section
            log.others.append((index, line, text))
            continue
        printed = here and _PRINTED.search(text, 0, max(0, here[0][0] - line.start)) if not spans else None
        if printed:
            log.printed = max(log.printed, here[0][2]) if log.printed else here[0][2]
        parts = (
            side_by_side(note, state.header, line) if here and state.fraction_table and state.header else []
        )
        if parts:
            log.rows.extend(_side_rows(note, index, parts, dates, state))
            continue
        roles = _roles(note, line, state, here)
        if not here and near is not None:
            here = _short(note, line, text, roles, state, near)
            near = here[0][2] if here else near
        rows = _rows_of(note, line, index, text, here, roles, state)
        if (
            not state.fraction_table
            and state.header
            and "date" in state.header.roles
            and by_role(note, state.header, line)
        ):
            rows = []  # a row of another table
        kept = False
        if len(rows) > 1 and not state.fraction_table and all(row.number for row in rows):
            log.columns.extend(rows)
            continue
        for row in rows:
            if state.fraction_table and _in_table(row, text):
                log.rows.append(row)
                kept = True
            elif not state.fraction_table and _plausible(row, text):
                loose.append((row, text))
                kept = True
        if not kept:
            log.others.append((index, line, text))
    settle(log, loose, recognised=note.document.meta.text_source != "native")
    return log


def _side_rows(
    note: Note,
    index: int,
    parts: list[tuple[Header, Line]],
    dates: list[tuple[int, int, dt.date]],
    state: _State,
) -> list[fr.FractionRow]:
    """Rows of the parts of a line under a header that repeats itself side by side."""
    rows: list[fr.FractionRow] = []
    for header, line in parts:
        roles = {
            role: note.plain[piece.start : piece.end] for role, piece in by_role(note, header, line).items()
        }
        spans = [(line.start, line.end), *line.spans]
        day = next((found for found in dates if any(low <= found[0] < high for low, high in spans)), None)
        text = line_text(note, line)
        if day is not None:
            row = _row(note, line, index, text, line.start, day, roles, state)
            if _in_table(row, text):
                rows.append(row)
    return rows


def state_row_like(text: str) -> bool:
    """Whether a line starts with a number, as the rows of a log do."""
    return bool(re.match(r"\W*\d{1,3}\b", text))


def _roles(note: Note, line: Line, state: _State, here: list[tuple[int, int, dt.date]]) -> dict[str, str]:
    """Folded cell texts of a row by role; empty outside a fraction table or where the cells do not fit.

    A line that happens to have as many words as the header has columns does not fit where its date stands
    under another column (page headers, print dates).
    """
    if not state.fraction_table or state.header is None:
        return {}
    pieces = by_role(note, state.header, line)
    day = pieces.get("date")
    if here and day is not None and not any(day.start <= low < day.end for low, _, _ in here):
        return {}
    roles = {role: note.plain[piece.start : piece.end] for role, piece in pieces.items()}
    number = roles.get("number", "")
    return {} if not line.cut and number.isalpha() else roles


def _short(
    note: Note, line: Line, text: str, roles: Mapping[str, str], state: _State, near: dt.date
) -> list[tuple[int, int, dt.date]]:
    """The date without a year that a row of a log starts with."""
    if line.spans:
        return []
    if state.fraction_table and ("date" in roles or state_row_like(text)):
        cell = roles.get("date")
        low = text.find(cell) if cell else 0
        found = short_dates(note, line.start + low, line.start + low + (len(cell) if cell else 24), near)
        return found[:1]
    if _LEADING_SHORT.match(text) or len(_SEVERAL_SHORT.findall(text)) > 2:
        every = short_dates(note, line.start, line.end, near)
        if not _LEADING_SHORT.match(text) and not _segments(text, line.start, every):
            return []
        return every if _segments(text, line.start, every) else every[:1]
    return []


def _rows_of(
    note: Note,
    line: Line,
    index: int,
    text: str,
    here: list[tuple[int, int, dt.date]],
    roles: Mapping[str, str],
    state: _State,
) -> list[fr.FractionRow]:
    if not here:
        if state.fraction_table and roles.get("number") and roles.get("date") is not None:
            return [_row(note, line, index, text, line.start, None, roles, state)]
        return []
    if len(here) > 1 and not line.spans:
        parts = _segments(text, line.start, here)
        if len(parts) > 1:
            return [
                _row(note, replace(line, spans=()), index, text[low:high], line.start + low, found, {}, state)
                for low, high, found in parts
            ]
        if _NEAR_DATE.search(text[: here[1][0] - line.start]) and "comment" not in roles:
            return []
    return [_row(note, line, index, text, line.start, here[0], roles, state)]


def _in_table(row: fr.FractionRow, text: str) -> bool:
    """Whether a line under a fraction table's header is one of its rows."""
    if fr.is_range(text) or _TOTAL_LINE.match(text):
        return False
    if row.number is None and (row.state != "delivered" or _FOOT.match(text)):
        return False
    other = pattern(_LEX, "other_form").search(text)
    if row.number is None:
        return (
            row.day is not None
            and row.positive
            and not other
            and (bool(row.roles) or _FIRST_DATE.match(text) is not None)
        )
    if row.day is None:
        return row.positive or row.state != "delivered"
    return not other or bool(row.roles) or row.positive
