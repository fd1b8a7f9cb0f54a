"""A decision becomes that of a window of days: for series billed monthly.

Only services of the window are listed and compared. Everything else of the record still counts: blocks are
counted over the whole course, and a requirement met outside the window is met. A service with no date cannot
be placed and stays listed; undated fractions cannot be placed either and are left out, which the line says.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import UsageError
from ..model import (
    BilledLine,
    CaseRecord,
    Claim,
    ComparisonRow,
    Decision,
    Finding,
    FindingType,
    Reason,
    Severity,
    Suggestion,
)
from .comparison import compare
from .components import modifiers
from .decision import decide
from .engine import Line
from .findings import date_unknown, gathered
from .schema import Rulebook
from .services import all_lines
from .sessions import groups

_SESSIONS = frozenset({"delivery", "stereotactic_delivery"})
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Window:
    """Days from ``start`` to ``end``, both inclusive; either may be open (``None``)."""

    start: dt.date | None
    end: dt.date | None

    def __post_init__(self) -> None:
        if self.start and self.end and self.end < self.start:
            raise UsageError(
                f"the window ends {self.end} before it begins {self.start}; swap --from and --to"
            )

    def covers(self, day: dt.date) -> bool:
        """Whether the day lies in the window."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def meets(self, line: BilledLine) -> bool:
        """Whether a billed line may lie in the window; an undated one may."""
        if line.date is None:
            return True
        last = line.date_to or line.date
        return (self.end is None or line.date <= self.end) and (self.start is None or self.start <= last)


def decide_within(record: CaseRecord, rulebook: Rulebook, profile: str, window: Window) -> Decision:
    """Decide the whole record, then keep what lies in the window.

    A finding goes where every code that it names is listed outside the window only. A case with no date at all
    has nothing to place and is decided as a whole. Raises ``UsageError`` for an unknown profile.
    """
    if date_unknown(record):
        return decide(record, rulebook, profile)
    whole = decide(_billing(record, ()), rulebook, profile)
    lines = all_lines(rulebook, record, rulebook.profiles[profile])
    days = _sessions_by_day(record)
    shares = Counter(day for line in lines if line.service in _SESSIONS for day in line.dates)
    units = {id(line): _units(line, window, days, shares) for line in lines}
    kept = []
    for one in whole.suggestions:
        line = next(line for line in lines if _same(line, one))
        if units[id(line)] or not line.dates:
            kept.append(_cut(one, line, units[id(line)], window))
    listed = {one.code for one in kept}
    outside = {one.code for one in whole.suggestions} - listed
    findings = [f for f in whole.findings if not f.codes or not set(f.codes) <= outside]
    comparison, billed = _compared(record, rulebook, profile, window, lines, units)
    return Decision(suggestions=tuple(kept), findings=_merged(findings, billed), comparison=comparison)


def _billing(record: CaseRecord, lines: tuple[BilledLine, ...]) -> CaseRecord:
    context = record.context.model_copy(update={"billed": lines})
    return record.model_copy(update={"context": context})


def _sessions_by_day(record: CaseRecord) -> Counter[dt.date]:
    dates = (session.fraction.date for group in groups(record) for session in group.sessions)
    return Counter(day for day in dates if day is not None)


def _same(line: Line, one: Suggestion) -> bool:
    """Whether a suggestion was written from this line (a case without dates may have changed its status)."""
    told = (line.course, line.code, line.units, line.dates, f"{line.clause} {line.title}")
    return line.listed and told == (one.course, one.code, one.units, one.dates, one.rule)


def _units(line: Line, window: Window, days: Counter[dt.date], shares: Counter[dt.date]) -> int:
    """Units of a line in the window.

    Of sessions those that were on its days: where lines share a day (a second session judged otherwise),
    each has one of them. Of other services the dates, each a unit; where there are more dates than units
    (entries that no block can be told for), the earlier ones.
    """
    inside = [day for day in line.dates if window.covers(day)]
    if not line.dates or len(inside) == len(line.dates):
        undated = line.service in _SESSIONS and line.dates
        most = sum(days[day] for day in line.dates) if undated else line.units
        return min(line.units, most)
    if line.service in _SESSIONS:
        return min(line.units, sum(days[day] if shares[day] == 1 else 1 for day in inside))
    return sum(window.covers(day) for day in line.dates[: line.units])


def _cut(one: Suggestion, line: Line, units: int, window: Window) -> Suggestion:
    inside = tuple(day for day in one.dates if window.covers(day))
    if units == one.units and len(inside) == len(one.dates):
        return one
    text = f"{units} of the {one.units} units of the course lie in the window"
    if line.service in _SESSIONS and len(inside) == len(one.dates):
        text += "; the others are undated"
    return one.model_copy(
        update={"units": units, "dates": inside, "reasons": (*one.reasons, Reason(text=text, passed=None))}
    )


def _compared(
    record: CaseRecord,
    rulebook: Rulebook,
    profile: str,
    window: Window,
    lines: Sequence[Line],
    units: Mapping[int, int],
) -> tuple[tuple[ComparisonRow, ...] | None, tuple[Finding, ...]]:
    """The comparison of the window's billed lines with its units, and the findings of these lines.

    Lines outside the window take part without units, so that what bundles a service is still told.
    """
    if not record.context.billed:
        return None, ()
    reading = rulebook.profiles[profile]
    claims: tuple[Claim | None, ...] = tuple(dict.fromkeys(record.context.claim)) or (None,)
    placed = [
        (claim, _windowed(line, units[id(line)], window))
        for claim in claims
        for line in sorted((line for line in lines if line.listed), key=lambda line: (line.course, line.code))
        if modifiers(rulebook, reading, line.code, claim, line.on) is not None
    ]
    billed = tuple(line for line in record.context.billed if window.meets(line))
    found = compare(rulebook, _billing(record, billed), reading, placed)
    if found is None:
        return tuple(_unbilled(line) for _, line in placed if line.units and line.status == "supported"), ()
    rows = tuple(row for row in found.rows if row.billed or row.supported)
    return rows, gathered(rulebook, (), lambda _: True, found.raised)


def _unbilled(line: Line) -> ComparisonRow:
    """The row of a supported service where no line of the window was billed at all (policy 11.1)."""
    return ComparisonRow(
        code=line.code,
        date=None,
        billed=0,
        supported=line.units,
        result="undercoded",
        findings=(),
        note="Supported, and no line of the window was billed (11.1).",
    )


def _windowed(line: Line, units: int, window: Window) -> Line:
    if not units:
        return replace(line, units=0)
    return replace(line, units=units, dates=tuple(day for day in line.dates if window.covers(day)))


def _merged(one: Sequence[Finding], other: Sequence[Finding]) -> tuple[Finding, ...]:
    """Two lists of findings as one, a type once, in the order of findings."""
    by_type: dict[FindingType, Finding] = {}
    for finding in (*one, *other):
        before = by_type.get(finding.type)
        if before is None:
            by_type[finding.type] = finding
            continue
        message = (
            before.message if finding.message in before.message else f"{before.message} {finding.message}"
        )
        by_type[finding.type] = before.model_copy(
            update={
                "codes": tuple(sorted({*before.codes, *finding.codes})),
                "evidence": tuple(dict.fromkeys((*before.evidence, *finding.evidence))),
                "message": message,
            }
        )
    return tuple(sorted(by_type.values(), key=lambda f: (_SEVERITIES.index(f.severity), f.type, f.codes)))
