"""A case in, its review out: the whole way, once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from . import __version__
from .case import CaseFiles
from .documents import ReadOptions, read_document, tool_versions, without
from .documents.base import Chart, OpenDocument
from .documents.entries import with_entries
from .errors import LostDocumentError
from .evidence.pipeline import extract_evidence
from .model import (
    CaseRecord,
    Coverage,
    Decision,
    Document,
    Engine,
    Entry,
    Evidence,
    HiddenText,
    Review,
    Scope,
    UnevidencedPage,
)


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """How to review: rule profile, the cache folder for recognised text (``None`` writes none), and scope.

    ``scope`` asks for the rules of another day, or for the services of a window of days.
    """

    profile: str = "cms"
    cache: Path | None = None
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review, the chart behind it, whose page texts the citations point into, and what the rules read."""

    review: Review
    chart: Chart
    record: CaseRecord | None = None


def _libraries() -> dict[str, str]:
    """Versions that the bytes of a review depend on."""
    names = ("spacy", "medspacy", "pdfplumber", "pydantic", "pydicom")
    return {name: metadata.version(name) for name in names}


def read_chart(case: CaseFiles, options: ReviewOptions) -> Chart:
    """All documents of a case, read and cut into entries."""
    opened = [read_document(raw, ReadOptions(cache=options.cache)) for raw in case.documents]
    return Chart(documents=tuple(with_entries(document) for document in opened), providers=case.providers)


def _authored(entry: Entry, evidence: Sequence[Evidence]) -> Entry:
    """An entry with the author its signatures name."""
    signers = [
        str(item.attributes["signer"])
        for item in evidence
        if item.kind == "signature" and item.attributes.get("signer") and item.attributes.get("counts")
    ]
    return entry.model_copy(update={"author": signers[0]}) if signers else entry


def _documents(chart: Chart, evidence: Sequence[Evidence]) -> tuple[Document, ...]:
    by_entry: dict[str, list[Evidence]] = {}
    for item in evidence:
        by_entry.setdefault(item.citation.entry, []).append(item)
    return tuple(
        document.meta.model_copy(
            update={"entries": tuple(_authored(e, by_entry.get(e.id, ())) for e in document.meta.entries)}
        )
        for document in chart.documents
    )


def _coverage(documents: Sequence[OpenDocument], evidence: Sequence[Evidence]) -> Coverage:
    cited = {(item.citation.document, item.citation.page) for item in evidence}
    cited |= {(span.document, span.page) for item in evidence for span in item.citation.also}
    read = [(d.meta.id, page.number) for d in documents for page in d.pages if page.unread is None]
    unread = sum(len(d.meta.unread_pages) for d in documents)
    silent = tuple(
        UnevidencedPage(document=name, page=number) for name, number in read if (name, number) not in cited
    )
    hidden = tuple(
        HiddenText(document=d.meta.id, page=page.number, characters=page.hidden)
        for d in documents
        for page in d.pages
        if page.hidden
    )
    return Coverage(
        pages_read=len(read), pages_unread=unread, pages_without_evidence=silent, hidden_text=hidden
    )


def with_boxes(evidence: Sequence[Evidence], chart: Chart) -> tuple[Evidence, ...]:
    """Evidence whose spans carry the boxes of their words, where their document has a geometry."""
    geometries = {d.meta.id: d.geometry for d in chart.documents if d.geometry is not None}

    def boxed(item: Evidence) -> Evidence:
        geometry = geometries.get(item.citation.document)
        if geometry is None:
            return item
        also = tuple(
            span.model_copy(update={"boxes": geometry.boxes(span.page, span.start, span.end)})
            for span in item.citation.also
        )
        main = geometry.boxes(item.citation.page, item.citation.start, item.citation.end)
        return item.model_copy(
            update={"citation": item.citation.model_copy(update={"boxes": main, "also": also})}
        )

    return tuple(boxed(item) for item in evidence)


def review_case(case: CaseFiles, options: ReviewOptions | None = None) -> Reviewed:
    """Review one case. Raises ``InputError`` only where nothing of it can be reviewed."""
    options = options or ReviewOptions()
    chart = read_chart(case, options)
    while True:
        try:
            return _reviewed(case, chart, options)
        except LostDocumentError as lost:
            chart = _without(chart, lost)


def _without(chart: Chart, lost: LostDocumentError) -> Chart:
    """The chart with a document unread that cannot be looked into any more."""
    return replace(
        chart,
        documents=tuple(
            without(document, str(lost)) if document.meta.id == lost.document else document
            for document in chart.documents
        ),
    )


def _reviewed(case: CaseFiles, chart: Chart, options: ReviewOptions) -> Reviewed:
    from .courses import build_record

    evidence, others = extract_evidence(chart)
    documents = _documents(chart, evidence)
    record = build_record(documents, evidence, case.context, others)
    decision, engine = decided(record, options.profile, options.scope)
    review = Review(
        case_id=case.case_id,
        engine=engine,
        context=case.context,
        documents=documents,
        evidence=with_boxes(evidence, chart),
        courses=record.courses,
        suggestions=decision.suggestions,
        findings=decision.findings,
        comparison=decision.comparison,
        coverage=_coverage(chart.documents, evidence),
        scope=options.scope,
    )
    return Reviewed(review, chart, record)


def decided(record: CaseRecord, profile: str, scope: Scope | None) -> tuple[Decision, Engine]:
    """Decide a record by the rulebook of this installation, and name what decided it.

    Raises ``UsageError`` for an unknown profile, a day before the rulebook begins or a window that ends
    before it begins.
    """
    from .rules import decide, load_rulebook

    rulebook = load_rulebook()
    engine = Engine(
        version=__version__,
        rulebook=rulebook.version,
        profile=profile,
        tools={**_versions(), **tool_versions()},
    )
    if scope is not None and scope.on is not None:
        from .rules.as_of import rulebook_on

        rulebook = rulebook_on(rulebook, scope.on)
    if scope is None or (scope.date_from is None and scope.date_to is None):
        return decide(record, rulebook, profile), engine
    from .rules.window import Window, decide_within

    return decide_within(record, rulebook, profile, Window(scope.date_from, scope.date_to)), engine


@functools.cache
def _versions() -> dict[str, str]:
    return _libraries()
