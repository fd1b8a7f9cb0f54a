"""Folders, files and archives as cases; the three files beside the documents."""

from __future__ import annotations

import datetime as dt
import stat
import zipfile
from pathlib import Path

import pytest

from doc_review.case import CaseFiles, open_cases
from doc_review.errors import CaseError, DocumentError, InputError
from doc_review.model import BilledLine


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def only(path: Path, providers: Path | None = None) -> CaseFiles:
    worklist = open_cases(path, providers)
    assert not worklist.is_worklist
    assert not worklist.failed
    (case,) = worklist.cases
    return case


def ids(case: CaseFiles) -> list[str]:
    return [document.id for document in case.documents]


def refused(path: Path) -> str:
    with pytest.raises(InputError) as raised:
        open_cases(path)
    message = str(raised.value)
    assert "\n" not in message
    return message


# ---------------------------------------------------------------- what a path is


def test_a_folder_with_documents_is_a_case_in_path_order(tmp_path: Path) -> None:
    root = write(
        tmp_path / "chart-1", {"documents/b.txt": "b", "documents/a/z.txt": "z", "documents/B.txt": "B"}
    )
    case = only(root)
    assert case.case_id == "chart-1"
    assert ids(case) == ["B.txt", "a/z.txt", "b.txt"]
    assert case.documents[2].read() == b"b"
    assert case.documents[2].size == 1


def test_a_folder_of_files_is_a_case_without_its_own_files(tmp_path: Path) -> None:
    files = {
        "case.yaml": "case_id: x1",
        "gold.yaml": "codes: []",
        "note.txt": "n",
        "old/two.txt": "t",
        ".DS_Store": "",
    }
    case = only(write(tmp_path / "c", files))
    assert case.case_id == "x1"
    assert ids(case) == ["note.txt", "old/two.txt"]


def test_a_single_file_is_a_case(tmp_path: Path) -> None:
    case = only(write(tmp_path, {"consult.txt": "text"}) / "consult.txt")
    assert (case.case_id, ids(case)) == ("consult", ["consult.txt"])


def test_a_folder_of_cases_is_a_worklist_and_lists_what_it_leaves_out(tmp_path: Path) -> None:
    files = {
        "README.md": "r",
        "two/documents/a.txt": "a",
        "one/case.yaml": "payer: commercial",
        "one/note.txt": "n",
        "pictures/x.png": "p",
        "two/stray.pdf": "s",
        "providers.yaml": "[]",
    }
    worklist = open_cases(write(tmp_path, files))
    assert worklist.is_worklist
    assert [case.case_id for case in worklist.cases] == ["one", "two"]
    assert worklist.ignored == ("README.md", "pictures/", "two/stray.pdf")


def test_a_wrong_case_of_a_worklist_does_not_stop_the_others(tmp_path: Path) -> None:
    files = {
        "a/case.yaml": "payor: medicare",
        "a/n.txt": "",
        "b/documents/n.txt": "",
        "c/case.yaml": "case_id: b",
    }
    worklist = open_cases(write(tmp_path, {**files, "c/n.txt": "", "d/documents/.DS_Store": ""}))
    assert [case.case_id for case in worklist.cases] == ["b"]
    assert len(worklist.failed) == 2
    assert "unknown field 'payor'" in worklist.failed[0]
    assert "c/case.yaml: case_id" in worklist.failed[1]


def test_nothing_to_review_is_told(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "absent")
    assert "documents" in refused(write(tmp_path / "empty", {"case.yaml": ""}))


def test_a_link_out_of_the_case_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"secret.txt": "s"})
    root = write(tmp_path / "c", {"documents/a.txt": "a"})
    (root / "documents/link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "documents/gone.txt").symlink_to(root / "documents/none.txt")
    _, gone, link = only(root).documents
    for document in (gone, link):
        with pytest.raises(DocumentError):
            document.read()


# ---------------------------------------------------------------- archives


def zipped(path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("wrapped", ["", "chart-7/"])
def test_an_archive_of_a_case_is_that_case(tmp_path: Path, wrapped: str) -> None:
    files = {"case.yaml": b"payer: commercial", "documents/n.txt": b"note", "documents/in.zip": b"PK\x03\x04"}
    path = zipped(tmp_path / "chart-7.zip", {wrapped + name: data for name, data in files.items()})
    case = only(path)
    assert (case.case_id, case.context.payer) == ("chart-7", "commercial")
    assert ids(case) == ["in.zip", "n.txt"]
    assert case.documents[1].read() == b"note"


def test_an_archive_of_cases_is_a_worklist(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "all.zip", {"all/a/documents/n.txt": b"", "all/b/documents/n.txt": b"", "all/R.md": b""}
    )
    worklist = open_cases(path)
    assert [case.case_id for case in worklist.cases] == ["a", "b"]
    assert worklist.ignored == ("R.md",)


@pytest.mark.parametrize(
    "name", ["../out.txt", "a/../../out.txt", "/etc/out.txt", "C:\\out.txt", "..\\out.txt"]
)
def test_an_archive_that_leads_out_of_itself_is_refused(tmp_path: Path, name: str) -> None:
    assert "leads out" in refused(zipped(tmp_path / "c.zip", {"documents/n.txt": b"", name: b""}))


def test_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("documents/link.txt")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert "link" in refused(tmp_path / "c.zip")


def test_an_archive_bomb_is_refused(tmp_path: Path) -> None:
    assert "times its size" in refused(zipped(tmp_path / "c.zip", {"n.txt": b"0" * 20_000_000}))


def test_damaged_archives_are_refused_and_damaged_members_cannot_be_read(tmp_path: Path) -> None:
    good = zipped(tmp_path / "c.zip", {"n.txt": b"note " * 50}).read_bytes()
    assert "damaged" in refused(write(tmp_path, {"half.zip": good[: len(good) // 2]}) / "half.zip")
    assert "no zip" in refused(write(tmp_path, {"text.zip": b"hello"}) / "text.zip")
    broken = bytearray(good)
    broken[40] ^= 0xFF
    case = only(write(tmp_path, {"bad.zip": bytes(broken)}) / "bad.zip")
    with pytest.raises(DocumentError, match="damaged"):
        case.documents[0].read()


def test_a_word_document_is_no_archive_of_documents(tmp_path: Path) -> None:
    path = zipped(tmp_path / "letter.docx", {"[Content_Types].xml": b"", "word/document.xml": b""})
    assert ids(only(path)) == ["letter.docx"]


# ---------------------------------------------------------------- case.yaml


def context_of(tmp_path: Path, yaml: str | bytes, **files: str | bytes) -> CaseFiles:
    return only(write(tmp_path / "c", {"case.yaml": yaml, "documents/n.txt": "", **files}))


def test_defaults_of_an_empty_case_file(tmp_path: Path) -> None:
    context = context_of(tmp_path, "# nothing\n").context
    assert (context.payer, context.setting, context.claim, context.course_complete) == (
        "medicare",
        "hospital_outpatient",
        (),
        None,
    )


def test_every_field_is_read(tmp_path: Path) -> None:
    yaml = (
        "case_id: 0042\npayer: Commercial\nsetting: hospital outpatient\noff_campus_nonexcepted: true\n"
        "claim: [professional, technical, professional]\ncourse_complete: false\n"
        "billed:\n  - {code: 77301, units: 1, modifiers: [26], date: 2025-03-12}\n"
        '  - {code: "g6015", units: , modifiers: TC, date: "3/1/2025", date_to: 2025-03-30}\n'
    )
    case = context_of(tmp_path, yaml)
    assert case.case_id == "0042"
    assert case.context.setting == "hospital_outpatient"
    assert case.context.claim == ("professional", "technical")
    assert case.context.off_campus_nonexcepted is True
    assert case.context.course_complete is False
    assert case.context.billed == (
        BilledLine(code="77301", modifiers=("26",), date=dt.date(2025, 3, 12)),
        BilledLine(code="G6015", modifiers=("TC",), date=dt.date(2025, 3, 1), date_to=dt.date(2025, 3, 30)),
    )


@pytest.mark.parametrize(
    ("yaml", "told"),
    [
        ("payor: medicare", "unknown field 'payor'; allowed are case_id, payer, setting"),
        ("payer: medicaid", "payer: must be one of medicare, commercial"),
        ("claim: [facility, both]", "claim: must be one of"),
        ("course_complete: maybe", "course_complete: must be true or false"),
        ("off_campus_nonexcepted: 'yes'", "off_campus_nonexcepted: must be true or false"),
        ("case_id: ../x", "case_id: must be"),
        ("billed: 77301", "billed: must be a list"),
        ("billed:\n - {code: 7730}", "billed[1]: code: must be"),
        ("billed:\n - {code: 77301, units: -1}", "billed[1]: units: must be"),
        ("billed:\n - {code: 77301, date: 2025-02-30}", "billed[1]: date: must be a date"),
        ("billed:\n - {code: 77301, dos: 2025-02-03}", "billed[1]: unknown field 'dos'"),
        ("billed:\n - {code: 77301, date: 2025-02-03, date_to: 2025-02-01}", "billed[1]: date_to: must not"),
        ("payer: medicare\npayer: commercial", "twice"),
        ("payer: [", "line 1: is not valid YAML"),
        ("- payer", "must hold fields"),
    ],
)
def test_a_wrong_field_is_one_line_that_names_it(tmp_path: Path, yaml: str, told: str) -> None:
    with pytest.raises(CaseError) as raised:
        context_of(tmp_path, yaml)
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith("c/case.yaml")
    assert told in message


# ---------------------------------------------------------------- claim.csv


def billed(tmp_path: Path, csv: str | bytes) -> tuple[BilledLine, ...]:
    return context_of(tmp_path, "", **{"claim.csv": csv}).context.billed


MARCH = dt.date(2025, 3, 12)


@pytest.mark.parametrize(
    "csv",
    [
        "code,units,modifiers,date,date_to\n77301,1,26 59,2025-03-12,\n",
        "\ufeffCode;Units;Modifiers;Date\r\n77301;1;26,59;3/12/2025\r\n",
        "CODE\tMODIFIERS\tDATE\n77301\t26;59\t03/12/25\n",
        'Date of Service,CPT,Qty,"Modifier","Charge"\n2025-03-12,77301,,"26,59","1,200.00"\n',
        "HCPCS,Mod 1,Mod 2,DOS,Patient\n77301,26,59,20250312,x\n",
        "\n\ncode,units,modifiers,date\n\n77301-26,1.0,59,2025-03-12 00:00:00\n,,,\n",
    ],
)
def test_a_claim_is_read_as_exports_write_it(tmp_path: Path, csv: str) -> None:
    assert billed(tmp_path, csv) == (BilledLine(code="77301", units=1, modifiers=("26", "59"), date=MARCH),)


def test_a_claim_in_another_encoding(tmp_path: Path) -> None:
    text = "code;patient;units\n77301;Núñez;1\n"
    assert billed(tmp_path / "1", text.encode("cp1252"))[0].code == "77301"
    assert billed(tmp_path / "2", text.encode("utf-16"))[0].code == "77301"


def test_a_long_claim_keeps_its_order(tmp_path: Path) -> None:
    rows = "".join(f"77386,1,,2025-03-{day:02d}\n" for day in range(1, 31)) * 2
    lines = billed(tmp_path, "code,units,modifiers,date\n" + rows)
    assert len(lines) == 60
    assert lines[31].date == dt.date(2025, 3, 2)


def test_a_claim_without_lines(tmp_path: Path) -> None:
    assert billed(tmp_path / "1", "code,units\n") == ()
    assert billed(tmp_path / "2", "") == ()


@pytest.mark.parametrize(
    ("csv", "told"),
    [
        ("units,date\n1,2025-03-12\n", "line 1: no column 'code'"),
        ("code,units\n77301,1\n77301,many\n", "line 3: units: must be a whole number"),
        ("code,date\n77301,13/45/2025\n", "line 2: date: must be a date"),
        ("code,units\n77301,1.5\n", "line 2: units"),
        ("code\nOlvera\n", "line 2: code: must be a code"),
        ("code,modifiers\n77301,26X\n", "line 2: modifiers: must be modifiers"),
        ("code,units\n77301,1,26,59\n", "line 2: more cells"),
        ("code,cpt\n77301,77301\n", "line 1: code: two columns"),
    ],
)
def test_a_wrong_claim_names_its_line(tmp_path: Path, csv: str, told: str) -> None:
    with pytest.raises(CaseError) as raised:
        billed(tmp_path, csv)
    message = str(raised.value)
    assert message.startswith("c/claim.csv: ")
    assert told in message
    assert "Olvera" not in message


def test_lines_told_twice_must_agree(tmp_path: Path) -> None:
    yaml = "billed: [{code: 77301}]"
    assert len(context_of(tmp_path / "1", yaml, **{"claim.csv": "code\n77301\n"}).context.billed) == 1
    with pytest.raises(CaseError, match="keep one"):
        context_of(tmp_path / "2", yaml, **{"claim.csv": "code\n77338\n"})


# ---------------------------------------------------------------- providers.yaml

PERSON = "- {name: Ana Ruiz, role: physicist, aliases: [A. Ruiz], logins: aruiz, credentials: [MS, DABR]}"


def test_providers_of_the_case_the_worklist_and_the_caller(tmp_path: Path) -> None:
    named = write(tmp_path, {"p.yaml": "providers:\n" + PERSON}) / "p.yaml"
    files = {
        "w/providers.yaml": "- {name: ana ruiz, role: dosimetrist}\n- {name: Wes, role: therapist}",
        "w/c/providers.yaml": "- {name: Cy, role: np_pa}",
        "w/c/documents/n.txt": "",
    }
    (case,) = open_cases(write(tmp_path, files) / "w", named).cases
    assert [(p.name, p.role) for p in case.providers] == [
        ("Ana Ruiz", "physicist"),
        ("Cy", "np_pa"),
        ("Wes", "therapist"),
    ]
    assert case.providers[0].logins == ("aruiz",)
    assert case.providers[0].credentials == "MS, DABR"


@pytest.mark.parametrize(
    ("yaml", "told"),
    [
        ("- {name: A}", "person 1: role: is missing"),
        ("- {name: A, role: boss}", "person 1: role: must be one of radiation_oncologist"),
        (
            "- {name: A, role: physician, phone: 1}",
            "person 1: unknown field 'phone'; allowed are name, aliases",
        ),
        ("name: A", "must be a list"),
    ],
)
def test_a_wrong_provider_is_named(tmp_path: Path, yaml: str, told: str) -> None:
    with pytest.raises(CaseError) as raised:
        context_of(tmp_path, "", **{"providers.yaml": yaml})
    assert told in str(raised.value)
    assert str(raised.value).startswith("c/providers.yaml")


def test_the_charts_are_a_worklist(shared_data: Path) -> None:
    worklist = open_cases(shared_data / "charts")
    assert worklist.is_worklist
    assert not worklist.failed
    assert all(case.documents for case in worklist.cases)
