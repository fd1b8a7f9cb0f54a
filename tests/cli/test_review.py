"""``doc-review review``: where results go, what stderr tells, and the exit status."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from doc_review.case import CaseFiles
from doc_review.cli import run
from doc_review.cli.review import Outputs, review_path
from doc_review.review import Reviewed, ReviewOptions

from ..report.builder import chart, review

Cases = Callable[..., Path]


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    """Makes a folder of cases with one short note each."""

    def make(*names: str) -> Path:
        for name in names:
            folder = tmp_path / "list" / name / "documents"
            folder.mkdir(parents=True)
            (folder / "note.txt").write_text("Consultation\nNothing was done.\n", encoding="utf-8")
        return tmp_path / "list"

    return make


def ready(case: CaseFiles, options: ReviewOptions) -> Reviewed:
    """A reviewer that has its answer ready, and stumbles over a case called ``bad``."""
    if case.case_id == "bad":
        raise KeyError("text of the chart")
    result = review(case_id=case.case_id)
    return Reviewed(result, chart(result))


def test_json_on_stdout_is_one_object_and_nothing_else(
    cases: Cases, capfd: pytest.CaptureFixture[str]
) -> None:
    assert review_path(cases("a") / "a", Outputs(json=Path("-")), reviewer=ready) == 0
    captured = capfd.readouterr()
    assert json.loads(captured.out)["case_id"] == "a"
    assert captured.err == ""


def test_a_worklist_on_stdout_is_json_lines(cases: Cases, capfd: pytest.CaptureFixture[str]) -> None:
    assert review_path(cases("a", "b"), Outputs(json=Path("-")), reviewer=ready) == 0
    captured = capfd.readouterr()
    assert [json.loads(line)["case_id"] for line in captured.out.splitlines()] == ["a", "b"]
    assert captured.err.splitlines() == ["[1/2] a", "[2/2] b"]


def test_every_output_of_a_case_is_written_private(
    cases: Cases, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    outputs = Outputs(json=out / "r.json", html=out / "r.html", csv=out / "r.csv")
    assert review_path(cases("a") / "a", outputs, reviewer=ready) == 0
    assert "DO NOT BILL" in capfd.readouterr().out
    for name in ("r.json", "r.html", "r.csv"):
        assert stat.S_IMODE((out / name).stat().st_mode) == 0o600
    assert json.loads((out / "r.json").read_text(encoding="utf-8"))["case_id"] == "a"


def test_a_folder_for_the_packet_of_one_case(cases: Cases, tmp_path: Path) -> None:
    assert review_path(cases("a") / "a", Outputs(html=tmp_path / "out"), reviewer=ready) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.html"]


def test_a_worklist_writes_index_summary_and_packets(
    cases: Cases, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    outputs = Outputs(html=tmp_path / "out", csv=tmp_path / "all.csv")
    assert review_path(cases("a", "bad", "c"), outputs, reviewer=ready) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["a.html", "c.html", "index.html", "summary.csv"]
    assert (tmp_path / "all.csv").read_bytes().count(b"77301") == 2
    captured = capfd.readouterr()
    assert "NOT REVIEWED" in captured.out
    assert 'href="c.html"' in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_an_unforeseen_error_is_one_line_without_chart_text(
    cases: Cases, capfd: pytest.CaptureFixture[str]
) -> None:
    assert review_path(cases("bad") / "bad", Outputs(), reviewer=ready) == 2
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == "doc-review: bad: unexpected KeyError; set DOC_REVIEW_DEBUG=1 for the traceback\n"


def test_a_failure_leaves_the_last_results(cases: Cases, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("{}", encoding="utf-8")
    outputs = Outputs(json=tmp_path / "r.json", csv=tmp_path / "r.csv")
    assert review_path(cases("bad") / "bad", outputs, reviewer=ready) == 2
    assert (tmp_path / "r.json").read_text(encoding="utf-8") == "{}"
    assert not (tmp_path / "r.csv").exists()


def test_a_worklist_needs_a_folder_for_its_packets(
    cases: Cases, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["review", str(cases("a", "b")), "--html", str(tmp_path / "x.html")]) == 2
    assert "need a folder" in capfd.readouterr().err


def test_a_case_that_cannot_be_used_does_not_stop_the_others(
    cases: Cases, capfd: pytest.CaptureFixture[str]
) -> None:
    path = cases("a", "b")
    (path / "b" / "case.yaml").write_text("payer: nobody\n", encoding="utf-8")
    assert review_path(path, Outputs(), reviewer=ready) == 0
    captured = capfd.readouterr()
    assert "b/case.yaml" in captured.err
    assert "NOT REVIEWED" in captured.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["review"], "Missing argument"),
        (["review", "nowhere"], "nowhere"),
        (["review", "{case}", "--bogus"], "No such option"),
        (["review", "{case}", "--html", "-"], "only --json can be written to stdout"),
        (["review", "{case}", "--json", "x", "--csv", "x"], "the same file"),
        (["review", "{case}", "--json", "{case}"], "is a folder"),
        (["review", "{case}", "--providers", "nowhere.yaml"], "nowhere.yaml"),
        (["bogus"], "No such command"),
        ([], "Missing command"),
    ],
)
def test_bad_arguments_are_one_line_and_status_2(
    cases: Cases, arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    case = str(cases("a") / "a")
    assert run([item.replace("{case}", case) for item in arguments]) == 2
    captured = capfd.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.startswith("doc-review: ")
    assert captured.err.count("\n") == 1


def test_an_unknown_profile_is_one_line(cases: Cases, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["review", str(cases("a") / "a"), "--profile", "nobody"]) == 2
    captured = capfd.readouterr()
    assert "nobody" in captured.err
    assert captured.err.count("\n") == 1


def test_a_chart_that_cannot_be_read_is_status_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a" / "documents").mkdir(parents=True)
    (tmp_path / "a" / "documents" / "x.pdf").write_bytes(b"%PDF-1.7 broken")
    assert run(["review", str(tmp_path / "a")]) == 2
    assert "a: " in capfd.readouterr().err


def test_a_whole_review_of_an_example_chart(shared_data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    case = shared_data / "charts" / "chart-d05"
    assert run(["review", str(case), "--json", "-"]) == 0
    first = capfd.readouterr()
    data = json.loads(first.out)
    assert data["case_id"] == "chart-d05"
    assert first.err == ""
    assert run(["review", str(case), "--json", "-"]) == 0
    assert capfd.readouterr().out == first.out
    for item in data["evidence"][:20]:
        citation = item["citation"]
        arguments = ["text", str(case), citation["document"], "--page", str(citation["page"])]
        assert run(arguments) == 0
        page = capfd.readouterr().out
        assert page[citation["start"] : citation["end"]] == citation["quote"]
