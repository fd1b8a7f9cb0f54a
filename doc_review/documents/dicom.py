"""A DICOM RT Plan or RT Beams Treatment Record turned into page text, one line per attribute, and its values.

``(300A,0002) RTPlanLabel: PROSTATE``; items of a sequence are numbered and indented. Values stand as
written. Leaf positions are counted, not listed. A control point after the first is one line.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
import math
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ..errors import DocumentError
from . import dicom_structure
from .base import DicomElement, DicomItem

PLAN_CLASSES = frozenset({"1.2.840.10008.5.1.4.1.1.481.5", "1.2.840.10008.5.1.4.1.1.481.8"})
"""RT Plan and RT Ion Plan storage (DICOM PS3.6, annex A)."""
RECORD_CLASSES = frozenset({"1.2.840.10008.5.1.4.1.1.481.4", "1.2.840.10008.5.1.4.1.1.481.9"})
"""RT Beams and RT Ion Beams Treatment Record storage."""
RECORD_BEAMS = ("TreatmentSessionBeamSequence", "TreatmentSessionIonBeamSequence")
_DAMAGED = "is a damaged DICOM object (it declares more than it holds): export it again"
_NO_DICOM = "is named as DICOM and holds no DICOM object: export it again"
_LISTED = 6
"""Most values that a line lists; more are leaf positions."""
_LONGEST = 4096
"""Code points of a value that are kept; no attribute of these objects has more of its own."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TEXT = frozenset(
    ["AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"]
)
_WHOLE = frozenset({"ST", "LT", "UT", "UR"})
"""Text representations whose value may hold a backslash."""


def read_object(data: bytes) -> tuple[str, DicomItem]:
    """Page text and values of a plan or treatment record.

    Raises ``DocumentError`` for a damaged object, one beyond the bounds, and one of another class.
    """
    dicom_structure.check(data)
    found = _Printer(data).read()
    item = found[1]
    if item.text("SOPClassUID") not in PLAN_CLASSES | RECORD_CLASSES:
        raise DocumentError(
            "is a DICOM object other than RT Plan and RT Beams Treatment Record: export its report as PDF"
        )
    _complete(item)
    return found


def _complete(item: DicomItem) -> None:
    """Raise where an object holds less than it says, or lacks what makes it a plan or record."""
    if item.text("SOPClassUID") in PLAN_CLASSES:
        beams = (*item.items("BeamSequence"), *item.items("IonBeamSequence"))
        numbers = {beam.text("BeamNumber") for beam in beams}
        groups = item.items("FractionGroupSequence")
        referenced = [
            r.text("ReferencedBeamNumber") for g in groups for r in g.items("ReferencedBeamSequence")
        ]
        if not (beams or item.items("ApplicationSetupSequence") or groups) or set(referenced) - numbers:
            raise DocumentError(_DAMAGED)
        for beam in beams:
            points = (*beam.items("ControlPointSequence"), *beam.items("IonControlPointSequence"))
            declared = beam.text("NumberOfControlPoints")
            if declared.isdigit() and len(points) < int(declared):
                raise DocumentError(_DAMAGED)
    elif not any(name in item.elements for name in RECORD_BEAMS):
        raise DocumentError(_DAMAGED)


@functools.cache
def _keywords(name: str) -> frozenset[str]:
    """One list of ``dicom_tags.yaml``."""
    loaded = yaml.safe_load((Path(__file__).parent / "dicom_tags.yaml").read_text(encoding="utf-8"))
    return frozenset(loaded[name])


class _Printer:
    """Prints the attributes that matter, in the object's order, and keeps their values and offsets."""

    def __init__(self, data: bytes) -> None:
        from pydicom import dcmread
        from pydicom.charset import convert_encodings
        from pydicom.errors import InvalidDicomError

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self.dataset = dcmread(io.BytesIO(data), force=True)
                stated = self.dataset.get("SpecificCharacterSet") or "ISO_IR 6"
                self.encodings: list[str] = convert_encodings(stated)
            except (InvalidDicomError, EOFError, ValueError, KeyError, LookupError, NotImplementedError):
                raise DocumentError(_NO_DICOM) from None
        self.parts: list[str] = []
        self.size = 0

    def read(self) -> tuple[str, DicomItem]:
        """The page text and the object."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            item = self._item(self.dataset, 0, "", compact=False)
        return "".join(self.parts), item

    def _put(self, text: str) -> tuple[int, int]:
        start = self.size
        self.parts.append(text)
        self.size += len(text)
        return start, self.size

    def _elements(self, dataset: Any, within: str) -> Iterator[tuple[Any, str, str]]:
        from pydicom.datadict import dictionary_VR, keyword_for_tag

        shown = _keywords("shown")
        if within in _keywords("compact"):
            shown -= _keywords("left_out_there")
        for tag in sorted(dataset.keys()):
            keyword = keyword_for_tag(tag)
            if keyword in shown:
                yield tag, keyword, dictionary_VR(tag)

    def _item(self, dataset: Any, depth: int, within: str, compact: bool) -> DicomItem:
        found: dict[str, DicomElement] = {}
        for tag, keyword, representation in self._elements(dataset, within):
            if representation == "SQ":
                items = self._sequence(dataset, tag, keyword, depth, compact)
                if items is not None:
                    found[keyword] = items
                continue
            values = self._values(dataset, tag, representation)
            if any(values):
                line = f"({tag.group:04X},{tag.element:04X}) {keyword}: {_listed(values)}"
                self._put("; " if compact and found else "" if compact else "  " * depth)
                start, end = self._put(line)
                self._put("" if compact else "\n")
                found[keyword] = DicomElement(values, start, end)
        return DicomItem(found)

    def _sequence(
        self, dataset: Any, tag: Any, keyword: str, depth: int, compact: bool
    ) -> DicomElement | None:
        try:
            held = list(dataset[tag].value or ())
        except (ValueError, TypeError, EOFError, AttributeError, NotImplementedError):
            raise DocumentError(_DAMAGED) from None
        if not held:
            return None
        if compact:
            start = self.size
            items = []
            for one in held:
                self._put("; ")
                items.append(self._item(one, depth, keyword, compact=True))
            return DicomElement((), start, self.size, tuple(items))
        lead = "  " * depth
        self._put(lead)
        count = f"{len(held)} item{'s' if len(held) != 1 else ''}"
        start, end = self._put(f"({tag.group:04X},{tag.element:04X}) {keyword}: {count}")
        self._put("\n")
        items = []
        for number, one in enumerate(held, start=1):
            short = keyword in _keywords("compact") and number > 1
            self._put(f"{lead}  item {number}: " if short else f"{lead}  item {number}\n")
            items.append(self._item(one, depth + 2, keyword, short))
            self._put("\n" if short else "")
        return DicomElement((), start, end, tuple(items))

    def _values(self, dataset: Any, tag: Any, representation: str) -> tuple[str, ...]:
        """Values as written; those of a kind that is no text as Python writes them."""
        from pydicom.charset import decode_bytes
        from pydicom.dataelem import RawDataElement

        raw = dataset.get_item(tag)
        if isinstance(raw, RawDataElement) and representation in _TEXT:
            value = raw.value if isinstance(raw.value, bytes) else b""
            # Escape sequences switch alphabets (ISO 2022); all other ASCII reads alike in every one.
            plain = value.isascii() and b"\x1b" not in value
            text = value.decode("ascii") if plain else str(decode_bytes(value, self.encodings, {0x5C}))
            text = _CONTROL.sub(" ", text)
            split = [text] if representation in _WHOLE else text.split("\\")
            return tuple(part.strip()[:_LONGEST] for part in split)
        try:
            value = dataset[tag].value
        except (ValueError, TypeError, NotImplementedError, AttributeError):
            return ()
        several = isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue"
        return tuple(_clean(str(part)) for part in (value if several else [value]) if part is not None)


def _clean(value: str) -> str:
    """A value without padding; control characters and line breaks as a blank."""
    return _CONTROL.sub(" ", value).strip()[:_LONGEST]


def _listed(values: tuple[str, ...]) -> str:
    return "\\".join(values) if len(values) <= _LISTED else f"{len(values)} values"


def number(text: str) -> float | None:
    """A decimal or integer string as a finite number, ``None`` where it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def day(text: str) -> dt.date | None:
    """A date value (``20250310``, or ``2025.03.10`` of the first standard), ``None`` where it is none."""
    try:
        return dt.datetime.strptime(text.replace(".", ""), "%Y%m%d").date()
    except ValueError:
        return None
