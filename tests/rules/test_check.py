"""The check finds every seeded defect of a rulebook, with a witness, and none in the built-in one."""

from __future__ import annotations

import pytest

from doc_review.rules import Rulebook, load_rulebook
from doc_review.rules.check import check_rulebook

from .conftest import Edit


def test_the_rulebook_has_no_defect(rulebook: Rulebook) -> None:
    assert [str(d) for d in check_rulebook(rulebook)] == []


SEEDED = [
    ("tables/simulation_level.yaml", "simulation_areas: two}", "simulation_areas: one}", "gap", {"simulation_areas": "two"}),
    ("tables/simulation_level.yaml", "simulation_areas: two}", "simulation_areas: [one, two]}", "shadowed", {"simulation_areas": "one"}),
    ("tables/simulation_level.yaml", "simulation_areas: unknown}", "simulation_areas: two}", "shadowed", {"simulation_areas": "two"}),
    ("tables/delivery_level.yaml", "{delivery_family: mixed}", "{delivery_family: electron}", "gap", {"delivery_family": "mixed"}),
    ("tables/delivery_level.yaml", "isocenters: several}", "isocenters: [several, one]}", "overlap", {"isocenters": "one"}),
    ("tables/delivery_level.yaml", "    to: 2025-12-31", "    to: 2025-11-30", "gap", None),
    ("tables/delivery_level.yaml", 'code: "77407"\n        arguable', 'code: "77437"\n        arguable', "period", None),
    ("tables/delivery_level.yaml", "code: G6016", "code: G6015", "dead", None),
    ("codes.yaml", '"77386":\n  label: "IMRT delivery, complex (through 2025)"\n  scope: core\n  service: delivery\n  versions:\n    - {from: 2024-01-01, to: 2025-12-31', '"77386":\n  label: "IMRT delivery, complex (through 2025)"\n  scope: core\n  service: delivery\n  versions:\n    - {from: 2024-01-01, to: 2025-11-30', "period", None),
    ("services/physics.yaml", "    from: 2024-01-01\n", "    from: 2025-01-01\n", "gap", None),
    ("edits.yaml", "- {col1", "- {col1: \"77301\", col2: \"77290\", indicator: 0, scope: same_day, tables: [practitioner], from: 2025-01-01, references: [ncci_ptp]}\n- {col1", "overlap", None),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "kind", "witness"), SEEDED)
def test_a_seeded_defect_is_found(
    edited: Edit, file: str, old: str, new: str, kind: str, witness: dict[str, str] | None
) -> None:
    defects = check_rulebook(load_rulebook(edited(file, old, new)))
    hits = [d for d in defects if d.kind == kind]
    assert hits, [str(d) for d in defects]
    if witness is not None:
        assert any(d.witness is not None and witness.items() <= d.witness.items() for d in hits)
        assert "for example" in str(hits[0])


def test_an_unused_reference_is_dead(edited: Edit) -> None:
    folder = edited(
        "references.yaml",
        "coding_policy:",
        "idle:\n  title: t\n  locator: l\n  effective_from: 2024-01-01\n  verified_on: 2026-01-01\ncoding_policy:",
    )
    assert [d.where for d in check_rulebook(load_rulebook(folder))] == ["references/idle"]


@pytest.mark.parametrize(
    ("old", "new", "where", "text"),
    [
        (
            "named_motion_unclear, ",
            "",
            "overlap",
            "article_intermediate and named_motion_unclear both decide",
        ),
        ("[several_isocenters,", "[two_d, several_isocenters,", "dead", "is no exception to row two_d"),
        (", imrt_site: prostate_breast}", "}", "overlap", "article_intermediate_site and article_complex"),
    ],
)
def test_an_exception_names_exactly_what_it_overrides(
    edited: Edit, old: str, new: str, where: str, text: str
) -> None:
    found = check_rulebook(load_rulebook(edited("profiles.yaml", old, new)))
    assert any(d.kind == where and text in d.text for d in found)
