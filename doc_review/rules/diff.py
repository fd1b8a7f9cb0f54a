"""Two days become what changed between them: codes that died, were born or changed meaning, and why."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .describe import WIDTH, failures, need_day, requirements_of, rows_of, spoken
from .limits import UnitLimit, UnitLimits
from .schema import NotInForce, Outcome, Parameter, Requirement, Row, Rulebook, in_force


@dataclass(frozen=True, slots=True)
class Change:
    """One change, for a code or a part of the rulebook: what stood before and what stands after."""

    what: str
    text: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that changed between two days."""

    first: dt.date
    second: dt.date
    died: tuple[Change, ...]
    born: tuple[Change, ...]
    meaning: tuple[Change, ...]
    requirements: tuple[Change, ...]
    numbers: tuple[Change, ...]
    edits: tuple[Change, ...]

    @property
    def none(self) -> bool:
        """Whether both days have the same rules."""
        return not any((self.died, self.born, self.meaning, self.requirements, self.numbers, self.edits))


def differences(rulebook: Rulebook, limits: UnitLimits, first: dt.date, second: dt.date) -> Differences:
    """Compare the rules of two days; ``UsageError`` for a day before the rulebook begins."""
    need_day(rulebook, first)
    need_day(rulebook, second)
    return Differences(
        first,
        second,
        died=tuple(_only(rulebook, first, second)),
        born=tuple(_only(rulebook, second, first)),
        meaning=tuple(_meaning(rulebook, first, second)),
        requirements=tuple(_requirements(rulebook, first, second)),
        numbers=tuple(_numbers(rulebook, limits, first, second)),
        edits=tuple(_edits(rulebook, first, second)),
    )


def render(found: Differences) -> str:
    """The differences as text, in sections; one line where there is none."""
    if found.none:
        return f"Nothing changes between {found.first} and {found.second}.\n"
    sections = (
        (f"DIED: in force on {found.first}, not on {found.second}", found.died),
        (f"BORN: in force on {found.second}, not on {found.first}", found.born),
        ("CHANGED MEANING", found.meaning),
        ("CHANGED REQUIREMENTS", found.requirements),
        ("CHANGED NUMBERS", found.numbers),
        ("CHANGED EDITS", found.edits),
    )
    lines: list[str] = []
    for title, changes in sections:
        if changes:
            lines += [title, *(line for change in changes for line in _lines(change)), ""]
    return "\n".join(lines[:-1]) + "\n"


def _lines(change: Change) -> Iterator[str]:
    yield from _wrapped(f"  {change.what}  {change.text}", "    ")
    for word, parts in (("was", change.before), ("is", change.after)):
        for part in parts:
            yield from _wrapped(f"    {word:<4}{part}", "        ")


def _wrapped(text: str, indent: str) -> Iterable[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _valid(rulebook: Rulebook, code: str, day: dt.date) -> bool:
    return not isinstance(rulebook.code_on(code, day), NotInForce)


def _only(rulebook: Rulebook, here: dt.date, there: dt.date) -> Iterator[Change]:
    for code, entry in rulebook.codes.items():
        if _valid(rulebook, code, here) and not _valid(rulebook, code, there):
            yield Change(code, entry.label)


def _meaning(rulebook: Rulebook, first: dt.date, second: dt.date) -> Iterator[Change]:
    """Codes valid on both days whose level or component is told by other facts."""
    for code, entry in rulebook.codes.items():
        one, other = rulebook.code_on(code, first), rulebook.code_on(code, second)
        if isinstance(one, NotInForce) or isinstance(other, NotInForce):
            continue
        before, after = _levels(rulebook, code, first), _levels(rulebook, code, second)
        if one.component != other.component:
            before.insert(0, _component(rulebook, one.component))
            after.insert(0, _component(rulebook, other.component))
        if before != after:
            kept = [text for text in before if text in after]
            yield Change(
                code,
                entry.label,
                tuple(text for text in before if text not in kept),
                tuple(text for text in after if text not in kept),
            )


def _levels(rulebook: Rulebook, code: str, day: dt.date) -> list[str]:
    return list(dict.fromkeys(_level(row) for row in rows_of(rulebook, code, day)))


def _level(row: Row) -> str:
    return row.title + (f" ({spoken(row.status)})" if row.status else "")


def _component(rulebook: Rulebook, name: str | None) -> str:
    return "component: not judged" if name is None else f"component: {rulebook.components[name].title}"


def _requirements(rulebook: Rulebook, first: dt.date, second: dt.date) -> Iterator[Change]:
    for name, service in rulebook.services.items():
        codes = (key for key, code in rulebook.codes.items() if code.service == name)
        code = service.code or next(codes, None)
        if code is None:
            continue
        before, after = (
            {requirement.id: requirement for requirement in requirements_of(rulebook, code, day)}
            for day in (first, second)
        )
        for key in dict.fromkeys((*before, *after)):
            change = _requirement(service.title, before.get(key), after.get(key))
            if change is not None:
                yield change


def _requirement(title: str, one: Requirement | None, other: Requirement | None) -> Change | None:
    old = () if one is None else (_requirement_words(one),)
    new = () if other is None else (_requirement_words(other),)
    if one is None or other is None:
        return Change(title, f"a requirement {'ends' if other is None else 'begins'}", old, new)
    if old != new:
        return Change(title, "a requirement changes", old, new)
    if one.outcomes != other.outcomes:
        return Change(
            title,
            f"{other.clause} {other.title}: outcomes change",
            tuple(_outcomes(one.outcomes, other.outcomes)),
            tuple(_outcomes(other.outcomes, one.outcomes)),
        )
    return None


def _requirement_words(requirement: Requirement) -> str:
    return f"{requirement.clause} {requirement.title}: {failures(requirement)}"


def _outcomes(these: Mapping[str, Outcome], those: Mapping[str, Outcome]) -> Iterator[str]:
    for value, outcome in these.items():
        if those.get(value) != outcome:
            effect = f" ({spoken(outcome.status)})" if outcome.status else ""
            yield f"{spoken(value)}: {outcome.text}{effect}"


def _numbers(rulebook: Rulebook, limits: UnitLimits, first: dt.date, second: dt.date) -> Iterator[Change]:
    for parameter in rulebook.parameters.values():
        one, other = (_value(parameter, day) for day in (first, second))
        if one != other:
            yield Change(parameter.title, f"({parameter.unit})", (one,), (other,))
    for code in limits.limits:
        if _valid(rulebook, code, first) and _valid(rulebook, code, second):
            one, other = (_limit(limits.on(code, day)) for day in (first, second))
            if one != other:
                yield Change(code, "most units a day", (one,), (other,))


def _value(parameter: Parameter, day: dt.date) -> str:
    found = in_force(parameter.values, day, parameter.title)
    return "not in force" if isinstance(found, NotInForce) else str(found.value)


def _limit(limit: UnitLimit | NotInForce) -> str:
    if isinstance(limit, NotInForce):
        return "none published"
    return f"practitioner {limit.practitioner}, hospital outpatient {limit.hospital_outpatient}"


def _edits(rulebook: Rulebook, first: dt.date, second: dt.date) -> Iterator[Change]:
    """Edits that begin or end, those of codes that died or were born left to these."""
    for word, here, there in (("end", first, second), ("begin", second, first)):
        gone: dict[str, list[str]] = {}
        for edit in rulebook.edits:
            stands = any(
                (e.col1, e.col2, e.scope, e.indicator) == (edit.col1, edit.col2, edit.scope, edit.indicator)
                and set(edit.tables) <= set(e.tables)
                and e.covers(there)
                for e in rulebook.edits
                if e.col1 == edit.col1
            )
            known = _valid(rulebook, edit.col1, there) and _valid(rulebook, edit.col2, there)
            if edit.covers(here) and not stands and known:
                gone.setdefault(f"{edit.col1}, {spoken(edit.scope)}", []).append(edit.col2)
        for key, codes in gone.items():
            yield Change(key, f"edits {word}: {', '.join(dict.fromkeys(codes))}")
