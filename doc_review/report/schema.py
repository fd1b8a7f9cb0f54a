"""Turns the typed values into the JSON Schema of the output of ``review``."""

from __future__ import annotations

import json
from typing import Any

from ..model import SCHEMA_VERSION, Review


def output_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one review object.

    Every key but ``comparison`` and ``scope`` is always present. Further keys may come with later versions, so
    unknown ones are allowed.
    """
    schema = Review.model_json_schema(mode="serialization")
    schema["required"] = [key for key in schema["required"] if key not in ("comparison", "scope")]
    comparison = schema["properties"]["comparison"]
    rows = next(option for option in comparison.pop("anyOf") if option.get("type") == "array")
    schema["properties"]["comparison"] = rows | {"description": "Only present when lines were billed."}
    scope = next(option for option in schema["properties"]["scope"].pop("anyOf") if "$ref" in option)
    schema["properties"]["scope"] = scope | {
        "description": "Only present in a what-if review or one of a window of days."
    }
    _open(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"doc-review output {SCHEMA_VERSION}",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def to_schema_json() -> bytes:
    """The schema as indented JSON in UTF-8 that ends with a newline."""
    return (json.dumps(output_schema(), ensure_ascii=False, indent=2) + "\n").encode()


def _open(node: Any) -> None:
    if isinstance(node, dict):
        if node.get("additionalProperties") is False:
            del node["additionalProperties"]
        for value in node.values():
            _open(value)
    elif isinstance(node, list):
        for value in node:
            _open(value)
