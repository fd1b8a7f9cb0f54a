"""A site in a note turned into how strongly the text around it says that it is treated.

A diagnosis or an organ at risk names the same words, so a site counts where the text speaks of treating
it: a site or target field, a ticked option, a prescription, "RT to the ...", a plan or simulation heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from ..model import EntryKind
from .note import Note
from .tickboxes import boxes_in, state

Strength = Literal["field", "stated", "title"]

_SIDES = r"(?:left|right|lt|rt|l|r|bilateral|bilat|bil|both|b/l|ipsilateral|contralateral)\b\.?"
_MODES = (
    r"rt\b|radiation|(?:chemo)?radiotherapy|chemoradiation|chemort|re-?irradiation|irradiation|imrt|vmat|sbrt|sabr|srs|ebrt|xrt|"
    r"3d-?crt|3d conformal|tomotherapy|electrons?|protons?"
)
_FIELD = re.compile(
    r"(?<!primary )(?<!biopsy )(?<!surgical )(?<!tumor )(?<!metastatic )"
    r"(?:treatment |rx |tx |treated |target |anatomic |body |intended |irradiated )?\b(?:sites?|areas?|regions?|body part|volumes?|targets?|location|anatomy)"
    r"(?: of (?:treatment|interest)| treated| to be treated|\(s\))?(?:/\w+)?\s*(?:[#\d]{0,3})?\s*(?::|=|\.{2,}|-|\()\s*$|"
    r"(?:rx(?: name| id)?|prescription|plan(?: name| id)?|course(?:/plan)?|label)\s*(?::|=|\.{2,})[^\n]{0,30}$|"
    rf"\b(?:treat|treating|irradiate|fields?(?: id| name)?|ports?|area of interest|boost|(?:{_MODES})(?: to)?)\s*:\s*(?:\d\s+)?(?:(?:rt|lt|r|l|ap/?pa|ap|pa|lat|opposed)\s+){{0,3}}(?:{_SIDES}\s*)?$|"
    rf"(?:^|\s{{2,}}|\||,\s)\s*(?:treatment |rx |tx )?sites?\s+(?:\d\s+)?(?:{_SIDES}\s+)?$"
)
_WORDS = r"(?:(?!spar|avoid|protect|limit|from|and\b|or\b|as\b|for\b|with\b)[\w/+-]+\s+){0,2}"
_TREAT = re.compile(
    rf"\b(?:{_MODES}|treat(?:ed|ment|ing)?|palliat\w*|tx|fractions?|fx|deliver\w*|boost|gy|cgy|received|"
    r"fields?|tangents?|arcs?|beams?|ptv\w*|ctv\w*|gtv\w*|itv\w*|volumes?|targets?)[^.\n]{0,40}?"
    r"\b(?:to|of|for|on|over|targeting|towards?|including|includes?|covering|encompass\w*|at|=|is)\s+(?:the\s+|his\s+|her\s+|your\s+|entire\s+|whole\s+|both\s+|"
    r"left\s+|right\s+|bilateral\s+|elective\s+|intact\s+|symptomatic\s+|painful\s+|metastas\w+\s+(?:in|at|to)\s+(?:the\s+)?)*"
    rf"(?:[\w/&+-]+(?:\s[\w/&+-]+)?\s*(?:,|and|\+|/|&|with)\s*(?:the\s+)?){{0,5}}{_WORDS}(?:(?:in|of|at)\s+(?:the\s+)?(?:{_SIDES}\s+)?)?$"
)
# The verb with its object, or the technique with its site: "we will treat the left hip", "SBRT RUL", "VMAT plan, L lung".
_TREAT_OBJECT = re.compile(
    rf"\b(?:(?:will|to|we|'ll|plan to|currently|now)\s+(?:\w+ly\s+)?(?:re-?)?(?:treat|irradiat\w*|boost)|(?:treating|irradiating|boosting))\s+"
    rf"(?:with\s+\w+\s+)?(?:the\s+|his\s+|her\s+|entire\s+|whole\s+|elective\s+)*(?:{_SIDES}\s+)?(?:\w+\s+)?$|"
    rf"(?:\b(?:we|i)\s+(?:have\s+)?(?:treated|irradiated)|^\s*treated)\s+(?:the\s+|his\s+|her\s+)?(?:{_SIDES}\s+)?$|"
    rf"(?:^|[.;:]\s*)(?:treat|boost|irradiate)\s+(?:sites?\s*\d?\s*\(?)?(?:the\s+)?(?:{_SIDES}\s+)?$|"
    rf"\b(?:{_MODES}|tx|treatment|3d|tangents?|fields?|arcs?|ap/?pa|laterals|simulation(?: of| for)?)(?:\s+(?:plan|qa|sim))?\s*[,:-]?\s*(?:the\s+|his\s+|her\s+)?(?:\d\w{{1,2}}\s+)?(?:{_SIDES}\s+)?(?:\d\w{{1,2}}\s+)?$"
)
_ORGAN_TARGET_BEFORE = re.compile(r"(?:ptv|ctv|gtv|itv)[\w.]*\s*[(=:-]?\s*(?:\w+\s+){0,2}$")
_TARGET_BEFORE = re.compile(r"(?:ptv|ctv|gtv|itv)[\w.]*\s*[\w.]*\s*[(=:-]?\s*(?:[^()\n]{0,40})$")
_NOT_AFTERWARDS = r"(?<!after )(?<!since )(?<!before )(?<!prior )(?<!post )(?<!post-)(?<!following )"
_TREATED = rf"(?:treated|irradiated|boosted)(?!\s+(?:with|by)\s+(?!(?:\w+\s+){{0,2}}(?:{_MODES}|\d)))"
_TREAT_AFTER = re.compile(
    rf"[\w\s,/&+().-]{{0,24}}?{_NOT_AFTERWARDS}\b(?:{_MODES}|treatment|boost|fields?|tang\w*|"
    rf"(?:(?:will be|to be|was|were|is being|are being|being|is|are) )?{_TREATED}|"
    r"(?:is|are|as) (?:the |our )?targets?|received)\b"
)
_DOSE_AFTER = re.compile(r"[\w\s,/&+().-]{0,24}?\b(?:c?gy|mu)\b")
# An organ at risk is treated where the treatment is said to be its own, next to its name.
_TREAT_ORGAN = re.compile(
    rf"\b(?:{_MODES}|treat(?:ed|ment|ing)?|palliat\w*|boost|deliver\w*|c?gy|fractions?|fx|received|fields?)[^.,;\n]{{0,40}}?"
    r"\b(?:to|of|for|on|including|includes?|encompass\w*)\s+"
    rf"(?:the\s+|his\s+|her\s+|entire\s+|whole\s+|{_SIDES}\s+|body of\s+)*(?:[\w/&+-]+\s*(?:,|and|\+|&)\s*(?:the\s+)?){{0,3}}$"
)
_SITE_HEAD = re.compile(
    r"\s*(?:#\s+)?(?:rx |treatment |treated )?(?:sites?|areas?|regions?|targets?|volumes?|prescription)(?:\s{2,}|\s*\||\t| (?=technique|tech|dose|fx|total|energy|modality|name))[^\n]*"
)
# The same head with another column first.
_SITE_COLUMN = re.compile(
    r"\w[^\n]*?(?:\s{2,}|\|\s*|\t)(?P<name>(?:rx |treatment |treated )?(?:site|area|region|target|volume)s?)(?=\s{2,}|\s*\||\t|\s*$)"
)
# Rows of a beam table or a fraction log name plans and directions, not sites.
_BEAM_ROW = re.compile(
    r"\bccw\b|\d\s*(?:deg\w*|\u00b0)?\s*cw\b|\bcw\s+(?:arc\s+)?\d{2,3}(?!\d|\.\d|\s?c?gy|\s?/)|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b.*\b\d{2,4}\.\d\b"
)
_SITE_FIELD = re.compile(
    r"(?:^|\s{2,}|\||\t)\s*(?:treatment |rx |tx |anatomic |body |intended |irradiated )?(?:sites?|areas?|regions?|body part|volumes?|targets?|locations?)"
    r"(?:\(s\))?(?:/\w+)?(?: treated)?\s*(?:[#\d]{0,3})?(?:\s*(?::|=|\.{2,}|\||_{2,})|\s{2,}(?=\S|$))"
)
# A row of an organ's limit or statistic.
_ORGAN_ROW = re.compile(r"\boar\b|\bd?mean\b|\bd?max\b|\bv\d{1,2}\b|\bd0\.|\balara\b|[<>]")
# In a printed form the label stands at the head of its line, one space before its value.
_LINE_LABEL = re.compile(r"\s*(?:treatment |rx |treated |anatomic )?sites?(?: treated)?\s+(?=\S|$)")
_LATER_CELL = re.compile(r"[^\n]*[A-Za-z][^\n]*(?:\||\t|\s{3,})")
_RULER = re.compile(r"[\s=_*|+-]+")
_NOT_TARGET = re.compile(
    r"(?:spar\w*|protect\w*|avoid\w*|dose to|constraint|limit\w*|mean|max|v\d+|full|empty|fill\w*|"
    r"\b(?:match\w*(?: to| on)?|align\w*(?: to| on)?|regist\w+(?: to)?|fus\w+(?: to)?|biops\w*(?: of)?|exam\w*(?: of)?|(?:consult\w*|referral|evaluat\w+|opinion)(?: for| on| re)?|"
    r"(?:mri?|ct|pet|scan|x-?rays?|ultrasound|imaging)(?: of)?))(?![a-z])\s*(?:the\s+)?(?:\w+\s+){0,2}$"
)
_NOT_TARGET_AFTER = re.compile(
    r"\s*(?:anatomy|match|alignment|surface|landmarks?|cone beam)\b|"
    r"\s*(?:is |are |was |were )?(?:spared|avoided|excluded|protected|immobili[sz]ed|minimi[sz]ed|indexed)\b|"
    r"\s*(?:is |was )?(?:\w+ly )?(?:full|empty|filled|emptied|voided)\b"
)
# A form's list of sites to choose from, with nothing chosen.
_MENU = re.compile(
    r"\((?:circle|check|tick|select|choose|mark)[^)\n]*\)\s*[:.]?[^\[\u2610-\u2612\n]*$|(?:circle|check|tick|select|choose) one\b[^\[\u2610-\u2612\n]*$"
)
_MENU_AFTER = re.compile(r"[^\n]{0,60}\((?:circle|check|select|choose)\b")
_SCHEME = re.compile(
    r"\d[\d.]*\s?(?:c?gy)\s*(?:/|in|x|over|\bin)\s*\d{1,2}\b|\b\d{2}[\d.]*\s?/\s?\d{1,2}\b|\b\d{1,2}\s?(?:x|fx|fractions)\b|\bx\s?\d{1,2}\b"
)
_AFTER_SCHEME = re.compile(
    rf"\b\d[\d.,]*\s?c?gy\s*(?:in|/|x|over)\s*\d{{1,2}}\s*(?:fx|fractions?)?\s*[,;-]?\s*(?:to\s+)?(?:{_SIDES}\s+)?$"
)
_DOSE = re.compile(
    r"\b\d[\d.,]*\s?c?gy\b|\b\d{1,4}(?:\.\d+)?\s?/\s?\d{1,2}\b(?!/)|\b\d\d(?:\.\d+)?\s?\+\s?\d"
)
_FRACTION = re.compile(
    r"\b(?:fx|fr|fraction|day|tx)\.?\s*#?\s?\d{1,2}\s*(?:/|of)\s*\d{1,2}\b|\b\d{1,2}\s*/\s*\d{1,2}\s*(?:fx|fractions)\b|\b\d{1,2}\s*/\s*\d{1,2}\s*(?:\||$)"
)
_LIMITS_HEAD = re.compile(
    r"constraint|limit|\boars?\b|tolerance|objective|goal|dvh|organs? at risk|structure"
)
# A site's term that holds the treatment: "pelvic radiotherapy", "WBRT".
_NAMED_BY_TREATMENT = re.compile(rf"\b(?:{_MODES}|wbrt|tbi|csi)$")
_ORDERED: frozenset[EntryKind] = frozenset({"order", "prescription"})
_PLANNED: frozenset[EntryKind] = frozenset(
    {"plan", "plan_approval", "simulation", "mixed", "completion_summary"}
)
_TOLD: frozenset[EntryKind] = frozenset(
    {"treatment_record", "physics_check", "management_visit", "completion_summary", "mixed", "other"}
)
_TITLED: frozenset[EntryKind] = frozenset(
    {"order", "prescription", "simulation", "plan", "plan_approval", "treatment_record", "completion_summary"}
)
# Words of a site's own name in a tick box or a cell.
_SITE_WORDS = re.compile(
    rf"(?:{_SIDES}|\b(?:only|partial|plan|rx|site|area|field|nodes?|nodal|ln|lns|bed|whole|primary|lymph|upper|lower|mid|distal|proximal|and|the|region|\d\w*)\b|[\s,+&/()#:.-])*"
)


def strength_of(note: Note, start: int, end: int, organ: bool) -> Strength | None:
    """How the text says that ``note.text[start:end]`` is treated; ``None`` where it does not.

    ``organ`` marks a name that is mostly an organ at risk: a title or a dose beside it is not enough.
    """
    low, high = note.line_at(start)
    unit = note.unit_at(start)
    first = unit.start if unit else low
    before_line = note.plain[low:start]
    before = note.plain[max(first, start - 120) : start]
    if (
        _NOT_TARGET.search(before)
        or _NOT_TARGET_AFTER.match(note.plain, end)
        or _BEAM_ROW.search(note.plain, low, high)
    ):
        return None
    if _MENU.search(before_line) or (
        _MENU_AFTER.match(note.plain, end, high) and not boxes_in(note.text[low:high])
    ):
        return None
    if _ORGAN_ROW.search(note.plain, end, high) and not _TARGET_BEFORE.search(before_line):
        return None
    if is_fielded(note, low, start) or _is_option(note, low, high, start, end):
        return "field"
    stop = unit.end if unit else high
    target = _ORGAN_TARGET_BEFORE if organ else _TARGET_BEFORE
    if _NAMED_BY_TREATMENT.search(note.plain, start, end):
        return "stated"
    treated = _TREAT_ORGAN if organ else _TREAT
    if treated.search(before) or _TREAT_OBJECT.search(before) or target.search(before[-60:]):
        return "stated"
    near = min(end + 60, stop)
    if _TREAT_AFTER.match(note.plain, end, near) or (not organ and _DOSE_AFTER.match(note.plain, end, near)):
        return "stated"
    if _is_dosed(note, first, stop, start, end):
        return "stated"
    if organ:
        return None
    if note.kind in _TITLED and (unit is None or unit.layout == "heading") and start < 700:
        return "title"
    return None


def is_excluded(note: Note, start: int, end: int) -> bool:
    """Whether a site is named for what is kept from it, matched to it or asked of it: no list makes it a target."""
    unit = note.unit_at(start)
    before = note.plain[max(unit.start if unit else 0, start - 120) : start]
    return bool(_NOT_TARGET.search(before) or _NOT_TARGET_AFTER.match(note.plain, end))


def is_list_of_sites(note: Note, low: int, high: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a sentence of an order holds sites alone, which is what is ordered."""
    if note.kind not in _ORDERED:
        return False
    rest = list(note.plain[low:high])
    for start, end in spans:
        rest[start - low : end - low] = " " * (end - start)
    return bool(_SITE_WORDS.fullmatch(re.sub(r"\b[ivx]+[ab]?\b", " ", "".join(rest))))


def is_stated(note: Note, low: int, start: int, end: int, high: int) -> bool:
    """Whether prose says that a span of the unit ``low``..``high`` is treated."""
    before = note.plain[max(low, start - 120) : start]
    return bool(
        _TREAT.search(before)
        or _TREAT_OBJECT.search(before)
        or _TREAT_AFTER.match(note.plain, end, min(high, end + 60))
        or _DOSE_AFTER.match(note.plain, end, min(high, end + 60))
        or _is_dosed(note, low, high, start, end)
    )


def _is_dosed(note: Note, low: int, high: int, start: int, end: int) -> bool:
    """Whether a site heads its sentence or cell and a dose or a fraction count follows."""
    cell = max(note.plain.rfind(mark, low, start) for mark in ("|", ":", ",", "+", "and ", "\n"))
    head = note.plain[max(low, cell + 1) : start]
    if _LIMITS_HEAD.search(note.plain, max(0, low - 300), start):
        return False
    if note.kind in _ORDERED | _PLANNED and _AFTER_SCHEME.search(note.plain, low, start):
        return True
    if not _SITE_WORDS.fullmatch(head.removeprefix("nd ")):
        return False
    rest = note.plain[end : min(high, end + 90)]
    if note.kind in _ORDERED:
        return bool(_DOSE.search(rest) or _SCHEME.search(rest))
    if note.kind in _PLANNED and _SCHEME.search(rest):
        return True
    return note.kind in _TOLD and bool(_FRACTION.search(note.plain, low, high))


def _is_option(note: Note, low: int, high: int, start: int, end: int) -> bool:
    """Whether a site is the whole label of a ticked box of a form."""
    if note.kind not in _ORDERED | _PLANNED:
        return False
    line = note.text[low:high]
    if not state(line, start - low, end - low):
        return False
    boxes = boxes_in(line)
    first = max((low + box.end() for box in boxes if box.end() <= start - low), default=low)
    last = min((low + box.start() for box in boxes if box.start() >= end - low), default=high)
    first = max(first, note.plain.rfind(":", first, start) + 1)
    label = note.plain[first:start] + " " + note.plain[end:last]
    return bool(_SITE_WORDS.fullmatch(label))


def is_fielded(note: Note, line_start: int, offset: int) -> bool:
    """Whether a span is the value of a site field or stands in a site column."""
    before = note.plain[line_start:offset]
    labelled = _LINE_LABEL.match(before) or _FIELD.search(before[-70:]) or _after_field(before)
    return bool(labelled) or _in_site_column(note, line_start, offset)


def field_values(note: Note) -> list[tuple[int, int]]:
    """Spans of the values of site fields that name a label and a colon on one line."""
    found = []
    for low, high in note.lines:
        match = re.match(r"\s*(?:treatment |rx |tx )?sites?\s*(?:#?\d)?\s*[:=]\s*", note.plain[low:high])
        if match:
            found.append((low + match.end(), high))
    return found


def _after_field(before_line: str) -> bool:
    """Whether a line's site field began before the hit and has not ended (a list of sites)."""
    fields = list(_SITE_FIELD.finditer(before_line))
    return bool(fields) and not re.search(
        r"\s{3,}\S+\s*:|\||\t|(?<![lr]t)(?<!\d)\.\s", before_line[fields[-1].end() :]
    )


def _in_site_column(note: Note, line_start: int, offset: int) -> bool:
    """Whether a hit stands in the column of a table whose head names a site column."""
    first = offset - line_start <= 24 and not _LATER_CELL.match(note.text, line_start, offset)
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
            line, start = note.plain[above : max(0, start - 1)], above
            return (first and bool(_SITE_HEAD.match(line))) or _under(line, note.plain[line_start:offset])
        if any(char.isdigit() for char in line):
            continue
        if (first and _SITE_HEAD.match(line)) or _under(line, note.plain[line_start:offset]):
            return True
    return False


def _under(head: str, before: str) -> bool:
    """Whether what follows ``before`` on its line stands under a later site column of a table's head."""
    column = _SITE_COLUMN.search(head)
    if column is None:
        return False
    if "|" in head:
        return before.count("|") == head[: column.start("name")].count("|")
    following = (
        column.end("name") + len(head[column.end("name") :]) - len(head[column.end("name") :].lstrip())
    )
    inside = (
        column.start("name") - 2 <= len(before) < (following if following < len(head) else len(head) + 24)
    )
    return "|" not in before and inside
