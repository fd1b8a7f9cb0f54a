"""Quotes of a label found in pages whose text differs in white space, or in letters where it was recognised."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from doc_review.scoring.labels import Place
from doc_review.scoring.locate import align, choose, find_quote

PAGE = "Dose:  45 Gy\n   Spinal cord   Dmax < 45 Gy\nPlan approved by Ilse Braun, MD 03/01/2025\n"


def test_a_verbatim_quote() -> None:
    (place,) = find_quote("Plan approved by", "a.txt", {("a.txt", 1): PAGE, ("b.txt", 1): PAGE})
    assert (place.document, PAGE[place.start : place.end]) == ("a.txt", "Plan approved by")


def test_white_space_and_signs_may_differ() -> None:
    (place,) = find_quote("Spinal cord | Dmax <45 Gy", "a.txt", {("a.txt", 1): PAGE})
    assert PAGE[place.start : place.end] == "Spinal cord   Dmax < 45 Gy"


def test_letters_may_differ_only_on_a_recognised_page() -> None:
    pages = {("a.pdf", 1): "nothing here", ("a.pdf", 2): "P1an appr0ved by llse Braun, MD 03/01/2025"}
    quote = "Plan approved by Ilse Braun, MD"
    assert find_quote(quote, "a.pdf", pages) == ()
    (place,) = find_quote(quote, "a.pdf", pages, scanned=[2])
    assert pages["a.pdf", 2][place.start : place.end] == "P1an appr0ved by llse Braun, MD"


def test_another_text_is_not_taken_for_the_quote() -> None:
    pages = {("a.pdf", 1): "Weekly physics check of the third block, nothing to remark upon"}
    assert find_quote("Electronically signed by Ilse Braun", "a.pdf", pages, scanned=[1]) == ()
    assert find_quote("...", "a.pdf", pages) == ()


def test_a_quote_that_stands_twice_is_the_one_that_was_cited() -> None:
    places = find_quote("45 Gy", "a.txt", {("a.txt", 1): PAGE})
    assert len(places) == 2
    assert choose(places, [Place("a.txt", 1, places[1].start - 4, places[1].end)]) == places[1]
    assert choose(places, []) == places[0]
    assert choose([], []) is None


@settings(deadline=None)
@given(st.text("abc", max_size=12), st.text("abc", min_size=1, max_size=8), st.text("abc", max_size=12))
def test_a_part_of_a_text_aligns_without_errors(before: str, part: str, after: str) -> None:
    text = before + part + after
    errors, start, end = align(part, text)
    assert errors == 0
    assert text[start:end] == part


@settings(deadline=None)
@given(st.text("ab", min_size=1, max_size=7), st.text("ab", max_size=14))
def test_alignment_is_never_worse_than_leaving_all_out(part: str, text: str) -> None:
    errors, start, end = align(part, text)
    assert 0 <= errors <= len(part)
    assert 0 <= start <= end <= len(text)
