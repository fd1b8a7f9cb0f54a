"""DICOM plans and treatment records turned into page text, and files that are none or are damaged."""

from __future__ import annotations

import random
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from doc_review.case.raw import FileDocument
from doc_review.documents import read_document
from doc_review.documents.base import OpenDocument
from doc_review.documents.entries import with_entries

from . import made_dicom as dicom


def read(tmp_path: Path, data: bytes, name: str = "plan.dcm") -> OpenDocument:
    path = tmp_path / name
    path.write_bytes(data)
    return with_entries(read_document(FileDocument(name, len(data), path)))


PLAN = dicom.saved(dicom.plan(dicom.arc()))
ITEM = b"\xfe\xff\x00\xe0\x00\x00\x00\x00"
CLASS = b"\x08\x00\x16\x00UI\x1e\x00" + dicom.RT_PLAN.encode() + b"\x00"


def test_page_text_has_a_line_per_attribute(tmp_path: Path) -> None:
    opened = read(tmp_path, PLAN)
    text = opened.pages[0].text
    assert opened.meta.text_source == "dicom"
    assert opened.meta.media_type == "application/dicom"
    assert (opened.meta.kind, str(opened.meta.date)) == ("plan", "2025-03-03")
    lines = text.split("\n")
    assert "(300A,0002) RTPlanLabel: HN_VMAT" in lines
    assert "(300A,0070) FractionGroupSequence: 1 item" in lines
    assert "    (300A,0078) NumberOfFractionsPlanned: 35" in lines
    assert any(line.strip().startswith("item 9: (300A,0112) ControlPointIndex: 8") for line in lines)
    assert "(300A,011C) LeafJawPositions: 8 values" in text
    assert read(tmp_path, PLAN).pages[0].text == text


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_every_transfer_syntax_gives_the_same_text(tmp_path: Path, syntax: str) -> None:
    data = dicom.saved(dicom.plan(dicom.arc()), syntax=syntax)
    assert read(tmp_path, data).pages[0].text == read(tmp_path, PLAN).pages[0].text


@pytest.mark.parametrize("name", ["plan.dcm", "RP.1.2.3"])
def test_a_file_without_preamble_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    data = dicom.saved(dicom.plan(dicom.arc()), preamble=False)
    assert read(tmp_path, data, name).pages[0].text == read(tmp_path, PLAN).pages[0].text


def test_a_name_in_another_alphabet(tmp_path: Path) -> None:
    made = dicom.plan(dicom.static(), SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jörg")
    assert "(0010,0010) PatientName: Müller^Jörg\n" in read(tmp_path, dicom.saved(made)).pages[0].text


def test_a_line_break_in_a_value_starts_no_line(tmp_path: Path) -> None:
    made = dicom.plan(dicom.static(), RTPlanDescription="a\n(300E,0002) ApprovalStatus: APPROVED")
    assert "\n(300E,0002) ApprovalStatus: APPROVED" not in read(tmp_path, dicom.saved(made)).pages[0].text


@pytest.mark.parametrize(
    ("storage", "told", "media"),
    [
        ("1.2.840.10008.5.1.4.1.1.2", "image", "application/dicom; object=image"),
        ("1.2.840.10008.5.1.4.1.1.481.1", "image", "application/dicom; object=image"),
        ("1.2.840.10008.5.1.4.1.1.481.2", "RT Dose", "application/dicom; object=rtdose"),
        ("1.2.840.10008.5.1.4.1.1.481.3", "Structure Set", "application/dicom; object=rtstruct"),
        ("1.2.840.10008.5.1.4.1.1.481.7", "export its report as PDF", "application/dicom"),
    ],
)
def test_other_objects_are_skipped_with_the_mend(tmp_path: Path, storage: str, told: str, media: str) -> None:
    for preamble in (True, False):
        made = dicom.made(SOPClassUID=storage, SOPInstanceUID="1.2.3", PatientName="Roe^Petra")
        opened = read(tmp_path, dicom.saved(made, preamble=preamble))
        assert told in str(opened.meta.skipped)
        assert opened.meta.media_type == media


def test_every_cut_of_a_plan_is_told(tmp_path: Path) -> None:
    made = dicom.saved(dicom.plan(dicom.field_in_field()))
    points = made.index(b"\x0a\x30\x11\x01")  # the control points lie behind it
    for end in [*range(140, points, 97), *range(points, len(made) - 60, 31)]:
        opened = read(tmp_path, made[:end])
        assert opened.meta.skipped is not None, end
        assert "DICOM" in opened.meta.skipped
        assert "\n" not in opened.meta.skipped


def test_fewer_control_points_than_declared_are_told(tmp_path: Path) -> None:
    made = dicom.field_in_field()
    made.NumberOfControlPoints = 6
    assert "declares more than it holds" in str(read(tmp_path, dicom.saved(dicom.plan(made))).meta.skipped)


def test_a_plan_without_its_beams_is_told(tmp_path: Path) -> None:
    made = dicom.plan(dicom.static())
    del made.BeamSequence
    assert "damaged" in str(read(tmp_path, dicom.saved(made)).meta.skipped)


@pytest.mark.parametrize(
    "data",
    [
        random.Random(3).randbytes(4000),
        b"plain words",
        b"\0" * 128 + b"DICM",
        b"\0" * 128 + b"DICM" + CLASS[:20],
        CLASS,
        CLASS + b"\x0a\x30\xb0\x00SQ\0\0\xff\xff\xff\xff" * 40,
        CLASS + b"\x0a\x30\xb0\x00SQ\0\0" + struct.pack("<I", 3_200_000) + ITEM * 400_000,
        CLASS + b"\x10\x00\x10\x00PN\xff\xff",
    ],
)
def test_what_is_no_whole_object_is_one_line(tmp_path: Path, data: bytes) -> None:
    tracemalloc.start()
    opened = read(tmp_path, data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert opened.meta.skipped is not None
    assert "DICOM" in opened.meta.skipped
    assert "\n" not in opened.meta.skipped
    assert most < 100 * 1024**2


def test_a_deflated_bomb_stays_small(tmp_path: Path) -> None:
    good = dicom.saved(dicom.plan(dicom.static()), syntax=DeflatedExplicitVRLittleEndian)
    # The file's header is 128 + 4 bytes and its group 0002, whose length stands in its first element.
    start = 144 + struct.unpack_from("<I", good, 140)[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = packer.compress(CLASS) + packer.compress(b"\0" * 500_000_000) + packer.flush()
    tracemalloc.start()
    opened = read(tmp_path, good[:start] + bomb)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "too large" in str(opened.meta.skipped)
    assert most < 300 * 1024**2


def test_a_pdf_named_dcm_is_read_as_a_pdf(tmp_path: Path) -> None:
    assert read(tmp_path, b"%PDF-1.4 broken").meta.media_type == "application/pdf"


def test_the_plans_beside_the_repository(shared_data: Path) -> None:
    folder = shared_data / "rtplans"
    truncated = folder / "rtplan_truncated.dcm"
    opened = read_document(FileDocument(truncated.name, truncated.stat().st_size, truncated))
    assert "damaged" in str(opened.meta.skipped)
