"""Sites joined into contiguous treatment areas."""

from __future__ import annotations

import pytest

from doc_review.courses.areas import area_items, prostate_or_breast, treatment_areas
from doc_review.evidence.areas import extract
from doc_review.model import Evidence

from ..evidence.support import drafts
from .support import item, view


def sites(text: str) -> list[Evidence]:
    """Site evidence of an order line."""
    return [
        item("treatment_area", draft.value, assertion=draft.assertion, **draft.attributes)
        for draft in drafts(extract, text, "order")
    ]


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("Site: prostate + seminal vesicles + pelvic nodes", 1),
        ("Site: left breast and right breast", 2),
        ("Site: bilateral breasts", 2),
        ("Site: left breast, left axilla, SCV and IMN nodes", 1),
        ("Site: left chest wall and supraclavicular nodes", 1),
        ("Site: right tonsil and bilateral neck", 1),
        ("Site: right upper lobe lung, hilum and mediastinum", 1),
        ("Site: whole brain", 1),
        ("Site: T8-T10", 1),
        ("Site: T8-T10, L4", 2),
        ("Site: T11-T12, L1-L2", 1),
        ("Site: T-spine T8-T10, left hip, right humerus", 3),
        ("Site: anal canal, pelvic and inguinal nodes", 1),
        ("Site: endometrium, pelvic and para-aortic nodes", 1),
        ("Site: left femur and left hip", 1),
        ("Site: left femur and right femur", 2),
        ("Site: prostatic fossa", 1),
    ],
)
def test_contiguity(line: str, count: int) -> None:
    assert len(treatment_areas(area_items([view("order", *sites(line))]))) == count


def test_the_order_outranks_prose() -> None:
    prose = item("treatment_area", "lung", family="thorax", role="mention", strength="stated")
    order = item(
        "treatment_area",
        "prostate",
        family="pelvis",
        role="order",
        strength="field",
        prostate_breast="prostate",
    )
    assert [area.value for area in treatment_areas([prose, order])] == ["prostate"]


def test_levels_of_delivery_before_2026() -> None:
    assert prostate_or_breast(sites("Site: prostate")) == (True, False)
    assert prostate_or_breast(sites("Site: prostate and pelvic nodes")) == (True, True)
    assert prostate_or_breast(sites("Site: right breast")) == (True, False)
    assert prostate_or_breast(sites("Site: left breast")) == (True, True)
    assert prostate_or_breast(sites("Site: right tonsil and bilateral neck")) == (False, False)
    assert prostate_or_breast(sites("Site: prostate and left femur")) == (False, False)
