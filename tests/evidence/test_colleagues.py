"""Who is named in a chart with a profession, and whom a login, initials or a bare name mean."""

from __future__ import annotations

import pytest

from doc_review.evidence.colleagues import colleague_of, colleagues

TEXTS = (
    "Attending: Alan Roe, MD\nPhysicist: Grant Poe, PhD, DABR\nResident: Kim Tran, MD",
    "Electronically signed by Alan B. Roe, M.D.\nSeen with Kim Tran, MD (PGY-3). Thank you, Dr. Poe.",
    "Susan Park, MD and Steven Park, MD referred her.",
)


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("aroe", "radiation_oncologist"),
        ("alan.roe", "radiation_oncologist"),
        ("Roe, Alan", "radiation_oncologist"),
        ("AR", "radiation_oncologist"),
        ("gpoe", "physicist"),
        ("Poe", "physicist"),
        ("Kim Tran", "resident"),
        ("Park", None),
        ("spark", None),
        ("jdoe", None),
    ],
)
def test_whom_a_name_means(written: str, role: str | None) -> None:
    found = colleague_of(written, colleagues(TEXTS))
    assert (found.role if found else None) == role
