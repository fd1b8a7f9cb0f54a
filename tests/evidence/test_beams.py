"""Ports, modality and features of fields."""

from __future__ import annotations

import pytest

from doc_review.evidence.beams import features, modality, ports, ports_of_cell


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6x", "photon"),
        ("6 mv", "photon"),
        ("x10 vmat", "photon"),
        ("10x-fff", "photon"),
        ("9 mev", "electron"),
        ("12e en face", "electron"),
        ("6x tangents + 9e boost", "mixed"),
        ("dose 200 cgy", None),
        ("bid x6 fractions", None),
        ("no electrons, 6 mv", "photon"),
    ],
)
def test_modality(text: str, expected: str | None) -> None:
    assert modality(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ap/pa", 2),
        ("ap pa rl ll", 4),
        ("4-field box", 4),
        ("four-field pelvis", 4),
        ("tangents 2 + fif 3", 2),
        ("3 arcs", 3),
        ("opposed laterals", 2),
        ("single pa field", 1),
        ("en face electrons", 1),
        ("rao, lpo", 2),
        ("no fields here", None),
        ("dose 200", None),
    ],
)
def test_ports(text: str, expected: int | None) -> None:
    assert ports(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("3/3", 3), ("a1,a2", 2), ("1a 1b 2a", 3), ("2", 2), ("prosln_sib", None)]
)
def test_ports_of_cell(text: str, expected: int | None) -> None:
    assert ports_of_cell(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("med tang, lat tang 15w", {"tangents", "wedges"}),
        ("fif segments", {"field_in_field"}),
        ("no wedges", set()),
        ("custom blocks cerrobend", {"custom_blocks"}),
        ("mlc shaped ap", {"mlc_shaped"}),
        ("tset 6 dual fields", {"total_skin"}),
        ("arc1", {"rotation"}),
    ],
)
def test_features(text: str, expected: set[str]) -> None:
    assert features(text) == expected
