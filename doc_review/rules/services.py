"""A case record becomes judged lines: which services it documents, with their units and dates."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from ..model import OUT_OF_SCOPE_TECHNIQUES, CaseRecord, Course, Plan, Simulation
from .engine import Level, Line, decide_level, judge, uncoded, worst
from .facts.base import Subject, joined
from .facts.delivery import family_of
from .facts.orders import order_date
from .facts.plans import conflicts, imrt_plans, is_approved, is_draft, is_imrt, plan_day
from .people import known_roles
from .schema import Column, Profile, Rulebook
from .sessions import Group, Session, groups, in_scope, possible_dates
from .units import BlockRules, WeeklyKind, weekly

T = TypeVar("T")
_SUPERFICIAL = "ORTHOVOLTAGE"
_OF_SESSIONS = frozenset(
    {
        "delivery",
        "management",
        "physics",
        "short_management",
        "stereotactic_delivery",
        "stereotactic_management",
    }
)
"""Services that are counted over the sessions of a group of courses."""


def all_lines(rulebook: Rulebook, record: CaseRecord, profile: Profile) -> list[Line]:
    """Judge every service that the record documents; ``listed`` is false where only findings remain."""
    return list(_Case(rulebook, record, profile).lines())


def read_otherwise(
    rulebook: Rulebook, record: CaseRecord, profile: Profile, reading: Profile
) -> dict[str, list[Line]]:
    """The lines of another reading, by service, of those services that it may judge otherwise than ``profile``."""
    names: set[str] = set()
    for one in (profile, reading):
        names |= {s for name in one.parameters for s in rulebook.parameters[name].services}
        names |= {k for k, s in rulebook.services.items() if s.table in one.exceptions}
    if fee_column(record, profile) != fee_column(record, reading):
        tables = {k for k, t in rulebook.tables.items() if "fee_column" in t.facts}
        names |= {k for k, s in rulebook.services.items() if s.table in tables}
    lines: dict[str, list[Line]] = {name: [] for name in names}
    if names:
        for line in _Case(rulebook, record, reading, frozenset(names)).lines():
            if line.service in names:
                lines[line.service].append(line)
    return lines


class _Case:
    """One record under one rulebook and profile; with ``only``, of the services that these need."""

    def __init__(
        self, rulebook: Rulebook, record: CaseRecord, profile: Profile, only: frozenset[str] | None = None
    ) -> None:
        self.only = only
        self.rulebook, self.record = rulebook.under(profile), record
        self.known = known_roles(record)
        self.column = fee_column(record, profile)
        self.boundaries = rulebook.boundaries()
        self.latest = record.latest_date or max(self.boundaries, default=rulebook.begins)
        self.device_days: set[dt.date] = set()
        self.plan_status: dict[int, Line] = {}

    def lines(self) -> Iterator[Line]:
        """Lines course by course, then group by group."""
        counted = groups(self.record)
        for index, course in enumerate(self.record.courses):
            if in_scope(course):
                group = next(g for g in counted if index in g.members)
                yield from self._course(index, course, group)
        for group in counted:
            yield from self._group(group)

    def day(self, day: dt.date | None) -> dt.date:
        """The day whose rules apply to a service (policy 1.8)."""
        return day or self.latest

    def coded(self, day: dt.date | None) -> bool:
        """Whether the rulebook covers the day; earlier services are not coded."""
        return self.day(day) >= self.rulebook.begins

    def subject(self, course: Course, group: Group, day: dt.date | None, **parts: object) -> Subject:
        """A subject of the course with what the case knows."""
        on = max(self.day(day), self.rulebook.begins)
        number = self.rulebook.number
        return Subject(
            record=self.record,
            course=course,
            group=group,
            on=self.day(day),
            known=self.known,
            column=self.column,
            break_hours=number("break_hours", on),
            window_days=(number("bundle_days_before", on), number("bundle_days_after", on)),
            **parts,  # type: ignore[arg-type]
        )

    # ------------------------------------------------------------ plans and simulations

    def _course(self, index: int, course: Course, group: Group) -> Iterator[Line]:
        plans = list(self._imrt_plans(course, group))
        if plans:
            self.plan_status[index] = plans[0]
        yield from plans
        yield from self._devices(index, course, group)
        yield from self._simulations(index, course, group)
        plans_3d = list(self._plans_3d(index, course, group))
        yield from plans_3d
        yield from self._motion_study(index, course, group, [p for p in plans if p.listed], plans_3d)
        yield from self._special(index, course, group)

    def _parents(self, index: int, course: Course) -> dict[str, str]:
        line = self.plan_status.get(index)
        if line is None:
            return {}
        kind = "plan" if self._rests_on_plan(course) else "narrative_only"
        day = str(line.dates[0]) if line.dates else ""
        return {"imrt_plan": line.hard_status, "plan_kind": kind, "imrt_plan_day": day}

    @staticmethod
    def _rests_on_plan(course: Course) -> bool:
        return bool(imrt_plans(course)) or not conflicts(course, "plan_calls_imrt")

    def _imrt_plans(self, course: Course, group: Group) -> Iterator[Line]:
        plans = imrt_plans(course)
        main = self._main_plan(course, plans)
        if main is None:
            return
        yield self._plan_line(course, group, main, {})
        for plan in plans:
            if plan is main or plan.boost or not plan.same_target_as_imrt or not self.coded(plan_day(plan)):
                continue
            adaptive = plan.new_planning_ct and plan.anatomical_change
            if adaptive or plan.replan:
                line = self._plan_line(course, group, plan, {"first_plan": "listed"})
                yield replace(line, listed=adaptive or line.open)

    def _plan_line(self, course: Course, group: Group, plan: Plan, parents: dict[str, str]) -> Line:
        day = plan_day(plan)
        subject = self.subject(course, group, day, plan=plan, parents=parents)
        line = judge(self.rulebook, "imrt_plan", subject, dates=[day], evidence=plan.evidence)
        if not self.coded(day):
            return replace(line, listed=False)
        if parents and not (plan.new_planning_ct and plan.anatomical_change):
            only = tuple(r for r in line.raised if r.type == "duplicate_plan")
            return replace(line, raised=only)
        return line

    @staticmethod
    def _main_plan(course: Course, plans: tuple[Plan, ...]) -> Plan | None:
        if plans:
            return next((p for p in plans if not p.boost and not p.replan), plans[0])
        if conflicts(course, "plan_calls_imrt"):
            return next((p for p in course.plans if not is_draft(p, course)), Plan())
        if course.imrt_planned.value and not any(is_imrt(p) for p in course.plans):
            return Plan(evidence=course.imrt_planned.evidence)
        return None

    def _devices(self, index: int, course: Course, group: Group) -> Iterator[Line]:
        for plan in imrt_plans(course):
            day = plan_day(plan)
            if not self.coded(day):
                continue
            approved = plan.approval.date if is_approved(plan) else None
            place = "second" if approved is not None and approved in self.device_days else "first"
            parents = {**self._parents(index, course), "device_place": place}
            subject = self.subject(course, group, day, plan=plan, parents=parents)
            line = judge(self.rulebook, "imrt_device", subject, dates=[day], evidence=plan.evidence)
            if approved is not None and line.listed:
                self.device_days.add(approved)
            yield line

    def _simulations(self, index: int, course: Course, group: Group) -> Iterator[Line]:
        by_day: dict[dt.date | None, list[Simulation]] = {}
        for simulation in course.simulations:
            day = simulation.date or simulation.signature_date
            if simulation.serves != "out_of_scope" and self.coded(day):
                by_day.setdefault(day, []).append(simulation)
        for day, simulations in sorted(by_day.items(), key=lambda item: item[0] or dt.date.max):
            subject = self.subject(
                course, group, day, simulations=tuple(simulations), parents=self._parents(index, course)
            )
            level = decide_level(self.rulebook.tables["simulation_level"], subject)
            if isinstance(level, Level):
                evidence = joined(s.evidence for s in simulations)
                yield judge(self.rulebook, "simulation", subject, level=level, dates=[day], evidence=evidence)

    def _plans_3d(self, index: int, course: Course, group: Group) -> Iterator[Line]:
        parents = self._parents(index, course)
        if conflicts(course, "plan_calls_imrt") and not imrt_plans(course):
            return
        by_ct: dict[dt.date | None, list[Line]] = {}
        for plan in course.plans:
            day = plan_day(plan)
            if plan.technique not in ("3DCRT", "FIF") or not self.coded(day):
                continue
            subject = self.subject(course, group, day, plan=plan, parents=parents)
            line = judge(self.rulebook, "plan_3d", subject, dates=[day], evidence=plan.evidence)
            if line.listed:
                by_ct.setdefault(plan.planning_ct, []).append(line)
        if None in by_ct and len(by_ct) > 1:
            untold = by_ct.pop(None)
            next(iter(by_ct.values())).extend(untold)
        yield from (min(lines, key=lambda line: line.status == "bundled") for lines in by_ct.values())

    def _motion_study(
        self, index: int, course: Course, group: Group, imrt: list[Line], plans_3d: list[Line]
    ) -> Iterator[Line]:
        studies = [s for s in course.simulations if s.motion_study and s.serves != "out_of_scope"]
        if not studies or not self.coded(studies[0].date):
            return
        separate = [line for line in plans_3d if line.status != "bundled"]
        for_3d = all(s.serves == "3d" for s in studies)
        parents = [*separate, *imrt] if for_3d else [*imrt, *separate]
        status = {"parent": parents[0].status} if parents else {}
        day = parents[0].dates[0] if parents and parents[0].dates else None
        subject = self.subject(course, group, day, simulations=tuple(studies), parents=status)
        evidence = joined(s.evidence for s in studies)
        yield judge(self.rulebook, "motion_study", subject, dates=[day], evidence=evidence)

    def _special(self, index: int, course: Course, group: Group) -> Iterator[Line]:
        told = [s for s in course.special_procedures if self.coded(s.date)]
        best = min(told, key=lambda s: (not s.signed, not s.specific), default=None)
        if best is None:
            return
        subject = self.subject(course, group, best.date, special=best, parents=self._parents(index, course))
        yield judge(self.rulebook, "special_procedure", subject, dates=[best.date], evidence=best.evidence)

    # ------------------------------------------------------------ delivery, physics, management

    def _group(self, group: Group) -> Iterator[Line]:
        if not group.sessions:
            return
        if self.only is not None and not self.only & _OF_SESSIONS:
            return
        lead = self.record.courses[group.lead]
        if self._stereotactic(group):
            if not self._cranial_single(group):
                delivered = list(self._sessions(group, "stereotactic_delivery"))
                yield from delivered
                if delivered:
                    yield from self._stereotactic_management(group, lead)
        else:
            if self.only is None or "delivery" in self.only:
                yield from self._sessions(group, "delivery")
            yield from self._management(group, lead)
        yield from self._weekly("physics", "physics", group, lead, self._block_rules(group))

    def _stereotactic(self, group: Group) -> bool:
        most = self.rulebook.number("stereotactic_days", max(self.day(group.last), self.rulebook.begins))
        courses = [self.record.courses[i] for i in group.members]
        intent = any(c.stereotactic_intent or c.technique.value in ("SRS", "SBRT") for c in courses)
        prescribed = sum(c.prescribed.fractions.value or 0 for c in courses)
        return intent and group.days <= most and prescribed <= most

    def _cranial_single(self, group: Group) -> bool:
        cranial = self.rulebook.names("cranial_areas", max(self.day(group.last), self.rulebook.begins))
        courses = [self.record.courses[i] for i in group.members]
        areas = {a.value for c in courses for a in c.treatment_areas}
        planned = max((c.prescribed.fractions.value or 0 for c in courses), default=0)
        one = group.count == 1 and planned <= 1
        return one and (areas <= set(cranial) if areas else any(c.technique.value == "SRS" for c in courses))

    def _sessions(self, group: Group, service: str) -> Iterator[Line]:
        kept: dict[object, Line | None] = {}
        counted: dict[tuple[str, str], list[tuple[Line, Session]]] = {}
        for session in group.sessions:
            fraction = session.fraction
            excluded = fraction.technique in (*OUT_OF_SCOPE_TECHNIQUES, _SUPERFICIAL)
            if excluded or fraction.modality in ("proton", "orthovoltage"):
                continue
            earliest, latest = self._bounds(group, session)
            if not self.coded(latest):
                continue
            straddles = fraction.date is None and self._period(earliest) != self._period(latest)
            key = self._signature(session, latest, straddles)
            if key not in kept:
                kept[key] = self._session(group, session, service, latest, straddles)
            line = kept[key]
            if line is not None:
                counted.setdefault((line.code, line.status), []).append((line, session))
        for (code, _), pairs in counted.items():
            if code:
                yield _gathered(pairs)
            else:
                yield from {id(line): line for line, _ in pairs}.values()

    def _session(
        self, group: Group, session: Session, service: str, day: dt.date | None, straddles: bool
    ) -> Line | None:
        index, fraction = session.parts[0]
        course = self.record.courses[index]
        family = next(
            (f for i, part in session.parts if (f := family_of(part, self.record.courses[i])) == "imrt"),
            family_of(fraction, course),
        )
        hard = [self.plan_status[i].hard_status for i, _ in session.parts if i in self.plan_status]
        parents = {"delivery_family": family, "imrt_plan": worst(hard)}
        subject = self.subject(course, group, day, session=session, parents=parents, straddles=straddles)
        if service != "delivery":
            return judge(self.rulebook, service, subject)
        level = decide_level(self.rulebook.tables["delivery_level"], subject)
        if not isinstance(level, Level):
            return None
        if level.row.code is None:
            return uncoded(service, level)
        return judge(self.rulebook, service, subject, level=level)

    def _bounds(self, group: Group, session: Session) -> tuple[dt.date | None, dt.date | None]:
        if session.fraction.date is not None:
            return session.fraction.date, session.fraction.date
        courses = [self.record.courses[i] for i, _ in session.parts]
        floors = [plan_day(p) for c in courses for p in c.plans if is_approved(p)]
        floors += [order_date(o) for c in courses for o in c.orders]
        floor = min((d for d in floors if d), default=None)
        return possible_dates(group, session, floor, self.record.latest_date)

    def _period(self, day: dt.date | None) -> int:
        return 0 if day is None else bisect.bisect_right(self.boundaries, day)

    def _signature(self, session: Session, day: dt.date | None, straddles: bool) -> object:
        """Sessions of equal signature have equal outcomes and are judged once."""
        blank = {"number": None, "date": None, "evidence": ()}
        parts = tuple((i, f.model_copy(update=blank)) for i, f in session.parts)
        merged = parts[0][1] if len(parts) == 1 else session.fraction.model_copy(update=blank)
        return (parts, merged, session.second, self._period(self.day(day)), straddles)

    def _block_rules(self, group: Group) -> BlockRules:
        day = max(self.day(group.last), self.rulebook.begins)
        number = self.rulebook.number
        return BlockRules(
            number("block_size", day),
            number("grace_days", day),
            {"physics": number("physics_remainder", day), "management": number("management_remainder", day)},
            self.rulebook.begins,
        )

    def _management(self, group: Group, lead: Course) -> Iterator[Line]:
        rules = self._block_rules(group)
        short = self.rulebook.number("short_course", max(self.day(group.last), self.rulebook.begins))
        if group.complete and group.count <= short:
            rules = replace(rules, remainder_from={**rules.remainder_from, "management": 1})
            yield from self._weekly("management", "short_management", group, lead, rules)
        else:
            yield from self._weekly("management", "management", group, lead, rules)

    def _weekly(
        self, kind: WeeklyKind, service: str, group: Group, lead: Course, rules: BlockRules
    ) -> Iterator[Line]:
        probe = self.subject(lead, group, group.last)
        count = weekly(kind, probe, rules)
        if (not count.blocks and not count.leftover) or not self.coded(group.last):
            return
        dates = [e.date or e.signature_date for e in count.used]
        if service == "short_management":
            dates = [group.last]
        subject = replace(probe, weekly=count)
        line = judge(
            self.rulebook, service, subject, units=max(count.units, 0), dates=dates, evidence=count.evidence
        )
        yield replace(line, listed=count.units > 0)

    def _stereotactic_management(self, group: Group, lead: Course) -> Iterator[Line]:
        if not self.coded(group.last):
            return
        last = group.sessions[-1]
        subject = self.subject(lead, group, group.last, session=last)
        yield judge(self.rulebook, "stereotactic_management", subject, dates=[group.last])


def fee_column(record: CaseRecord, profile: Profile) -> Column:
    """The column of policy 7.2 and 7.3 for payer and setting, under the profile."""
    context = record.context
    overlay = profile.columns.get(context.payer, {}).get(context.setting)
    if overlay is not None:
        return overlay
    if context.payer == "medicare" and (context.setting == "freestanding" or context.off_campus_nonexcepted):
        return "freestanding"
    return "hospital"


def _gathered(pairs: list[tuple[Line, Session]]) -> Line:
    """One line for all sessions of one code and status: units add up, reasons and findings once each."""
    lines = list({id(line): line for line, _ in pairs}.values())
    sessions = [session for _, session in pairs]
    first = lines[0]
    evidence = joined((*(s.fraction.evidence for s in sessions), *(line.evidence for line in lines)))
    against = joined(line.against for line in lines)
    return replace(
        first,
        on=max(line.on for line in lines),
        hard_status=worst(line.hard_status for line in lines),
        units=len(sessions),
        dates=tuple(sorted({s.fraction.date for s in sessions if s.fraction.date})),
        reasons=_once(r for line in lines for r in line.reasons),
        evidence=tuple(e for e in evidence if e not in against),
        against=against,
        missing=_once(m for line in lines for m in line.missing),
        references=tuple(dict.fromkeys(r for line in lines for r in line.references)),
        raised=_once(r for line in lines for r in line.raised),
        open=any(line.open for line in lines),
        arguable=next((line.arguable for line in lines if line.arguable), None),
        checks=_once(c for line in lines for c in line.checks),
        levels=_once(level for line in lines for level in line.levels),
    )


def _once(items: Iterable[T]) -> tuple[T, ...]:
    kept: list[T] = []
    for item in items:
        if item not in kept:
            kept.append(item)
    return tuple(kept)
