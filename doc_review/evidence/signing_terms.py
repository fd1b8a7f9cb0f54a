"""A line of folded text turned into the spans of signing acts, of blank lines and of signatures that lack.

The patterns are ``lexicon/signing.yaml``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from .lexicon import load_yaml


@functools.cache
def _data() -> dict[str, Any]:
    return dict(load_yaml("signing.yaml"))


@functools.cache
def _one(*keys: str) -> re.Pattern[str]:
    """The patterns under a path of keys as one alternation."""
    listed: Any = _data()
    for key in keys:
        listed = listed[key]
    joined = "|".join(str(item) for item in listed) if isinstance(listed, list) else str(listed)
    return re.compile(joined)


@functools.cache
def _hints() -> tuple[str, ...]:
    return tuple(str(hint) for hint in _data()["hints"])


def has_hint(line: str) -> bool:
    """Whether a folded line can hold anything about a signature."""
    return any(hint in line for hint in _hints())


@functools.cache
def _acts() -> re.Pattern[str]:
    groups = []
    for name, patterns in _data()["acts"].items():
        groups.append(
            rf"(?P<{name}>(?<![^\W_])(?<!-)(?:" + "|".join(str(item) for item in patterns) + r")(?![\w]))"
        )
    return re.compile("|".join(groups))


def acts(plain: str, low: int, high: int) -> Iterator[tuple[Any, int, int]]:
    """Name, start and end of each signing act in ``plain[low:high]``."""
    for match in _acts().finditer(plain, low, high):
        start = match.start()
        if plain.startswith("md ", start) and _NAMED_MD.search(plain, low, start):
            start += 3
        yield match.lastgroup, start, match.end()


_NAMED_MD = re.compile(r"[a-z'-]{2,},? $")


def needs_by(act: str) -> bool:
    """Whether an act is one only where a name follows it directly."""
    return act in _data()["need_by"]


@functools.cache
def _ends(name: str) -> re.Pattern[str]:
    listed = "|".join(str(item) for item in _data()[name])
    return re.compile(
        rf"(?<!\w)(?:{listed})(?:\s+(?:been|be|yet|being|still|formally|electronically|is|was|were|are|"
        rf"has|reviewed|and))*[\s:,(/-]*$"
    )


def not_ours(segment: str) -> bool:
    """Whether the words before an act speak of something else that is signed or approved."""
    return _ends("other_object").search(segment) is not None


def instruction(segment: str) -> bool:
    """Whether the words before an act make it a rule or a wish (``must be signed``)."""
    return _ends("instruction_before").search(segment) is not None


def undone(segment: str) -> bool:
    """Whether the words before an act say that it did not happen."""
    return _ends("absent_before").search(segment) is not None


_NO_STAMP = re.compile(r"(?:date|time|received|fax(?:ed)?|d/t)[ /-]*$")


def absent_patterns(plain: str, low: int, high: int) -> list[tuple[Any, tuple[int, int]]]:
    """Kind and span of what a line says to be no signature: pending, on file, not read, a stamp."""
    found: list[tuple[Any, tuple[int, int]]] = []
    line = plain[low:high]
    for kind, marks in _data()["absent_hints"].items():
        if not any(mark in line for mark in marks):
            continue
        for match in _one("absent", kind).finditer(plain, low, high):
            before = plain[low : match.start()]
            if match.start() > low and plain[match.start()].isalnum() and plain[match.start() - 1].isalnum():
                continue
            if kind == "stamp" and _NO_STAMP.search(before):
                continue
            segment = before[max(before.rfind(". "), before.rfind(";"), before.rfind("|")) + 1 :]
            if kind == "pending" and speaks_of_other(segment):
                continue
            if not any(first <= match.start() < last for _, (first, last) in found):
                found.append((kind, match.span()))
    return found[:1]


def withdrawals(plain: str) -> list[re.Match[str]]:
    """Places of a folded text that tell an approval taken back."""
    return list(_one("withdrawn").finditer(plain))


@functools.cache
def _other_objects() -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(str(item) for item in _data()["other_object"]) + r")(?!\w)")


def speaks_of_other(segment: str) -> bool:
    """Whether the last words before an act name something else that is signed or approved."""
    return _other_objects().search(segment[-60:]) is not None


@functools.cache
def _blank() -> re.Pattern[str]:
    labels = str(_data()["blank_labels"])
    return re.compile(
        rf"(?<![\w])(?:{labels})(?:'s)?(?: signature| approval| initials| line|"
        rf" name)?(?: \([^)\n]{{0,24}}\))?\s*[:.]?\s*(?:_{{3,}}|\.{{6,}}|\[\s*\](?=\s*$))"
    )


_FILLED = re.compile(r"(?:(?<=_)[a-z][^_\n]{2,40}_{2,})|(?:(?<=\.\.)\s*(?!date)[\w/]{2,})")


_FORMAL = re.compile(r"sign|approv|initial")
_VALUE = re.compile(r"\s+(?!date|time|md\b|m\.d|do\b|title|name|print)[a-z]{2,}")


def _is_leader(plain: str, match: re.Match[str], high: int) -> bool:
    """Whether the line leads from a label to its value (``PHYSICIAN ______ A. Roe, MD``)."""
    return not _FORMAL.search(match.group(0)) and _VALUE.match(plain, match.end(), high) is not None


_SIGNED_BEFORE = re.compile(r"/e?s/ ?[a-z][^_\n|]{2,40}$")


def blank_line(plain: str, low: int, high: int) -> list[tuple[int, int]]:
    """Spans of signature lines that nobody filled in."""
    return [
        match.span()
        for match in _blank().finditer(plain, low, high)
        if not _FILLED.match(plain, match.end(), high)
        and not _is_leader(plain, match, high)
        and not _SIGNED_BEFORE.search(plain, low, match.start())
    ]


@functools.cache
def _ink() -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(str(item) for item in _data()["handwritten"]) + r")(?![\w])")


_INK_SIGN = re.compile(r"sign|initial|mark|scrawl|sig\b")


def ink(plain: str, low: int, high: int) -> tuple[int, int] | None:
    """Span of words that describe a signature in ink."""
    match = _ink().search(plain, low, high)
    if match is None or not _INK_SIGN.search(
        plain, max(low, match.start() - 20), min(high, match.end() + 20)
    ):
        return None
    return match.span()


def says_electronic(plain: str, low: int, high: int) -> bool:
    """Whether a stretch says that a signature is electronic."""
    return _one("marks", "electronic").search(plain, low, high) is not None


def illegible(plain: str, low: int, high: int) -> bool:
    """Whether a line says that a signature cannot be read."""
    return _one("illegible").search(plain, low, high) is not None
