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
    """Category of each unit's section: a key of ``sections.yaml``, or ``""`` before and after known titles.

    A title with its text on the same line (``Allergies: none``) covers that block only, where the
    section is one of short lists; a title on a line of its own covers all up to the next.
    """
    titles = sections()
    current = ""
    inline: str | None = None
    found: list[str] = []
    for unit in units:
        chunk = text[unit.start : unit.end]
        match = _TITLE.match(chunk)
        title = match.group(1).strip().lower() if match else None
        if title is not None and title in titles:
            current = titles[title]
            inline = unit.layout if match and match.end() < len(chunk) else None
        elif unit.layout == "heading":
            current, inline = titles.get(title or "", ""), None
        elif bare := _BARE_TITLE.match(chunk):
            known = titles.get(bare.group(1).strip().lower())
            current, inline = (known, unit.layout) if known is not None else (current, inline)
        elif _is_short(current) and (_is_key(unit, match) or (inline is not None and unit.layout != inline)):
            current, inline = "", None
        found.append(current)
    return found


def _is_key(unit: Unit, match: re.Match[str] | None) -> bool:
    return unit.layout == "key_value" and match is not None and match.group(0).rstrip().endswith(":")


def _is_short(current: str) -> bool:
    """Whether a section is a short list, which an unknown ``Key:`` ends; narrative sections go on."""
    return current in (
        "history",
        "family",
        "social",
        "allergies",
        "medications",
        "review_of_systems",
        "copies",
    )
