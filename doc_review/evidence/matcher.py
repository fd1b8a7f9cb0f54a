"""Note text in, lexicon hits out: one automaton pass over the folded text."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from dataclasses import dataclass

import ahocorasick

from .lexicon import Term, terms
from .note import Note

_SPACES = re.compile(r"\s+")
_LABELLED = frozenset({"technique", "site"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A term at a flat span of a note."""

    term: Term
    start: int
    end: int

    @property
    def kind(self) -> str:
        """Kind of the term."""
        return self.term.kind

    @property
    def value(self) -> str:
        """Value of the term."""
        return self.term.value


@functools.cache
def _automaton() -> ahocorasick.Automaton:
    """All terms of the lexicon keyed by their folded text."""
    by_text: dict[str, list[Term]] = defaultdict(list)
    for term in terms():
        by_text[term.text].append(term)
    automaton = ahocorasick.Automaton()
    for text, group in by_text.items():
        automaton.add_word(text, (len(text), tuple(group)))
    automaton.make_automaton()
    return automaton


def _flat_spaces(plain: str) -> str:
    """Newlines as spaces so that a term broken over two lines is found; length unchanged."""
    return plain.replace("\n", " ").replace("\r", " ")


def find_hits(note: Note) -> tuple[Hit, ...]:
    """Longest lexicon hits of each kind on word boundaries, in order of start, then kind and value."""
    plain = _flat_spaces(note.plain)
    size = len(plain)
    found: list[Hit] = []
    for last, (length, group) in _automaton().iter(plain):
        start, end = last - length + 1, last + 1
        inside = start > 0 and plain[start - 1].isalnum() and plain[start].isalnum()
        # "RtShoulder": a capital after a small letter begins a word of a label.
        if inside and not (note.text[start].isupper() and note.text[start - 1].islower()):
            continue
        bounded = end >= size or not (plain[end].isalnum() and plain[end - 1].isalnum())
        # A plan's label numbers its technique or site: VMAT1, LARYNX2.
        numbered = end < size and plain[end].isdigit() and length > 3 and plain[start:end].isalpha()
        for term in group:
            if not (bounded or term.prefix or (numbered and term.kind in _LABELLED)):
                continue
            if inside and (term.kind not in _LABELLED or length < 4):
                continue
            if term.exact_case is not None and note.text[start:end] != term.exact_case:
                continue
            stop = end
            while term.prefix and stop < size and plain[stop].isalnum():
                stop += 1
            found.append(Hit(term, start, stop))
    found.sort(key=lambda hit: (hit.start, -hit.end, hit.kind, hit.value))
    kept: list[Hit] = []
    reach: dict[str, int] = {}
    for hit in found:
        if hit.end <= reach.get(hit.kind, -1):
            continue
        kept.append(hit)
        reach[hit.kind] = max(hit.end, reach.get(hit.kind, -1))
    return tuple(kept)
