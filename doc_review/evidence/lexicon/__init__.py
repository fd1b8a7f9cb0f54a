"""Lexicon YAML files in, one automaton of terms out.

Each file of this folder but ``sections.yaml`` and ``context.yaml`` holds terms::

    source: where the terms come from
    kind: technique            # what the terms are
    entries:
      - value: VMAT            # the value a hit has
        terms: [vmat, volumetric modulated arc therapy]
        attributes: {arc: true}

Terms are matched case-insensitively on word boundaries, spaces and hyphens interchangeable; a term
with a trailing ``*`` is a prefix, one with ``=`` in front is case-sensitive (abbreviations that are
words otherwise). Adding a synonym touches no Python.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Term:
    """One way to write one value."""

    kind: str
    value: str
    text: str
    prefix: bool
    exact_case: str | None
    attributes: dict[str, Any] = field(hash=False, compare=False)


def load_yaml(name: str) -> Any:
    """One lexicon file as plain data."""
    return yaml.load(
        resources.files(__package__).joinpath(name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )


def _variants(text: str) -> set[str]:
    """Spellings of a term with its spaces and hyphens exchanged or dropped at hyphens."""
    if "-" not in text and " " not in text:
        return {text}
    variants = {text, text.replace("-", " "), text.replace("-", "")}
    if " " in text and len(text.split()) == 2:
        variants.add(text.replace(" ", "-"))
    return variants


@functools.cache
def terms() -> tuple[Term, ...]:
    """Every term of every term file, in file and entry order."""
    found: list[Term] = []
    folder = resources.files(__package__)
    for item in sorted(folder.iterdir(), key=lambda path: path.name):
        if not item.name.endswith(".yaml"):
            continue
        data = load_yaml(item.name)
        if "entries" not in data:
            continue
        for entry in data["entries"]:
            attributes = dict(entry.get("attributes", {}))
            kind = entry.get("kind", data["kind"])
            for written in entry["terms"]:
                text = str(written)
                exact = text[1:] if text.startswith("=") else None
                body = text.lstrip("=").rstrip("*")
                spellings = {body} if exact else _variants(body.lower())
                found.extend(
                    Term(kind, str(entry["value"]), spelling.lower(), text.endswith("*"), exact, attributes)
                    for spelling in sorted(spellings)
                )
    return tuple(found)


@functools.cache
def sections() -> dict[str, str]:
    """Section title (lower case) to section category."""
    return {
        str(title): category
        for category, titles in load_yaml("sections.yaml")["sections"].items()
        for title in titles
    }
