"""An act of signing with its person and date turned into a signature: role, kind, and whether it counts.

Policy section 6: an act of signing needs a name; stamps, signatures on file, unread dictation, blank
lines and typed names are none; a resident or NP/PA needs the physician.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from ..model import Provider, Role
from ..names import Person, person_at, same_person
from .colleagues import Colleague, colleague_of
from .note import Note
from .people import credential_role, provider_of, role_of
from .signing_words import is_title_line

Kind = Literal[
    "electronic",
    "handwritten",
    "attestation",
    "mark",
    "stamp",
    "on_file",
    "not_read",
    "pending",
    "blank",
    "typed",
]
Act = Literal["signed", "approved", "reviewed", "cosigned", "prepared", "checked", "attested"]
_PRIORITY: tuple[Act, ...] = ("approved", "cosigned", "attested", "signed", "reviewed", "checked", "prepared")
_MENTIONS = 12
_TELLS = frozenset({"other", "correspondence", "completion_summary", "management_visit", "physics_check"})
"""Entries that can only tell that a plan or order was signed elsewhere (policy 6.3)."""
_PHYSICS = frozenset({"physics_check", "qa"})
_PLANS = frozenset({"plan", "plan_approval"})


_LEADER = re.compile(r"\.{3,}[ ]?:?(?P<nothing>[ ]*(?=\n|$|(?:date|time|datum)\b))?", re.IGNORECASE)


def _undotted(text: str) -> str:
    """A dotted leader between a label and its value as a colon, without a value as a blank line; same length."""

    def shown(found: re.Match[str]) -> str:
        size = len(found.group())
        return "_" * size if found.group("nothing") is not None else ":" + " " * (size - 1)

    return _LEADER.sub(shown, text) if "..." in text else text


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature, or the lack of one (``absent``), at flat offsets of its note.

    ``attested`` is the earlier date that an attestation speaks of.
    """

    start: int
    end: int
    act: Act
    kind: Kind
    signer: str = ""
    person: Person | None = None
    role: Role | None = None
    date: dt.date | None = None
    counts: bool = False
    absent: bool = False
    of: Literal["entry", "plan", "order"] = "entry"
    attested: dt.date | None = None
    confidence: float = 0.9


class Maker:
    """Makes the signatures of one note: who the person is, in which role, and whether it counts."""

    def __init__(self, note: Note, providers: Sequence[Provider], people: Sequence[Colleague] = ()) -> None:
        self.people = people
        self._known: dict[str, Colleague | None] = {}
        self.note = note
        self.text = _undotted(note.text)
        self.plain = _undotted(note.plain)
        self.lines = note.lines
        self.providers = providers
        self._roles: dict[str, Role | None] = {}
        self._signers: dict[str, Role | None] = {}

    def known(self, written: str) -> Colleague | None:
        """The colleague whom a written name, login or initials mean, as other pages of the chart tell."""
        if written not in self._known:
            self._known[written] = colleague_of(written, self.people) if written else None
        return self._known[written]

    def login(self, written: str) -> Person | None:
        """The person behind a login, initials or a bare surname of a listed or known colleague."""
        if not re.fullmatch(r"[A-Za-z][\w.-]{1,24}", written):
            return None
        if provider_of(written, self.providers) is None and self.known(written) is None:
            return None
        return Person(written, written, (), ())

    def subject(self, words: str) -> Literal["entry", "plan", "order"]:
        """What is signed: the words before the act tell, otherwise the kind of the entry."""
        kind = self.note.kind
        plan = re.search(r"\b(?:treatment |imrt |vmat |3d )?plan\b", words)
        if re.search(r"\b(?:rx|prescription|directive|order)s?\b", words) and not (
            plan and kind in ("plan", "plan_approval")
        ):
            return "order"
        if kind in ("plan", "plan_approval") or plan:
            return "plan"
        return "order" if kind in ("order", "prescription") else "entry"

    def make(
        self,
        index: int,
        start: int,
        end: int,
        act: Act,
        kind: Kind,
        person: Person | None,
        label: str = "",
        date: dt.date | None = None,
        absent: bool = False,
        confidence: float = 0.85,
        act_at: int | None = None,
        beside: str | None = None,
    ) -> Signature:
        """A signature of ``person`` (``None``: nobody is named) at a flat span, with role and count.

        ``label`` is the folded text that leads to the name, ``beside`` the text behind it where the line does
        not tell; ``absent`` marks a signature that lacks.
        """
        high = self.lines[index][1]
        after = ""
        signer = ""
        role: Role | None = None
        anyone = person or Person("", "", (), ())
        if person is not None:
            place = self.text.find(person.written, self.lines[max(0, index - 1)][0])
            stop = place + len(person.written) if place >= 0 else high
            line_end = self.text.find("\n", stop)
            line_end = len(self.text) if line_end < 0 else line_end
            after = re.split(
                r"\d|\b(?:electronically|signed|approved)\b", self.plain[stop : min(line_end, stop + 60)]
            )[0]
            following = self.plain[line_end + 1 : line_end + 60].split("\n")[0]
            after += " " + following if is_title_line(following) else ""
            after = after if beside is None else beside
            provider = provider_of(person.written, self.providers)
            signer = (
                provider.name if provider and not person.given and not person.credentials else person.written
            )
        if person is not None and not person.given and not person.credentials:
            known = next((name for name in self._signers if same_person(person.written, name)), None)
            signer = known or signer
        role = role_of(
            anyone, label, after, self.providers, self.note.kind in _PHYSICS, self.note.kind in _PLANS
        )
        known_as = self.known(person.written) if person is not None else None
        if role is None and person is not None:
            role = (
                self._elsewhere(person) or self._signers.get(signer) or (known_as.role if known_as else None)
            )
        if person is not None and known_as and provider_of(person.written, self.providers) is None:
            told = credential_role(person.credentials) is not None or not known_as.sure
            role = known_as.role if known_as.role == "resident" or not told else role
            signer = signer if person.given or person.credentials else known_as.written
        if person is not None and person.credentials and signer:
            self._signers.setdefault(signer, role)
        of = self.subject(label)
        counts = (
            not absent and person is not None and kind in ("electronic", "handwritten", "attestation", "mark")
        )
        if role in ("resident", "np_pa") or act == "prepared":
            counts = False
        if of != "entry" and self.note.kind in _TELLS:
            counts = False
        if act == "reviewed" and (date is None or of == "plan"):
            counts = False
        if act == "checked" and date is None:
            counts = False
        return Signature(
            start, end, act, kind, signer, person, role, date, counts, absent, of, confidence=confidence
        )

    def _elsewhere(self, person: Person) -> Role | None:
        """Role that another mention of the name in the note tells (``Physician: A. Roe, MD``)."""
        if person.surname not in self._roles:
            self._roles[person.surname] = self._mentioned(person)
        return self._roles[person.surname]

    def _mentioned(self, person: Person) -> Role | None:
        for match in islice(re.finditer(re.escape(person.surname), self.text), _MENTIONS):
            for back in range(match.start(), max(-1, match.start() - 24), -1):
                if back and (
                    self.text[back - 1].isalnum() or (self.text[back - 1] == "\n" and back != match.start())
                ):
                    continue
                found = person_at(self.text, back) if self.text[back : back + 1].isupper() else None
                if found and found[0].surname == person.surname and (found[0].credentials or found[0].doctor):
                    return role_of(found[0], physics=self.note.kind in _PHYSICS)
        return None


def merge(found: Sequence[Signature]) -> list[Signature]:
    """Acts of one line by one person as one signature, the strongest act naming it."""
    merged: list[Signature] = []
    for item in found:
        last = merged[-1] if merged else None
        same = last and last.person and item.person and last.person.written == item.person.written
        if last is None or not same:
            merged.append(item)
            continue
        act = min(last.act, item.act, key=_PRIORITY.index)
        strong = [s for s in (last, item) if s.kind != "typed"]
        best = next((s for s in strong if s.act == act), strong[0] if strong else last)
        merged[-1] = replace(
            best,
            start=min(last.start, item.start),
            end=max(last.end, item.end),
            act=act if strong else best.act,
            counts=last.counts or item.counts,
            date=last.date or item.date,
            of=last.of if last.of != "entry" else item.of,
            confidence=max(last.confidence, item.confidence),
        )
    return merged
