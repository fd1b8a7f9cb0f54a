"""A code and a claim become the modifiers that are right, or the answer that the claim cannot carry it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from ..model import CaseContext, Claim
from .schema import ComponentKind, NotInForce, Profile, Rulebook

COMPONENT_MODIFIERS = frozenset({"26", "TC"})
"""The only modifiers that are compared (policy 11.13)."""

SPLIT = "pc_tc_1"
"""The component kind of codes with a professional and a technical part."""

Unjudged = Literal["unjudged"]


def kind_name(rulebook: Rulebook, profile: Profile, code: str, day: dt.date) -> str | None:
    """The component kind of a code on a day under a profile; ``None`` where none is known."""
    if code in profile.components:
        return profile.components[code]
    version = rulebook.code_on(code, day)
    return None if isinstance(version, NotInForce) else version.component


def _kind(rulebook: Rulebook, profile: Profile, code: str, day: dt.date) -> ComponentKind | None:
    name = kind_name(rulebook, profile, code, day)
    return None if name is None else rulebook.components[name]


def modifiers(
    rulebook: Rulebook, profile: Profile, code: str, claim: Claim | None, day: dt.date
) -> tuple[str, ...] | None:
    """The modifiers that ``code`` bears on ``claim``; ``None`` where the claim cannot carry the code."""
    kind = _kind(rulebook, profile, code, day)
    if claim is None or kind is None:
        return ()
    sets = kind.claims.get(claim)
    return None if sets is None else sets[0]


def fits(
    rulebook: Rulebook, profile: Profile, code: str, claim: Claim, day: dt.date, billed: Iterable[str]
) -> bool:
    """Whether the billed 26 or TC is the right one for the code on this claim (policy 1.9, 10.1)."""
    kind = _kind(rulebook, profile, code, day)
    if kind is None:
        return True
    wanted = kind.claims.get(claim)
    stated = {m.upper() for m in billed} & COMPONENT_MODIFIERS
    return wanted is not None and any(stated == set(one) for one in wanted)


def hospital_claim(context: CaseContext, claim: Claim | None) -> bool:
    """Whether a claim is a hospital's: the Medicare manual's bundle is cited for those only (11.14)."""
    return context.setting == "hospital_outpatient" and claim != "professional"
