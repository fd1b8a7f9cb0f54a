"""Units of a note turned into the section each stands in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .lexicon import sections
from .segments import Unit

_TITLE = re.compile(
    r"[\s=*_#-]*(?:\d+[.)]\s*)?([A-Za-z][A-Za-z /&()'-]{0,44}?)\s*(?::|=+|-{2,}|\.{3,}|_{2,}|$)"
)
_BARE_TITLE = re.compile(r"\s*([A-Z][A-Z/ &]{1,24}?)\s+(?=[A-Z(]?[a-z0-9])")


def section_of(units: Sequence[Unit], text: str) -> list[str]:
    """Category of each unit's section: a key of ``sections.yaml``, or ``""`` before and after known titles."""
    titles = sections()
    current = ""
    found: list[str] = []
    for unit in units:
        chunk = text[unit.start : unit.end]
        match = _TITLE.match(chunk)
        title = match.group(1).strip().lower() if match else None
        if title is not None and title in titles:
            current = titles[title]
        elif unit.layout == "heading":
            current = titles.get(title or "", "")
        elif bare := _BARE_TITLE.match(chunk):
            current = titles.get(bare.group(1).strip().lower(), current)
        elif (
            unit.layout == "key_value"
            and match
            and match.group(0).rstrip().endswith(":")
            and _ends_section(current)
        ):
            current = ""
        found.append(current)
    return found


def _ends_section(current: str) -> bool:
    """Whether an unknown ``Key:`` ends the section: short lists end, narrative sections go on."""
    return current in (
        "history",
        "family",
        "social",
        "allergies",
        "medications",
        "review_of_systems",
        "copies",
    )
