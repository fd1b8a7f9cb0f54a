"""Dose schemes as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doc_review.evidence.dose import schemes

WRITTEN = [
    ("70 Gy in 28 fx to prostate/SV with 50.4 Gy in 28 fx to the nodal volume", [(70.0, 28), (50.4, 28)]),
    ("PTV_7000 (prostate, SV):  7000 cGy, 250 cGy x 28", [(70.0, 28)]),
    ("Dose: 40.05 Gy, 2.67 Gy/fx, 15 fx, QD", [(40.05, 15)]),
    ("2.12 Gy 33 69.96 Gy V100% >= 95%, D0.03cc <= 110%", [(69.96, 33)]),
    ("VMAT (IMRT) 180 cGy 36 6480 cGy", [(64.8, 36)]),
    ("36 x 1.80 Gy (64.80 Gy)", [(64.8, 36)]),
    ("PTV1 4500/25 -> PTV2 boost 900/5", [(45.0, 25), (9.0, 5)]),
    ("4,500 cGy over 25 fractions", [(45.0, 25)]),
    ("45 Gy/25", [(45.0, 25)]),
    ("30 Gy at 3 Gy per fraction", [(30.0, 10)]),
    ("Total dose 5040 cGy\nFractions: 28\nDose per fraction 180 cGy", [(50.4, 28)]),
    ("20 Gy in 5", [(20.0, 5)]),
    ("26 Gy in five fractions", [(26.0, 5)]),
    ("Rx: 59.4 Gy (1.8 Gy x 33 fx)", [(59.4, 33)]),
    ("45 Gy in 30 fractions of 1.5 Gy BID", [(45.0, 30)]),
    ("Rectum V60 <18%, V50 <35%", []),
    ("fx 5/28 (12.5 Gy prostate, 9 Gy LN)", []),
    ("seen 8/26/2025 at 10:44, 12.5 Gy so far", []),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN, ids=[text[:40] for text, _ in WRITTEN])
def test_schemes(text: str, expected: list[tuple[float, int]]) -> None:
    assert [(scheme.dose_gy, scheme.fractions) for scheme in schemes(text)] == expected


@given(st.text(alphabet="0123456789 .,/x-GycfrainBoost\n", max_size=120))
def test_spans_lie_in_the_text(text: str) -> None:
    for scheme in schemes(text):
        assert 0 <= scheme.start < scheme.end <= len(text)
