"""Wording of a fraction's fields turned into ports, modality, features and technique."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Literal

from .patterns import groups

BeamModality = Literal["photon", "electron", "mixed"]

_PHOTON = re.compile(
    r"\bphotons?\b|(?<![\d.])(?:4|6|8|10|15|16|18|20|23|25)[ -]?(?:mvx?|mev[ -]?x|x)(?:[ -]?fff)?\b|"
    r"\bx-?(?:6|10|15|16|18|23|06)(?:[ -]?fff)?\b(?!\s*(?:fx|fract|days?|weeks?|wks?|films?|doses?|treat|sess|cm|mm|gy|cgy))|\b\d{1,2}fff\b"
)
_ELECTRON = re.compile(
    r"\belectrons?\b|\ben[ -]?face\b|(?<![\d.])(?:4|5|6|7|8|9|1\d|2[0-2])[ -]?mev\b(?!\s*x)|"
    r"(?<![\d.])(?:4|6|7|8|9|10|11|12|13|14|15|16|18|20|22)e\b|\be-?(?:6|7|8|9|10|12|13|14|15|16|18|20|22)\b"
)
_NO_ELECTRON = re.compile(r"\b(?:no|without)\s+(?:electrons?|en[ -]?face)")

_COUNTED = re.compile(
    r"(?<![\d/.])(?:(?P<done>\d{1,2})\s*/\s*(?P<of>\d{1,2})\s*(?:arcs?|fields?|flds?|beams?|ports?)|"
    r"(?P<n>\d{1,2}|one|two|three|four|five|six|seven|nine)[ -]*(?:x\s*)?(?:static |opposed |parallel[- ]opposed |coplanar |treatment |vmat |full |partial |oblique |photon |conformal )*"
    r"(?:arcs?|fields?|flds?|fld|beams?|ports?|tangents?|tangs?)\b|"
    r"(?P<word>arcs|fields|flds|beams|ports|tangents|tangs)\s*[:=x]?\s*(?P<m>\d{1,2})(?!\d|\s*(?:/|-|\.|:|mev|mv|x\b)))"
)
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "nine": 9}
_NAMED = re.compile(
    r"(?<![\w.])(?:ap|pa|[rl]ao|[rl]po|[rl]ant|[rl]post|r\.?\s?lat|l\.?\s?lat|rt\.?\s?lat|lt\.?\s?lat|rl|ll|"
    r"(?:[rl]t?\s)?(?:med|medial|lat|lateral)\s?tangs?(?:ent(?:ial)?)?|(?:(?:arc|field|fld|beam|port|cw|ccw)[ _-]?|vmat[_-]?)\d{1,3}[a-z]?|cw|ccw|sclav|scv|supraclav\w*|"
    r"pab|axilla|vertex)(?![\w.])"
)
_SINGLE = re.compile(r"\b(?:single|one)\s+(?:\w+\s+)?(?:field|port|beam|arc)\b|\ben[ -]?face\b")
_PAIR = re.compile(
    r"\bap\s?/\s?pa\b|\bopposed\s+(?:\w+\s+)?(?:lat\w*|fields?|tang\w*)|\b(?:tangent(?:s|ials?)|tangs)\b|\blaterals\b|\bopp(?:osed)?\s+lats?\b|\bmed\w*\s*[/&+]\s*lat\w*"
)
_BOX = re.compile(r"\b(?:4|four)[ -]?(?:field|fld)\s+(?:box|pelvis)|\bfour[ -]field\b")
_IMAGING_FIELD = re.compile(r"\b(?:cbct|k-?v|setup|set-up|drr|port\s?film|portal|mv\s?image|image|epid)\b")
_IDENT = re.compile(r"[a-z]{0,6}[-_]?\d{1,3}[a-z]?$|[a-z]{1,3}\d?$")
_SPLIT = re.compile(r"\s*[,;+&]\s*|\s+")
_NEGATED_FEATURE = re.compile(r"\b(?:no|without|non|not)\s+(?:\w+\s+){0,2}$")


@functools.lru_cache(maxsize=1024)
def modality(text: str) -> BeamModality | None:
    """Photon, electron or both, from energies and words; ``None`` where the text tells neither."""
    photon = bool(_PHOTON.search(text))
    electron = bool(_ELECTRON.search(text)) and not _NO_ELECTRON.search(text)
    if photon and electron:
        return "mixed"
    return "photon" if photon else "electron" if electron else None


@functools.lru_cache(maxsize=1024)
def features(text: str) -> frozenset[str]:
    """Features of the fields (``model.FractionFeature``) that the text affirms."""
    found: set[str] = set()
    for name, wording in groups("delivery.yaml", "features"):
        for match in wording.finditer(text):
            if not _NEGATED_FEATURE.search(text[max(0, match.start() - 24) : match.start()]):
                found.add(name)
                break
    return frozenset(found)


def port_names(text: str) -> list[str]:
    """Distinct names of treatment ports in a text, in order."""
    names: list[str] = []
    for match in _NAMED.finditer(text):
        name = re.sub(r"[\s._-]", "", match.group())
        if name not in names:
            names.append(name)
    return names


@functools.lru_cache(maxsize=1024)
def ports(text: str) -> int | None:
    """Number of ports or arcs that a text names, ``None`` where it tells nothing. FIF segments are none."""
    if _BOX.search(text):
        return 4
    counted = [
        _WORDS.get(number) or int(number)
        for match in _COUNTED.finditer(text)
        if (number := match.group("done") or match.group("n") or match.group("m"))
    ]
    counted = [number for number in counted if 1 <= number <= 20]
    if counted:
        return counted[0]
    names = port_names(text)
    if len(names) > 1:
        return len(names)
    if _PAIR.search(text):
        return 2
    return 1 if names or _SINGLE.search(text) else None


@functools.lru_cache(maxsize=1024)
def ports_of_cell(text: str) -> int | None:
    """Number of ports in the cell of a fields column, where bare identifiers count as fields."""
    stripped = text.strip()
    done = re.fullmatch(r"(\d{1,2})\s*(?:/|of)\s*(\d{1,2})", stripped)
    if done:
        return int(done.group(1)) or None
    if re.fullmatch(r"[1-9]|1\d", stripped):
        return int(stripped)
    known = ports(stripped)
    if known is not None:
        return known
    parts = [part for part in _SPLIT.split(stripped) if part]
    if len(parts) > 1 and all(_IDENT.fullmatch(part) for part in parts):
        return len(set(parts))
    return None


def is_imaging_field(text: str) -> bool:
    """Whether a field's name is that of a set-up or imaging field."""
    return bool(_IMAGING_FIELD.search(text))


def distinct_fields(cells: Sequence[str]) -> int | None:
    """Number of different treatment fields over the rows of one session (a row per field)."""
    names = {cell.strip() for cell in cells if cell.strip() and not is_imaging_field(cell)}
    return len(names) or None
