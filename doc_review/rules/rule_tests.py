"""YAML rule tests become results: the facts of a compact case in, codes, findings and rows expected out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from ..errors import RulebookError, UsageError
from ..model import CaseRecord, Decision
from .compact import expand
from .components import hospital_claim
from .decision import decide
from .edits import edits_from
from .loader import RULEBOOK_DIR, load_rulebook, read_yaml
from .schema import Rulebook

TEST_DIR = RULEBOOK_DIR / "tests"
_LINE = re.compile(
    r"(supported|needs_review|blocked|bundled)(?: x(\d+))?(?: -(\w+))?(?: on (\d{4}-\d\d-\d\d))?"
)
_KEYS = {
    "name",
    "clause",
    "profile",
    "case",
    "course",
    "courses",
    "unread",
    "other_patient",
    "latest_date",
    "expect",
}
_EXPECTED = {"codes", "only", "absent", "findings", "comparison", "missing", "untold", "edits", "requires"}


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test as written: where it stands, the case, and what is expected."""

    file: str
    line: int
    name: str
    clause: str
    profile: str
    case: dict[str, Any]
    expect: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RuleTestResult:
    """The outcome of one test; ``problems`` is empty where it passed."""

    test: RuleTest
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything expected came out."""
        return not self.problems


def load_rule_tests(folder: Path = TEST_DIR) -> tuple[RuleTest, ...]:
    """Read every test file; raises ``RulebookError`` naming file and line for a key that does not exist."""
    return tuple(test for path in sorted(folder.glob("*.yaml")) for test in _tests(path))


def _tests(path: Path) -> Iterator[RuleTest]:
    data, lines = read_yaml(path)
    for i, item in enumerate(data):
        line = lines[(i,)]
        unknown = set(item) - _KEYS | {f"expect.{k}" for k in set(item.get("expect", {})) - _EXPECTED}
        if unknown:
            raise RulebookError(f"tests/{path.name}:{line}: {sorted(unknown)[0]} is not a key of a rule test")
        if "name" not in item or "clause" not in item or "expect" not in item:
            raise RulebookError(f"tests/{path.name}:{line}: a rule test has name, clause and expect")
        case = {k: v for k, v in item.items() if k not in ("name", "clause", "profile", "expect")}
        yield RuleTest(
            path.name,
            line,
            item["name"],
            str(item["clause"]),
            item.get("profile", "cms"),
            case,
            item["expect"],
        )


def run_rule_test(test: RuleTest, rulebook: Rulebook) -> RuleTestResult:
    """Decide the test's case and compare with what is expected.

    Raises ``RulebookError`` naming file and line where the test itself is not well formed.
    """
    try:
        problems = problems_of(test, expand(test.case), rulebook)
    except (RulebookError, UsageError) as error:
        raise RulebookError(f"tests/{test.file}:{test.line}: {error}") from None
    return RuleTestResult(test, problems)


def problems_of(test: RuleTest, record: CaseRecord, rulebook: Rulebook) -> tuple[str, ...]:
    """What the decision on the test's expanded case has otherwise than expected; nothing where it passes."""
    expect = test.expect
    decision = decide(record, rulebook, test.profile)
    found = (_codes(decision, expect), _findings(decision, expect), _comparison(decision, expect))
    traced = (_missing(decision, expect), _untold(decision, expect))
    return (*chain(*found, *traced), *_edits(record, rulebook, expect), *_requires(rulebook, expect))


def run_rule_tests(rulebook: Rulebook | None = None, folder: Path = TEST_DIR) -> tuple[RuleTestResult, ...]:
    """Run every rule test of ``folder`` against ``rulebook`` (the built-in one where none is given)."""
    book = rulebook or load_rulebook()
    return tuple(run_rule_test(test, book) for test in load_rule_tests(folder))


def _codes(decision: Decision, expect: dict[str, Any]) -> Iterator[str]:
    found: dict[str, list[tuple[str, int, str, tuple[dt.date, ...]]]] = {}
    for s in decision.suggestions:
        found.setdefault(s.code, []).append((s.status, s.units, "-".join(s.modifiers), s.dates))
    wanted = expect.get("only", expect.get("codes", {}))
    for code, lines in wanted.items():
        yield from _lines(code, lines if isinstance(lines, list) else [lines], found.get(code, []))
    absent = set(expect.get("absent", ()))
    if "only" in expect:
        absent |= set(found) - set(wanted)
    for code in sorted(absent & set(found)):
        yield f"{code} is listed as {', '.join(f'{s} x{u}' for s, u, _, _ in found[code])}, expected not at all"


def _lines(
    code: str, wanted: list[str], found: list[tuple[str, int, str, tuple[dt.date, ...]]]
) -> Iterator[str]:
    left = list(found)
    for text in wanted:
        match = _LINE.fullmatch(text)
        if match is None:
            raise RulebookError(f"{code}: {text} is not 'status [xN] [-MOD] [on DATE]'")
        status, units, modifier, day = match.groups()
        hit = next(
            (
                f
                for f in left
                if f[0] == status
                and (units is None or f[1] == int(units))
                and (modifier is None or f[2] == modifier)
                and (day is None or dt.date.fromisoformat(day) in f[3])
            ),
            None,
        )
        if hit is None:
            seen = ", ".join(f"{s} x{u}{' -' + m if m else ''}" for s, u, m, _ in left) or "nothing"
            yield f"{code}: expected {text}, found {seen}"
        else:
            left.remove(hit)
    if len(wanted) != len(found) and len(left) != len(found):
        yield from (f"{code}: also {s} x{u}" for s, u, _, _ in left)


def _findings(decision: Decision, expect: dict[str, Any]) -> Iterator[str]:
    if "findings" not in expect:
        return
    found = {f.type: sorted(f.codes) for f in decision.findings}
    wanted = {k: sorted(v) for k, v in expect["findings"].items()}
    for kind in sorted(set(found) | set(wanted)):
        if found.get(kind) != wanted.get(kind):
            yield f"finding {kind}: expected {wanted.get(kind)}, found {found.get(kind)}"


def _comparison(decision: Decision, expect: dict[str, Any]) -> Iterator[str]:
    if "comparison" not in expect:
        return
    found = [
        f"{r.code} {r.result}" + (f" ({', '.join(r.findings)})" if r.findings else "")
        for r in decision.comparison or ()
    ]
    if found != list(expect["comparison"]):
        yield f"comparison: expected {expect['comparison']}, found {found}"


def _edits(record: CaseRecord, rulebook: Rulebook, expect: dict[str, Any]) -> Iterator[str]:
    """Every edit ``of`` a code in force ``on`` a day, in the table of the case's claim.

    Each is ``COLUMN2 INDICATOR``, one of a whole course ``COLUMN2 INDICATOR course``.
    """
    if "edits" not in expect:
        return
    asked, claims = expect["edits"], record.context.claim or (None,)
    hospital = any(hospital_claim(record.context, claim) for claim in claims)
    found = {
        f"{edit.col2} {edit.indicator}" + (" course" if edit.scope == "same_course" else "")
        for edit in edits_from(rulebook, asked["of"], asked["on"], hospital)
    }
    wanted = set(asked["are"])
    yield from (f"edit {asked['of']} {text}: expected, not found" for text in sorted(wanted - found))
    yield from (f"edit {asked['of']} {text}: not expected" for text in sorted(found - wanted))


def _requires(rulebook: Rulebook, expect: dict[str, Any]) -> Iterator[str]:
    """Every requirement, by id, that a service ``of`` the rulebook has ``on`` a day."""
    if "requires" not in expect:
        return
    asked = expect["requires"]
    if asked["of"] not in rulebook.services:
        raise RulebookError(f"requires: {asked['of']} is no service of the rulebook")
    found = [r.id for r in rulebook.services[asked["of"]].requirements if r.covers(asked["on"])]
    if found != list(asked["are"]):
        yield f"{asked['of']} on {asked['on']} requires {found}, expected {asked['are']}"


def _missing(decision: Decision, expect: dict[str, Any]) -> Iterator[str]:
    """What is missing for a code, as ids of requirements, over every line of the code."""
    for code, wanted in expect.get("missing", {}).items():
        found = {m.requirement for one in decision.suggestions if one.code == code for m in one.missing}
        if found != set(wanted):
            yield f"{code} missing: expected {sorted(wanted)}, found {sorted(found)}"


def _untold(decision: Decision, expect: dict[str, Any]) -> Iterator[str]:
    """Reasons that leave a code open: each expected text begins one that the chart cannot tell."""
    for code, wanted in expect.get("untold", {}).items():
        reasons = [
            r.text for s in decision.suggestions if s.code == code for r in s.reasons if r.passed is None
        ]
        for text in wanted:
            if not any(reason.startswith(text) for reason in reasons):
                yield f"{code} untold: expected {text}, found {reasons}"
