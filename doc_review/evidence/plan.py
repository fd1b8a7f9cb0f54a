"""A plan report turned into ``plan`` evidence: label, technique, beams, optimisation, dates, replan and boost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ..dates import find_dates
from .assertion import assert_hits, assert_spans
from .dose import Scheme, schemes
from .kinds import Draft, Reading
from .matcher import find_hits
from .note import Note
from .orders import most_specific
from .plan_fields import fields_of, laid_out, plan_arcs, plan_date, plan_scheme
from .technique import technique_hits

_LABEL = re.compile(
    r"\b(?:plan(?:\s?(?:name|id|label|\(s\)))?|course/plan|beam ?set|trial(?: name)?)\s*(?P<mark>:|=|\.{2,}|#)?\s+(?:\d+ / )?"
    r"(?=(?P<label>[A-Za-z0-9][\w.+-]{2,30}))",
    re.IGNORECASE,
)
# A plan's own section begins with its label; a label further into a line only refers to a plan.
_AT_LINE_HEAD = 16
_SHORTEST_PLAN = 200
_LABEL_NOISE = frozenset(
    [
        "report",
        "name",
        "id",
        "documentation",
        "label",
        "date",
        "approved",
        "approval",
        "status",
        "was",
        "is",
        "for",
        "with",
        "summary",
        "review",
        "type",
        "dose",
        "document",
        "and",
        "the",
        "by",
        "normalization",
        "normalisation",
        "printed",
        "page",
        "information",
        "uid",
        "details",
        "parameters",
        "evaluation",
        "quality",
        "selected",
        "accepted",
        "acceptable",
        "signed",
        "set",
        "rpt",
        "plan",
        "doc",
        "technique",
        "comparison",
        "note",
        "sum",
        "data",
        "prepared",
        "author",
        "physician",
        "created",
        "intent",
        "version",
        "notes",
        "approver",
        "revision",
    ]
)
_ARC_ROW = re.compile(
    r"\b(?:\d{1,3}(?:\.\d)?\s*(?:\u00b0|deg)?\s*(?:-|to|->|\u2192|/)\s*\d{1,3}(?:\.\d)?\b[^\n]{0,30}\b(?:cw|ccw|clockwise|counter)|\b(?:cw|ccw)\b)"
)
_ARC_COUNT = re.compile(
    r"\b(?P<n>\d|one|single|two|dual|three|four|half|full)\s*(?:x\s*)?(?:[- ]|full |partial |half |coplanar |vmat |co-planar |non-coplanar |modulated |complete |opposing )*arcs?\b"
)
_COUNTS = {"one": 1, "single": 1, "two": 2, "dual": 2, "three": 3, "four": 4, "half": 1, "full": 1}
_INVERSE = re.compile(
    r"\b(?:inverse\w*|optimi[sz](?:er|ation|ed)|dmpo|photon optimizer|\bpo\b ?v?\d|iterations?|fluence|objective function|cost function|direct machine)\b"
)
_FORWARD = re.compile(
    r"\b(?:forward[- ]?plan\w*|(?:manual|hand)[- ](?:segment\w*|drawn)|optimizer:? none|no (?:inverse )?(?:optimi[sz]ation|fluence)|not inverse\w*|no inverse|without (?:inverse )?optimi[sz]ation|no fluence map)\b"
)
_MLC = re.compile(r"\b(?:mlc|multi-?leaf|leaves|agility|millennium|hd120|segments?|control points?)\b")
_COMPENSATOR = re.compile(r"\bcompensators?\b")
_NO_COMPENSATOR = re.compile(
    r"\b(?:no|not|without|none|electronic|dynamic|e-?|virtual|instead of|rather than)\s+(?:\w+\s+){0,2}$"
)
_REPLAN = re.compile(
    r"\b(?:re-?plan\w*|adaptive plan|adapted plan|adaptive|revised plan|revision|plan revision)\b"
)
_NEGATION = re.compile(r"\b(?:no|not|without|none)\b[^.\n]{0,20}$")
_NOT_INVERSE = frozenset({"FIF", "3DCRT", "2D", "ELECTRON"})
_BOOST = re.compile(r"\b(?:boost|cone[- ]?down|bst|cd1|phase (?:2|ii|two))\b")
_CT = re.compile(
    r"\b(?:planning (?:ct|scan|image\w*)|ct (?:dataset|image set|scan|sim\w*|date|images?)|image ?set|primary (?:image|dataset)|dataset|ct\b)"
)
_DRAFT = re.compile(
    r"\b(?:draft|preliminary|not for (?:clinical|treatment) use|comparison plan|trial plan|unapproved draft|rejected|superseded|abandoned|not delivered|never delivered|for insurance)\b"
)


def _label(note: Note) -> tuple[str, int] | None:
    """The plan's label as written, and its offset: one with a digit or underscore before a bare word."""
    found: list[tuple[bool, int, str]] = []
    for match in _LABEL.finditer(note.text):
        label = match.group("label")
        if label.lower().rstrip(".") in _LABEL_NOISE or label.isdigit() or label == label.lower():
            continue
        coded = any(char in "_0123456789" for char in label)
        if not coded and not match.group("mark"):
            continue
        found.append((not coded, match.start("label"), label))
    if not found:
        return None
    _, offset, label = min(found)
    return label, offset


def _prescribed(note: Note) -> Scheme | None:
    """The highest dose scheme that a line of the report states."""
    found = [scheme for unit in note.units for scheme in schemes(note.plain[unit.start : unit.end])]
    return max(found, key=lambda scheme: (scheme.consistent, scheme.dose_gy or 0), default=None)


def _arcs(note: Note) -> int | None:
    """Number of arcs told by words, otherwise by rows of the beam table."""
    match = _ARC_COUNT.search(note.plain)
    if match:
        number = match.group("n")
        return _COUNTS.get(number) or int(number)
    rows = sum(1 for start, end in note.lines if _ARC_ROW.search(note.plain, start, end))
    return rows or None


def _planning_ct(note: Note) -> str | None:
    """Date of the planning CT where a line names one."""
    for match in _CT.finditer(note.plain):
        _, high = note.line_at(match.start())
        found = find_dates(note.text[match.start() : min(high, match.end() + 50)].replace("_", " "))
        if found:
            return found[0][2].isoformat()
    return None


def _compensated(note: Note) -> bool:
    """Whether a physical compensator is affirmed."""
    spans = [
        (match.start(), match.end(), "technique")
        for match in _COMPENSATOR.finditer(note.plain)
        if not _NO_COMPENSATOR.search(note.plain, max(0, match.start() - 30), match.start())
    ]
    return any(assertion in ("affirmed", "planned") for assertion in assert_spans(note, spans))


def _words(pattern: re.Pattern[str], note: Note, negation: re.Pattern[str] | None = None) -> bool:
    """Whether the note says a word that no negation goes before."""
    return any(
        negation is None or not negation.search(note.plain, max(0, match.start() - 30), match.start())
        for match in pattern.finditer(note.plain)
    )


Bounds = list[list[int]]


def _parts(note: Note) -> list[tuple[int, int]]:
    """Stretches of a report that holds several plans, one per plan label at the head of a line."""
    heads: dict[str, int] = {}
    for match in _LABEL.finditer(note.text):
        label = match.group("label")
        coded = any(char in "_0123456789" for char in label) and not label.isdigit()
        if coded and match.start() - note.line_at(match.start())[0] <= _AT_LINE_HEAD:
            heads.setdefault(label.lower(), note.line_at(match.start())[0])
    starts = sorted(set(heads.values()))
    bounds = [0, *starts[1:], len(note.text)]
    parts = list(pairwise(bounds))
    stated = all(schemes(note.plain[low:high]) and high - low >= _SHORTEST_PLAN for low, high in parts)
    return parts if len(parts) > 1 and stated else [(0, len(note.text))]


def extract(reading: Reading) -> Iterator[Draft]:
    """The plans of a plan report, in order; ``bounds`` tells where each stands if there are several."""
    note = reading.note
    if note.kind != "plan" or not note.units:
        return
    parts = _parts(note)
    if len(parts) == 1:
        yield _plan(reading, None)
        return
    for low, high in parts:
        part = note.part(low, high)
        hits = find_hits(part)
        bounds = [list(note.on_page(low)), list(note.on_page(high))]
        yield _plan(Reading(part, hits, assert_hits(part, hits), reading.providers), bounds)


def _plan(reading: Reading, bounds: Bounds | None) -> Draft:
    """One plan of a report."""
    note = reading.note
    stated = [(hit, a) for hit, a in technique_hits(reading) if a in ("affirmed", "planned")]
    technique = most_specific([hit.value for hit, _ in stated if hit.value != "EBRT"])
    laid = laid_out(note)
    seen = laid.note if laid else note
    fields = list(fields_of(note))
    arcs = (plan_arcs(note, fields) or _arcs(seen)) if technique in ("VMAT", "IMRT", None) else None
    forward = _words(_FORWARD, note, _NEGATION)
    if forward and technique == "IMRT":
        # A forward-planned plan that names IMRT only to set itself apart is what else it calls itself.
        technique = most_specific([hit.value for hit, _ in stated if hit.value in _NOT_INVERSE]) or technique
    inverse = (
        not forward
        and technique not in _NOT_INVERSE
        and (_words(_INVERSE, note, _NEGATION) or technique in ("VMAT", "TOMOTHERAPY"))
    )
    if technique is None and arcs and inverse:
        technique = "VMAT"
    if technique == "IMRT" and arcs and inverse:
        technique = "VMAT"
    imrt = technique in ("IMRT", "VMAT", "TOMOTHERAPY")
    compensator = _compensated(note)
    best = _prescribed(seen)
    told = best if best and best.consistent else plan_scheme(note, fields) or best
    label = _label(note)
    if laid and (found := _label(seen)):
        label = found[0], laid.flat(found[1])
    day = plan_date(note, fields) or note.entry.date
    attributes: dict[str, object] = {
        "technique": technique,
        "inverse": True if inverse else False if forward else None,
        "modulation": "compensator" if compensator else "mlc" if imrt or _MLC.search(note.plain) else None,
        "arcs": arcs,
        "fractions": told.fractions if told else None,
        "dose_gy": told.dose_gy if told else None,
        "date": day.isoformat() if day else None,
        "planning_ct": _planning_ct(seen),
        "replan": _words(_REPLAN, note, _NEGATION),
        "boost": bool(_BOOST.search(note.plain[: max(400, len(note.plain) // 4)]))
        or bool(label and _BOOST.search(label[0].lower())),
        "draft": bool(_DRAFT.search(note.plain)),
        "bounds": bounds,
    }
    cited = next((hit for hit, _ in stated if hit.value == technique), None)
    start = label[1] if label else cited.start if cited else note.units[0].start
    low, high = note.line_at(start)
    return Draft(
        kind="plan",
        value=label[0] if label else technique or "plan",
        citation=note.cite(low, high, also=[note.line_at(cited.start)] if cited and label else ()),
        attributes=attributes,
        confidence=0.95 if technique else 0.7,
    )
