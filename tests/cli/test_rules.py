"""The ``rules`` commands: what they print, their exit status, and that they load nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from doc_review.cli import run

DATA = Path(__file__).parent.parent / "rules" / "data"


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["list", "--on", "2026-01-01"], 0, "32 codes in force on 2026-01-01"),
        (["show", "g6015", "--on", "2025-01-01"], 0, "G6015  IMRT delivery"),
        (["show", "77301"], 0, "REQUIRES"),
        (["diff", "2025-12-31", "2026-01-01"], 0, "CHANGED MEANING"),
        (["check"], 0, "0 defects"),
        (["stale", "--on", "2030-01-01"], 0, "not verified for 180 days"),
        (["stale", "--on", "2025-12-01"], 0, "2025-12-31  codes 77386"),
        (["verify", "--as-of", "2024-07-01", "--mue", str(DATA / "mue_hospital.csv")], 0, "unexplained: 0"),
        (["verify", "--as-of", "2024-07-01", "--ptp", str(DATA / "ptp_practitioner.txt")], 1, "77301/77336"),
    ],
)
def test_commands(arguments: list[str], status: int, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", *arguments]) == status
    captured = capfd.readouterr()
    assert text in captured.out
    assert captured.err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "77999"],
        ["list", "--on", "2023-12-31"],
        ["diff", "2025-12-31", "soon"],
        ["verify", "--as-of", "2024-07-01"],
        ["verify", "--as-of", "2024-07-01", "--ptp", "nothing.zip", "--setting", "practitioner"],
        ["verify", "--as-of", "2024-07-01", "--mue", str(DATA / "mue_hospital.csv"), "--setting", "both"],
    ],
)
def test_what_cannot_be_answered_is_one_line(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", *arguments]) == 2
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


def test_rule_tests_run_and_pass(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "test"]) == 0
    assert "rule tests pass" in capfd.readouterr().out


def test_rules_commands_import_nothing_heavy() -> None:
    program = (
        "import sys; from doc_review.cli import run\n"
        "for line in ('list', 'show 77301', 'diff 2025-12-31 2026-01-01', 'check', 'stale'):\n"
        "    assert run(['rules', *line.split()]) == 0\n"
        "heavy = {'spacy', 'medspacy', 'pypdfium2', 'pdfplumber', 'numpy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
