"""A written person with what stands around the name turned into the role policy 6 asks for.

The provider list wins, then credentials, then words beside the name, then the label of the line. A
physician whose specialty is not stated is taken for a radiation oncologist (policy 5.1).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..model import Provider, Role
from ..names import Person, parse_person, person_at, same_person
from .lexicon import load_yaml

__all__ = ["Person", "credential_role", "parse_person", "person_at", "provider_of", "role_of", "same_person"]


@functools.cache
def _lexicon() -> dict[str, Any]:
    return dict(load_yaml("signing.yaml"))


@functools.cache
def role_words(name: str) -> re.Pattern[str]:
    """Words that tell a role (``roles`` of ``signing.yaml``), for folded text."""
    return re.compile(r"(?<!\w)(?:" + str(_lexicon()["roles"][name]) + r")")


@functools.cache
def _credential_roles() -> dict[str, str]:
    return {
        re.sub(r"[.\s]", "", str(credential)).upper(): role
        for role, listed in _lexicon()["credentials"].items()
        for credential in listed
    }


_ORDER = ("resident", "physician", "np_pa", "dosimetrist", "physicist", "therapist", "other")


def credential_role(credentials: Iterable[str]) -> str | None:
    """Role that credentials tell: ``MD, PhD`` is a physician, ``PhD, DABR`` a physicist."""
    roles = {
        "resident" if item.startswith("PGY") else _credential_roles().get(item, "") for item in credentials
    }
    return next((role for role in _ORDER if role in roles), None)


def provider_of(written: str, providers: Sequence[Provider]) -> Provider | None:
    """The listed provider that a written name or login can be; ``None`` where none or several can."""
    login = written.strip().lower()
    for provider in providers:
        if login in (item.lower() for item in provider.logins):
            return provider
    named = [
        provider
        for provider in providers
        if any(same_person(written, name) for name in (provider.name, *provider.aliases))
    ]
    return named[0] if len({provider.name for provider in named}) == 1 else None


def _words_role(text: str) -> str | None:
    """Role that words beside a name tell, the most specific first."""
    if not text:
        return None
    for name in ("trainee", "resident", "physicist", "dosimetrist", "therapist", "np_pa", "nurse"):
        if role_words(name).search(text):
            return {"trainee": "other", "nurse": "other"}.get(name, name)
    if role_words("radiation_oncologist").search(text):
        return "radiation_oncologist"
    if role_words("other_specialty").search(text):
        return "other_specialty"
    return "physician" if role_words("physician").search(text) else None


_RESIDENT = re.compile(r"\b(?:resident|fellow|pgy[- ]?\d)(?: physician)?[\s:,-]*$")


def role_of(
    person: Person,
    label: str = "",
    after: str = "",
    providers: Sequence[Provider] = (),
    physics: bool = False,
    plan: bool = False,
) -> Role | None:
    """Role of a signer.

    ``label`` and ``after`` are the folded words before and behind the name on its line; ``physics`` is
    true in a physics entry, where a degree alone (MS, PhD) is a physicist's; ``plan`` in a plan's report,
    where a PhD is. ``None`` is not known.
    """
    provider = provider_of(person.written, providers)
    if provider is not None:
        return provider.role
    credential = credential_role(person.credentials)
    beside = _words_role(after)
    before = _words_role(label)
    if credential == "resident" or beside == "resident" or _RESIDENT.search(label):
        return "resident"
    if credential == "physician":
        if beside == "other_specialty" or (before == "other_specialty" and beside != "radiation_oncologist"):
            return "physician"
        return "radiation_oncologist"
    if credential is not None:
        return "other" if beside == "other" else _role(credential)
    degree = any(item in _lexicon()["physicist_degrees"] for item in person.credentials)
    for words in (beside, before):
        if words == "other_specialty":
            return "physician"
        if words is not None:
            return _role(words)
    if degree:
        return "physicist" if physics or (plan and "PHD" in person.credentials) else None
    return "radiation_oncologist" if person.doctor and not physics else None


def _role(name: str) -> Role | None:
    roles: dict[str, Role] = {
        "physician": "radiation_oncologist",
        "radiation_oncologist": "radiation_oncologist",
        "resident": "resident",
        "np_pa": "np_pa",
        "physicist": "physicist",
        "dosimetrist": "dosimetrist",
        "therapist": "therapist",
        "other": "other",
    }
    return roles.get(name)
