"""The rulebook becomes plain words for a reader: the codes of a day, or one code's whole rule on one screen."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ..errors import UsageError
from .limits import UnitLimits
from .schema import (
    Code,
    Dated,
    Edit,
    NotInForce,
    Profile,
    ReferenceEntry,
    Requirement,
    Row,
    Rulebook,
    in_force,
)

WIDTH = 100

_WHOLE = {"three_plus": "three or more"}
_ACRONYMS = {"dvh": "DVH", "mlc": "MLC", "imrt": "IMRT", "2d": "2D", "3d": "3D"}


def need_day(rulebook: Rulebook, day: dt.date) -> None:
    """Raise ``UsageError`` for a day before the rulebook begins: nothing is known of it."""
    if day < rulebook.begins:
        raise UsageError(f"the rulebook begins {rulebook.begins}; nothing is known of {day}")


def need_code(rulebook: Rulebook, code: str) -> Code:
    """The code of that number; ``UsageError`` where the rulebook does not hold it."""
    if code not in rulebook.codes:
        raise UsageError(f"code {code} is not in the rulebook; doc-review rules list names those that are")
    return rulebook.codes[code]


def list_codes(rulebook: Rulebook, day: dt.date) -> str:
    """One line per code valid on ``day``: scope, who bills it, own label, and how far a rule suggests it."""
    need_day(rulebook, day)
    valid = {
        key: version
        for key in rulebook.codes
        if not isinstance(version := rulebook.code_on(key, day), NotInForce)
    }
    lines = [f"{len(valid)} codes in force on {day} ({rulebook.name}, begins {rulebook.begins})", ""]
    for scope in ("core", "extended", "other"):
        for key, version in valid.items():
            code = rulebook.codes[key]
            if code.scope == scope:
                component = (
                    rulebook.components[version.component].title if version.component else "not judged"
                )
                judged = "suggested" if code.service else "checked when billed"
                lines.append(f"{key}  {scope:<8}  {judged:<19}  {code.label} ({component})")
    left = [key for key in rulebook.codes if key not in valid]
    if left:
        lines += ["", *_wrapped(f"Not in force on {day}: {', '.join(left)}", "")]
    return "\n".join(lines) + "\n"


def describe_code(rulebook: Rulebook, limits: UnitLimits, name: str, day: dt.date) -> str:
    """Everything the rulebook says of one code on ``day``, in plain words.

    A code outside its dates is told as such, with the codes that the same service has on that day.
    Raises ``UsageError`` for a code or day that the rulebook does not hold.
    """
    need_day(rulebook, day)
    code = need_code(rulebook, name)
    return "\n".join(_described(rulebook, limits, name, code, day)) + "\n"


def period(value: Dated) -> str:
    """``from 2024-01-01`` or ``2024-01-01 to 2025-12-31``."""
    return f"from {value.start}" if value.to is None else f"{value.start} to {value.to}"


def condition_words(when: dict[str, str | tuple[str, ...]]) -> str:
    """A row's conditions: ``isocenters: one or assumed; motion management: none``."""
    parts = []
    for fact, wanted in when.items():
        values = (wanted,) if isinstance(wanted, str) else wanted
        parts.append(f"{spoken(fact)}: {' or '.join(spoken(value) for value in values)}")
    return "; ".join(parts)


def spoken(name: str) -> str:
    """A name of the rulebook in words: ``missing_dvh`` is ``missing DVH``."""
    return _WHOLE.get(name) or " ".join(_ACRONYMS.get(part, part) for part in name.split("_"))


def rows_of(rulebook: Rulebook, code: str, day: dt.date) -> tuple[Row, ...]:
    """The rows of the decision table in force on ``day`` that give ``code``."""
    return tuple(row for row in table_rows(rulebook, code, day) if row.code == code)


def table_rows(rulebook: Rulebook, code: str, day: dt.date) -> tuple[Row, ...]:
    """All rows in force on ``day`` of the table that decides between ``code`` and its neighbours."""
    service = rulebook.codes[code].service
    table = rulebook.services[service].table if service else None
    if table is None:
        return ()
    version = in_force(rulebook.tables[table].versions, day, table)
    return () if isinstance(version, NotInForce) else version.rows


def requirements_of(rulebook: Rulebook, code: str, day: dt.date) -> tuple[Requirement, ...]:
    """The requirements in force on ``day`` of the service that ``code`` stands for."""
    service = rulebook.codes[code].service
    found = rulebook.services[service].requirements if service else ()
    return tuple(requirement for requirement in found if requirement.covers(day))


def failures(requirement: Requirement) -> str:
    """What follows where the requirement is not met: statuses, each with its findings."""
    found: dict[str, dict[str, None]] = {}
    for outcome in requirement.outcomes.values():
        if outcome.status is not None:
            found.setdefault(spoken(outcome.status), {}).update(dict.fromkeys(outcome.findings))
    notes = dict.fromkeys(f for o in requirement.outcomes.values() if o.note is not None for f in o.findings)
    parts = [
        status + (f" ({', '.join(map(spoken, kinds))})" if kinds else "") for status, kinds in found.items()
    ]
    if notes:
        parts.append(f"{'or ' if parts else ''}only the finding {', '.join(map(spoken, notes))}")
    return "; ".join(parts) or "no effect"


def references_of(rulebook: Rulebook, code: str, day: dt.date) -> tuple[ReferenceEntry, ...]:
    """Every source that the rule of ``code`` rests on, on ``day``, once each."""
    names: list[str] = []
    version = rulebook.code_on(code, day)
    names += () if isinstance(version, NotInForce) else version.references
    service = rulebook.codes[code].service
    if service:
        names += rulebook.services[service].references
    names += [r for requirement in requirements_of(rulebook, code, day) for r in requirement.references]
    names += [r for edit in edits_of(rulebook, code, day) for r in edit.references]
    return tuple(rulebook.references[name] for name in dict.fromkeys(names))


def edits_of(rulebook: Rulebook, code: str, day: dt.date) -> tuple[Edit, ...]:
    """The edits in force on ``day`` in which ``code`` stands on either side."""
    return tuple(e for e in rulebook.edits if code in (e.col1, e.col2) and e.covers(day))


def readings_of(rulebook: Rulebook, code: str, day: dt.date) -> tuple[tuple[str, Profile], ...]:
    """The profiles that read something of ``code`` otherwise on ``day``: component, level, column or number."""
    service = rulebook.codes[code].service
    table = rulebook.services[service].table if service else None
    by_column = any("fee_column" in row.when for row in table_rows(rulebook, code, day))

    def differs(profile: Profile) -> bool:
        excepted = any(v.covers(day) for v in profile.exceptions.get(table or "", ()))
        counted = any(service in rulebook.parameters[name].services for name in profile.parameters)
        column = by_column and bool(profile.columns)
        return code in profile.components or excepted or counted or column

    return tuple((key, profile) for key, profile in rulebook.profiles.items() if differs(profile))


def _described(rulebook: Rulebook, limits: UnitLimits, name: str, code: Code, day: dt.date) -> Iterator[str]:
    yield f"{name}  {code.label}"
    version = rulebook.code_on(name, day)
    dates = ", ".join(period(v) for v in code.versions)
    if isinstance(version, NotInForce):
        yield from _wrapped(f"Not in force on {day}. Valid {dates}.", "")
        others = _siblings(rulebook, name, day)
        if others:
            yield from _wrapped(f"On {day} the same service is: {', '.join(others)}.", "")
        return
    yield from _wrapped(f"In force on {day}, valid {dates}. Scope: {code.scope}.", "")
    yield from _wrapped(_billing(rulebook, version.component), "")
    yield from _wrapped(_limit(limits, name, day), "")
    if code.service is None:
        yield "No rule suggests it: it is checked for validity and component when billed."
    else:
        service = rulebook.services[code.service]
        yield f"Rule: {service.title} ({service.clause})"
    rows = rows_of(rulebook, name, day)
    if rows:
        yield from ("", "WHEN (the first row that holds decides)")
        for row in rows:
            yield from _wrapped(f"{row.clause:<5} {_row_words(row)}", "      ")
    requirements = requirements_of(rulebook, name, day)
    if requirements:
        yield from ("", "REQUIRES (otherwise)")
        for requirement in requirements:
            text = f"{requirement.clause:<5} {requirement.title}: {failures(requirement)}"
            yield from _wrapped(text, "      ")
    edits = list(_edit_words(name, edits_of(rulebook, name, day)))
    if edits:
        yield from ("", "EDITS")
        for line in edits:
            yield from _wrapped(line, "  ")
    readings = [f"{key}: {profile.remark}" for key, profile in readings_of(rulebook, name, day)]
    if readings:
        yield from ("", "OTHER READINGS (--profile)")
        for line in readings:
            yield from _wrapped(line, "  ")
    yield from ("", "REFERENCES")
    for entry in references_of(rulebook, name, day):
        text = f"{entry.title}, {entry.locator} (verified {entry.verified_on})"
        yield from _wrapped(text, "  ")


def _billing(rulebook: Rulebook, component: str | None) -> str:
    if component is None:
        return "Component: not judged."
    kind = rulebook.components[component]
    claims = []
    for claim, sets in kind.claims.items():
        modifiers = " or ".join("-".join(one) or "no modifier" for one in sets)
        claims.append(f"{claim} {modifiers}")
    return f"Component: {kind.title} ({kind.clause}). Claims: {', '.join(claims)}; no other claim carries it."


def _limit(limits: UnitLimits, name: str, day: dt.date) -> str:
    limit = limits.on(name, day)
    if isinstance(limit, NotInForce):
        return "Most units a day: none published."
    words = [
        f"{value} ({spoken(table)})"
        for table, value in (
            ("practitioner", limit.practitioner),
            ("hospital_outpatient", limit.hospital_outpatient),
        )
        if value is not None
    ]
    return f"Most units a day: {', '.join(words)}."


def _row_words(row: Row) -> str:
    extra = []
    if row.status is not None:
        extra.append(spoken(row.status))
    extra += [spoken(finding) for finding in row.findings]
    if row.arguable is not None:
        extra.append(f"{row.arguable} is arguable beside it")
    return row.title + (f" ({', '.join(extra)})" if extra else "")


def _edit_words(name: str, edits: Sequence[Edit]) -> Iterator[str]:
    """Edits in groups of equal side, scope, indicator and tables."""

    def key(edit: Edit) -> tuple[bool, str, int, tuple[str, ...]]:
        return (edit.col1 != name, edit.scope, edit.indicator, edit.tables)

    for (second, scope, indicator, tables), found in groupby(sorted(edits, key=key), key):
        others = ", ".join(e.col1 if second else e.col2 for e in found)
        side = "Not paid beside" if second else "Paid, and these not"
        passes = "a modifier passes it" if indicator else "no modifier passes it"
        where = "both tables" if len(tables) > 1 else f"{spoken(tables[0])} table"
        yield f"{side}, {spoken(scope)}, {passes}, {where}: {others}"


def _siblings(rulebook: Rulebook, name: str, day: dt.date) -> list[str]:
    rows = table_rows(rulebook, name, day)
    return sorted({row.code for row in rows if row.code is not None} - {name})


def _wrapped(text: str, indent: str) -> Iterable[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


__all__ = [
    "condition_words",
    "describe_code",
    "edits_of",
    "failures",
    "list_codes",
    "need_code",
    "need_day",
    "period",
    "references_of",
    "requirements_of",
    "rows_of",
    "spoken",
    "table_rows",
]
