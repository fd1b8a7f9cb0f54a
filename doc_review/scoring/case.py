"""One labelled case and its review turned into a ``CaseScore``: counts, and each fault with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..errors import DocumentError
from ..model import Review
from ..review import Reviewed
from .citations import score_citations
from .gold import GoldCase, with_places
from .labels import Item, Label, label_of
from .lines import (
    Pair,
    alarms,
    is_clean,
    score_codes,
    score_comparison,
    score_course,
    score_findings,
)
from .locate import Pages, choose, find_quote
from .spans import score_spans
from .tally import Tally

_AGGREGATE = re.compile(
    r"codes\.(core|exact|extended)|false_support\..*|excess_units\..*|false_alarm\..*"
    r"|findings\.all|course\..*|comparison\..*|citations\..*|spans\.\w+\.all"
)
"""What is kept of a single case where only sums may be told."""
_SAFETY = ("false_support.", "excess_units.", "false_alarm.")

FAULTS: tuple[str, ...] = (
    "false_support",
    "excess_units",
    "false_alarm",
    "wrong_code",
    "wrong_status",
    "wrong_units",
    "missed_code",
    "extra_code",
    "missed_finding",
    "extra_finding",
    "wrong_course",
    "wrong_result",
    "bad_citation",
    "missed_span",
)
"""Kinds of faults, the worst first."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One disagreement: its kind, what it is about, what was wanted and found, where a packet shows it."""

    kind: str
    about: str
    wanted: str
    found: str
    anchor: str = ""


@dataclass(slots=True)
class CaseScore:
    """What one case adds to the figures. ``failed`` is the error's type where it could not be reviewed.

    ``unscored`` names the parts that the label leaves out; ``seconds`` is the time of the review alone,
    ``cold`` whether it was the first of its process.
    """

    key: str
    case_id: str
    style: str
    split: str
    tally: Tally
    faults: list[Fault] = field(default_factory=list)
    unscored: list[str] = field(default_factory=list)
    lost_quotes: int = 0
    documents: int = 0
    pages: int = 0
    seconds: float = 0.0
    cold: bool = False
    failed: str | None = None

    def reduced(self) -> CaseScore:
        """The same without anything that tells of the case: its counts by code, kind or name are gone."""
        kept = Tally(
            rates={name: value for name, value in self.tally.rates.items() if _AGGREGATE.fullmatch(name)},
            matches={name: value for name, value in self.tally.matches.items() if _AGGREGATE.fullmatch(name)},
        )
        return replace(self, case_id="", style="", tally=kept, faults=[], unscored=[])

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        data = asdict(self)
        tally = data.pop("tally")
        return {**data, "rates": tally["rates"], "matches": tally["matches"]}


def score_labels(gold: Label, found: Label, pages: Pages) -> tuple[Tally, list[Fault], list[str]]:
    """Hold one label against another: counts, faults, and the parts there was nothing to score by."""
    tally, faults = Tally(), list[Fault]()
    pairs = score_codes(tally, gold, found)
    faults += [_code_fault(pair) for pair in pairs if pair.fault]
    faults += _alarm_faults(tally, gold, found, pairs)
    missed, extra = score_findings(tally, gold, found)
    faults += [
        Fault("missed_finding", mark.type, ", ".join(mark.codes), "", "#show-findings") for mark in missed
    ]
    faults += [
        Fault("extra_finding", mark.type, "", ", ".join(mark.codes), "#show-findings") for mark in extra
    ]
    for name, wanted, told in score_course(tally, gold, found):
        faults.append(
            Fault("wrong_course", name.replace("_", " "), _text(wanted), _text(told), "#show-chart")
        )
    for a, b in score_comparison(tally, gold, found):
        code = a.code if a else b.code if b else ""
        faults.append(
            Fault(
                "wrong_result", code, a.result if a else "no row", b.result if b else "no row", "#show-claim"
            )
        )
    for item in score_spans(tally, gold, found, pages):
        place = item.places[0] if item.places else None
        about = f"{item.kind} {place.document}:{place.page}" if place else item.kind
        faults.append(Fault("missed_span", about, "a citation", "none" if place else "quote not in the text"))
    return tally, faults, list(_unscored(gold, found))


def _unscored(gold: Label, found: Label) -> Iterator[str]:
    if gold.codes is None:
        yield "codes are not labelled"
    if gold.findings is None:
        yield "findings are not labelled"
    if gold.course is None:
        yield "the course is not labelled"
    if gold.comparison is None and found.comparison is not None:
        yield "lines were billed, and the comparison is not labelled"
    if not gold.items:
        yield "no evidence is labelled"


def _alarm_faults(tally: Tally, gold: Label, found: Label, pairs: tuple[Pair, ...]) -> list[Fault]:
    if not is_clean(gold):
        return []
    lowered, raised = alarms(pairs, gold, found)
    tally.rate("false_alarm.cases", int(bool(lowered or raised)), 1)
    return [Fault("false_alarm", pair.code, *_states(pair), _card(pair)) for pair in lowered] + [
        Fault("false_alarm", mark.type, "no finding", ", ".join(mark.codes) or "raised", "#show-findings")
        for mark in raised
    ]


def _code_fault(pair: Pair) -> Fault:
    return Fault(pair.fault or "", pair.code, *_states(pair), _card(pair))


def _states(pair: Pair) -> tuple[str, str]:
    gold, found = (
        f"{line.code} {line.status.replace('_', ' ')} x{line.units}" if line else "no line"
        for line in (pair.gold, pair.found)
    )
    return gold, found


def _card(pair: Pair) -> str:
    return f"#s-{pair.found.number}" if pair.found and pair.found.number else "#show-codes"


def _text(value: object) -> str:
    return "not told" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def score_case(case: GoldCase, reviewed: Reviewed, seconds: float, cold: bool) -> CaseScore:
    """Score one reviewed case. ``seconds`` is what the review took."""
    chart, review = reviewed.chart, reviewed.review
    pages = {(d.meta.id, page.number): page.text for d in chart.documents for page in d.pages}
    scanned = {
        d.meta.id: [page.number for page in d.pages if page.source in ("ocr", "mixed")]
        for d in chart.documents
    }
    found = label_of(review)
    places = []
    for quote in case.quotes or ():
        cited = [p for item in found.items or () if item.kind == quote.kind for p in item.places]
        spots = find_quote(quote.quote, quote.document, pages, scanned.get(quote.document, ()))
        places.append(choose(spots, cited))
    gold = with_places(case.label, case.quotes, places)
    tally, faults, unscored = score_labels(gold, found, pages)
    numbers = {document.id: number for number, document in enumerate(review.documents, 1)}
    for fault in score_citations(tally, review, chart, _pdf_bytes(case)):
        faults.append(
            Fault("bad_citation", fault.document, "a valid citation", fault.why, f"#t-{fault.number}")
        )
    return CaseScore(
        key=case.key,
        case_id=case.files.case_id,
        style=case.style,
        split=case.split,
        tally=tally,
        faults=sorted(
            (_at_evidence(fault, review, gold, numbers) for fault in faults),
            key=lambda fault: (FAULTS.index(fault.kind), fault.about, fault.wanted, fault.found),
        ),
        unscored=unscored,
        lost_quotes=sum(place is None for place in places),
        documents=len(review.documents),
        pages=review.coverage.pages_read,
        seconds=round(seconds, 3),
        cold=cold,
    )


def failed_score(case: GoldCase, error: Exception, seconds: float, cold: bool) -> CaseScore:
    """The score of a case that could not be reviewed: nothing found. Only the error's type is kept.

    It has said nothing false either, but that is no merit: it counts in no rate of false support or alarm.
    """
    gold = with_places(case.label, case.quotes, [None] * len(case.quotes or ()))
    nothing = Label(several_claims=gold.several_claims)
    tally, _, unscored = score_labels(gold, nothing, {})
    tally.rates = {name: rate for name, rate in tally.rates.items() if not name.startswith(_SAFETY)}
    name = type(error).__name__
    return CaseScore(
        case.key,
        case.files.case_id,
        case.style,
        case.split,
        tally,
        [],
        unscored,
        0,
        0,
        0,
        seconds,
        cold,
        name,
    )


def _at_evidence(fault: Fault, review: Review, gold: Label, numbers: dict[str, int]) -> Fault:
    """The fault with an anchor at the evidence behind it: a card's first citation, or the missed page."""
    if fault.anchor.startswith("#s-"):
        suggestion = review.suggestions[int(fault.anchor[3:]) - 1]
        keys = {item.id: number for number, item in enumerate(review.evidence, 1)}
        cited = next((keys[key] for key in (*suggestion.against, *suggestion.evidence) if key in keys), None)
        return fault if cited is None else replace(fault, anchor=f"{fault.anchor}&t-{cited}")
    if fault.anchor == "#show-findings" and fault.found:
        for finding in review.findings:
            if finding.type == fault.about and finding.evidence:
                keys = {item.id: number for number, item in enumerate(review.evidence, 1)}
                return replace(fault, anchor=f"#show-findings&t-{keys[finding.evidence[0]]}")
    if fault.kind == "missed_span":
        item = next((i for i in gold.items or () if i.places and fault.about == _about(i)), None)
        if item is not None:
            place = item.places[0]
            return replace(fault, anchor=f"#p-{numbers.get(place.document, 1)}-{place.page}")
    return fault


def _about(item: Item) -> str:
    return f"{item.kind} {item.places[0].document}:{item.places[0].page}"


def _pdf_bytes(case: GoldCase) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for document in case.files.documents:
        try:
            data = document.read()
        except DocumentError:
            continue
        if data[:1024].lstrip().startswith(b"%PDF"):
            found[document.id] = data
    return found
