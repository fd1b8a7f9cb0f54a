"""Text turned into person names with credentials, and two written names compared.

Forms: ``John A. Smith, MD``, ``Smith, John A``, ``SMITH,JOHN``, ``Dr. Smith``, ``J. Smith``, ``J.A.S.`` and
logins such as ``jsmith``. Roles are no matter of this module (see ``evidence.people``).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

CREDENTIALS = (
    r"M\.?D\.?(?![a-z])|D\.?O\.?(?![A-Za-z.])|MBBS|MBChB|MBBCh|MB\s?BS|BMBS|FRCR|FRCP(?:C)?|FRANZCR|FACR|"
    r"FASTRO|FACRO|MRCP|"
    r"Ph\.?\s?D\.?|DPhil|DSc|M\.?S\.?c?(?![a-z])|MMP|DMP|DABR|DABMP|FCCPM|MCCPM|FAAPM|FIPEM|MIPEM|MPE|"
    r"QMP|CHP|"
    r"CMD|R\.?T\.?\s?\(?R?\)?\s?\(T\)(?:\(CT\))?|R\.?T\.?\s?\(R\)|RTT|R\.?T\.?(?=[\s,.;)]|$)|"
    r"B\.?S\.?c?(?![a-z])|BSRT|"
    r"FNP(?:-?B?C)?|AGNP(?:-?C)?|ACNP(?:-?BC)?|ANP(?:-?BC)?|NP(?:-?C)?|CRNP|ARNP|APRN|AOCNP|AOCN|DNP|APP|"
    r"APN|CNP|CNS|"
    r"PA(?:-?C)?|PAC|MPAS|R\.?N\.?(?![a-z])|BSN|MSN|OCN|LPN|MHA|MPH|MBA|RD|LCSW|PharmD|"
    r"PGY[- ]?\d|MA(?![a-z])|CMA|CCRP|Jr\.?|Sr\.?|III|II|Esq\.?"
)
_CREDENTIAL = re.compile(rf"(?:{CREDENTIALS})")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "esq"})

_UPPER = r"A-Z\u00c0-\u00d6\u00d8-\u00de"
_LETTER = r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f"
_WORD = rf"(?:[{_UPPER}][{_LETTER}'\u2019]*(?:-[{_UPPER}{_LETTER}'\u2019]+)*)"
_PARTICLE = (
    r"(?:de\s+la|de\s+los|van\s+der|van\s+den|van\s+de|von\s+der|de|der|van|von|la|le|del|della|di|da|dos|du|"
    r"bin|ibn|al|el|ter|ten|ben|st\.|af)"
)
_INITIAL = rf"(?:[{_UPPER}]\.(?:\s?[{_UPPER}]\.)*|[{_UPPER}](?=[\s,]))"
_NO_CREDENTIAL = rf"(?!(?:{CREDENTIALS})(?![{_LETTER}]))"
_SURNAME = rf"(?:(?:{_PARTICLE}[ \xa0])?{_WORD}(?:[ \xa0](?:{_PARTICLE}[ \xa0])?{_NO_CREDENTIAL}{_WORD})?)"
_TITLE = r"(?:(?:Prof\.?[ \xa0])?Dr\.?[ \xa0]med\.?|Drs?\.?|Doctor|Prof\.?|Professor|Mr\.?|Mrs\.?|Ms\.?|Miss)"
_CRED_LIST = rf"(?:[ \xa0]*[,/]?[ \xa0]*\(?(?:{CREDENTIALS})(?![{_LETTER}])\)?)"
_NOT_NAME = (
    r"(?!(?i:I|The|This|On|At|By|And|Date|Time|Page|MD|Physician|Physicist|Attending|Resident|Patient|"
    r"Radiation|Oncolog\w+|"
    r"Electronic\w*|Digital\w*|Signed|Signature|Plan|Approved|Reviewed|Treatment|Medical|Department|"
    r"Dosimetr\w+|"
    r"Therapist|Pending|None|Not|Yes|No|Week\w*|Weekly|Fx|Fraction|Continue|Exam|Dose|Total|Unsigned|"
    r"Awaiting|"
    r"Name|Title|Credentials|Comments?|Status|AM|PM|NA|EST|EDT|CST|CDT|PST|PDT|MST|MDT|CC|Cancer|"
    r"Cent(?:er|re)|Clinic|"
    r"Hospital|Health|System|University|Regional|Director|Chief|Staff|Locum|Supervising|Teaching|Faculty|"
    r"Assistant|"
    r"Associate|Senior|Lead|Report|Note|Summary|Record|MRN|DOB|ID|Rev|Physics|Nurse|Practitioner|"
    r"Provider|Consultant|"
    r"Cosigned|Authenticated|Finalized|Attested|Verified|Printed|Dictated|Transcribed|Checked|Prepared|"
    r"In|For|To|With|"
    r"Of|From|As|Is|Was|Has|Seen|Discussed|Per|Yet|Draft|Preliminary|Rejected|Final|Filed|Yours|"
    r"Sincerely|Rad|Onc|Med|Surg|Dept|Event|User|Role|Chart|Rx)\b)"
)
PERSON = re.compile(
    rf"""(?P<title>{_TITLE}[ \xa0])?(?:
        (?P<last1>{_NOT_NAME}{_SURNAME})(?P<cred1>[ \xa0](?:{CREDENTIALS})(?![{_LETTER}]))?[ \xa0]?,[ \xa0]?
            (?P<first1>{_NOT_NAME}{_NO_CREDENTIAL}(?:{_WORD}|{_INITIAL})
            (?:[ \xa0]{_NO_CREDENTIAL}{_NOT_NAME}(?:{_INITIAL}|{_WORD}))?)
      | (?P<first2>{_NOT_NAME}(?:{_WORD}|{_INITIAL})(?:[ \xa0]?(?:{_INITIAL}))?
            (?:[ \xa0]{_NO_CREDENTIAL}{_NOT_NAME}(?:{_INITIAL}|{_WORD})){{0,2}})
            [ \xa0](?P<last2>(?:{_PARTICLE}[ \xa0])?{_NO_CREDENTIAL}{_NOT_NAME}{_WORD})
      | (?P<first3>(?:[{_UPPER}]\.[ \xa0]?)+)(?P<last3>{_WORD})
      | (?P<last4>{_NOT_NAME}(?:{_PARTICLE}[ \xa0])?{_WORD})
    )(?P<suffix>,?[ \xa0](?:Jr\.?|Sr\.?|III|II)(?![{_LETTER}]))?(?P<cred>{_CRED_LIST}{{0,6}})""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Person:
    """A written name taken apart. ``given`` are the given names and initials in order; may be empty."""

    written: str
    surname: str
    given: tuple[str, ...]
    credentials: tuple[str, ...]
    doctor: bool = False


def credentials_in(text: str) -> tuple[str, ...]:
    """Credentials of a list such as ``MS, DABR`` in plain upper case, suffixes (Jr.) left out."""
    found: list[str] = []
    for match in _CREDENTIAL.finditer(text):
        if match.start() and text[match.start() - 1].isalpha():
            continue
        plain = re.sub(r"[.\s]", "", match.group(0)).upper()
        if plain.lower() not in _SUFFIXES and plain not in found:
            found.append(plain)
    return tuple(found)


def person_at(text: str, start: int = 0) -> tuple[Person, int, int] | None:
    """The person whose name begins at ``text[start]``, with the span of name and credentials."""
    match = PERSON.match(text, start)
    if match is None:
        return None
    groups = match.groupdict()
    surname = next(groups[f"last{n}"] for n in "1234" if groups[f"last{n}"])
    first = next((groups[f"first{n}"] for n in "123" if groups[f"first{n}"]), "") or ""
    given = tuple(part for part in re.split(r"[.\s]+", first) if part)
    title = (groups["title"] or "").strip().lower()
    credentials = credentials_in(f"{groups['cred1'] or ''} {groups['cred'] or ''}")
    end = match.end() - (len(match.group(0)) - len(match.group(0).rstrip(" ,/")))
    doctor = title.startswith(("dr", "doctor"))
    return Person(text[match.start() : end], surname.strip(), given, credentials, doctor), match.start(), end


def parse_person(text: str) -> Person | None:
    """The first name of a text, ``None`` where it holds none."""
    for match in re.finditer(rf"(?<![{_LETTER}.])[{_UPPER}]", text):
        found = person_at(text, match.start())
        if found:
            return found[0]
    return None


# ---------------------------------------------------------------- comparing


def plain(text: str) -> str:
    """Letters of a name, lower case, accents and punctuation dropped."""
    bare = unicodedata.normalize(
        "NFKD", text.replace("\u00df", "ss").replace("\u00f8", "o").replace("\u0142", "l")
    )
    return "".join(char for char in bare.lower() if char.isalpha())


def near(first: str, second: str) -> bool:
    """Whether two plain words differ by at most one letter, or two in words of eight letters and more."""
    if first == second:
        return True
    allowed = 0 if min(len(first), len(second)) < 4 else 1 if min(len(first), len(second)) < 8 else 2
    if abs(len(first) - len(second)) > allowed:
        return False
    return distance(first, second, allowed) <= allowed


def distance(first: str, second: str, limit: int) -> int:
    """Edit distance (insert, delete, change, swap) of two words; ``limit + 1`` when above it."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, char in enumerate(first, start=1):
        before, previous, row = row, before, [i]
        for j, other in enumerate(second, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != other))
            if i > 1 and j > 1 and char == second[j - 2] and first[i - 2] == other:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _surnames(surname: str) -> set[str]:
    parts = [plain(part) for part in re.split(r"[-\s]+", surname)]
    return {plain(surname)} | ({part for part in parts if len(part) > 2} if len(parts) > 1 else set())


def _given_agree(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    if not first or not second:
        return True
    a, b = plain(first[0]), plain(second[0])
    if not a or not b or a[0] != b[0]:
        return False
    if len(a) > 1 and len(b) > 1 and not (a.startswith(b) or b.startswith(a) or near(a, b)):
        return False
    if len(first) > 1 and len(second) > 1:
        return plain(first[1])[:1] == plain(second[1])[:1]
    return True


def _initials(person: Person) -> set[str]:
    letters = [plain(part)[:1] for part in person.given]
    last = plain(person.surname)[:1]
    return {"".join(letters) + last, "".join(letters[:1]) + last}


def _is_login(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]{2,20}", text)) and (text.islower() or text.isupper())


def _login_agrees(login: str, person: Person) -> bool:
    stem = re.sub(r"\d+$", "", login.lower())
    letters = plain(stem)
    last, first = plain(person.surname), plain(person.given[0]) if person.given else ""
    if letters == last:
        return True
    initials = _initials(person)
    forms = {first + last, last + first, first[:1] + last, last + first[:1]}
    forms |= {i[:-1] + last for i in initials} | {last + i[:-1] for i in initials}
    return bool(first) and letters in forms


@functools.lru_cache(maxsize=4096)
def same_person(first: str, second: str) -> bool:
    """Whether two written names, initials or logins can be one person: surname and first initial agree.

    A surname alone (``Dr. Smith``) agrees with every person of that surname.
    """
    if plain(first) == plain(second):
        return bool(plain(first))
    for short, other in ((first, second), (second, first)):
        bare = re.sub(r"[.\s]", "", short)
        if 2 <= len(bare) <= 3 and bare.isupper() and bare.isalpha():
            person = parse_person(other)
            return person is not None and bare.lower() in _initials(person)
    for short, other in ((first, second), (second, first)):
        if _is_login(short) and " " in other.strip():
            person = parse_person(other)
            if person is not None and _login_agrees(short, person):
                return True
    a, b = parse_person(first), parse_person(second)
    if a is None or b is None:
        return False
    if not _given_agree(a.given, b.given):
        return False
    names_a, names_b = _surnames(a.surname), _surnames(b.surname)
    if names_a & names_b:
        return True
    return bool(a.given and b.given) and near(plain(a.surname), plain(b.surname))
