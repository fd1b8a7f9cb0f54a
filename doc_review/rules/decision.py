"""A case record becomes a decision: suggestions written for each claim, findings, and the comparison."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from ..errors import UsageError
from ..model import CaseRecord, Claim, Decision, Reason, Reference, Status, Suggestion
from .comparison import compare
from .components import hospital_claim, modifiers
from .engine import Line
from .findings import date_unknown, gathered, line_findings, record_findings
from .schema import Profile, Rulebook
from .services import all_lines, read_otherwise

_WORDS = {
    "supported": "documented, and every requirement is met",
    "needs_review": "a human must decide",
    "blocked": "documented, but a requirement fails",
    "bundled": "documented, and included in another code",
}


def decide(record: CaseRecord, rulebook: Rulebook, profile: str = "cms") -> Decision:
    """Decide every code that the record touches.

    ``profile`` names a reading of the rulebook; ``UsageError`` where it has none of that name. The same
    record and rulebook give the same decision, to the byte.
    """
    if profile not in rulebook.profiles:
        known = ", ".join(rulebook.profiles)
        raise UsageError(f"profile {profile} is not in the rulebook; choose one of {known}")
    reading = rulebook.profiles[profile]
    lines, capped = _without_dates(record, all_lines(rulebook, record, reading))
    listed = [line for line in lines if line.listed]
    claims: tuple[Claim | None, ...] = record.context.claim or (None,)
    placed = [
        (claim, line)
        for claim in dict.fromkeys(claims)
        for line in listed
        if modifiers(rulebook, reading, line.code, claim, line.on) is not None
    ]
    order = {claim: i for i, claim in enumerate(dict.fromkeys(claims))}
    placed.sort(key=lambda p: (p[1].course, order[p[0]], p[1].code, p[1].dates[:1], p[1].status))
    raised = line_findings(lines)
    raised += record_findings(rulebook, reading, record, [ln for ln in lines if ln.listed or ln.open], capped)
    compared = compare(rulebook, record, reading, placed)

    def on_claim(code: str) -> bool:
        day = max((line.on for line in lines if line.code == code), default=rulebook.begins)
        return any(modifiers(rulebook, reading, code, claim, day) is not None for claim in claims)

    readings = _Readings(rulebook, record, profile, listed)
    suggestions = [_suggestion(rulebook, record, readings, claim, line, listed) for claim, line in placed]
    return Decision(
        suggestions=tuple(suggestions),
        findings=gathered(rulebook, raised, on_claim, compared.raised if compared else ()),
        comparison=compared.rows if compared else None,
    )


def _without_dates(record: CaseRecord, lines: list[Line]) -> tuple[list[Line], list[str]]:
    """In a case with no date at all nothing is supported (policy 1.8); names the codes that suffer by it."""
    if not date_unknown(record):
        return lines, []
    capped = [
        line.code
        for line in lines
        if (line.listed and line.status == "supported")
        or any(r.type == "undated_signature" for r in line.raised)
    ]
    reason = Reason(text="No document of the case bears a date (1.8)", passed=None)
    result = []
    for line in lines:
        raised = tuple(r for r in line.raised if r.type != "undated_signature")
        status = "needs_review" if line.status == "supported" else line.status
        reasons = (*line.reasons, reason) if line.status == "supported" else line.reasons
        result.append(replace(line, status=status, raised=raised, reasons=reasons))
    return result, capped


def _suggestion(
    rulebook: Rulebook,
    record: CaseRecord,
    readings: _Readings,
    claim: Claim | None,
    line: Line,
    lines: Sequence[Line],
) -> Suggestion:
    failing = [r.text for r in line.reasons if r.passed is False]
    words = "; ".join(failing) if failing else _WORDS[line.status]
    remarks = readings.of(claim, line)
    cited = [name for _, other in remarks for name in (*readings.own.references, *other.references)]
    return Suggestion(
        code=line.code,
        label=rulebook.codes[line.code].label,
        claim=claim,
        course=line.course,
        status=line.status,
        units=line.units,
        modifiers=modifiers(rulebook, readings.own, line.code, claim, line.on) or (),
        dates=line.dates,
        rule=f"{line.clause} {line.title}",
        summary=f"{rulebook.codes[line.code].label}: {line.status.replace('_', ' ')}; {words}",
        reasons=(*line.reasons, *(reason for reason, _ in remarks)),
        evidence=line.evidence,
        against=line.against,
        missing=line.missing,
        references=_references(rulebook, record, claim, line, lines, cited),
    )


class _Readings:
    """What the other readings of the rules make of the same record (policy 7.4, 10.1)."""

    def __init__(self, rulebook: Rulebook, record: CaseRecord, profile: str, lines: Sequence[Line]) -> None:
        self.rulebook = rulebook
        self.own = rulebook.profiles[profile]
        self.others = {name: other for name, other in rulebook.profiles.items() if name != profile}
        self.ours = _told(lines)
        self.theirs = {
            name: {
                service: _told(_without_dates(record, lines)[0])
                for service, lines in read_otherwise(rulebook, record, self.own, other).items()
            }
            for name, other in self.others.items()
        }

    def of(self, claim: Claim | None, line: Line) -> list[tuple[Reason, Profile]]:
        """A remark for each reading that differs on this line, and the reading."""
        remarks = []
        for name, other in self.others.items():
            ours = modifiers(self.rulebook, self.own, line.code, claim, line.on)
            theirs = modifiers(self.rulebook, other, line.code, claim, line.on)
            codes = self._codes(name, line)
            if codes or ours != theirs:
                told = f"profile {name}: {codes}" if codes else f"profile {name}"
                remarks.append((Reason(text=f"{other.remark} ({told})", passed=None), other))
        return remarks

    def _codes(self, name: str, line: Line) -> str:
        """What the other reading has in place of this line, in the same service of the same course."""
        found = self.theirs[name].get(line.service)
        if found is None:
            return ""
        at = (line.course, line.service)
        mine, others = self.ours[at], found.get(at, [])
        if _told_of(line) in others:
            return ""
        changed = [one for one in others if one not in mine]
        words = [f"{code} x{units} {status.replace('_', ' ')}" for code, units, status, _ in changed]
        return "; ".join(dict.fromkeys(words)) or "not listed"


ToldLine = tuple[str, int, Status, tuple[dt.date, ...]]


def _told_of(line: Line) -> ToldLine:
    return (line.code, line.units, line.status, line.dates)


def _told(lines: Sequence[Line]) -> dict[tuple[int, str], list[ToldLine]]:
    """Code, units, status and dates of the listed lines, by course and service."""
    told: dict[tuple[int, str], list[ToldLine]] = {}
    for line in lines:
        if line.listed:
            told.setdefault((line.course, line.service), []).append(_told_of(line))
    return told


_MANUAL, _EDIT, _NCCI_MANUAL = "mcpm_4_200_3", "ncci_ptp", "ncci_manual_9f"


def _references(
    rulebook: Rulebook,
    record: CaseRecord,
    claim: Claim | None,
    line: Line,
    lines: Sequence[Line],
    cited: Sequence[str],
) -> tuple[Reference, ...]:
    """The references of a line and of readings that differ; a bundle's is that of claim and day (11.14)."""
    names = list(line.references)
    if line.status == "bundled":
        names = [n for n in names if n not in (_MANUAL, _EDIT, _NCCI_MANUAL)]
        days = {d for other in lines if other.service == "imrt_plan" for d in other.dates}
        if hospital_claim(record.context, claim):
            names.append(_MANUAL)
        else:
            names.append(_EDIT if days & set(line.dates) else _NCCI_MANUAL)
    entries = [rulebook.references[n] for n in dict.fromkeys((*names, *cited))]
    return tuple(
        Reference(title=e.title, locator=e.locator, effective_from=e.effective_from, url=e.url)
        for e in entries
    )
