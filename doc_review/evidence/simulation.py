"""A simulation note turned into ``simulation`` evidence: what was set up, and what makes it complex."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .assertion import assert_spans
from .kinds import Draft, Reading
from .note import Note

_TITLE = re.compile(
    r"\b(?:ct[- ]?sim\w*|sim(?:ulat(?:ion|or))?|re-?sim\w*|set-?up (?:and|&) simulation|virtual simulation)\b"
)
# A simulation note says so at its head; a summary that mentions one further down documents none.
_HEAD = 700
# Several areas are only those that are to be treated, not regions scanned or painful.
_TREATED = re.compile(
    r"\b(?:separate|distinct|different|non-?contiguous|discrete|treat\w*|simulat\w*|set[- ]?up|planned|areas?\s*[:=]|sites?\s*[:=])"
)
_NO_SIMULATION = re.compile(r"\b(?:no|not|without|same)\b")
_WORDS = {"one": 1, "single": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_AREAS = re.compile(
    r"\b(?P<n>\d|one|single|two|three|four|five|six)\s+(?:separate |distinct |different |noncontiguous |non-contiguous |discrete )?"
    r"(?:treatment |anatomic |body |treated )?(?:areas?|sites?|regions?)\b"
)
_AREAS_FIELD = re.compile(
    r"\b(?:number of )?(?:treatment |separate )?(?:areas?|sites?)(?: simulated| treated| set up| of interest)? *(?:\(#\))? *(?:[:=|\]]|\.{2,}+| {2,}+|\t) *+(?P<n>\d|one|two|three|four|five)\b(?! ?(?:cm|mm))"
)
_BLOCKS = {
    "custom_blocks": re.compile(
        r"\b(?:custom(?:ized|ised)?[- ](?:shielding |cerrobend |lead |divergent )?blocks?\b|poured blocks?\b|"
        r"cerrobend(?: \w+)? blocks?\b|custom shielding blocks?\b)"
    ),
    "complex_blocking": re.compile(r"\bcomplex block\w*\b"),
    "hyperthermia": re.compile(r"\bhyperthermia\b"),
    # A cone of an electron beam is called an applicator too.
    "brachytherapy": re.compile(
        r"\b(?:brachytherap\w*|afterload\w*|(?:vaginal|tandem|ring|ovoid|interstitial|intracavitary|hdr|source) applicators?)\b"
    ),
    "particle": re.compile(r"\b(?:proton\w*|carbon ion\w*|particle therap\w*|neutron\w*)\b"),
    "arc": re.compile(
        r"\b(?:vmat|rapid ?arc|tomotherap\w*|volumetric (?:modulated )?arcs?|(?:rotational|arc) (?:therapy|treatment|delivery|technique|imrt)|modulated arcs?|arcs?|rotational)\b"
    ),
}
_NOT_ARC = re.compile(r"\b(?:c-?arm|arc[- ]?(?:check|board)|mini-?arc)")
_REPEAT = re.compile(
    r"\b(?:verification sim\w*|re-?sim\w*|repeat (?:ct )?sim\w*|block check|port verification|simulation (?:check|verification)|second sim\w*)\b"
)


def _title(note: Note) -> re.Match[str] | None:
    """A simulation named in a line of its own at the head of the note, not in a sentence."""
    for start, end in note.lines:
        if start > _HEAD:
            return None
        match = _TITLE.search(note.plain, start, end)
        written = " ".join(note.text[start:end].split())  # however wide the gap to a second column is
        prose = len(written) > 90 or note.text[end - 1] in ".,;"
        if match and not prose and not _NO_SIMULATION.search(note.plain, start, end):
            return match
    return None


_SESSION = re.compile(
    r"\b(?:supine|prone|decubitus|arms?|head ?rest|mask|vac-?lok|cushion|wing ?board|breast ?board|immobili\w+|"
    r"tattoos?|bbs?|marks?|slices?|\d ?mm|4d|contrast|scan\w*|isocent(?:er|re)|lasers?|topogram|scout)\b"
)
_SIGNS = 3


def _head_line(note: Note) -> tuple[int, int] | None:
    """First line of words of a note that tells of a session under another title: position, marks, scan."""
    if len({match.group() for match in _SESSION.finditer(note.plain)}) < _SIGNS:
        return None
    return next(((low, high) for low, high in note.lines if _LETTERS.search(note.plain, low, high)), None)


_LETTERS = re.compile(r"[a-z]{3}")


def _areas(note: Note) -> tuple[int, tuple[int, int]] | None:
    """A stated number of areas and its span."""
    for pattern in (_AREAS_FIELD, _AREAS):
        for match in pattern.finditer(note.plain):
            number = match.group("n")
            count = _WORDS.get(number) or int(number)
            field = pattern is _AREAS_FIELD
            if (
                field
                or count == 1
                or (count and _TREATED.search(note.plain, match.start(), match.end() + 24))
            ):
                return count, match.span()
    return None


def _flag(note: Note, name: str) -> tuple[bool, tuple[int, int] | None]:
    """Whether a feature is affirmed or planned in the note, and the span that decides it."""
    matches = [
        match
        for match in _BLOCKS[name].finditer(note.plain)
        if not (name == "arc" and _NOT_ARC.search(note.plain, max(0, match.start() - 4), match.end() + 6))
    ]
    if not matches:
        return False, None
    spans = [(match.start(), match.end(), "technique") for match in matches]
    for span, assertion in zip(spans, assert_spans(note, spans), strict=True):
        if assertion in ("affirmed", "planned"):
            return True, (span[0], span[1])
    return False, (spans[0][0], spans[0][1])


def extract(reading: Reading) -> Iterator[Draft]:
    """The simulation of a simulation note."""
    note = reading.note
    title = _title(note)
    head = None if note.kind != "simulation" else note.line_at(title.start()) if title else _head_line(note)
    if head is None:
        return
    attributes: dict[str, object] = {"date": note.entry.date.isoformat() if note.entry.date else None}
    also: list[tuple[int, int]] = []
    areas = _areas(note)
    if areas:
        attributes["areas"] = areas[0]
        also.append(note.line_at(areas[1][0]))
    for name in _BLOCKS:
        flag, span = _flag(note, name)
        attributes[name] = flag
        if flag and span:
            also.append(note.line_at(span[0]))
    attributes["repeat"] = bool(_REPEAT.search(note.plain))
    low, high = head
    yield Draft(
        kind="simulation",
        value="ct_simulation" if re.search(r"\bct\b", note.plain) else "simulation",
        citation=note.cite(low, high, also=sorted(set(also))),
        attributes=attributes,
        confidence=0.95,
    )
