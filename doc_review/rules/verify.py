"""CMS's published tables and the rulebook of a day become the list of their disagreements, the explained ones apart.

Compared are edits (column 1, column 2, indicator), unit limits, and of the fee schedule whether a code is
payable and split into components. Edits of codes that the rulebook does not hold say nothing about it and
are only counted. An edit that the table lacks is a disagreement where the table covers its column 1; a limit
that the table lacks is none, since CMS does not publish all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from ..errors import RulebookError, UsageError
from .cms_tables import Fee, edit_table, read_fees, read_mue, read_ptp
from .describe import need_day, spoken
from .limits import UnitLimits, read_typed
from .loader import RULEBOOK_DIR
from .schema import CodeVersion, EditTable, NotInForce, Rulebook, Strict

EXPLAINED_FILE = "verify_explained.yaml"

Kind = Literal[
    "edit_not_held",
    "edit_not_in_table",
    "indicator",
    "unit_limit",
    "limit_not_held",
    "not_payable",
    "not_in_table",
    "code_not_valid",
    "code_not_held",
    "component",
    "technical_part",
]

_PAYABLE = frozenset("ARCTXBEN")
"""Status letters of codes that CMS takes, whether or not it pays them apart. I: not valid for Medicare."""


class Explanation(Strict):
    """Disagreements that are meant, and why. A part that is not named is any."""

    kind: Kind
    why: str
    codes: tuple[str, ...] = ()
    col1: tuple[str, ...] = ()
    col2: tuple[str, ...] = ()
    tables: tuple[EditTable, ...] = ()
    start: dt.date = Field(alias="from")
    to: dt.date | None = None

    def covers(self, found: Disagreement, day: dt.date) -> bool:
        """Whether it explains this disagreement on ``day``."""
        wanted = ((self.codes, found.code), (self.col1, found.code), (self.col2, found.col2))
        return (
            self.kind == found.kind
            and self.start <= day
            and (self.to is None or day <= self.to)
            and all(not names or name in names for names, name in wanted)
            and (not self.tables or found.table in self.tables)
        )


class Explained(Strict):
    """``verify_explained.yaml``: explanations, the codes of this field, and the PC/TC indicator of each component."""

    families: tuple[tuple[str, str], ...]
    components: dict[str, str]
    explained: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One difference between a table and the rulebook. ``code`` is column 1 of an edit."""

    kind: Kind
    code: str
    text: str
    col2: str | None = None
    table: EditTable | None = None

    def __str__(self) -> str:
        """One line for a person."""
        where = f" {spoken(self.table)}" if self.table else ""
        name = self.code if self.col2 is None else f"{self.code}/{self.col2}"
        return f"{name}{where}: {self.text}"


@dataclass
class Verified:
    """What the comparison found: lines compared and left out by table, and disagreements by explanation."""

    compared: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    unexplained: list[Disagreement] = field(default_factory=list)
    explained: list[tuple[Explanation, Disagreement]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tables:
    """The files to verify against; ``setting`` says which edit table they are where their names do not."""

    ptp: tuple[Path, ...] = ()
    mue: tuple[Path, ...] = ()
    fees: tuple[Path, ...] = ()
    setting: EditTable | None = None


@lru_cache(maxsize=4)
def load_explained(folder: Path = RULEBOOK_DIR) -> Explained:
    """The explanations of the rulebook in ``folder``; ``RulebookError`` for a defect of the file."""
    found = read_typed(folder / EXPLAINED_FILE, Explained)
    for one in found.explained:
        if one.to is not None and one.to < one.start:
            raise RulebookError(f"{EXPLAINED_FILE}: {one.why}: the period ends before it begins")
    return found


def verify(
    rulebook: Rulebook, limits: UnitLimits, explained: Explained, tables: Tables, day: dt.date
) -> Verified:
    """Hold the tables against the rulebook of ``day``.

    Raises ``UsageError`` where no table is given, where a file does not tell which edit table it is, or for
    a day before the rulebook begins, and ``InputError`` for a file that is no such table.
    """
    need_day(rulebook, day)
    if not (tables.ptp or tables.mue or tables.fees):
        raise UsageError("nothing to verify against; give --ptp, --mue or --pfs")
    comparing = _Comparing(rulebook, limits, explained, day)
    for table, paths in _by_table(tables.ptp, tables.setting).items():
        comparing.edits(table, paths)
    for table, paths in _by_table(tables.mue, tables.setting).items():
        comparing.units(table, paths)
    if tables.fees:
        comparing.fees(tables.fees)
    return comparing.result


def _by_table(paths: Sequence[Path], setting: EditTable | None) -> dict[EditTable, list[Path]]:
    found: dict[EditTable, list[Path]] = {}
    for path in paths:
        table = setting or edit_table(path)
        if table is None:
            raise UsageError(f"{path.name}: tells neither practitioner nor hospital; say so with --setting")
        found.setdefault(table, []).append(path)
    return found


class _Comparing:
    """One rulebook on one day, held against one table after the other."""

    def __init__(self, rulebook: Rulebook, limits: UnitLimits, explained: Explained, day: dt.date) -> None:
        self.rulebook, self.limits, self.reasons, self.day = rulebook, limits, explained, day
        self.result = Verified()
        self.valid: dict[str, CodeVersion] = {
            code: version
            for code in rulebook.codes
            if not isinstance(version := rulebook.code_on(code, day), NotInForce)
        }

    def edits(self, table: EditTable, paths: Iterable[Path]) -> None:
        """Edits of one table, of all its files together: CMS publishes it in parts."""
        theirs: dict[tuple[str, str], int] = {}
        ranges: list[tuple[str, str]] = []
        other = 0
        for path in paths:
            low, high = "~", ""
            for edit in read_ptp(path):
                low, high = min(low, edit.col1), max(high, edit.col1)
                if not edit.covers(self.day):
                    continue
                if edit.col1 in self.valid and edit.col2 in self.valid:
                    theirs[edit.col1, edit.col2] = edit.indicator
                else:
                    other += 1
            ranges.append((low, high))
        ours = {
            (e.col1, e.col2): e.indicator
            for e in self.rulebook.edits
            if e.scope == "same_day" and table in e.tables and e.covers(self.day)
        }
        name = f"edits, {spoken(table)}"
        outside = {pair for pair in ours if not any(low <= pair[0] <= high for low, high in ranges)}
        self.result.compared[name] = len({*theirs, *ours} - outside)
        self.result.left_out[name] = other + len(outside)
        for pair in sorted({*theirs, *ours} - outside):
            self._edit(table, pair, ours.get(pair), theirs.get(pair))

    def _edit(self, table: EditTable, pair: tuple[str, str], ours: int | None, theirs: int | None) -> None:
        if ours == theirs:
            return
        if ours is None:
            self._differs(
                "edit_not_held",
                pair[0],
                f"indicator {theirs} in the table, not in the rulebook",
                pair[1],
                table,
            )
        elif theirs is None:
            self._differs(
                "edit_not_in_table",
                pair[0],
                f"indicator {ours} in the rulebook, not in the table",
                pair[1],
                table,
            )
        else:
            text = f"indicator {theirs} in the table, {ours} in the rulebook"
            self._differs("indicator", pair[0], text, pair[1], table)

    def units(self, table: EditTable, paths: Iterable[Path]) -> None:
        """Unit limits of one table."""
        name = f"unit limits, {spoken(table)}"
        compared = left = 0
        for path in paths:
            for line in read_mue(path):
                if line.code not in self.valid:
                    left += 1
                    continue
                compared += 1
                limit = self.limits.on(line.code, self.day)
                ours = None if isinstance(limit, NotInForce) else limit.of(table)
                if ours is None:
                    self._differs(
                        "limit_not_held",
                        line.code,
                        f"{line.units} in the table, none in the rulebook",
                        table=table,
                    )
                elif ours != line.units:
                    self._differs(
                        "unit_limit",
                        line.code,
                        f"{line.units} in the table, {ours} in the rulebook",
                        table=table,
                    )
        self.result.compared[name], self.result.left_out[name] = compared, left

    def fees(self, paths: Iterable[Path]) -> None:
        """Validity and components of the fee schedule's codes."""
        theirs: dict[str, dict[str, Fee]] = {}
        for path in paths:
            for fee in read_fees(path):
                theirs.setdefault(fee.code, {})[fee.modifier] = fee
        for code in sorted(self.valid):
            self._code(code, theirs.get(code))
        ours, left = len(self.valid), 0
        for code, fees in sorted(theirs.items()):
            if code in self.valid:
                continue
            if not any(low <= code <= high for low, high in self.reasons.families):
                left += 1
            elif (fees.get("") or next(iter(fees.values()))).status in _PAYABLE:
                ours += 1
                known = code in self.rulebook.codes
                text = f"in the table, {'not in force' if known else 'not held'} in the rulebook"
                self._differs("code_not_valid" if known else "code_not_held", code, text)
        self.result.compared["fee schedule"], self.result.left_out["fee schedule"] = ours, left

    def _code(self, code: str, fees: dict[str, Fee] | None) -> None:
        if fees is None:
            self._differs("not_in_table", code, "in force in the rulebook, not in the table")
            return
        fee = fees.get("") or next(iter(fees.values()))
        if fee.status not in _PAYABLE:
            self._differs("not_payable", code, f"status {fee.status} in the table, in force in the rulebook")
        component = self.valid[code].component
        if component is None:
            return
        expected = self.reasons.components.get(component)
        if fee.component != expected:
            text = f"PC/TC indicator {fee.component} in the table, {spoken(component)} in the rulebook"
            self._differs("component", code, text)
        technical = fees.get("TC")
        carried = "technical" in self.rulebook.components[component].claims
        if technical is not None and (technical.status != "B") != carried:
            text = f"TC has status {technical.status} in the table, {spoken(component)} in the rulebook"
            self._differs("technical_part", code, text)

    def _differs(
        self, kind: Kind, code: str, text: str, col2: str | None = None, table: EditTable | None = None
    ) -> None:
        found = Disagreement(kind, code, text, col2, table)
        reason = next((one for one in self.reasons.explained if one.covers(found, self.day)), None)
        if reason is None:
            self.result.unexplained.append(found)
        else:
            self.result.explained.append((reason, found))


def render(result: Verified, *, every: bool = False) -> str:
    """The result as lines: what was compared, every unexplained disagreement, the explained ones by reason.

    With ``every`` the explained ones are lines too.
    """
    return "\n".join(_rendered(result, every)) + "\n"


def _rendered(result: Verified, every: bool) -> Iterator[str]:
    for name, compared in result.compared.items():
        left = result.left_out.get(name, 0)
        yield f"{name}: {compared} compared, {left} of other codes or ranges left out"
    yield f"unexplained: {len(result.unexplained)}"
    yield from (f"  {found}" for found in result.unexplained)
    yield f"explained: {len(result.explained)}"
    by_reason: dict[str, list[Disagreement]] = {}
    for reason, found in result.explained:
        by_reason.setdefault(reason.why, []).append(found)
    for why, disagreements in by_reason.items():
        yield f"  {len(disagreements)} {why}"
        if every:
            yield from (f"    {found}" for found in disagreements)
