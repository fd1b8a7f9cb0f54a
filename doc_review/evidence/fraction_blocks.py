"""A record without a log turned into fraction rows: lists of dates, and a session per block of lines."""

from __future__ import annotations

import re
from bisect import bisect_left

from . import fraction_rows as fr
from .fraction_settle import Log
from .note import Note
from .patterns import pattern
from .record_dates import dates_of, reference_day, short_dates
from .rows import Line, line_text, lines_of

_LEX = "delivery.yaml"
_LIST_LABEL = re.compile(
    r"(?<!\w)(?:dates?\s+(?:of\s+(?:treatments?|service|delivery|fractions?|sessions?)|treated|delivered)|"
    r"(?:treatment|tx|fraction|session|delivery)\s+(?:dates?|days?)(?:\s+delivered)?|treated\s+on|delivered\s+on|"
    r"(?:fractions?|sessions?|treatments?)\s+(?:were\s+|was\s+)?(?:given|delivered|treated)\s+on)"
    r"\s*(?:\([^)\n]{0,30}\))?\s*[:=-]?\s*"
)
_LIST_GAP = re.compile(
    r"[\s,;&|/()#.-]*(?:and\b|fx|fraction|\d{1,2}[.):=]|mon\w*|tue\w*|wed\w*|thu\w*|fri\w*|sat\w*|sun\w*|x\d)?[\s,;&|()#.:-]*"
)
_RANGE_GAP = re.compile(r"\s*(?:-|to|through|thru)\s*")
_BLOCK_LINES = 6


def _date_lists(note: Note) -> list[fr.FractionRow]:
    """A row for each date of a labelled list of treatment dates."""
    rows: list[fr.FractionRow] = []
    full = dates_of(note)
    near = full[-1][2] if full else reference_day(note)
    for label in _LIST_LABEL.finditer(note.plain):
        if pattern(_LEX, "not_treated").search(note.plain, max(0, label.start() - 20), label.end()):
            continue
        stop = min(len(note.plain), label.end() + 1500)
        dates = [found for found in full if label.end() <= found[0] < stop]
        shorts = short_dates(note, label.end(), stop, near)
        dates = sorted([*dates, *(s for s in shorts if not any(f[0] <= s[0] < f[1] for f in dates))])
        listed: list[tuple[int, int, object]] = []
        end = label.end()
        for low, high, day in dates:
            gap = note.plain[end:low]
            if len(gap) > 24 or not _LIST_GAP.fullmatch(gap) or (listed and _RANGE_GAP.fullmatch(gap)):
                break
            listed.append((low, high, day))
            end = high
        if len(listed) < 2 or re.match(r"\s*(?:-|to|through)\s*\d", note.plain[end : end + 16]):
            continue
        rows.extend(
            fr.FractionRow(
                start=low, end=high, spans=(), text=note.plain[low:high], outline="", day=day, number=number, total=None,  # type: ignore[arg-type]
                line=-1, positive=True,
            )
            for number, (low, high, day) in enumerate(listed, 1)
        )  # fmt: skip
    return rows


def _blocks(note: Note) -> list[tuple[int, list[Line]]]:
    """Lines of a note cut where a line names the fraction it tells of: number, lines."""
    found: list[tuple[int, list[Line]]] = []
    for line in lines_of(note):
        text = line_text(note, line)
        number = fr.labelled_number(text) if not fr.is_range(text) else None
        if number is not None and pattern(_LEX, "other_form").search(text):
            number = None
        if number is not None and (not found or found[-1][0] != number[0]):
            found.append((number[0], [line]))
        elif found and len(found[-1][1]) < _BLOCK_LINES:
            found[-1][1].append(line)
    return found


def _session_blocks(note: Note) -> list[fr.FractionRow]:
    """A row for each block of lines that names a fraction, its day and that it was given."""
    dates = dates_of(note)
    starts = [found[0] for found in dates]
    blocks = _blocks(note)
    rows: list[fr.FractionRow] = []
    for number, lines in blocks:
        start, end = lines[0].start, lines[-1].end
        if end <= start:
            continue
        text = note.plain[start:end]
        here = dates[bisect_left(starts, start) : bisect_left(starts, end)]
        if not here:
            before = dates[max(0, bisect_left(starts, start) - 1) : bisect_left(starts, start)]
            here = before if before and note.text.count("\n", before[0][0], start) <= 3 else []
        day = here[0][2] if here else note.entry.date if len(blocks) == 1 else None
        single, cumulative = fr.doses_of(text, {}, "")
        row = fr.FractionRow(
            start=lines[0].start, end=lines[0].end, spans=(), text=text, outline=fr.shape(text), day=day, number=number, total=None, line=-1,
            dose=single, cumulative=cumulative, mu=fr.mu_of(text, {}),
        )  # fmt: skip
        row.minutes, row.end_minutes = fr.times_of(text, {})
        row.half = fr.half_of(text, {})
        row.positive = bool(single or row.mu)
        row.state = fr.state_of(row, text)
        row.partial, row.completes = fr.partial_of(text)
        told = row.positive or pattern(_LEX, "delivered").search(text) is not None
        if number and day is not None and (told or row.state != "delivered"):
            rows.append(row)
    return rows


def listed_rows(note: Note, log: Log) -> list[fr.FractionRow]:
    """Rows of a record that has no log: from lists of dates, otherwise from blocks of lines."""
    if any(row.state == "delivered" for row in log.rows):
        return []
    rows = _date_lists(note)
    if rows or note.kind not in ("treatment_record", "mixed", "other"):
        return rows
    rows = _session_blocks(note)
    if note.kind == "treatment_record" or len(rows) >= 3:
        return rows
    return []
