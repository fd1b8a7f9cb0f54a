"""Flat offsets of a note and the citations they become."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from doc_review.evidence.note import fold
from doc_review.evidence.segments import segment
from doc_review.model import QUOTE_LIMIT

from .support import make_note

PAGES = st.lists(
    st.text(alphabet="abc XYZ.\n\u00e9\u2013\U0001f600", min_size=1, max_size=500), min_size=1, max_size=4
)


@given(PAGES, st.data())
def test_a_citation_quotes_its_page(pages: list[str], data: st.DataObject) -> None:
    note = make_note(*pages)
    start = data.draw(st.integers(0, len(note.text) - 1))
    end = data.draw(st.integers(start + 1, len(note.text)))
    if not note.text[start:end].strip():
        return
    citation = note.cite(start, end, anchor=(start, end))
    spans = [citation, *citation.also]
    for span in spans:
        assert pages[span.page - 1][span.start : span.end] == span.quote
        assert 0 < len(span.quote) <= QUOTE_LIMIT
    cited = "".join("".join(span.quote.split()) for span in sorted(spans, key=lambda s: (s.page, s.start)))
    assert cited == "".join(note.text[start:end].split())


@given(st.text(max_size=300))
def test_fold_keeps_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(alphabet="aB1 .:-\n[]x|\t", max_size=400))
def test_units_cover_all_text_in_order(text: str) -> None:
    units = list(segment(text))
    position = 0
    for unit in units:
        assert unit.start >= position
        assert not text[position : unit.start].strip()
        assert text[unit.start : unit.end].strip() == text[unit.start : unit.end] != ""
        position = unit.end
    assert not text[position:].strip()


def test_a_wrapped_sentence_is_one_unit() -> None:
    text = (
        "He was given two rounds of antibiotics at an urgent care, with no change in the\n"
        "size of the node over the following month. Flexible laryngoscopy then showed an\n"
        "exophytic lesion of the left palatine tonsil.\n"
    )
    assert [text[u.start : u.end].split()[0] for u in segment(text)] == ["He", "Flexible"]


def test_short_lines_stay_apart() -> None:
    text = "Supine\nArms up\nFull bladder\nVac-Lok bag\n"
    assert len(list(segment(text))) == 4
