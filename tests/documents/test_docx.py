"""Word documents as their visible text."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.document import Document

from doc_review.documents.docx import document_text
from doc_review.errors import DocumentError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def saved(document: Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def text_of(body: str) -> str:
    """Text of a document with this body, in WordprocessingML."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {W} {MC}><w:body>{body}</w:body></w:document>")
    return document_text(buffer.getvalue())


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_paragraphs_tables_headers_and_footers() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Cancer Center"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_paragraph("Plan\tVMAT")
    table = document.add_table(2, 2)
    for cell, written in zip(table._cells, ("Structure", "Goal", "Cord", "45 Gy\nmax"), strict=True):
        cell.text = written
    document.add_paragraph("Signed")
    assert document_text(saved(document)) == (
        "Cancer Center\nPlan\tVMAT\nStructure | Goal\nCord | 45 Gy max\nSigned\nPage 1"
    )


def test_tracked_insertions_are_in_and_deletions_out() -> None:
    body = (
        f"<w:p>{run('dose ')}<w:del><w:r><w:delText>60</w:delText></w:r></w:del><w:ins>{run('70')}</w:ins>{run(' Gy')}</w:p>"
        f"<w:ins><w:p>{run('added')}</w:p></w:ins>"
        f"<w:p><w:moveFrom>{run('moved')}</w:moveFrom></w:p><w:p><w:moveTo>{run('moved')}</w:moveTo></w:p>"
    )
    assert text_of(body) == "dose 70 Gy\nadded\n\nmoved"


def test_tick_boxes_of_old_and_new_forms() -> None:
    old = "<w:r><w:fldChar><w:ffData><w:checkBox><w:default w:val='0'/>{}</w:checkBox></w:ffData></w:fldChar></w:r>"
    symbol = "<w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r>"
    body = f"<w:p>{old.format('<w:checked/>')}{run(' IMRT ')}{old.format('')}{run(' 3D ')}{symbol}{run(' CT')}</w:p>"
    assert text_of(body) == "[x] IMRT [ ] 3D \u2611 CT"


def test_hidden_text_and_field_codes_are_out() -> None:
    body = f"<w:p>{run('seen')}<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    assert text_of(body) == "seen"


def test_text_boxes_are_read_once() -> None:
    box = f"<w:txbxContent><w:p>{run('box')}</w:p></w:txbxContent>"
    body = (
        f"<w:p>{run('before')}<w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert text_of(body) == "before\nbox"


def test_content_controls_and_links_are_walked_through() -> None:
    body = (
        f"<w:sdt><w:sdtContent><w:p><w:hyperlink>{run('link')}</w:hyperlink></w:p></w:sdtContent></w:sdt>"
        f"<w:p><w:sdt><w:sdtContent>{run('inside')}</w:sdtContent></w:sdt></w:p>"
    )
    assert text_of(body) == "link\ninside"


def test_entities_are_not_expanded() -> None:
    buffer = io.BytesIO()
    bomb = f'<!DOCTYPE d [<!ENTITY a "x">]><w:document {W}><w:body><w:p><w:r><w:t>n&a;</w:t></w:r></w:p></w:body></w:document>'
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", bomb)
    assert document_text(buffer.getvalue()) == "n"


def test_a_document_without_text_is_told() -> None:
    with pytest.raises(DocumentError, match="no text"):
        document_text(saved(docx.Document()))
