"""Turns a review into a record that can be replayed, and a record back into its output, or into what differs.

A record holds the SHA-256 of each document, the evidence with its quotes, what the rules read, the rulebook's
name and digest, the engine's version, and the output. It holds chart text: write it with ``files``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ..errors import InputError
from ..model import CaseRecord, Review
from ..review import Reviewed, decided
from .json import as_dict, to_json
from .wording import clean

FORMAT = "doc-review record 1"

_SHOWN = 40
"""Differences that are told one by one."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The output of a replay, and how it differs from the recorded one (not at all: it is the same bytes)."""

    case_id: str
    output: bytes
    differences: tuple[str, ...]


def to_record(reviewed: Reviewed) -> bytes:
    """One review as one line of JSON that ends with a newline; raises ``ValueError`` where no record was kept."""
    if reviewed.record is None:
        raise ValueError("the review does not hold what the rules read")
    output = as_dict(reviewed.review)
    data = {
        "format": FORMAT,
        "engine": output["engine"],
        "documents": {document.id: document.sha256 for document in reviewed.review.documents},
        "record": reviewed.record.model_dump(mode="json"),
        "output_sha256": hashlib.sha256(to_json(reviewed.review)).hexdigest(),
        "output": output,
    }
    return (json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n").encode()


def replay(line: bytes, name: str) -> Replayed:
    """Decide a recorded case anew with the rules installed here, and hold the output against the recorded one.

    ``name`` is the file, for errors. Raises ``InputError`` for a file that is no record, that was altered,
    or that another version wrote with fields this one does not know.
    """
    data = _read(line, name)
    try:
        before = Review.model_validate(data["output"])
        record = CaseRecord.model_validate(data["record"])
    except ValidationError as error:
        at = ".".join(str(part) for part in error.errors()[0]["loc"])
        written = data["engine"].get("version", "unknown")
        raise InputError(
            f"{name}: written by version {written}, whose {at} this version does not read"
        ) from None
    if hashlib.sha256(to_json(before)).hexdigest() != data["output_sha256"]:
        raise InputError(f"{name}: the recorded output was altered after it was written")
    decision, engine = decided(record, before.engine.profile, before.scope)
    after = before.model_copy(
        update={
            "engine": engine,
            "courses": record.courses,
            "suggestions": decision.suggestions,
            "findings": decision.findings,
            "comparison": decision.comparison,
        }
    )
    output = to_json(after)
    same = hashlib.sha256(output).hexdigest() == data["output_sha256"]
    found = () if same else tuple(differences(data["output"], as_dict(after)))
    return Replayed(before.case_id, output, found)


def changed_documents(line: bytes, name: str, now: Review) -> tuple[str, ...]:
    """How the documents and evidence of a case read now differ from the recorded ones."""
    data = _read(line, name)
    recorded: Mapping[str, str] = data["documents"]
    current = {document.id: document.sha256 for document in now.documents}
    lines = []
    for key in dict.fromkeys((*recorded, *current)):
        if key not in current:
            lines.append(f"document {clean(key)}: no longer there")
        elif key not in recorded:
            lines.append(f"document {clean(key)}: not in the record")
        elif recorded[key] != current[key]:
            lines.append(f"document {clean(key)}: its content changed")
    lines += _changed("evidence", data["output"]["evidence"], as_dict(now)["evidence"])
    return tuple(lines)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What differs between two outputs, one line each: engine first, then codes, findings and rows."""
    lines = list(_differences(before, after))
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"and {len(lines) - _SHOWN} more differences"


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    engines = (
        {**before["engine"].get("tools", {}), **_flat(before["engine"])},
        {
            **after["engine"].get("tools", {}),
            **_flat(after["engine"]),
        },
    )
    for key in dict.fromkeys((*engines[0], *engines[1])):
        one, other = (engine.get(key) for engine in engines)
        if one != other:
            yield f"{key}: {one} recorded, {other} here"
    yield from _suggestions(before["suggestions"], after["suggestions"])
    yield from _findings(before["findings"], after["findings"])
    yield from _rows(before.get("comparison") or (), after.get("comparison") or ())
    named = {"engine", "suggestions", "findings", "comparison"}
    for key in dict.fromkeys((*before, *after)):
        if key not in named and before.get(key) != after.get(key):
            yield f"{key}: differs"


def _flat(engine: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in engine.items() if key != "tools"}


def _suggestions(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    def told(one: Mapping[str, Any]) -> str:
        modifiers = "".join(f"-{modifier}" for modifier in one["modifiers"])
        return f"{one['code']}{modifiers} {one['status']} x{one['units']}"

    def key(one: Mapping[str, Any]) -> str:
        return f"{told(one)} {one['claim']} {one['course']} {one['dates']}"

    old, new = {key(one): one for one in before}, {key(one): one for one in after}
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield f"code: {told(old[name])} recorded, not here"
        elif name not in old:
            yield f"code: {told(new[name])} here, not recorded"
        elif old[name] != new[name]:
            parts = [part for part in new[name] if old[name].get(part) != new[name][part]]
            yield f"code: {told(new[name])}: other {', '.join(parts)}"


def _findings(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    old, new = ({one["type"]: one for one in findings} for findings in (before, after))
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield f"finding: {name} recorded, not here"
        elif name not in old:
            yield f"finding: {name} here, not recorded"
        elif old[name] != new[name]:
            parts = [part for part in new[name] if old[name].get(part) != new[name][part]]
            yield f"finding: {name}: other {', '.join(parts)}"


def _rows(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    def told(row: Mapping[str, Any]) -> str:
        return f"{row['code']} {row['result']} ({row['billed']} billed, {row['supported']} supported)"

    for one, other in zip(before, after, strict=False):
        if one != other:
            yield f"claim row: {told(one)} recorded, {told(other)} here"
    if len(before) != len(after):
        yield f"claim rows: {len(before)} recorded, {len(after)} here"


def _changed(what: str, before: Sequence[object], after: Sequence[object]) -> list[str]:
    if before == after:
        return []
    kept = sum(1 for item in before if item in after)
    return [f"{what}: {len(before)} recorded, {len(after)} here, {kept} the same"]


def _read(line: bytes, name: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError:
        data = None
    parts = {"format", "engine", "documents", "record", "output_sha256", "output"}
    if not isinstance(data, dict) or data.get("format") != FORMAT or parts - set(data):
        raise InputError(f"{name}: is no record of doc-review; give the file that review --record wrote")
    return data
