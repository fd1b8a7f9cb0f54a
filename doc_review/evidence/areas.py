"""A note turned into ``treatment_area`` evidence: sites to be treated, with laterality and region.

Whether the text speaks of treating a site is told by ``area_context``; sites joined in a list share what
is said of one of them, and a site inherits the mood of the treatment that is its own.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..model import Assertion
from .area_context import (
    Strength,
    field_values,
    is_excluded,
    is_fielded,
    is_list_of_sites,
    is_stated,
    strength_of,
)
from .kinds import Draft, Reading
from .lexicon import Term, terms
from .matcher import Hit
from .note import Note
from .technique import ROLES, technique_hits
from .tickboxes import BOX, is_ticked

_WORDS = r"(?:(?!and\b|with\b|plus\b|or\b|to\b|of\b|for\b)\w+\s+){0,2}"
_LEFT = re.compile(rf"(?<![a-z])(?:left|lt|l)(?![a-z\d])[._\s-]*(?!lats?\b){_WORDS}$")
_RIGHT = re.compile(rf"(?<![a-z])(?:right|rt|r)(?![a-z\d])[._\s-]*(?!lats?\b){_WORDS}$")
_BOTH = re.compile(rf"\b(?:bilateral|bilat|bil|both|b/l)\b[.\s-]*{_WORDS}$")
_SAME_SIDE = re.compile(rf"\b(?:ipsilateral|ipsi)\b[.\s-]*{_WORDS}$")
_OTHER_SIDE = re.compile(rf"\b(?:contralateral|contra)\b[.\s-]*{_WORDS}$")
# "breast left", "breast, left"; but in "tonsil, left neck" the side is that of the next site.
_SIDE_AFTER = re.compile(
    r"(?:[\s_(-]*|\s*,\s*(?=\w+\s*(?:upper|lower|middle|side|[^\sa-z]|$)))(left|right|lt|rt|bilateral|l|r)(?![a-z\d])"
)
_SIDE_FIELD = re.compile(r"\b(?:laterality|side)\b[^:\n]{0,30}:\s*(?P<value>[^\n]*)")
_SIDE_WORD = re.compile(r"\b(?:(?P<left>left|lt|l)|(?P<right>right|rt|r)|(?P<both>bilateral|both))\b")
# What may stand between two sites of one list.
_JOINT = re.compile(
    r"(?:\s|[,+&/()-]|\b(?:and|plus|with|the|his|her|left|right|lt|rt|l|r|bilateral|bilat|bil|both|ipsilateral|regional|draining|"
    r"elective|levels?|of|[ivx]+[ab]?|lymph|nodes?|nodal|ln|lns|bed|primary|fossa|cavity|whole|basins?|incl\.?|including|proximal|distal|upper|lower|\d\w{1,2})\b)*"
)
_OPPOSITE = {"left": "right", "right": "left", "bilateral": "bilateral"}
_CLAUSE = re.compile(r";|\bnow\b|\bbut\b|\. ")
_RADIOTHERAPY = re.compile(r"\bRT\s+((?:[a-z]+\s+)*)$")
_ON_THE_SIDE = re.compile(r"[^.;,:\n]{0,30}\bon the (left|right)\b")
_CAMEL_SIDE = re.compile(r"(?<![A-Za-z])(?:(L|Lt|Left)|(R|Rt|Right))$")
_MOODS: tuple[Assertion, ...] = ("negated", "historical", "hypothetical", "other_subject")
_MISSPELT = re.compile(r"[a-z]{6,}")
_VERTEBRAE = re.compile(
    r"\b(?P<a>[ctls])(?P<x>\d{1,2})(?:\s?(?:-|to|through|thru)\s?(?P<b>[ctls])?(?P<y>\d{1,2}))?\b"
)
_LIMITS = {"c": 7, "t": 12, "l": 5, "s": 5}
_ORDINAL = {"c": 0, "t": 7, "l": 19, "s": 24}
_SPINE_CONTEXT = re.compile(
    r"spine|vertebr|metast|\bmets?\b|lytic|lesion|cord compress|bone|bony|palliat|painful|fracture|kypho|epidural"
)
_RUN = re.compile(r"\b[ctls]\d{1,2}\s?(?:-|to|through|thru)\s?[ctls]?\d{1,2}\b")
# A level that may as well be a stage or a course number.
_STAGE = re.compile(r"[tc][1-4]")
# A level that bounds a nodal volume, names a course or marks a set-up is no vertebra to be treated.
_LEVEL_MARK = re.compile(
    r"\b(?:course|cord|canal|to|level of|down to|up to|from|above|below|superior|inferior|nodes?|iliac|presacral|at|through|origin|"
    r"isocent\w+|marks?|align\w*(?: to)?|match\w*(?: to)?)\s*(?:the\s*)?$"
)


def _side(note: Note, hit: Hit) -> str | None:
    before = note.plain[max(0, hit.start - 22) : hit.start]
    written = note.plain[hit.start : hit.end]
    camel = _CAMEL_SIDE.search(note.text, max(0, hit.start - 6), hit.start)
    if camel and note.text[hit.start].isupper():
        return "left" if camel.group(1) else "right"
    after = _SIDE_AFTER.match(note.plain, hit.end, hit.end + 14)
    # "RT" beside a name in small letters is the treatment: "prostate RT", "RT whole breast L".
    small = not note.text[hit.start : hit.end].isupper()
    if after and small and note.text[slice(*after.span(1))] == "RT":
        after = None
    treatment = _RADIOTHERAPY.search(note.text, max(0, hit.start - 22), hit.start)
    if small and treatment and (after or not hit.term.attributes.get("sided") or treatment.group(1)):
        return _side_of(after) if after else None
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
    after = after or _ON_THE_SIDE.match(note.plain, hit.end)
    return _side_of(after) if after else None


def _side_of(match: re.Match[str]) -> str:
    return {"l": "left", "r": "right"}.get(match.group(1)[0], "bilateral")


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
        line_low, _ = note.line_at(match.start())
        before_line = note.plain[line_low : match.start()]
        fielded = is_fielded(note, line_low, match.start())
        treated = is_stated(note, unit.start, *match.span(), unit.end)
        if _LEVEL_MARK.search(before_line) or not (fielded or treated):
            continue
        plain_level = not _STAGE.fullmatch(match.group())
        if not _SPINE_CONTEXT.search(context) and not plain_level and not (fielded and _RUN.search(context)):
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


@dataclass(frozen=True, slots=True)
class _Site:
    """A site that is treated, before it is a draft."""

    hit: Hit
    assertion: Assertion
    strength: Strength
    side: str | None
    unit: int


def _sites(reading: Reading) -> Iterator[_Site]:
    """Treated sites in text order; a list shares the strength of its strongest member."""
    note = reading.note
    hits = [*reading.of_kind("site"), *_misspelt(note, reading.hits)]
    hits.sort(key=lambda pair: pair[0].start)
    found: list[Strength | None] = []
    for hit, _ in hits:
        found.append(strength_of(note, hit.start, hit.end, bool(hit.term.attributes.get("organ"))))
    for index, strength in enumerate(found):
        unit = note.unit_at(hits[index][0].start)
        if strength is None and unit is not None:
            spans = [
                (hit.start, hit.end) for hit, _ in hits if unit.start <= hit.start and hit.end <= unit.end
            ]
            if is_list_of_sites(note, unit.start, unit.end, spans):
                found[index] = "stated"
    for order in (range(1, len(hits)), range(len(hits) - 2, -1, -1)):
        for index in order:
            other = index - 1 if order.step == 1 else index + 1
            if found[index] is None and found[other] in ("field", "stated"):
                first, last = sorted((hits[index][0], hits[other][0]), key=lambda hit: hit.start)
                same = note.unit_at(first.start) == note.unit_at(last.start)
                if is_excluded(note, hits[index][0].start, hits[index][0].end):
                    continue
                if same and first.end <= last.start and _JOINT.fullmatch(note.plain, first.end, last.start):
                    found[index] = found[other]
    side: str | None = None
    for (hit, assertion), strength in zip(hits, found, strict=True):
        own = _side(note, hit)
        before = note.plain[max(0, hit.start - 30) : hit.start]
        if own is None and side and _SAME_SIDE.search(before):
            own = side
        elif own is None and side and _OTHER_SIDE.search(before):
            own = _OPPOSITE[side]
        side = own or side
        if strength is not None:
            unit = note.unit_at(hit.start)
            yield _Site(hit, assertion, strength, own, unit.start if unit else hit.start)


def _told_twice(sites: Sequence[_Site]) -> list[_Site]:
    """Sites without those that repeat, without its side, one of their own unit ("LUL lung")."""
    sided = {(site.unit, site.hit.value) for site in sites if site.side}
    return [site for site in sites if site.side or (site.unit, site.hit.value) not in sided]


def _with_side_field(note: Note, sites: list[_Site]) -> list[_Site]:
    """Sites with the side of the note's laterality field, where one site has a field and none a side."""
    fielded = {site.hit.value for site in sites if site.strength == "field"}
    if len(fielded) != 1 or any(site.side for site in sites):
        return sites
    sides = {side for match in _SIDE_FIELD.finditer(note.plain) if (side := _side_told(match.group("value")))}
    if len(sides) != 1:
        return sites
    side = sides.pop()
    return [replace(site, side=side) if site.hit.value in fielded else site for site in sites]


def _side_told(value: str) -> str | None:
    """The side a laterality field tells, by tick box or by its first word."""
    boxes = list(BOX.finditer(value))
    words = [(match.start(), str(match.lastgroup)) for match in _SIDE_WORD.finditer(value)]
    if boxes:
        ticked = [box for box in boxes if is_ticked(box)]
        if len(ticked) != 1 or not words:
            return None
        first = words[0][0] < boxes[0].start()
        near = [word for at, word in words if (at < ticked[0].start() if first else at > ticked[0].start())]
        told = (near[-1] if first else near[0]) if near else None
    elif len(words) > 1:
        circled = [word for at, word in words if value[at - 1 : at] == "("]
        told = circled[0] if len(circled) == 1 else None
    else:
        told = words[0][1] if words and words[0][0] < 12 else None
    return "bilateral" if told == "both" else told


@functools.cache
def _single_words() -> dict[str, Term]:
    return {
        term.text: term
        for term in terms()
        if term.kind == "site" and term.text.isalpha() and len(term.text) > 5
    }


def _misspelt(note: Note, hits: Sequence[Hit]) -> Iterator[tuple[Hit, Assertion]]:
    """A misspelt site in a site field that names none otherwise."""
    for low, high in field_values(note):
        if any(hit.kind == "site" and low <= hit.start < high for hit in hits):
            continue
        for word in _MISSPELT.finditer(note.plain, low, high):
            close = difflib.get_close_matches(word.group(), _single_words(), n=1, cutoff=0.82)
            if close:
                yield Hit(_single_words()[close[0]], word.start(), word.end()), "affirmed"
                break


def _mood(note: Note, site: _Site, treatments: Sequence[tuple[Hit, Assertion]]) -> Assertion:
    """A site's assertion: that of the treatments of its clause where prose treats it and all of them agree."""
    told: set[Assertion] = set()
    for hit, assertion in treatments:
        low, high = min(hit.start, site.hit.start), max(hit.end, site.hit.end)
        if not _CLAUSE.search(note.plain, low, high):
            told.add(assertion)
    if site.strength == "stated" and site.assertion in ("affirmed", "planned") and len(told) == 1:
        mood = next(iter(told))
        if mood in _MOODS:
            return mood
    return site.assertion


def extract(reading: Reading) -> Iterator[Draft]:
    """Sites that the note speaks of treating, one draft per site, side and unit."""
    note = reading.note
    treatments: dict[int, list[tuple[Hit, Assertion]]] = {}
    for hit, assertion in technique_hits(reading):
        unit = note.unit_at(hit.start)
        treatments.setdefault(unit.start if unit else hit.start, []).append((hit, assertion))
    seen: set[tuple[int, str, str | None]] = set()
    for site in _told_twice(_with_side_field(note, list(_sites(reading)))):
        hit = site.hit
        key = (site.unit, hit.value, site.side)
        if key in seen:
            continue
        seen.add(key)
        unit = note.unit_at(hit.start)
        low, high = (unit.start, unit.end) if unit else (hit.start, hit.end)
        attributes: dict[str, object] = {
            "role": ROLES.get(note.kind, "mention"),
            "strength": site.strength,
            "written": note.text[hit.start : hit.end],
            **{name: value for name, value in hit.term.attributes.items() if name != "organ"},
        }
        if site.side:
            attributes["laterality"] = site.side
        yield Draft(
            kind="treatment_area",
            value=hit.value,
            citation=note.cite(low, max(high, hit.end), anchor=(hit.start, hit.end)),
            attributes=attributes,
            assertion=_mood(note, site, treatments.get(site.unit, ())),
            confidence={"field": 0.95, "stated": 0.85, "title": 0.75}[site.strength],
        )
    yield from _vertebrae(note)
