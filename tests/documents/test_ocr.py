"""Scanned pages: what is recognised, where it stands, and what is told when it cannot be."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from PIL import Image

from doc_review.documents import cache, ocr, tesseract
from doc_review.documents.images import ImageReader
from doc_review.documents.layout import Word
from doc_review.documents.ocr import Scan, recognise
from doc_review.documents.pdf import PdfReader
from doc_review.documents.tesseract import Found

from .made_pdf import MadePage, made_pdf

needs_tesseract = pytest.mark.skipif(
    tesseract.version() is None, reason="tesseract is not installed (package tesseract-ocr)"
)
LINES = (
    "RADIATION PRESCRIPTION",
    "Technique      VMAT inverse planned",
    "Total dose     7000 cGy in 28 fractions",
    "Electronically signed by Marta Olvera MD 03/12/2025",
)


def note() -> PdfReader:
    return PdfReader(made_pdf(MadePage().lines(72, 700, *LINES, size=12, font="F2")))


def scan_of(page: MadePage) -> Image.Image:
    return PdfReader(made_pdf(page)).file.picture(1, 200 / 72, gray=True)


def note_scan() -> Image.Image:
    return note().file.picture(1, 200 / 72, gray=True)


def saved(*pages: Image.Image, kind: str = "TIFF", dpi: tuple[int, int] = (200, 200)) -> bytes:
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}
    pages[0].save(buffer, kind, dpi=dpi, **more)
    return buffer.getvalue()


def one_line(text: str) -> str:
    return " ".join(text.split())


def near(first: tuple[float, ...], second: tuple[float, ...], points: float = 4) -> bool:
    return all(abs(a - b) <= points for a, b in zip(first, second, strict=True))


def box_of(reader: PdfReader | ImageReader, quote: str) -> tuple[float, ...]:
    start = reader.pages[0].text.index(quote)
    (box,) = reader.boxes(1, start, start + len(quote))
    return box.x0, box.y0, box.x1, box.y1


@needs_tesseract
def test_an_image_gives_the_words_at_the_places_of_the_original() -> None:
    reader = ImageReader(saved(note_scan()))
    page = reader.pages[0]
    assert (page.source, page.unread) == ("ocr", None)
    assert page.confidence > 0.8
    assert one_line(page.text) == one_line("\n".join(LINES))
    assert near(box_of(reader, "Olvera"), box_of(note(), "Olvera"))
    assert [[cell.text for cell in row] for row in reader.rows(1)][1] == ["Technique", "VMAT inverse planned"]
    assert "Technique      VMAT" in page.text


@needs_tesseract
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_lies_on_its_side_is_read_and_placed_as_it_lies(turn: int) -> None:
    reader = ImageReader(saved(note_scan().rotate(turn, expand=True)))
    assert one_line("\n".join(LINES)) in one_line(reader.pages[0].text)
    x0, y0, x1, y1 = box_of(note(), "Olvera")
    expected = {
        90: (y0, 612 - x1, y1, 612 - x0),
        180: (612 - x1, 792 - y1, 612 - x0, 792 - y0),
        270: (792 - y1, x0, 792 - y0, x1),
    }[turn]
    assert near(box_of(reader, "Olvera"), expected)


@needs_tesseract
def test_a_fax_has_several_pages_and_uneven_dots() -> None:
    fax = note_scan().resize((1728, 1100)).convert("1")
    reader = ImageReader(saved(fax, Image.new("1", fax.size, 1), dpi=(203, 100)))
    assert [page.number for page in reader.pages] == [1, 2]
    assert "28 fractions" in reader.pages[0].text
    assert (reader.pages[1].text, reader.pages[1].unread) == ("", None)
    assert near(box_of(reader, "fractions"), box_of(note(), "fractions"), 6)


@needs_tesseract
def test_a_fax_header_does_not_hide_the_scan_below_it() -> None:
    scan = note_scan()
    page = MadePage().image(0, 0, 612, 792, *scan.size, scan.tobytes())
    page.text(40, 775, "03/12/2025 10:22 FAX PAGE 2", 9)
    reader = PdfReader(made_pdf(page))
    read = reader.pages[0]
    assert read.source == "mixed"
    assert read.text.startswith("03/12/2025 10:22 FAX PAGE 2\n")
    assert read.text.count("FAX PAGE") == 1
    assert "7000 cGy" in read.text
    assert near(box_of(reader, "Olvera"), box_of(note(), "Olvera"))
    for row in reader.rows(1):
        assert all(read.text[cell.start : cell.end] == cell.text for cell in row)


@needs_tesseract
def test_a_page_read_before_is_not_read_again() -> None:
    scan = note_scan()
    page = MadePage().image(0, 0, 612, 792, *scan.size, scan.tobytes())
    page.lines(72, 700, *["many words of an earlier recognition stand here on every line"] * 8, size=9)
    assert PdfReader(made_pdf(page)).pages[0].source == "native"


@needs_tesseract
def test_a_logo_is_not_read() -> None:
    page = MadePage().image(500, 700, 580, 760, 8, 6, bytes(48)).lines(72, 600, "Letter", "text")
    assert PdfReader(made_pdf(page)).pages[0].source == "native"


@needs_tesseract
def test_a_picture_without_words_makes_the_page_unread() -> None:
    stripes = bytes(0 if (x // 3 + y // 5) % 2 else 220 for y in range(300) for x in range(240))
    reader = PdfReader(made_pdf(MadePage().image(0, 0, 612, 792, 240, 300, stripes)))
    assert reader.pages[0].unread is not None
    assert reader.pages[0].text == ""


def test_without_tesseract_a_scan_is_unread_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "version", lambda: None)
    scan = note_scan()
    page = MadePage().image(0, 0, 612, 700, *scan.size, scan.tobytes()).text(40, 775, "FAX HEADER")
    for reader in (ImageReader(saved(scan)), PdfReader(made_pdf(page, MadePage().text(72, 700, "typed")))):
        assert "install the package tesseract-ocr" in (reader.pages[0].unread or "")
    assert reader.pages[0].text == "FAX HEADER"
    assert reader.pages[1].unread is None


@needs_tesseract
def test_a_pasted_picture_is_read_below_the_text_and_no_word_twice() -> None:
    table = scan_of(MadePage().lines(72, 700, "Structure  V95", "PTV        98.4 %", size=30, font="F2"))
    part = table.crop((150, 100, 1400, 500))
    page = MadePage().lines(72, 740, "Plan report", "Dose volume histogram below", size=12)
    page.image(72, 400, 540, 550, *part.size, part.tobytes())
    read = PdfReader(made_pdf(page)).pages[0]
    assert read.source == "mixed"
    assert read.text.startswith("Plan report\nDose volume histogram below\n")
    assert "98.4" in read.text
    assert read.text.count("histogram") == 1


@needs_tesseract
@pytest.mark.parametrize("dpi", [150, 300])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_other_resolutions_and_formats(dpi: int, kind: str) -> None:
    picture = note().file.picture(1, dpi / 72, gray=True)
    assert one_line(ImageReader(saved(picture, kind=kind, dpi=(dpi, dpi))).pages[0].text) == one_line(
        "\n".join(LINES)
    )


@needs_tesseract
def test_a_scan_of_a_signed_line_bears_a_mark() -> None:
    page = (
        MadePage()
        .lines(72, 700, *LINES[:3], size=12)
        .text(72, 500, "Physician signature:")
        .rule(190, 498, 400, 498)
    )
    page.text(200, 484, "Marta Olvera, MD")
    bare = ImageReader(saved(scan_of(page)))
    assert [mark.inked for mark in bare.marks(1)] == [False]
    page.content += "1.2 w 200 503 m " + "".join(
        f"{200 + 20 * n} 545 {215 + 20 * n} 530 {208 + 20 * n} 495 c {210 + 20 * n} 495 {216 + 20 * n} 503 {220 + 20 * n} 503 c "
        for n in range(6)
    ) + "S\n"  # fmt: skip
    (mark,) = ImageReader(saved(scan_of(page))).marks(1)
    assert mark.inked
    assert mark.left[0].text == "Physician signature:"
    assert mark.below[0].text == "Marta Olvera, MD"


def test_words_that_overlap_are_kept_once() -> None:
    found = [
        Found("Electronically", 0, 0, 140, 12, 90.0, (1, 1, 1)),
        Found("lectronically", 10, 1, 140, 13, 60.0, (2, 1, 1)),
        Found("signed", 150, 0, 200, 12, 90.0, (1, 1, 1)),
    ]
    assert [f.text for f in ocr._once(found)] == ["Electronically", "signed"]


# ---------------------------------------------------------------- the cache


def test_a_page_is_recognised_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def words(image: bytes, dpi: int, mode: str) -> list[Found]:
        calls.append(mode)
        return [
            Found(w, 40 * n, 10, 40 * n + 30, 30, 95.0, (1, 1, 1))
            for n, w in enumerate(("a", "b", "c", "d", "e"))
        ]

    monkeypatch.setattr(tesseract, "words", words)
    scan = Scan("page-1", note_scan)
    folder = tmp_path / "kept"
    (first,), (second,) = recognise([scan], folder), recognise([scan], folder)
    assert first is not None
    assert first == second
    assert calls == [tesseract.COLUMN]
    (path,) = (folder / "pages").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "page-1" not in path.name
    path.write_bytes(b"{broken")
    assert recognise([scan], folder) == [first]
    assert recognise([scan], None) == [first]
    assert len(calls) == 3
    assert cache.purge(folder) == 1
    assert cache.purge(folder) == 0


def test_the_folder_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.default_folder() == tmp_path / "doc-review"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache.default_folder() == Path.home() / ".cache" / "doc-review"


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache.store(tmp_path / "file", "key", b"x")
    assert cache.load(tmp_path / "file", "key") is None


# ---------------------------------------------------------------- words to text


def placed(*rows: tuple[float, float, str]) -> ocr.Recognised:
    found = [
        Found(w, int(x), int(y), int(x + 10 * len(w)), int(y + 12), 90.0, (1, 1, int(y))) for x, y, w in rows
    ]
    raw = ocr._Raw(tuple(found), 1000, 1000, 0, False)
    return ocr._laid_out(raw, Scan("x", note_scan, dpi=72), ())


def test_columns_stay_apart_and_paragraphs_keep_a_blank_line() -> None:
    found = placed(
        (0, 0, "Dose"), (200, 0, "70"), (230, 0, "Gy"), (0, 20, "Fractions"), (200, 20, "28"), (0, 80, "End")
    )
    assert found.text == "Dose                70 Gy\nFractions           28\n\nEnd"
    assert [found.text[w.start : w.end] for w in found.words] == [
        "Dose",
        "70",
        "Gy",
        "Fractions",
        "28",
        "End",
    ]


def test_words_known_already_are_left_out() -> None:
    raw = ocr._Raw(
        (Found("twice", 0, 0, 50, 12, 90.0, (1, 1, 1)), Found("new", 0, 40, 30, 52, 90.0, (1, 1, 2))),
        99,
        99,
        0,
        False,
    )
    found = ocr._laid_out(raw, Scan("x", note_scan, dpi=72), [(0, 1, 55, 13)])
    assert found.text == "new"
    assert found.words == (Word(0, 3, 0, 40, 30, 52),)
