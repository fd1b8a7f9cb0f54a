"""The rulebook becomes a proof or a list of defects: gaps, overlaps, shadowed rows, dead codes and names.

Decision tables are over finite facts, so every combination is enumerated: each must be met by exactly
one row. A defect names a witness: one combination of fact values that shows it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from ..model import FindingType
from .facts import FACTS
from .schema import ExceptionRow, NotInForce, Profile, Row, Rulebook, Table, TableVersion, in_force

DefectKind = Literal["gap", "overlap", "shadowed", "period", "dead", "missing"]


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect: where, what kind, in words, and a witness where the defect is one of a table."""

    kind: DefectKind
    where: str
    text: str
    witness: dict[str, str] | None = None

    def __str__(self) -> str:
        """One line for a person."""
        shown = "" if self.witness is None else f" (for example {_words(self.witness)})"
        return f"{self.where}: {self.kind}: {self.text}{shown}"


def _words(witness: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in witness.items())


def check_rulebook(rulebook: Rulebook) -> tuple[Defect, ...]:
    """Every defect of the rulebook; an empty result proves its tables complete and free of overlap."""
    return tuple(
        itertools.chain(
            *(_table(rulebook, name, table) for name, table in rulebook.tables.items()),
            *(_exceptions(rulebook, name, profile) for name, profile in rulebook.profiles.items()),
            _services(rulebook),
            _findings(rulebook),
            _edits(rulebook),
            _dead_references(rulebook),
        )
    )


def combinations(version: TableVersion, table: Table) -> Iterator[dict[str, str]]:
    """Every combination of values of the facts that the rows of this version test."""
    used = [name for name in table.facts if any(name in row.when for row in version.rows)]
    for values in itertools.product(*(FACTS[name].values for name in used)):
        yield dict(zip(used, values, strict=True))


def _table(rulebook: Rulebook, name: str, table: Table) -> Iterator[Defect]:
    for before, after in itertools.pairwise(table.versions):
        if before.to is None or (after.start - before.to).days != 1:
            yield Defect(
                "gap", f"tables/{name}", f"no version is in force between {before.to} and {after.start}"
            )
    if table.versions[0].start > rulebook.begins:
        yield Defect("gap", f"tables/{name}", f"no version is in force from {rulebook.begins}")
    for version in table.versions:
        where = f"tables/{name} from {version.start}"
        yield from _rows(where, version, table)
        yield from _row_codes(rulebook, where, version)


def _rows(where: str, version: TableVersion, table: Table) -> Iterator[Defect]:
    first: dict[str, int] = dict.fromkeys((row.id for row in version.rows), 0)
    held: dict[str, int] = dict(first)
    gap: dict[str, str] | None = None
    overlaps: dict[tuple[str, str], dict[str, str]] = {}
    shadows: dict[str, tuple[str, dict[str, str]]] = {}
    for facts in combinations(version, table):
        rows = [row for row in version.rows if row.holds(facts)]
        if not rows:
            gap = gap or facts
            continue
        first[rows[0].id] += 1
        for row in rows:
            held[row.id] += 1
        for row in rows[1:]:
            shadows.setdefault(row.id, (rows[0].id, facts))
            overlaps.setdefault((rows[0].id, row.id), facts)
    if gap is not None:
        yield Defect("gap", where, "no row decides", gap)
    for row in version.rows:
        if first[row.id] == 0 and held[row.id]:
            other, facts = shadows[row.id]
            yield Defect(
                "shadowed", f"{where}, row {row.id}", f"row {other} and others decide before it", facts
            )
        elif not held[row.id]:
            yield Defect("dead", f"{where}, row {row.id}", "no combination meets it")
    shadowed = {row_id for row_id in held if not first[row_id]}
    for (one, other), facts in overlaps.items():
        if other not in shadowed:
            yield Defect("overlap", where, f"rows {one} and {other} both decide", facts)


def _exceptions(rulebook: Rulebook, name: str, profile: Profile) -> Iterator[Defect]:
    """A profile's rows exclude one another and are exceptions to exactly the rows that they name."""
    for table_name, exceptions in profile.exceptions.items():
        table = rulebook.under(profile).tables[table_name]
        for one in exceptions:
            where = f"profiles/{name}, {table_name} from {one.start}"
            version = next((v for v in table.versions if v.start == one.start), None)
            if version is None:
                yield Defect("period", where, "no version of the table has this period")
                continue
            yield from _row_codes(rulebook, where, version)
            yield from _exception_rows(where, one.rows, version, table)


def _exception_rows(
    where: str, rows: tuple[ExceptionRow, ...], version: TableVersion, table: Table
) -> Iterator[Defect]:
    met: dict[str, set[str]] = {row.id: set() for row in rows}
    overlaps: dict[tuple[str, str], dict[str, str]] = {}
    for facts in combinations(version, table):
        holding = [row for row in version.rows if row.holds(facts)]
        for row in (r for r in holding if isinstance(r, ExceptionRow)):
            others = {other.id for other in holding if other is not row}
            met[row.id] |= others
            for other in others - set(row.exception_to):
                overlaps.setdefault((row.id, other), facts)
    for row in rows:
        for other in row.exception_to:
            if other not in met[row.id]:
                yield Defect("dead", f"{where}, row {row.id}", f"is no exception to row {other}")
    for (one, other), facts in overlaps.items():
        text = f"rows {one} and {other} both decide, and none names the other as its exception"
        yield Defect("overlap", where, text, facts)


def _row_codes(rulebook: Rulebook, where: str, version: TableVersion) -> Iterator[Defect]:
    seen: dict[str, Row] = {}
    for row in version.rows:
        if row.id in seen:
            yield Defect("overlap", f"{where}, row {row.id}", "the id stands twice")
        seen[row.id] = row
        for code in filter(None, (row.code, row.arguable)):
            for day in filter(None, (version.start, version.to)):
                if isinstance(rulebook.code_on(code, day), NotInForce):
                    yield Defect("period", f"{where}, row {row.id}", f"code {code} is not valid on {day}")


def _services(rulebook: Rulebook) -> Iterator[Defect]:
    used = {code.service for code in rulebook.codes.values()}
    for name, service in rulebook.services.items():
        if name not in used:
            yield Defect("dead", f"services/{name}", "no code names it")
        if service.code is not None and rulebook.codes[service.code].service != name:
            yield Defect("missing", f"services/{name}", f"code {service.code} does not name it back")
        for key in {r.id for r in service.requirements}:
            versions = [r for r in service.requirements if r.id == key]
            if isinstance(in_force(versions, rulebook.begins, key), NotInForce):
                yield Defect(
                    "gap", f"services/{name}, requirement {key}", f"not in force on {rulebook.begins}"
                )
    listed = {row.code for t in rulebook.tables.values() for v in t.versions for row in v.rows}
    listed |= {service.code for service in rulebook.services.values()}
    for code_name, code in rulebook.codes.items():
        if code.service is not None and code_name not in listed:
            yield Defect("dead", f"codes/{code_name}", f"service {code.service} never gives it")


def _findings(rulebook: Rulebook) -> Iterator[Defect]:
    for kind in get_args(FindingType):
        if kind not in rulebook.findings:
            yield Defect("missing", f"findings/{kind}", "severity and wording are missing")


def _edits(rulebook: Rulebook) -> Iterator[Defect]:
    for one, other in itertools.combinations(rulebook.edits, 2):
        same = (one.col1, one.col2, one.scope) == (other.col1, other.col2, other.scope)
        if (
            same
            and set(one.tables) & set(other.tables)
            and (other.covers(one.start) or one.covers(other.start))
        ):
            yield Defect("overlap", f"edits {one.col1} {one.col2}", "two edits are in force together")


def _dead_references(rulebook: Rulebook) -> Iterator[Defect]:
    used = {r for s in rulebook.services.values() for r in s.references}
    used |= {r for s in rulebook.services.values() for q in s.requirements for r in q.references}
    used |= {r for t in rulebook.tables.values() for v in t.versions for r in v.references}
    used |= {r for c in rulebook.codes.values() for v in c.versions for r in v.references}
    used |= {r for k in rulebook.components.values() for r in k.references}
    used |= {r for p in rulebook.profiles.values() for r in p.references}
    used |= {
        r for p in rulebook.profiles.values() for v in p.parameters.values() for d in v for r in d.references
    }
    used |= {
        r for p in rulebook.profiles.values() for v in p.exceptions.values() for d in v for r in d.references
    }
    used |= {r for e in rulebook.edits for r in e.references}
    used |= {r for p in rulebook.parameters.values() for v in p.values for r in v.references}
    for name in rulebook.references:
        if name not in used:
            yield Defect("dead", f"references/{name}", "nothing rests on it")
