"""A treatment record or summary turned into ``delivery`` evidence: fractions, totals, days not treated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..model import Assertion, EntryKind
from . import beams
from .fraction_blocks import listed_rows
from .fraction_context import COMPENSATOR, Context, Surroundings
from .fraction_log import read_log
from .fraction_rows import FractionRow, gap_of
from .fraction_sessions import Session, sessions
from .fraction_settle import Log
from .kinds import Draft, Reading
from .missed_days import missed_days
from .note import Note
from .totals import total_drafts

# Forms that name fraction numbers without recording a delivery.
_NO_LOG: frozenset[EntryKind] = frozenset(
    {
        "consultation",
        "order",
        "prescription",
        "simulation",
        "plan",
        "plan_approval",
        "physics_check",
        "management_visit",
        "qa",
        "correspondence",
    }
)
_STATED_GAP = re.compile(r"\b\d{1,2}(?:\.\d+)?\s*-?\s*(?:h|hr|hrs|hours?)\b")
_ASKED_GAP = re.compile(r"\b(?:prescri\w+|order\w*|planned|should|must|to be|goal|required)\b")
_MOTION = (
    ("free_breathing", re.compile(r"\bfree[- ]breath\w*|\bfb\b")),
    ("dibh", re.compile(r"\bdibh\b|\bdeep insp\w*")),
    ("breath_hold", re.compile(r"\b(?:breath[- ]?holds?|ebh|bh)\b")),
    ("gating", re.compile(r"\bgat(?:ed|ing)\b")),
    ("tracking", re.compile(r"\btrack(?:ed|ing)\b")),
)
_PHOTON_FIELDS = frozenset({"tangents", "wedges", "field_in_field", "rotation"})
_SIMPLE_BLOCKS = re.compile(r"(?<!\d)(?P<n>[1-6])\s+(?:simple\s+|stock\s+|hand\s+)?blocks?\b")
_STATES: dict[str, Assertion] = {"not_treated": "negated", "planned": "planned"}


def _modality(text: str, contexts: Sequence[Context]) -> str | None:
    """Modality of a session: its rows, else the lines above; a mixed record does not make its sessions mixed."""
    own: str | None = beams.modality(text)
    for context in contexts:
        if own is None and not (context.modality == "mixed" and context.line < 0):
            own = context.modality
    return own


def _ports(session: Session, text: str, contexts: Sequence[Context]) -> int | None:
    """Ports or arcs of a session: a row per field, a fields cell, or words."""
    cells = [row.field_text for row in session.rows if row.field_text]
    by_cell = [beams.ports_of_cell(cell) for cell in cells]
    if len(set(cells)) > 1:
        known = [count for count in by_cell if count]
        return sum(known) if known and max(known) > 1 else beams.distinct_fields(cells)
    own = by_cell[0] if cells else None
    own = own if own is not None else beams.ports(text)
    return own if own is not None else next((c.ports for c in contexts if c.ports is not None), None)


def _attributes(session: Session, around: Surroundings, source: str) -> dict[str, object]:
    rows = session.rows
    contexts = list(around.above(rows[0]))
    text = "  ".join(row.outline for row in rows)
    plans = list(dict.fromkeys(row.plan for row in rows if row.plan))
    plans = plans or [context.plan for context in contexts if context.plan]
    doses = [row.dose for row in rows if row.dose is not None]
    totals = [row.cumulative for row in rows if row.cumulative is not None]
    features = beams.features(text) or next((c.features for c in contexts if c.features), frozenset())
    blocks = _SIMPLE_BLOCKS.search(text)
    technique = around.technique(rows) or next((c.technique for c in contexts if c.technique), None)
    modality = _modality(text, contexts)
    if beams.modality(text) is None and beams.features(text) & _PHOTON_FIELDS:
        # The row's own fields say more than the record's heading, which may name the boost.
        modality = "photon"
        technique = None if technique == "ELECTRON" else technique
    return {
        "number": session.number,
        "date": session.day.isoformat() if session.day else None,
        "session": session.index,
        "technique": technique,
        "modality": modality,
        "fields": list(dict.fromkeys(row.field_text for row in rows if row.field_text)) or None,
        "ports": _ports(session, text, contexts),
        "isocenters": around.isocenters(rows) or next((c.isocenters for c in contexts if c.isocenters), None),
        "features": sorted(features) or None,
        "simple_blocks": int(blocks.group("n")) if blocks else None,
        "compensator": True if COMPENSATOR.search(text) or any(c.compensator for c in contexts) else None,
        "dose_gy": doses[0] if doses else None,
        "cumulative_gy": max(totals) if totals else None,
        "break_hours": session.break_hours,
        "plan": plans[0] if plans else None,
        "plans": plans if len(plans) > 1 else None,
        "motion": next((value for value, wording in _MOTION if wording.search(text)), None),
        "partial": True if any(row.partial for row in rows) else None,
        "completes": True if any(row.completes for row in rows) else None,
        "source": source,
    }


def _session_draft(note: Note, session: Session, around: Surroundings, source: str) -> Draft:
    rows = session.rows
    extra = [(row.start, row.end) for row in rows[1:]] + [span for row in rows for span in row.spans]
    found = _attributes(session, around, source)
    return Draft(
        kind="delivery",
        value="fraction",
        citation=note.cite(rows[0].start, rows[0].end, also=extra),
        attributes={name: value for name, value in found.items() if value is not None},
        method="table" if rows[0].tabled else "nlp",
        confidence=0.95 if rows[0].positive or rows[0].tabled else 0.8,
    )


def _undelivered(note: Note, rows: Sequence[FractionRow], source: str) -> Iterator[Draft]:
    """Rows of sessions that were not given, or not yet."""
    for row in rows:
        if row.state not in _STATES:
            continue
        attributes: dict[str, object] = {"source": source}
        if row.number is not None:
            attributes["number"] = row.number
        if row.day is not None:
            attributes["date"] = row.day.isoformat()
        yield Draft(
            kind="delivery",
            value="fraction",
            citation=note.cite(row.start, row.end, also=row.spans),
            attributes=attributes,
            assertion=_STATES[row.state],
            method="table" if row.tabled else "nlp",
        )


def _stated_gap(log: Log) -> float | None:
    """Hours between the two sessions of a day that the record's own words state for the course."""
    for _, _, text in log.others:
        if _STATED_GAP.search(text) and not _ASKED_GAP.search(text) and (gap := gap_of(text, {})) is not None:
            return gap
    return None


def _source(note: Note, log: Log) -> str:
    """``record`` for a treatment record, or a fraction log inside another document; else ``summary``."""
    listed = sum(row.positive for row in log.rows) >= 3 or any(row.tabled for row in log.rows)
    return "record" if note.kind == "treatment_record" or listed else "summary"


def extract(reading: Reading) -> Iterator[Draft]:
    """Fractions, totals and days not treated of a treatment record or a summary, in text order."""
    note = reading.note
    drafts: list[Draft] = []
    if note.kind == "correspondence":
        drafts.extend(total_drafts(reading, Log(), "summary"))
    elif note.kind not in _NO_LOG:
        log = read_log(note)
        log.rows.extend(listed_rows(note, log))
        source = _source(note, log)
        around = Surroundings(reading, log)
        drafts.extend(
            _session_draft(note, session, around, source) for session in sessions(log.rows, _stated_gap(log))
        )
        drafts.extend(_undelivered(note, log.rows, source))
        if source == "record":
            drafts.extend(missed_days(note, log, source))
        drafts.extend(total_drafts(reading, log, source))
    yield from sorted(drafts, key=lambda draft: (draft.citation.page, draft.citation.start))
