"""Names as charts write them become comparable persons: surname and first initial."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..model import CaseRecord, Role

PHYSICIANS: frozenset[str] = frozenset({"radiation_oncologist", "physician"})
"""A physician whose specialty is not stated is taken as a radiation oncologist (policy 5.1)."""

_CREDENTIALS = frozenset(
    {
        "md",
        "do",
        "phd",
        "mbbs",
        "mbchb",
        "ms",
        "msc",
        "mph",
        "np",
        "pa",
        "pac",
        "aprn",
        "fnp",
        "rn",
        "dabr",
        "dabmp",
        "facr",
        "fastro",
        "frcr",
        "cmd",
        "rtt",
        "rt",
        "rtrt",
        "dr",
        "prof",
        "doctor",
        "attending",
        "ii",
        "iii",
        "jr",
        "sr",
    }
)
_WORD = re.compile(r"[^\W\d_][\w'’.\-]*")

Person = tuple[str, str]


def person(name: str | None) -> Person | None:
    """Return (surname, first initial) in lower case; the initial is empty where only a surname stands."""
    if not name:
        return None
    parts = [_words(part) for part in name.split(",")]
    parts = [part for part in parts if part]
    if not parts:
        return None
    if len(parts) > 1 and len(parts[0]) == 1:
        return parts[0][-1], parts[1][0][0]
    first = parts[0]
    return (first[-1], first[0][0]) if len(first) > 1 else (first[0], "")


def _words(text: str) -> list[str]:
    words = [w.lower().strip(".") for w in _WORD.findall(text)]
    return [w for w in words if w.replace(".", "") not in _CREDENTIALS]


def same_person(one: str | None, other: str | None) -> bool:
    """Whether two written names can be one person: same surname, and initials that do not differ."""
    a, b = person(one), person(other)
    if a is None or b is None or a[0] != b[0]:
        return False
    return not a[1] or not b[1] or a[1] == b[1]


def known_roles(record: CaseRecord) -> tuple[tuple[str, Role], ...]:
    """Every signer whose role some page of the record tells."""
    found: list[tuple[str, Role]] = []
    for course in record.courses:
        signers: Iterable[tuple[str | None, Role | None]] = (
            *((s.signer, s.role) for s in course.orders),
            *((s.signer, s.role) for s in course.simulations),
            *((s.signer, s.role) for s in course.physics_checks),
            *((s.signer, s.role) for s in course.management_visits),
            *((p.approval.by, p.approval.role) for p in course.plans),
        )
        found += [(name, role) for name, role in signers if name and role]
    return tuple(dict.fromkeys(found))


def role_of(name: str | None, role: Role | None, known: Iterable[tuple[str, Role]]) -> Role | None:
    """The stated role, or the one that the same person bears elsewhere in the record."""
    if role is not None or name is None:
        return role
    roles = {r for other, r in known if same_person(name, other)}
    return roles.pop() if len(roles) == 1 else None
