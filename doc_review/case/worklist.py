"""A folder, file or zip turned into cases: context, raw documents and providers, or a worklist of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from ..errors import CaseError, DocReviewError, InputError
from ..model import CaseContext, Provider
from .fields import parse_claim, parse_context, parse_providers
from .raw import FileDocument, RawDocument, zip_documents

_CONTEXT = ("case.yaml", "case.yml")
_CLAIM = ("claim.csv",)
_PROVIDERS = ("providers.yaml", "providers.yml")
_LABELS = ("gold.yaml",)
_DOCUMENTS = "documents"
_SYSTEM_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_MAX_FILES = 200_000
_OWN = (*_CONTEXT, *_CLAIM, *_PROVIDERS, *_LABELS)
"""Files beside ``documents/`` that are no documents."""


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """One case: what its files tell about it, and its documents unread, in the order of their paths."""

    case_id: str
    context: CaseContext
    documents: tuple[RawDocument, ...]
    providers: tuple[Provider, ...] = ()


@dataclass(frozen=True, slots=True)
class Worklist:
    """What a path holds: its cases, files that belong to none, and one line per case that cannot be used."""

    cases: tuple[CaseFiles, ...]
    ignored: tuple[str, ...] = ()
    is_worklist: bool = False
    failed: tuple[str, ...] = ()


class _Tree:
    """The files of a folder or an archive by their relative path, and its sub-folders as trees."""

    def __init__(self, name: str, files: Mapping[str, RawDocument]) -> None:
        self.name = name
        self.files = files
        self.top = {path: raw for path, raw in files.items() if "/" not in path}

    @cached_property
    def folders(self) -> dict[str, _Tree]:
        """Direct sub-folders that hold files, sorted by name."""
        found: dict[str, dict[str, RawDocument]] = {}
        for path, raw in self.files.items():
            folder, slash, rest = path.partition("/")
            if slash:
                found.setdefault(folder, {})[rest] = raw
        return {name: _Tree(name, found[name]) for name in sorted(found)}

    def find(self, names: Sequence[str]) -> RawDocument | None:
        """The file at the top that has one of these names, whatever its case."""
        return next((self.top[path] for path in sorted(self.top) if path.casefold() in names), None)

    @property
    def documents(self) -> _Tree | None:
        """The ``documents`` folder, whatever the case of its name."""
        return next((tree for name, tree in self.folders.items() if name.casefold() == _DOCUMENTS), None)

    @property
    def is_case(self) -> bool:
        """Whether a ``documents`` folder or a ``case.yaml`` marks this folder as a case."""
        return self.documents is not None or self.find(_CONTEXT) is not None

    @property
    def holds_cases(self) -> bool:
        """Whether this folder is a worklist."""
        return not self.is_case and any(tree.is_case for tree in self.folders.values())


def open_cases(path: Path, providers: Path | None = None) -> Worklist:
    """Find the case or the worklist at a path: a folder, a single document, or a zip of either.

    ``providers`` names a ``providers.yaml`` that goes before the ones of the case and the worklist.
    Documents are listed, not read. Raises ``InputError`` for a path or archive that cannot be used and
    ``CaseError`` for a wrong field; in a worklist such a case becomes a line of ``failed`` instead.
    """
    named = _named_providers(providers)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    if path.is_dir():
        tree = _folder_tree(path)
    elif path.is_file():
        members = zip_documents(path)
        if members is None:
            document = FileDocument(path.name, path.stat().st_size, path)
            return Worklist((CaseFiles(path.stem, CaseContext(), (document,), named),))
        kept = {name: raw for name, raw in members.items() if not _is_system(name)}
        tree = _unwrapped(_Tree(path.stem, kept))
    else:
        raise InputError(f"{path}: neither a file nor a folder")
    return _worklist(tree, named) if tree.holds_cases else _single(tree, named)


def _named_providers(path: Path | None) -> tuple[Provider, ...]:
    if path is None:
        return ()
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    return parse_providers(FileDocument(path.name, path.stat().st_size, path), str(path))


def _folder_tree(root: Path) -> _Tree:
    files: dict[str, RawDocument] = {}
    for folder, folders, names in _walk(root):
        folders.sort()
        for name in sorted(names):
            full = Path(folder, name)
            relative = _printable(full.relative_to(root).as_posix())
            if _is_system(relative):
                continue
            files[relative] = _on_disk(relative, full, root)
            if len(files) > _MAX_FILES:
                raise InputError(f"{root}: more than {_MAX_FILES} files: name one case or one worklist")
    return _Tree(_printable(root.resolve().name) or "case", files)


def _walk(root: Path) -> Iterable[tuple[str, list[str], list[str]]]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__MACOSX"]
        yield folder, folders, names


def _on_disk(relative: str, full: Path, root: Path) -> RawDocument:
    """A file of a folder; what is no readable file inside that folder carries its problem."""
    problem = None
    size = 0
    try:
        if full.is_symlink() and not full.resolve().is_relative_to(root.resolve()):
            problem = "is a link to a place outside the case: copy the file into the case"
        elif not full.is_file():
            problem = "is no regular file: copy the document itself into the case"
        else:
            size = full.stat().st_size
    except (OSError, RuntimeError):
        problem = "cannot be opened: check its permissions"
    return FileDocument(relative, size, full, problem)


def _printable(name: str) -> str:
    """A file name as text; bytes that are none are replaced."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _is_system(path: str) -> bool:
    parts = PurePosixPath(path).parts
    name = parts[-1].casefold()
    return name in _SYSTEM_FILES or name.startswith(("._", "~$")) or "__MACOSX" in parts


def _unwrapped(tree: _Tree) -> _Tree:
    """The tree without the folders that an archive wraps around everything."""
    while len(tree.folders) == 1 and not tree.top and not tree.is_case:
        (tree,) = tree.folders.values()
    return tree


def _worklist(tree: _Tree, named: tuple[Provider, ...]) -> Worklist:
    outer = _providers_of(tree, tree.name)
    cases: dict[str, CaseFiles] = {}
    failed: list[str] = []
    ignored = {path for path in tree.top if path.casefold() not in _PROVIDERS}
    for folder, below in tree.folders.items():
        if not below.is_case:
            ignored.add(folder + "/")
            continue
        try:
            case = _case(below, named, outer)
        except DocReviewError as error:
            failed.append(str(error))
            continue
        if case.case_id in cases:
            failed.append(f"{folder}/case.yaml: case_id: another case here has the same: give each its own")
            continue
        ignored.update(f"{folder}/{name}" for name in _beside(below))
        cases[case.case_id] = case
    return Worklist(tuple(cases.values()), tuple(sorted(ignored)), True, tuple(failed))


def _single(tree: _Tree, named: tuple[Provider, ...]) -> Worklist:
    return Worklist((_case(tree, named, ()),), _beside(tree))


def _beside(tree: _Tree) -> tuple[str, ...]:
    """Files and folders beside ``documents/`` that have no part in the case."""
    documents = tree.documents
    if documents is None:
        return ()
    files = [path for path in tree.top if path.casefold() not in _OWN]
    return tuple(
        sorted([*files, *(f"{name}/" for name, below in tree.folders.items() if below is not documents)])
    )


def _providers_of(tree: _Tree, where: str) -> tuple[Provider, ...]:
    raw = tree.find(_PROVIDERS)
    return parse_providers(raw, f"{where}/{raw.id.rsplit('/', 1)[-1]}") if raw is not None else ()


def _case(tree: _Tree, named: tuple[Provider, ...], outer: tuple[Provider, ...]) -> CaseFiles:
    """The case of a folder. Providers: those named by the caller, then the case's, then the worklist's."""
    where = tree.name
    if tree.documents is not None:
        files = tree.documents.files
    else:
        files = {path: raw for path, raw in tree.files.items() if path.casefold() not in _OWN}
    if not files:
        raise InputError(f"{where}: holds no documents: put them into {where}/{_DOCUMENTS}/")
    case_id, context = parse_context(tree.find(_CONTEXT), f"{where}/{_CONTEXT[0]}")
    claim = tree.find(_CLAIM)
    if claim is not None:
        billed = parse_claim(claim, f"{where}/{_CLAIM[0]}")
        if context.billed and context.billed != billed:
            raise CaseError(f"{where}/case.yaml: billed: claim.csv tells other lines: keep one of the two")
        context = context.model_copy(update={"billed": billed})
    return CaseFiles(
        case_id or where,
        context,
        tuple(files[path].renamed(path) for path in sorted(files)),
        _merged((*named, *_providers_of(tree, where), *outer)),
    )


def _merged(providers: Iterable[Provider]) -> tuple[Provider, ...]:
    """Providers by name; an earlier file's entry stands over a later one's."""
    kept: dict[str, Provider] = {}
    for provider in providers:
        kept.setdefault(provider.name.casefold(), provider)
    return tuple(kept.values())
