"""A file that crashes, hangs or hogs its reader is refused with the reason, and costs nothing but itself."""

from __future__ import annotations

import io
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from doc_review.case import FileDocument, open_cases
from doc_review.documents import isolated, read_document, wire
from doc_review.documents.base import OpenDocument
from doc_review.documents.isolated import IsolatedFile
from doc_review.errors import InstallationError, LostDocumentError
from doc_review.review import review_case

from .made_pdf import MadePage, made_pdf

ROOT = Path(__file__).resolve().parents[2]
PATCHED = """
import ctypes
from doc_review.documents import html, pace, pdf
pace.STEP = 1.0
_visible_text, _part = html.visible_text, pdf.PdfReader.part
def visible_text(data):
    if b"crash" in data:
        ctypes.string_at(0)
    if b"hang" in data:
        while True:
            pass
    if b"memory" in data:
        bytearray(3 << 30)
    if b"print" in data:
        print("noise", flush=True)
    return _visible_text(data)
def part(self, page, start, end):
    if "crash" in self.pages[page - 1].text:
        ctypes.string_at(0)
    return _part(self, page, start, end)
def tables(self, page):
    while "endless" in self.pages[page - 1].text:
        pass
html.visible_text, pdf.PdfReader.part, pdf.PdfReader.tables = visible_text, part, tables
"""
"""Runs in the reading process before anything else."""


@pytest.fixture
def bad_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Libraries that fail on words in a file."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(PATCHED, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    isolated.stop()
    yield
    isolated.stop()


def read(folder: Path, name: str, data: bytes) -> OpenDocument:
    (folder / name).write_bytes(data)
    return read_document(FileDocument(name, len(data), folder / name))


def page(words: str) -> bytes:
    return f"<html><body><p>{words}</p></body></html>".encode()


def pdf(*words: str) -> bytes:
    return made_pdf(MadePage().lines(72, 700, *words))


def test_a_page_whose_tables_take_too_long_is_read_as_lines(bad_libraries: None, tmp_path: Path) -> None:
    opened = read(tmp_path, "a.pdf", pdf("endless table"))
    assert opened.geometry is not None
    assert opened.geometry.tables(1) == ()
    assert len(opened.geometry.rows(1)) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [("crash", "crashed its reader"), ("hang", "too long"), ("memory", "more than 1 GB")],
)
def test_a_bad_file_is_refused_and_the_next_is_read(
    bad_libraries: None, tmp_path: Path, words: str, told: str
) -> None:
    if words == "memory" and sys.platform != "linux":
        pytest.skip("the platform limits no memory")
    assert read(tmp_path, "a.html", page("fine")).pages[0].text == "fine"
    bad = read(tmp_path, "b.html", page(words))
    assert told in (bad.meta.skipped or "")
    assert "export it again" in (bad.meta.skipped or "")
    assert read(tmp_path, "c.html", page("fine")).pages[0].text == "fine"


def test_the_first_file_may_be_the_bad_one(bad_libraries: None, tmp_path: Path) -> None:
    assert "crashed" in (read(tmp_path, "a.html", page("crash")).meta.skipped or "")


def test_what_a_library_prints_is_no_answer(bad_libraries: None, tmp_path: Path) -> None:
    assert read(tmp_path, "a.html", page("print")).pages[0].text == "print"


def test_one_process_serves_all_files(tmp_path: Path) -> None:
    read(tmp_path, "a.html", page("one"))
    first = isolated.process_id()
    read(tmp_path, "b.pdf", pdf("two"))
    assert first is not None
    assert isolated.process_id() == first


def test_a_plain_text_needs_no_process(tmp_path: Path) -> None:
    isolated.stop()
    assert read(tmp_path, "a.txt", b"words").pages[0].text == "words"
    assert isolated.process_id() is None


def test_an_open_file_outlives_its_process(tmp_path: Path) -> None:
    opened = read(tmp_path, "a.pdf", pdf("PTV 70Gy"))
    assert opened.geometry is not None
    cut = opened.geometry.boxes(1, 4, 6)  # "70" of "70Gy" is measured by the process
    isolated.stop()
    assert opened.geometry.boxes(1, 4, 6) == cut


def test_a_lookup_that_crashes_loses_the_document_alone(bad_libraries: None, tmp_path: Path) -> None:
    good, bad = read(tmp_path, "a.pdf", pdf("good words")), read(tmp_path, "b.pdf", pdf("crash words"))
    assert good.geometry is not None
    assert bad.geometry is not None
    with pytest.raises(LostDocumentError, match="crashed its reader") as lost:
        bad.geometry.boxes(1, 0, 3)
    assert lost.value.document == "b.pdf"
    assert len(good.geometry.boxes(1, 0, 3)) == 1


def test_a_review_goes_on_without_a_lost_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "case" / "documents"
    folder.mkdir(parents=True)
    note = ["CT SIMULATION NOTE", "Date of service: 03/04/2025", "Supine, no contrast."]
    (folder / "a.txt").write_text("\n".join(note), encoding="utf-8")
    (folder / "b.pdf").write_bytes(pdf(note[0], "Date of service: 03/11/2025", "Prone, belly board."))

    def lost(self: IsolatedFile, page: int, start: int, end: int) -> None:
        raise LostDocumentError("b.pdf", "crashed its reader: export it again")

    monkeypatch.setattr(IsolatedFile, "boxes", lost)
    review = review_case(open_cases(tmp_path / "case").cases[0]).review
    assert [document.skipped for document in review.documents] == [
        None,
        "crashed its reader: export it again",
    ]
    assert {item.citation.document for item in review.evidence} == {"a.txt"}


def test_a_process_that_does_not_start_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    isolated.stop()
    with pytest.raises(InstallationError, match="does not start"):
        read(tmp_path, "a.html", page("fine"))
    isolated.stop()


def test_an_answer_builds_nothing_else() -> None:
    with pytest.raises(pickle.UnpicklingError):
        wire.answer(io.BytesIO(pickle.dumps(os.system)))
    with pytest.raises(pickle.UnpicklingError):
        wire.answer(io.BytesIO(pickle.dumps("text")))


# ---------------------------------------------------------------- the end of it

READS = """
import multiprocessing, sys, time
from pathlib import Path
from doc_review.case import FileDocument
from doc_review.documents import isolated, read_document

def read():
    path = Path(sys.argv[1])
    assert read_document(FileDocument(path.name, 1, path)).pages
    print(isolated.process_id(), flush=True)

if __name__ == "__main__":
    read()
    if "fork" in sys.argv:
        child = multiprocessing.get_context("fork").Process(target=read, daemon=True)
        child.start()
        child.join()
        read()
    if "wait" in sys.argv:
        time.sleep(60)
"""


def script(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    (tmp_path / "reads.py").write_text(READS, encoding="utf-8")
    (tmp_path / "a.html").write_bytes(page("fine"))
    return subprocess.Popen(
        [sys.executable, str(tmp_path / "reads.py"), str(tmp_path / "a.html"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def ends(pid: int) -> bool:
    """Whether a process is gone (or waits for init to take note) within some seconds."""
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@linux
@pytest.mark.parametrize("how", [None, signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_behind(tmp_path: Path, how: signal.Signals | None) -> None:
    with script(tmp_path, *(["wait"] if how else [])) as run:
        assert run.stdout is not None
        pid = int(run.stdout.readline())
        if how is not None:
            run.send_signal(how)
        run.wait(20)
    assert ends(pid)


@linux
def test_a_daemonic_copy_of_a_process_has_a_reader_of_its_own(tmp_path: Path) -> None:
    with script(tmp_path, "fork") as run:
        told = run.communicate(timeout=60)[0].split()
    assert run.returncode == 0
    assert told[0] == told[2] != told[1]
    assert all(ends(int(pid)) for pid in told)
