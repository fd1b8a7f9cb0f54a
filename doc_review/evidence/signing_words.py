"""Text around a signing act turned into the person and the date that belong to it."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..dates import FoundDate, find_dates, without_births
from ..names import Person, person_at
from .note import Note
from .people import role_words

_CONNECT = re.compile(
    r"(?:[\s:=,;(\[<|\-\u2013\u2014/>\])]|\b(?:by|on|at|of|as|the|name|user|login|id|dr(?=\s*:)|cn=|dn:|"
    r"performed|date|time|"
    r"electronic(?:ally)?|signed|approved|planning|treatment|author|in the name of|electronic signature|yes|me(?=\s*[:,])|#?\d(?=\s*[(:])|"
    r"(?:attending|staff|responsible|resident|treating|approving|radiation|medical|physics|clinical)?\s?"
    r"(?:physician|physicist|physics|resident|oncologist|dosimetrist|therapist|md|provider)(?=\s*[:)]|\s+(?-i:[A-Z]))|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)(?![\w.]))*",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    r"\W*(?:(?:date|time|signed|dated|on|at|d/t|signature|approved|approval|electronically|filed|"
    r"completed|entered)\b[\s:/&.|]*)*"
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?(?:\d{1,4}[-/. ]|\d{1,2}[a-z]{3}|(?:jan|feb|mar|apr|"
    r"may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
)
_DATE_WORDS = re.compile(
    r"(?:[ap]\.?m|est|edt|cst|cdt|mst|mdt|pst|pdt|utc|hrs?|hours|at|on|date|time|of|am|pm|th|st|nd|rd|"
    r"electronically|digitally|signed|stamp)\b\.?"
)


def only_date(plain: str, low: int, high: int) -> bool:
    """Whether a folded line holds a date (with label and time) and little else."""
    head = _DATE_LINE.match(plain, low, high)
    if head is None:
        return False
    rest = _DATE_WORDS.sub("", plain[head.end() : high])
    return sum(char.isalpha() for char in rest) <= 9


_ORGANISATION = re.compile(
    r"\b(?:insurance|benefits?|ppo|hmo|health|medicare|medicaid|aetna|cigna|humana|blue|shield|united|"
    r"board|committee|"
    r"tumou?r|clinic|hospital|group|services|utilization|team|patient|family|wife|husband|daughter|son|"
    r"mother|father|"
    r"pharmacy|therapists?|nursing|mosaiq|aria|eclipse|raystation|system|site|rectum|bladder|breast|"
    r"prostate|lung|"
    r"event|user|role|cent(?:er|re)|medical|regional|isodose|dose|dvh|coverage|target|objective|goals?|"
    r"volume|plan|treatment|physics|planning)\b",
    re.IGNORECASE,
)
_LAY = re.compile(r"(?:Mr|Mrs|Ms|Miss)\b")
_CERTIFICATE = re.compile(r"([A-Z][A-Za-z'-]+)\.([A-Z][A-Za-z'-]+)(?:\.[A-Z][A-Za-z]*)*\.\d{5,}")
_CARETS = re.compile(r"([A-Z][A-Za-z'-]+)\^([A-Z][A-Za-z'-]*)((?:\^[A-Za-z.]*){0,4})")
_LOGIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)?\d{0,4}(?![\w'-])")
_NO_LOGIN = frozenset(
    [
        "the",
        "this",
        "that",
        "a",
        "an",
        "on",
        "at",
        "by",
        "and",
        "or",
        "for",
        "to",
        "of",
        "in",
        "is",
        "was",
        "not",
        "no",
        "yes",
        "none",
        "pending",
        "date",
        "time",
        "page",
        "name",
        "title",
        "md",
        "do",
        "ms",
        "phd",
        "user",
        "system",
        "status",
        "note",
        "plan",
        "treatment",
        "physician",
        "physicist",
        "approved",
        "reviewed",
        "signed",
        "unsigned",
        "today",
        "fx",
    ]
)
_MONTH = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|(?:mon|tues?|wednes|thurs|fri|satur|sun)day|"
    r"e-?signed|electronically|digitally|verbally|signature|approval|e-?signature",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"[T ,@-]{0,3}(?:at )?\d{1,2}:?\d\d(?::\d\d)?(?: ?(?:[ap]\.?m\b\.?|hrs?\b|"
    r"hours\b))?(?: ?[A-Z]{2,4}T\b| ?[-+]\d\d'?\d\d'?)?",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[a-z]{3,}\.\s+[A-Z]|\n\s*\n")
_OTHER_DATE = re.compile(
    r"(?:dob|born|birth\w*|print\w*|fax\w*|scan\w*|next|return|rtc|f/u|follow-?up|expires?|received|"
    r"dictated|transcribed|"
    r"report|generated|export\w*)[^\n]{0,14}$",
    re.IGNORECASE,
)


class Dates:
    """The dates of a note, looked up by place."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._found: list[FoundDate] | None = None

    @property
    def found(self) -> list[FoundDate]:
        """Every date of the note, kept with it."""
        if self._found is None:
            cached = self._note.__dict__.get("dates")
            if cached is None:
                cached = without_births(find_dates(self._note.text))
                self._note.__dict__["dates"] = cached
            self._found = cached
        return self._found

    def after(self, start: int, high: int, reach: int) -> FoundDate | None:
        """The first date of a service or signature that begins within ``reach`` of a place, on its line."""
        for date in self.found:
            if date.start < start:
                continue
            if date.start > min(high, start + reach):
                return None
            between = self._note.text[start : date.start]
            if _BREAK.search(between):
                return None
            if not _OTHER_DATE.search(between):
                return date
        return None

    def end_of(self, date: FoundDate) -> int:
        """Where a date ends with its time of day."""
        match = _CLOCK.match(self._note.text, date.end)
        return match.end() if match else date.end

    def spans_between(self, low: int, high: int) -> int:
        """How many dates a stretch holds."""
        return sum(low <= date.start < high for date in self.found)


def connector_end(text: str, start: int, high: int) -> int:
    """Where the words that join an act to its name end."""
    match = _CONNECT.match(text, start, high)
    return match.end() if match else start


_GOES_ON = re.compile(
    r" (?!(?:On|At|Date|Time|Signed|Electronically|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|"
    r"Tue|Wed|Thu|Fri|Sat|"
    r"Sun|Attending|Radiation Onc|Medical Phys|Clinical Onc|Chief|Physic|Dosim|Resident|Nurse|Title|Role|"
    r"PGY|Rad)\w*)[A-Z][A-Za-z]+"
)


def named_person(text: str, start: int, high: int) -> tuple[Person, int] | None:
    """A person named at a place: a name with a given name, credentials or a doctor's title; no patient."""
    certificate = _CERTIFICATE.match(text, start, high)
    if certificate:
        written = certificate.group(0)
        return Person(written, certificate.group(1), (certificate.group(2),), ()), certificate.end()
    carets = _CARETS.match(text, start, high)
    if carets:
        listed = tuple(part for part in carets.group(3).split("^") if part)
        return Person(carets.group(0), carets.group(1), (carets.group(2),), listed), carets.end()
    if not text[start : start + 1].isupper() or _LAY.match(text, start):
        return None
    found = person_at(
        text[:high] if high - start > 200 else text[start:high], start if high - start > 200 else 0
    )
    if found is None:
        return None
    person, _, end = found
    end = end if high - start > 200 else end + start
    if _ORGANISATION.search(person.written) and not person.credentials:
        return None
    if "\n" in person.written or not (person.given or person.credentials or person.doctor):
        return None
    if not (person.credentials or person.doctor) and _GOES_ON.match(text, end, high):
        return None
    return person, end


def login_at(
    text: str, start: int, high: int, known: Callable[[str], bool], by: bool, dated: bool
) -> tuple[Person, int] | None:
    """A login, initials or a bare surname: of somebody ``known``, or with a date beside it.

    A word in lower case may be just a word: it needs ``by`` before it or a date behind it.
    """
    match = _LOGIN.match(text, start, high)
    if match is None or match.group(0).lower() in _NO_LOGIN or _ORGANISATION.search(match.group(0)):
        return None
    written = match.group(0)
    if _MONTH.fullmatch(written):
        return None
    if (by or dated or not written.islower() or any(char.isdigit() for char in written)) and known(written):
        return Person(written, written, (), ()), match.end()
    if not dated or len(written) < 4 or not (written[0].isupper() or written.islower()):
        return None
    rest = text[match.end() : min(high, match.end() + 24)]
    if re.match(r"\s*(?:[,(\[|@-]|on\b|at\b|\d|\n|$)", rest) is None:
        return None
    return Person(written, written, (), ()), match.end()


_ROLE_LABEL = re.compile(
    r"(?:^|[|\n]|\s{2,})\W*(?:attending |staff |radiation |medical |treating )*"
    r"(?:physician|md|m\.d\.|oncologist|phys(?:ics|icist)?|dosim(?:etry|etrist)?|provider|therapist|attending|np|pa)"
    r"\s*[:-]\s*$",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"[\s;,\-\u2013\u2014:(\[|./]*(?:(?:is|was|has)\s*)?$")


_DATED = re.compile(r"[\s,|-]*\d[\d/.:\s-]{5,}(?:[ap]\.?m\.?)?[\s,(|-]*$", re.IGNORECASE)


def person_before(text: str, low: int, start: int) -> tuple[Person, int] | None:
    """The person named on the line directly before an act, with the place where the name begins."""
    begin = max(low, start - 90)
    best: tuple[Person, int] | None = None
    position = begin
    while position < start:
        if not text[position].isupper() or (
            position > low and (text[position - 1].isalnum() or text[position - 1] == ".")
        ):
            position += 1
            continue
        found = named_person(text, position, start)
        if found is None:
            position += 1
            continue
        person, end = found
        rest = text[end:start]
        labelled = person.given and _ROLE_LABEL.search(text[low:position] or "\n")
        if (person.credentials or person.doctor or labelled) and (
            _BEFORE.match(rest) or _DATED.match(rest) or is_title_line(rest.strip(" ,-|(").lower())
        ):
            best = (person, position)
        position = max(end, position + 1)
    return best


def is_title_line(plain: str) -> bool:
    """Whether folded text is a professional title such as ``attending physician, radiation oncology``."""
    bare = plain.strip(" ,.-()|")
    if not 2 <= len(bare) <= 60 or any(char.isdigit() for char in bare):
        return False
    titles = (
        "physicist",
        "dosimetrist",
        "therapist",
        "radiation_oncologist",
        "physician",
        "resident",
        "np_pa",
        "nurse",
        "other_specialty",
        "trainee",
    )
    if not any(role_words(name).search(bare) for name in titles):
        return False
    return len(bare.split()) <= 7 and ":" not in bare
