"""A case record becomes a decision: suggestions written for each claim, findings, and the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..errors import UsageError
from ..model import CaseRecord, Claim, Decision, Reason, Reference, Suggestion
from .comparison import compare
from .components import hospital_claim, modifiers
from .engine import Line
from .findings import date_unknown, gathered, line_findings, record_findings
from .schema import NotInForce, Profile, Rulebook, in_force
from .services import all_lines, fee_column

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

    suggestions = [_suggestion(rulebook, record, profile, claim, line, listed) for claim, line in placed]
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
    profile: str,
    claim: Claim | None,
    line: Line,
    lines: Sequence[Line],
) -> Suggestion:
    reading = rulebook.profiles[profile]
    failing = [r.text for r in line.reasons if r.passed is False]
    words = "; ".join(failing) if failing else _WORDS[line.status]
    remarks = _remarks(rulebook, record, profile, claim, line)
    return Suggestion(
        code=line.code,
        label=rulebook.codes[line.code].label,
        claim=claim,
        course=line.course,
        status=line.status,
        units=line.units,
        modifiers=modifiers(rulebook, reading, line.code, claim, line.on) or (),
        dates=line.dates,
        rule=f"{line.clause} {line.title}",
        summary=f"{rulebook.codes[line.code].label}: {line.status.replace('_', ' ')}; {words}",
        reasons=(*line.reasons, *remarks),
        evidence=line.evidence,
        against=line.against,
        missing=line.missing,
        references=_references(rulebook, record, claim, line, lines),
    )


def _remarks(
    rulebook: Rulebook, record: CaseRecord, profile: str, claim: Claim | None, line: Line
) -> list[Reason]:
    """Say where another reading of the rules differs for this line (policy 7.4, 10.1)."""
    reading = rulebook.profiles[profile]
    remarks = []
    for name, other in rulebook.profiles.items():
        if name == profile:
            continue
        ours = modifiers(rulebook, reading, line.code, claim, line.on)
        theirs = modifiers(rulebook, other, line.code, claim, line.on)
        if ours != theirs or (_columns_matter(rulebook, line) and _column_differs(record, reading, other)):
            remarks.append(Reason(text=f"{other.remark} (profile {name})", passed=None))
    return remarks


def _column_differs(record: CaseRecord, one: Profile, other: Profile) -> bool:
    return fee_column(record, one) != fee_column(record, other)


def _columns_matter(rulebook: Rulebook, line: Line) -> bool:
    """Whether the fee column still tells the codes apart on the line's day."""
    table = rulebook.services[line.service].table
    if table is None or "fee_column" not in rulebook.tables[table].facts:
        return False
    version = in_force(rulebook.tables[table].versions, line.on, table)
    return not isinstance(version, NotInForce) and any("fee_column" in row.when for row in version.rows)


_MANUAL, _EDIT, _NCCI_MANUAL = "mcpm_4_200_3", "ncci_ptp", "ncci_manual_9f"


def _references(
    rulebook: Rulebook, record: CaseRecord, claim: Claim | None, line: Line, lines: Sequence[Line]
) -> tuple[Reference, ...]:
    """The references of a line; for a bundle the one that holds for the claim and the day (11.14)."""
    names = list(line.references)
    if line.status == "bundled":
        names = [n for n in names if n not in (_MANUAL, _EDIT, _NCCI_MANUAL)]
        days = {d for other in lines if other.service == "imrt_plan" for d in other.dates}
        if hospital_claim(record.context, claim):
            names.append(_MANUAL)
        else:
            names.append(_EDIT if days & set(line.dates) else _NCCI_MANUAL)
    entries = [rulebook.references[n] for n in names]
    return tuple(
        Reference(title=e.title, locator=e.locator, effective_from=e.effective_from, url=e.url)
        for e in entries
    )
