"""Reviewed cases turned into the rule branches, findings and lexicon entries that none of them reaches.

The rules are run once more on a rulebook whose rows and outcomes note that they were asked: coverage
needs no hook in the engine. A lexicon entry is reached where a case's text holds it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from typing import Any

from pydantic import PrivateAttr

from ..evidence import lexicon
from ..evidence.matcher import find_hits
from ..evidence.note import Note, fold
from ..review import Reviewed
from ..rules import decide, load_rulebook
from ..rules.schema import Outcome, Row, Rulebook

Reached = set[str]
"""Names of parts, as ``area: name``."""

Sink = Callable[[str], None]


class _NotingRow(Row):
    """A row that tells when it decides."""

    _name: str = PrivateAttr(default="")
    _sink: Sink = PrivateAttr()

    def holds(self, facts: dict[str, str]) -> bool:
        held = super().holds(facts)
        if held:
            self._sink(self._name)
        return held


class _NotingOutcomes(dict[str, Outcome]):
    """Outcomes of a requirement that tell which of them was asked for."""

    def __init__(self, outcomes: dict[str, Outcome], name: str, sink: Sink) -> None:
        super().__init__(outcomes)
        self._name, self._sink = name, sink

    def __getitem__(self, value: str) -> Outcome:
        self._sink(f"{self._name} = {value}")
        return super().__getitem__(value)


def _rows(book: Rulebook) -> Iterator[tuple[str, int, int, Row, str]]:
    """Table, version and row numbers, the row, and its name."""
    for table, content in book.tables.items():
        for number, version in enumerate(content.versions):
            for index, row in enumerate(version.rows):
                yield table, number, index, row, f"rule: {table} from {version.start}: {row.id}"


def rule_parts(book: Rulebook) -> list[str]:
    """Every branch of the rulebook: rows of decision tables, outcomes of requirements, findings, codes."""
    names = [name for *_, name in _rows(book)]
    for service, content in book.services.items():
        for need in content.requirements:
            names += [f"rule: {service}.{need.id} = {value}" for value in need.outcomes]
    names += [f"finding: {kind}" for kind in book.findings]
    names += [f"code: {code}" for code, content in book.codes.items() if content.service is not None]
    return names


def _noting(book: Rulebook, sink: Sink) -> Rulebook:
    """The same rulebook, telling ``sink`` each branch that is taken."""
    rows: dict[tuple[str, int], list[Row]] = {}
    for table, number, _, row, name in _rows(book):
        noting = _NotingRow.model_construct(**dict(row))
        noting._name, noting._sink = name, sink
        rows.setdefault((table, number), []).append(noting)
    tables = {
        name: table.model_copy(
            update={
                "versions": tuple(
                    version.model_copy(update={"rows": tuple(rows[name, number])})
                    for number, version in enumerate(table.versions)
                )
            }
        )
        for name, table in book.tables.items()
    }
    services = {
        name: service.model_copy(
            update={
                "requirements": tuple(
                    need.model_copy(
                        update={"outcomes": _NotingOutcomes(need.outcomes, f"rule: {name}.{need.id}", sink)}
                    )
                    for need in service.requirements
                )
            }
        )
        for name, service in book.services.items()
    }
    return book.model_copy(update={"tables": tables, "services": services})


def rules_reached(reviewed: Reviewed, profile: str) -> Reached:
    """The parts of the rulebook that a reviewed case reaches."""
    reached: Reached = {f"finding: {item.type}" for item in reviewed.review.findings}
    reached |= {f"code: {item.code}" for item in reviewed.review.suggestions}
    if reviewed.record is not None:
        decide(reviewed.record, _noting(load_rulebook(), reached.add), profile)
    return reached


# ---------------------------------------------------------------- the lexicon


def _leaves(value: Any, at: str) -> Iterator[tuple[str, str]]:
    """Every text below a node, with the names that lead to it."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, f"{at}.{key}")
    elif isinstance(value, list):
        for below in value:
            yield from _leaves(below, at)
    elif isinstance(value, str):
        yield at, value


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every single pattern of the lexicon's ``patterns`` files, with its name."""
    found = []
    folder = resources.files(lexicon.__name__)
    for item in sorted(folder.iterdir(), key=lambda path: path.name):
        if item.name.endswith(".yaml") and "patterns" in (data := lexicon.load_yaml(item.name)):
            stem = item.name.removesuffix(".yaml")
            for at, text in _leaves(data["patterns"], stem):
                found.append((f"lexicon: {at}: {text}", re.compile(rf"(?<!\w)(?:{text})")))
    return tuple(found)


@functools.cache
def _spellings() -> dict[tuple[str, str, str], str]:
    """The first spelling of each term; those with and without hyphens and spaces are one."""
    first: dict[tuple[str, str, str], str] = {}
    for term in lexicon.terms():
        first.setdefault((term.kind, term.value, re.sub("[- ]", "", term.text)), term.text)
    return first


def _term(term: lexicon.Term) -> str:
    text = _spellings()[term.kind, term.value, re.sub("[- ]", "", term.text)]
    return f"lexicon: {term.kind}.{term.value}: {text}"


def lexicon_parts() -> list[str]:
    """Every term and pattern of the lexicon."""
    return list(dict.fromkeys([_term(term) for term in lexicon.terms()] + [name for name, _ in _patterns()]))


def lexicon_reached(reviewed: Reviewed, known: Reached) -> Reached:
    """The terms and patterns that a case's text holds; patterns in ``known`` are not looked for again."""
    reached: Reached = set()
    for document in reviewed.chart.documents:
        for entry in document.meta.entries:
            reached |= {_term(hit.term) for hit in find_hits(Note(document, entry))}
    texts = [fold(page.text) for document in reviewed.chart.documents for page in document.pages]
    for name, pattern in _patterns():
        if name not in known and any(pattern.search(text) for text in texts):
            reached.add(name)
    return reached


def gaps(reached: Iterable[str]) -> dict[str, Any]:
    """What was reached and what was not, by area: rules, findings, codes and lexicon."""
    seen = set(reached)
    areas: dict[str, Any] = {}
    for name in (*rule_parts(load_rulebook()), *lexicon_parts()):
        area, _, part = name.partition(": ")
        told = areas.setdefault(area, {"parts": 0, "reached": 0, "missing": []})
        told["parts"] += 1
        told["reached"] += name in seen
        if name not in seen:
            told["missing"].append(part)
    return areas
