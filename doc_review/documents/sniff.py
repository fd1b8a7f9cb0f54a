"""The first bytes and the name of a file turned into what kind of file it is."""

from __future__ import annotations

import io
import re
import zipfile
from enum import Enum
from pathlib import PurePosixPath

from ..case.raw import MAX_DIRECTORY, directory_size


class Kind(Enum):
    """Kinds of file: media type and, for one that is not read, the mend."""

    TEXT = ("text/plain", "")
    HTML = ("text/html", "")
    DOCX = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "")
    PDF = ("application/pdf", "")
    TIFF = ("image/tiff", "")
    JPEG = ("image/jpeg", "")
    PNG = ("image/png", "")
    EMPTY = ("application/x-empty", "is empty: export it again")
    DICOM = ("application/dicom", "")
    DICOM_IMAGE = (
        "application/dicom; object=image",
        "is a DICOM image, which holds nothing to review: leave it out",
    )
    DICOM_STRUCTURES = (
        "application/dicom; object=rtstruct",
        "is a DICOM RT Structure Set, which is not read: leave it out",
    )
    DICOM_DOSE = (
        "application/dicom; object=rtdose",
        "is a DICOM RT Dose, which is not read: export the plan report with its DVH as PDF",
    )
    DICOM_RECORD = (
        "application/dicom",
        "is a DICOM object other than RT Plan and RT Beams Treatment Record: export its report as PDF",
    )
    LEGACY_OFFICE = (
        "application/x-ole-storage",
        "is an old or protected Office file: save it as .docx or PDF",
    )
    OFFICE = ("application/zip+office", "is an Office file other than .docx: save it as PDF")
    ZIP = ("application/zip", "is an archive inside the case: unpack its documents into the case")
    ARCHIVE = ("application/x-archive", "is an archive inside the case: unpack its documents into the case")
    RTF = ("application/rtf", "is an RTF file: save it as .docx or PDF")
    IMAGE = ("image/other", "is an image of a kind that is not read: save it as TIFF, JPEG, PNG or PDF")
    DATA = ("text/data", "is a data or message file: save it as .txt or PDF")
    BROKEN_PDF = ("application/pdf", "is named .pdf and holds no PDF: export it again")
    BROKEN_DOCX = (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "is named .docx and holds no Word document: save it again",
    )
    BROKEN_IMAGE = ("application/octet-stream", "is named as an image and holds none: scan or save it again")
    BINARY = ("application/octet-stream", "is a kind of file that is not read: save it as PDF or .txt")

    def __init__(self, media_type: str, mend: str) -> None:
        self.media_type = media_type
        self.mend = mend


_HEADS = (
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),
    (b"MM\x00+", Kind.TIFF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.LEGACY_OFFICE),
    (b"{\\rtf", Kind.RTF),
    (b"GIF8", Kind.IMAGE),
    (b"BM", Kind.IMAGE),
    (b"\x00\x00\x00\x0cjP  ", Kind.IMAGE),
    (b"\x1f\x8b\x08", Kind.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Kind.ARCHIVE),
    (b"Rar!\x1a\x07", Kind.ARCHIVE),
)
_DICOM_CLASS = re.compile(rb"1\.2\.840\.10008\.5\.1\.4\.1\.1\.(\d+(?:\.\d+)*)")
_DICOM_STARTS = (b"\x02\x00\x00\x00", b"\x02\x00\x01\x00", b"\x08\x00", b"\x00\x08")
"""First elements of a DICOM file without preamble: its header, or group 0008 in either byte order."""
_DICOM_KINDS = {
    b"481.4": Kind.DICOM,
    b"481.5": Kind.DICOM,
    b"481.8": Kind.DICOM,
    b"481.9": Kind.DICOM,
    b"481.1": Kind.DICOM_IMAGE,
    b"481.2": Kind.DICOM_DOSE,
    b"481.3": Kind.DICOM_STRUCTURES,
}
"""Kind of a storage class by its last components (DICOM PS3.6, annex A): plans and beam records are read."""
_DICOM_IMAGES = re.compile(rb"(?:1|2|3|4|6|7|12|20|77|128|130)(?:\.\d+)*")
_TEXT_NAMES = frozenset(
    {"", ".txt", ".md", ".text", ".markdown", ".asc", ".log", ".note", ".rpt", ".prn", ".out"}
)
_HTML_NAMES = frozenset({".html", ".htm", ".xhtml"})
_BROKEN = {
    ".pdf": Kind.BROKEN_PDF,
    ".docx": Kind.BROKEN_DOCX,
    **dict.fromkeys((".tif", ".tiff", ".jpg", ".jpeg", ".png"), Kind.BROKEN_IMAGE),
}
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_TAG = re.compile(rb"<(?:p|div|table|span|br|h[1-6]|b|ul|tr|td|pre|section|font)\b[^>]*>", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B}) + b"\x7f"
_MOST_CONTROL = 0.005
"""Share of control characters that a text may hold; packed or encrypted bytes hold some 10 %."""


def kind_of(data: bytes, name: str) -> Kind:
    """Kind of a file by its bytes; the name decides only among kinds of text."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return Kind.EMPTY
    suffix = PurePosixPath(name).suffix.casefold()
    head = data[:1024]
    for start, kind in _HEADS:
        if head.startswith(start) and (kind is not Kind.IMAGE or not _is_text(data)):
            return kind
    if (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or head[4:8] == b"ftyp":
        return Kind.IMAGE
    if data[128:132] == b"DICM" or (head.startswith(_DICOM_STARTS) and _DICOM_CLASS.search(head)):
        return _dicom_kind(data)
    if b"%PDF-" in head and (
        suffix == ".pdf" or not _is_text(data[:512]) or head.lstrip().startswith(b"%PDF-")
    ):
        return Kind.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _packed(data)
    if suffix == ".dcm":
        return Kind.DICOM
    if suffix in _BROKEN and not _HTML.match(_plain(data)):
        return _BROKEN[suffix]
    return _text_kind(data, suffix)


def _dicom_kind(data: bytes) -> Kind:
    """What a DICOM file stores; one whose class is not told is left to the reader."""
    found = _DICOM_CLASS.search(data, 0, 8192)
    if found is None:
        return Kind.DICOM
    stored = found.group(1)
    image = _DICOM_IMAGES.fullmatch(stored)
    return _DICOM_KINDS.get(stored, Kind.DICOM_IMAGE if image else Kind.DICOM_RECORD)


def _packed(data: bytes) -> Kind:
    try:
        if directory_size(io.BytesIO(data)) > MAX_DIRECTORY:
            return Kind.ARCHIVE
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return Kind.BROKEN_DOCX if b"word/" in data[:4096] else Kind.ARCHIVE
    if "word/document.xml" in names:
        return Kind.DOCX
    return Kind.OFFICE if "[Content_Types].xml" in names or "mimetype" in names else Kind.ZIP


def _text_kind(data: bytes, suffix: str) -> Kind:
    if not _is_text(data):
        return Kind.BINARY
    start = _plain(data)
    if _HTML.match(start) or (suffix in _HTML_NAMES and _TAG.search(start)):
        return Kind.HTML
    if suffix in _TEXT_NAMES or suffix in _HTML_NAMES or not suffix[1:].isalpha():
        return Kind.TEXT
    return Kind.DATA


def _plain(data: bytes) -> bytes:
    """The beginning of a text with the zero bytes of UTF-16 and a byte order mark left out."""
    start = data[:8192]
    return (
        start.removeprefix(b"\xef\xbb\xbf")
        .removeprefix(_UTF16[0])
        .removeprefix(_UTF16[1])
        .replace(b"\0", b"")
    )


def _is_text(data: bytes) -> bool:
    """Whether bytes can be text in some encoding."""
    if data.startswith(_UTF16) or looks_utf16(data) is not None:
        return True
    sample = data if len(data) <= 200_000 else data[:100_000] + data[-100_000:]
    return len(sample) - len(sample.translate(None, _CONTROL)) <= _MOST_CONTROL * len(sample)


def looks_utf16(data: bytes) -> str | None:
    """Encoding of UTF-16 without a mark: nearly every second byte is zero, the others are not."""
    sample = data[:4096]
    half = len(sample) // 2
    if half < 4:
        return None
    high, low = sample[1 : 2 * half : 2].count(0), sample[0 : 2 * half : 2].count(0)
    if high > 0.7 * half and low < 0.05 * half:
        return "utf-16-le"
    if low > 0.7 * half and high < 0.05 * half:
        return "utf-16-be"
    return None
