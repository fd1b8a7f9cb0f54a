"""Simulations: areas, complexity, signature, and whether an IMRT plan takes them in."""

from __future__ import annotations

from ...model import IMRT_TECHNIQUES, Simulation
from ..sessions import is_arc
from .base import COUNTING_STATES, SIGNATURE_STATES, Subject, Told, best, fact, joined, led, signed_state
from .plans import imrt_plans

_SIGNS: tuple[tuple[str, str], ...] = (
    ("particle", "particle therapy"),
    ("arc", "rotation or arc therapy"),
    ("complex_blocking", "complex blocking"),
    ("custom_blocks", "custom shielding blocks"),
    ("brachytherapy", "brachytherapy"),
    ("hyperthermia", "hyperthermia probe verification"),
    ("contrast", "contrast given"),
)


@fact("one", "two", "three_plus", "unknown")
def simulation_areas(subject: Subject) -> Told:
    """Treatment areas set up (policy 4.1); the course's areas where the note does not count them."""
    stated = [s.areas for s in subject.simulations if s.areas]
    count = max(stated) if stated else len(subject.course.treatment_areas)
    areas = joined(a.evidence for a in subject.course.treatment_areas)
    evidence = joined(s.evidence for s in subject.simulations) + (() if stated else areas)
    values = {0: "unknown", 1: "one", 2: "two"}
    return Told(values.get(count, "three_plus"), tuple(dict.fromkeys(evidence)), detail=str(count))


@fact("present", "absent")
def simulation_complexity(subject: Subject) -> Told:
    """Any of the features that make a simulation complex with any number of areas (policy 4.1)."""
    signs = [title for name, title in _SIGNS if any(getattr(s, name) for s in subject.simulations)]
    if _ROTATION not in signs and any(_arc_planned(s, subject) for s in subject.simulations):
        signs.append(_ROTATION)
    evidence = joined(s.evidence for s in subject.simulations)
    return Told("present", evidence, detail=", ".join(signs)) if signs else Told("absent", evidence)


_ROTATION = dict(_SIGNS)["arc"]


def _arc_planned(simulation: Simulation, subject: Subject) -> bool:
    """Whether the plan that the simulation served treats by rotation."""
    if simulation.serves in (None, "imrt", "sbrt"):
        plans = imrt_plans(subject.course)
        arcs = any(is_arc(p.technique) or (p.arcs or 0) > 0 for p in plans)
        return arcs or (simulation.serves == "imrt" and is_arc(subject.course.technique.value))
    if simulation.serves == "3d":
        return any(p.technique == "3DCRT" and (p.arcs or 0) > 0 for p in subject.course.plans)
    return False


@fact(*SIGNATURE_STATES)
def simulation_signature(subject: Subject) -> Told:
    """The best physician signature under the day's simulation notes (policy 4.3)."""
    state = best(signed_state(s, subject) for s in subject.simulations) or "unsigned"
    evidence = joined(led(s) for s in subject.simulations)
    names = " and ".join(dict.fromkeys(s.signer for s in subject.simulations if s.signer))
    return Told(state, evidence, () if state in COUNTING_STATES else evidence, names)


@fact("dated", "undated_signature", "undated", "unsigned")
def simulation_dating(subject: Subject) -> Told:
    """Whether note and signature are dated (policy 4.3, 6.1)."""
    signed = [s for s in subject.simulations if signed_state(s, subject) in COUNTING_STATES]
    evidence = joined(led(s) for s in signed)
    if not signed:
        return Told("unsigned")
    if any(s.signature_date for s in signed):
        return Told("dated", evidence)
    return Told("undated_signature" if any(s.date for s in signed) else "undated", evidence)


@fact("bundled", "separate", "uncertain", "no_imrt")
def simulation_bundle(subject: Subject) -> Told:
    """Whether the simulation lies inside the IMRT plan (policy 4.4, 4.5)."""
    evidence = joined(s.evidence for s in subject.simulations)
    if subject.parents.get("imrt_plan") is None:
        for_imrt = any(s.serves in (None, "imrt") for s in subject.simulations)
        return Told("uncertain", evidence) if for_imrt and _treated_as_imrt(subject) else Told("no_imrt")
    if subject.parents.get("plan_kind") == "narrative_only":
        return Told("uncertain", evidence)
    served = {s.date for s in subject.course.simulations if _serves_imrt(s)}
    if any(_serves_imrt(s) or (s.date is not None and s.date in served) for s in subject.simulations):
        return Told("bundled", evidence)
    return Told("separate", evidence)


def _treated_as_imrt(subject: Subject) -> bool:
    """Whether fractions were given as IMRT though no IMRT plan is in the record: one must be somewhere."""
    return any(f.technique in IMRT_TECHNIQUES for f in subject.course.fractions)


def _serves_imrt(simulation: Simulation) -> bool:
    """A simulation of the IMRT course separates only for another target by other means (policy 4.5)."""
    return simulation.serves in (None, "imrt") or simulation.same_target_as_imrt


@fact("used", "not_used")
def motion_study(subject: Subject) -> Told:
    """Whether a 4D-CT or other motion study was used for planning (policy 4.6)."""
    studies = [s for s in subject.simulations if s.motion_study]
    used = [s for s in studies if s.motion_study_used]
    if used:
        return Told("used", joined(s.evidence for s in used))
    return Told("not_used", joined(s.evidence for s in studies))
