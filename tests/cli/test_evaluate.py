"""``doc-review eval``: where results go, what is told of a single case, and the exit status."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from doc_review.cli import run

from ..scoring.folder import write_case

SUPPORTED = "split: dev\ncodes:\n  - {code: '77301', status: supported}\nfindings: []\n"


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """Three labelled cases and one without a label."""
    root = tmp_path / "set"
    write_case(root, "calmcase", "split: dev\nstyle: plainstyle\ncodes: []\nfindings: []\n")
    write_case(root, "lackcase", SUPPORTED)
    write_case(root, "heldcase", "split: test\ncodes: []\nfindings: []\n")
    return root


def told(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_json_on_stdout_is_one_object_and_nothing_else(gold: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", str(gold), "--split", "dev", "--json", "-", "--workers", "1", "--no-cache"]) == 0
    result = json.loads(capfd.readouterr().out)
    assert result["gold"]["cases"] == 2
    assert result["figures"]["codes.exact"]["hits"] == 1
    assert {"commit", "dirty", "version", "rulebook", "tools"} <= result["made"].keys()
    assert result["settings"]["split"] == "dev"
    assert [case["case_id"] for case in result["cases"] if case["faults"]] == ["lackcase"]


def test_several_processes_give_the_same_figures(gold: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "1.json", tmp_path / "2.json"
    assert run(["eval", str(gold), "--json", str(one), "--workers", "1", "--no-cache"]) == 0
    assert run(["eval", str(gold), "--json", str(two), "--workers", "2", "--no-cache"]) == 0
    for name in ("figures", "tables", "gaps", "unscored", "smallest_change"):
        assert told(one)[name] == told(two)[name]
    assert [c["key"] for c in told(one)["cases"]] == [c["key"] for c in told(two)["cases"]]


def test_the_report_and_its_packets_are_private(gold: Path, tmp_path: Path) -> None:
    page = tmp_path / "out" / "report.html"
    assert run(["eval", str(gold), "--html", str(page), "--workers", "1", "--no-cache"]) == 0
    packets = sorted((tmp_path / "out" / "report-packets").iterdir())
    assert len(packets) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in (page, *packets)} == {0o600}
    text = page.read_text(encoding="utf-8")
    link = next(path.name for path in packets if path.name.startswith("lackcase"))
    assert f'href="report-packets/{link}#show-codes"' in text


def test_aggregate_only_tells_nothing_of_a_case(
    gold: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page, data = tmp_path / "r.html", tmp_path / "r.json"
    write_case(gold, "brokencase", "codes: [{code: '77301'}]\n")
    arguments = [
        "eval",
        str(gold),
        "--aggregate-only",
        "--html",
        str(page),
        "--json",
        str(data),
        "--no-cache",
    ]
    assert run([*arguments, "--workers", "1"]) == 0
    captured = capfd.readouterr()
    everything = captured.out + captured.err + page.read_text("utf-8") + data.read_text("utf-8")
    for secret in ("calmcase", "lackcase", "heldcase", "brokencase", "plainstyle", "Testmann"):
        assert secret not in everything
    assert not (tmp_path / "r-packets").exists()


def test_the_gate_fails_on_new_false_support(
    gold: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = tmp_path / "before.json"
    gate = Path(__file__).resolve().parents[2] / "eval" / "gates" / "default.yaml"
    common = ["eval", str(gold), "--workers", "1", "--no-cache"]
    assert run([*common, "--json", str(before)]) == 0
    assert run([*common, "--compare", str(before), "--gate", str(gate)]) == 0
    better = told(before)
    for case in better["cases"]:
        case["rates"]["codes.exact"] = [1, 1]
    before.write_text(json.dumps(better), encoding="utf-8")
    capfd.readouterr()
    assert run([*common, "--compare", str(before), "--gate", str(gate)]) == 1
    assert "GATE FAILED" in capfd.readouterr().out


def test_a_gate_names_its_baseline(gold: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    gate = tmp_path / "gate.yaml"
    weights = {"false_support": 9, "excess_units": 1, "false_alarm": 1, "wrong_line": 1, "wrong_finding": 1}
    gate.write_text(
        yaml.safe_dump({"title": "t", "weights": weights, "baselines": {"dev": "dev.json"}}), encoding="utf-8"
    )
    common = ["eval", str(gold), "--split", "dev", "--workers", "1", "--no-cache"]
    assert run([*common, "--gate", str(gate)]) == 2
    assert "dev.json is not there" in capfd.readouterr().err
    assert run([*common, "--json", str(tmp_path / "dev.json")]) == 0
    assert run([*common, "--gate", str(gate)]) == 0
    assert "AGAINST THE BASELINE (2 cases in both)" in capfd.readouterr().out


def test_runs_on_a_logged_split_are_logged(gold: Path, tmp_path: Path) -> None:
    (gold / "eval.yaml").write_text("log: {test: ../runs.csv}\n", encoding="utf-8")
    for split in ("dev", "test", "test"):
        assert run(["eval", str(gold), "--split", split, "--workers", "1", "--no-cache"]) == 0
    rows = list(csv.DictReader((tmp_path / "runs.csv").read_text("utf-8").splitlines()))
    assert [row["split"] for row in rows] == ["test", "test"]
    assert rows[0]["codes.exact"] == "1.0000"


def test_unlabelled_cases_are_listed(gold: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_case(gold, "bare", None)
    assert run(["eval", str(gold), "--workers", "1", "--no-cache"]) == 0
    captured = capfd.readouterr()
    assert "bare: has no gold.yaml" in captured.err
    assert "cases of the folder that cannot be used: 1" in captured.out
    assert "the course is not labelled" in captured.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--split", "wild"], "no usable labelled case of split wild"),
        (["--html", "-"], "only --json can be written to stdout"),
        (["--compare", "nowhere.json"], "is no run of doc-review eval"),
        (["--gate", "nowhere.yaml"], "cannot be read as a gate"),
    ],
)
def test_arguments_that_cannot_be_used(
    gold: Path, arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["eval", str(gold), *arguments]) == 2
    error = capfd.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1
