"""``unit_limits.yaml`` becomes the most units of a code that CMS pays on one day (MUE), with dates and sources."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError

from ..errors import RulebookError
from .loader import RULEBOOK_DIR, read_yaml
from .schema import Dated, EditTable, NotInForce, ReferenceEntry, Strict, in_force

M = TypeVar("M", bound=BaseModel)

LIMITS_FILE = "unit_limits.yaml"


class UnitLimit(Dated):
    """Most units a day for a practitioner and for a hospital outpatient department (``None``: not published)."""

    practitioner: int | None = Field(ge=0)
    hospital_outpatient: int | None = Field(ge=0)

    def of(self, table: EditTable) -> int | None:
        """The limit of one table."""
        return self.practitioner if table == "practitioner" else self.hospital_outpatient


class UnitLimits(Strict):
    """The limits by code, and the sources that they name."""

    references: dict[str, ReferenceEntry]
    limits: dict[str, tuple[UnitLimit, ...]]

    def on(self, code: str, day: dt.date) -> UnitLimit | NotInForce:
        """The limit of ``code`` in force on ``day``."""
        return in_force(self.limits.get(code, ()), day, f"unit limit of {code}")


def read_typed(path: Path, model: type[M]) -> M:
    """One YAML file as a typed value; ``RulebookError`` names file and line of the first defect."""
    data, lines = read_yaml(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        at = tuple(first["loc"])
        name = ".".join(str(part) for part in at)
        while at and at not in lines:
            at = at[:-1]
        raise RulebookError(f"{path.name}:{lines.get(at, 1)}: {name}: {first['msg']}") from None


@lru_cache(maxsize=4)
def load_limits(folder: Path = RULEBOOK_DIR) -> UnitLimits:
    """The unit limits of the rulebook in ``folder``.

    Raises ``RulebookError`` for a defect of the file, a source that it does not hold, or periods that
    overlap.
    """
    limits = read_typed(folder / LIMITS_FILE, UnitLimits)
    for code, values in limits.limits.items():
        for index, value in enumerate(values):
            unknown = [name for name in value.references if name not in limits.references]
            if unknown:
                raise RulebookError(f"{LIMITS_FILE}: {code}: reference {unknown[0]} is not in the file")
            if index and (values[index - 1].to or dt.date.max) >= value.start:
                raise RulebookError(
                    f"{LIMITS_FILE}: {code}: the period from {value.start} overlaps the one before"
                )
    return limits
