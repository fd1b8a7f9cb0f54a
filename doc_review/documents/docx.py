"""A Word document turned into its visible text: paragraphs as lines, table rows as ``cell | cell``.

Tracked insertions are in, deletions out. Page headers come first and footers last, each once. Tick boxes
become ``[x]`` or ``[ ]``; hidden text, comments and field codes are left out.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from ..errors import DocumentError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MAIN = "word/document.xml"
_MAX_PART = 64 * 1024**2
_LEFT_OUT = frozenset(
    _W + name
    for name in [
        "del",
        "moveFrom",
        "instrText",
        "delText",
        "delInstrText",
        "pPr",
        "rPr",
        "tblPr",
        "tcPr",
        "trPr",
        "sectPr",
        "fldData",
    ]
)
_WINGDINGS = {
    "F0FE": "\u2611",
    "F052": "\u2611",
    "F0FD": "\u2612",
    "F053": "\u2612",
    "F078": "\u2612",
    "F0A8": "\u2610",
    "F06F": "\u2610",
    "F071": "\u2610",
    "F0A3": "\u2610",
    "F0FC": "\u2713",
    "F050": "\u2713",
    "F0FB": "\u2717",
    "F0A7": "\u2022",
}
"""Boxes, ticks and bullets that forms are made with."""
_SYMBOL = {"F0A3": "\u2264", "F0B3": "\u2265", "F0B1": "\u00b1", "F0B0": "\u00b0", "F0B7": "\u2022"}


def document_text(data: bytes) -> str:
    """Visible text of a .docx. Raises ``DocumentError`` for a damaged one or one with no text."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            text = _Reader(archive).text()
    except (
        zipfile.BadZipFile,
        KeyError,
        etree.XMLSyntaxError,
        OSError,
        EOFError,
        NotImplementedError,
        ValueError,
        zlib.error,
    ) as error:
        raise DocumentError("is a damaged Word document: save it again") from error
    except RuntimeError as error:  # zipfile's word for an encrypted member
        raise DocumentError("is encrypted: save a copy without a password") from error
    if not text.strip():
        raise DocumentError("holds no text: where it holds pictures of pages, save it as PDF")
    return text


class _Reader:
    """Parts of one document."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())

    def _part(self, name: str) -> etree._Element:
        if self._archive.getinfo(name).file_size > _MAX_PART:
            raise DocumentError("holds more than 64 MB of text: split it")
        xml = self._archive.read(name).replace(_STRICT[1:-1].encode(), _W[1:-1].encode())
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True
        )
        return etree.fromstring(xml, parser)

    def text(self) -> str:
        """Headers, body, notes and footers in this order."""
        main = self._part(_MAIN)
        body = main.find(f"{_W}body")
        lines = self._running("header", main)
        lines += _lines(body) if body is not None else []
        for notes in ("word/footnotes.xml", "word/endnotes.xml"):
            if notes in self._names:
                lines += [
                    line for note in self._part(notes) if not note.get(f"{_W}type") for line in _lines(note)
                ]
        lines += self._running("footer", main)
        return "\n".join(lines).strip("\n")

    def _running(self, kind: str, main: etree._Element) -> list[str]:
        """Lines of the headers or footers that sections refer to, each text once."""
        targets = self._targets()
        seen: dict[tuple[str, ...], None] = {}
        for reference in main.iter(f"{_W}{kind}Reference"):
            relation = next((v for k, v in reference.attrib.items() if str(k).endswith("}id")), "")
            name = targets.get(str(relation), "")
            if name in self._names:
                seen[tuple(line for line in _lines(self._part(name)) if line.strip())] = None
        return [line for lines in seen for line in lines]

    def _targets(self) -> dict[str, str]:
        name = "word/_rels/document.xml.rels"
        if name not in self._names:
            return {}
        return {
            str(relation.get("Id")): posixpath.normpath(
                posixpath.join("word", str(relation.get("Target")))
            ).lstrip("/")
            for relation in self._part(name)
        }


def _lines(parent: etree._Element) -> list[str]:
    """Lines of the paragraphs and tables below an element."""
    lines: list[str] = []
    for block in _blocks(parent):
        if block.tag == f"{_W}p":
            lines += _paragraph(block)
        else:
            lines += [row for row in (_row(row) for row in _below(block, "tr")) if row.strip(" |")]
    return lines


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables directly below, through content controls and tracked insertions."""
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}moveTo", f"{_W}customXml"):
            yield from _blocks(child)


def _below(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, through content controls; deleted rows are left out."""
    for child in parent:
        if child.tag == f"{_W}{name}":
            if child.find(f"{_W}trPr/{_W}del") is None:
                yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _below(child, name)


def _row(row: etree._Element) -> str:
    return " | ".join(" ".join(" ".join(_lines(cell)).split()) for cell in _below(row, "tc"))


def _paragraph(paragraph: etree._Element) -> list[str]:
    """The lines of a paragraph, then those of the text boxes anchored in it."""
    pieces: list[str] = []
    boxes: list[etree._Element] = []
    _collect(paragraph, pieces, boxes)
    lines = "".join(pieces).split("\n")
    for box in boxes:
        lines += _lines(box)
    return lines


def _collect(element: etree._Element, pieces: list[str], boxes: list[etree._Element]) -> None:
    for child in element:
        tag = child.tag
        if tag in _LEFT_OUT or (tag == f"{_W}r" and _vanished(child)):
            continue
        if tag == f"{_W}t":
            pieces.append((child.text or "").replace("\n", " "))
        elif tag in (f"{_W}tab", f"{_W}ptab"):
            pieces.append("\t")
        elif tag in (f"{_W}br", f"{_W}cr"):
            pieces.append("\n")
        elif tag == f"{_W}noBreakHyphen":
            pieces.append("-")
        elif tag == f"{_W}sym":
            pieces.append(_symbol(child))
        elif tag == f"{_W}ffData":
            pieces.append(_form_box(child))
        elif tag == f"{_W}txbxContent":
            boxes.append(child)
        elif tag == f"{_MC}AlternateContent":
            chosen = child.find(f"{_MC}Choice")
            chosen = chosen if chosen is not None else child.find(f"{_MC}Fallback")
            if chosen is not None:
                _collect(chosen, pieces, boxes)
        else:
            _collect(child, pieces, boxes)


def _vanished(run: etree._Element) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val", "true") not in ("0", "false", "off")


def _symbol(element: etree._Element) -> str:
    """A character of a symbol font in plain Unicode; U+FFFD for one that is not known."""
    code = str(element.get(f"{_W}char", "")).upper()
    known = _SYMBOL if str(element.get(f"{_W}font", "")).casefold() == "symbol" else _WINGDINGS
    return known.get(code, "\ufffd")


def _form_box(field: etree._Element) -> str:
    """State of an old form's check box: what was set, otherwise its default."""
    box = field.find(f"{_W}checkBox")
    if box is None:
        return ""
    mark = box.find(f"{_W}checked")
    mark = mark if mark is not None else box.find(f"{_W}default")
    ticked = mark is not None and mark.get(f"{_W}val", "1") not in ("0", "false", "off")
    return "[x]" if ticked else "[ ]"
