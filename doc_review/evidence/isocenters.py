"""A note turned into ``isocenter`` evidence: how many isocenters, their labels and coordinates.

Set-up shifts from the CT origin, reference points and set-up sheets tell nothing (policy 7.8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .assertion import assert_spans
from .kinds import Draft, Reading
from .note import Note
from .patterns import pattern

_LEX = "isocenters.yaml"
_ISO = r"iso-?(?:cent(?:er|re|ra|ric)|ctr|c)?s?"
_WORDS = {
    "single": 1, "one": 1, "common": 1, "shared": 1, "same": 1, "sole": 1, "mono": 1, "dual": 2, "two": 2, "double": 2, "both": 2,
    "three": 3, "triple": 3, "four": 4, "five": 5, "six": 6, "a single": 1, "only one": 1, "i": 1, "twin": 2,
}  # fmt: skip
_COUNT_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_COUNTED: tuple[re.Pattern[str], ...] = (
    re.compile(
        rf"(?<![\w.#/-])(?P<n>{_COUNT_WORD})[ -]+(?:[a-z]\w*[ -]+){{0,2}}?(?:{_ISO})(?=[\s.,;:)\-/]|$)(?!\s*[:=]\s*\(?-?\d)"
    ),
    re.compile(
        r"(?<![\w.#/-])(?<!arc )(?<!field )(?<!beam )(?<!fx )(?<!plan )(?<!site )(?<!ptv )(?P<n>[1-9])[ -]+(?:treatment |separate |different |distinct )?"
        r"(?:iso(?:cent(?:er|re)s|s|ctrs)|iso(?:cent(?:er|re)|-?cent(?:er|re))?(?=[ -](?:plan|technique|treatment|vmat|setup|set-up)))\b(?!\s*[:=]\s*\(?-?\d)|"
        r"(?<![\w.#/-])(?<!arc )(?<!field )(?<!beam )(?P<m>1)[ -](?:iso|isocent(?:er|re))\b(?!\s*[:=]?\s*\(?-?\d)"
    ),
    re.compile(r"(?<!\w)(?P<mono>mono-?\s?iso-?\s?cent(?:er|re|ric)\w*|single-?iso\w*)"),
    re.compile(
        r"(?<!\w)(?:number\s+of\s+|no\.?\s+of\s+|#\s*(?:of\s+)?|nr\.?\s+of\s+)?(?:treatment\s+)?iso(?:cent(?:er|re)s|s|ctrs)\b(?:\s+used|\s+\(n\))?\s*(?:[:=|#]|\.{2,}\s*[:=]?|\s)\s*(?P<n>[1-9]|one|single|two|three|four)(?![\w.]\d|[\w/-]|\.\d)"
    ),
    re.compile(
        r"(?<!\w)(?:number\s+of\s+|no\.?\s+of\s+|#\s*(?:of\s+)?)iso(?:cent(?:er|re)|ctr)?s?\b\s*(?:[:=|]|\.{2,}\s*[:=]?|\s)\s*(?P<n>[1-9]|one|two|three)(?![\w.]\d|\w)"
    ),
    re.compile(
        r"(?<!\w)iso(?:cent(?:er|re)|ctr|c)?\s*(?:[:=|]|\.{2,}\s*[:=]?|\s{2,}|\(|,)?\s*(?:(?<=[:=|( ])(?P<n>single|one|common|shared|same|dual|two)|(?<=[:=|])\s*(?P<m>1)|(?<=\s\s)(?P<k>1))(?=[\s.,;:)(]|$)(?!\s*(?:\.\d|c?m\b|mm|deg|\(\s*-?\d))"
    ),
)
_LABELLED = re.compile(
    r"(?<!\w)(?:iso(?:cent(?:er|re))?|isoctr)\s*[#_-]?\s*(?P<label>[a-f](?![\w'])|[1-9](?![\w.%]|:\d|\s*(?:mm|cm|fx|fields?|arcs?|/)))"
)
_POINT = re.compile(
    r"(?:x\s*[:=]?\s*)?(?P<x>[+-]?\d{1,3}(?:\.\d+)?)\s*(?:cm|mm)?\s*[,;/|\s]\s*(?:y\s*[:=]?\s*)?(?P<y>[+-]?\d{1,3}(?:\.\d+)?)\s*(?:cm|mm)?\s*[,;/|\s]\s*(?:z\s*[:=]?\s*)?(?P<z>[+-]?\d{1,3}(?:\.\d+)?)\s*(?:cm|mm)?(?![\d/:])"
)
_POINT_LEAD = re.compile(
    r"[\s:=(|,\[]*(?:(?:position|coordinates?|coords?|\(?dicom\)?|at|cm|mm|\(cm\)|\(mm\)|x\s*/?\s*y\s*/?\s*z|[\w .-]{0,14}?)[\s:=(|,\[]*){0,3}?"
)
_ANY_ISO = re.compile(
    r"(?<!\w)(?:mono-?)?iso(?:-?cent(?:er|re|ric)\w*|ctrs?|s|c)?(?:[ _-]?\d|[ _-]?[a-f])?(?!\w)|single-?iso\w*"
)


@dataclass(frozen=True, slots=True)
class _Told:
    start: int
    end: int
    value: str
    count: int | None = None
    label: str | None = None
    coordinates: tuple[float, float, float] | None = None


def _is_setup(note: Note, start: int, end: int) -> bool:
    """Whether the words right around an isocenter speak of set-up."""
    low, high = note.line_at(start)
    around = note.plain[max(low, start - 40) : min(high, end + 30)]
    return bool(pattern(_LEX, "setup").search(around))


def _counts(note: Note, low: int, high: int) -> Iterator[_Told]:
    taken: list[tuple[int, int]] = []
    for wording in _COUNTED:
        for match in wording.finditer(note.plain, low, high):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            groups = match.groupdict()
            if groups.get("mono"):
                count = 1
            else:
                written = groups["n"] or groups.get("m") or groups["k"]
                count = int(written) if written.isdigit() else _WORDS[written]
            before = note.plain[max(low, match.start() - 24) : match.start()]
            if pattern(_LEX, "negated").search(before) or (
                count == 1 and _is_setup_shift(note, match.start(), match.end())
            ):
                continue
            taken.append(match.span())
            yield _Told(match.start(), match.end(), "single" if count == 1 else f"{count} isocenters", count)


def _is_setup_shift(note: Note, start: int, end: int) -> bool:
    low, high = note.line_at(start)
    after = note.plain[end : min(high, end + 30)]
    return (
        bool(re.match(r"\s*(?:shift|offset)", after)) or "shift" in note.plain[max(low, start - 12) : start]
    )


def _point_after(note: Note, start: int, stop: int) -> tuple[tuple[float, float, float], int] | None:
    """Coordinates that follow a named isocenter on its line."""
    for point in _POINT.finditer(note.plain, start, min(stop, start + 60)):
        lead = note.plain[start : point.start()]
        if _POINT_LEAD.fullmatch(lead) or re.fullmatch(r"[^\d.]{0,24}", lead):
            xyz = (float(point.group("x")), float(point.group("y")), float(point.group("z")))
            return xyz, point.end()
        return None
    return None


def _labels(note: Note, low: int, high: int) -> Iterator[_Told]:
    for match in _LABELLED.finditer(note.plain, low, high):
        _, stop = note.line_at(match.start())
        if match.group("label") == "a" and re.match(
            r"\s*(?:[a-z])", note.plain[match.end() : match.end() + 3]
        ):
            continue
        point = _point_after(note, match.end(), min(stop, high))
        if point is None and _is_setup(note, match.start(), match.end()):
            continue
        xyz, end = point if point else (None, match.end())
        yield _Told(
            match.start(), end, f"isocenter {match.group('label')}", None, match.group("label").upper(), xyz
        )


def _unlabelled_points(note: Note, low: int, high: int) -> Iterator[_Told]:
    for match in re.finditer(
        r"(?<!\w)iso(?:cent(?:er|re))?(?:\s+(?:position|coordinates?|coords?|point))?\s*(?:\((?:cm|mm|dicom)\))?\s*[:=(|]",
        note.plain[low:high],
    ):
        start = low + match.start()
        _, stop = note.line_at(start)
        if re.search(
            r"shift|offset|origin", note.plain[max(low, start - 30) : min(stop, low + match.end() + 12)]
        ):
            continue
        point = _point_after(note, low + match.end(), min(stop, high))
        if point:
            yield _Told(start, point[1], "coordinates", None, None, point[0])


def _told(note: Note) -> list[_Told]:
    """Every statement about isocenters of a note, in order (kept with the note)."""
    cached = note.__dict__.get("isocenters")
    if cached is not None:
        return list(cached)
    found: list[_Told] = []
    seen: set[int] = set()
    for match in _ANY_ISO.finditer(note.plain):
        unit = note.unit_at(match.start())
        low, high = note.line_at(match.start())
        if unit is not None:
            low, high = min(low, unit.start), max(high, unit.end)
        if low in seen:
            continue
        seen.add(low)
        here = [*_counts(note, low, high), *_labels(note, low, high), *_unlabelled_points(note, low, high)]
        here.sort(key=lambda told: (told.start, -told.end))
        reach = -1
        for told in here:
            if told.start >= reach:
                found.append(told)
                reach = told.end
        move = pattern(_LEX, "move").search(note.plain, low, high)
        if move and not any(told.count and told.count > 1 for told in here):
            found.append(_Told(move.start(), move.end(), "move between isocenters", 2))
    note.__dict__["isocenters"] = found
    return list(found)


def _named_count(told: list[_Told]) -> int | None:
    """How many different isocenters the labels or coordinates of a note name."""
    labels = {item.label for item in told if item.label}
    points = {item.coordinates for item in told if item.coordinates}
    count = max(len(labels), len(points))
    return count if count > 1 else None


def told_isocenters(note: Note) -> list[tuple[int, int, int]]:
    """Flat start, end and number of every statement of how many isocenters are treated."""
    return [(item.start, item.end, item.count) for item in _told(note) if item.count]


def extract(reading: Reading) -> Iterator[Draft]:
    """Isocenters a note tells of, and their number where labels or coordinates tell it."""
    note = reading.note
    told = _told(note)
    assertions = assert_spans(note, [(item.start, item.end, "isocenter") for item in told])
    affirmed = [item for item, said in zip(told, assertions, strict=True) if said in ("affirmed", "planned")]
    named = _named_count(affirmed)
    seen: set[tuple[object, ...]] = set()
    for item, said in zip(told, assertions, strict=True):
        key = (item.value, item.count, item.coordinates, said)
        if key in seen:
            continue
        seen.add(key)
        attributes: dict[str, object] = {}
        if item.count is not None:
            attributes["count"] = item.count
        elif named is not None and item in affirmed:
            attributes["count"] = named
        if item.label:
            attributes["label"] = item.label
        if item.coordinates:
            attributes["coordinates"] = list(item.coordinates)
        unit = note.unit_at(item.start)
        low, high = (unit.start, max(unit.end, item.end)) if unit else (item.start, item.end)
        yield Draft(
            kind="isocenter",
            value=item.value,
            citation=note.cite(low, high, anchor=(item.start, item.end)),
            attributes=attributes,
            assertion=said,
            confidence=0.9 if item.count else 0.8,
        )
