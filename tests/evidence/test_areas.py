"""Sites that are treated, told apart from sites named."""

from __future__ import annotations

import pytest

from doc_review.evidence.areas import extract
from doc_review.model import EntryKind

from .support import drafts


def areas(text: str, kind: EntryKind) -> list[tuple[str, str | None, str]]:
    """Value, side and assertion of each site."""
    return [(d.value, d.attributes.get("laterality"), d.assertion) for d in drafts(extract, text, kind)]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("He tolerated prostate RT well.", "completion_summary", [("prostate", None)]),
        ("Site: HUMERUS RT", "order", [("humerus", "right")]),
        ("Laterality: [ ] L  [x] R\nSite: kidney", "order", [("kidney", "right")]),
        (
            "Right tonsil and ipsilateral neck, 66 Gy.",
            "prescription",
            [("oropharynx", "right"), ("neck nodes", "right")],
        ),
        ("Treatment site: LUL lung, 50 Gy / 5", "order", [("lung", "left")]),
        ("Treatment site (circle):  lung   breast", "order", []),
        ("[x] Left hip   [ ] Right hip", "order", [("hip", "left")]),
        ("[x] full bladder", "simulation", []),
        ("Site: esophogus 50.4/28", "order", [("esophagus", None)]),
        ("Course   Site        Fx\nC1       L hip       3/5", "treatment_record", [("hip", "left")]),
        ("Plan ID: RtFemur_AP", "plan", [("femur", "right")]),
        ("Rt CW 50 Gy / 25", "order", [("chest wall", "right")]),
        ("Her breast cancer was treated with lumpectomy.", "consultation", []),
        ("Left hip pain better after RT.", "other", []),
        ("Horseshoe target of nodes around the cord C2-C6, 70 Gy in 35 fx.", "prescription", []),
        ("Scan | chin to carina", "simulation", []),
    ],
)
def test_treated(text: str, kind: EntryKind, expected: list[tuple[str, str | None]]) -> None:
    found = [(value, side) for value, side, assertion in areas(text, kind) if assertion == "affirmed"]
    assert found == expected


def test_a_site_has_the_mood_of_its_treatment() -> None:
    assert areas("Left breast s/p lumpectomy + RT 2015.", "consultation") == [
        ("breast", "left", "historical")
    ]
    assert areas("We would offer hip radiation should pain recur.", "consultation") == [
        ("hip", None, "hypothetical")
    ]
