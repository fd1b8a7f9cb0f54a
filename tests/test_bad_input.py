"""Input that is empty, missing, damaged or wrong: one line that names the file and the mend, never a traceback."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from doc_review.cli import run

GOLD = Path(__file__).resolve().parent.parent / "gold_set"
NOTE = "CT SIMULATION NOTE\nDate of service: 03/04/2025\nSupine, no contrast.\n"


def outcome(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of one command line."""
    status = run(list(arguments))
    out, err = capfd.readouterr()
    assert "Traceback" not in out + err
    return status, out, err


def case(folder: Path, **documents: bytes) -> Path:
    """A case with documents given as file name (``__`` for a dot) to bytes."""
    (folder / "documents").mkdir(parents=True)
    for name, data in documents.items():
        (folder / "documents" / name.replace("__", ".")).write_bytes(data)
    return folder


@pytest.mark.parametrize("path", ["missing", "missing.zip"])
def test_a_missing_path(path: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, _, err = outcome(capfd, "review", str(tmp_path / path))
    assert status == 2
    assert len(err.strip().splitlines()) == 1
    assert path in err


def test_an_empty_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    status, _, err = outcome(capfd, "review", str(tmp_path / "empty"))
    assert status == 2
    assert "empty" in err
    assert len(err.strip().splitlines()) == 1


def test_a_wrong_field_in_case_yaml(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = case(tmp_path / "c", a__txt=NOTE.encode())
    (folder / "case.yaml").write_text("payor: medicare\n", encoding="utf-8")
    status, _, err = outcome(capfd, "review", str(folder))
    assert status == 2
    assert "case.yaml" in err
    assert "payor" in err
    assert len(err.strip().splitlines()) == 1


DAMAGED = {
    "truncated__pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog",
    "zero__pdf": b"",
    "binary__txt": bytes(range(256)) * 40,
    "word__docx": b"PK\x03\x04broken",
    "huge__txt": b"a" * (51 * 1024 * 1024),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_document_is_listed_and_the_rest_reviewed(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = case(tmp_path / "c", note__txt=NOTE.encode(), **{name: DAMAGED[name]})
    status, out, _ = outcome(capfd, "review", str(folder), "--json", "-")
    assert status == 0
    documents = {document["id"]: document for document in json.loads(out)["documents"]}
    assert documents["note.txt"]["skipped"] is None
    reason = documents[name.replace("__", ".")]["skipped"]
    assert reason
    assert "\n" not in reason


@pytest.mark.parametrize("name", DAMAGED)
def test_a_case_of_nothing_but_a_damaged_document(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = case(tmp_path / "c", **{name: DAMAGED[name]})
    status, _, err = outcome(capfd, "review", str(folder))
    assert status == 2
    assert err.strip()


def test_an_encrypted_pdf(shared_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    secret = (shared_data / "pdfs" / "pdfminer.six" / "samples__encryption__aes-256.pdf").read_bytes()
    folder = case(tmp_path / "c", note__txt=NOTE.encode(), secret__pdf=secret)
    status, out, _ = outcome(capfd, "review", str(folder), "--json", "-")
    assert status == 0
    documents = {document["id"]: document for document in json.loads(out)["documents"]}
    assert "password" in documents["secret.pdf"]["skipped"]


def test_a_worklist_with_a_bad_case_reviews_the_others(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case(tmp_path / "good", note__txt=NOTE.encode())
    bad = case(tmp_path / "bad", note__txt=NOTE.encode())
    (bad / "case.yaml").write_text("claim: everything\n", encoding="utf-8")
    status, out, err = outcome(capfd, "review", str(tmp_path), "--json", "-")
    assert status == 0
    assert [json.loads(line)["case_id"] for line in out.splitlines()] == ["good"]
    assert "bad" in err


def test_a_zip_of_a_gold_case_reviews_like_its_folder(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name = "larynx-generic-necessity-2025"
    shutil.make_archive(str(tmp_path / name), "zip", GOLD, name)
    _, zipped, _ = outcome(capfd, "review", str(tmp_path / f"{name}.zip"), "--json", "-")
    _, plain, _ = outcome(capfd, "review", str(GOLD / name), "--json", "-")
    assert zipped == plain
