"""Texts of a chart turned into the people who are named in them with a profession.

A planning system names its user by login, a sheet by initials or surname; some other page of the chart
writes the same name out with its credentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model import Role
from ..names import Person, parse_person, person_at, same_person
from .people import role_of

_CREDENTIAL = re.compile(
    r"(?<![A-Za-z])(?:M\.?D\b|D\.?O\b|MBBS|MBChB|FRCR|FRCPC?|FRANZCR|DABR|DABMP|MPE|QMP|CMD|"
    r"(?:[A-Z]{0,4}NP|PA)(?:-B?C)?\b|APRN|RTT?\b|R\.?T\.?\(|RN\b|RD\b)"
)
_DOCTOR = re.compile(r"(?<![A-Za-z])Dr\.? (?=[A-Z])")
_PGY = re.compile(r"[ ,(|-]{0,4}(?:PGY|resident\b(?!\s*:)|fellow\b(?!\s*:))", re.IGNORECASE)
_RESIDENT = re.compile(r"\b(?:resident|fellow)(?: physician)?\s*[:|-]\s*$", re.IGNORECASE)
_LOOK_BACK = 44
_START = re.compile(r"(?<![\w.'-])[^\W\d_a-z]")
_MOST = 400


@dataclass(frozen=True, slots=True)
class Colleague:
    """A written name with the role that its credentials (``sure``) or a mere doctor's title tell."""

    written: str
    role: Role
    sure: bool = True


def _people(text: str) -> Iterable[tuple[Person, int, int]]:
    """People with credentials or a doctor's title in a text, with the span of the name."""
    for count, mark in enumerate(_CREDENTIAL.finditer(text)):
        if count >= _MOST:
            break
        low = max(text.rfind("\n", 0, mark.start()) + 1, mark.start() - _LOOK_BACK)
        for start in _START.finditer(text, low, mark.start()):
            found = person_at(text, start.start())
            if (
                found
                and found[0].credentials
                and found[2] >= mark.end() - 1
                and (found[0].given or found[0].doctor)
            ):
                yield found
                break
    for mark in _DOCTOR.finditer(text):
        found = person_at(text, mark.start())
        if found:
            yield found


def colleagues(texts: Iterable[str]) -> tuple[Colleague, ...]:
    """Everyone whom a chart names with a profession, each written form once; residents stay residents."""
    found: dict[tuple[str, Role, bool], None] = {}
    for text in texts:
        seen: set[str] = set()
        for person, start, end in _people(text):
            before = text[max(0, start - 24) : start]
            resident = bool(_PGY.match(text, end) or _RESIDENT.search(before))
            if person.written in seen and not resident:
                continue
            seen.add(person.written)
            role = "resident" if resident else role_of(person)
            if role is not None:
                found[(person.written, role, resident or bool(person.credentials))] = None
    return tuple(Colleague(*item) for item in found)


def _full(people: Sequence[Colleague]) -> Colleague:
    return max(people, key=lambda item: len(item.written))


def colleague_of(written: str, people: Sequence[Colleague]) -> Colleague | None:
    """The one person whom a written name, login or initials can mean; ``None`` where several can be meant.

    Written forms of one person count as one; somebody called a resident anywhere is one.
    """
    named = [item for item in people if same_person(written, item.written)]
    if not named:
        return None
    best = _full(named)
    if any(not same_person(best.written, item.written) for item in named):
        return None
    surnames = {(parse_person(item.written) or Person("", "", (), ())).surname.lower() for item in named}
    if len(surnames) > 1:
        return None
    sure = [item for item in named if item.sure]
    roles = {item.role for item in sure or named}
    if "resident" in roles:
        return Colleague(best.written, "resident")
    return Colleague(best.written, roles.pop(), bool(sure)) if len(roles) == 1 else None
