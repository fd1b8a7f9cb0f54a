"""A note turned into ``technique`` evidence: which technique, asserted how, in what role."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import Assertion, EntryKind
from .kinds import Draft, Reading
from .matcher import Hit
from .note import Note
from .past import is_past
from .tickboxes import is_menu, state

# "Radiation oncology", "RT(T)" and the like name a department, a person or a paper, not a treatment.
_NOT_TREATMENT = re.compile(
    r"[\s-]*(?:(?:therapy|treatment)\s)?(?:oncolog|onc\b|therapist|safety|physic|dosimet|center|centre|department|clinic|dept|"
    r"proctitis|dermatitis|cystitis|esophagitis|pneumonitis|necrosis|mucositis|enteritis|colitis|exposure|tech|nurse|"
    r"screening|survey|monitor|badge|precaution|protection|injur|fibros|induced|recall|effect|changes?\b|burns?\b|sickness|"
    r"dose reduc|naive|of (?:heat|pain|light)|notified|at bedside|\(r\)|\(t\)|\(cr\))",
    re.IGNORECASE,
)
# The name of a place, a body or a meeting: "Lakeside Proton & Cancer Center".
_INSTITUTION = re.compile(
    r"(?:[ -](?:&|and|of|[A-Z][\w-]*))*?[ -](?:Center|Centre|Institute|Institution|Clinic|Society|Suite|Department|Dept|Program|Programme|"
    r"Group|Team|Associates|Journal|Unit|Hospital|Foundation|Committee|Conference|Network|Partners|Service|Services|Board)\b|"
    r"[ -](?:suite|cent(?:er|re)|institute|vault|webinar|seminar|lecture|workshop|conference|course work|source|experience|skills|brochure|registry|physicist|dosimetrist|nurse|society|fellowship|training)\b"
)
_LEARNED = re.compile(
    r"\b(?:fellowships?|train(?:ed|ing)|board[- ]certified|certifi\w+|lectur\w*|speciali[sz]\w*|seminars?|webinars?|in-?service|workshops?|"
    r"textbooks?|articles?|papers?|publications?|published|expertise|credential\w*|residency|journal|director|chief|chair(?:man|woman)?)\b[^.;\n]{0,60}$"
)
# Quality assurance and state of a machine, not of a patient's plan.
_MACHINE = re.compile(
    r"\bconstancy\b|\b(?:annual|monthly|morning|machine|tg-?\s?142|tg-?\s?51)\s+(?:\w+\s+){0,2}(?:qa|output|calibration|check|log)\b|"
    r"\bmachine log\b|\binterlock\b|\bcommission(?:ed|ing)\b|\boutput (?:check|calibration|drift)|\bbeam steering\b|\bwarm-?up\b|"
    r"\b(?:machine|linac|unit)\s+(?:\w+\s+)?(?:is |was )?(?:down|out of service|serviced|under repair|maintenance)\b|\bpreventive maintenance\b"
)
# "Pain with radiation to the arm": where a symptom or a sound spreads.
_SPREADS = re.compile(
    r"\b(?:pains?|aches?|murmurs?|tightness|pressure|discomfort|numbness|tingling|symptoms?|burning)\b"
    r"(?![^.;\n]*\b(?:treat|palliat|manag|controll|reliev|respond|gy\b))[^.;\n]{0,90}?\b(?:with|without|no|and|any|has|or)\s+(?:\w+\s+)?$"
)
_SPREADS_TO = re.compile(
    r"\s+(?:into|across|down|through|toward\w*|up|to\s+(?:the|his|her|both|either))\b|\s*[.,;]|\s*$"
)
_OTHER_RAYS = re.compile(r"\b(?:uv|ultraviolet|solar|sun|background|infrared|ionizing)\s$")
_OTHER_WORDS = {
    "PROTON": re.compile(r"[-\s]*(?:density|pump|mr\b|spectroscop|relax|weight|nmr|donor|number)"),
    "SRS": re.compile(r"[-\s]*(?:22|24|30)\b|\s*scores?\b"),
    "BRACHYTHERAPY": re.compile(r"[-\s]*(?:imaging|photo|camera|video)"),
    "ELECTRON": re.compile(r"[-\s]*(?:microscop|densit|ic\b|applicator|arc welding|volt)"),
}
# A lone "electron" is an option of a form, the value of a field or a beam's own word.
_LONE_ELECTRON = re.compile(
    r"\s*(?:$|[\n|:,;/)\]\[(.\u2610-\u2612]|\s{2,}|beams?\b|boost|plan|fields?|cone|cut-?out|therapy|treatment|\d|en ?face)"
)
# "3D" of an image, a match or a measurement names no technique.
_NOT_A_PLAN = re.compile(
    r"[-/\s]{0,2}(?:[23]d\b|match\w*|imag\w*|cbct|vector|shifts?|surface|gamma|registration|reconstruct\w*|water|array|couch|"
    r"volum\w*|view|render\w*|print\w*|mammo\w*|tomosynth\w*|ultrasound|contour\w*|scan\w*|scout|dose|echo\w*|doppler|tte\b|"
    r"strain|model\w*|laparoscop\w*|angiogra\w*|mr\b|mri\b|ct\b|us\b|barcode|camera|array|diode)"
)
_PERSON_BEFORE = re.compile(r"(?:[A-Z][a-z]+,\s|\b[A-Z]\.?\s[A-Z][a-z]+\s)$")
_FORWARD = frozenset(
    {"forward planned", "forward-planned", "forward planning", "forward-planning", "forward plan"}
)
_DOSE_RECEIVED = re.compile(
    r"\breceived (?:a total of |approximately |about )?(?P<dose>\d[\d,.]*\s?c?gy)\b(?![^.;\n]*\b(?:so far|to date)\b)"
)
ROLES: dict[EntryKind, str] = {
    "order": "order",
    "prescription": "order",
    "plan": "plan",
    "plan_approval": "plan",
    "treatment_record": "delivery",
    "completion_summary": "delivery",
    "simulation": "simulation",
}


def _is_treatment(note: Note, hit: Hit) -> bool:
    """Whether a hit names a treatment rather than a department, person, machine, image, course of study or injury."""
    unit = note.unit_at(hit.start)
    low, high = (unit.start, unit.end) if unit else (hit.start, hit.end)
    if _INSTITUTION.match(note.text, hit.end, high) or _LEARNED.search(note.plain, low, hit.start):
        return False
    if _MACHINE.search(note.plain, low, high):
        return False
    if note.text[hit.start : hit.end] in ("3D", "2D"):
        return not (
            _NOT_A_PLAN.match(note.plain, hit.end) or note.plain[hit.start - 3 : hit.start] in ("2d/", "3d/")
        )
    other = _OTHER_WORDS.get(hit.value)
    if other and other.match(note.plain, hit.end):
        return False
    if note.plain[hit.start : hit.end] == "electron" and not _LONE_ELECTRON.match(note.plain, hit.end):
        return False
    if hit.value != "EBRT":
        return True
    if _NOT_TREATMENT.match(note.text, hit.end):
        return False
    written = note.text[hit.start : hit.end]
    if written == "radiation" and _OTHER_RAYS.search(note.plain, max(0, hit.start - 16), hit.start):
        return False
    if written == "radiation" and _spreads(note, low, hit):
        return False
    if written == "RT":
        follows = note.text[hit.end : hit.end + 1]
        return not (follows == "(" or _PERSON_BEFORE.search(note.text, max(0, hit.start - 24), hit.start))
    return unit is None or unit.layout != "heading"


def _spreads(note: Note, low: int, hit: Hit) -> bool:
    """Whether "radiation" is that of a pain or a murmur."""
    return bool(_SPREADS.search(note.plain, low, hit.start) and _SPREADS_TO.match(note.plain, hit.end))


def technique_hits(reading: Reading) -> Iterator[tuple[Hit, Assertion]]:
    """Hits that name a technique of treatment, with their assertions."""
    note = reading.note
    sided = {hit.start for hit, _ in reading.of_kind("site") if hit.term.attributes.get("sided")}
    for hit, assertion in reading.of_kind("technique"):
        right_side = note.text[hit.start : hit.end] == "RT" and hit.end + 1 in sided
        if not right_side and _is_treatment(note, hit) and not _is_left_blank(note, hit, assertion, reading):
            yield hit, assertion


def _is_left_blank(note: Note, hit: Hit, assertion: Assertion, reading: Reading) -> bool:
    """Whether a hit is an option of a form not filled in, or one variant of a technique ticked beside it."""
    low, high = note.line_at(hit.start)
    line = note.text[low:high]
    if is_menu(line.lower()):
        return True
    if assertion != "negated" or hit.end > high or state(line, hit.start - low, hit.end - low) is not False:
        return False
    return any(
        other.value == hit.value
        and low <= other.start < high
        and state(line, other.start - low, other.end - low)
        for other, _ in reading.of_kind("technique")
    )


def _doses_received(note: Note, named: set[int]) -> Iterator[Draft]:
    """Doses of an earlier course told without a word for the treatment: "she received 3000 cGy"."""
    for match in _DOSE_RECEIVED.finditer(note.plain):
        unit = note.unit_at(match.start())
        if unit is None or unit.start in named or not is_past(note, unit, *match.span("dose")):
            continue
        yield Draft(
            kind="technique",
            value="EBRT",
            citation=note.cite(unit.start, unit.end, anchor=match.span()),
            attributes={"role": "mention", "written": note.text[slice(*match.span("dose"))]},
            assertion="historical",
            confidence=0.7,
        )


def extract(reading: Reading) -> Iterator[Draft]:
    """One draft for each technique of each unit of the note."""
    note = reading.note
    seen: set[tuple[int, str, str]] = set()
    named: set[int] = set()
    for hit, assertion in technique_hits(reading):
        unit = note.unit_at(hit.start)
        named.add(unit.start if unit else hit.start)
        key = (unit.start if unit else hit.start, hit.value, assertion)
        if key in seen:
            continue
        seen.add(key)
        attributes: dict[str, object] = {
            "role": ROLES.get(note.kind, "mention"),
            "written": note.text[hit.start : hit.end],
        }
        written = note.plain[hit.start : hit.end]
        if written.startswith("inverse"):
            attributes["inverse"] = True
        elif written in _FORWARD:
            attributes["inverse"] = False
        if "compensator" in note.plain[max(0, hit.start - 40) : hit.end + 40] and hit.value == "IMRT":
            attributes["modulation"] = "compensator"
        low, high = (unit.start, unit.end) if unit else (hit.start, hit.end)
        yield Draft(
            kind="technique",
            value=hit.value,
            citation=note.cite(low, max(high, hit.end), anchor=(hit.start, hit.end)),
            attributes=attributes,
            assertion=assertion,
            confidence=0.95 if assertion in ("affirmed", "negated") else 0.85,
        )
    yield from _doses_received(note, named)
