"""No document text in any log, and files that hold chart text are the user's alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from tests.documents import made_dicom

NAME = "Quizzleforth"
NOTE = f"""RADIATION ONCOLOGY CONSULTATION
Patient: {NAME}, Perpetua    MRN 99187726   DOB 01/02/1950
Date of service: 03/04/2025
Ms. {NAME} will be treated with IMRT to the right tonsil and both necks, 70 Gy in 35 fractions.
Electronically signed by Ada Lumley, MD 03/04/2025 10:00
"""
EVERY_LOGGER_AT_DEBUG = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, force=True)
from doc_review.cli import run
status = run(sys.argv[1:])
for name in list(logging.root.manager.loggerDict):
    logging.getLogger(name).setLevel(logging.DEBUG)
status = run(sys.argv[1:])
sys.exit(status)
"""


def test_no_text_is_logged_with_every_logger_at_debug(tmp_path: Path) -> None:
    documents = tmp_path / "case" / "documents"
    documents.mkdir(parents=True)
    (documents / "consult.txt").write_text(NOTE, encoding="utf-8")
    (documents / "broken.pdf").write_bytes(b"%PDF-1.4 " + NAME.encode())
    plan = made_dicom.plan(made_dicom.arc(), PatientName=f"{NAME}^Perpetua", RTPlanLabel=NAME)
    (documents / "plan.dcm").write_bytes(made_dicom.saved(plan, preamble=False))
    (documents / "broken.dcm").write_bytes(made_dicom.saved(plan)[:-300])
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            EVERY_LOGGER_AT_DEBUG,
            "review",
            str(tmp_path / "case"),
            "--json",
            str(tmp_path / "out.json"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "LOGURU_LEVEL": "TRACE"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert NAME.lower() not in done.stderr.lower()
    assert NAME in (tmp_path / "out.json").read_text(encoding="utf-8")


def test_files_with_chart_text_are_private(tmp_path: Path) -> None:
    from doc_review.cli import run

    documents = tmp_path / "case" / "documents"
    documents.mkdir(parents=True)
    (documents / "consult.txt").write_text(NOTE, encoding="utf-8")
    out = tmp_path / "new" / "packet.html"
    assert (
        run(["review", str(tmp_path / "case"), "--html", str(out), "--json", str(tmp_path / "r.json")]) == 0
    )
    for path in (out, tmp_path / "r.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(out.parent.stat().st_mode) == 0o700
