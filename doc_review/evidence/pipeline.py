"""A chart in, its evidence out: every extractor over every entry, ids given in document order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..documents.base import Chart
from ..documents.superseded import superseded
from ..model import Evidence, OtherPatientEntry
from . import (
    areas,
    checks,
    completion,
    delivery,
    dicom,
    dosimetry,
    identity,
    imaging,
    isocenters,
    motion,
    necessity,
    orders,
    plan,
    prescription,
    signatures,
    simulation,
    technique,
    visits,
)
from .assertion import assert_hits
from .colleagues import Colleague, colleagues
from .kinds import Draft, Extractor, Reading
from .matcher import find_hits
from .note import Note

_SURE = 0.8
"""Confidence of a recognised page from which its words are taken as they stand."""
EXTRACTORS: tuple[Extractor, ...] = (
    technique.extract,
    areas.extract,
    orders.extract,
    necessity.extract,
    prescription.extract,
    dosimetry.extract,
    simulation.extract,
    plan.extract,
    motion.extract,
    isocenters.extract,
    imaging.extract,
    signatures.extract,
    delivery.extract,
    checks.extract,
    visits.extract,
    completion.extract,
)


def read_note(note: Note, chart: Chart, people: Sequence[Colleague] = ()) -> Iterator[Draft]:
    """All drafts of one note; ``people`` are those whom the chart names with a profession."""
    hits = find_hits(note)
    reading = Reading(note, hits, assert_hits(note, hits), chart.providers, people)
    for extract in EXTRACTORS:
        yield from extract(reading)


def _order(draft: Draft) -> tuple[int, int, str, str]:
    span = draft.citation
    return span.page, span.start, draft.kind, draft.value


def extract_evidence(chart: Chart) -> tuple[tuple[Evidence, ...], tuple[OtherPatientEntry, ...]]:
    """Evidence of a chart and the entries that belong to another patient (policy 1.11).

    Evidence of another patient's entry is kept as ``other_subject``; a superseded draft or an exact
    duplicate of another entry gives none.
    """
    notes = [Note(document, entry) for document in chart.documents for entry in document.meta.entries]
    skipped = superseded([(note.entry, note.text) for note in notes])
    foreign = identity.other_patient([note for note in notes if dicom.is_treatment(note)])
    written = [note for note in notes if dicom.object_of(note) is None]
    people = colleagues(note.text for note in written if note.entry.id not in foreign)
    by_object = dicom.extract(notes, chart.providers)
    drafts: list[Draft] = []
    for note in notes:
        if note.entry.id in skipped:
            continue
        told = by_object.get(note.entry.id, ()) if note not in written else read_note(note, chart, people)
        found = sorted((_as_read(note, draft) for draft in told), key=_order)
        if note.entry.id in foreign:
            found = [replace(draft, assertion="other_subject") for draft in (*foreign[note.entry.id], *found)]
        drafts.extend(found)
    evidence = tuple(as_evidence(index, draft) for index, draft in enumerate(drafts, start=1))
    others = tuple(_other(notes, evidence, entry) for entry in foreign)
    return evidence, others


def _as_read(note: Note, draft: Draft) -> Draft:
    """A draft from a page that was recognised poorly is as unsure as the page."""
    page = note.document.pages[draft.citation.page - 1]
    if page.source == "native" or page.confidence >= _SURE:
        return draft
    return replace(draft, confidence=round(draft.confidence * page.confidence, 3))


def as_evidence(index: int, draft: Draft) -> Evidence:
    """Evidence of a draft under its number."""
    return Evidence(
        id=f"e{index}",
        kind=draft.kind,
        value=draft.value,
        attributes={name: value for name, value in draft.attributes.items() if value is not None},
        assertion=draft.assertion,
        method=draft.method,
        confidence=draft.confidence,
        citation=draft.citation,
    )


def _other(notes: Sequence[Note], evidence: Sequence[Evidence], entry: str) -> OtherPatientEntry:
    document = next(note.document.meta.id for note in notes if note.entry.id == entry)
    cited = tuple(item.id for item in evidence if item.citation.entry == entry)[:3]
    return OtherPatientEntry(document=document, entry=entry, evidence=cited)
