"""Total dose and fractions of a course from its dose schemes."""

from __future__ import annotations

from typing import Any

import pytest

from doc_review.courses.prescribed import prescribed

from .support import item, view


def scheme(dose: float, fractions: int, **attributes: Any) -> Any:
    return item(
        "prescription", f"{dose}", dose_gy=dose, fractions=fractions, **{"role": "order", **attributes}
    )


@pytest.mark.parametrize(
    ("schemes", "expected"),
    [
        ([scheme(70.0, 28)], (70.0, 28)),
        ([scheme(69.96, 33), scheme(59.4, 33), scheme(54.12, 33)], (69.96, 33)),
        ([scheme(45.0, 25), scheme(9.0, 5, phase="boost")], (54.0, 30)),
        ([scheme(45.0, 25), scheme(9.0, 5, phase="boost"), scheme(54.0, 30)], (54.0, 30)),
        ([scheme(30.0, 10), scheme(30.0, 10), scheme(30.0, 10)], (30.0, 10)),
        ([scheme(50.4, 28, role="plan"), scheme(45.0, 25)], (45.0, 25)),
    ],
)
def test_prescribed(schemes: list[Any], expected: tuple[float, int]) -> None:
    result = prescribed([view("order", *schemes)])
    assert (result.dose_gy.value, result.fractions.value) == expected


def test_nothing_prescribed() -> None:
    assert prescribed([view("order")]).dose_gy.value is None
