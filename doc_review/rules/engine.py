"""A subject and the rulebook become a judged line: level, requirements, status, reasons, what is missing.

The engine knows no code. It looks up the row of a decision table in force on a date, tests each
requirement's fact, and keeps the trace: the trace is the explanation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model import FindingType, Missing, Reason, Status
from .facts import FACTS, Subject, Told
from .facts.base import joined
from .schema import NotInForce, Outcome, Requirement, Row, Rulebook, Service, Table, in_force

SEVERITY: dict[Status, int] = {"supported": 0, "needs_review": 1, "blocked": 2, "bundled": 3}
"""A bundled code stays bundled whatever else fails (policy 4.3, 4.4); then the worst stands (5.14)."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A finding a line gives rise to: its type, the code that fails by it, words and evidence.

    ``defers_to`` names services whose own line, raising the same, makes this one superfluous; ``indicator`` is
    what the chart itself holds about it (dates, names, fractions), for the query.
    """

    type: FindingType
    code: str | None
    detail: str
    evidence: tuple[str, ...]
    defers_to: tuple[str, ...] = ()
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One tested requirement: what was found and what follows."""

    requirement: Requirement
    told: Told
    outcome: Outcome
    open: bool

    @property
    def text(self) -> str:
        """The outcome in words."""
        return self.outcome.text.replace("{detail}", self.told.detail or "not named")

    @property
    def passed(self) -> bool | None:
        """True met, false failed, ``None`` where the chart cannot tell or an unread page may."""
        if self.outcome.met is not None:
            return True
        if self.outcome.fail is not None:
            return None if self.open else False
        return None

    @property
    def hard_status(self) -> Status:
        """The status if nothing were unread."""
        status = self.outcome.status
        return "supported" if status is None or status == "unlisted" else status

    @property
    def unlisted(self) -> bool:
        """Whether the code is not touched at all."""
        return self.outcome.status == "unlisted"

    @property
    def status(self) -> Status:
        """The status: an unread page that may hold the cure makes ``needs_review`` (policy 2.6)."""
        return "needs_review" if self.open and self.outcome.fail is not None else self.hard_status

    @property
    def reason(self) -> Reason:
        """The step of the decision that the test gives."""
        evidence = self.told.evidence or self.told.against
        return Reason(text=f"{self.text} ({self.requirement.clause})", passed=self.passed, evidence=evidence)

    def missing(self) -> Missing | None:
        """What would have to be met, where something fails."""
        if self.outcome.fail is None or self.outcome.reason is None:
            return None
        reason = "unread" if self.open else self.outcome.reason
        nearest = next(iter(self.told.against or self.told.evidence), None)
        return Missing(
            requirement=self.requirement.id, reason=reason, nearest=nearest, text=self.requirement.need
        )


@dataclass(frozen=True, slots=True)
class Level:
    """The row of a decision table that decided a code, for which course and by the rules of which day."""

    row: Row
    told: dict[str, Told]
    references: tuple[str, ...]
    course: int
    on: dt.date

    @property
    def reason(self) -> Reason:
        """The step of the decision that the row gives."""
        evidence = joined(self.told[name].evidence for name in self.row.when)
        details = [t.detail for name in self.row.when if (t := self.told[name]).detail]
        words = f": {'; '.join(details)}" if details else ""
        title = self.row.title[0].upper() + self.row.title[1:]
        passed = None if self.row.status == "needs_review" else True
        return Reason(text=f"{title}{words} ({self.row.clause})", passed=passed, evidence=evidence)


@dataclass
class Line:
    """A judged service before it is written for a claim: one code, one status, its units and dates.

    ``hard_status`` is the status if nothing were unread: what dependent codes go by. ``checks`` and
    ``levels`` are the trace: every requirement tested, every row that gave the code (several where sessions
    are counted together). ``code`` is empty, and the line not listed, where a row says that no code stands.
    """

    code: str
    service: str
    course: int
    on: dt.date
    status: Status
    hard_status: Status
    units: int
    dates: tuple[dt.date, ...]
    clause: str
    title: str
    reasons: tuple[Reason, ...]
    evidence: tuple[str, ...]
    against: tuple[str, ...]
    missing: tuple[Missing, ...]
    references: tuple[str, ...]
    raised: tuple[Raised, ...]
    open: bool
    arguable: str | None = None
    listed: bool = True
    checks: tuple[Check, ...] = ()
    levels: tuple[Level, ...] = ()


def decide_level(table: Table, subject: Subject) -> Level | NotInForce | None:
    """Find the first row of the version in force that holds; ``None`` where no row does."""
    version = in_force(table.versions, subject.on, table.title)
    if isinstance(version, NotInForce):
        return version
    told = {name: FACTS[name].of(subject) for name in table.facts}
    values = {name: t.value for name, t in told.items()}
    row = next((row for row in version.rows if row.holds(values)), None)
    return None if row is None else Level(row, told, version.references, _index(subject), subject.on)


def check_requirements(service: Service, subject: Subject) -> tuple[Check, ...]:
    """Test every requirement of the service in force on the subject's day, in rulebook order."""
    unread = bool(subject.record.unread)
    checks = []
    for requirement in service.requirements:
        if not requirement.covers(subject.on):
            continue
        told = FACTS[requirement.fact].of(subject)
        outcome = requirement.outcomes[told.value]
        fails = outcome.fail is not None and outcome.status != "unlisted"
        effect = fails or (outcome.note is not None and bool(outcome.findings))
        checks.append(Check(requirement, told, outcome, unread and effect and outcome.curable))
        if requirement.decides and outcome.fail is not None:
            break
    return tuple(checks)


def judge(
    rulebook: Rulebook,
    name: str,
    subject: Subject,
    *,
    level: Level | None = None,
    units: int = 1,
    dates: Iterable[dt.date | None] = (),
    evidence: tuple[str, ...] = (),
) -> Line:
    """Judge one subject of the service ``name``: all its requirements, and the row that gave its code."""
    service = rulebook.services[name]
    code = level.row.code if level is not None else service.code
    if code is None:
        raise LookupError(f"{name} has no code for this subject")
    checks = check_requirements(service, subject)
    unread = bool(subject.record.unread)
    open_level = level is not None and unread and level.row.unread_leaves_open
    statuses = [c.status for c in checks]
    hard = [c.hard_status for c in checks]
    if level is not None and level.row.status:
        statuses.append(level.row.status)
        hard.append(level.row.status)
    if open_level:
        statuses.append("needs_review")
    status, hard_status = worst(statuses), worst(hard)
    unlisted = any(c.unlisted for c in checks)
    against = joined(
        c.told.against for c in checks if c.outcome.fail is not None or c.outcome.note is not None
    )
    shown = [c for c in checks if c.outcome.skip is None]
    supporting = joined(c.told.evidence for c in shown if c.passed)
    references = (*service.references, *(level.references if level else ()))
    return Line(
        code=code,
        service=name,
        course=subject.group.lead
        if subject.session is not None or subject.weekly is not None
        else _index(subject),
        on=subject.on,
        status=status,
        hard_status=hard_status,
        units=units,
        dates=tuple(sorted({d for d in dates if d is not None})),
        clause=level.row.clause if level else service.clause,
        title=level.row.title if level else service.title,
        reasons=(*_level_reasons(level, subject), *(c.reason for c in shown)),
        evidence=tuple(e for e in joined((evidence, supporting)) if e not in against),
        against=against,
        missing=() if status == "bundled" else tuple(m for c in checks if (m := c.missing()) is not None),
        references=tuple(dict.fromkeys((*references, *_failed_references(checks)))),
        raised=() if unlisted else (*_level_findings(level, code, unread), *_findings(checks, code, status)),
        open=not unlisted and (open_level or any(c.open for c in checks)),
        arguable=level.row.arguable if level else None,
        listed=not unlisted,
        checks=checks,
        levels=() if level is None else (level,),
    )


def uncoded(name: str, level: Level) -> Line:
    """The line of a service for which its table says that no code stands: never listed, only traced."""
    return Line(
        code="",
        service=name,
        course=level.course,
        on=level.on,
        status="supported",
        hard_status="supported",
        units=0,
        dates=(),
        clause=level.row.clause,
        title=level.row.title,
        reasons=(level.reason,),
        evidence=(),
        against=(),
        missing=(),
        references=level.references,
        raised=(),
        open=False,
        listed=False,
        levels=(level,),
    )


def worst(statuses: Iterable[Status]) -> Status:
    """The status that stands when several requirements have their say."""
    return max(statuses, key=SEVERITY.__getitem__, default="supported")


def _index(subject: Subject) -> int:
    return next(i for i, c in enumerate(subject.record.courses) if c is subject.course)


def _level_reasons(level: Level | None, subject: Subject) -> list[Reason]:
    if level is None:
        return []
    return [level.reason, *(_element_reasons(subject) if level.row.elements else [])]


_ELEMENTS = (
    ("why", "why motion management is needed"),
    ("system", "the named system"),
    ("threshold", "thresholds or tolerance"),
    ("monitoring", "how motion is monitored"),
    ("beam_rule", "the beam-on and beam-off rule"),
)


def _element_reasons(subject: Subject) -> list[Reason]:
    """The five elements payers look for, each as present or absent (policy 7.7)."""
    reasons = []
    for name, title in _ELEMENTS:
        evidence = joined(getattr(course.motion, name) for course in subject.courses)
        text = f"Motion management, {title}: {'present' if evidence else 'absent'} (7.7)"
        reasons.append(Reason(text=text, passed=True if evidence else None, evidence=evidence))
    return reasons


def _failed_references(checks: Sequence[Check]) -> list[str]:
    return [r for c in checks if c.outcome.fail is not None for r in c.requirement.references]


def _findings(checks: Sequence[Check], code: str, status: Status) -> list[Raised]:
    raised = []
    for check in checks:
        if check.open:
            continue
        for finding in check.outcome.findings:
            if finding == "signature_mark_unverified" and status == "bundled":
                continue
            evidence = check.told.against or check.told.evidence
            defers = () if finding == "signature_mark_unverified" else check.requirement.defers_to
            raised.append(Raised(finding, code, check.text, evidence, defers, check.told.detail))
    return raised


def _level_findings(level: Level | None, code: str, unread: bool) -> list[Raised]:
    if level is None or (unread and level.row.unread_leaves_open):
        return []
    evidence = joined(level.told[name].evidence for name in level.row.when)
    return [
        Raised(f, code, level.row.title[0].upper() + level.row.title[1:], evidence)
        for f in level.row.findings
    ]
