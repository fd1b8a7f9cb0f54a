"""Text of a PDF page that nobody can see is in no page text, and is counted."""

from __future__ import annotations

import pytest

from doc_review.documents.pdf import PdfReader

from .made_pdf import MadePage, made_pdf

SECRET = "Electronically signed by Jane Roe MD"
COUNT = len("".join(SECRET.split()))


def drawn(before: str = "", after: str = "", size: float = 11, x: float = 72, y: float = 600) -> MadePage:
    """A page with a line to see, and the secret between two pieces of drawing."""
    page = MadePage().text(72, 700, "Plan approval: pending")
    page.content += before
    page.text(x, y, SECRET, size)
    page.content += after
    return page


def read(page: MadePage) -> tuple[str, int]:
    reader = PdfReader(made_pdf(page))
    return reader.pages[0].text, reader.pages[0].hidden


@pytest.mark.parametrize(
    "page",
    [
        drawn("3 Tr\n", "0 Tr\n"),
        drawn("1 1 1 rg\n", "0 0 0 rg\n"),
        drawn("0.99 0.98 1 rg\n", "0 g\n"),
        drawn("0.8 g 60 590 300 30 re f\n"),
        drawn(size=0.5),
        drawn("q 0.05 0 0 0.05 0 0 cm\n", "Q\n", x=2000, y=9000),
        drawn(x=5000),
        drawn(y=-40),
        drawn(after="1 g 60 590 400 30 re f 0 g\n"),
        drawn("1 Tr 1 1 1 RG\n", "0 Tr 0 G\n"),
    ],
    ids=[
        "invisible",
        "white",
        "near-white",
        "gray-on-gray",
        "tiny",
        "scaled",
        "beside",
        "below",
        "covered",
        "outlined",
    ],
)
@pytest.mark.parametrize("rotate", [0, 90])
def test_text_that_cannot_be_seen_is_left_out_and_counted(page: MadePage, rotate: int) -> None:
    if "0.8 g" in page.content:
        page.content = page.content.replace(
            "BT /F1 11 Tf 1 0 0 1 72 600", "0.8 g BT /F1 11 Tf 1 0 0 1 72 600"
        )
    page.rotate = rotate
    assert read(page) == ("Plan approval: pending", COUNT)


@pytest.mark.parametrize(
    "page",
    [
        drawn(),
        drawn("0 0 0.4 rg 60 590 400 30 re f 1 g\n"),
        drawn("0.9 g 60 590 400 30 re f 0 g\n"),
        drawn("1 g 60 590 400 30 re f 0 g\n"),
        drawn("0.6 g\n"),
        drawn(after="60 590 400 30 re S\n"),
        drawn(after="1 g 60 590 80 30 re f 0 g\n"),
        drawn(size=2),
    ],
    ids=["plain", "white-on-blue", "on-gray", "on-white", "gray", "framed", "half-covered", "small"],
)
def test_text_that_can_be_seen_stays(page: MadePage) -> None:
    text, hidden = read(page)
    assert SECRET in text
    assert hidden == 0


def scan(words: bool) -> MadePage:
    """A page that is one picture; black strokes lie where the layer's words are."""
    width, height = 612, 792
    gray = bytearray(b"\xff" * (width * height))
    if words:
        for y in range(height - 611, height - 600):
            for x in range(72, 290, 2):
                gray[y * width + x] = 0
    return MadePage().image(0, 0, 612, 792, width, height, bytes(gray))


@pytest.mark.parametrize(("words", "kept"), [(True, True), (False, False)])
def test_the_text_layer_of_a_scan_stays_where_the_picture_shows_words(
    words: bool, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doc_review.documents.pdf.picture_share", lambda *_: 0.0)
    page = scan(words)
    page.content += "3 Tr\n"
    text, hidden = read(page.text(72, 600, SECRET))
    assert (SECRET in text, hidden) == (kept, 0 if kept else COUNT)


def test_text_below_the_picture_of_a_scan_is_its_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doc_review.documents.pdf.picture_share", lambda *_: 0.0)
    page = scan(True)
    page.content = MadePage().text(72, 600, SECRET).content + page.content
    assert read(page) == (SECRET, 0)


def test_hidden_text_inside_a_form_is_left_out() -> None:
    page = MadePage().text(72, 700, "Plan approval: pending")
    page.annotations.append(
        f"/Subtype /Stamp /F 4 /Rect [3000 100 3300 120] /AP << /N @{SECRET}@ >>",
    )
    assert read(page) == ("Plan approval: pending", COUNT)


def test_pages_are_the_same_when_they_are_opened_again() -> None:
    pages = [drawn("3 Tr\n", "0 Tr\n") for _ in range(8)]
    reader = PdfReader(made_pdf(*pages))
    for number in range(1, 9):
        text = reader.pages[number - 1].text
        assert text == "Plan approval: pending"
        (row,) = reader.rows(number)
        assert " ".join(cell.text for cell in row) == text
