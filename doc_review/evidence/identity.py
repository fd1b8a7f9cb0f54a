"""The notes of a case turned into whose they are, and the entries that belong to another patient (policy 1.11).

Name or birth date must differ. Other forms of a name, a maiden name, slips of one or two letters are no
difference, and another record number alone is none.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..dates import find_dates
from ..documents.base import DicomItem
from ..documents.dicom import day
from ..names import PERSON, Person, near, parse_person, person_at, plain
from .dicom_words import written_name
from .kinds import Draft
from .lexicon import load_yaml
from .note import Note, fold


@dataclass(frozen=True, slots=True)
class Identity:
    """What an entry says of its patient; spans are flat offsets of the note, ``None`` where it is silent."""

    name: Person | None = None
    born: dt.date | None = None
    number: str | None = None
    name_span: tuple[int, int] | None = None
    born_span: tuple[int, int] | None = None

    @property
    def known(self) -> bool:
        """Whether a name or a birth date is told."""
        return self.name is not None or self.born is not None


@functools.cache
def _data() -> dict[str, Any]:
    return dict(load_yaml("identity.yaml"))


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(r"(?<![a-z])(?:" + str(_data()[name]) + ")")


@functools.cache
def _no_name() -> re.Pattern[str]:
    return re.compile(r"\b" + str(_data()["no_name"]) + r"\b")


# ---------------------------------------------------------------- reading

_HEAD = 1200
_TAIL = 500


def _birth(note: Note) -> tuple[dt.date, tuple[int, int]] | None:
    for match in _pattern("birth_labels").finditer(note.plain):
        if _pattern("not_patient").search(note.plain, max(0, match.start() - 24), match.start()):
            continue
        after = note.text[match.end() : match.end() + 24]
        found = find_dates(after)
        if found and found[0].start <= 2:
            return found[0].date, (match.start(), match.end() + found[0].end)
    return None


def _is_name(person: Person | None) -> bool:
    if person is None or person.credentials or person.doctor or not person.given:
        return False
    written = person.written.lower()
    return (
        len(plain(person.surname)) >= 2
        and not _no_name().search(written)
        and not any(c.isdigit() for c in written)
    )


def _labelled_name(note: Note) -> tuple[Person, tuple[int, int]] | None:
    for match in _pattern("name_labels").finditer(note.plain):
        if _pattern("not_patient").search(note.plain, max(0, match.start() - 20), match.start()):
            continue
        start = match.end()
        while start < len(note.text) and note.text[start] in " \t":
            start += 1
        line_end = note.text.find("\n", start)
        line_end = len(note.text) if line_end < 0 else line_end
        found = person_at(note.text[:line_end], start)
        if found is None or not _is_name(found[0]):
            continue
        stop = min(len(note.plain), line_end + 90)
        about = match.group(0).strip().startswith("re")
        beside = any(
            _pattern(name).search(note.plain, start, stop) for name in ("number_labels", "birth_labels")
        )
        if about and not beside:
            continue
        return found[0], (found[1], found[2])
    return None


_BESIDE = re.compile(
    r"[\s|,;()-]{0,12}(?:chart\b|[a-z]{2,4}[ -]?\d[\d-]{4,}|"
    r"(?:mrn|m\.r\.n|dob|d\.o\.b|id\b|"
    r"date of birth|patient id|pt id)|#?\d{6,10}\b)"
)


_NUMBER_HINT = re.compile(r"mrn|m\.r\.n|dob|d\.o\.b|\bid\b|birth|\d{6,}")


def _name_beside_number(note: Note) -> tuple[Person, tuple[int, int]] | None:
    """A name that a record number or birth date follows on the line, near the head or foot of the entry."""
    size = len(note.text)
    for low, high in note.lines:
        if _HEAD < low < size - _TAIL or not _NUMBER_HINT.search(note.plain, low, high):
            continue
        for match in PERSON.finditer(note.text, low, high):
            if match.start() and note.text[match.start() - 1].isalpha():
                continue
            found = person_at(note.text[:high], match.start())
            if found and _is_name(found[0]) and _BESIDE.match(note.plain, found[2], high):
                return found[0], (found[1], found[2])
    return None


def _of_object(found: DicomItem) -> Identity:
    """What a DICOM object says of its patient; a name without a given name may be a pseudonym."""
    name, born = found.elements.get("PatientName"), found.elements.get("PatientBirthDate")
    person = parse_person(written_name(name.values[0])) if name else None
    told = person if _is_name(person) else None
    when = day(born.values[0]) if born else None
    return Identity(
        name=told,
        born=when,
        number=re.sub(r"[\s-]", "", found.text("PatientID")) or None,
        name_span=(name.start, name.end) if name and told else None,
        born_span=(born.start, born.end) if born and when else None,
    )


def identity_of(note: Note) -> Identity:
    """What one entry says of its patient."""
    if note.document.dicom is not None:
        return _of_object(note.document.dicom)
    birth = _birth(note)
    name = _labelled_name(note) or _name_beside_number(note)
    number = _pattern("number_labels").search(note.plain)
    return Identity(
        name=name[0] if name else None,
        born=birth[0] if birth else None,
        number=re.sub(r"[\s-]", "", number.group("n")) if number else None,
        name_span=name[1] if name else None,
        born_span=birth[1] if birth else None,
    )


def identities(notes: Sequence[Note]) -> dict[str, Identity]:
    """Identity of each entry by entry id; an entry that is silent takes that of its document.

    Within a document whose entries name several patients a silent entry takes that of the entry before.
    """
    own = {note.entry.id: identity_of(note) for note in notes}
    by_document: dict[str, list[Note]] = {}
    for note in notes:
        by_document.setdefault(note.document.meta.id, []).append(note)
    result: dict[str, Identity] = {}
    for group in by_document.values():
        told = [own[note.entry.id] for note in group if own[note.entry.id].known]
        one = bool(told) and all(same_patient(told[0], other) for other in told[1:])
        last = told[0] if one else Identity()
        for note in group:
            identity = own[note.entry.id]
            if identity.known:
                last = identity
            result[note.entry.id] = (
                identity if identity.known else replace(last, name_span=None, born_span=None)
            )
    return result


# ---------------------------------------------------------------- comparing


def _surname_parts(person: Person) -> set[str]:
    parts = {plain(part) for part in re.split(r"[-\s]+", person.surname)} | {plain(person.surname)}
    return {part for part in parts if len(part) > 1}


@functools.cache
def _nicknames() -> dict[str, set[int]]:
    groups: dict[str, set[int]] = {}
    for index, listed in enumerate(_data()["nicknames"]):
        for name in listed:
            groups.setdefault(str(name), set()).add(index)
    return groups


def _given_match(first: str, second: str) -> bool:
    if not first or not second:
        return True
    if len(first) == 1 or len(second) == 1:
        return first[0] == second[0]
    if near(first, second) or first.startswith(second) or second.startswith(first):
        return True
    return bool(_nicknames().get(first, set()) & _nicknames().get(second, set()))


def _near_any(first: Iterable[str], second: Iterable[str]) -> bool:
    return any(near(a, b) for a in first for b in second)


def _words(person: Person) -> list[str]:
    return [plain(part) for part in person.given]


def compare_names(first: Person, second: Person) -> tuple[bool, bool]:
    """Whether surnames agree and whether given names agree, in any order of the written parts."""
    surname = _near_any(_surname_parts(first), _surname_parts(second))
    given_a, given_b = _words(first), _words(second)
    given = not given_a or not given_b or any(_given_match(a, b) for a in given_a[:1] for b in given_b[:1])
    if not given:
        long_a, long_b = [g for g in given_a if len(g) > 2], [g for g in given_b if len(g) > 2]
        given = _near_any(long_a, long_b)
    if not (surname and given):
        swapped_a = any(
            near(part, word) for part in _surname_parts(first) for word in given_b if len(word) > 2
        )
        swapped_b = any(
            near(part, word) for part in _surname_parts(second) for word in given_a if len(word) > 2
        )
        if swapped_a and (swapped_b or surname):
            return True, True
        if swapped_b and surname:
            return True, True
    return surname, given


def _birth_slip(first: dt.date, second: dt.date) -> bool:
    """Whether two birth dates differ by one digit or by the order of day and month."""
    if first.year == second.year and (first.month, first.day) == (second.day, second.month):
        return True
    a, b = first.strftime("%Y%m%d"), second.strftime("%Y%m%d")
    return sum(x != y for x, y in zip(a, b, strict=True)) <= 1


def same_patient(first: Identity, second: Identity) -> bool:
    """Whether two identities can be one patient; what one of them does not tell is no difference."""
    numbers = first.number is not None and first.number == second.number
    surname = given = True
    if first.name is not None and second.name is not None:
        surname, given = compare_names(first.name, second.name)
    if first.born is not None and second.born is not None:
        if first.born != second.born:
            swapped = first.born.year == second.born.year and first.born.month == second.born.day
            return surname and given and (numbers or swapped) and _birth_slip(first.born, second.born)
        return given if not numbers else (surname or given)
    if numbers:
        return surname or given
    return surname and given


# ---------------------------------------------------------------- the other patient


def _clusters(found: Sequence[Identity]) -> list[list[int]]:
    """Indices of identities by patient, in order of their first mention."""
    clusters: list[list[int]] = []
    for index, identity in enumerate(found):
        home = next((c for c in clusters if all(same_patient(found[i], identity) for i in c[:4])), None)
        if home is None:
            clusters.append([index])
        else:
            home.append(index)
    return clusters


def _fuller(found: Sequence[Identity], cluster: Sequence[int]) -> Identity:
    """What the entries of one patient tell together."""
    merged = Identity()
    for index in cluster:
        item = found[index]
        merged = replace(
            merged,
            name=merged.name or item.name,
            born=merged.born or item.born,
            number=merged.number or item.number,
        )
    return merged


def _named_here(note: Note, identity: Identity, patient: Identity) -> bool:
    """Whether an entry names the case's patient after all and no other birth date: what was read as a name was none."""
    born_alike = None in (identity.born, patient.born) or identity.born == patient.born
    if patient.name is None or not born_alike:
        return False
    words = [patient.name.surname, *patient.name.given[:1]]
    return all(re.search(rf"\b{re.escape(fold(word))}\b", note.plain) for word in words)


def other_patient(notes: Sequence[Note]) -> dict[str, tuple[Draft, ...]]:
    """Entries of another patient by entry id, each with what tells so.

    The patient of the case is the one whom most documents (then most entries, then the first) name.
    """
    all_found = identities(notes)
    told = [note for note in notes if all_found[note.entry.id].known]
    found = [all_found[note.entry.id] for note in told]
    clusters = _clusters(found)
    if len(clusters) < 2:
        return {}

    def weight(cluster: list[int]) -> tuple[int, int, int]:
        documents = {told[index].document.meta.id for index in cluster}
        return len(documents), len(cluster), -cluster[0]

    main = max(clusters, key=weight)
    patient = _fuller(found, main)
    result: dict[str, tuple[Draft, ...]] = {}
    for cluster in clusters:
        if cluster is main:
            continue
        for index in cluster:
            if not same_patient(patient, found[index]) and not _named_here(
                told[index], found[index], patient
            ):
                result[told[index].entry.id] = tuple(_drafts(told[index], found[index], patient))
    return {note.entry.id: result[note.entry.id] for note in notes if note.entry.id in result}


def _drafts(note: Note, identity: Identity, patient: Identity) -> Iterable[Draft]:
    """The place that names the other patient. It is a typed name, which signs nothing."""
    span = identity.name_span or identity.born_span
    if span is None:
        return
    also = [identity.born_span] if identity.born_span and identity.born_span != span else []
    differs = []
    if identity.name and patient.name and not all(compare_names(identity.name, patient.name)):
        differs.append("name")
    if identity.born and patient.born and identity.born != patient.born:
        differs.append("birth_date")
    yield Draft(
        kind="signature",
        value="",
        citation=note.cite(*span, also=also),
        attributes={
            "kind": "typed",
            "act": "prepared",
            "counts": False,
            "of": "entry",
            "other_patient": differs,
        },
        assertion="other_subject",
        confidence=0.9,
    )
