"""Heads that a print sets over every note (date and author, title or none), and what only looks like one."""

from __future__ import annotations

from doc_review.documents.entries import split

from .test_entries import check_cover, document, summary

CONSULT = """Reason for visit: seen in consultation for prostate cancer.
History of present illness: PSA 8.1, Gleason 7 on biopsy.
Plan: IMRT to 70 Gy."""
SIM = """The patient was simulated supine with a Vac-Lok bag.
Slices of 2 mm were taken and the isocenter was marked."""
CHECK = "Fractions 1-5 reviewed. Treatment parameters verified against the plan."
NOTES = [("01/08/2025", "Alan Roe, MD", CONSULT), ("01/15/2025", "Alan Roe, MD", SIM)]
NOTES.append(("02/07/2025", "Grant Poe, PhD", CHECK))
KINDS = [("consultation", "2025-01-08"), ("simulation", "2025-01-15"), ("physics_check", "2025-02-07")]


def test_untitled_notes_are_cut_at_their_date_and_author() -> None:
    doc = document("\n".join(f"{'=' * 40}\nDate: {d}    Author: {a}\n\n{text}" for d, a, text in NOTES))
    assert summary(doc) == KINDS
    assert [entry.author for entry in split(doc)] == ["Alan Roe, MD", "Alan Roe, MD", "Grant Poe, PhD"]
    check_cover(doc)


def test_date_and_author_on_two_lines_head_a_note() -> None:
    doc = document("\n".join(f"\nAuthor: {a}\nDate of service: {d}\n\n{text}" for d, a, text in NOTES))
    assert summary(doc) == KINDS


def test_columns_of_date_author_and_title_head_a_note() -> None:
    titles = ["Consultation", "Simulation", "Physics Chart Check"]
    for order in ("Document {t} Service date {d} Author {a}", "Date {d} Clinician {a} Note type {t}"):
        words = order.split()
        names = " ".join(word for word in words if not word.startswith("{"))
        rows = [
            " ".join(word for word in words if word.startswith("{")).format(t=title, d=d, a=a)
            for (d, a, _), title in zip(NOTES, titles, strict=True)
        ]
        doc = document("\n".join(f"{names}\n{row}\n{note[2]}" for row, note in zip(rows, NOTES, strict=True)))
        assert summary(doc) == KINDS, order


def test_a_note_titled_by_a_person_on_a_day_is_of_that_day_not_of_its_filing() -> None:
    titles = ["Consult Note", "Simulation Note", "Weekly Physics Check"]
    doc = document(
        "\n".join(
            f"{title} by {a} on {d} 10:30\nStatus: Signed   Filed: 03/01/2025\n{text}\n"
            f"Electronically signed by {a} on 03/01/2025 10:55"
            for (d, a, text), title in zip(NOTES, titles, strict=True)
        )
    )
    assert summary(doc) == KINDS


def test_signature_blocks_are_no_heads() -> None:
    """A block of name and date below each note belongs to the note above it."""
    titles = ["CONSULTATION NOTE", "SIMULATION NOTE", "PHYSICS CHECK"]
    doc = document(
        "\n".join(
            f"{title}\n{text}\nElectronically signed by {a} on {d}\nProvider: {a}   Date: {d}\n"
            for (d, a, text), title in zip(NOTES, titles, strict=True)
        )
    )
    assert summary(doc) == KINDS
    assert [entry.author for entry in split(doc)] == ["Alan Roe, MD", "Alan Roe, MD", "Grant Poe, PhD"]


def test_a_head_repeated_on_the_next_sheet_continues_its_note() -> None:
    heads = [f"Provider: {a}   Date of service: {d}" for d, a, _ in NOTES]
    sheets = [
        f"{heads[0]}\n{CONSULT}",
        f"{heads[0]}\nRisks and benefits were discussed at length with the patient.",
        f"{heads[1]}\n{SIM}",
        f"{heads[2]}\n{CHECK}",
    ]
    doc = document(*sheets, name="chart.pdf")
    assert summary(doc) == KINDS
    assert [(entry.page, entry.end_page) for entry in split(doc)] == [(1, 2), (3, 3), (4, 4)]


def test_rows_at_the_top_of_a_sheet_stay_with_the_record_above() -> None:
    rows = [f"{n}   02/{n:02}/2025   2 Gy   Linac 2" for n in range(3, 9)]
    head = "Hill Cancer Center   Jane Doe   MRN 123456"
    first = "\n".join([head, *(f"Date: {d}  Author: {a}\n{t}" for d, a, t in NOTES)])
    record = "\n".join([first, "Date: 02/08/2025  Author: Tess Moll, RTT", "Course C1", *rows[:5]])
    rest = (
        f"{head}\n{rows[5]}\n{'=' * 30}\nDate: 03/01/2025  Author: Alan Roe, MD\nShe has completed radiation."
    )
    doc = document(record, rest, name="chart.pdf")
    last = split(doc)[-1]
    assert doc.pages[1].text[last.start :].lstrip("= \n").startswith("Date: 03/01/2025")
