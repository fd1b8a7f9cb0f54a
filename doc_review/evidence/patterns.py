"""Lists of regular expressions of a lexicon file turned into compiled patterns, once per process."""

from __future__ import annotations

import functools
import re

from .lexicon import load_yaml


@functools.cache
def pattern(file: str, name: str) -> re.Pattern[str]:
    """The patterns ``name`` of ``file`` as one, on word starts, for folded text."""
    listed = load_yaml(file)["patterns"][name]
    return re.compile(r"(?<!\w)(?:" + "|".join(str(item) for item in listed) + ")")


@functools.cache
def groups(file: str, name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """A mapping of value to patterns, in file order."""
    return tuple(
        (str(value), re.compile(r"(?<!\w)(?:" + "|".join(str(item) for item in listed) + ")"))
        for value, listed in load_yaml(file)["patterns"][name].items()
    )
