"""DICOM RT Beams Treatment Records turned into ``delivery`` evidence: the sessions that were treated.

One record holds the beams of one session, now and then of several. Two fraction numbers of one plan on
one day are two sessions, with the break between their times.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..documents.base import DicomElement, DicomItem
from ..documents.dicom import RECORD_BEAMS, day, number
from ..model import Technique
from .dicom_beams import Beam, is_treatment, machine_words, points_of, read_beam
from .dicom_plan import cite
from .dicom_words import use_of
from .kinds import Draft
from .note import Note

_TELLING = frozenset({"VMAT", "IMRT", "TOMOTHERAPY", "ELECTRON", "PROTON"})
"""Techniques that the few control points of a record can show; open fields may be what it leaves out."""


@dataclass(slots=True)
class _Session:
    """Beams of one fraction of one record. Times are minutes since midnight."""

    note: Note
    record: DicomItem
    number: int | None
    day: dt.date | None
    beams: list[DicomItem] = field(default_factory=list)
    start: int | None = None
    end: int | None = None
    index: int = 1
    break_hours: float | None = None

    @property
    def plan(self) -> str:
        """The referenced plan's instance UID, "" where none is told."""
        references = self.record.items("ReferencedRTPlanSequence")
        return references[0].text("ReferencedSOPInstanceUID") if references else ""


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """What a plan of the chart tells of the sessions that refer to it."""

    label: str
    technique: Technique | None
    use: str


def _minutes(text: str) -> int | None:
    found = re.match(r"([01]\d|2[0-3]):?([0-5]\d)", text)
    return int(found.group(1)) * 60 + int(found.group(2)) if found else None


def _sessions(note: Note, record: DicomItem) -> list[_Session]:
    """The sessions of one record, set-up beams left out."""
    summary = _days(record)
    found: dict[tuple[int | None, dt.date | None], _Session] = {}
    beams = [beam for name in RECORD_BEAMS for beam in record.items(name) if is_treatment(beam)]
    numbers = {beam.text("CurrentFractionNumber") for beam in beams}
    for beam in beams:
        count = number(beam.text("CurrentFractionNumber"))
        fraction = int(count) if count is not None and 0 < count < 1000 else None
        points = points_of(beam)
        told = next((d for p in points if (d := day(p.text("TreatmentControlPointDate")))), None)
        when = told or summary.get(fraction)
        if when is None and len(numbers) == 1:
            when = day(record.text("TreatmentDate"))
        session = found.setdefault((fraction, when), _Session(note, record, fraction, when))
        session.beams.append(beam)
        times = [m for p in points if (m := _minutes(p.text("TreatmentControlPointTime"))) is not None]
        if not times and len(numbers) == 1 and (at := _minutes(record.text("TreatmentTime"))) is not None:
            times = [at]
        if times:
            session.start = min(times) if session.start is None else min(session.start, *times)
            session.end = max(times) if session.end is None else max(session.end, *times)
    return list(found.values())


def _days(record: DicomItem) -> dict[int | None, dt.date]:
    """Treatment days by fraction number, where the record sums up its fraction group."""
    found: dict[int | None, dt.date] = {}
    for group in record.items("FractionGroupSummarySequence"):
        for status in group.items("FractionStatusSummarySequence"):
            count, when = number(status.text("ReferencedFractionNumber")), day(status.text("TreatmentDate"))
            if count is not None and when is not None:
                found[int(count)] = when
    return found


def _count_sittings(sessions: Sequence[_Session]) -> None:
    """Give two fractions of one plan on one day their places, and the hours between them."""
    by_day: dict[tuple[str, dt.date], dict[int, list[_Session]]] = defaultdict(lambda: defaultdict(list))
    for session in sessions:
        if session.day is not None and session.number is not None:
            by_day[session.plan, session.day][session.number].append(session)
    for fractions in by_day.values():
        reached: int | None = None
        for index, count in enumerate(sorted(fractions), start=1):
            parts = fractions[count]
            starts = [part.start for part in parts if part.start is not None]
            ends = [part.end for part in parts if part.end is not None]
            for part in parts:
                part.index = index
                if index > 1 and reached is not None and starts and min(starts) > reached:
                    part.break_hours = round((min(starts) - reached) / 60, 2)
            reached = max(ends) if ends else None


def _is_delivered(session: _Session) -> bool:
    """Whether a beam gave dose; a record that tells no meterset counts by being there."""
    given = [number(beam.text("DeliveredPrimaryMeterset")) for beam in session.beams]
    return any(value is None or value > 0 for value in given)


def _is_partial(session: _Session) -> bool:
    """Whether a beam ended before its time (termination by machine or operator)."""
    ends = {beam.text("TreatmentTerminationStatus").upper() for beam in session.beams}
    return bool(ends & {"OPERATOR", "MACHINE"})


def _modality(beams: Sequence[Beam]) -> str | None:
    found = {beam.radiation for beam in beams}
    if {"PHOTON", "ELECTRON"} <= found:
        return "mixed"
    known = {"PHOTON": "photon", "ELECTRON": "electron", "PROTON": "proton"}
    return known.get(next(iter(found), "")) if len(found) == 1 else None


def _draft(session: _Session, plans: Mapping[str, KnownPlan]) -> Draft:
    record = session.record
    use, tells = use_of(record)
    known = plans.get(session.plan)
    treated = use == "clinical" and (known is None or known.use == "clinical")
    words = (
        machine_words(record) + " " + " ".join(map(machine_words, record.items("TreatmentMachineSequence")))
    )
    beams = [read_beam(beam, words) for beam in session.beams]
    shown = {beam.technique for beam in beams} & _TELLING
    own = next((beam.technique for beam in beams if beam.technique in _TELLING), None) if shown else None
    attributes: dict[str, object] = {
        "number": session.number,
        "date": session.day.isoformat() if session.day else None,
        "session": session.index,
        "technique": known.technique if known else own,
        "modality": _modality(beams),
        "fields": list(dict.fromkeys(beam.name for beam in beams if beam.name)) or None,
        "ports": len({beam.number or beam.name for beam in beams}) or None,
        "break_hours": session.break_hours,
        "plan": known.label if known else None,
        "partial": True if _is_partial(session) else None,
        "use": use,
        "source": "dicom",
    }
    lines: list[DicomElement] = [tells] if tells else []
    for beam in session.beams:
        lines += [beam.elements[n] for n in ("CurrentFractionNumber", "BeamName") if n in beam.elements]
        lines += [
            point.elements["TreatmentControlPointDate"]
            for point in points_of(beam)[:1]
            if "TreatmentControlPointDate" in point.elements
        ]
    lines += [record.elements["TreatmentDate"]] if "TreatmentDate" in record.elements else []
    return Draft(
        kind="delivery",
        value="fraction",
        citation=cite(session.note, lines[:12] or [record.elements["SOPClassUID"]]),
        attributes=attributes,
        assertion="affirmed" if treated and _is_delivered(session) else "negated",
        method="dicom",
        confidence=0.95,
    )


def extract(
    records: Sequence[tuple[Note, DicomItem]], plans: Mapping[str, KnownPlan]
) -> Iterator[tuple[str, Draft]]:
    """Sessions of all records of a chart, each with the id of its entry; ``plans`` by instance UID."""
    sessions = [session for note, record in records for session in _sessions(note, record)]
    _count_sittings([session for session in sessions if _is_delivered(session)])
    for session in sessions:
        yield session.note.entry.id, _draft(session, plans)
