"""What lines and billed rows raised becomes the list of findings: one a type, filtered by the claim."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from ..model import CaseRecord, Finding, FindingType, Severity
from .components import SPLIT, kind_name
from .engine import Line, Raised
from .facts.base import joined
from .queries import lint_question
from .schema import ASIDE, Profile, Rulebook
from .sessions import in_scope

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
_WHOLE_CASE: frozenset[FindingType] = frozenset(
    {
        "other_patient_document",
        "unread_page",
        "date_unknown",
        "component_unspecified",
        "out_of_scope_modality",
    }
)
"""Findings about the case, which stand even where they name no code."""


def record_findings(
    rulebook: Rulebook, profile: Profile, record: CaseRecord, lines: Sequence[Line], capped: Sequence[str]
) -> list[Raised]:
    """Findings about the case as a whole. ``capped`` are the codes that no date lets be supported."""
    raised: list[Raised] = []
    if record.other_patient:
        evidence = joined(o.evidence for o in record.other_patient)
        names = ", ".join(dict.fromkeys(o.document for o in record.other_patient))
        raised.append(Raised("other_patient_document", None, names, evidence))
    if record.unread:
        parts = [f"{u.document} page {u.page}" if u.page else u.document for u in record.unread]
        raised += _each("unread_page", [line.code for line in lines if line.open], ", ".join(parts))
    for course in record.courses:
        if not in_scope(course):
            raised.append(
                Raised("out_of_scope_modality", None, str(course.technique.value), course.technique.evidence)
            )
        for simulation in course.simulations:
            if simulation.serves == "out_of_scope" and in_scope(course):
                raised.append(Raised("out_of_scope_modality", None, "simulation", simulation.evidence))
    if date_unknown(record):
        raised += _each("date_unknown", capped, "")
    split = [line.code for line in lines if line.listed and _split(rulebook, profile, line)]
    if not record.context.claim:
        raised += _each("component_unspecified", split, "")
    wrong = {"global", "technical"} & set(record.context.claim)
    if wrong and record.context.setting == "hospital_outpatient":
        detail = f"A {' or '.join(sorted(wrong))} claim in a hospital; a hospital's claim is facility"
        raised += _each("component_error", split, detail)
    return raised


def line_findings(lines: Sequence[Line]) -> list[Raised]:
    """What the lines raised, less what a line that others depend on raises already (policy 13.4)."""
    own = {(line.course, line.service, r.type) for line in lines for r in line.raised}
    return [
        r
        for line in lines
        for r in line.raised
        if not any((line.course, service, r.type) in own for service in r.defers_to)
    ]


def _each(finding: FindingType, codes: Iterable[str], detail: str) -> list[Raised]:
    named = [Raised(finding, code, detail, ()) for code in dict.fromkeys(codes)]
    return named or [Raised(finding, None, detail, ())]


def _split(rulebook: Rulebook, profile: Profile, line: Line) -> bool:
    return kind_name(rulebook, profile, line.code, line.on) in (SPLIT, *_overridden(profile, line.code))


def _overridden(profile: Profile, code: str) -> tuple[str, ...]:
    return (profile.components[code],) if code in profile.components else ()


def date_unknown(record: CaseRecord) -> bool:
    """Whether no service, signature or document of the case bears a date (policy 1.8)."""
    if record.latest_date is not None:
        return False
    return not any(_dates(record))


def _dates(record: CaseRecord) -> Iterable[dt.date]:
    for c in record.courses:
        told = [c.first_fraction.value, c.last_fraction.value]
        told += [d for o in c.orders for d in (o.date, o.signature_date)]
        told += [d for s in c.simulations for d in (s.date, s.signature_date)]
        told += [d for p in c.plans for d in (p.date, p.approval.date)]
        told += [f.date for f in c.fractions]
        told += [d for e in (*c.physics_checks, *c.management_visits) for d in (e.date, e.signature_date)]
        yield from (d for d in told if d is not None)


def gathered(
    rulebook: Rulebook, raised: Sequence[Raised], on_claim: Callable[[str], bool], billed: Sequence[Raised]
) -> tuple[Finding, ...]:
    """Merge what was raised into one finding a type, ordered by severity, type and codes.

    Findings that concern only codes outside the claim are left out, except those of ``billed`` lines.
    """
    by_type: dict[FindingType, list[Raised]] = {}
    for one in raised:
        if one.code is None or on_claim(one.code):
            by_type.setdefault(one.type, []).append(one)
        elif one.type in _WHOLE_CASE:
            by_type.setdefault(one.type, []).append(Raised(one.type, None, one.detail, one.evidence))
    for one in billed:
        by_type.setdefault(one.type, []).append(one)
    found = [_finding(rulebook, kind, parts) for kind, parts in by_type.items()]
    return tuple(sorted(found, key=lambda f: (_ORDER[f.severity], f.type, f.codes)))


def asked(template: str, indicators: Iterable[str]) -> str:
    """A query with the chart's own indicators in place of ``{detail}``.

    The template has them in parentheses, which go where the chart tells none, or where what it tells would
    make the query one that may not go out (policy 13; see ``queries``).
    """
    told = "; ".join(dict.fromkeys(one for one in indicators if one))
    filled = template.replace("{detail}", told)
    return filled if told and not lint_question(filled) else ASIDE.sub("", template)


def _finding(rulebook: Rulebook, kind: FindingType, parts: Sequence[Raised]) -> Finding:
    spec = rulebook.findings[kind]
    details = list(dict.fromkeys(p.detail for p in parts if p.detail))
    detail = "; ".join(details) + ("." if details else "")
    return Finding(
        type=kind,
        severity=spec.severity,
        codes=tuple(sorted({p.code for p in parts if p.code})),
        message=spec.message.replace("{detail}", detail).strip(),
        query=None if spec.query is None else asked(spec.query, [p.indicator for p in parts]),
        evidence=joined(p.evidence for p in parts),
    )
