"""Files made to exhaust their reader: refused in one line, within seconds and within memory."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from doc_review.case import FileDocument, open_cases
from doc_review.documents import read_document, tesseract
from doc_review.documents.base import OpenDocument
from doc_review.documents.sniff import Kind, kind_of
from doc_review.errors import InputError

from .made_pdf import MadePage, made_pdf

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def read(folder: Path, name: str, data: bytes) -> OpenDocument:
    (folder / name).write_bytes(data)
    begun = time.monotonic()
    opened = read_document(FileDocument(name, len(data), folder / name))
    assert time.monotonic() - begun < 25
    return opened


def refused(folder: Path, name: str, data: bytes) -> str:
    reason = read(folder, name, data).meta.skipped
    assert reason is not None
    assert len(reason.splitlines()) == 1
    return reason


def word(body: bytes, doctype: bytes = b"", **parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        document = b'%s<w:document xmlns:w="%s"><w:body>%s</w:body></w:document>'
        archive.writestr("word/document.xml", document % (doctype, WORD.encode(), body))
        for name, data in parts.items():
            archive.writestr(f"word/{name}.xml", data)
    return buffer.getvalue()


LAUGHS = b"<!DOCTYPE d [<!ENTITY a 'ha ha '>%s]>" % b"".join(
    b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(10)
)


def test_entities_of_a_word_document_are_not_expanded(tmp_path: Path) -> None:
    assert "damaged Word" in refused(
        tmp_path, "a.docx", word(b"<w:p><w:r><w:t>&k;</w:t></w:r></w:p>", LAUGHS)
    )
    named = word(b'<w:p w:x="&k;"><w:r><w:t>x</w:t></w:r></w:p>', LAUGHS)
    assert "damaged Word" in refused(tmp_path, "b.docx", named)


def test_entities_of_an_html_page_are_not_expanded(tmp_path: Path) -> None:
    page = (
        b"<?xml version='1.0'?>" + LAUGHS.replace(b" d [", b" html [") + b"<html><body>seen &k;</body></html>"
    )
    text = read(tmp_path, "a.html", page).pages[0].text
    assert len(text) < 2000


def test_an_outside_entity_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret words", encoding="utf-8")
    doctype = f"<!DOCTYPE d [<!ENTITY s SYSTEM 'file://{tmp_path / 'secret.txt'}'>]>".encode()
    opened = read(tmp_path, "a.docx", word(b"<w:p><w:r><w:t>seen &s;</w:t></w:r></w:p>", doctype))
    assert not any("secret" in page.text for page in opened.pages)


def test_a_word_document_that_unpacks_to_much_text(tmp_path: Path) -> None:
    assert "64 MB" in refused(tmp_path, "a.docx", word(b"<w:p/>" * 12_000_000))


def test_a_word_document_that_takes_much_memory(tmp_path: Path) -> None:
    refused(tmp_path, "a.docx", word(b"<w:p/>" * 11_000_000))


def test_deep_nesting(tmp_path: Path) -> None:
    refused(tmp_path, "a.docx", word(b"<w:sdt>" * 100_000 + b"</w:sdt>" * 100_000))
    read(tmp_path, "a.html", b"<html><body>" + b"<div>" * 200_000 + b"deep")


def test_an_archive_inside_a_case_is_not_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("note.txt", b"note")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("documents/inner.zip", inner.getvalue())
    (raw,) = open_cases(tmp_path / "c.zip").cases[0].documents
    assert "archive inside the case" in (read_document(raw).meta.skipped or "")


def long_directory(name: bytes) -> bytes:
    """An archive whose list names one member 300 000 times."""
    entry = b"PK\1\2" + bytes(24) + struct.pack("<H", len(name)) + bytes(16) + name
    size = len(entry) * 300_000
    return b"PK\3\4" + bytes(26) + entry * 300_000 + b"PK\5\6" + bytes(8) + struct.pack("<LLH", size, 30, 0)


def test_a_list_of_too_many_members_is_not_parsed(tmp_path: Path) -> None:
    (tmp_path / "c.zip").write_bytes(long_directory(b"n.txt"))
    with pytest.raises(InputError, match="more than 20000 files"):
        open_cases(tmp_path / "c.zip")
    assert kind_of(long_directory(b"word/document.xml"), "a.docx") is Kind.ARCHIVE


def test_comments_before_a_page_are_passed_over_at_once() -> None:
    begun = time.monotonic()
    assert kind_of(b"<!-- x -->" * 800 + b"no page", "a.txt") is Kind.TEXT
    assert kind_of(b"<!-- x --> " * 700 + b"<html>", "a.txt") is Kind.HTML
    assert time.monotonic() - begun < 1


# ---------------------------------------------------------------- PDFs and pictures


def test_a_pdf_of_100_000_pages(tmp_path: Path) -> None:
    data = made_pdf(MadePage().text(72, 700, "x"))
    start = data.index(b"/Kids [") + 7
    end = data.index(b"]", start)
    data = data[:start] + data[start:end] * 100_000 + b"] /Count 100000 >>" + data[end:]
    assert "more than 2000" in refused(tmp_path, "a.pdf", data)


def test_a_pdf_that_declares_a_huge_picture(tmp_path: Path) -> None:
    page = MadePage().image(0, 0, 612, 792, 90_000, 90_000, b"\x80" * 1000).text(72, 700, "typed")
    assert "typed" in read(tmp_path, "a.pdf", made_pdf(page)).pages[0].text


def test_a_pdf_with_a_packed_bomb(tmp_path: Path) -> None:
    packed = zlib.compress(b" " * 400_000_000, 9)
    data = made_pdf(MadePage().text(72, 700, "x"))
    at = data.index(b"/Length")
    stream = data.index(b"stream\n", at) + 7
    bomb = b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed
    head = data.rindex(b"<<", 0, at)
    data = data[:head] + bomb + data[data.index(b"\nendstream", stream) :]
    read(tmp_path, "a.pdf", data)


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">L", zlib.crc32(name + content))
        return struct.pack(">L", len(content)) + name + content + check

    header = struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0)
    lines = zlib.compress(bytes(10_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def test_a_picture_of_too_many_pixels(tmp_path: Path) -> None:
    assert "too many pixels" in refused(tmp_path, "a.png", png(100_000, 100_000))


def tiff(*frames: tuple[int, int]) -> bytes:
    """White bilevel frames, each with one strip of 1000 bytes whatever its size."""
    out = bytearray(b"II*\0\x08\0\0\0")
    for number, (width, height) in enumerate(frames, 1):
        start = len(out)
        tags = (
            (256, width),
            (257, height),
            (258, 1),
            (259, 1),
            (262, 0),
            (273, start + 126),
            (277, 1),
            (278, height),
            (279, 1000),
        )
        out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHLL", tag, 4, 1, v) for tag, v in tags)
        follows = start + 1126 if number < len(frames) else 0
        out += struct.pack("<L", follows)
        out += bytes(start + 126 - len(out)) + bytes(1000)
    return bytes(out)


def test_too_many_frames(tmp_path: Path) -> None:
    assert "5000 pages, more than 2000" in refused(tmp_path, "a.tif", tiff(*[(80, 100)] * 5000))


@pytest.mark.skipif(tesseract.version() is None, reason="tesseract is not installed")
def test_a_later_frame_of_too_many_pixels_is_an_unread_page(tmp_path: Path) -> None:
    opened = read(tmp_path, "a.tif", tiff((80, 100), (100_000, 100_000), (80, 100)))
    assert opened.meta.skipped is None
    assert opened.meta.unread_pages == (2,)


def test_a_long_style_sheet_is_read_once(tmp_path: Path) -> None:
    page = b"<html><style>" + b"no rule at all " * 20_000 + b"</style><body>seen</body></html>"
    begun = time.monotonic()
    assert read(tmp_path, "a.html", page).pages[0].text == "seen"
    assert time.monotonic() - begun < 5
