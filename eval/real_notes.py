"""Public transcribed notes with labels in, how their techniques are read out.

    python eval/real_notes.py FOLDER            FOLDER holds labels.yaml and the notes it names
    python eval/real_notes.py FOLDER --show     with each miss and each wrong item

The notes are dictated reports from other specialties, few of them radiotherapy; they stay where they are.

How a note is scored
- Items are pairs of technique and assertion, once per note however often the note says them. A label is met
  by any pair it allows (``value_also_ok`` and ``also_ok`` widen it); an ``optional`` one need not be met.
- A found pair is right when a label allows it. ``EBRT`` with the assertion of a more specific label is
  neither right nor wrong.
- No core code may be ``supported`` on any of these notes, nor any code of a label's ``must_not``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from doc_review.case import open_cases
from doc_review.model import Review
from doc_review.review import review_case
from doc_review.scoring.labels import CORE_CODES

Pair = tuple[str, str]


@dataclass(slots=True)
class Score:
    """Sums over the notes. ``failures`` are lines to read, ``supported`` codes that must not be."""

    labels: int = 0
    met: int = 0
    found: int = 0
    fitting: int = 0
    failures: list[str] = field(default_factory=list)
    supported: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Labels met, of those that must be."""
        return self.met / self.labels

    @property
    def precision(self) -> float:
        """Found pairs that a label allows."""
        return self.fitting / self.found


def allowed(label: Mapping[str, Any]) -> set[Pair]:
    """The pairs that meet a label."""
    values = [label["value"], *label.get("value_also_ok", [])]
    return {(value, how) for value in values for how in (label["assertion"], *label.get("also_ok", []))}


def reviews(folder: Path) -> Iterator[tuple[Mapping[str, Any], Review]]:
    """Each note's labels and its review, the note a case of its own."""
    labels = yaml.load((folder / "labels.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for note in labels["notes"]:
        for case in open_cases(folder / note["file"]).cases:
            yield note, review_case(case).review


def score_note(note: Mapping[str, Any], review: Review, score: Score) -> None:
    """Add one note to the sums."""
    found: dict[Pair, str] = {}
    for item in review.evidence:
        if item.kind == "technique":
            found.setdefault((item.value, item.assertion), item.citation.quote)
    labels = [(label, allowed(label)) for label in note.get("technique", [])]
    named = {how for _, pairs in labels for value, how in pairs if value != "EBRT"}
    right = {pair for pair in found if any(pair in pairs for _, pairs in labels)}
    wrong = [pair for pair in found if pair not in right and not (pair[0] == "EBRT" and pair[1] in named)]
    must = [(label, pairs) for label, pairs in labels if not label.get("optional")]
    missed = [label for label, pairs in must if not pairs & set(found)]
    score.labels += len(must)
    score.met += len(must) - len(missed)
    score.found += len(right) + len(wrong)
    score.fitting += len(right)
    score.failures += [
        f"{note['file']}: missed {label['value']} {label['assertion']}: {label['quote']!r}"
        for label in missed
    ]
    score.failures += [f"{note['file']}: wrong {' '.join(pair)}: {found[pair]!r}" for pair in wrong]
    unwanted = {*CORE_CODES, *note.get("must_not", [])}
    score.supported += [
        f"{note['file']}: {line.code} is supported"
        for line in review.suggestions
        if line.status == "supported" and line.code in unwanted
    ]


def run(folder: Path) -> Score:
    """The sums over the notes of a folder."""
    score = Score()
    for note, review in reviews(folder):
        score_note(note, review, score)
    return score


def main(arguments: list[str]) -> int:
    """Print recall and precision; 1 where a code is supported that must not be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="holds labels.yaml and the notes it names")
    parser.add_argument("--show", action="store_true", help="print each miss and each wrong item")
    options = parser.parse_args(arguments)
    if not (options.folder / "labels.yaml").is_file():
        print(f"{options.folder}: holds no labels.yaml; nothing was scored", file=sys.stderr)
        return 2
    score = run(options.folder)
    print(f"recall {score.recall:.3f} ({score.met} of {score.labels} labels)")
    print(f"precision {score.precision:.3f} ({score.fitting} of {score.found} items)")
    print("\n".join(score.supported) or "no core code supported")
    if options.show:
        print("\n".join(score.failures))
    return 1 if score.supported else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
