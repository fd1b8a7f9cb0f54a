"""The small commands: text, schema, cache, version, help; and that nothing else speaks on stderr."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from doc_review import __version__
from doc_review.cli import run
from doc_review.cli.logging import quiet

NOTE = "Zeile 1 \u00fc\r\n\tL2 [x]\x0c\nno newline at the end"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = tmp_path / "a" / "documents" / "sub"
    folder.mkdir(parents=True)
    (folder / "note.txt").write_bytes(NOTE.encode())
    return tmp_path / "a"


def test_text_is_printed_byte_for_byte(case: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for more in ([], ["--page", "1"]):
        assert run(["text", str(case), "sub/note.txt", *more]) == 0
        captured = capfdbinary.readouterr()
        assert captured.out == NOTE.encode()
        assert captured.err == b""


def test_pages_are_parted_by_form_feeds(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    sheet = Canvas(str(case / "documents" / "two.pdf"), invariant=1)
    for text in ("first page", "second page"):
        sheet.drawString(72, 720, text)
        sheet.showPage()
    sheet.save()
    printed = []
    for more in ([], ["--page", "1"], ["--page", "2"]):
        assert run(["text", str(case), "two.pdf", *more]) == 0
        printed.append(capfd.readouterr().out)
    assert printed[0] == printed[1] + "\f" + printed[2]
    assert "second page" in printed[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sub/nothing.txt"], "has no document sub/nothing.txt"),
        (["sub/note.txt", "--page", "2"], "has no page 2"),
        (["sub/note.txt", "--page", "0"], "--page"),
        (["sub/note.txt", "--page", "one"], "--page"),
    ],
)
def test_what_is_not_there_is_one_line(
    case: Path, arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["text", str(case), *arguments]) == 2
    captured = capfd.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1


def test_text_of_a_skipped_document_tells_the_reason(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (case / "documents" / "x.bin").write_bytes(bytes(range(256)) * 8)
    assert run(["text", str(case), "x.bin"]) == 2
    assert "x.bin: " in capfd.readouterr().err


def test_schema_is_json(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert "suggestions" in json.loads(capfd.readouterr().out)["properties"]


def test_version_and_help(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capfd.readouterr().out == f"doc-review {__version__}\n"
    for arguments in (["--help"], ["review", "-h"], ["text", "--help"], ["cache", "purge", "--help"]):
        assert run(arguments) == 0
        captured = capfd.readouterr()
        assert captured.out.startswith("Usage: doc-review")
        assert max(len(line) for line in captured.out.splitlines()) <= 100
        assert captured.err == ""


def test_cache_purge_removes_what_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from doc_review.documents import cache

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache.store(cache.default_folder(), "key", b"{}")
    assert run(["cache", "purge"]) == 0
    assert cache.load(cache.default_folder(), "key") is None
    assert "removed 1" in capfd.readouterr().err


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from doc_review.cli import run; run(['--help']); "
        "heavy = {'spacy', 'medspacy', 'pypdfium2', 'pdfplumber', 'pydantic', 'rich', 'jinja2', 'numpy'}; "
        "sys.exit(1 if heavy & set(sys.modules) else 0)"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    assert time.perf_counter() - start < 2


def test_a_reader_that_goes_away_is_no_error(case: Path) -> None:
    (case / "documents" / "long.txt").write_text("line\n" * 100_000, encoding="utf-8")
    program = "from doc_review.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "text", str(case), "long.txt"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 0
    process.stderr.close()


def test_libraries_are_quiet_while_a_command_runs(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        logging.getLogger("pdfminer").error("text of the chart")
        warnings.warn("text of the chart", stacklevel=1)
        from loguru import logger

        logger.error("text of the chart")
    assert capfd.readouterr().err == ""
