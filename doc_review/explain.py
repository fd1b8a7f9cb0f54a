"""A review and a code become the explanation of its status: why, why not its neighbours, and what is missing.

The explanation is read off the trace of the rules: the checks and table rows of the judged line that a
suggestion was written from show every line of the rule as true, false or not told for this chart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from .explained import Answer, Explanation, Gap, Light, Neighbour, RuleLine
from .model import (
    CaseRecord,
    EntryKind,
    EvidenceKind,
    Review,
    Suggestion,
)
from .review import Reviewed
from .rules import NotInForce, Rulebook, load_rulebook
from .rules.as_of import rulebook_on
from .rules.components import modifiers
from .rules.describe import need_code, period, requirements_of, spoken
from .rules.engine import Check, Line
from .rules.limits import read_typed
from .rules.loader import RULEBOOK_DIR
from .rules.schema import Requirement, Strict
from .rules.services import all_lines
from .rules.trace import LitRow, LitTable, lit_tables

_NEIGHBOURS = 4
_ROWS = 3


class Near(Strict):
    """Where a near miss is looked for: kinds of evidence, best first, in these entries (none named: in any)."""

    kinds: tuple[EvidenceKind, ...]
    entries: tuple[EntryKind, ...] = ()


class Knowledge(Strict):
    """``explain.yaml``: levels from low to high, and where a near miss is looked for."""

    levels: tuple[tuple[str, ...], ...]
    near: dict[str, Near]


def explain(reviewed: Reviewed, code: str) -> Explanation:
    """Explain one code for a reviewed chart.

    Raises ``UsageError`` for a code that the rulebook does not hold, ``ValueError`` for a review without the
    record that the rules read.
    """
    if reviewed.record is None:
        raise ValueError("the review does not hold what the rules read")
    return _Explaining(reviewed.review, reviewed.record, code).explanation()


class _Explaining:
    def __init__(self, review: Review, record: CaseRecord, code: str) -> None:
        self.review, self.record, self.code = review, record, code
        self.whole = load_rulebook()
        self.entry = need_code(self.whole, code)
        on = review.scope.on if review.scope else None
        self.rulebook: Rulebook = self.whole if on is None else rulebook_on(self.whole, on)
        self.knowledge = read_typed(RULEBOOK_DIR / "explain.yaml", Knowledge)
        self.entries = {entry.id: entry.kind for d in review.documents for entry in d.entries}
        profile = review.engine.profile
        self.lines = all_lines(self.rulebook, record, self.rulebook.profiles[profile])
        self.tables = lit_tables(self.rulebook, self.lines)

    def explanation(self) -> Explanation:
        """The explanation, whatever state the code is in."""
        listed = [one for one in self.review.suggestions if one.code == self.code]
        answers = tuple(self._listed(one) for one in listed) or tuple(self._unlisted())
        findings = tuple(f for f in self.review.findings if self.code in f.codes)
        rows = tuple(row for row in self.review.comparison or () if row.code == self.code)
        verdict = self._verdict(listed)
        return Explanation(self.review, self.code, self.entry.label, verdict, answers, findings, rows)

    # ------------------------------------------------------------ a code that is listed

    def _listed(self, one: Suggestion) -> Answer:
        day = max(one.dates, default=self._day())
        line = self._line_of(one)
        table = next(iter(lit_tables(self.rulebook, (line,) if line else ())), None)
        rule = self._rule(day, line.checks if line else ())
        told = {r for part in (line.checks, line.levels) for r in (p.reason for p in part)} if line else ()
        return Answer(
            status=one.status,
            title=one.rule,
            claim=one.claim,
            course=one.course,
            units=one.units,
            dates=one.dates,
            summary=one.summary,
            table=table,
            rule=rule,
            also=tuple(reason for reason in one.reasons if reason not in told),
            gaps=tuple(self._gaps(one, rule)),
            neighbours=self._neighbours(table),
        )

    def _line_of(self, one: Suggestion) -> Line | None:
        """The judged line that the suggestion was written from (a window may have cut its days)."""
        own = [
            line
            for line in self.lines
            if line.listed and (line.course, line.code) == (one.course, one.code)
            if f"{line.clause} {line.title}" == one.rule
        ]
        own.sort(key=lambda line: (line.status != one.status, not set(one.dates) <= set(line.dates)))
        return next(iter(own), None)

    def _rule(self, day: dt.date, checks: Sequence[Check]) -> tuple[RuleLine, ...]:
        """Every requirement in force, lit by the checks that tested it."""
        return tuple(
            _line(requirement, [check for check in checks if check.requirement.id == requirement.id])
            for requirement in requirements_of(self.rulebook, self.code, day)
        )

    def _gaps(self, one: Suggestion | Line, rule: Iterable[RuleLine]) -> Iterator[Gap]:
        failing = [line for line in rule if line.light == "false"] + [
            line for line in rule if line.light == "unknown"
        ]
        requirements = {
            r.id: r for r in requirements_of(self.rulebook, self.code, max(one.dates, default=self._day()))
        }
        for missing in one.missing:
            requirement = requirements.get(missing.requirement)
            title = requirement.title if requirement else ""
            told = next((line.told for line in failing if line.title == title), "")
            nearest = (missing.nearest,) if missing.nearest else ()
            yield Gap(
                missing.text,
                spoken(missing.reason),
                told,
                nearest or self._near(missing.requirement),
            )

    def _near(self, name: str) -> tuple[str, ...]:
        """The item nearest to something missing: by kind, then what is negated, planned or considered."""
        near = self.knowledge.near.get(name)
        if near is None:
            return ()
        order = ("negated", "planned", "hypothetical", "affirmed", "historical")
        found = [
            item
            for item in self.review.evidence
            if item.kind in near.kinds and item.assertion in order
            if not near.entries or self.entries.get(item.citation.entry) in near.entries
        ]
        found.sort(key=lambda item: (near.kinds.index(item.kind), order.index(item.assertion)))
        return tuple(item.id for item in found[:1])

    def _neighbours(self, table: LitTable | None) -> tuple[Neighbour, ...]:
        """The codes of the table that this chart comes nearest to, each with the row that lacks least."""
        if table is None:
            return ()
        by_code: dict[str, list[LitRow]] = {}
        for row in table.rows:
            if row.row.code is not None and row.row.code != table.code:
                by_code.setdefault(row.row.code, []).append(row)
        best = {code: min(map(_distance, rows)) for code, rows in by_code.items()}
        order = sorted(best, key=lambda code: (self._side(code, table.code) == "", best[code], code))
        return tuple(
            Neighbour(
                code,
                self.whole.codes[code].label,
                self._side(code, table.code),
                tuple(row for row in by_code[code] if _distance(row) == best[code])[:_ROWS],
            )
            for code in order[:_NEIGHBOURS]
        )

    def _side(self, code: str, given: str | None) -> str:
        """``higher`` or ``lower`` than the code given, where both are levels of one service."""
        for levels in self.knowledge.levels:
            if code in levels and given in levels:
                return "higher" if levels.index(code) > levels.index(given) else "lower"
        return ""

    # ------------------------------------------------------------ a code that is not listed

    def _unlisted(self) -> Iterator[Answer]:
        """What it would take: the nearest row of its table, or the requirements of its service.

        Nothing does for a code that is not in force on the day.
        """
        if self._out_of_force():
            return
        unlisted = [line for line in self.lines if line.code == self.code]
        for line in unlisted:
            rule = self._rule(line.on, line.checks)
            yield self._absent(line.clause, line.title, rule, tuple(self._gaps(line, rule)), None)
        siblings = [t for t in self.tables if any(row.row.code == self.code for row in t.rows)]
        for table in () if unlisted else siblings[:1]:
            rows = [row for row in table.rows if row.row.code == self.code]
            least = min(len(row.failing) for row in rows)
            nearest = [row for row in rows if len(row.failing) == least]
            gaps = tuple(self._row_gap(row) for row in nearest)
            given = [check for line in self.lines if line.code == table.code for check in line.checks]
            rule = self._rule(table.day, given)
            yield self._absent(nearest[0].row.clause, nearest[0].row.title, rule, gaps, table)
        if not unlisted and not siblings and self.entry.service is not None:
            service = self.rulebook.services[self.entry.service]
            rule = self._rule(self._day(), ())
            gaps = tuple(
                Gap(r.need, "not found", "", self._near(r.id))
                for r in requirements_of(self.rulebook, self.code, self._day())
                if any(outcome.reason in ("not_found", "not_signed") for outcome in r.outcomes.values())
            )
            yield self._absent(service.clause, service.title, rule, gaps, None)

    def _absent(
        self,
        clause: str,
        title: str,
        rule: tuple[RuleLine, ...],
        gaps: tuple[Gap, ...],
        table: LitTable | None,
    ) -> Answer:
        return Answer(
            status=None,
            title=f"{clause} {title}",
            claim=None,
            course=0,
            units=0,
            dates=(),
            summary="",
            table=table,
            rule=rule,
            also=(),
            gaps=gaps,
            neighbours=(),
        )

    def _row_gap(self, row: LitRow) -> Gap:
        """What one row of the table lacks: one of several ways to the code."""
        wanted = "; ".join(f"{spoken(one.fact)}: {one.wanted}" for one in row.failing)
        actual = "; ".join(f"{spoken(one.fact)}: {one.actual}" for one in row.failing)
        near = [e for one in row.failing for e in one.told.evidence[:1] or self._near(one.fact)]
        return Gap(
            f"{row.row.title} ({wanted})", "not met", f"this chart has {actual}", tuple(dict.fromkeys(near))
        )

    # ------------------------------------------------------------ in one sentence

    def _verdict(self, listed: Sequence[Suggestion]) -> str:
        if listed:
            return "; ".join(dict.fromkeys(_spoken_status(one) for one in listed)) + "."
        dead = self._out_of_force()
        if dead:
            return dead
        if self.entry.service is None:
            return "No rule suggests this code: it is checked for validity and component when it is billed."
        if any(line.code == self.code and line.listed for line in self.lines):
            claims = " or ".join(self.review.context.claim)
            outside = bool(self.review.scope and (self.review.scope.date_from or self.review.scope.date_to))
            return (
                "It is documented, outside the window of days."
                if outside and self._carried()
                else f"It is documented, and a {claims} claim does not carry it."
            )
        given = sorted(
            {t.code for t in self.tables if t.code and any(r.row.code == self.code for r in t.rows)}
        )
        if given:
            return f"Not listed: the chart documents {' and '.join(given)} instead."
        if any(line.code == self.code for line in self.lines):
            return "Not listed: the chart does not document it far enough."
        return "Not listed: the documents do not touch this service."

    def _carried(self) -> bool:
        reading = self.rulebook.profiles[self.review.engine.profile]
        return any(
            modifiers(self.rulebook, reading, self.code, claim, self._day()) is not None
            for claim in self.review.context.claim or (None,)
        )

    def _out_of_force(self) -> str:
        """Why a code that is valid on no day of the chart cannot be listed; empty where it is valid."""
        day = self._day()
        scope = self.review.scope
        on = scope.on if scope and scope.on else day
        if not isinstance(self.whole.code_on(self.code, on), NotInForce):
            return ""
        dates = ", ".join(period(version) for version in self.entry.versions)
        given = sorted({one.code for one in self.review.suggestions if self._same_service(one.code)})
        instead = f" The same service is {' and '.join(given)} here." if given else ""
        return f"Not in force on {on}: valid {dates}.{instead}"

    def _same_service(self, code: str) -> bool:
        return self.entry.service is not None and self.whole.codes[code].service == self.entry.service

    def _day(self) -> dt.date:
        """The day whose rules are shown where the code itself has none: that of its service, else the latest."""
        days = [d for one in self.review.suggestions if self._same_service(one.code) for d in one.dates]
        latest = self.record.latest_date or max(self.rulebook.boundaries(), default=self.rulebook.begins)
        return max(max(days, default=latest), self.rulebook.begins)


def _distance(row: LitRow) -> tuple[int, bool, bool]:
    """How far a chart is from a row; of rows equally far the one without caveats is nearer."""
    return len(row.failing), row.row.status is not None, bool(row.row.findings)


def _spoken_status(one: Suggestion) -> str:
    claim = f" on the {one.claim} claim" if one.claim else ""
    return f"{spoken(one.status).capitalize()} x{one.units}{claim}"


def _line(requirement: Requirement, checks: Sequence[Check]) -> RuleLine:
    asked = [check for check in checks if check.outcome.skip is None]
    if not asked:
        return RuleLine(requirement.clause, requirement.title, "unused", "not asked for this chart")
    worst: Light = "true"
    if any(check.passed is None for check in asked):
        worst = "unknown"
    if any(check.passed is False for check in asked):
        worst = "false"
    told = "; ".join(dict.fromkeys(check.text for check in asked))
    evidence = tuple(dict.fromkeys(e for check in asked for e in check.reason.evidence))
    return RuleLine(requirement.clause, requirement.title, worst, told, evidence)


__all__ = ["Answer", "Explanation", "Gap", "Light", "Neighbour", "RuleLine", "explain"]
