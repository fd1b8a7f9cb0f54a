"""Marks in ink and bare lines turned into signatures: whose, of what kind, and what they quote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doc_review.documents.base import Cell, Chart, Mark, Page, Row, Table
from doc_review.evidence.note import Note
from doc_review.evidence.pipeline import extract_evidence
from doc_review.evidence.signatures import signatures_of
from doc_review.evidence.signing import Signature
from doc_review.model import Box, Evidence

from .support import make_note


class Paper:
    """The geometry of one page with one mark."""

    def __init__(self, *marks: Mark) -> None:
        self._marks = marks

    def boxes(self, page: int, start: int, end: int) -> tuple[Box, ...]:
        return ()

    def tables(self, page: int) -> tuple[Table, ...]:
        return ()

    def rows(self, page: int) -> tuple[Row, ...]:
        return ()

    def marks(self, page: int) -> tuple[Mark, ...]:
        return self._marks


def signed(text: str, inked: bool = True, **around: str) -> list[Signature]:
    """Signatures of a recognised page with one mark; ``around`` gives the words on its sides."""
    return list(signatures_of(paper(text, inked, **around)))


def paper(text: str, inked: bool = True, confidence: float = 0.95, **around: str) -> Note:
    cells = {
        side: tuple(Cell(w, text.index(w), text.index(w) + len(w)) for w in words.split("|"))
        for side, words in around.items()
    }
    note = make_note(text, kind="plan_approval", document="scan.tif")
    marks = [Mark(inked, **cells)] if around else []
    document = replace(note.document, pages=(Page(1, text, "ocr", confidence),), geometry=Paper(*marks))
    return Note(document, note.entry)


FORM = "PLAN APPROVAL\nPhysician signature:                Date: 03/12/2025\n                     Marta Olvera, MD\n"


def test_a_mark_on_the_line_is_a_signature_of_the_person_printed_there() -> None:
    (item,) = signed(FORM, left="Physician signature:", right="Date: 03/12/2025", below="Marta Olvera, MD")
    assert (item.kind, item.counts, item.absent) == ("mark", True, False)
    assert (item.signer, item.role) == ("Marta Olvera, MD", "radiation_oncologist")
    assert str(item.date) == "2025-03-12"
    assert "Marta Olvera, MD" in FORM[item.start : item.end]


def test_a_bare_line_lacks_the_signature_though_name_and_date_are_printed() -> None:
    text = FORM.replace("Physician signature:", "Approved by:")
    items = signed(text, inked=False, left="Approved by:", right="Date: 03/12/2025", below="Marta Olvera, MD")
    assert [item.kind for item in items if item.absent] == ["blank"]
    assert not any(item.counts for item in items)


@pytest.mark.parametrize("garbage", ["CAL", "M#", "Mol", "JW"])
@pytest.mark.parametrize("label", ["Physician signature:", "Approved by:", "Signed:"])
def test_strokes_read_as_letters_are_no_electronic_signature(garbage: str, label: str) -> None:
    text = f"PLAN APPROVAL\n{label} {garbage}      Date: 03/12/2025\n"
    assert not any(item.counts for item in signed(text))


def test_a_mark_takes_the_place_of_letters_read_from_it() -> None:
    text = FORM.replace("signature:  ", "signature: CAL")
    (item,) = signed(text, left="CAL|Physician signature:", below="Marta Olvera, MD")
    assert (item.kind, item.signer) == ("mark", "Marta Olvera, MD")


def test_ink_over_a_typed_name_signs_for_that_person() -> None:
    (item,) = signed("PLAN APPROVAL\nPaul Farrow, MD\n", through="Paul Farrow, MD")
    assert (item.kind, item.counts, item.signer) == ("mark", True, "Paul Farrow, MD")


def test_a_mark_that_names_nobody_does_not_count() -> None:
    (item,) = signed("PLAN APPROVAL\nApproved by:\n", left="Approved by:")
    assert (item.kind, item.counts) == ("mark", False)


def test_the_only_physician_named_at_the_head_is_the_writer() -> None:
    text = "PLAN APPROVAL\nAttending physician: Marta Olvera, MD\n\n\n\n\nApproved by:\n"
    marks = [item for item in signed(text, left="Approved by:") if item.kind == "mark"]
    assert [(item.signer, item.counts) for item in marks] == [("Marta Olvera, MD", True)]


@pytest.mark.parametrize(
    "label", ["Patient signature:", "Witness signature:", "Date:", "Name:", "Signature of guardian:"]
)
def test_a_mark_at_another_label_signs_nothing(label: str) -> None:
    text = f"PLAN APPROVAL\n{label}\nMarta Olvera, MD\n"
    assert not any(item.kind == "mark" for item in signed(text, left=label, below="Marta Olvera, MD"))


def test_a_mark_in_the_margin_signs_nothing() -> None:
    text = "PLAN APPROVAL\nRectum V70 below 15 percent\nCoverage 98 percent"
    assert not signed(text, left="Rectum V70 below 15 percent", below="Coverage 98 percent")


def test_an_electronic_signature_stands_beside_a_mark() -> None:
    text = "PLAN APPROVAL\nElectronically signed by Marta Olvera, MD 03/12/2025\nPhysician signature:\n"
    kinds = {item.kind for item in signed(text, inked=False, left="Physician signature:")}
    assert kinds == {"electronic", "blank"}


@pytest.mark.parametrize(("page", "expected"), [(0.95, 0.95), (0.5, 0.475)])
def test_a_poorly_recognised_page_makes_its_evidence_unsure(page: float, expected: float) -> None:
    note = paper("PLAN APPROVAL\nElectronically approved by Marta Olvera, MD 03/12/2025\n", confidence=page)
    evidence = _evidence(note)
    assert [item.confidence for item in evidence if item.kind == "signature"] == [expected]


def _evidence(note: Note) -> list[Evidence]:
    meta = note.document.meta.model_copy(update={"entries": (note.entry,)})
    return list(extract_evidence(Chart((replace(note.document, meta=meta),)))[0])


def test_a_stamped_date_at_a_signature_line_signs_for_nobody() -> None:
    text = (
        "PLAN APPROVAL\nVera Vance, MD, Radiation Oncologist\nPhysician signature:\n    FILED MAR 12 2025\n"
    )
    assert not any(item.counts for item in signed(text))


def test_a_stamp_read_as_a_name_does_not_fill_a_bare_line() -> None:
    text = "PLAN APPROVAL\nApproved by:     SCA NINE\n"
    items = signed(text, inked=False, left="Approved by:", through="SCA NINE")
    assert [(item.kind, item.counts) for item in items] == [("blank", False)]


def test_a_form_number_below_a_label_is_nobody() -> None:
    assert not any(
        item.counts for item in signed("PLAN APPROVAL\nApproved:     Nadia\n\nForm RO-17  Page 1 of 1\n")
    )
