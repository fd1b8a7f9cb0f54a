"""Tables of CMS, in the layouts it publishes and as plain csv, against the rulebook of their day."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from doc_review.errors import InputError, RulebookError, UsageError
from doc_review.rules import Rulebook
from doc_review.rules.cms_tables import edit_table, read_fees, read_mue, read_ptp
from doc_review.rules.limits import load_limits
from doc_review.rules.verify import Explained, Tables, Verified, load_explained, render, verify

from .conftest import Edit

DATA = Path(__file__).parent / "data"
PTP, MUE, FEES = DATA / "ptp_practitioner.txt", DATA / "mue_hospital.csv", DATA / "PPRRVU24_JUL.csv"
MID_2024 = dt.date(2024, 7, 1)


def held(rulebook: Rulebook, day: dt.date = MID_2024, **tables: tuple[Path, ...]) -> Verified:
    return verify(rulebook, load_limits(), load_explained(), Tables(**tables), day)  # type: ignore[arg-type]


def as_xlsx(path: Path, target: Path) -> Path:
    """The tab text ``path`` as a workbook, half of its cells shared strings, codes as numbers."""
    shared: list[str] = []
    rows = []
    with path.open(newline="") as stream:
        for number, row in enumerate(csv.reader(stream, delimiter="\t"), 1):
            cells = []
            for at, text in enumerate(row):
                place = f"{'ABCDEFGH'[at]}{number}"
                if not text:
                    continue
                if text.isdigit() and not text.startswith("0"):
                    cells.append(f'<c r="{place}"><v>{text}</v></c>')
                elif at % 2:
                    cells.append(f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>')
                else:
                    cells.append(f'<c r="{place}" t="s"><v>{len(shared)}</v></c>')
                    shared.append(text)
            rows.append(f'<row r="{number}">{"".join(cells)}</row>')
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
    with zipfile.ZipFile(target, "w") as book:
        book.writestr("xl/workbook.xml", f"<workbook {space}/>")
        book.writestr("xl/sharedStrings.xml", f"<sst {space}>{strings}</sst>")
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet {space}><sheetData>{''.join(rows)}</sheetData></worksheet>",
        )
    return target


def zipped(target: Path, *members: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for member in members:
            archive.write(member, member.name)
    return target


def test_edits_of_a_release_are_read(tmp_path: Path) -> None:
    edits = list(read_ptp(PTP))
    assert len(edits) == 10
    in_force = {(e.col1, e.col2): e.indicator for e in edits if e.covers(MID_2024)}
    assert in_force["77301", "77290"] == 0
    assert ("77301", "77300") not in in_force
    assert ("77301", "77301") not in in_force
    before = {(e.col1, e.col2): e.indicator for e in edits if e.covers(dt.date(2023, 12, 31))}
    assert before["77301", "77290"] == 1
    book = as_xlsx(PTP, tmp_path / "medicare-ncci-2024q3-practitioner-ptp-edits.xlsx")
    assert list(read_ptp(book)) == edits
    assert list(read_ptp(zipped(tmp_path / "a.zip", book))) == edits
    assert list(read_ptp(zipped(tmp_path / "b.zip", PTP, book))) == edits


def test_limits_and_fees_of_a_release_are_read() -> None:
    assert {m.code: m.units for m in read_mue(MUE)} == {"0001A": 1, "77301": 1, "77336": 1, "77386": 2}
    fees = {(f.code, f.modifier): (f.status, f.component) for f in read_fees(FEES)}
    assert fees["77301", "TC"] == ("A", "1")
    assert fees["77386", ""] == ("I", "3")
    assert fees["77336", ""] == ("A", "3")


def test_the_table_is_told_by_name_or_heading(tmp_path: Path) -> None:
    assert edit_table(PTP) == "practitioner"
    copy = tmp_path / "x.csv"
    copy.write_bytes(MUE.read_bytes())
    assert edit_table(copy) == "hospital_outpatient"
    other = tmp_path / "y.txt"
    other.write_bytes(PTP.read_bytes())
    assert edit_table(other) is None
    assert edit_table(zipped(tmp_path / "z.zip", PTP)) == "practitioner"


def test_every_disagreement_is_named(rulebook: Rulebook) -> None:
    result = held(rulebook, ptp=(PTP,))
    texts = [str(found) for found in result.unexplained]
    assert "77301/77336 practitioner: indicator 1 in the rulebook, not in the table" in texts
    assert not any("77301/77280" in text or "77301/77334" in text for text in texts)
    changed = rulebook.model_copy(
        update={
            "edits": tuple(
                e.model_copy(update={"indicator": 1 - e.indicator})
                if (e.col1, e.col2) == ("77301", "77280")
                else e
                for e in rulebook.edits
                if (e.col1, e.col2) != ("77285", "77280")
            )
        }
    )
    texts = [str(found) for found in held(changed, ptp=(PTP,)).unexplained]
    assert "77301/77280 practitioner: indicator 0 in the table, 1 in the rulebook" in texts
    assert "77285/77280 practitioner: indicator 0 in the table, not in the rulebook" in texts


def test_edits_beyond_the_range_of_a_partial_table_are_left_out(rulebook: Rulebook) -> None:
    result = held(rulebook, ptp=(PTP,))
    assert not any(found.code.startswith("G") for found in result.unexplained)
    assert result.left_out["edits, practitioner"] > 0


def test_limits_and_fees_that_differ_are_named(rulebook: Rulebook, tmp_path: Path) -> None:
    copy = tmp_path / "mue_hospital.csv"
    copy.write_text(MUE.read_text().replace("77301,1", "77301,3"))
    fees = tmp_path / "fees.csv"
    text = FEES.read_text().replace("77336,,(left out),A,,0.00,3", "77336,,(left out),A,,0.00,2")
    fees.write_text(text + "77499,,(left out),C,,0.00,1,XXX\n77430,,(left out),A,,0.00,1,XXX\n")
    texts = [str(found) for found in held(rulebook, mue=(copy,), fees=(fees,)).unexplained]
    assert "77301 hospital outpatient: 3 in the table, 1 in the rulebook" in texts
    assert "77336: PC/TC indicator 2 in the table, technical only in the rulebook" in texts
    assert "77430: in the table, not held in the rulebook" in texts
    assert "77280: in force in the rulebook, not in the table" in texts
    assert not any("77499" in text or "77386" in text for text in texts)


def test_a_dead_code_that_a_table_pays_is_named(rulebook: Rulebook, tmp_path: Path) -> None:
    fees = tmp_path / "fees.csv"
    fees.write_text(FEES.read_text().replace("77386,,(left out),I", "77386,,(left out),A"))
    texts = [str(found) for found in held(rulebook, dt.date(2026, 7, 1), fees=(fees,)).unexplained]
    assert "77386: in the table, not in force in the rulebook" in texts


@pytest.mark.parametrize("name", ["notes.txt", "empty.csv", "broken.zip"])
def test_a_file_that_is_no_table_is_one_line(rulebook: Rulebook, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(
        b""
        if name == "empty.csv"
        else b"PK\x03\x04 no archive"
        if name.endswith("zip")
        else b"a note\n77301 x\n"
    )
    with pytest.raises(InputError, match=name):
        held(rulebook, fees=(path,))
    with pytest.raises(InputError, match=r"nothing\.csv"):
        held(rulebook, fees=(tmp_path / "nothing.csv",))


def test_what_cannot_be_compared_is_refused(rulebook: Rulebook, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to verify"):
        held(rulebook)
    with pytest.raises(UsageError, match="begins 2024-01-01"):
        held(rulebook, dt.date(2023, 7, 1), fees=(FEES,))
    other = tmp_path / "y.txt"
    other.write_bytes(PTP.read_bytes())
    with pytest.raises(UsageError, match="--setting"):
        held(rulebook, ptp=(other,))
    tables = Tables(ptp=(other,), setting="practitioner")
    assert verify(rulebook, load_limits(), load_explained(), tables, MID_2024).compared


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("practitioner: 2", "practitoner: 2", r"unit_limits.yaml:\d+: limits.77014.0.practitioner"),
        ("references: [mue_2024]", "references: [mue_2030]", "mue_2030 is not in the file"),
    ],
)
def test_defects_of_the_limits_name_file_and_line(edited: Edit, old: str, new: str, message: str) -> None:
    with pytest.raises(RulebookError, match=message):
        load_limits(edited("unit_limits.yaml", old, new))


def test_defects_of_the_explanations_name_file_and_line(edited: Edit) -> None:
    with pytest.raises(RulebookError, match=r"verify_explained.yaml:\d+: "):
        load_explained(edited("verify_explained.yaml", "kind: component", "kind: components"))


def test_explanations_hold_known_codes_and_components(rulebook: Rulebook) -> None:
    explained: Explained = load_explained()
    used = {v.component for code in rulebook.codes.values() for v in code.versions if v.component}
    assert set(explained.components) == used
    assert set(load_limits().limits) <= set(rulebook.codes)
    for code, limits in load_limits().limits.items():
        versions = rulebook.codes[code].versions
        assert (limits[0].start, limits[-1].to) == (versions[0].start, versions[-1].to), code


@pytest.mark.parametrize(("year", "day"), [("2024", MID_2024), ("2026", dt.date(2026, 7, 1))])
def test_published_tables_leave_nothing_unexplained(
    rulebook: Rulebook, shared_data: Path, year: str, day: dt.date
) -> None:
    folder = shared_data / "cms"
    result = held(
        rulebook,
        day,
        ptp=tuple(sorted(folder.glob(f"ncci_ptp_{year}*.csv"))),
        mue=tuple(sorted(folder.glob(f"mue_{year}*.csv"))),
        fees=tuple(sorted(folder.glob(f"pfs_{year}*.csv"))),
    )
    assert [str(found) for found in result.unexplained] == []
    assert sum(result.compared.values()) > 60
    assert render(result).count("\n") < render(result, every=True).count("\n")
    assert io.StringIO(render(result, every=True)).readline().count("compared") == 1
