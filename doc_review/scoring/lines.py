"""The codes of a review and of its label turned into pairs of lines, and the pairs into counts and faults."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .labels import CORE_CODES, FAMILIES, CodeLine, FindingMark, Label, ResultRow
from .tally import Tally

NONE = "none"
"""What stands in a table for a line that the other side does not have."""

T = TypeVar("T")
_RANK = {"supported": 0, "bundled": 1, "needs_review": 2, "blocked": 3}


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the label and the line of the review that answers it; one side may be missing."""

    gold: CodeLine | None
    found: CodeLine | None

    @property
    def code(self) -> str:
        """The code of the label, or of the review where the label has no such line."""
        line = self.gold or self.found
        return line.code if line else ""

    @property
    def false_support(self) -> bool:
        """Whether the review says ``supported`` where the label does not: the worst error."""
        if self.found is None or self.found.status != "supported":
            return False
        return self.gold is None or (self.gold.code, self.gold.status) != (self.found.code, "supported")

    @property
    def excess_units(self) -> int:
        """Units that are called supported beyond those of a line that the label supports too."""
        if self.gold is None or self.found is None or self.false_support or self.found.status != "supported":
            return 0
        return max(0, self.found.units - self.gold.units)

    @property
    def lowered(self) -> bool:
        """Whether the review's status is lower than the label's, or of a line that the label lacks."""
        if self.found is None:
            return False
        if self.gold is None:
            return self.found.status in ("needs_review", "blocked")
        return _RANK[self.found.status] > _RANK[self.gold.status]

    @property
    def fault(self) -> str | None:
        """What is wrong with the review's line, the worst first; ``None`` where nothing is."""
        if self.false_support:
            return "false_support"
        if self.excess_units:
            return "excess_units"
        if self.found is None:
            return "missed_code"
        if self.gold is None:
            return "extra_code"
        if self.gold.code != self.found.code:
            return "wrong_code"
        if self.gold.status != self.found.status:
            return "wrong_status"
        return "wrong_units" if self.gold.units != self.found.units else None


def _family(code: str) -> str:
    return next((group[0] for group in FAMILIES if code in group), code)


_ROUNDS: tuple[Callable[[CodeLine], Hashable], ...] = (
    lambda line: (line.code, line.modifiers, line.status, line.units, line.dates),
    lambda line: (line.code, line.modifiers, line.status, line.units),
    lambda line: (line.code, line.modifiers, line.status),
    lambda line: (line.code, line.modifiers),
    lambda line: (line.code, line.status, line.units),
    lambda line: (line.code, line.status),
    lambda line: line.code,
    lambda line: (_family(line.code), line.modifiers, line.status),
    lambda line: (_family(line.code), line.status),
    lambda line: _family(line.code),
)
"""Lines meet on what they agree in, most first. Modifiers come before the status: they tell the lines of
two claims apart, which a label names by nothing else."""


def pair_lines(gold: Iterable[CodeLine], found: Iterable[CodeLine]) -> tuple[Pair, ...]:
    """Every line of both sides in exactly one pair, whatever order they stand in."""
    left, right = sorted(gold), sorted(found)
    pairs = [Pair(a, b) for a, b in _paired(left, right, _ROUNDS)]
    pairs += [Pair(line, None) for line in left]
    pairs += [Pair(None, line) for line in right]
    return tuple(sorted(pairs, key=lambda pair: (pair.code, str(pair.gold), str(pair.found))))


def _paired(
    left: list[T], right: list[T], rounds: Sequence[Callable[[T], Hashable]]
) -> Iterator[tuple[T, T]]:
    """Pairs round by round; what has met nobody is left in both lists."""
    for key in rounds:
        waiting: defaultdict[Hashable, list[T]] = defaultdict(list)
        for item in right:
            waiting[key(item)].append(item)
        for item in list(left):
            if others := waiting[key(item)]:
                other = others.pop(0)
                left.remove(item)
                right.remove(other)
                yield item, other


def score_codes(tally: Tally, gold: Label, found: Label) -> tuple[Pair, ...]:
    """Count the codes of a case: exact match, per code and status, false support, confusion.

    Exact match is of core lines by code, status and units; modifiers count only where a chart is billed
    by several claims, whose lines nothing else tells apart.
    """
    if gold.codes is None or found.codes is None:
        return ()
    several = gold.several_claims or found.several_claims

    def exact(line: CodeLine) -> Hashable:
        return (line.code, line.status, line.units, line.modifiers if several else ())

    def level(line: CodeLine) -> Hashable:
        return (line.code, line.status, line.modifiers if several else ())

    core = [line for line in gold.codes if line.core], [line for line in found.codes if line.core]
    wider = [line for line in gold.codes if not line.core], [line for line in found.codes if not line.core]
    same = Counter(map(exact, core[0])) == Counter(map(exact, core[1]))
    full = Counter((exact(x), x.modifiers) for x in core[0]) == Counter(
        (exact(x), x.modifiers) for x in core[1]
    )
    tally.rate("codes.exact", int(same), 1)
    tally.rate("codes.exact_with_modifiers", int(full), 1)
    _match(tally, "codes.core", *core, exact)
    _match(tally, "codes.extended", *wider, exact)
    for code in sorted({line.code for line in (*gold.codes, *found.codes)}):
        own = [[line for line in side if line.code == code] for side in (gold.codes, found.codes)]
        _match(tally, f"code.{code}", own[0], own[1], exact)
    for status in sorted({line.status for side in core for line in side}):
        own = [[line for line in side if line.status == status] for side in core]
        _match(tally, f"status.{status}", own[0], own[1], level)
    pairs = pair_lines(gold.codes, found.codes)
    _score_support(tally, gold, pairs)
    for pair in pairs:
        if pair.code in CORE_CODES:
            tally.pair("codes", *_sides(pair, lambda line: line.code))
            tally.pair("statuses", *_sides(pair, lambda line: line.status))
    return pairs


def _sides(pair: Pair, of: Callable[[CodeLine], str]) -> tuple[str, str]:
    return (of(pair.gold) if pair.gold else NONE), (of(pair.found) if pair.found else NONE)


def _match(
    tally: Tally, name: str, gold: Sequence[T], found: Sequence[T], key: Callable[[T], Hashable]
) -> None:
    hits = sum((Counter(map(key, gold)) & Counter(map(key, found))).values())
    tally.match(name, hits, len(found), len(gold))


def _score_support(tally: Tally, gold: Label, pairs: Sequence[Pair]) -> None:
    core = [pair for pair in pairs if pair.found and pair.found.core]
    wider = [pair for pair in pairs if pair.found and not pair.found.core]
    false = sum(pair.false_support for pair in core)
    tally.rate("false_support.cases", int(false > 0), 1)
    tally.rate(
        "false_support.lines", false, sum(pair.found.status == "supported" for pair in core if pair.found)
    )
    tally.rate(
        "false_support.extended_lines",
        sum(pair.false_support for pair in wider),
        sum(pair.found.status == "supported" for pair in wider if pair.found),
    )
    tally.rate("excess_units.cases", int(any(pair.excess_units for pair in core)), 1)


def is_clean(gold: Label) -> bool | None:
    """Whether the label has nothing to object to: only supported or bundled core codes, and remarks."""
    if gold.codes is None or gold.findings is None:
        return None
    sound = all(line.status in ("supported", "bundled") for line in gold.codes if line.core)
    return sound and not any(mark.alarms for mark in gold.findings)


def alarms(pairs: Iterable[Pair], gold: Label, found: Label) -> tuple[list[Pair], list[FindingMark]]:
    """What a review of a clean chart objects to: lowered core codes, and warnings or errors."""
    lowered = [pair for pair in pairs if pair.lowered and pair.code in CORE_CODES]
    known = Counter(gold.findings or ())
    raised = [mark for mark in sorted((Counter(found.findings or ()) - known).elements()) if mark.alarms]
    return lowered, raised


def score_findings(tally: Tally, gold: Label, found: Label) -> tuple[list[FindingMark], list[FindingMark]]:
    """Count findings by type, and with the codes they name; returns the missed and the extra ones."""
    if gold.findings is None or found.findings is None:
        return [], []
    for kind in sorted({mark.type for mark in (*gold.findings, *found.findings)}):
        own = [[mark for mark in side if mark.type == kind] for side in (gold.findings, found.findings)]
        _match(tally, f"finding.{kind}", own[0], own[1], lambda mark: mark.type)
    _match(tally, "findings.all", gold.findings, found.findings, lambda mark: mark.type)
    _match(tally, "findings.with_codes", gold.findings, found.findings, lambda mark: mark)
    wanted, told = Counter(gold.findings), Counter(found.findings)
    tally.rate("findings.exact", int(wanted == told), 1)
    return sorted((wanted - told).elements()), sorted((told - wanted).elements())


def score_comparison(
    tally: Tally, gold: Label, found: Label
) -> list[tuple[ResultRow | None, ResultRow | None]]:
    """Count claim rows whose result is the label's; rows only one side has are wrong. Returns the wrong ones."""
    if gold.comparison is None:
        return []
    key = lambda row: (row.code, row.date, row.result)  # noqa: E731
    left, right = sorted(gold.comparison, key=key), sorted(found.comparison or (), key=key)
    rounds: tuple[Callable[[ResultRow], Hashable], ...] = (
        key,
        lambda row: (row.code, row.date),
        lambda row: (row.code, row.result),
        lambda row: row.code,
    )
    both: list[tuple[ResultRow | None, ResultRow | None]] = [*_paired(left, right, rounds)]
    both += [(row, None) for row in left]
    both += [(None, row) for row in right]
    wrong = [(a, b) for a, b in both if a is None or b is None or a.result != b.result]
    tally.rate("comparison.rows", len(both) - len(wrong), len(both))
    for a, b in both:
        tally.pair("results", a.result if a else NONE, b.result if b else NONE)
    return wrong


def score_course(tally: Tally, gold: Label, found: Label) -> list[tuple[str, object, object]]:
    """Count the labelled facts of the main course; returns those that differ: field, label, review.

    Doses agree within 0.005 Gy, other facts exactly.
    """
    wrong = []
    for name, wanted in (gold.course or {}).items():
        told = (found.course or {}).get(name)
        right = wanted == told
        if isinstance(wanted, int | float) and isinstance(told, int | float):
            right = abs(wanted - told) <= 0.005
        tally.rate(f"course.{name}", int(right), 1)
        if not right:
            wrong.append((name, wanted, told))
    return wrong
