"""Every value of the rulebook is changed, one at a time; the rule tests must notice.

Run ``python eval/mutate_rules.py [--section NAME]``. A mutant that no rule test kills is a value
that nothing pins down: write the test, or say why the value cannot matter. Prints one row a section and
every survivor; exit status 1 where fewer are killed than ``--at-least`` (a share, default 0.95).
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from doc_review.errors import DocReviewError
from doc_review.rules import Rulebook, load_rulebook
from doc_review.rules.facts import FACTS
from doc_review.rules.rule_tests import RuleTest, load_rule_tests, run_rule_test
from doc_review.rules.schema import Dated, Outcome, Requirement, Row, Service, Table, TableVersion

DAY = dt.timedelta(days=1)
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Mutant:
    """A rulebook with one value changed."""

    section: str
    what: str
    rulebook: Rulebook


def changed(model: M, **values: Any) -> M:
    """A copy with other values, not validated: a mutant may be nonsense."""
    return model.model_copy(update=values)


def swapped(items: Sequence[Any], index: int, item: Any) -> tuple[Any, ...]:
    """A tuple with one item replaced; ``None`` takes it away."""
    new = () if item is None else (item,)
    return (*items[:index], *new, *items[index + 1 :])


def periods(value: Dated) -> Iterator[tuple[str, Dated]]:
    """The period moved by a day at either end."""
    yield "starts a day later", changed(value, start=value.start + DAY)
    if value.to is not None:
        yield "ends a day earlier", changed(value, to=value.to - DAY)
        yield "ends a day later", changed(value, to=value.to + DAY)


def row_mutants(row: Row, version: TableVersion) -> Iterator[tuple[str, Row]]:
    """Other code, other condition, other status, other finding."""
    codes = list(dict.fromkeys(r.code for r in version.rows))
    other = codes[(codes.index(row.code) + 1) % len(codes)]
    if other != row.code:
        yield f"gives {other}", changed(row, code=other)
    for name, wanted in row.when.items():
        values = (wanted,) if isinstance(wanted, str) else wanted
        for value in values:
            left = (
                tuple(v for v in values if v != value)
                or tuple(v for v in FACTS[name].values if v != value)[:1]
            )
            yield f"{name} without {value}", changed(row, when={**row.when, name: left})
    yield "status", changed(row, status=None if row.status else "needs_review")
    for i, finding in enumerate(row.findings):
        yield f"no {finding}", changed(row, findings=swapped(row.findings, i, None))
    if row.arguable is not None:
        yield "not arguable", changed(row, arguable=None)


def table_mutants(table: Table) -> Iterator[tuple[str, Table]]:
    """Every row and period of a table."""
    for v, version in enumerate(table.versions):
        for what, moved in periods(version):
            if moved.start >= dt.date(2024, 1, 3) or "starts" not in what or version.start.year == 2024:
                yield f"{version.start} {what}", changed(table, versions=swapped(table.versions, v, moved))
        for r, row in enumerate(version.rows):
            for what, mutant in row_mutants(row, version):
                new = changed(version, rows=swapped(version.rows, r, mutant))
                yield (
                    f"{version.start} {row.id}: {what}",
                    changed(table, versions=swapped(table.versions, v, new)),
                )


def outcome_mutants(outcome: Outcome) -> Iterator[tuple[str, Outcome]]:
    """A failure that passes, another status, a finding less."""
    if outcome.fail is not None:
        yield "passes", changed(outcome, met=outcome.fail, fail=None, status=None, findings=(), reason=None)
        status = "needs_review" if outcome.status == "blocked" else "blocked"
        yield status, changed(outcome, status=status)
    if outcome.met is not None or outcome.skip is not None:
        yield (
            "fails",
            changed(outcome, fail=outcome.text, met=None, skip=None, status="blocked", reason="not_found"),
        )
    for i, finding in enumerate(outcome.findings):
        yield f"no {finding}", changed(outcome, findings=swapped(outcome.findings, i, None))


def service_mutants(service: Service) -> Iterator[tuple[str, Service]]:
    """Every requirement and outcome of a service."""
    for i, requirement in enumerate(service.requirements):

        def put(new: Requirement | None, at: int = i) -> Service:
            return changed(service, requirements=swapped(service.requirements, at, new))

        yield f"{requirement.id}: taken away", put(None)
        if requirement.start.year > 2024 or requirement.to is not None:
            for what, moved in periods(requirement):
                yield f"{requirement.id}: {what}", put(moved)  # type: ignore[arg-type]
        for value, outcome in requirement.outcomes.items():
            for what, mutant in outcome_mutants(outcome):
                outcomes = {**requirement.outcomes, value: mutant}
                yield f"{requirement.id} {value}: {what}", put(changed(requirement, outcomes=outcomes))


def mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every mutant of the rulebook."""
    for name, table in rulebook.tables.items():
        for what, new in table_mutants(table):
            yield Mutant("tables", f"{name} {what}", changed(rulebook, tables={**rulebook.tables, name: new}))
    for name, service in rulebook.services.items():
        for what, new_service in service_mutants(service):
            services = {**rulebook.services, name: new_service}
            yield Mutant("services", f"{name} {what}", changed(rulebook, services=services))
    yield from code_mutants(rulebook)
    yield from other_mutants(rulebook)


def code_mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Validity and component of every code."""
    kinds = {
        "pc_tc_1": "technical_only",
        "technical_only": "professional_only",
        "professional_only": "pc_tc_1",
    }
    for name, code in rulebook.codes.items():
        for i, version in enumerate(code.versions):
            news: list[tuple[str, Dated]] = list(periods(version))
            if version.component in kinds:
                news.append((kinds[version.component], changed(version, component=kinds[version.component])))
            for what, new in news:
                if "starts" in what and version.start == rulebook.begins:
                    continue
                mutant = changed(code, versions=swapped(code.versions, i, new))
                yield Mutant(
                    "codes", f"{name} {what}", changed(rulebook, codes={**rulebook.codes, name: mutant})
                )


def other_mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Parameters, component kinds, and profiles."""
    for name, parameter in rulebook.parameters.items():
        value = parameter.values[0].value
        shifts = (
            [value + 1, value - 1]
            if isinstance(value, int)
            else [value[i:] for i in range(1, len(value) + 1)]
        )
        for shift in shifts:
            new = changed(parameter, values=(changed(parameter.values[0], value=shift),))
            parameters = {**rulebook.parameters, name: new}
            yield Mutant("parameters", f"{name} {shift}", changed(rulebook, parameters=parameters))
    for name, kind in rulebook.components.items():
        for claim in kind.claims:
            left = {c: sets for c, sets in kind.claims.items() if c != claim}
            components = {**rulebook.components, name: changed(kind, claims=left)}
            yield Mutant("components", f"{name} not {claim}", changed(rulebook, components=components))
    for name, profile in rulebook.profiles.items():
        for code in profile.components:
            left_codes = {c: k for c, k in profile.components.items() if c != code}
            profiles = {**rulebook.profiles, name: changed(profile, components=left_codes)}
            yield Mutant("profiles", f"{name} without {code}", changed(rulebook, profiles=profiles))
        if profile.columns:
            profiles = {**rulebook.profiles, name: changed(profile, columns={})}
            yield Mutant("profiles", f"{name} without columns", changed(rulebook, profiles=profiles))


def killed(mutant: Mutant, tests: list[RuleTest]) -> bool:
    """Whether some rule test fails under the mutant; an error is a failure as well.

    The test that kills moves to the front: neighbouring mutants mostly die by neighbouring tests.
    """
    for i, test in enumerate(tests):
        if fails(test, mutant.rulebook):
            tests.insert(0, tests.pop(i))
            return True
    return False


def fails(test: RuleTest, rulebook: Rulebook) -> bool:
    """Whether the test fails or cannot be run."""
    try:
        return not run_rule_test(test, rulebook).passed
    except (DocReviewError, LookupError, ValueError, StopIteration):
        return True


def main(argv: Sequence[str] | None = None, write: Callable[[str], object] = print) -> int:
    """Run the mutants and report; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--section", help="only this section (tables, services, codes, ...)")
    parser.add_argument("--at-least", type=float, default=0.95, help="share of mutants that must be killed")
    options = parser.parse_args(argv)
    tests = list(load_rule_tests())
    count: Counter[str] = Counter()
    alive: Counter[str] = Counter()
    for mutant in mutants(load_rulebook()):
        if options.section not in (None, mutant.section):
            continue
        count[mutant.section] += 1
        if not killed(mutant, tests):
            alive[mutant.section] += 1
            write(f"survivor: {mutant.section}: {mutant.what}")
    for section in count:
        write(f"{section}: {count[section] - alive[section]} of {count[section]} killed")
    total, left = sum(count.values()), sum(alive.values())
    share = (total - left) / total if total else 1.0
    write(f"all: {total - left} of {total} killed ({share:.1%}) by {len(tests)} rule tests")
    return 0 if share >= options.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
