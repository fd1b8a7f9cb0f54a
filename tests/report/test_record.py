"""A recorded review is reproduced byte for byte, or the replay says what differs."""

from __future__ import annotations

import datetime as dt
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from doc_review.case import open_cases
from doc_review.cli import run
from doc_review.errors import InputError
from doc_review.model import Scope
from doc_review.report.json import to_json
from doc_review.report.record import changed_documents, differences, replay, to_record
from doc_review.review import Reviewed, ReviewOptions, review_case

CASE = "prostate-vmat-clean-2025"


@pytest.fixture(scope="module")
def reviewed(request: pytest.FixtureRequest) -> Reviewed:
    case = open_cases(request.getfixturevalue("gold_set") / CASE).cases[0]
    return review_case(case, ReviewOptions())


def altered(line: bytes, change: Any) -> bytes:
    data = json.loads(line)
    change(data)
    return json.dumps(data).encode()


def test_a_replay_gives_the_same_bytes(reviewed: Reviewed) -> None:
    line = to_record(reviewed)
    assert line.count(b"\n") == 1
    assert to_record(reviewed) == line
    replayed = replay(line, "r")
    assert replayed.differences == ()
    assert replayed.output == to_json(reviewed.review)


@pytest.mark.parametrize(
    "scope",
    [Scope(on=dt.date(2026, 1, 1)), Scope(date_from=dt.date(2025, 5, 1), date_to=dt.date(2025, 5, 31))],
)
def test_the_scope_is_replayed(gold_set: Path, scope: Scope) -> None:
    case = open_cases(gold_set / CASE).cases[0]
    reviewed = review_case(case, ReviewOptions(scope=scope))
    replayed = replay(to_record(reviewed), "r")
    assert replayed.differences == ()
    assert replayed.output == to_json(reviewed.review)


def test_a_changed_fact_is_told_by_what_follows(reviewed: Reviewed) -> None:
    def unsign(data: Any) -> None:
        for course in data["record"]["courses"]:
            course["necessity"] = []

    lines = replay(altered(to_record(reviewed), unsign), "r").differences
    assert any(line.startswith("code: 77301") and "blocked" in line for line in lines)
    assert "finding: missing_necessity_statement here, not recorded" in lines


def test_another_engine_is_told(reviewed: Reviewed) -> None:
    output = json.loads(to_json(reviewed.review))
    other = json.loads(to_json(reviewed.review))
    other["engine"]["rulebook"] = "us-radiotherapy@0"
    other["engine"]["tools"]["spacy"] = "9"
    lines = list(differences(output, other))
    assert len(lines) == 2
    assert any(line.startswith("rulebook: us-radiotherapy@") for line in lines)
    assert any(line.startswith("spacy: ") and line.endswith("9 here") for line in lines)


def test_a_file_that_is_no_record_is_refused(reviewed: Reviewed) -> None:
    line = to_record(reviewed)
    for bad in (b"", b"{}", b"\xff", b"[1]", to_json(reviewed.review).replace(b"\n", b"")):
        with pytest.raises(InputError, match="is no record"):
            replay(bad, "r")

    def edit(data: Any) -> None:
        data["output"]["suggestions"][0]["units"] += 1

    with pytest.raises(InputError, match="was altered"):
        replay(altered(line, edit), "r")

    def future(data: Any) -> None:
        data["record"]["courses"][0]["phase"] = 3

    with pytest.raises(InputError, match="does not read"):
        replay(altered(line, future), "r")


def test_changed_documents_are_named(reviewed: Reviewed) -> None:
    line = to_record(reviewed)
    assert changed_documents(line, "r", reviewed.review) == ()
    first, *others = reviewed.review.documents
    other = first.model_copy(update={"sha256": "0" * 64})
    now = reviewed.review.model_copy(update={"documents": (other, *others[1:])})
    lines = changed_documents(line, "r", now)
    assert f"document {first.id}: its content changed" in lines
    assert f"document {others[0].id}: no longer there" in lines
    now = reviewed.review.model_copy(update={"evidence": reviewed.review.evidence[1:]})
    assert len(changed_documents(line, "r", now)) == 1


def test_record_and_replay_by_command(
    gold_set: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    record, first, second = (tmp_path / name for name in ("r.jsonl", "a.json", "b.json"))
    case = str(gold_set / CASE)
    assert run(["review", case, "--no-cache", "--record", str(record), "--json", str(first)]) == 0
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    capfd.readouterr()
    assert run(["replay", str(record), "--json", str(second), "--case", case]) == 0
    assert "reproduced byte for byte" in capfd.readouterr().out
    assert first.read_bytes() == second.read_bytes()
    assert stat.S_IMODE(second.stat().st_mode) == 0o600
    assert run(["replay", str(record), "--json", "-"]) == 0
    assert capfd.readouterr().out.encode() == first.read_bytes()

    def unsign(data: Any) -> None:
        data["record"]["courses"][0]["necessity"] = []

    record.write_bytes(altered(record.read_bytes(), unsign))
    assert run(["replay", str(record)]) == 1
    assert "code: 77301" in capfd.readouterr().out
    record.write_bytes(b"")
    assert run(["replay", str(record)]) == 2
    assert run(["replay", str(tmp_path / "nothing")]) == 2
    assert capfd.readouterr().err.count("\n") == 2


def test_scope_is_marked_in_every_report(
    gold_set: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    outputs = [str(tmp_path / name) for name in ("a.json", "a.html", "a.csv")]
    files = ["--json", outputs[0], "--html", outputs[1], "--csv", outputs[2], "--no-cache"]
    window = ["--from", "2025-05-01", "--to", "2025-05-31"]
    assert run(["review", str(gold_set / CASE), "--on", "2026-01-01", *window, *files]) == 0
    texts = [capfd.readouterr().out, *(Path(path).read_text(encoding="utf-8") for path in outputs[1:])]
    for text in texts:
        assert "WHAT-IF: the rules of" in text
        assert "WINDOW: only services from" in text
    scope = json.loads(Path(outputs[0]).read_bytes())["scope"]
    assert scope == {"on": "2026-01-01", "date_from": "2025-05-01", "date_to": "2025-05-31"}
    for bad in (["--on", "2020-01-01"], ["--from", "2025-02-01", "--to", "2025-01-01"], ["--on", "May"]):
        assert run(["review", str(gold_set / CASE), *bad]) == 2
        captured = capfd.readouterr()
        assert (captured.out, captured.err.count("\n")) == ("", 1)
