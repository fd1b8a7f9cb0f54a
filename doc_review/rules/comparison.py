"""Billed lines and suggestions become comparison rows: the first clause of 11.3 that is true decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..model import CaseRecord, Claim, ComparisonRow, FindingType, Result
from .claim_lines import Billed, ClaimLines, Slot, carries, component_of
from .components import hospital_claim
from .edits import edits_from
from .engine import Line, Raised
from .schema import Edit, Profile, Rulebook

_ONE_DATE = frozenset(
    {"simulation", "imrt_plan", "imrt_device", "plan_3d", "motion_study", "special_procedure"}
)
_SESSIONS = frozenset({"delivery", "stereotactic_delivery"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows, and the findings that billed lines raised."""

    rows: tuple[ComparisonRow, ...]
    raised: tuple[Raised, ...]


def compare(
    rulebook: Rulebook, record: CaseRecord, profile: Profile, suggested: Sequence[tuple[Claim | None, Line]]
) -> Comparison | None:
    """Compare the billed lines of the case with its suggestions; ``None`` where nothing was billed."""
    if not record.context.billed:
        return None
    return _Comparing(ClaimLines(rulebook, record, profile, suggested)).run()


class _Comparing:
    """Judges every line after all have drawn their units."""

    def __init__(self, lines: ClaimLines) -> None:
        self.lines = lines
        self.rulebook, self.record = lines.rulebook, lines.record
        self.slots, self.billed, self.sessions = lines.slots, lines.billed, lines.sessions
        self.latest = lines.latest
        self.raised: list[Raised] = []
        self.arguable: set[str] = set()

    def run(self) -> Comparison:
        """Judge every line in claim order, then add what was not billed."""
        rows = [self._row(billed, i) for i, billed in enumerate(self.billed)]
        self._duplicates(rows)
        rows = [
            row.model_copy(update={"findings": tuple(b.findings)})
            for row, b in zip(rows, self.billed, strict=True)
        ]
        return Comparison((*rows, *self._unbilled()), tuple(self.raised))

    # ------------------------------------------------------------ judging a line

    def _row(self, billed: Billed, index: int) -> ComparisonRow:
        result, note = self._result(billed, index)
        if result in ("agrees", "needs_review") and self._mismatch(billed):
            self._raise(billed, "date_mismatch", f"{billed.code} billed on {billed.line.date}")
        left = sum(s.left for s in self.lines.met(billed) if s.line.status == "supported")
        shown = billed.drawn["supported"] + (left if self.lines.last(billed, index) else 0)
        return ComparisonRow(
            code=billed.code,
            date=billed.line.date,
            billed=billed.line.units,
            supported=shown,
            result=result,
            findings=(),
            note=" ".join(filter(None, (note, *self._mentions(billed)))),
        )

    def _result(self, billed: Billed, index: int) -> tuple[Result, str]:
        known = self.rulebook.codes.get(billed.code)
        met = self.lines.met(billed)
        slots = [s for s in self.slots if s.line.code == billed.code]
        if known is None:
            return "not_assessed", "The rulebook does not hold this code."
        if billed.early:
            return "not_assessed", f"The rulebook begins {self.rulebook.begins}."
        if billed.wrong_component:
            self._raise(billed, "component_error", f"{billed.code} {self._component_text(billed)}")
            self._unbundled(billed, slots)
            return "overcoded", f"{billed.code} {self._component_text(billed)} (11.4)."
        if not billed.valid:
            self._raise(
                billed, "code_not_valid_on_date", f"{billed.code} on {billed.line.date or self.latest}"
            )
            return "overcoded", "The code is not valid on this date (11.5)."
        if billed.split_untold:
            return "needs_review", "The line crosses a code change and the fractions are undated (11.2)."
        if billed.split_units is not None and billed.split_units < billed.line.units:
            self._raise(
                billed,
                "code_not_valid_on_date",
                f"{billed.code} from {billed.line.date} to {billed.line.date_to}",
            )
            return "overcoded", "Part of the fractions lies where the code is not valid (11.5)."
        arguable = self._arguable(billed)
        if arguable is not None:
            self.arguable.add(arguable.code)
            return "needs_review", f"The level is arguable beside {arguable.code} ({arguable.clause}, 11.6)."
        if not slots:
            return self._no_suggestion(billed, known.service is not None)
        return self._counted(billed, index, met, slots)

    def _no_suggestion(self, billed: Billed, ruled: bool) -> tuple[Result, str]:
        if not ruled:
            return "not_assessed", "The rulebook has no rule that suggests this code (11.7)."
        if self.record.unread:
            return (
                "needs_review",
                "The part of the chart that was read does not document this service (11.7).",
            )
        self._bundled_level(billed)
        return "overcoded", "The record does not document this service (11.7)."

    def _counted(
        self, billed: Billed, index: int, met: Sequence[Slot], slots: Sequence[Slot]
    ) -> tuple[Result, str]:
        carrying = [s for s in slots if carries(s.line, billed.line)] if billed.line.date else []
        deciding = carrying or slots
        if all(not s.open for s in deciding):
            self._unbundled(billed, deciding)
            state = " and ".join(sorted({s.line.status for s in deciding}))
            return "overcoded", f"Every suggestion of this code is {state} (11.8)."
        if billed.units > billed.total:
            return "overcoded", f"{billed.line.units} billed, {billed.total} left in the record (11.9)."
        if billed.drawn["needs_review"]:
            return "needs_review", "Units rest on a suggestion that needs review (11.10)."
        if self.lines.last(billed, index) and any(s.left for s in met if s.line.status == "supported"):
            return "undercoded", "The record supports more units than were billed (11.11)."
        return "agrees", "The record supports the billed units (11.12)."

    def _arguable(self, billed: Billed) -> Line | None:
        """The suggested line beside which the billed level is arguable (policy 7.4, 7.5)."""
        own = [s for s in self.slots if s.line.code == billed.code]
        for slot in self.slots:
            fit = not own or (billed.line.date is not None and carries(slot.line, billed.line))
            if slot.line.arguable == billed.code and slot.open and fit:
                return slot.line
        return None

    # ------------------------------------------------------------ findings and words

    def _raise(self, billed: Billed, finding: FindingType, detail: str) -> None:
        if finding not in billed.findings:
            billed.findings.append(finding)
        self.raised.append(Raised(finding, billed.code, detail, ()))

    def _component_text(self, billed: Billed) -> str:
        stated = "-".join(billed.line.modifiers) or "no modifier"
        return f"with {stated} does not fit a {' or '.join(self.record.context.claim)} claim"

    def _unbundled(self, billed: Billed, slots: Sequence[Slot]) -> None:
        bundled = [s.line for s in slots if s.line.status == "bundled"]
        if bundled and len(bundled) == len(slots):
            self._raise(billed, "unbundled", f"{billed.code}: {self._bundle_text(billed, bundled[0])}")

    def _bundled_level(self, billed: Billed) -> None:
        """A simulation billed at another level is unbundled all the same where all are bundled (4.4)."""
        service = self.rulebook.codes[billed.code].service
        same = [s for s in self.slots if s.line.service == "simulation"]
        if service == "simulation" and same:
            self._unbundled(billed, same)

    def _bundle_text(self, billed: Billed, line: Line) -> str:
        plan = next((s.line for s in self.slots if s.line.service == "imrt_plan"), None)
        if plan is None:
            return "included in another code"
        edit = next(self._edits(plan.code, billed), None)
        text = f"included in {plan.code}"
        if edit is not None and edit.indicator == 0:
            text += "; no modifier overrides it"
        return f"{text} ({bundle_source(hospital_claim(self.record.context, billed.claim), line, plan)})"

    def _edits(self, col1: str, billed: Billed) -> Iterator[Edit]:
        """The edits in which the billed line is the second column."""
        hospital = hospital_claim(self.record.context, billed.claim)
        edits = edits_from(self.rulebook, col1, billed.line.date or self.latest, hospital)
        return (edit for edit in edits if edit.col2 == billed.code)

    def _mentions(self, billed: Billed) -> list[str]:
        """Same-day edits that a modifier can pass are mentioned, never a finding (11.14)."""
        mentions: list[str] = []
        for other in self.billed:
            if other is billed or other.line.date is None or other.line.date != billed.line.date:
                continue
            text = f"Same-day edit with {other.code}: a modifier is allowed where documented (11.14)."
            edits = self._edits(other.code, billed)
            mentions += [text for edit in edits if edit.indicator == 1 and edit.scope == "same_day"]
        return list(dict.fromkeys(mentions))

    def _mismatch(self, billed: Billed) -> bool:
        """Whether the record shows no such service on the line's date (policy 11.2)."""
        day = billed.line.date
        lines = [s.line for s in self.slots if billed.code in (s.line.code, s.line.arguable)]
        if day is None or self.record.unread or not lines:
            return False
        service = lines[0].service
        if service in _ONE_DATE:
            return all(line.dates for line in lines) and not any(carries(line, billed.line) for line in lines)
        known = [d for d in self.sessions if d is not None]
        if not known:
            return False
        if service in _SESSIONS:
            single = billed.line.units == 1 and billed.line.date_to is None
            return single and None not in self.sessions and day not in known
        grace = dt.timedelta(days=self.rulebook.number("grace_days", max(day, self.rulebook.begins)))
        return not min(known) <= day <= max(known) + grace

    def _duplicates(self, rows: Sequence[ComparisonRow]) -> None:
        """An IMRT plan billed more often than the record has plans for (policy 5.15)."""
        plans = [s for s in self.slots if s.line.service == "imrt_plan"]
        for claim, component in dict.fromkeys((s.claim, s.component) for s in plans):
            lines = [
                b
                for b in self.billed
                if b.code == plans[0].line.code
                and b.claim == claim
                and component in (None, component_of(b.line))
            ]
            documented = sum(s.line.units for s in plans if (s.claim, s.component) == (claim, component))
            if sum(b.line.units for b in lines) > documented:
                over = [
                    b
                    for b, row in zip(self.billed, rows, strict=True)
                    if b in lines and row.result == "overcoded"
                ]
                for billed in over[-1:] or lines[-1:]:
                    self._raise(billed, "duplicate_plan", f"{billed.code} is billed again")

    def _unbilled(self) -> Iterator[ComparisonRow]:
        named = {b.code for b in self.billed}
        for slot in self.slots:
            line = slot.line
            if line.status == "supported" and line.code not in named | self.arguable:
                yield ComparisonRow(
                    code=line.code,
                    date=None,
                    billed=0,
                    supported=line.units,
                    result="undercoded",
                    findings=(),
                    note="The record supports this code, and no line names it (11.1).",
                )


def bundle_source(hospital: bool, line: Line, plan: Line) -> str:
    """What to cite for a bundle: the manual for a hospital's claim, the edit or the NCCI manual otherwise."""
    if hospital:
        return "Medicare Claims Processing Manual, chapter 4, 200.3.1"
    if set(line.dates) & set(plan.dates):
        return "NCCI edit on the same day"
    return "NCCI policy manual, chapter IX, section F: dates are not split to avoid it"
