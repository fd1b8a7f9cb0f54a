"""The beams of a DICOM RT Plan turned into how each modulates: arc, moving leaves, segments, isocenters.

What a control point does not repeat, it keeps from the one before (DICOM PS3.3, C.8.8.14). Leaf positions
are millimetres at the isocenter, angles degrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..documents.base import DicomElement, DicomItem
from ..documents.dicom import number
from ..model import Technique
from .dicom_words import says

_LEAF_MOVES = 0.5
"""Millimetres; rounding between systems moves leaves by less."""
_ARC_TURNS = 5.0
"""Degrees of rotation with the beam on that make an arc; a gantry at rest jitters by less than one."""
_SAME_POINT = 1.0
"""Millimetres; isocenters nearer than this are one."""
_HAND_MADE = 3
"""Segments of one field that are planned by hand whatever their shape."""
_MOST_SUBFIELDS = 8
"""Most segments of a field-in-field beam; each lies within its open field."""
_NOT_TREATED = frozenset({"SETUP", "OPEN_PORTFILM", "TRMT_PORTFILM", "VERIFICATION"})
_PARTICLES = frozenset({"PROTON", "ION"})
Point = tuple[float, float, float]
Leaves = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Beam:
    """One treatment beam. ``cited`` are the lines that tell its technique."""

    number: str
    name: str
    radiation: str
    technique: Technique
    arc: bool
    energy: float | None
    isocenters: tuple[Point, ...]
    compensator: bool
    leaves: bool
    cited: tuple[DicomElement, ...]


@dataclass(slots=True)
class _State:
    """What holds at a control point: gantry angle and its rotation, meterset so far, leaves by device."""

    gantry: float | None = None
    turning: str = "NONE"
    meterset: float | None = None
    leaves: dict[str, Leaves] | None = None
    isocenter: Point | None = None
    energy: float | None = None


def points_of(beam: DicomItem) -> tuple[DicomItem, ...]:
    """Control points of a planned or delivered beam."""
    names = ("ControlPointSequence", "IonControlPointSequence")
    delivered = ("ControlPointDeliverySequence", "IonControlPointDeliverySequence")
    return next((found for name in (*names, *delivered) if (found := beam.items(name))), ())


def is_treatment(beam: DicomItem) -> bool:
    """Whether a beam treats; one that does not say is a set-up beam by its name."""
    delivery = beam.text("TreatmentDeliveryType").upper()
    if delivery:
        return delivery not in _NOT_TREATED
    return not says("setup", beam.text("BeamName"))


def _states(beam: DicomItem) -> list[_State]:
    states: list[_State] = []
    for point in points_of(beam):
        before = states[-1] if states else _State()
        leaves = dict(before.leaves or {})
        for device in point.items("BeamLimitingDevicePositionSequence"):
            kind = device.text("RTBeamLimitingDeviceType").upper()
            positions = device.elements.get("LeafJawPositions")
            if kind.startswith("MLC") and positions is not None:
                leaves[kind] = tuple(number(value) or 0.0 for value in positions.values)
        meterset = number(point.text("CumulativeMetersetWeight") or point.text("DeliveredMeterset"))
        gantry = number(point.text("GantryAngle"))
        energy = number(point.text("NominalBeamEnergy"))
        states.append(
            _State(
                before.gantry if gantry is None else gantry,
                point.text("GantryRotationDirection").upper() or before.turning,
                before.meterset if meterset is None else meterset,
                leaves or None,
                _point(point) or before.isocenter,
                before.energy if energy is None else energy,
            )
        )
    return states


def _point(item: DicomItem) -> Point | None:
    found = item.elements.get("IsocenterPosition")
    values = [number(value) for value in found.values] if found else []
    if len(values) != 3 or any(value is None for value in values):
        return None
    x, y, z = (value or 0.0 for value in values)
    return x, y, z


def _turned(before: _State, after: _State) -> float:
    """Degrees between two control points; a whole turn ends where it began."""
    if before.gantry is None or after.gantry is None:
        return 0.0
    if before.turning in ("CW", "CC"):
        step = after.gantry - before.gantry if before.turning == "CW" else before.gantry - after.gantry
        return step % 360.0
    return abs((after.gantry - before.gantry + 180.0) % 360.0 - 180.0)


def _dosed(states: Sequence[_State]) -> list[tuple[_State, _State]]:
    """Pairs of control points with the beam on between them; all pairs where no meterset is told."""
    pairs = list(pairwise(states))
    if all(state.meterset is None for state in states):
        return pairs
    return [(a, b) for a, b in pairs if (b.meterset or 0.0) - (a.meterset or 0.0) > 1e-9]


def _moved(before: _State, after: _State) -> bool:
    first, second = before.leaves or {}, after.leaves or {}
    return any(
        len(first[kind]) == len(second[kind])
        and any(abs(a - b) > _LEAF_MOVES for a, b in zip(first[kind], second[kind], strict=True))
        for kind in first.keys() & second.keys()
    )


def _inside(inner: dict[str, Leaves], outer: dict[str, Leaves]) -> bool:
    """Whether an aperture opens nothing that another keeps closed (pairs: first bank, then second)."""
    for kind in inner.keys() & outer.keys():
        a, b = inner[kind], outer[kind]
        if len(a) != len(b):
            return False
        half = len(a) // 2
        for left, right, low, high in zip(a[:half], a[half:], b[:half], b[half:], strict=False):
            if right - left > _LEAF_MOVES and (left < low - _LEAF_MOVES or right > high + _LEAF_MOVES):
                return False
    return True


def _width(leaves: dict[str, Leaves]) -> float:
    """Sum of the openings of all leaf pairs, a stand-in for the area."""
    total = 0.0
    for positions in leaves.values():
        half = len(positions) // 2
        total += sum(max(0.0, b - a) for a, b in zip(positions[:half], positions[half:], strict=False))
    return total


def _segments(pairs: Iterable[tuple[_State, _State]]) -> list[dict[str, Leaves]]:
    """Apertures that the beam is on through, in order, each once in a row."""
    found: list[_State] = []
    for before, _ in pairs:
        if before.leaves and (not found or _moved(found[-1], before)):
            found.append(before)
    return [state.leaves or {} for state in found]


def _photon_technique(beam: DicomItem, states: Sequence[_State], words: str) -> tuple[Technique, bool]:
    """Technique of a photon beam, and whether it is an arc."""
    pairs = _dosed(states)
    ends = states[0], states[-1]
    turned = sum(_turned(before, after) for before, after in pairs)
    full = turned == 0 and len(states) == 2 and ends[0].turning in ("CW", "CC")
    arc = turned > _ARC_TURNS or full
    moving = any(_moved(before, after) for before, after in pairs)
    segments = _segments(pairs)
    if says("tomotherapy", words):
        return "TOMOTHERAPY", arc
    if arc:
        modulated = (moving or len(segments) > 1) and not says("conformal_arc", words)
        return ("VMAT" if modulated else "3DCRT"), True
    if moving:
        return "IMRT", False
    if len(segments) < 2:
        return "3DCRT", False
    widest = max(segments, key=_width)
    nested = all(_inside(segment, widest) for segment in segments)
    by_hand = len(segments) <= _HAND_MADE or (nested and len(segments) <= _MOST_SUBFIELDS)
    return ("FIF" if by_hand else "IMRT"), False


def read_beam(beam: DicomItem, words: str) -> Beam:
    """How a treatment beam works; ``words`` are those of plan and machine, folded."""
    states = _states(beam)
    radiation = beam.text("RadiationType").upper()
    named = " ".join((words, beam.text("BeamName"), beam.text("BeamDescription")))
    arc = False
    technique: Technique
    if radiation in _PARTICLES:
        technique = "PROTON"
    elif radiation == "ELECTRON":
        technique = "ELECTRON"
    elif states:
        technique, arc = _photon_technique(beam, states, named)
    else:
        technique = "EBRT"
    keywords = ("BeamName", "BeamType", "RadiationType", "NumberOfControlPoints")
    points = [state.isocenter for state in states if state.isocenter is not None]
    compensators = number(beam.text("NumberOfCompensators"))
    return Beam(
        number=beam.text("BeamNumber") or beam.text("ReferencedBeamNumber"),
        name=beam.text("BeamName"),
        radiation=radiation,
        technique=technique,
        arc=arc,
        energy=next((state.energy for state in states if state.energy is not None), None),
        isocenters=distinct(points),
        compensator=bool(compensators),
        leaves=any(state.leaves for state in states),
        cited=tuple(beam.elements[name] for name in keywords if name in beam.elements),
    )


def distinct(points: Iterable[Point]) -> tuple[Point, ...]:
    """Isocenters that lie more than a millimetre apart."""
    found: list[Point] = []
    for point in points:
        if all(_apart(point, other) > _SAME_POINT for other in found):
            found.append(point)
    return tuple(found)


def _apart(first: Point, second: Point) -> float:
    return float(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5)


def machine_words(item: DicomItem) -> str:
    """Words of the objects' makers and machines."""
    names = ("Manufacturer", "ManufacturerModelName", "StationName", "TreatmentMachineName")
    return re.sub(r"\s+", " ", " ".join(item.text(name) for name in names)).strip()
