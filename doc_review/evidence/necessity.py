"""A note turned into ``necessity_statement`` evidence: why IMRT and not a simpler technique.

A statement argues: it compares IMRT with 3D or conventional fields, or ties IMRT to protecting or
conforming to something. It is specific where it names a structure, prior treatment, geometry or
figure of this patient, and generic otherwise (policy section 5; criteria after the local coverage
documents' list).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .assertion import note_sections
from .kinds import Draft, Reading
from .note import Note
from .segments import Unit

_IMRT = re.compile(
    r"\b(?:imrt|vmat|intensity[- ]modulat\w*|tomotherapy|rapid ?arc|inverse[- ]?plan\w*|inversely[- ]planned|"
    r"(?:modulated|inverse planned) arcs?|volumetric (?:modulated )?arcs?|arc therapy|arcs)\b"
)
_COMPARE = re.compile(
    r"\b(?:3-?\s?d\b|3dcrt|three[- ]dimensional|conformal|conventional|opposed|four[- ]field|4[- ]field|three[- ]field|3[- ]field|"
    r"ap/?pa|parallel|tangents?|static fields|open fields|standard (?:fields|technique|radiation)|simpler technique|2-?d\b)"
)
_FAILS = re.compile(
    r"\b(?:cannot|can not|could not|would not|will not|won't|can't|unable|not (?:be )?(?:acceptable|adequate|able|possible|feasible|achiev\w+|suffice)|"
    r"unacceptabl\w+|inadequate\w*|exceed\w*|exceeding|over(?:dose|shoot)\w*|too high|violat\w+|fail\w*|would (?:give|put|deliver|result|expose|irradiate|get|treat|leave|include|push|take|bring)|"
    r"gave|gives|put(?:s)?|left|not meet|did not meet|does not|compar\w+ (?:plan|with|to)|instead of|rather than|versus|vs\.?|insufficient|est\.?|estimated)\b"
)
_PROTECT = re.compile(
    r"\b(?:spar(?:e|ed|es|ing)|protect\w*|limit\w*|reduc\w+|minimi[sz]\w+|lower(?:s|ing)?|avoid\w*|preserv\w+|shield\w*|restrict\w*|"
    r"keep\w*|hold (?:the )?|stay\w*|below|under|steep (?:dose )?(?:gradient|fall)\w*|dose fall-?off|constraints?|tolerance|conform\w*|"
    r"escalat\w+|safely|carv\w+|sculpt\w*|shap(?:e|ing)|bend\w*)\b"
)
_NEED = re.compile(
    r"\b(?:necess\w+|need(?:s|ed)?|requir\w+|mandat\w+|essential|indicated|justif\w+|warrant\w*|rationale|reason\w*|because|since|in order to|"
    r"so that|so we|therefore|thus|hence|only (?:way|technique|means)|chosen|chose|prefer\w*|advantag\w*|why|due to|given (?:the|his|her|that)|owing to|went to|moved to|switched)\b"
)
_GEOMETRY = re.compile(
    r"\b(?:wrap\w*|concav\w+|convex\w*|horseshoe|c-shaped|u-shaped|abut\w*|adjacent|encircl\w+|surround(?:s|ed)|curv\w+|fold\w*|drap\w*|overl\w+|next to|"
    r"against|close to|proximity|adherent|within \d+ ?(?:mm|cm)|\d+(?:\.\d+)? ?(?:mm|cm) (?:\w+ ){0,2}(?:from|of|to|away|lateral|medial|anterior|posterior|behind|above|below)|touch\w*|hug\w*|invad\w+|extend\w* (?:in)?to|between|behind|in front of|irregular\w*|dips?|straddl\w*)\b"
)
_PRIOR = re.compile(
    r"\b(?:prior|previous\w*|earlier) (?:\w+ ){0,3}(?:radiation|radiotherapy|rt|irradiat\w+|xrt|course|treatment|fields?)\b|\bre-?irradiat\w*|\balready (?:received|irradiated)\b|\bpreviously (?:irradiated|treated)\b"
)
_FIGURE = re.compile(
    r"\b(?:v\d{1,3}|d\d|mean|max\w*|dose)\b[^.;]{0,40}?\d+(?:\.\d+)? ?(?:%|c?gy|cc)|\d+(?:\.\d+)? ?(?:c?gy|%|cc)\b"
)
_CONDITION = re.compile(
    r"\b(?:single kidney|solitary kidney|copd|emphysema|fev1|dlco|pulmonary fibrosis|\bild\b|hip (?:prosthes\w+|replacement|implant)|prosthes[ie]s|"
    r"crohn\w*|ulcerative (?:colitis|proctitis)|inflammatory bowel|collagen|scleroderma|lupus|pacemaker|pneumonectomy|transplant|"
    r"only (?:functioning|remaining) \w+|cirrhosis|cardiomyopathy|coronary|pectus|bulky|anatomy|large (?:breast|separation)|hydrocephalus|adhesions?|surgery)\b"
)
_GENERIC_PATIENT = re.compile(
    r"\b(?:critical structures?|normal tissues?|organs? at risk|oars?|surrounding (?:\w+ )?(?:tissues?|organs?|structures?)|healthy tissues?)\b"
)
_HEADING = re.compile(
    r"\b(?:medical necessity|necessity|justification|rationale|reasons?)(?: (?:for|of|statement|imrt)\b|\s*[:=-])|\bwhy imrt\b|\bimrt (?:necessity|justification|rationale)\b|\breason for imrt\b|\bindication for imrt\b"
)
_DENIED = re.compile(
    r"\bimrt[^.;]{0,40}\b(?:not (?:indicated|necessary|needed|required|planned)|declined|denied)|\bno (?:need|indication) for (?:imrt|inverse)|\b(?:if|should) [^.;]{0,60}\bimrt\b|\bimrt (?:would|could|may|might) be (?:considered|discussed)"
)
_TOXICITY = re.compile(r"\b(?:side effects?|toxicit\w+|risks? (?:of|include|and)|complications?|consent)\b")
_SUBJECT_SECTIONS = frozenset(
    {"family", "social", "allergies", "medications", "review_of_systems", "history", "risks", "copies"}
)


def _window(note: Note, sections: Sequence[str], index: int) -> tuple[int, int]:
    """Units that argue with unit ``index``: its neighbours of the same paragraph, two to each side."""
    units = note.units
    low = high = index
    while (
        low > 0 and index - low < 2 and _adjoins(note, low - 1, low) and sections[low - 1] == sections[index]
    ):
        low -= 1
    while (
        high + 1 < len(units)
        and high - index < 2
        and _adjoins(note, high, high + 1)
        and sections[high + 1] == sections[index]
    ):
        high += 1
    return low, high


def _adjoins(note: Note, first: int, second: int) -> bool:
    """Whether two neighbouring units belong to one paragraph (no blank line, no new bullet between)."""
    one, two = note.units[first], note.units[second]
    if _is_title(note, one) or _is_title(note, two):
        return False
    gap = note.text[one.end : two.start]
    if gap.count("\n") > 1:
        return False
    starts_line = "\n" in gap
    return not (
        (starts_line and two.layout in ("bullet", "heading"))
        or (two.layout == "row" and starts_line and one.layout != "row")
    )


def _is_title(note: Note, unit: Unit) -> bool:
    """Whether a unit is a heading or reads like one (a few capitalised words without punctuation)."""
    text = note.text[unit.start : unit.end]
    plain = len(text) <= 40 and len(text.split()) <= 5 and text[:1].isupper() and text[-1].isalpha()
    return unit.layout == "heading" or (plain and not any(char.isdigit() for char in text))


def _structures(reading: Reading, start: int, end: int) -> list[str]:
    return sorted(
        {
            hit.value
            for hit, _ in reading.of_kind("structure")
            if start <= hit.start < end and not reading.note.chosen[hit.start].isspace()
        }
    )


def _criteria(text: str, structures: Sequence[str]) -> list[str]:
    """Coverage criteria that a statement meets."""
    found = []
    if _PRIOR.search(text):
        found.append("prior_irradiation")
    if re.search(r"\bescalat\w+|\bhigh(?:er)? dose|\bdose[- ]intens", text):
        found.append("dose_escalation")
    if re.search(
        r"\bconcav|\bconvex|\bwrap|\bhorseshoe|\bc-shaped|\bu-shaped|\bcurv|\bfold|\bdrap|\bsurround(?:s|ed)\b|\bencircl",
        text,
    ):
        found.append("concave_target")
    if structures and (_PROTECT.search(text) or _GEOMETRY.search(text)):
        found.append("critical_structure_nearby")
    if re.search(r"\bnarrow margin|\btight margin|\bmargins? of \d", text):
        found.append("narrow_margins")
    return found


def _argues(text: str) -> bool:
    """Whether a passage that names IMRT gives a reason for it."""
    compares = bool(_COMPARE.search(text)) and bool(_FAILS.search(text))
    protects = bool(_PROTECT.search(text)) and bool(
        _NEED.search(text)
        or re.search(
            r"\bto (?:spare|protect|limit|reduce|minimi[sz]e|avoid|preserve|lower|keep)\b|\bwill (?:keep|spare|reduce|limit|allow|minimi[sz]e|protect|lower)\b|\ballows?\b|\benabl\w+|\bprovid\w+",
            text,
        )
    )
    geometric = bool(_GEOMETRY.search(text)) and bool(_NEED.search(text))
    return compares or protects or geometric


def extract(reading: Reading) -> Iterator[Draft]:
    """Necessity statements of the note; the specific sentence is cited, its neighbours go to ``also``."""
    note = reading.note
    if not _IMRT.search(note.chosen) or note.kind in ("treatment_record", "qa", "physics_check"):
        return
    sections = note_sections(note)
    negated = {
        (note.unit_at(hit.start) or note.units[0]).start
        for hit, assertion in reading.of_kind("technique")
        if hit.value in ("IMRT", "VMAT", "TOMOTHERAPY")
        and assertion in ("negated", "historical", "other_subject")
    }
    used: set[int] = set()
    for index, unit in enumerate(note.units):
        if index in used or sections[index] in _SUBJECT_SECTIONS or _is_title(note, unit):
            continue
        if not _speaks_of_imrt(reading, index):
            continue
        own = note.chosen[unit.start : unit.end]
        if _DENIED.search(own) or (unit.start in negated and not _COMPARE.search(own)):
            continue
        low, high = _window(note, sections, index)
        draft = _statement(reading, low, index, high)
        if draft is not None:
            used.update(range(low, high + 1))
            yield draft


def _speaks_of_imrt(reading: Reading, index: int) -> bool:
    """Whether a unit names IMRT, stands under a heading that asks why, or shows simpler fields failing."""
    note, unit = reading.note, reading.note.units[index]
    if _IMRT.search(note.chosen, unit.start, unit.end):
        return True
    for back in range(index - 1, max(-1, index - 4), -1):
        above = note.units[back]
        if _is_title(note, above):
            if _HEADING.search(note.chosen[above.start : above.end] + ":"):
                return True
            break
    own = note.chosen[unit.start : unit.end]
    return bool(_COMPARE.search(own) and _FAILS.search(own) and _structures(reading, unit.start, unit.end))


def _statement(reading: Reading, low: int, index: int, high: int) -> Draft | None:
    """The statement around unit ``index``, ``None`` where nothing argues for IMRT."""
    note, units = reading.note, reading.note.units
    start, end = units[low].start, units[high].end
    own = note.chosen[units[index].start : units[index].end]
    whole = note.chosen[start:end]
    headed = any(
        _HEADING.search(note.chosen, units[i].start, units[i].end) for i in range(max(0, low - 1), high + 1)
    )
    text = own if _argues(own) or note.kind == "simulation" else whole
    if not _argues(text) and not (headed and _NEED.search(own)):
        return None
    if _TOXICITY.search(own) and not headed:
        return None
    span = (units[index].start, units[index].end) if text is own else (start, end)
    structures = _structures(reading, *span) or (_structures(reading, start, end) if _argues(whole) else [])
    measured = bool(_GEOMETRY.search(whole) and _FIGURE.search(whole))
    concrete = (
        measured
        or bool(structures)
        or bool(_PRIOR.search(whole))
        or bool(_CONDITION.search(text))
        or bool(_site_geometry(reading, *span))
    )
    specific = concrete and (
        bool(structures)
        or bool(_GEOMETRY.search(whole))
        or bool(_PRIOR.search(whole))
        or bool(_FIGURE.search(whole))
        or bool(_CONDITION.search(text))
    )
    cited = index
    if text is whole:
        cited = max(range(low, high + 1), key=lambda i: (_weight(reading, units[i]), -abs(i - index)))
    also = [(units[i].start, units[i].end) for i in range(low, high + 1) if i != cited and text is whole]
    return Draft(
        kind="necessity_statement",
        value="specific" if specific else "generic",
        citation=note.cite(units[cited].start, units[cited].end, also=also),
        attributes={"criteria": _criteria(whole, structures), "structures": structures},
        confidence=0.85 if text is own else 0.75,
    )


def _weight(reading: Reading, unit: Unit) -> int:
    """How much of an argument one unit holds."""
    text = reading.note.chosen[unit.start : unit.end]
    return 2 * bool(_structures(reading, unit.start, unit.end)) + 2 * _argues(text) + bool(_IMRT.search(text))


def _site_geometry(reading: Reading, start: int, end: int) -> bool:
    """Whether a passage ties a named site of this patient to its geometry."""
    geometric = _GEOMETRY.search(reading.note.chosen, start, end) is not None
    return geometric and any(start <= hit.start < end for hit, _ in reading.of_kind("site", "structure"))
