"""A code and a day become the code pair edits in which the code is the first column (policy 11.14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from .schema import Edit, Rulebook


def edits_from(rulebook: Rulebook, col1: str, day: dt.date, hospital: bool) -> Iterator[Edit]:
    """The edits of ``col1`` in force on ``day``, of the hospitals' table or of the practitioners'."""
    table = "hospital_outpatient" if hospital else "practitioner"
    for edit in rulebook.edits:
        if edit.col1 == col1 and table in edit.tables and edit.covers(day):
            yield edit
