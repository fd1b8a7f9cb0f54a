"""Signers of a record become comparable: who is the same person, and what role some page tells of them."""

from __future__ import annotations

from collections.abc import Iterable

from .. import names
from ..model import CaseRecord, Role

PHYSICIANS: frozenset[str] = frozenset({"radiation_oncologist", "physician"})
"""A physician whose specialty is not stated is taken as a radiation oncologist (policy 5.1)."""


def same_person(one: str | None, other: str | None) -> bool:
    """Whether two written names can be one person: surname and first initial agree."""
    return bool(one and other) and names.same_person(one or "", other or "")


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
