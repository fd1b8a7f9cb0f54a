"""Sentence banks in, right and wrong per kind of evidence out.

    python eval/sentence_bank.py                     every bank, and eval/reports/sentence_bank.json
    python eval/sentence_bank.py technique --show    one kind, with the failures that may be read

Each snippet becomes a chart of one entry, and the whole evidence stage reads it, so that extractors that
get in each other's way count. Three halves: ``written`` (``tests/evidence/bank/written``, by hands that
never saw the extractors; failures may be read and mended), ``frozen`` (the same hands; sums only, its
texts are never printed) and ``first`` (the banks that grew with the extractors). A field of an
expectation may be a list: any of its values will do.

How a snippet is scored
- Items are sets: an expected item is met by any found one that fits, a found one is right when it fits any
  expected one, so the same thing said twice counts once. A snippet is right when every expected item is
  met and no found one is wrong.
- ``technique``: value and assertion. ``EBRT`` beside a named technique in the same sentence or row is
  neither right nor wrong: "radiation with IMRT" says one thing.
- ``treatment_area``: only areas to be treated count (affirmed or planned). A name is read through the
  lexicon of sites: names of one area are equal ("tonsil" and "base of tongue" are both oropharynx), a name
  the lexicon does not know is compared as written. The side must be the expected one, none where none is
  expected; an area that has no sides and stands on one ("left lung") keeps its side.
- ``prescription``: affirmed or planned ones; Gy to 0.011, a dose per fraction that is not told follows from
  total and fractions.
- ``dose_constraint``: affirmed ones on organs at risk (coverage of a target is none). The organ is read
  through the lexicon of structures, without its side; metric and limit must stand in the quote, white
  space and case aside ("mean" and "Dmean" are one, "max" and "Dmax" too).
- ``necessity_statement``: affirmed ones, by value.
- Banks of ``first`` keep their own form: pairs of value and assertion, values, or attributes with
  ``absent`` for one not told.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from doc_review.documents.base import Chart, OpenDocument, Page
from doc_review.evidence.lexicon import terms
from doc_review.evidence.pipeline import extract_evidence
from doc_review.evidence.segments import segment
from doc_review.model import Document, Entry, Evidence
from doc_review.scoring.provenance import git_state

ROOT = Path(__file__).resolve().parent.parent
BANK = ROOT / "tests" / "evidence" / "bank"
REPORT = ROOT / "eval" / "reports" / "sentence_bank.json"
HALVES: dict[str, Path] = {"written": BANK / "written", "frozen": BANK / "frozen", "first": BANK}
# Banks of the first half whose items are evidence of one kind.
FIRST = (
    "completion",
    "contrast",
    "isocenter",
    "motion_management",
    "necessity_statement",
    "replan",
    "technique",
)
_ENTRY_OF_FIRST = {"necessity_statement": "consultation"}
_TOLD = ("affirmed", "planned")
_METRIC_WORDS = {"dmean": "mean", "dmax": "max", "maximum": "max", "average": "mean"}


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text, the kind of its entry, its entry's date, and the items it must give (each any of several values)."""

    text: str
    entry: str
    date: dt.date | None
    expect: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class Score:
    """Sums over the snippets of one kind and half; ``failures`` are told only where they may be read."""

    snippets: int = 0
    right: int = 0
    expected: int = 0
    met: int = 0
    found: int = 0
    fitting: int = 0
    failures: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """The sums with precision and recall (``None`` where there is nothing to divide by)."""
        return {
            "snippets": self.snippets,
            "right": self.right,
            "share": round(self.right / self.snippets, 4),
            "precision": round(self.fitting / self.found, 4) if self.found else None,
            "recall": round(self.met / self.expected, 4) if self.expected else None,
            "expected": self.expected,
            "met": self.met,
            "found": self.found,
            "fitting": self.fitting,
        }


def read_evidence(snippet: Snippet) -> tuple[Evidence, ...]:
    """Everything the evidence stage finds in a snippet."""
    text, name = snippet.text, "snippet.txt"
    entry = Entry.model_validate(
        {
            "id": f"{name}#1",
            "kind": snippet.entry,
            "date": snippet.date,
            "author": None,
            "page": 1,
            "start": 0,
            "end": len(text),
            "end_page": 1,
        }
    )
    meta = Document(
        id=name,
        sha256="0" * 64,
        media_type="text/plain",
        kind=entry.kind,
        date=snippet.date,
        pages=1,
        text_source="native",
        skipped=None,
        unread_pages=(),
        entries=(entry,),
    )
    evidence, _ = extract_evidence(Chart((OpenDocument(meta, (Page(1, text),)),)))
    return evidence


def read_bank(half: str, kind: str) -> list[Snippet]:
    """The snippets of one bank file."""
    path = HALVES[half] / f"{kind}.yaml"
    items = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    entry = _ENTRY_OF_FIRST.get(kind, "other")
    return [
        Snippet(
            item["text"],
            item.get("entry", entry),
            item.get("date"),
            tuple(_item(expected) for expected in item["expect"]),
        )
        for item in items
    ]


def _item(expected: Any) -> dict[str, Any]:
    """An expected item as attributes, from whichever of the three forms."""
    if isinstance(expected, list):
        return dict(zip(("value", "assertion"), expected, strict=True))
    if isinstance(expected, str):
        return {"value": expected}
    return {name: value for name, value in expected.items() if name != "times"}


@functools.cache
def _names(kind: str) -> Mapping[str, str]:
    return {term.text: term.value for term in terms() if term.kind == kind}


def area_of(name: str) -> str:
    """The published area of a site's name; the name itself where the lexicon does not know it."""
    plain = name.lower()
    known = [
        term
        for term in terms()
        if term.kind == "site"
        and (plain.startswith(term.text) if term.prefix else term.text in (plain, plain.removesuffix("s")))
    ]
    return max(known, key=lambda term: len(term.text)).value if known else plain


def organ_of(name: str) -> str:
    """The organ of a structure's name without side; the name itself where the lexicon does not know it."""
    plain = re.sub(r"^(?:left|right|bilateral|l|r|lt|rt)\s+", "", name.lower().replace("_", " "))
    names = _names("structure")
    return names.get(plain) or names.get(plain.removesuffix("s")) or plain


def _squeezed(text: str) -> str:
    """A text for comparison of figures: no white space, plain comparators, one word for a metric."""
    plain = text.lower().replace("\u2264", "<=").replace("\u2265", ">=")
    for written, word in _METRIC_WORDS.items():
        plain = plain.replace(written, word)
    return re.sub(r"\s+", "", plain)


def _any(expected: Any) -> list[Any]:
    return expected if isinstance(expected, list) else [expected]


def _close(found: Any, expected: Any) -> bool:
    return found is not None and abs(float(found) - float(expected)) <= 0.011


def _fits(kind: str, item: Evidence, expected: Mapping[str, Any], old: bool) -> bool:
    """Whether a found item is the expected one."""
    told = {**item.attributes, "value": item.value, "assertion": item.assertion, "kind": item.kind}
    if old or kind in ("technique", "necessity_statement"):
        return all(
            any(
                told.get(name) == (None if value == "absent" else value)
                for value in ([values] if old else _any(values))
            )
            for name, values in expected.items()
        )
    if kind == "treatment_area":
        areas = {area_of(name) for name in _any(expected["value"])}
        return item.value in areas and told.get("laterality") in _any(expected.get("laterality"))
    if kind == "prescription":
        single = told.get("dose_per_fraction_gy")
        if single is None and told.get("dose_gy") and told.get("fractions"):
            told["dose_per_fraction_gy"] = told["dose_gy"] / told["fractions"]
        return all(
            any(_close(told.get(name), value) for value in _any(values)) for name, values in expected.items()
        )
    organs = {organ_of(name) for name in _any(expected["structure"])}
    quote = _squeezed(" ".join(span.quote for span in (item.citation, *item.citation.also)))
    said = (
        _squeezed(str(value)) in quote for name in ("metric", "limit") for value in _any(expected[name])[:1]
    )
    return told.get("structure") in organs and all(said)


def _counts(kind: str, item: Evidence, old: bool) -> bool:
    """Whether a found item is one that the kind's bank speaks of."""
    if old or kind == "technique":
        return True
    if kind == "dose_constraint":
        return item.assertion == "affirmed" and item.attributes.get("structure_class") == "critical"
    return item.assertion in (_TOLD if kind != "necessity_statement" else ("affirmed",))


def _units(text: str) -> Iterator[tuple[int, int]]:
    return ((unit.start, unit.end) for unit in segment(text))


def _beside_named(text: str, item: Evidence, found: list[Evidence]) -> bool:
    """Whether an ``EBRT`` item shares its sentence with a named technique."""
    if item.value != "EBRT":
        return False
    named = [other.citation for other in found if other.value != "EBRT"]
    return any(
        low <= item.citation.start < high and any(low <= span.start < high for span in named)
        for low, high in _units(text)
    )


def score_snippet(kind: str, snippet: Snippet, score: Score, old: bool) -> bool:
    """Add one snippet to the sums; whether it is right."""
    found = [item for item in read_evidence(snippet) if item.kind == kind and _counts(kind, item, old)]
    missed = [
        expected for expected in snippet.expect if not any(_fits(kind, item, expected, old) for item in found)
    ]
    fitting = [item for item in found if any(_fits(kind, item, expected, old) for expected in snippet.expect)]
    wrong = [
        item
        for item in found
        if item not in fitting and not (kind == "technique" and _beside_named(snippet.text, item, found))
    ]
    right = not missed and not wrong
    score.snippets += 1
    score.right += right
    score.expected += len(snippet.expect)
    score.met += len(snippet.expect) - len(missed)
    score.found += len(fitting) + len(wrong)
    score.fitting += len(fitting)
    if not right:
        told = [f"      missed {expected}" for expected in missed]
        told += [
            f"      wrong  {item.value!r} {item.assertion} {_shown(item.attributes)} in {item.citation.quote!r}"
            for item in wrong
        ]
        score.failures.append("\n".join([f"  {snippet.entry}: {snippet.text!r}", *told]))
    return right


def _shown(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name not in ("family", "role", "joins")}


def run(half: str, kind: str) -> Score:
    """The sums of one bank."""
    score = Score()
    for snippet in read_bank(half, kind):
        score_snippet(kind, snippet, score, old=half == "first")
    return score


def banks(kinds: list[str]) -> Iterator[tuple[str, str]]:
    """Half and kind of every bank, those of some kinds where any is named."""
    for half, folder in HALVES.items():
        names = FIRST if half == "first" else sorted(path.stem for path in folder.glob("*.yaml"))
        yield from ((half, kind) for kind in names if not kinds or kind in kinds)


def main(arguments: list[str]) -> int:
    """Run, print a table, and write the report when every bank was run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("kinds", nargs="*", help="kinds of evidence; all of them without")
    parser.add_argument("--show", action="store_true", help="print the failures of the written half")
    options = parser.parse_args(arguments)
    report: dict[str, dict[str, Any]] = {}
    print(f"{'kind':22}{'half':10}{'right':>12}{'precision':>11}{'recall':>9}")
    for half, kind in banks(options.kinds):
        score = run(half, kind)
        figures = score.figures()
        report.setdefault(kind, {})[half] = figures
        rates = ["-" if figures[name] is None else f"{figures[name]:.3f}" for name in ("precision", "recall")]
        print(f"{kind:22}{half:10}{score.right:>5} of {score.snippets:<4}{rates[0]:>10}{rates[1]:>9}")
        if options.show and half != "frozen" and score.failures:
            print("\n".join(score.failures))
    if not report:
        print(f"{BANK}: holds no bank of {', '.join(options.kinds)}", file=sys.stderr)
        return 2
    if not options.kinds:
        text = json.dumps({"made": git_state(ROOT), "kinds": report}, indent=2, sort_keys=True)
        REPORT.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
