"""Marks on a page's text: nothing lost, every span whole, nothing invisible."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from doc_review.report.packet.marks import Mark, form_of, pieces, visible

spans = st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40)), max_size=8)


@given(st.text(max_size=40), spans)
def test_pieces_are_the_text_and_each_span_is_whole(text: str, raw: list[tuple[int, int]]) -> None:
    marks = [Mark(start, end, key, main=True) for key, (start, end) in enumerate(raw)]
    made = pieces(text, marks)
    assert "".join(piece.text for piece in made) == text
    for mark in marks:
        covered = "".join(piece.text for piece in made if mark.key in piece.keys)
        inside = 0 <= mark.start < mark.end <= len(text)
        assert covered == (text[mark.start : mark.end] if inside else "")
        assert sum(mark.key in piece.starts for piece in made) == inside


def test_overlapping_spans_share_a_piece() -> None:
    made = pieces("abcdef", [Mark(0, 4, 1, True), Mark(2, 6, 2, True), Mark(2, 4, 3, False)])
    assert [(piece.text, piece.keys) for piece in made] == [("ab", (1,)), ("cd", (1, 2, 3)), ("ef", (2,))]
    assert made[1].starts == (2,)


@given(st.text())
def test_visible_text_keeps_offsets_and_hides_nothing(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert not set(shown) & {"\r", "\x00", "\x1b", "\u202e", "\ud800"}
    assert shown.encode().decode() == shown


def test_line_ends_of_every_system_are_lines() -> None:
    assert visible("a\r\nb\rc\nd") == "a \nb\nc\nd"


def test_columns_are_told_from_prose() -> None:
    assert form_of("fx | date | dose\n1 | 02/03 | 200\n2 | 02/04 | 200\n") == "layout"
    assert form_of("Fx   Date        Dose\n1    02/03/2025  200\n") == "layout"
    assert form_of("The patient was seen.\nShe is well.\n  Indented line.\n") == "wrapped"
    assert form_of("The patient was seen. " * 30) == ""
    assert form_of("x   y" + "z" * 400) == ""
    assert form_of("") == "wrapped"
