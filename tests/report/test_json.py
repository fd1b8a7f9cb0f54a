"""The contract's JSON: order of keys, stable bytes, one object a line."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from doc_review.model import Course, Order, Plan
from doc_review.report.json import as_dict, to_json, to_json_line
from doc_review.report.schema import output_schema

from .builder import CONSULT, evidence, review

TOP = [
    "schema_version",
    "case_id",
    "engine",
    "context",
    "documents",
    "evidence",
    "courses",
    "suggestions",
    "findings",
    "comparison",
    "coverage",
]


def test_keys_stand_in_contract_order() -> None:
    data = json.loads(to_json(review()))
    assert list(data) == TOP
    assert list(data["engine"]) == ["version", "rulebook", "profile", "tools", "llm"]
    assert list(data["engine"]["tools"]) == ["medspacy", "pdfium"]
    assert list(data["evidence"][0]["citation"]) == [
        "document",
        "entry",
        "page",
        "start",
        "end",
        "quote",
        "boxes",
        "also",
    ]


def test_items_of_a_course_start_with_the_contract_keys() -> None:
    course = Course(orders=(Order(signer="I. Braun"),), plans=(Plan(label="P1"),))
    data = as_dict(review(courses=(course,)))["courses"][0]
    assert list(data["orders"][0])[:8] == [
        "date",
        "technique",
        "modality",
        "signer",
        "role",
        "signed",
        "mark_only",
        "evidence",
    ]
    assert list(data["plans"][0]["approval"])[:5] == ["state", "by", "role", "date", "kind"]
    assert set(data["orders"][0]) == set(Order.model_fields)


def test_comparison_is_absent_where_nothing_was_billed() -> None:
    assert "comparison" not in as_dict(review(comparison=None))
    assert as_dict(review(comparison=()))["comparison"] == []


def test_floats_do_not_show_their_last_bits() -> None:
    data = as_dict(review())
    assert data["evidence"][4]["confidence"] == 0.3
    assert data["evidence"][2]["citation"]["boxes"][0]["x1"] == 260.12


def test_bytes_are_the_same_twice_and_end_with_one_newline() -> None:
    assert to_json(review()) == to_json(review())
    assert to_json(review()).endswith(b"}\n")
    assert json.loads(to_json(review())) == json.loads(to_json_line(review()))


def test_a_json_line_is_one_line_for_every_reader() -> None:
    quote = "a\u2028b\u0085c\u202ed\ud800e\x1cf"
    item = evidence("e1", "plan", "01_consult.txt", quote, quote, value="x")
    line = to_json_line(review(evidence=(item,)))
    assert len(line.decode("utf-8").splitlines()) == 1
    assert json.loads(line)["evidence"][0]["citation"]["quote"] == quote


def test_umlauts_stay_readable() -> None:
    assert "Müller".encode() in to_json(review(case_id="Müller"))


def test_output_is_valid_under_its_schema() -> None:
    schema = output_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(as_dict(review()))
    validator.validate(as_dict(review(comparison=None)))
    assert list(validator.iter_errors({"case_id": "x"}))


def test_quotes_stay_verbatim(tmp_path: Path) -> None:
    data = as_dict(review())
    citation = data["evidence"][0]["citation"]
    assert CONSULT[citation["start"] : citation["end"]] == citation["quote"]
