"""The lines around a fraction log turned into what they say of its fractions: plan, technique, fields."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from . import beams
from .fraction_log import PLAN_LABEL
from .fraction_rows import FractionRow
from .fraction_settle import Log
from .isocenters import told_isocenters
from .kinds import Reading
from .orders import most_specific
from .rows import Line
from .technique import technique_hits

T = TypeVar("T")
COMPENSATOR = re.compile(r"\bcompensators?\b")


def _offset(item: tuple[int, object]) -> int:
    return item[0]


def between(found: Sequence[tuple[int, T]], start: int, end: int) -> list[T]:
    """Values of ``(offset, value)`` items, in order of offset, inside a span."""
    return [
        value
        for _, value in found[bisect_left(found, start, key=_offset) : bisect_left(found, end, key=_offset)]
    ]


@dataclass(frozen=True)
class Context:
    """What a run of lines says; ``line`` is the first of them (-1: the whole record's words)."""

    line: int
    text: str
    plan: str | None
    technique: str | None
    isocenters: int | None

    @cached_property
    def modality(self) -> str | None:
        """Modality the lines name."""
        return beams.modality(self.text)

    @cached_property
    def ports(self) -> int | None:
        """Ports or arcs the lines name."""
        return beams.ports(self.text)

    @cached_property
    def features(self) -> frozenset[str]:
        """Features of the fields the lines name."""
        return beams.features(self.text)

    @cached_property
    def compensator(self) -> bool:
        """Whether the lines name a compensator."""
        return COMPENSATOR.search(self.text) is not None


class Surroundings:
    """Techniques, isocenters and contexts of one record, looked up for its rows."""

    def __init__(self, reading: Reading, log: Log) -> None:
        self._hits = [
            (hit.start, hit.value) for hit, said in technique_hits(reading) if said in ("affirmed", "planned")
        ]
        self._told = [(start, count) for start, _, count in told_isocenters(reading.note)]
        self.whole: Context | None = self._context(log.others, -1) if log.others else None
        self._near = [
            context for run in _runs(log) if _says_something(context := self._context(run, run[0][0]))
        ]
        self._lines = [context.line for context in self._near]

    def _context(self, lines: Sequence[tuple[int, Line, str]], first: int) -> Context:
        text = "\n".join(text for _, _, text in lines)
        values = [v for _, line, _ in lines for v in between(self._hits, line.start, line.end)]
        counts = [c for _, line, _ in lines for c in between(self._told, line.start, line.end)]
        labels = (
            [m.group("label") or m.group("name") for m in PLAN_LABEL.finditer(text)] if first >= 0 else []
        )
        return Context(
            first,
            text,
            labels[-1].strip() if labels else None,
            _named(values),
            max(counts) if counts else None,
        )

    def above(self, row: FractionRow) -> Iterator[Context]:
        """Contexts of a row: the lines above its table, then the whole record's words."""
        position = bisect_right(self._lines, row.line) - 1
        if position >= 0:
            yield self._near[position]
        if self.whole is not None:
            yield self.whole

    def technique(self, rows: Sequence[FractionRow]) -> str | None:
        """Technique that some rows name themselves."""
        return _named([value for low, high in _spans(rows) for value in between(self._hits, low, high)])

    def isocenters(self, rows: Sequence[FractionRow]) -> int | None:
        """Number of isocenters that some rows name themselves."""
        named = {row.isocenter for row in rows if row.isocenter}
        if len(named) > 1:
            return len(named)
        counts = [count for low, high in _spans(rows) for count in between(self._told, low, high)]
        return max(counts) if counts else None


def _spans(rows: Sequence[FractionRow]) -> Iterator[tuple[int, int]]:
    """Every flat span of some rows."""
    for row in rows:
        yield row.start, row.end
        yield from row.spans


def _named(values: Sequence[str]) -> str | None:
    """The most specific technique; external beam not said how is none."""
    technique = most_specific(values)
    return None if technique == "EBRT" else technique


def _says_something(context: Context) -> bool:
    return bool(context.plan or context.technique or context.isocenters or context.modality)


def _runs(log: Log) -> Iterator[list[tuple[int, Line, str]]]:
    """Runs of lines with no fraction row between them."""
    rows = sorted({row.line for row in log.rows})
    run: list[tuple[int, Line, str]] = []
    for item in log.others:
        if run and bisect_left(rows, run[-1][0]) != bisect_left(rows, item[0]):
            yield run
            run = []
        run.append(item)
    if run:
        yield run
