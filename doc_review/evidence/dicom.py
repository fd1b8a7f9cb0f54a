"""The DICOM plans and treatment records of a chart turned into evidence, by entry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ..documents.base import DicomItem
from ..documents.dicom import PLAN_CLASSES
from ..model import Provider
from . import dicom_plan, dicom_record
from .dicom_record import KnownPlan
from .dicom_words import use_of
from .kinds import Draft
from .note import Note


def object_of(note: Note) -> DicomItem | None:
    """The DICOM object behind an entry, ``None`` for an entry of any other document."""
    return note.document.dicom


def is_treatment(note: Note) -> bool:
    """Whether an entry is of a patient's treatment: no DICOM object of a phantom, test or QA copy."""
    found = object_of(note)
    return found is None or use_of(found)[0] == "clinical"


def extract(notes: Sequence[Note], providers: Sequence[Provider]) -> dict[str, list[Draft]]:
    """Drafts of the DICOM entries among some notes, by entry id."""
    drafts: dict[str, list[Draft]] = defaultdict(list)
    records: list[tuple[Note, DicomItem]] = []
    plans: dict[str, KnownPlan] = {}
    for note in notes:
        found = object_of(note)
        if found is None:
            continue
        if found.text("SOPClassUID") not in PLAN_CLASSES:
            records.append((note, found))
            continue
        made = list(dicom_plan.extract(note, found, providers))
        drafts[note.entry.id] = made
        told = made[0].attributes
        plans[found.text("SOPInstanceUID")] = KnownPlan(made[0].value, told["technique"], str(told["use"]))
    for entry, draft in dicom_record.extract(records, plans):
        drafts[entry].append(draft)
    return drafts
