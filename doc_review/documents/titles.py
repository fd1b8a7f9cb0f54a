"""A line of text turned into the kind of document it titles; an untitled text into its likely kind."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Literal, cast

import ahocorasick
import yaml

from ..model import EntryKind

TitleKind = EntryKind | Literal["note", "addendum"]


@dataclass(frozen=True, slots=True)
class Title:
    """A title in a line. ``kind`` may be ``note`` (any kind) or ``addendum`` (that of the note before).

    ``weak`` titles are section headings as often as titles; ``keyed`` ones stand behind a key such as
    ``Note type:``.
    """

    kind: TitleKind
    weak: bool
    keyed: bool = False


@functools.cache
def lexicon() -> dict[str, Any]:
    """``titles.yaml`` as plain data."""
    text = resources.files(__package__).joinpath("titles.yaml").read_text(encoding="utf-8")
    return cast("dict[str, Any]", yaml.load(text, Loader=yaml.CSafeLoader))


_JOINTS = re.compile(r"[\s\-]+")


def _plain(text: str) -> str:
    """Lower case with runs of spaces and hyphens as one space."""
    return _JOINTS.sub(" ", text.lower())


@functools.cache
def _phrases() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for kind, groups in lexicon()["titles"].items():
        for strength in ("strong", "weak"):
            for phrase in groups[strength]:
                plain = _plain(str(phrase))
                if plain not in automaton:
                    automaton.add_word(plain, (len(plain), Title(kind, strength == "weak")))
    automaton.make_automaton()
    return automaton


@functools.cache
def _filler() -> frozenset[str]:
    return frozenset(str(word) for word in lexicon()["filler"])


@functools.cache
def _title_keys() -> re.Pattern[str]:
    keys = sorted(lexicon()["title_keys"], key=len, reverse=True)
    return re.compile(r"\W*(?:" + "|".join(re.escape(key) for key in keys) + r")\s*[:=]\s*", re.IGNORECASE)


_SEGMENT = re.compile(
    r"\s{2,}|\t|\s*[|\u2502\u2022;>\u203a\u00bb]\s*|\s+[-\u2013\u2014]{1,2}\s+|\s*\u2014\s*|\s*[/+]\s+|"
    r":\s|[()\[\]]|"
    r"\s+by\s+(?=[A-Z])"
)
_CAPS_RUN = re.compile(r"(?:[A-Z][A-Z0-9&/'.-]+|[&/+-])(?:\s+(?:[A-Z0-9&/'.-]{2,}|[&/+-]))*")
_NO_TITLE = re.compile(r"[\u2610\u2611\u2612]|\[[ xX]?\]|(?:\s/\s.*){3}")
_OTHER_STAFF = re.compile(
    r"\b(?:nurs(?:e|es|ing)|rn|diet\w+|nutrition|social work|therapists?|rtts?|pharmacist)\b", re.IGNORECASE
)
_DOCTOR = re.compile(r"\b(?:physicians?|doctors?|md|oncologists?)\b", re.IGNORECASE)
_DECORATION = " \t=-_*#~|>.\u2022\u2500\u2501\u2550"
_WORD = re.compile(r"[A-Za-z&#][A-Za-z&'.]*")
_LONGEST_LINE = 160


def _covered(segment: str, low: int, high: int) -> bool:
    """Whether the phrase ``segment[low:high]`` makes up most of a short segment."""
    rest = segment[:low] + " " + segment[high:]
    words = [word.strip(".'") for word in _WORD.findall(rest)]
    foreign = sum(len(word) for word in words if word.lower() not in _filler() and not word.isdigit())
    return foreign <= (high - low) * 0.75


def _title_in(segment: str) -> tuple[int, Title] | None:
    """Length and title of the longest phrase that a segment mostly consists of."""
    plain = _plain(segment)
    best: tuple[int, Title] | None = None
    for last, (size, title) in _phrases().iter(plain):
        start, end = last - size + 1, last + 1
        if (start and plain[start - 1].isalnum()) or (end < len(plain) and plain[end].isalnum()):
            continue
        if (best is None or size > best[0]) and _covered(plain, start, end):
            best = (size, title)
    return best


def _segments(line: str) -> Iterator[str]:
    """Stretches of a line that may be a title by themselves."""
    pieces = [piece.strip(_DECORATION) for piece in _SEGMENT.split(line)]
    yield from pieces
    if line.upper() != line:
        for piece in pieces:
            for match in _CAPS_RUN.finditer(piece):
                if match.end() - match.start() >= 8 and match.group(0) != piece:
                    yield match.group(0)


def _is_prose(line: str) -> bool:
    """Whether a line reads as a sentence or part of one."""
    stripped = line.strip()
    if stripped.endswith((".", ",", ";")) and not stripped.endswith(("etc.", "No.")):
        return True
    first = stripped.lstrip(_DECORATION)[:1]
    words = stripped.split()
    lower = sum(word[:1].islower() for word in words)
    return first.islower() or (len(words) > 9 and lower > len(words) * 0.6 and "  " not in stripped)


@functools.lru_cache(maxsize=4096)
def title_of(line: str) -> Title | None:
    """The title a line carries, ``None`` for text that is none.

    A title stands alone, in a segment of the line cut at column gaps and dashes, in its run of capitals,
    or behind a key such as ``Document type:``.
    """
    if (
        len(line) > _LONGEST_LINE
        or _NO_TITLE.search(line)
        or next(_phrases().iter(_plain(line)), None) is None
    ):
        return None
    key = _title_keys().match(line)
    if key:
        found = _title_in(re.split(r"\s{2,}|\t|\|", line[key.end() :].strip())[0])
        return Title(found[1].kind, False, True) if found else None
    if _is_prose(line):
        return None
    best: tuple[int, Title] | None = None
    for segment in _segments(line):
        if not 3 <= len(segment) <= 90:
            continue
        found = _title_in(segment)
        if found and (
            best is None
            or (best[1].weak and not found[1].weak)
            or (
                best[1].kind in ("note", "other")
                and not found[1].weak
                and found[1].kind not in ("note", "other")
            )
            or (best[1].weak == found[1].weak and found[0] > best[0] and best[1].kind == "note")
        ):
            best = found
    if best and best[1].kind == "management_visit" and _OTHER_STAFF.search(line) and not _DOCTOR.search(line):
        return replace(best[1], kind="other")
    return best[1] if best else None


# ---------------------------------------------------------------- kinds without a title


@functools.cache
def _cues() -> list[tuple[EntryKind, re.Pattern[str], int]]:
    return [
        (cast("EntryKind", kind), re.compile(cue["pattern"], re.IGNORECASE), int(cue["points"]))
        for kind, cues in lexicon()["content"].items()
        for cue in cues
    ]


_INSURER = re.compile(
    r"\b(?:claim|member id|utilization|medical director|denial|denied|appeal|prior auth\w*|coverage)\b",
    re.IGNORECASE,
)


def kind_of_content(text: str) -> EntryKind | None:
    """The kind whose cues a text holds most of, ``None`` where too few speak for any."""
    points: dict[EntryKind, int] = {}
    sample = text[:6000]
    for kind, pattern, worth in _cues():
        if pattern.search(sample):
            points[kind] = points.get(kind, 0) + worth
    if not points:
        return None
    best = max(points, key=lambda kind: points[kind])
    if best == "correspondence" and not _INSURER.search(sample):
        notes: tuple[EntryKind, ...] = ("consultation", "completion_summary")
        told = [kind for kind in notes if points.get(kind, 0) >= lexicon()["minimum_points"]]
        if told:
            best = max(told, key=lambda kind: points[kind])
    return best if points[best] >= lexicon()["minimum_points"] else None


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z&]+")


def kind_of_name(name: str) -> EntryKind | None:
    """The kind a file name speaks of (``03_sim_note.txt``), ``None`` where it speaks of none."""
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    spaced = " ".join(part for part in _CAMEL.split(stem) if part)
    found = _title_in(spaced)
    if found and found[1].kind not in ("note", "addendum") and not found[1].weak:
        return cast("EntryKind", found[1].kind)
    words = [part.lower() for part in _CAMEL.split(stem) if part]
    for kind, listed in lexicon()["names"].items():
        if kind not in ("plan", "treatment_record", "order", "completion_summary") and any(
            w in listed for w in words
        ):
            return cast("EntryKind", kind)
    for kind in ("order", "completion_summary", "treatment_record", "plan"):
        if any(word in lexicon()["names"][kind] for word in words):
            return cast("EntryKind", kind)
    return None
