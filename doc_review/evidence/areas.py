"""A note turned into ``treatment_area`` evidence: sites to be treated, with laterality and region.

A diagnosis or an organ at risk names the same words, so a site counts where the text speaks of
treating it: a site or target field, a prescription, a plan or simulation heading, "RT to the ...".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import EntryKind
from .kinds import Draft, Reading
from .matcher import Hit
from .note import Note
from .technique import ROLES

_LEFT = re.compile(r"\b(?:left|lt|l)\b[.\s-]*(?:\w+\s+)?$")
_RIGHT = re.compile(r"\b(?:right|rt|r)\b[.\s-]*(?:\w+\s+)?$")
_BOTH = re.compile(r"\b(?:bilateral|bilat|bil|both|b/l)\b[.\s-]*(?:\w+\s+)?$")
_SIDE_AFTER = re.compile(r"[\s,_(-]*(left|right|lt|rt|bilateral|l|r)\b")
_VERTEBRAE = re.compile(
    r"\b(?P<a>[ctls])(?P<x>\d{1,2})(?:\s?(?:-|to|through|thru)\s?(?P<b>[ctls])?(?P<y>\d{1,2}))?\b"
)
_LIMITS = {"c": 7, "t": 12, "l": 5, "s": 5}
_ORDINAL = {"c": 0, "t": 7, "l": 19, "s": 24}
_SPINE_CONTEXT = re.compile(
    r"spine|vertebr|metast|\bmets?\b|lytic|lesion|cord compress|bone|bony|palliat|painful|fracture|kypho|epidural"
)
_RUN = re.compile(r"\b[ctls]\d{1,2}\s?(?:-|to|through|thru)\s?[ctls]?\d{1,2}\b")
# A level that bounds a nodal volume, names a course or marks a set-up is no vertebra to be treated.
_LEVEL_MARK = re.compile(
    r"\b(?:course|to|level of|down to|up to|from|above|below|superior|inferior|nodes?|iliac|presacral|at|through|origin|"
    r"isocent\w+|marks?|align\w*(?: to)?|match\w*(?: to)?)\s*(?:the\s*)?$"
)
_FIELD = re.compile(
    r"(?:treatment |rx |tx |treated |target |anatomic |body )?(?:sites?|areas?|region|body part|volumes?|targets?|location|anatomy)"
    r"(?: of treatment| treated| to be treated|\(s\))?\s*(?:[#\d]{0,3})?\s*(?::|=|\.{2,}|-)\s*$|"
    r"(?:rx|prescription|plan(?: name| id)?|course(?:/plan)?|label)\s*(?::|=|\.{2,})[^\n]{0,30}$"
)
_TREAT = re.compile(
    r"\b(?:rt\b|radiation|radiotherapy|irradiat\w*|imrt|vmat|sbrt|ebrt|xrt|treat(?:ed|ment|ing)?|deliver\w*|boost|gy|cgy|"
    r"fields?|tangents?|arcs?|beams?|ptv\w*|ctv\w*|gtv\w*|itv\w*|volumes?|targets?)[^.\n]{0,40}?"
    r"\b(?:to|of|for|on|over|including|includes|covering|encompass\w*|at|=|is)\s+(?:the\s+|his\s+|her\s+|your\s+|entire\s+|whole\s+|both\s+|"
    r"left\s+|right\s+|bilateral\s+|elective\s+|intact\s+|symptomatic\s+|painful\s+|metastas\w+\s+(?:in|at|to)\s+(?:the\s+)?)*(?:[\w/&+-]+\s*(?:,|and|\+|/|&|with)\s*(?:the\s+)?){0,5}$"
)
_TARGET_BEFORE = re.compile(r"(?:ptv|ctv|gtv|itv)[\w.]*\s*[\w.]*\s*[(=:-]?\s*(?:[^()\n]{0,40})$")
_TREAT_AFTER = re.compile(
    r"[\w\s,/&+().-]{0,24}?\b(?:rt\b|radiation|radiotherapy|irradiation|imrt|vmat|sbrt|xrt|treatment|boost|fields?|tangents?|"
    r"(?:c?gy)|will be treated|to be treated|was treated|were treated|treated)\b"
)
_SITE_HEAD = re.compile(
    r"\s*(?:#\s+)?(?:rx |treatment |treated )?(?:sites?|areas?|regions?|targets?|volumes?|prescription)(?:\s{2,}|\s*\||\t| (?=technique|tech|dose|fx|total|energy|modality|name))[^\n]*"
)
# Rows of a beam table or a fraction log name plans and directions, not sites.
_BEAM_ROW = re.compile(r"\bccw\b|\bcw\b.*\d{2,3}|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b.*\b\d{2,4}\.\d\b")
_SITE_FIELD = re.compile(
    r"(?:^|\s{2,}|\||\t)\s*(?:treatment |rx |tx |anatomic |body )?(?:site|area|region|body part|volume|target|location)"
    r"(?:s|\(s\))?(?: treated)?\s*(?:[#\d]{0,3})?(?:\s*(?::|=|\.{2,}|\||_{2,})|\s{2,}(?=\S|$))"
)
# A row of an organ's limit or statistic.
_ORGAN_ROW = re.compile(r"\boar\b|\bd?mean\b|\bd?max\b|\bv\d{1,2}\b|\bd0\.|\balara\b|[<>]")
# In a printed form the label stands at the head of its line, one space before its value.
_LINE_LABEL = re.compile(r"\s*(?:treatment |rx |treated |anatomic )?sites?(?: treated)?\s+(?=\S|$)")
_RULER = re.compile(r"[\s=_*|+-]+")
_NOT_TARGET = re.compile(
    r"(?:spar\w*|protect\w*|avoid\w*|dose to|constraint|limit\w*|mean|max|v\d+|full|empty|fill\w*)\s*(?:the\s+)?(?:\w+\s+){0,2}$"
)
_TITLED: frozenset[EntryKind] = frozenset(
    {"order", "prescription", "simulation", "plan", "plan_approval", "treatment_record", "completion_summary"}
)


def _side(note: Note, hit: Hit) -> str | None:
    before = note.plain[max(0, hit.start - 22) : hit.start]
    written = note.plain[hit.start : hit.end]
    if re.match(r"(?:bilateral|both)", written) or _BOTH.search(before):
        return "bilateral"
    if (
        re.match(r"(?:left|lt|l(?=ul|ll|tonsil|breast))", written)
        or _LEFT.search(before)
        or written.endswith("_l")
    ):
        return "left"
    if (
        re.match(r"(?:right|rt |r(?=ul|ll|ml|tonsil|breast))", written)
        or _RIGHT.search(before)
        or written.endswith("_r")
    ):
        return "right"
    after = _SIDE_AFTER.match(note.plain, hit.end, hit.end + 14)
    if after:
        return {"l": "left", "r": "right"}.get(after.group(1)[0], "bilateral")
    return None


def _is_target(note: Note, hit: Hit) -> str | None:
    """How strongly the text around a site says that it is treated: field, stated, title or ``None``."""
    low, high = note.line_at(hit.start)
    unit = note.unit_at(hit.start)
    start = unit.start if unit else low
    before_line = note.plain[low : hit.start]
    before = note.plain[max(start, hit.start - 120) : hit.start]
    if _NOT_TARGET.search(before) or _BEAM_ROW.search(note.plain, low, high):
        return None
    if _ORGAN_ROW.search(note.plain, hit.end, high) and not _TARGET_BEFORE.search(before_line):
        return None
    if _is_fielded(note, low, hit.start):
        return "field"
    if _TREAT.search(before) or _TARGET_BEFORE.search(before[-60:]):
        return "stated"
    if _TREAT_AFTER.match(note.plain, hit.end, min(hit.end + 60, unit.end if unit else high)):
        return "stated"
    if note.kind in _TITLED and (unit is None or unit.layout == "heading") and hit.start < 700:
        return "title"
    return None


def _is_fielded(note: Note, line_start: int, offset: int) -> bool:
    """Whether a span is the value of a site field or stands in a site column."""
    before = note.plain[line_start:offset]
    labelled = _LINE_LABEL.match(before) or _FIELD.search(before[-70:]) or _after_field(before)
    return bool(labelled) or _in_site_column(note, line_start, offset)


def _after_field(before_line: str) -> bool:
    """Whether a line's site field began before the hit and has not ended (a list of sites)."""
    fields = list(_SITE_FIELD.finditer(before_line))
    return bool(fields) and not re.search(r"\s{3,}\S+\s*:|\||\t", before_line[fields[-1].end() :])


def _in_site_column(note: Note, line_start: int, offset: int) -> bool:
    """Whether a hit stands in the first column of a table whose head names a site column."""
    if offset - line_start > 24:
        return False
    start = line_start
    for _ in range(8):
        end = start - 1
        if end <= 0:
            return False
        start = note.text.rfind("\n", 0, end) + 1
        line = note.plain[start:end]
        if not line.strip():
            return False
        if _RULER.fullmatch(line):
            above = note.text.rfind("\n", 0, max(0, start - 1)) + 1
            return bool(_SITE_HEAD.match(note.plain[above : max(0, start - 1)]))
        if _SITE_HEAD.match(line) and not any(char.isdigit() for char in line):
            return True
    return False


def _level(letter: str, number: int) -> int | None:
    return _ORDINAL[letter] + number if 1 <= number <= _LIMITS[letter] else None


def _vertebrae(note: Note) -> Iterator[Draft]:
    """Runs of vertebrae that the text speaks of treating."""
    for match in _VERTEBRAE.finditer(note.plain):
        first = _level(match.group("a"), int(match.group("x")))
        if first is None:
            continue
        last = first
        if match.group("y"):
            end = _level(match.group("b") or match.group("a"), int(match.group("y")))
            if end is None or end < first:
                continue
            last = end
        unit = note.unit_at(match.start())
        if unit is None:
            continue
        context = note.plain[unit.start : unit.end]
        hit_like = note.plain[max(unit.start, match.start() - 120) : match.start()]
        line_low, _ = note.line_at(match.start())
        before_line = note.plain[line_low : match.start()]
        fielded = _is_fielded(note, line_low, match.start())
        treated = _TREAT.search(hit_like) or _TREAT_AFTER.match(
            note.plain, match.end(), min(unit.end, match.end() + 60)
        )
        if _LEVEL_MARK.search(before_line) or not (fielded or treated):
            continue
        if not _SPINE_CONTEXT.search(context) and not (fielded and _RUN.search(context)):
            continue
        yield Draft(
            kind="treatment_area",
            value="spine",
            citation=note.cite(unit.start, unit.end, anchor=match.span()),
            attributes={
                "role": ROLES.get(note.kind, "mention"),
                "family": "spine",
                "strength": "field" if fielded else "stated",
                "levels": [first, last],
                "written": note.text[match.start() : match.end()],
            },
            confidence=0.85,
        )


def extract(reading: Reading) -> Iterator[Draft]:
    """Sites that the note speaks of treating, one draft per site, side and unit."""
    note = reading.note
    seen: set[tuple[int, str, str | None]] = set()
    for hit, assertion in reading.of_kind("site"):
        strength = _is_target(note, hit)
        if strength is None:
            continue
        side = _side(note, hit)
        unit = note.unit_at(hit.start)
        key = (unit.start if unit else hit.start, hit.value, side)
        if key in seen:
            continue
        seen.add(key)
        low, high = (unit.start, unit.end) if unit else (hit.start, hit.end)
        attributes: dict[str, object] = {
            "role": ROLES.get(note.kind, "mention"),
            "strength": strength,
            "written": note.text[hit.start : hit.end],
            **hit.term.attributes,
        }
        if side:
            attributes["laterality"] = side
        yield Draft(
            kind="treatment_area",
            value=hit.value,
            citation=note.cite(low, max(high, hit.end), anchor=(hit.start, hit.end)),
            attributes=attributes,
            assertion=assertion,
            confidence={"field": 0.95, "stated": 0.85, "title": 0.75}[strength],
        )
    yield from _vertebrae(note)
