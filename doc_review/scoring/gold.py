"""A gold folder turned into labelled cases: files to review, and what a careful auditor says of them."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..case import CaseFiles, FileDocument, open_cases
from ..errors import CaseError, DocumentError, InputError
from .labels import COURSE_FIELDS, CodeLine, FindingMark, Item, Label, Place, ResultRow, iso

LABEL_FILE = "gold.yaml"
SETTINGS_FILE = "eval.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class _Code(_Strict):
    code: str
    status: str
    units: int = Field(default=1, ge=0)
    modifiers: tuple[str, ...] = ()
    dates: tuple[dt.date, ...] = ()


class _Finding(_Strict):
    type: str
    codes: tuple[str, ...] = ()


class _Row(_Strict):
    code: str
    result: str
    date: dt.date | None = None


class _Course(_Strict):
    technique: str | None = None
    treatment_areas: tuple[str, ...] | None = None
    isocenters: int | None = None
    dose_gy: float | None = None
    fractions_prescribed: int | None = None
    fractions_delivered: int | None = None


class Quote(_Strict):
    """One span an auditor would cite: the kind of fact, the document, and its verbatim text."""

    kind: str
    document: str
    quote: str


class _File(_Strict):
    case_id: str | None = None
    style: str | None = None
    split: str | None = None
    scanned: tuple[str, ...] = ()
    phi: tuple[str, ...] = ()
    codes: tuple[_Code, ...] | None = None
    findings: tuple[_Finding, ...] | None = None
    comparison: tuple[_Row, ...] | None = None
    course: _Course | None = None
    evidence: tuple[Quote, ...] | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class GoldCase:
    """One labelled case. ``quotes`` are still text: ``with_places`` takes their places in what was read."""

    source: Path
    files: CaseFiles
    label: Label
    quotes: tuple[Quote, ...] | None
    style: str
    split: str
    scanned: tuple[str, ...]

    @property
    def key(self) -> str:
        """A name that pairs the case between runs and tells nothing about it."""
        return hashlib.sha256(self.files.case_id.encode()).hexdigest()[:12]

    @property
    def weight(self) -> int:
        """How long a review may take, roughly: bytes, a scan many times over."""
        cost = 50 if self.scanned else 1
        return cost * sum(document.size for document in self.files.documents)


@dataclass(frozen=True, slots=True)
class GoldSet:
    """The labelled cases of a folder, one line per case that cannot be used, and what names it.

    ``logs`` names, per split, the file that every run on it is written to.
    """

    name: str
    cases: tuple[GoldCase, ...]
    unusable: tuple[str, ...]
    digest: str
    logs: Mapping[str, Path]


def open_gold(folder: Path, split: str | None = None) -> GoldSet:
    """The cases of a gold folder (or of one case), those of one ``split`` where it is named.

    A case without a label, or with one that is not well formed, becomes a line of ``unusable``. Raises
    ``InputError`` where nothing can be evaluated.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder: name a folder of labelled cases")
    worklist = open_cases(folder)
    cases: list[GoldCase] = []
    unusable = list(worklist.failed)
    for files in worklist.cases:
        home = _home(folder, files, worklist.is_worklist)
        if not (home / LABEL_FILE).is_file():
            unusable.append(f"{files.case_id}: has no {LABEL_FILE}: label it or leave it out")
            continue
        try:
            cases.append(read_gold(home / LABEL_FILE, files))
        except CaseError as error:
            unusable.append(str(error))
    chosen = tuple(case for case in cases if split is None or case.split == split)
    if not chosen:
        known = ", ".join(sorted({case.split for case in cases})) or "no labelled case"
        about = f" of split {split}" if split else ""
        raise InputError(f"{folder}: holds no usable labelled case{about}; it has {known}")
    return GoldSet(folder.resolve().name, chosen, tuple(unusable), _digest(chosen), _logs(folder))


def _home(folder: Path, files: CaseFiles, several: bool) -> Path:
    """The folder of a case: the one that its documents lie in."""
    document = files.documents[0]
    if not several or not isinstance(document, FileDocument):
        return folder
    return folder / document.path.relative_to(folder).parts[0]


def read_gold(path: Path, files: CaseFiles) -> GoldCase:
    """The label of one case. Raises ``CaseError`` that names the file and the field."""
    where = f"{path.parent.name}/{path.name}"
    try:
        data: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        parsed = _File.model_validate(data)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CaseError(f"{where}:{line}: is no valid YAML: mend it") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "file"
        raise CaseError(f"{where}: {field}: {first['msg'].lower()}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{where}: cannot be read: check its permissions and encoding") from error
    return GoldCase(
        source=path,
        files=files,
        label=_label(parsed, len(set(files.context.claim)) > 1),
        quotes=parsed.evidence,
        style=parsed.style or "",
        split=parsed.split or "",
        scanned=parsed.scanned,
    )


def _label(parsed: _File, several_claims: bool) -> Label:
    def told(values: tuple[Any, ...] | None, make: Any) -> Any:
        return None if values is None else tuple(make(value) for value in values)

    return Label(
        codes=told(parsed.codes, lambda c: CodeLine(c.code, c.status, c.units, c.modifiers, iso(c.dates))),
        findings=told(parsed.findings, lambda f: FindingMark(f.type, tuple(sorted(f.codes)))),
        comparison=told(
            parsed.comparison, lambda r: ResultRow(r.code, r.result, r.date.isoformat() if r.date else "")
        ),
        course=_course(parsed.course),
        items=None if parsed.evidence is None else (),
        several_claims=several_claims,
    )


def _course(course: _Course | None) -> dict[str, object] | None:
    """The fields that stand in the label; areas as their number."""
    if course is None:
        return None
    told: dict[str, object] = {
        name: getattr(course, name) for name in COURSE_FIELDS if name in course.model_fields_set
    }
    if isinstance(areas := told.get("treatment_areas"), tuple):
        told["treatment_areas"] = len(areas)
    return told


def with_places(label: Label, quotes: tuple[Quote, ...] | None, places: list[Place | None]) -> Label:
    """The label with its quotes at their places; a quote that was not found keeps none."""
    if quotes is None:
        return label
    items = tuple(
        Item(quote.kind, () if place is None else (place,))
        for quote, place in zip(quotes, places, strict=True)
    )
    return Label(label.codes, label.findings, label.comparison, label.course, items, label.several_claims)


def _digest(cases: tuple[GoldCase, ...]) -> str:
    """SHA-256 over everything that is evaluated, labels included; documents by name and bytes."""
    total = hashlib.sha256()
    for case in cases:
        total.update(case.key.encode() + case.source.read_bytes())
        for document in case.files.documents:
            with contextlib.suppress(DocumentError):
                total.update(document.id.encode() + b"\0" + hashlib.sha256(document.read()).digest())
    return total.hexdigest()


def _logs(folder: Path) -> dict[str, Path]:
    """Where runs on a split are to be logged, as the folder's ``eval.yaml`` says; empty without one."""
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return {}
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return {str(split): folder / str(file) for split, file in data["log"].items()}
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise CaseError(f"{path}: needs `log: {{split: file}}` and nothing else") from error
