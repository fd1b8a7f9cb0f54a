"""A DICOM RT Plan turned into one ``plan`` item, with its prescription and its approval where it is clinical."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..documents.base import DicomElement, DicomItem
from ..documents.dicom import day
from ..model import IMRT_TECHNIQUES, OUT_OF_SCOPE_TECHNIQUES, Citation, Provider, Technique
from ..names import parse_person
from .dicom_beams import Beam, distinct, is_treatment, machine_words, read_beam
from .dicom_dose import Phase, levels, phases, total
from .dicom_words import says, use_of, written_name
from .kinds import Draft
from .note import Note
from .people import provider_of, role_of

_RANK: tuple[Technique, ...] = ("PROTON", "TOMOTHERAPY", "VMAT", "IMRT", "FIF", "3DCRT", "ELECTRON", "EBRT")
"""Technique of a plan whose beams differ: the first that a beam has."""
_HEAD = ("RTPlanName", "RTPlanDate", "PlanIntent")


def cite(note: Note, elements: Iterable[DicomElement]) -> Citation:
    """The lines of some attributes, the first one quoted and the others beside it."""
    first, *others = dict.fromkeys((element.start, element.end) for element in elements)
    return note.cite(*first, also=others)


def _beams(plan: DicomItem) -> tuple[Beam, ...]:
    """Treatment beams that a fraction group treats with, or all where none refers to beams."""
    held = [b for b in (*plan.items("BeamSequence"), *plan.items("IonBeamSequence")) if is_treatment(b)]
    referenced = {
        reference.text("ReferencedBeamNumber")
        for group in plan.items("FractionGroupSequence")
        for reference in group.items("ReferencedBeamSequence")
    }
    words = " ".join(plan.text(name) for name in ("RTPlanLabel", "RTPlanName", "RTPlanDescription"))
    return tuple(
        read_beam(beam, f"{words} {machine_words(plan)} {machine_words(beam)}")
        for beam in held
        if not referenced or beam.text("BeamNumber") in referenced
    )


def _technique(plan: DicomItem, beams: Sequence[Beam]) -> Technique | None:
    found = {beam.technique for beam in beams}
    if not found and plan.items("ApplicationSetupSequence"):
        return "BRACHYTHERAPY"
    return next((technique for technique in _RANK if technique in found), None)


def _modality(beams: Sequence[Beam]) -> str | None:
    found = {beam.radiation for beam in beams}
    if {"PHOTON", "ELECTRON"} <= found:
        return "mixed"
    return {"PHOTON": "photon", "ELECTRON": "electron", "PROTON": "proton"}.get(next(iter(found), ""))


def _approval(plan: DicomItem) -> str | None:
    return plan.text("ApprovalStatus").upper() or None


def _plan(note: Note, plan: DicomItem, beams: Sequence[Beam], prescribed: Sequence[Phase]) -> Draft:
    technique = _technique(plan, beams)
    use, tells = use_of(plan)
    label = plan.text("RTPlanLabel") or plan.text("RTPlanName")
    dose, fractions = total(prescribed)
    points = distinct(point for beam in beams for point in beam.isocenters)
    approved = _approval(plan)
    reviewed = day(plan.text("ReviewDate"))
    written = day(plan.text("RTPlanDate"))
    told = " ".join(plan.text(name) for name in ("RTPlanLabel", "RTPlanName", "RTPlanDescription"))
    imrt = technique in IMRT_TECHNIQUES
    compensated = any(beam.compensator for beam in beams)
    attributes: dict[str, object] = {
        "technique": technique,
        "modality": _modality(beams),
        "modulation": "compensator" if compensated else "mlc" if imrt else None,
        "beams": len(beams),
        "arcs": sum(beam.arc for beam in beams),
        "isocenters": len(points) or None,
        "isocenter_positions": [list(point) for point in points] or None,
        "energies": sorted({beam.energy for beam in beams if beam.energy is not None}) or None,
        "fractions": fractions,
        "dose_gy": dose,
        "fraction_groups": [p.fractions for p in prescribed if p.fractions] if len(prescribed) > 1 else None,
        "dose_levels": list(levels(plan, prescribed)) or None,
        "approval_status": approved,
        "approval_date": reviewed.isoformat() if reviewed else None,
        "reviewer": plan.text("ReviewerName") or None,
        "date": written.isoformat() if written else None,
        "use": use,
        "replan": says("replan", told) or None,
        "boost": says("boost", plan.text("RTPlanLabel") + " " + plan.text("RTPlanName")) or None,
        "uid": plan.text("SOPInstanceUID") or None,
        "frame_of_reference": plan.text("FrameOfReferenceUID") or None,
    }
    elements = plan.elements
    cited = [elements[name] for name in ("RTPlanLabel", *_HEAD) if name in elements]
    cited += [tells] if tells else []
    cited += [element for phase in prescribed for element in phase.cited]
    cited += [element for beam in beams[:4] for element in beam.cited]
    cited += [elements[name] for name in ("ApprovalStatus", "ReviewDate") if name in elements]
    return Draft(
        kind="plan",
        value=label or technique or "plan",
        citation=cite(note, cited or [elements["SOPClassUID"]]),
        attributes=attributes,
        method="dicom",
        confidence=0.95,
    )


def _signature(note: Note, plan: DicomItem, providers: Sequence[Provider]) -> Iterator[Draft]:
    """The reviewer of an approved plan: an electronic approval with a name, never by its status alone (6.1)."""
    reviewer = plan.elements.get("ReviewerName")
    if _approval(plan) != "APPROVED" or reviewer is None:
        return
    name = written_name(reviewer.values[0])
    if not name or says("nobody", name):
        return
    person = parse_person(name)
    provider = provider_of(name, providers)
    role = provider.role if provider else role_of(person, providers=providers) if person else None
    dated = day(plan.text("ReviewDate"))
    lines = [plan.elements[n] for n in ("ReviewerName", "ApprovalStatus", "ReviewDate") if n in plan.elements]
    attributes: dict[str, object] = {
        "signer": provider.name if provider else name,
        "credentials": list(person.credentials) if person and person.credentials else None,
        "role": role,
        "date": dated.isoformat() if dated else None,
        "kind": "electronic",
        "act": "approved",
        "of": "plan",
        "counts": role not in ("resident", "np_pa"),
    }
    yield Draft("signature", reviewer.values[0], cite(note, lines), attributes, method="dicom")


def _prescriptions(note: Note, plan: DicomItem, prescribed: Sequence[Phase]) -> Iterator[Draft]:
    """One prescription for each phase that tells dose and fractions."""
    boost = says("boost", plan.text("RTPlanLabel"))
    for index, phase in enumerate(prescribed):
        if phase.dose_gy is None or phase.fractions is None or not phase.cited:
            continue
        several = len(prescribed) > 1
        attributes: dict[str, object] = {
            "dose_gy": phase.dose_gy,
            "fractions": phase.fractions,
            "dose_per_fraction_gy": round(phase.dose_gy / phase.fractions, 4),
            "phase": "boost" if index or boost else "initial" if several else None,
            "role": "dicom",
        }
        yield Draft("prescription", f"{phase.dose_gy:g}", cite(note, phase.cited), attributes, method="dicom")


def extract(note: Note, plan: DicomItem, providers: Sequence[Provider]) -> Iterator[Draft]:
    """The plan; of a clinical one also what it prescribes and who approved it."""
    beams = _beams(plan)
    prescribed = phases(plan, frozenset(beam.number for beam in beams))
    made = _plan(note, plan, beams, prescribed)
    yield made
    if made.attributes["use"] != "clinical":
        return
    if made.attributes["technique"] in OUT_OF_SCOPE_TECHNIQUES:
        technique = str(made.attributes["technique"])
        yield Draft("technique", technique, made.citation, {"role": "plan"}, method="dicom")
    yield from _prescriptions(note, plan, prescribed)
    yield from _signature(note, plan, providers)
