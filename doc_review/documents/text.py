"""Bytes of a text file turned into its text: line ends as they are, a byte order mark left out."""

from __future__ import annotations

import codecs
import re

from ..errors import DocumentError
from .sniff import looks_utf16

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_WESTERN = 0.12
"""Share of bytes above ASCII up to which a text is Western; in other scripts they are the letters."""
_SAMPLE = 65_536


def decode(data: bytes) -> str:
    """Text of a file in UTF-8, UTF-16, Windows-1252 or whatever else its bytes tell.

    Bytes that mean nothing in the encoding become U+FFFD. Raises ``DocumentError`` where no encoding fits.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    unmarked = looks_utf16(data)
    if unmarked is not None:
        return data.decode(unmarked, "replace")
    return data.decode(_encoding(data), "replace")


def _encoding(data: bytes) -> str:
    high = len(_HIGH.findall(data))
    sequences = sum(len(match) for match in _SEQUENCE.findall(data))
    if sequences >= 0.5 * high:
        return "utf-8"
    if high <= _WESTERN * len(data):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        raise DocumentError("is text in no encoding that could be told: save it as UTF-8")
    return best.encoding
