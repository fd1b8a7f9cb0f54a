"""Every value of the rulebook is changed, one at a time; the rule tests must notice.

Run ``python eval/mutate_rules.py [--section NAME] [--sample N --seed S] [--jobs N]``. A mutant that nothing
catches is a value that nothing pins down: write the test, or say here why the value cannot matter. Prints every
survivor, one row a section, then caught/total for core and extended content apart, and the time; exit status 1
where less than all of the core or less than 95 % of the extended is caught.

A mutant is caught by a rule test that fails, or by a defect that ``rules check`` reports (a first day moved past
the rulebook's own leaves a gap). Content is core where a core code rests on it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from doc_review.errors import DocReviewError
from doc_review.model import CaseRecord
from doc_review.rules import Rulebook, load_rulebook
from doc_review.rules.check import check_rulebook
from doc_review.rules.compact import expand
from doc_review.rules.facts import FACTS
from doc_review.rules.rule_tests import RuleTest, load_rule_tests, problems_of
from doc_review.rules.schema import (
    Dated,
    Edit,
    Outcome,
    Profile,
    Requirement,
    Row,
    Service,
    Table,
    TableExceptions,
    TableVersion,
)

DAY = dt.timedelta(days=1)
LEAST = {"core": 1.0, "extended": 0.95}
M = TypeVar("M", bound=BaseModel)
EQUIVALENT = {
    # A replan without cause has no line of its own (policy 5.15): it is listed only while an unread page may
    # justify it, and then the unread page, not this status, makes it needs_review.
    "services: imrt_plan once_per_course unjustified: blocked",
    # Without an approval that counts the line is unlisted by the requirement before, which shows nothing else.
    "services: plan_3d approval_dated not_approved: fails",
    # Undated fractions leave the order's place open as well, and an order that does not count can be cured too:
    # the line is open by the order's own requirement.
    "services: imrt_plan approval_before_first_fraction unknown: curable",
    # Beside an unread page a parent is needs_review where it would be blocked, for every such failure is curable.
    "services: motion_study parent blocked: curable",
    # The requirement of a treatment record fails with the technique, and an unread page leaves it open.
    "tables: delivery_level 2024-01-01 technique_untold: unread_leaves_open",
    "tables: delivery_level 2026-01-01 technique_untold: unread_leaves_open",
    # A left-over block holds one to four fractions: six is as never as five, nought as always as one.
    "parameters: physics_remainder 6",
    "profiles: physics-remainder physics_remainder 0",
    # No day lies less than no days away.
    "parameters: bundle_days_before -1",
    "parameters: bundle_days_after -1",
}
"""Changes after which every chart is decided as before, and why."""

Caught = Literal["rule test", "rules check"]


@dataclass(frozen=True)
class Mutant:
    """A rulebook with one value changed; ``near`` are words whose tests are tried first."""

    section: str
    what: str
    core: bool
    rulebook: Rulebook
    near: tuple[str, ...] = ()


def changed(model: M, **values: Any) -> M:
    """A copy with other values, not validated: a mutant may be nonsense."""
    return model.model_copy(update=values)


def swapped(items: Sequence[Any], index: int, item: Any) -> tuple[Any, ...]:
    """A tuple with one item replaced; ``None`` takes it away."""
    new = () if item is None else (item,)
    return (*items[:index], *new, *items[index + 1 :])


def periods(value: Dated, begins: dt.date) -> Iterator[tuple[str, Dated]]:
    """The period moved by a day at either end.

    Nothing before the rulebook's first day is coded (policy 1.8), so that a period which starts with the
    rulebook is the same when it starts earlier.
    """
    yield "starts a day later", changed(value, start=value.start + DAY)
    if value.start > begins:
        yield "starts a day earlier", changed(value, start=value.start - DAY)
    if value.to is not None:
        yield "ends a day earlier", changed(value, to=value.to - DAY)
        yield "ends a day later", changed(value, to=value.to + DAY)


def hidden(before: Sequence[Dated], what: str, moved: Dated) -> bool:
    """Whether a period that starts a day earlier starts inside the one before it.

    Such a rulebook does not load: overlapping periods are an error of the loader, and the first one decides.
    """
    return what == "starts a day earlier" and any(one.covers(moved.start) for one in before)


def row_mutants(row: Row, version: TableVersion | TableExceptions) -> Iterator[tuple[str, Row]]:
    """Other code, other condition, other status, other finding, other standing beside an unread page."""
    codes = list(dict.fromkeys(r.code for r in version.rows))
    other = codes[(codes.index(row.code) + 1) % len(codes)]
    if other != row.code:
        yield f"gives {other}", changed(row, code=other)
    for name, wanted in row.when.items():
        values = (wanted,) if isinstance(wanted, str) else wanted
        for value in values:
            left = tuple(v for v in values if v != value)
            left = left or tuple(v for v in FACTS[name].values if v != value)[:1]
            yield f"{name} without {value}", changed(row, when={**row.when, name: left})
    if row.code is None:
        return
    yield "status", changed(row, status=None if row.status else "needs_review")
    for i, finding in enumerate(row.findings):
        yield f"no {finding}", changed(row, findings=swapped(row.findings, i, None))
    if row.arguable is not None:
        yield "not arguable", changed(row, arguable=None)
    yield "unread_leaves_open", changed(row, unread_leaves_open=not row.unread_leaves_open)


def table_mutants(table: Table, begins: dt.date) -> Iterator[tuple[str, str, Table]]:
    """Every row and period of a table, with the row's id."""
    for v, version in enumerate(table.versions):
        for what, moved in periods(version, begins):
            if not hidden(table.versions[:v], what, moved):
                yield (
                    "",
                    f"{version.start} {what}",
                    changed(table, versions=swapped(table.versions, v, moved)),
                )
        for r, row in enumerate(version.rows):
            for what, mutant in row_mutants(row, version):
                new = changed(version, rows=swapped(version.rows, r, mutant))
                name = f"{version.start} {row.id}: {what}"
                yield row.id, name, changed(table, versions=swapped(table.versions, v, new))


def outcome_mutants(outcome: Outcome) -> Iterator[tuple[str, Outcome]]:
    """A failure that passes, another status, a finding less, another standing beside an unread page."""
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
    if (outcome.fail is not None and outcome.status != "unlisted") or outcome.findings:
        yield "curable", changed(outcome, curable=not outcome.curable)


def service_mutants(service: Service, begins: dt.date) -> Iterator[tuple[str, str, Service]]:
    """Every requirement and outcome of a service, with the requirement's id and the outcome's value."""
    for i, requirement in enumerate(service.requirements):

        def put(new: Requirement | None, at: int = i) -> Service:
            return changed(service, requirements=swapped(service.requirements, at, new))

        yield requirement.id, "taken away", put(None)
        same = [other for other in service.requirements[:i] if other.id == requirement.id]
        for what, moved in periods(requirement, begins):
            if not hidden(same, what, moved):
                yield requirement.id, what, put(moved)  # type: ignore[arg-type]
        # What decides hides the requirements after it where it fails, which shows on a listed line only.
        seen = any(o.fail is not None and o.status != "unlisted" for o in requirement.outcomes.values())
        if requirement.decides or (seen and i + 1 < len(service.requirements)):
            yield requirement.id, "decides", put(changed(requirement, decides=not requirement.decides))
        for other in requirement.defers_to:
            left = tuple(name for name in requirement.defers_to if name != other)
            yield requirement.id, f"does not defer to {other}", put(changed(requirement, defers_to=left))
        for value, outcome in requirement.outcomes.items():
            for what, mutant in outcome_mutants(outcome):
                outcomes = {**requirement.outcomes, value: mutant}
                yield (
                    f"{requirement.id} {value}",
                    what,
                    put(changed(requirement, outcomes=outcomes)),
                )


def mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every mutant of the rulebook that could make a difference."""
    return (m for m in all_mutants(rulebook) if f"{m.section}: {m.what}" not in EQUIVALENT)


def all_mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every mutant of the rulebook, those included that are known to be equivalent."""
    core = {code.service for code in rulebook.codes.values() if code.scope == "core"}
    for name, table in rulebook.tables.items():
        for near, what, new in table_mutants(table, rulebook.begins):
            tables = {**rulebook.tables, name: new}
            yield Mutant("tables", f"{name} {what}", True, changed(rulebook, tables=tables), (near,))
    for name, service in rulebook.services.items():
        for near, what, new_service in service_mutants(service, rulebook.begins):
            services = {**rulebook.services, name: new_service}
            text = f"{name} {near}: {what}"
            words = (f"{name} {near} fails", f"{name} {near}")
            yield Mutant("services", text, name in core, changed(rulebook, services=services), words)
    yield from code_mutants(rulebook)
    yield from edit_mutants(rulebook)
    yield from parameter_mutants(rulebook)
    yield from reading_mutants(rulebook)
    yield from profile_mutants(rulebook)


def code_mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Validity and component of every code."""
    kinds = {
        "pc_tc_1": "technical_only",
        "technical_only": "professional_only",
        "professional_only": "pc_tc_1",
        "image_guidance": "pc_tc_1",
    }
    for name, code in rulebook.codes.items():
        for i, version in enumerate(code.versions):
            news: list[tuple[str, Dated]] = list(periods(version, rulebook.begins))
            if version.component in kinds:
                news.append((kinds[version.component], changed(version, component=kinds[version.component])))
            for what, new in news:
                if hidden(code.versions[:i], what, new):
                    continue
                mutant = changed(code, versions=swapped(code.versions, i, new))
                codes = {**rulebook.codes, name: mutant}
                core = code.scope == "core"
                yield Mutant("codes", f"{name} {what}", core, changed(rulebook, codes=codes), (name,))


def edit_mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every edit: taken away, the other indicator, its period, one table less."""
    for i, edit in enumerate(rulebook.edits):
        core = "core" in {rulebook.codes[name].scope for name in (edit.col1, edit.col2)}
        for what, new in _edit(edit, rulebook.begins):
            edits = swapped(rulebook.edits, i, new)
            text = f"{edit.col1} {edit.col2} from {edit.start}: {what}"
            yield Mutant("edits", text, core, changed(rulebook, edits=edits), (f"edits {edit.col1}",))


def _edit(edit: Edit, begins: dt.date) -> Iterator[tuple[str, Edit | None]]:
    yield "taken away", None
    yield "other indicator", changed(edit, indicator=1 - edit.indicator)
    yield from periods(edit, begins)  # type: ignore[misc]
    for table in edit.tables:
        left = tuple(t for t in edit.tables if t != table)
        yield f"not {table}", changed(edit, tables=left)


def parameter_mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every number up and down by one, every list with one name less."""
    for name, parameter in rulebook.parameters.items():
        value = parameter.values[0].value
        shifts = (
            [value + 1, value - 1]
            if isinstance(value, int)
            else [swapped(value, i, None) for i in range(len(value))]
        )
        for shift in shifts:
            new = changed(parameter, values=(changed(parameter.values[0], value=shift),))
            parameters = {**rulebook.parameters, name: new}
            yield Mutant("parameters", f"{name} {shift}", True, changed(rulebook, parameters=parameters))


def reading_mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every claim and modifier set of a component kind, every departure of a profile."""
    for name, kind in rulebook.components.items():
        for claim in kind.claims:
            left = {c: sets for c, sets in kind.claims.items() if c != claim}
            components = {**rulebook.components, name: changed(kind, claims=left)}
            yield Mutant("components", f"{name} not {claim}", True, changed(rulebook, components=components))
    for name, profile in rulebook.profiles.items():
        for code in profile.components:
            left_codes = {c: k for c, k in profile.components.items() if c != code}
            profiles = {**rulebook.profiles, name: changed(profile, components=left_codes)}
            yield Mutant("profiles", f"{name} without {code}", True, changed(rulebook, profiles=profiles))
        for payer, settings in profile.columns.items():
            for setting in settings:
                left_columns = {s: column for s, column in settings.items() if s != setting}
                new = changed(profile, columns={**profile.columns, payer: left_columns})
                profiles = {**rulebook.profiles, name: new}
                text = f"{name} without the column of {setting}"
                yield Mutant("profiles", text, True, changed(rulebook, profiles=profiles))


def profile_mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every number that a profile sets up and down by one, every exception of its own to a table's rows.

    The period of an exception is that of the table's version, or the rulebook does not load.
    """
    for name, profile in rulebook.profiles.items():

        def put(new: Profile, what: str, named: str = name) -> Mutant:
            profiles = {**rulebook.profiles, named: new}
            text = f"{named} {what}"
            return Mutant("profiles", text, True, changed(rulebook, profiles=profiles), (named,))

        for key, values in profile.parameters.items():
            number = values[0].value
            for shift in (number + 1, number - 1):  # type: ignore[operator]
                parameters = {**profile.parameters, key: (changed(values[0], value=shift),)}
                yield put(changed(profile, parameters=parameters), f"{key} {shift}")
        for key, exceptions in profile.exceptions.items():
            for i, one in enumerate(exceptions):
                for r, row in enumerate(one.rows):
                    news: list[tuple[str, Row | None]] = [("taken away", None), *row_mutants(row, one)]
                    for what, new in news:
                        left = swapped(exceptions, i, changed(one, rows=swapped(one.rows, r, new)))
                        table = {**profile.exceptions, key: left}
                        yield put(changed(profile, exceptions=table), f"{key} {row.id}: {what}")


class Catcher:
    """The rule tests, read once, and which rows, requirements and codes each of them meets."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.tests: list[tuple[RuleTest, CaseRecord]] = [(t, expand(t.case)) for t in load_rule_tests()]
        self.defects = frozenset(map(str, check_rulebook(rulebook)))
        self.meets: dict[str, list[int]] = {}
        for i, (test, record) in enumerate(self.tests):
            for word in _met(test, record, rulebook):
                self.meets.setdefault(word, []).append(i)
        self.last = list(range(len(self.tests)))

    def caught(self, mutant: Mutant) -> Caught | None:
        """What notices the mutant: a rule test near the change, else rules check, else any other rule test.

        Of the tests, those that caught others lately come first.
        """
        words = [set(self.meets.get(word, ())) for word in mutant.near]
        tried: set[int] = set()
        for some in words:
            fresh = some - tried
            if self._fails(mutant, [i for i in self.last if i in fresh]):
                return "rule test"
            tried |= fresh
        if frozenset(map(str, check_rulebook(mutant.rulebook))) - self.defects:
            return "rules check"
        return "rule test" if self._fails(mutant, [i for i in self.last if i not in tried]) else None

    def _fails(self, mutant: Mutant, some: Sequence[int]) -> bool:
        for i in some:
            if fails(*self.tests[i], mutant.rulebook):
                self.last.remove(i)
                self.last.insert(0, i)
                return True
        return False


def _met(test: RuleTest, record: CaseRecord, rulebook: Rulebook) -> set[str]:
    from doc_review.rules.services import all_lines

    words = {line.code for line in record.context.billed}
    words.add(f"edits {test.expect.get('edits', {}).get('of')}")
    for line in all_lines(rulebook, record, rulebook.profiles[test.profile]):
        words.add(line.code)
        words |= {level.row.id for level in line.levels}
        for check in line.checks:
            name = f"{line.service} {check.requirement.id}"
            words |= {name, f"{name} {check.told.value}"}
            if not check.passed:
                words.add(f"{name} fails")
    return words


def fails(test: RuleTest, record: CaseRecord, rulebook: Rulebook) -> bool:
    """Whether the test fails or cannot be run."""
    try:
        return bool(problems_of(test, record, rulebook))
    except (DocReviewError, LookupError, ValueError, StopIteration):
        return True


@dataclass
class Share:
    """What one process did: per mutant's number what caught it, and the processor seconds spent."""

    caught: dict[int, Caught | None] = field(default_factory=dict)
    seconds: float = 0.0


def chosen(rulebook: Rulebook, section: str | None, sample: int | None, seed: int) -> list[int]:
    """Numbers of the mutants to run, in their order: all, one section, or a seeded sample."""
    numbers = [i for i, m in enumerate(mutants(rulebook)) if section in (None, m.section)]
    if sample is not None and sample < len(numbers):
        numbers = sorted(random.Random(seed).sample(numbers, sample))
    return numbers


def run_share(numbers: Sequence[int]) -> Share:
    """Run the mutants of these numbers in this process."""
    started = time.process_time()
    rulebook, wanted, share = load_rulebook(), set(numbers), Share()
    catcher = Catcher(rulebook)
    for i, mutant in enumerate(mutants(rulebook)):
        if i in wanted:
            share.caught[i] = catcher.caught(mutant)
    share.seconds = time.process_time() - started
    return share


def run_all(numbers: Sequence[int], jobs: int) -> Share:
    """Run the mutants in ``jobs`` processes; every process takes each so many-th one."""
    if jobs == 1:
        return run_share(numbers)
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        shares = pool.map(run_share, [numbers[k::jobs] for k in range(jobs)])
    whole = Share(seconds=sum(share.seconds for share in shares))
    for share in shares:
        whole.caught |= share.caught
    return whole


def main(argv: Sequence[str] | None = None, write: Callable[[str], object] = print) -> int:
    """Run the mutants and report; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--section", help="only this section (tables, services, codes, edits, ...)")
    parser.add_argument("--sample", type=int, help="only so many mutants, drawn by chance")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args(argv)
    rulebook, started = load_rulebook(), time.monotonic()
    share = run_all(chosen(rulebook, options.section, options.sample, options.seed), options.jobs)
    total: Counter[str] = Counter()
    alive: Counter[str] = Counter()
    for i, mutant in enumerate(mutants(rulebook)):
        if i not in share.caught:
            continue
        kinds = (mutant.section, "core" if mutant.core else "extended")
        total.update(kinds)
        if share.caught[i] is None:
            alive.update(kinds)
            write(f"survivor: {kinds[1]}: {mutant.section}: {mutant.what}")
    for kind in (*sorted(set(total) - set(LEAST)), *(k for k in LEAST if k in total)):
        caught = total[kind] - alive[kind]
        write(f"{kind}: {caught}/{total[kind]} caught ({caught / total[kind]:.1%})")
    by_check = sum(how == "rules check" for how in share.caught.values())
    write(f"{by_check} of these by rules check, the others by one of {len(load_rule_tests())} rule tests")
    write(f"{time.monotonic() - started:.0f} s, {share.seconds:.0f} s of processor time")
    enough = all(total[k] - alive[k] >= least * total[k] for k, least in LEAST.items())
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
