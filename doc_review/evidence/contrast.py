"""A note turned into ``contrast`` evidence: an agent was given, or none was.

Contrast that was planned and then held is none (policy 4.1). Contrast of a diagnostic scan, an allergy
and a screening form are no contrast of the simulation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..model import Assertion
from .assertion import assert_spans, note_sections
from .kinds import Draft, Reading
from .note import Note
from .patterns import groups, pattern
from .segments import Unit
from .tickboxes import BOX, is_ticked

_LEX = "contrast.yaml"
_LABEL = re.compile(
    r"(?<!\w)contrast(?:\s*(?:agent|media|medium|used|given|administered|injected|type|material|injection|\?|\(\w+\)))*\s*(?P<sep>[:=?|]|\.{2,}|(?<=\s)-\s|\s{2,}(?=[\[(\u2610-\u2612])|(?=\[|\u2610|\u2611|\u2612))\s*"
)
_ANSWER_NO = re.compile(
    r"(?:none|no\b|n/?a\b|nil|not\b|without|negative|0\b|held|deferred|declined|refus|contraind|(?:pt|patient)\s+(?:refus|declin)|-+\s*$|_+|\u2014)"
)
_ANSWER_YES = re.compile(
    r"(?:yes\b|y\b|iv\b|i\.v|oral|po\b|intraven|rectal|urethr|given|administered|used|with\b|bladder|vaginal|\d{1,3}\s*(?:ml|cc))"
)
_OPTION_NO = re.compile(r"\W*(?:none|no\b|n/?a|not\s)")
_FOREIGN_SCAN = re.compile(
    r"\b(?:diagnostic|outside|staging|prior|previous|recent|restaging)\s+(?:\w+\s+){0,2}$"
)
_BOTH = re.compile(
    r"\b(?:with\s*(?:and|/|or)\s*without|w/?o?\s*(?:and|&|/)\s*w/?o?|without\s*(?:and|then)\s*with)\b"
)
_CLAUSE = re.compile(r";\s|\.\s")
_SIM_WORD = re.compile(r"\bsim(?:ulation|ulated|ulator)?\b|\bplanning (?:ct|scan)\b")


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    unit: tuple[int, int]
    value: str
    assertion: Assertion
    strong: bool = False
    routes: tuple[str, ...] = ()
    agent: str | None = None
    attributes: dict[str, object] = field(default_factory=dict)


def _routes(text: str) -> tuple[str, ...]:
    return tuple(value for value, wording in groups(_LEX, "routes") if wording.search(text))


def _agent(text: str) -> str | None:
    match = pattern(_LEX, "agent").search(text)
    return match.group() if match else None


def _ticked_options(text: str) -> tuple[list[str], list[str]]:
    """Ticked and unticked options of a row of boxes, each with the label that belongs to it."""
    boxes = list(BOX.finditer(text))
    before = bool(text[: boxes[0].start()].strip(" :|-"))
    ticked: list[str] = []
    empty: list[str] = []
    for index, box in enumerate(boxes):
        if before:
            low = boxes[index - 1].end() if index else 0
            label = text[low : box.start()]
        else:
            high = boxes[index + 1].start() if index + 1 < len(boxes) else len(text)
            label = text[box.end() : high]
        (ticked if is_ticked(box) else empty).append(label.strip(" :|-"))
    return ticked, empty


def _names_contrast(label: str) -> bool:
    return "contrast" in label or _agent(label) is not None


def _from_boxes(note: Note, unit: tuple[int, int], match: re.Match[str]) -> _Found | None:
    """What a row of boxes behind a contrast label says; ``None`` where there are no boxes."""
    _, stop = note.line_at(match.start())
    stop = min(max(stop, unit[1]), match.end() + 200)
    start, _ = note.line_at(match.start())
    leading = BOX.search(note.plain, start, match.start()) is not None
    text = note.plain[start if leading else match.end() : stop]
    if not BOX.search(text):
        return None
    ticked, empty = _ticked_options(text)
    if leading:
        # Boxes of other devices may stand on the same line.
        ticked, empty = ([label for label in labels if _names_contrast(label)] for labels in (ticked, empty))
    given = [label for label in ticked if not _OPTION_NO.match(label)]
    span = (match.start(), stop)
    if given:
        return _Found(*span, unit, "given", "affirmed", routes=_routes(" ".join(given)), agent=_agent(text))
    if ticked or empty:
        return _Found(*span, unit, "none", "negated")
    return None


def _answer_routes(note: Note, match: re.Match[str], answer: str) -> tuple[str, ...]:
    """Routes that the words before a label name (``Oral contrast:``), otherwise its answer."""
    before = _routes(note.plain[max(0, match.start() - 12) : match.start()].rsplit("\n", 1)[-1])
    return before or _routes(_CLAUSE.split(answer)[0])


def _from_label(note: Note, unit: tuple[int, int], match: re.Match[str]) -> _Found | None:
    """What the answer behind a contrast label says."""
    _, stop = note.line_at(match.start())
    answer = note.plain[match.end() : min(max(stop, unit[1]), match.end() + 160)].rstrip()
    start = match.end() + len(answer) - len(answer.lstrip())
    answer = answer.lstrip()
    if _ANSWER_NO.match(answer) or pattern(_LEX, "none").match(answer):
        return _Found(match.start(), start + len(answer), unit, "none", "negated", strong=True)
    if _ANSWER_YES.match(answer) or _agent(answer[:60]) is not None:
        if pattern(_LEX, "not_given").search(answer):
            return _Found(match.start(), start + len(answer), unit, "none", "negated", strong=True)
        strong = bool(pattern(_LEX, "volume").search(answer))
        return _Found(
            match.start(),
            start + len(answer),
            unit,
            "given",
            "affirmed",
            strong,
            _answer_routes(note, match, answer),
            _agent(answer),
        )
    return None


def _nearest_scan_is_other(note: Note, unit: tuple[int, int], start: int, end: int) -> bool:
    """Whether the scan that the contrast belongs to is another than the planning scan."""
    after = note.plain[end : min(unit[1], end + 24)]
    if re.match(
        r"[- ]?(?:enhanced\s+)?(?:brain\s+|pelvic\s+|diagnostic\s+|t1\w*\s+)*(?:mri|mr\b|pet|t1|diagnostic)",
        after,
    ):
        return True
    before = note.plain[unit[0] : start]
    others = [m.span() for m in pattern(_LEX, "other_scan").finditer(before)]
    other = [low for low, _ in others]
    own = [
        m.start()
        for m in pattern(_LEX, "planning_scan").finditer(before)
        if not any(low <= m.start() < high for low, high in others)
    ]
    if own and _FOREIGN_SCAN.search(before[: own[-1]]):
        return True
    return bool(other) and (not own or other[-1] >= own[-1] - 1)


def _is_given(note: Note, unit: tuple[int, int], start: int, end: int) -> tuple[bool, bool]:
    """Whether the words around a contrast term say that it was given, and whether they say how much."""
    text = note.plain[max(unit[0], start - 60) : min(unit[1], end + 60)]
    volume = bool(pattern(_LEX, "volume").search(text))
    verb = bool(pattern(_LEX, "given").search(text))
    if "gram" in note.plain[start:end]:
        verb = verb or bool(pattern(_LEX, "study_done").search(text))
    return volume or verb, volume and (verb or _agent(text) is not None)


def _from_words(note: Note, unit: Unit) -> Iterator[_Found]:
    """What prose says of contrast."""
    span = (unit.start, unit.end)
    plain = note.plain
    if pattern(_LEX, "allergy").search(plain, *span) and not pattern(_LEX, "volume").search(plain, *span):
        return
    refused = pattern(_LEX, "not_given").search(plain, *span)
    mention = pattern(_LEX, "contrast").search(plain, *span) or pattern(_LEX, "agent").search(plain, *span)
    if refused and mention:
        yield _Found(refused.start(), refused.end(), span, "none", "negated", strong=True)
        return
    absent = pattern(_LEX, "none").search(plain, *span)
    if absent:
        yield _Found(absent.start(), absent.end(), span, "none", "negated")
    for match in [
        *pattern(_LEX, "contrast").finditer(plain, *span),
        *pattern(_LEX, "agent").finditer(plain, *span),
    ]:
        idiom = pattern(_LEX, "idiom").search(plain, max(unit.start, match.start() - 14), match.end())
        if idiom or (absent and absent.start() <= match.end() and match.start() <= absent.end()):
            continue
        low = max(unit.start, (absent.end() if absent and absent.end() <= match.start() else unit.start))
        told, strong = _is_given(note, (low, unit.end), match.start(), match.end())
        if not told or (pattern(_LEX, "preparation").search(plain, *span) and not strong):
            continue
        said = assert_spans(note, [(match.start(), match.end(), "contrast")])[0]
        if said == "negated" and _BOTH.search(plain, *span):
            said = "affirmed"
        if said == "affirmed" and _nearest_scan_is_other(note, span, match.start(), match.end()):
            said = "historical"
        text = _CLAUSE.split(plain[low : unit.end][max(0, match.start() - low - 60) :])[0]
        text = (
            text if _routes(text) else plain[max(low, match.start() - 60) : min(unit.end, match.end() + 60)]
        )
        if said == "negated":
            yield _Found(match.start(), match.end(), span, "none", "negated")
        else:
            yield _Found(match.start(), match.end(), span, "given", said, strong, _routes(text), _agent(text))
        return


def _all(note: Note) -> list[_Found]:
    """Every statement about contrast of a note."""
    hint = re.compile(
        pattern(_LEX, "contrast").pattern
        + "|"
        + pattern(_LEX, "agent").pattern
        + r"|unenhanced|non-?contrast"
    )
    if not hint.search(note.plain):
        return []
    sections = note_sections(note)
    found: list[_Found] = []
    for unit, section in zip(note.units, sections, strict=True):
        if not hint.search(note.plain, unit.start, unit.end):
            continue
        if section == "allergies":
            continue
        span = (unit.start, unit.end)
        label = _LABEL.search(note.plain, unit.start, unit.end)
        told = (_from_boxes(note, span, label) or _from_label(note, span, label)) if label else None
        if told:
            found.append(told)
            if told.value == "given" and pattern(_LEX, "not_given").search(note.plain, *span):
                found.append(_Found(told.start, told.end, span, "none", "negated", strong=True))
            continue
        found.extend(_from_words(note, unit))
    return found


def _settled(note: Note, item: _Found, held: bool) -> Assertion:
    """Assertion of a statement by the kind of its note: only a simulation's (or plan's) contrast is given there."""
    if item.value != "given" or item.assertion != "affirmed":
        return item.assertion
    if held and not item.strong:
        return "planned"
    if note.kind in ("consultation", "order", "prescription", "management_visit", "correspondence"):
        return "planned" if _SIM_WORD.search(note.plain, *item.unit) else "historical"
    return "affirmed"


def extract(reading: Reading) -> Iterator[Draft]:
    """Contrast given or not, with agent and route."""
    note = reading.note
    found = _all(note)
    held = any(item.value == "none" and item.strong for item in found)
    seen: set[tuple[str, Assertion]] = set()
    for item in found:
        assertion = _settled(note, item, held)
        key = (item.value, assertion)
        if key in seen and item.value == "none":
            continue
        seen.add(key)
        attributes: dict[str, object] = {}
        if item.value == "given" and item.agent:
            attributes["agent"] = item.agent
        if item.value == "given" and item.routes:
            attributes["route"] = item.routes[0] if len(item.routes) == 1 else list(item.routes)
        yield Draft(
            kind="contrast",
            value=item.value,
            citation=note.cite(*item.unit, anchor=(item.start, item.end)),
            attributes=attributes,
            assertion=assertion,
            confidence=0.92 if item.strong or item.value == "none" else 0.85,
        )
