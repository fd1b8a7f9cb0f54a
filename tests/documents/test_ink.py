"""Marks of a pen on a picture of a page, told from print, rules, frames, stamps and dirt."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from doc_review.documents.cleaning import cleaned
from doc_review.documents.components import pieces_of
from doc_review.documents.ink import DPI, Ink, find_ink
from doc_review.documents.layout import Word
from doc_review.documents.marks import marks_of

Drawing = Callable[[ImageDraw.ImageDraw], None]
LINE = (300, 800, 700, 802)


def page(*drawn: Drawing) -> Image.Image:
    picture = Image.new("L", (1275, 1650), 255)
    pen = ImageDraw.Draw(picture)
    for draw in drawn:
        draw(pen)
    return picture


def rule(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle(LINE, fill=0)


def scribble(x: float = 330, y: float = 795, width: float = 180, height: float = 45) -> Drawing:
    points = [
        (x + width * t / 60 + 14 * math.sin(t), y - height / 2 + height / 2 * math.sin(t * 0.9))
        for t in range(61)
    ]
    return lambda pen: pen.line(points, fill=30, width=3, joint="curve")


def found(*drawn: Drawing, printed: tuple[tuple[float, float, float, float], ...] = ()) -> list[Ink]:
    return find_ink(page(*drawn), DPI, 200, printed)


@pytest.mark.parametrize("y", [795, 812])
def test_a_pen_over_or_through_the_line_is_a_mark_and_the_line_is_not_empty(y: int) -> None:
    (mark,) = found(rule, scribble(y=y))
    assert mark.inked
    assert mark.x0 == pytest.approx(320, abs=20)


def test_a_bare_line_is_one_to_sign_on() -> None:
    (line,) = found(rule)
    assert not line.inked
    assert (line.x0, line.x1) == pytest.approx((300, 701), abs=2)


def underline(pen: ImageDraw.ImageDraw) -> None:
    pen.line((320, 790, 520, 782), fill=0, width=3)


def staple(pen: ImageDraw.ImageDraw) -> None:
    pen.line((330, 780, 390, 760), fill=60, width=9)


def logo(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse((340, 740, 400, 800), fill=0)


def ring(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse((340, 720, 420, 795), outline=0, width=4)


def tick(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((330, 770, 352, 792), outline=0, width=2)
    pen.line(((332, 780), (340, 790), (358, 762)), fill=0, width=3)


def stamp(pen: ImageDraw.ImageDraw) -> None:
    pen.polygon(((330, 740), (570, 730), (572, 780), (332, 790)), outline=0, width=3)
    for n in range(8):
        x = 345 + 27 * n
        pen.line(((x, 770 - n), (x + 8, 745 - n), (x + 16, 770 - n), (x + 4, 760 - n)), fill=0, width=4)


def specks(pen: ImageDraw.ImageDraw) -> None:
    for n in range(60):
        x, y = 310 + (n * 37) % 200, 750 + (n * 23) % 45
        pen.rectangle((x, y, x + n % 3, y + n % 2), fill=0)


def shadow(pen: ImageDraw.ImageDraw) -> None:
    pen.polygon(((0, 0), (14, 0), (8, 800), (14, 1650), (0, 1650)), fill=0)


@pytest.mark.parametrize("dirt", [underline, staple, logo, ring, tick, stamp, specks, shadow])
def test_what_no_pen_signed_is_no_mark(dirt: Drawing) -> None:
    assert not [mark for mark in found(rule, dirt) if mark.inked]


def test_recognised_print_is_no_mark() -> None:
    assert found(scribble(), printed=((300, 730, 560, 830),)) == []


def test_rows_of_a_table_are_no_lines_to_sign_on() -> None:
    def table(pen: ImageDraw.ImageDraw) -> None:
        for row in range(6):
            pen.rectangle((300, 800 + 30 * row, 900, 801 + 30 * row), fill=0)

    assert found(table) == []


def test_a_mark_knows_the_words_around_it() -> None:
    text = "Physician signature: Date: 03/12/2025\nMarta Olvera, MD"
    words = [
        Word(0, 20, 72, 380, 140, 392),
        Word(21, 26, 360, 380, 385, 392),
        Word(27, 37, 388, 380, 440, 392),
    ]
    words += [
        Word(38, 43, 150, 396, 180, 408),
        Word(44, 51, 183, 396, 225, 408),
        Word(52, 54, 228, 396, 242, 408),
    ]
    (mark,) = marks_of([Ink(160, 360, 250, 390, True)], text, words)
    assert [cell.text for cell in mark.left] == ["Physician signature:"]
    assert [cell.text for cell in mark.right] == ["Date: 03/12/2025"]
    assert [cell.text for cell in mark.below] == ["Marta Olvera, MD"]


def test_specks_are_taken_out_and_full_stops_stay() -> None:
    picture = Image.new("L", (900, 900), 255)
    pixels = picture.load()
    assert pixels is not None
    for n in range(500):
        pixels[20 + (n % 25) * 34, 20 + (n // 25) * 40] = 0
    pen = ImageDraw.Draw(picture)
    pen.rectangle((450, 870, 454, 874), fill=0)
    clean = np.asarray(cleaned(picture, 200))
    assert np.count_nonzero(clean < 200) == 25


def test_pieces_of_a_mask_touch_at_sides_and_corners() -> None:
    mask = np.array(
        [[1, 1, 0, 0, 1], [0, 0, 1, 0, 1], [0, 0, 0, 0, 0], [1, 0, 1, 0, 0], [1, 1, 1, 0, 1]], dtype=bool
    )
    pieces = pieces_of(mask)
    assert pieces.boxes.tolist() == [[0, 0, 3, 2], [4, 0, 5, 2], [0, 3, 3, 5], [4, 4, 5, 5]]
    assert pieces.areas.tolist() == [3, 2, 5, 1]
    assert len(pieces_of(np.zeros((3, 3), dtype=bool)).areas) == 0
