"""A note turned into ``replan`` evidence: a new plan, a new planning CT, a change of anatomy, online adaption."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .assertion import assert_spans
from .kinds import Draft, Reading
from .note import Note
from .patterns import groups
from .record_dates import dates_of

_LEX = "replan.yaml"
_HINT = re.compile(
    r"plan|adapt|re-?sim|re-?scan|re-?ct|second|repeat|new|mask|lost|loss|shr|regress|anatom|oart|ethos|gap|expan|seroma"
)


def _day(note: Note, start: int, end: int) -> str | None:
    """The first date inside a unit, otherwise the note's."""
    inside = [day for low, _, day in dates_of(note) if start <= low < end]
    when = inside[0] if inside else note.entry.date
    return when.isoformat() if when else None


def extract(reading: Reading) -> Iterator[Draft]:
    """Replanning facts of a note; a change of anatomy counts only beside replanning or a new scan."""
    note = reading.note
    found: list[tuple[int, int, str]] = []
    for unit in note.units:
        if not _HINT.search(note.plain, unit.start, unit.end):
            continue
        for value, wording in groups(_LEX, "kinds"):
            match = wording.search(note.plain, unit.start, unit.end)
            if match:
                found.append((match.start(), match.end(), value))
    said = assert_spans(note, [(start, end, "replan") for start, end, _ in found])
    tied = any(
        value != "anatomical_change" and assertion in ("affirmed", "planned")
        for (_, _, value), assertion in zip(found, said, strict=True)
    )
    seen: set[tuple[str, str]] = set()
    for (start, end, value), assertion in zip(found, said, strict=True):
        named = "anatom" in note.plain[start:end]
        if (value, assertion) in seen or (value == "anatomical_change" and not tied and not named):
            continue
        seen.add((value, assertion))
        around = note.unit_at(start)
        low, high = (around.start, max(around.end, end)) if around else (start, end)
        day = _day(note, low, high)
        yield Draft(
            kind="replan",
            value=value,
            citation=note.cite(low, high, anchor=(start, end)),
            attributes={"date": day} if day else {},
            assertion=assertion,
            confidence=0.85,
        )
