"""Combined charts in many house styles are made, cut into entries, and scored against what they truly hold.

Run ``python eval/entry_splitting.py [--split dev|held_out] [--seeds N] [--failures]``. Prints a row a style: F1 of the
boundaries, and the share of true entries whose kind, date and author are right (an entry whose beginning was
missed has none of them right). Exit status 1 where a split falls below the floor.

A boundary is right anywhere between the last line of the note before and the first line of the note itself.
``--failures`` lists what went wrong, of the dev styles only.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from combined.charts import Note
from combined.prints import SPLITS, Print, Style, printed, styles

from doc_review.documents.base import OpenDocument
from doc_review.documents.entries import with_entries
from doc_review.documents.read import read_document
from doc_review.model import Entry

FLOOR = 0.95
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Held:
    """A document held in memory."""

    id: str
    data: bytes
    problem: str | None = None

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self) -> bytes:
        return self.data


@dataclass(slots=True)
class Score:
    """Counts of one style or of several: entries, boundaries and what was right of each."""

    true: int = 0
    found: int = 0
    hit: int = 0
    entries: int = 0
    kind: int = 0
    date: int = 0
    author: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """F1 of the boundaries."""
        return 2 * self.hit / (self.true + self.found) if self.true + self.found else 1.0

    def share(self, name: str) -> float:
        """Share of true entries that are right in ``kind``, ``date`` or ``author``."""
        return float(getattr(self, name)) / self.entries

    def add(self, other: Score) -> None:
        """Add the counts of another score."""
        for name in ("true", "found", "hit", "entries", "kind", "date", "author"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.failures.extend(other.failures)

    def row(self, name: str) -> str:
        """The score as one row of text."""
        shares = "  ".join(f"{self.share(part):.3f}" for part in ("kind", "date", "author"))
        return f"{name:50} {self.f1:.3f}  {shares}  {self.entries:5}"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(re.escape(word) for word in text.split()))


def _places(document: OpenDocument, made: Print) -> list[tuple[Place, Place]]:
    """Where the first line of each note begins and its last line ends in the text as read."""
    spans: dict[int, tuple[Place, Place]] = {}
    cursor = 0
    for number, sheet in enumerate(made.sheets):
        page = document.pages[number if len(document.pages) > 1 else 0]
        cursor = 0 if len(document.pages) > 1 else cursor
        for line in sheet:
            if line.note is None or not line.text:
                continue
            match = _pattern(line.text).search(page.text, cursor)
            if match is None:
                raise LookupError(
                    f"the text read lacks a line of note {line.note}, sheet {number + 1}: {line.text}"
                )
            cursor = match.end()
            first = spans[line.note][0] if line.note in spans else (page.number, match.start())
            spans[line.note] = (first, (page.number, cursor))
    return [spans[note] for note in range(len(made.notes))]


def _matched(entries: Sequence[Entry], spans: Sequence[tuple[Place, Place]]) -> Iterator[Entry | None]:
    """For each true note the entry that begins where it does."""
    starts = [(entry.page, entry.start) for entry in entries]
    for number, (first, _) in enumerate(spans):
        if number == 0:
            inside = [entry for entry, start in zip(entries, starts, strict=True) if start <= first]
        else:
            last = spans[number - 1][1]
            inside = [entry for entry, start in zip(entries, starts, strict=True) if last <= start <= first]
        yield inside[-1] if inside else None


def _same_author(entry: Entry, note: Note) -> bool:
    surname = note.author.partition(",")[0].rpartition(" ")[2]
    return surname.lower() in (entry.author or "").lower()


def score(style: Style, seed: int) -> Score:
    """The score of the chart of a seed in a style."""
    made = printed(style, seed)
    document = with_entries(read_document(_Held(made.name, made.data)))
    entries = document.meta.entries
    spans = _places(document, made)
    found = list(_matched(entries, spans))
    extra = [entry for entry in entries if (entry.page, entry.start) > spans[0][0]]
    result = Score(
        true=len(spans) - 1,
        found=len(extra),
        hit=sum(entry is not None for entry in found[1:]),
        entries=len(spans),
    )
    matched = {entry.id for entry in found if entry is not None}
    for note, entry in zip(made.notes, found, strict=True):
        told = f"{style.name} [{seed}] {note.key} {note.date}"
        if entry is None:
            result.failures.append(f"{told}: not found")
            continue
        right = {
            "kind": entry.kind == note.kind,
            "date": entry.date == note.date,
            "author": _same_author(entry, note),
        }
        for name, is_right in right.items():
            setattr(result, name, getattr(result, name) + is_right)
            if not is_right:
                result.failures.append(f"{told}: {name} {getattr(entry, name)}")
    for entry in extra:
        if entry.id not in matched:
            page = document.pages[entry.page - 1].text[entry.start :].lstrip()
            result.failures.append(f"{style.name} [{seed}] extra {entry.kind}: {page[:60]!r}")
    return result


def main() -> int:
    """Print the scores; exit status 1 below the floor."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=SPLITS)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--failures", action="store_true")
    args = parser.parse_args()
    status = 0
    for split in [args.split] if args.split else SPLITS:
        whole = Score()
        print(f"{split:50} F1     kind   date   author entries")
        for style in styles(split):
            part = Score()
            for seed in range(args.seeds):
                part.add(score(style, seed))
            print(part.row(style.name))
            whole.add(part)
        print(whole.row("all"))
        if args.failures and split == "dev":
            print("\n".join(whole.failures))
        if min(whole.f1, whole.share("kind"), whole.share("date")) < FLOOR:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
