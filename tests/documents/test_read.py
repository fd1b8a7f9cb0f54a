"""Files of every kind, good and bad, read or skipped with one line that tells the mend."""

from __future__ import annotations

import codecs
import os
import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doc_review.case import FileDocument
from doc_review.documents import read_document, tool_versions
from doc_review.documents.base import OpenDocument
from doc_review.documents.text import decode

from .made_pdf import MadePage, made_pdf


def read(tmp_path: Path, name: str, data: bytes) -> OpenDocument:
    path = tmp_path / name
    path.write_bytes(data)
    return read_document(FileDocument(name, len(data), path))


def skipped(opened: OpenDocument) -> str:
    assert opened.meta.skipped is not None
    assert "\n" not in opened.meta.skipped
    assert opened.pages == ()
    assert opened.meta.pages == 0
    return opened.meta.skipped


# ---------------------------------------------------------------- text


def test_a_text_file_is_one_page_and_its_own_text(tmp_path: Path) -> None:
    opened = read(tmp_path, "note.txt", "PTV 70 Gy\r\n\tD95 \u2265 95 %\n\n".encode())
    assert opened.pages[0].text == "PTV 70 Gy\r\n\tD95 \u2265 95 %\n\n"
    assert opened.meta.media_type == "text/plain"
    assert (opened.meta.pages, opened.meta.kind, opened.meta.entries) == (1, "other", ())
    assert opened.geometry is None


@settings(max_examples=200, deadline=None)
@given(
    # A NUL behind the mark of UTF-16 is the mark of UTF-32.
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00")),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_marked_and_utf8_text_comes_back_as_it_was(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    if encoding == "utf-8" and data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    assert decode(data) == text


NOTE = (
    "Patient seen today. Dr. Mu\u00f1oz: \u201cdose of 70 Gy in 28 fractions\u201d \u2013 tolerating well. "
)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_told(encoding: str) -> None:
    assert decode((NOTE * 5).encode(encoding)) == NOTE * 5


def test_a_script_of_its_own_is_told() -> None:
    text = "Пациент получил лучевую терапию на область простаты, общая доза семьдесят грей. " * 5
    assert decode(text.encode("cp1251")) == text


def test_a_broken_byte_in_utf8_stays_one_bad_character() -> None:
    data = ("Gy \u2265 " * 20).encode() + b"\xff" + b" end"
    assert decode(data).endswith("\ufffd end")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_skipped(data: bytes) -> None:
    class Raw:
        id, size, problem = "x.txt", len(data), None

        def read(self) -> bytes:
            return data

        def renamed(self, new_id: str) -> Raw:
            return self

    opened = read_document(Raw())
    if opened.meta.skipped is None:
        opened.pages[0].text.encode("utf-8")


# ---------------------------------------------------------------- what is not read


def packed(**files: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


NOISE = random.Random(7).randbytes(5000)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"", "empty"),
        ("a.pdf", b"", "empty"),
        ("a.txt", b"\xef\xbb\xbf \r\n", "empty"),
        ("a.txt", NOISE, "not read"),
        ("a.pdf", NOISE, "holds no PDF"),
        ("a.docx", NOISE, "holds no Word document"),
        ("a.tif", NOISE, "holds none"),
        ("a.pdf", b"plain words", "holds no PDF"),
        ("a.zip", packed(a=b""), "archive"),
        ("a.docx", packed(a=b""), "archive"),
        ("a.xlsx", packed(**{"[Content_Types].xml": b""}), "Office"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NOISE, "old or protected"),
        ("a.rtf", b"{\\rtf1 hello}", "RTF"),
        ("a.gif", b"GIF89a" + NOISE, "image"),
        ("a.dcm", NOISE, "DICOM"),
        ("plan", b"\0" * 128 + b"DICM" + NOISE, "DICOM"),
        ("a.csv", b"fx,date\n1,2025-03-01\n", "data or message"),
        ("a.docx", packed(**{"word/document.xml": b"<broken"}), "damaged Word"),
        ("a.docx", packed(**{"word/document.xml": b"<w/>"}), "no text"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + NOISE, "damaged image"),
        ("a.jpg", b"\xff\xd8\xff" + NOISE, "damaged image"),
        ("a.html", b"<html><body><p hidden>x</p></body></html>", "no visible text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    assert told in skipped(read(tmp_path, name, data))


def test_pdfs_that_cannot_be_opened(tmp_path: Path) -> None:
    good = made_pdf(MadePage().text(72, 700, "x"))
    assert "damaged" in skipped(read(tmp_path, "cut.pdf", good[:200]))
    assert "no pages" in skipped(read(tmp_path, "none.pdf", made_pdf()))


def test_a_password_is_told(shared_data: Path) -> None:
    path = shared_data / "pdfs/pdfminer.six/samples__encryption__aes-128.pdf"
    assert "password" in skipped(read_document(FileDocument("a.pdf", path.stat().st_size, path)))


def test_the_content_tells_what_a_file_is(tmp_path: Path) -> None:
    assert read(tmp_path, "note.txt", made_pdf(MadePage().text(72, 700, "hello"))).pages[0].text == "hello"
    assert read(tmp_path, "page.pdf", b"<!DOCTYPE html><p>seen</p>").pages[0].text == "seen"
    assert read(tmp_path, "note", b"BM 10 am. No complaints.").meta.media_type == "text/plain"
    assert read(tmp_path, "x.txt", b"see %PDF-1.4 notes").meta.media_type == "text/plain"


def test_a_large_text_is_refused(tmp_path: Path) -> None:
    assert "50 MB" in skipped(read(tmp_path, "a.txt", b"line of a log\n" * (50 * 1024**2 // 14 + 10)))


def test_a_very_large_file_is_not_even_read() -> None:
    raw = FileDocument("a.pdf", 2 * 1024**3, Path("absent"))
    assert "larger than 300 MB" in skipped(read_document(raw))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs file permissions that bind")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    path.chmod(0)
    assert "permissions" in skipped(read_document(FileDocument("a.txt", 1, path)))


def test_versions_of_the_tools() -> None:
    assert tool_versions()["pdfium"].isdigit()


def test_every_chart_document_is_read(shared_data: Path) -> None:
    from doc_review.case import open_cases

    for case in open_cases(shared_data / "charts").cases:
        for raw in case.documents:
            opened = read_document(raw)
            assert opened.meta.skipped is None
            assert all(page.text.strip() for page in opened.pages)
