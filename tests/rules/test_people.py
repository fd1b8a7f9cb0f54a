"""Names as charts write them: surname and first initial."""

from __future__ import annotations

import pytest

from doc_review.rules.people import same_person


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ada Berg, MD", "Berg, Ada", True),
        ("Ada Berg, MD", "Berg, Ada M., MD", True),
        ("Ada Berg, MD", "A. Berg", True),
        ("Ada Berg MD PhD", "Dr. Berg", True),
        ("Dr. Ada Berg", "BERG, A", True),
        ("Ada Berg", "Olga Berg", False),
        ("Ada Berg", "Ada Holm", False),
        ("Ada Berg-Lind, M.D.", "Berg-Lind, Ada", True),
        ("Ada O'Neil", "O'Neil, A., DO", True),
        (None, "Ada Berg", False),
        ("", "", False),
    ],
)
def test_same_person(one: str | None, other: str | None, same: bool) -> None:
    assert same_person(one, other) is same
    assert same_person(other, one) is same
