"""The bytes of a DICOM file turned into a verdict before it is parsed: whole, of bearable size and depth.

A parser takes a file that was cut off for a shorter one, and makes an object of every element it is
shown. This walk over the headers alone finds the cut, and stops at a bound.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from ..errors import DocumentError

MOST_ELEMENTS = 300_000
"""Elements and items of one object; a plan of two arcs has some 10,000, a helical one some 100,000."""
_MOST_INFLATED = 64 * 1024**2
_DEEPEST = 16
_UNDEFINED = 0xFFFFFFFF
_DEFLATED = "1.2.840.10008.1.2.1.99"
_IMPLICIT = "1.2.840.10008.1.2"
_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
"""Value representations with a length of four bytes in explicit syntaxes."""
_CUT = "is a damaged DICOM object (cut off or broken): export it again"
_NO_DICOM = "is named as DICOM and holds no DICOM object: export it again"
_TOO_LARGE = "is a DICOM object too large to be a plan or treatment record: export the plan report as PDF"


@dataclass(slots=True)
class _Level:
    """A dataset, or a sequence of items, that is being walked; ``end`` is ``None`` for undefined length."""

    end: int | None
    sequence: bool
    implicit: bool


def check(data: bytes) -> None:
    """Raise ``DocumentError`` unless the file is one whole DICOM object within the bounds."""
    position = 132 if data[128:132] == b"DICM" else 0
    position, syntax = _meta(data, position)
    if syntax == _DEFLATED:
        data, position = _inflated(data[position:]), 0
    little = syntax != _BIG_ENDIAN and data[position : position + 2] != b"\x00\x08"
    implicit = syntax == _IMPLICIT if syntax else not data[position + 4 : position + 6].isalpha()
    if data[position : position + 2] not in (b"\x08\x00", b"\x00\x08"):
        raise DocumentError(_CUT if syntax else _NO_DICOM)
    _walk(data, position, implicit, "<" if little else ">")


def _meta(data: bytes, position: int) -> tuple[int, str]:
    """Where the dataset begins, and the transfer syntax that the file's header names ("" without one)."""
    syntax = ""
    while data[position : position + 2] == b"\x02\x00":
        header = data[position : position + 12]
        if len(header) < 12:
            raise DocumentError(_CUT)
        long = header[4:6] in _LONG
        length = struct.unpack_from("<I", header, 8)[0] if long else struct.unpack_from("<H", header, 6)[0]
        start = position + (12 if long else 8)
        if header[2:4] == b"\x10\x00":
            syntax = data[start : start + length].decode("ascii", "replace").strip("\0 ")
        position = start + length
    if position > len(data):
        raise DocumentError(_CUT)
    return position, syntax


def _inflated(data: bytes) -> bytes:
    try:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        found = unpacker.decompress(data, _MOST_INFLATED)
    except zlib.error:
        raise DocumentError(_CUT) from None
    if unpacker.unconsumed_tail:
        raise DocumentError(_TOO_LARGE)
    if not unpacker.eof:
        raise DocumentError(_CUT)
    return found


def _walk(data: bytes, position: int, implicit: bool, order: str) -> None:
    size = len(data)
    tag_of, short, long = (struct.Struct(order + form) for form in ("HH", "H", "I"))
    levels = [_Level(size, False, implicit)]
    count = 0
    while levels:
        level = levels[-1]
        if level.end is not None and position >= level.end:
            if position > level.end:
                raise DocumentError(_CUT)
            levels.pop()
            continue
        if position + 8 > size:
            if len(levels) == 1 and not data[position:].strip(b"\0"):
                return
            raise DocumentError(_CUT)
        count += 1
        if count > MOST_ELEMENTS or len(levels) > _DEEPEST:
            raise DocumentError(_TOO_LARGE)
        group, number = tag_of.unpack_from(data, position)
        if group == 0xFFFE:
            length = long.unpack_from(data, position + 4)[0]
            position += 8
            if number == 0xE000 and level.sequence:
                levels.append(_Level(_end(length, position, level, size), False, level.implicit))
            elif level.end is None and number == (0xE0DD if level.sequence else 0xE00D):
                levels.pop()
            else:
                raise DocumentError(_CUT)
            continue
        if level.sequence:
            raise DocumentError(_CUT)
        representation = b"" if level.implicit else data[position + 4 : position + 6]
        if level.implicit:
            length, position = long.unpack_from(data, position + 4)[0], position + 8
        elif representation in _LONG:
            if position + 12 > size:
                raise DocumentError(_CUT)
            length, position = long.unpack_from(data, position + 8)[0], position + 12
        else:
            length, position = short.unpack_from(data, position + 6)[0], position + 8
        end = _end(length, position, level, size)
        if end is None or representation == b"SQ":
            within = level.implicit or (end is None and representation == b"UN")
            levels.append(_Level(end, True, within))
        elif (
            level.implicit
            and data[position : position + 4] == b"\xfe\xff\x00\xe0"
            and _is_sequence(group, number)
        ):
            levels.append(_Level(end, True, True))
        else:
            position = end


def _end(length: int, position: int, level: _Level, size: int) -> int | None:
    """Where a value ends, ``None`` for an undefined length. Raises where it runs past what holds it."""
    if length == _UNDEFINED:
        return None
    end = position + length
    if end > (size if level.end is None else level.end):
        raise DocumentError(_CUT)
    return end


def _is_sequence(group: int, number: int) -> bool:
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    tag = group << 16 | number
    return bool(dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ")
