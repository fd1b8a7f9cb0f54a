"""PDF pages as text, and spans of that text back as boxes, lines, tables and pictures."""

from __future__ import annotations

import gc
import io
import threading
from collections import Counter
from pathlib import Path

import pdfplumber
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doc_review.case import FileDocument
from doc_review.documents import read_document
from doc_review.documents.pdf import PdfReader
from doc_review.documents.pdfium import View
from doc_review.errors import DocumentError
from doc_review.model import Box

from .made_pdf import MadePage, check_box, made_pdf, stamp, text_field

WORD = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789.,:%()\\<>=-\u00e9\u00b0", min_size=1, max_size=9
)


def cells(reader: PdfReader, page: int = 1) -> list[list[str]]:
    return [[cell.text for cell in row] for row in reader.rows(page)]


def chars_inside(data: bytes, boxes: tuple[Box, ...]) -> Counter[str]:
    """Characters that pdfplumber places in the boxes (its coordinates begin at the media box)."""
    found: Counter[str] = Counter()
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[0]
        turns, crop, media = page.rotation // 90, page.page_obj.cropbox, page.page_obj.mediabox
        left, top = View(*crop, turns).offset(tuple(media))
        for char in page.chars:
            x = (char["x0"] + char["x1"]) / 2 - left
            y = (char["top"] + char["bottom"]) / 2 - top
            if any(box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 for box in boxes):
                found.update(char["text"].strip())
    return found


@st.composite
def pages_with_spans(draw: st.DrawFn) -> tuple[MadePage, float, float]:
    """A page of one to three columns of lines, turned and cropped at random, and a span as two shares."""
    page = MadePage(
        rotate=draw(st.sampled_from([0, 90, 180, 270])),
        crop=draw(st.sampled_from([None, (20, 30, 600, 780)])),
    )
    size = draw(st.sampled_from([7, 9, 11, 14]))
    font = draw(st.sampled_from(["F1", "F2"]))
    for line in range(draw(st.integers(1, 12))):
        for column in range(draw(st.integers(1, 3))):
            words = draw(st.lists(WORD, min_size=1, max_size=2))
            page.text(40 + 180 * column, 740 - line * size * 1.5, " ".join(words), size, font)
    return page, draw(st.floats(0, 1)), draw(st.floats(0, 1))


@settings(max_examples=80, deadline=None)
@given(pages_with_spans())
def test_boxes_hold_the_characters_of_their_span_and_no_others(made: tuple[MadePage, float, float]) -> None:
    page, *shares = made
    data = made_pdf(page)
    reader = PdfReader(data)
    text = reader.pages[0].text
    start, end = sorted(round(share * len(text)) for share in shares)
    assert chars_inside(data, reader.boxes(1, start, end)) == Counter("".join(text[start:end].split()))


@settings(max_examples=40, deadline=None)
@given(pages_with_spans())
def test_rows_hold_every_word_once_and_quote_the_text(made: tuple[MadePage, float, float]) -> None:
    reader = PdfReader(made_pdf(made[0]))
    text = reader.pages[0].text
    spans = []
    for row in reader.rows(1):
        for cell in row:
            assert text[cell.start : cell.end] == cell.text
            spans.append((cell.start, cell.end))
    assert sorted(" ".join(text[a:b] for a, b in spans).split()) == sorted(text.split())


def test_lines_end_with_a_newline_and_columns_become_cells() -> None:
    page = MadePage().lines(72, 700, "Technique", "Energy").lines(250, 700, "VMAT, inverse", "6 MV")
    reader = PdfReader(made_pdf(page))
    assert "\r" not in reader.pages[0].text
    assert cells(reader) == [["Technique", "VMAT, inverse"], ["Energy", "6 MV"]]


def test_a_ruling_line_parts_cells_that_stand_close() -> None:
    page = MadePage().rule(121, 680, 121, 712).text(72, 700, "Cord max", 10).text(123, 700, "45 Gy", 10)
    page.text(72, 686, "Brainstem", 10).text(123, 686, "54 Gy", 10)
    assert cells(PdfReader(made_pdf(page))) == [["Cord max", "45 Gy"], ["Brainstem", "54 Gy"]]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_sideways_pages_have_the_lines_a_reader_sees_after_turning_them(rotate: int) -> None:
    page = (
        MadePage(rotate=rotate).lines(72, 700, "Technique", "Energy").lines(250, 700, "VMAT, inverse", "6 MV")
    )
    assert cells(PdfReader(made_pdf(page))) == [["Technique", "VMAT, inverse"], ["Energy", "6 MV"]]


def test_a_cell_is_cut_where_the_text_order_jumps() -> None:
    page = (
        MadePage()
        .text(72, 700, "Dose:")
        .text(72, 680, "Fractions:")
        .text(110, 700, "70 Gy")
        .text(130, 680, "28")
    )
    reader = PdfReader(made_pdf(page))
    text = reader.pages[0].text
    for row in reader.rows(1):
        for cell in row:
            assert "\n" not in cell.text
            assert text[cell.start : cell.end] == cell.text


def test_a_span_over_two_lines_has_two_boxes() -> None:
    reader = PdfReader(
        made_pdf(MadePage().lines(72, 700, "the bilateral nodal targets", "wrap around the cord"))
    )
    text = reader.pages[0].text
    first, second = reader.boxes(1, text.index("targets"), text.index("wrap") + 4)
    assert second.y0 > first.y0
    assert first.page == 1


def test_part_of_a_word_has_its_own_box() -> None:
    reader = PdfReader(made_pdf(MadePage().text(72, 700, "(7000cGy),")))
    (whole,) = reader.boxes(1, 0, 10)
    (part,) = reader.boxes(1, 1, 5)
    assert whole.x0 < part.x0 < part.x1 < whole.x1


# ---------------------------------------------------------------- what pdfium's text needs


def test_a_hyphen_at_the_end_of_a_line_keeps_its_line_break() -> None:
    reader = PdfReader(made_pdf(MadePage().lines(72, 700, "a dose-", "escalated boost")))
    assert reader.pages[0].text == "a dose-\nescalated boost"
    start = reader.pages[0].text.index("escalated")
    (box,) = reader.boxes(1, start, start + 9)
    assert box.y0 > reader.boxes(1, 2, 7)[0].y0


def test_ligatures_surrogate_pairs_and_nonsense_characters() -> None:
    meant = {"A": "\U0001d400", "B": "ffi", "C": "\ud800", "D": "\x07", "E": "\u00ad"}
    page = MadePage().text(72, 700, "A oBce C D E end", 12, "F3").text(300, 700, "tail", 12, "F1")
    reader = PdfReader(made_pdf(page, unicode_map=meant))
    text = reader.pages[0].text
    assert text.encode("utf-8").decode("utf-8") == text
    assert text.startswith("\U0001d400 office")
    assert "\x07" not in text
    (box,) = reader.boxes(1, text.index("tail"), text.index("tail") + 4)
    assert abs(box.x0 - 300) < 1
    (ligature,) = reader.boxes(1, text.index("ffi"), text.index("ffi") + 3)
    assert abs(ligature.x0 - (72 + 3 * 7.2)) < 1


def test_stamps_and_form_values_are_text_without_any_form() -> None:
    page = MadePage().text(72, 700, "Approved by:")
    page.annotations.append(stamp(150, 695, 350, 715, "APPROVED J. Smith MD"))
    reader = PdfReader(made_pdf(page))
    assert "APPROVED J. Smith MD" in reader.pages[0].text
    assert cells(reader)[0] == ["Approved by:", "APPROVED J. Smith MD"]


@pytest.mark.parametrize("drawn", [True, False])
def test_form_fields_are_text_where_they_stand(drawn: bool) -> None:
    page = MadePage().text(72, 700, "Dose")
    page.annotations.append(text_field(150, 695, 300, 715, "dose", "70 Gy", drawn))
    assert cells(PdfReader(made_pdf(page))) == [["Dose", "70 Gy"]]


def test_tick_boxes_are_written_where_they_stand() -> None:
    page = MadePage().text(86, 702, "IMRT").text(186, 702, "3D").text(72, 652, "Contrast given")
    page.annotations += [
        check_box(72, 700, "imrt", True, glyph="4"),
        check_box(172, 700, "3d", False),
        check_box(160, 650, "contrast", True),
        check_box(72, 500, "lone", True, tooltip="Bladder full"),
    ]
    reader = PdfReader(made_pdf(page))
    text = reader.pages[0].text
    assert text == "[x] IMRT [ ] 3D\nContrast given [x]\n[x] Bladder full"
    (box,) = reader.boxes(1, 0, 3)
    assert (box.x0, box.x1) == (72, 82)
    (lone,) = reader.boxes(1, text.index("Bladder"), len(text))
    assert abs(lone.y0 - (792 - 510)) < 1


def test_a_signature_field_that_nobody_signed_is_a_blank_line() -> None:
    page = MadePage().text(72, 700, "Physician signature:").text(72, 660, "Physicist signature:")
    page.annotations += [
        "/Subtype /Widget /F 4 /FT /Sig /T (md) /Rect [190 695 350 715]",
        text_field(190, 655, 350, 675, "physicist_signature", ""),
    ]
    text = PdfReader(made_pdf(page)).pages[0].text
    assert text == "Physician signature: ________\nPhysicist signature: ________"


def test_a_signature_field_with_an_appearance_is_its_text() -> None:
    page = MadePage().text(72, 700, "Physician signature:")
    page.annotations.append(
        "/Subtype /Widget /F 4 /FT /Sig /T (md) /Rect [190 695 490 715] /AP << /N @Digitally signed by R. Hale MD@ >>"
    )
    text = PdfReader(made_pdf(page)).pages[0].text
    assert "Digitally signed by R. Hale MD" in text
    assert "____" not in text


# ---------------------------------------------------------------- tables and pictures


def ruled_page() -> MadePage:
    page = MadePage()
    for y in (710, 690, 670):
        page.rule(70, y, 330, y)
    for x in (70, 150, 240, 330):
        page.rule(x, 670, x, 710)
    rows = (("Structure", "Goal", "Result"), ("Cord", "Dmax < 45", "38.9"))
    for number, row in enumerate(rows):
        for column, written in enumerate(row):
            page.text(75 + 85 * column, 696 - 20 * number, written, 10)
    return page.text(72, 600, "No table here")


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (30, 40, 590, 780)])
def test_ruled_tables_are_mapped_to_the_text(
    crop: tuple[float, float, float, float] | None, rotate: int
) -> None:
    page = ruled_page()
    page.crop, page.rotate = crop, rotate
    reader = PdfReader(made_pdf(page))
    (table,) = reader.tables(1)
    found = {cell.text for row in table for cell in row}
    assert found == {"Structure", "Goal", "Result", "Cord", "Dmax < 45", "38.9"}
    if not rotate:
        assert [cell.text for cell in table[1]] == ["Cord", "Dmax < 45", "38.9"]
    text = reader.pages[0].text
    assert all(text[cell.start : cell.end] == cell.text for row in table for cell in row)


def test_a_page_without_rules_has_no_tables() -> None:
    assert PdfReader(made_pdf(MadePage().lines(72, 700, "a", "b"))).tables(1) == ()


def test_a_page_is_drawn_as_displayed() -> None:
    from PIL import Image

    drawn = PdfReader(made_pdf(MadePage(rotate=90).text(72, 700, "x"))).render(1, 0.5)
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.format == "PNG"
        assert picture.size == (396, 306)


# ---------------------------------------------------------------- bad files and the public ones


def test_many_threads_and_many_documents() -> None:
    data = made_pdf(*[MadePage().lines(72, 700, f"page {n}", "line") for n in range(6)])
    results: list[list[str]] = []

    def work() -> None:
        for _ in range(5):
            reader = PdfReader(data)
            found = [page.text for page in reader.pages]
            for number in range(1, 7):
                reader.boxes(number, 0, 4)
            results.append(found)
        gc.collect()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 20
    assert all(found == [f"page {n}\nline" for n in range(6)] for found in results)


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doc_review.documents.pdf.MAX_PAGES", 2)
    with pytest.raises(DocumentError, match="3 pages, more than 2"):
        PdfReader(made_pdf(MadePage(), MadePage(), MadePage()))


def test_every_public_pdf_is_read_or_refused_in_one_line(shared_data: Path) -> None:
    paths = sorted((shared_data / "pdfs").glob("*/*.pdf"))
    assert paths
    for path in paths:
        opened = read_document(FileDocument(path.name, path.stat().st_size, path))
        if opened.meta.skipped is not None:
            assert "\n" not in opened.meta.skipped
            continue
        assert opened.meta.pages == len(opened.pages) > 0
        for page in opened.pages:
            page.text.encode("utf-8")
            assert opened.geometry is not None
            for row in opened.geometry.rows(page.number):
                assert all(page.text[cell.start : cell.end] == cell.text for cell in row)
            opened.geometry.boxes(page.number, 0, len(page.text))


def test_signatures_of_a_signed_pdf_are_read(shared_data: Path) -> None:
    path = shared_data / "pdfs/pyhanko/minimal-two-fields-signed-twice.pdf"
    text = read_document(FileDocument("s.pdf", path.stat().st_size, path)).pages[0].text
    assert "Digitally signed by" in text


# ---------------------------------------------------------------- ink


def _form(*lines: str) -> MadePage:
    return (
        MadePage()
        .lines(72, 700, "PLAN APPROVAL", *lines)
        .text(72, 500, "Physician signature:")
        .rule(180, 498, 400, 498)
    )


def _pen(page: MadePage, x: float = 190, y: float = 502) -> MadePage:
    """A signature drawn with curves."""
    page.content += f"1.2 w {x} {y} m "
    for n in range(6):
        left = x + 18 * n
        page.content += f"{left + 4} {y + 40} {left + 12} {y + 30} {left + 9} {y - 6} c {left + 10} {y - 8} {left + 15} {y} {left + 18} {y} c "
    page.content += "S 1 w\n"
    return page


def test_a_signature_drawn_with_curves_is_a_mark_with_the_words_around_it() -> None:
    reader = PdfReader(made_pdf(_pen(_form()).text(185, 485, "Marta Olvera, MD")))
    (mark,) = reader.marks(1)
    assert mark.inked
    assert [cell.text for cell in mark.left] == ["Physician signature:"]
    assert [cell.text for cell in mark.below] == ["Marta Olvera, MD"]


def test_a_signature_in_a_small_picture_is_a_mark() -> None:
    drawn = PdfReader(made_pdf(_pen(MadePage()))).file.picture(1, 3, gray=True)
    part = drawn.crop((180 * 3, (792 - 545) * 3, 310 * 3, (792 - 490) * 3))
    page = _form().text(185, 485, "Marta Olvera, MD").image(180, 490, 310, 545, *part.size, part.tobytes())
    assert [mark.inked for mark in PdfReader(made_pdf(page)).marks(1)] == [True]


def test_a_curve_of_a_dose_volume_histogram_is_nobodys_mark() -> None:
    reader = PdfReader(made_pdf(_pen(MadePage().lines(72, 700, "DVH of the rectum", "Dose in Gy"), 300, 300)))
    assert not any((*mark.left, *mark.below, *mark.through, *mark.above) for mark in reader.marks(1))


def test_a_page_of_text_and_rules_is_not_drawn_to_look_for_ink(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = PdfReader(made_pdf(_form()))
    monkeypatch.setattr(reader.file, "picture", None)
    assert reader.marks(1) == ()
