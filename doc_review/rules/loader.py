"""Rulebook YAML files become a typed ``Rulebook``; every defect is an error naming file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ..errors import RulebookError
from .facts import FACTS
from .schema import (
    Code,
    ComponentKind,
    Dated,
    Edit,
    FindingSpec,
    Parameter,
    Profile,
    ReferenceEntry,
    Row,
    Rulebook,
    Service,
    Strict,
    Table,
)

RULEBOOK_DIR = Path(__file__).parent / "rulebook"

Lines = dict[tuple[str | int, ...], int]
M = TypeVar("M", bound=BaseModel)

_SINGLE: dict[str, tuple[str, type[BaseModel]]] = {
    "references.yaml": ("references", ReferenceEntry),
    "parameters.yaml": ("parameters", Parameter),
    "components.yaml": ("components", ComponentKind),
    "codes.yaml": ("codes", Code),
    "findings.yaml": ("findings", FindingSpec),
    "profiles.yaml": ("profiles", Profile),
}
_FOLDERS: dict[str, type[BaseModel]] = {"tables": Table, "services": Service}


class _Head(Strict):
    """``rulebook.yaml``: the name and the first day the rulebook covers."""

    name: str
    begins: Any


@lru_cache(maxsize=4)
def load_rulebook(folder: Path = RULEBOOK_DIR) -> Rulebook:
    """Load, type and cross-check the rulebook in ``folder``.

    Raises ``RulebookError`` (one line, naming file and line) for a missing file, an unknown or duplicate
    key, a missing reference or date, overlapping periods, or a name that points at nothing.
    """
    return _Loading(folder).rulebook()


def rule_files(folder: Path = RULEBOOK_DIR) -> tuple[Path, ...]:
    """The content files of a rulebook, tests left out, in the order its digest takes them."""
    files = [*folder.glob("*.yaml"), *(p for name in _FOLDERS for p in (folder / name).glob("*.yaml"))]
    return tuple(sorted(files, key=lambda p: p.relative_to(folder).as_posix()))


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """Parse one YAML file into plain values and the line of every path in it."""
    try:
        loader = yaml.CSafeLoader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
    except OSError as error:
        raise RulebookError(f"{path.name}: cannot be read ({error.strerror})") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulebookError(f"{path.name}:{line}: not valid YAML ({error.problem})") from None
    if node is None:
        raise RulebookError(f"{path.name}:1: the file is empty")
    lines: Lines = {}
    return _plain(loader, node, (), lines, path.name), lines


def _plain(loader: Any, node: yaml.Node, at: tuple[str | int, ...], lines: Lines, name: str) -> Any:
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in result:
                raise RulebookError(f"{name}:{key_node.start_mark.line + 1}: {key} stands twice; keep one")
            result[key] = _plain(loader, value_node, (*at, key), lines, name)
            lines[(*at, key)] = key_node.start_mark.line + 1
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, child, (*at, i), lines, name) for i, child in enumerate(node.value)]
    try:
        return loader.construct_object(node)
    except (ValueError, yaml.YAMLError):
        raise RulebookError(f"{name}:{node.start_mark.line + 1}: {node.value} is no {_kind(node)}") from None


def _kind(node: yaml.Node) -> str:
    """What a scalar looks like, for a message: ``date`` for ``2024-13-01``, which is none."""
    return "date" if node.tag.endswith(":timestamp") else "value that YAML knows"


class _Loading:
    """One load: remembers where each part came from, to name file and line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.origin: dict[tuple[str, str], tuple[str, Lines, tuple[str | int, ...]]] = {}

    def rulebook(self) -> Rulebook:
        """Read every file, type it, and check the names between them."""
        digest = hashlib.sha256()
        for path in rule_files(self.folder):
            digest.update(
                path.relative_to(self.folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
            )
        head = self._one(self.folder / "rulebook.yaml", _Head)
        parts: dict[str, Any] = {}
        for file, (section, model) in _SINGLE.items():
            parts[section] = dict(self._mapping(self.folder / file, section, model))
        for section, model in _FOLDERS.items():
            parts[section] = {
                path.stem: self._one(path, model, section)
                for path in sorted((self.folder / section).glob("*.yaml"))
            }
        parts["edits"] = tuple(self._sequence(self.folder / "edits.yaml", "edits", Edit))
        book = self._typed(
            Rulebook,
            {"name": head.name, "begins": head.begins, "digest": digest.hexdigest(), **parts},
            "rulebook.yaml",
            {},
            (),
        )
        _Checks(book, self.fail).run()
        return book

    def fail(self, section: str, key: str, inner: Sequence[str | int], problem: str) -> NoReturn:
        """Raise the error of a part: the file and line it came from, and the problem."""
        file, lines, at = self.origin.get((section, key), (f"{section}.yaml", {}, ()))
        raise RulebookError(f"{file}:{_line(lines, (*at, *inner))}: {problem}")

    def _one(self, path: Path, model: type[M], section: str = "rulebook") -> M:
        data, lines = read_yaml(path)
        name = path.relative_to(self.folder).as_posix()
        self.origin[(section, path.stem)] = (name, lines, ())
        return self._typed(model, data, name, lines, ())

    def _mapping(self, path: Path, section: str, model: type[M]) -> Iterator[tuple[str, M]]:
        data, lines = read_yaml(path)
        if not isinstance(data, dict):
            raise RulebookError(f"{path.name}:1: must be a mapping")
        for key, value in data.items():
            self.origin[(section, key)] = (path.name, lines, (key,))
            yield key, self._typed(model, value, path.name, lines, (key,))

    def _sequence(self, path: Path, section: str, model: type[M]) -> Iterator[M]:
        data, lines = read_yaml(path)
        if not isinstance(data, list):
            raise RulebookError(f"{path.name}:1: must be a list")
        for i, value in enumerate(data):
            self.origin[(section, str(i))] = (path.name, lines, (i,))
            yield self._typed(model, value, path.name, lines, (i,))

    def _typed(self, model: type[M], data: Any, file: str, lines: Lines, at: tuple[str | int, ...]) -> M:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = tuple(first["loc"])
            name = ".".join(str(part) for part in (*at, *where))
            raise RulebookError(f"{file}:{_line(lines, (*at, *where))}: {name}: {first['msg']}") from None


def _line(lines: Lines, at: tuple[str | int, ...]) -> int:
    """Line of the deepest part of the path that the file has."""
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at, 1)


class _Checks:
    """What typing alone cannot see: names, periods and the values of facts."""

    def __init__(self, book: Rulebook, fail: Any) -> None:
        self.book, self.fail = book, fail

    def run(self) -> None:
        """Check every part; the first defect raises."""
        book = self.book
        for key, parameter in book.parameters.items():
            self._periods("parameters", key, ("values",), parameter.values)
            for name in parameter.services:
                if name not in book.services:
                    self.fail("parameters", key, ("services",), f"service {name} is not in services/")
        for key, kind in book.components.items():
            self._references("components", key, (), kind.references)
        for key, code in book.codes.items():
            self._code(key, code)
        for key, table in book.tables.items():
            self._table(key, table)
        for key, service in book.services.items():
            self._service(key, service)
        for i, edit in enumerate(book.edits):
            self._references("edits", str(i), ("references",), edit.references)
            for code_name in (edit.col1, edit.col2):
                if code_name not in book.codes:
                    self.fail("edits", str(i), (), f"code {code_name} is not in codes.yaml")
        for key, profile in book.profiles.items():
            self._profile(key, profile)

    def _references(self, section: str, key: str, at: tuple[str | int, ...], names: Iterable[str]) -> None:
        for name in names:
            if name not in self.book.references:
                self.fail(section, key, at, f"reference {name} is not in references.yaml")

    def _periods(self, section: str, key: str, at: tuple[str | int, ...], values: Sequence[Dated]) -> None:
        for i, value in enumerate(values):
            self._references(section, key, (*at, i, "references"), value.references)
            if i and (values[i - 1].to is None or values[i - 1].to >= value.start):  # type: ignore[operator]
                self.fail(section, key, (*at, i), f"the period from {value.start} overlaps the one before it")

    def _code(self, key: str, code: Code) -> None:
        self._periods("codes", key, ("versions",), code.versions)
        if code.service is not None and code.service not in self.book.services:
            self.fail("codes", key, ("service",), f"service {code.service} is not in services/")
        for i, version in enumerate(code.versions):
            if version.component is not None and version.component not in self.book.components:
                where = ("versions", i, "component")
                self.fail("codes", key, where, f"component {version.component} is not in components.yaml")

    def _table(self, key: str, table: Table) -> None:
        self._periods("tables", key, ("versions",), table.versions)
        for i, name in enumerate(table.facts):
            if name not in FACTS:
                self.fail("tables", key, ("facts", i), f"fact {name} is not known")
        for v, version in enumerate(table.versions):
            for r, row in enumerate(version.rows):
                self._row("tables", key, ("versions", v, "rows", r), row, table)

    def _row(self, section: str, key: str, at: tuple[str | int, ...], row: Row, table: Table) -> None:
        for code in (row.code, row.arguable):
            if code is not None and code not in self.book.codes:
                self.fail(section, key, (*at, "code"), f"code {code} is not in codes.yaml")
        for name, wanted in row.when.items():
            if name not in table.facts:
                self.fail(section, key, (*at, "when", name), f"fact {name} is not one of the table's")
            self._values(section, key, (*at, "when", name), name, wanted)

    def _values(
        self, section: str, key: str, at: tuple[str | int, ...], name: str, wanted: str | Iterable[str]
    ) -> None:
        for value in (wanted,) if isinstance(wanted, str) else wanted:
            if value not in FACTS[name].values:
                self.fail(section, key, at, f"{value} is no value of the fact {name}")

    def _service(self, key: str, service: Service) -> None:
        self._references("services", key, ("references",), service.references)
        if (service.code is None) == (service.table is None):
            self.fail("services", key, (), "a service has either a code or a table")
        if service.code is not None and service.code not in self.book.codes:
            self.fail("services", key, ("code",), f"code {service.code} is not in codes.yaml")
        if service.table is not None and service.table not in self.book.tables:
            self.fail("services", key, ("table",), f"table {service.table} is not in tables/")
        seen: dict[str, list[Dated]] = {}
        for i, requirement in enumerate(service.requirements):
            at = ("requirements", i)
            self._references("services", key, (*at, "references"), requirement.references)
            for other in requirement.defers_to:
                if other not in self.book.services:
                    self.fail("services", key, (*at, "defers_to"), f"service {other} is not in services/")
            if requirement.fact not in FACTS:
                self.fail("services", key, (*at, "fact"), f"fact {requirement.fact} is not known")
            self._values("services", key, (*at, "outcomes"), requirement.fact, requirement.outcomes)
            left = set(FACTS[requirement.fact].values) - set(requirement.outcomes)
            if left:
                self.fail("services", key, (*at, "outcomes"), f"no outcome for {', '.join(sorted(left))}")
            seen.setdefault(requirement.id, []).append(requirement)
            self._periods("services", key, at, seen[requirement.id])

    def _profile(self, key: str, profile: Profile) -> None:
        self._references("profiles", key, ("references",), profile.references)
        for code, kind in profile.components.items():
            if code not in self.book.codes:
                self.fail("profiles", key, ("components", code), f"code {code} is not in codes.yaml")
            if kind not in self.book.components:
                self.fail(
                    "profiles", key, ("components", code), f"component {kind} is not in components.yaml"
                )
        for name, values in profile.parameters.items():
            if name not in self.book.parameters:
                self.fail(
                    "profiles", key, ("parameters", name), f"parameter {name} is not in parameters.yaml"
                )
            self._periods("profiles", key, ("parameters", name), values)
        for name, exceptions in profile.exceptions.items():
            if name not in self.book.tables:
                self.fail("profiles", key, ("exceptions", name), f"table {name} is not in tables/")
            table = self.book.tables[name]
            self._periods("profiles", key, ("exceptions", name), exceptions)
            for i, one in enumerate(exceptions):
                at = ("exceptions", name, i)
                version = next((v for v in table.versions if (v.start, v.to) == (one.start, one.to)), None)
                if version is None:
                    self.fail("profiles", key, at, f"no version of the table {name} has this period")
                    continue
                known = {row.id for row in version.rows}
                for r, row in enumerate(one.rows):
                    self._row("profiles", key, (*at, "rows", r), row, table)
                    for other in row.exception_to:
                        if other not in known:
                            where = (*at, "rows", r, "exception_to")
                            self.fail("profiles", key, where, f"row {other} is not in the table {name}")
