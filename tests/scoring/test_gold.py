"""Gold folders read: splits, what is not labelled, and labels that are not well formed."""

from __future__ import annotations

from pathlib import Path

import pytest

from doc_review.errors import InputError
from doc_review.scoring.gold import open_gold

from .folder import write_case


def test_the_cases_of_a_split(tmp_path: Path) -> None:
    write_case(tmp_path, "a", "split: dev\ncodes: []\n")
    write_case(tmp_path, "b", "split: test\ncodes: []\n")
    assert [case.files.case_id for case in open_gold(tmp_path, "test").cases] == ["b"]
    assert len(open_gold(tmp_path).cases) == 2
    with pytest.raises(InputError, match="split wild; it has dev, test"):
        open_gold(tmp_path, "wild")


def test_what_a_label_leaves_out_is_not_labelled(tmp_path: Path) -> None:
    write_case(tmp_path, "a", "codes:\n  - {code: 77301, status: blocked, dates: ['2025-03-12']}\n")
    label = open_gold(tmp_path).cases[0].label
    assert label.codes is not None
    assert (label.codes[0].code, label.codes[0].units, label.codes[0].dates) == ("77301", 1, ("2025-03-12",))
    assert (label.findings, label.comparison, label.course, label.items) == (None, None, None, None)


def test_only_course_fields_that_stand_there_are_labelled(tmp_path: Path) -> None:
    write_case(tmp_path, "a", "course: {isocenters: null, treatment_areas: [prostate, sacrum]}\n")
    assert open_gold(tmp_path).cases[0].label.course == {"isocenters": None, "treatment_areas": 2}


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("coodes: []\n", r"b/gold\.yaml: coodes: "),
        ("codes:\n  - {code: '77301'}\n", r"b/gold\.yaml: codes\.0\.status: "),
        ("codes: [\n", r"b/gold\.yaml:2: is no valid YAML"),
        ("just text\n", r"b/gold\.yaml: file: "),
        (None, r"b: has no gold\.yaml"),
    ],
)
def test_a_case_that_cannot_be_used_is_a_line(tmp_path: Path, label: str | None, told: str) -> None:
    write_case(tmp_path, "a")
    write_case(tmp_path, "b", label)
    gold = open_gold(tmp_path)
    assert [case.files.case_id for case in gold.cases] == ["a"]
    assert len(gold.unusable) == 1
    import re

    assert re.match(told, gold.unusable[0])


def test_the_digest_is_of_documents_and_labels(tmp_path: Path) -> None:
    folder = write_case(tmp_path, "a")
    before = open_gold(tmp_path).digest
    assert open_gold(tmp_path).digest == before
    (folder / "gold.yaml").write_text("codes: []\n", encoding="utf-8")
    middle = open_gold(tmp_path).digest
    (folder / "documents" / "note.txt").write_text("other", encoding="utf-8")
    assert len({before, middle, open_gold(tmp_path).digest}) == 3


def test_one_case_is_a_gold_folder_too(tmp_path: Path) -> None:
    gold = open_gold(write_case(tmp_path, "a"))
    assert [case.files.case_id for case in gold.cases] == ["a"]


def test_a_file_or_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        open_gold(tmp_path / "nowhere")
    write_case(tmp_path, "a", None)
    with pytest.raises(InputError, match="holds no usable labelled case"):
        open_gold(tmp_path)
