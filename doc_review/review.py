"""A case in, its review out: the whole way, once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from . import __version__
from .case import CaseFiles
from .documents import ReadOptions, read_document, tool_versions
from .documents.base import Chart, OpenDocument
from .documents.entries import with_entries
from .evidence.pipeline import extract_evidence
from .model import Coverage, Decision, Document, Engine, Entry, Evidence, Review, UnevidencedPage


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """How to review: rule profile, and the cache folder for recognised text (``None`` writes none)."""

    profile: str = "cms"
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review and the chart behind it, whose page texts the citations point into."""

    review: Review
    chart: Chart


def _libraries() -> dict[str, str]:
    """Versions that the bytes of a review depend on."""
    names = ("spacy", "medspacy", "pdfplumber", "pydantic")
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
    return Coverage(pages_read=len(read), pages_unread=unread, pages_without_evidence=silent)


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
    from .courses import build_record
    from .rules import decide, load_rulebook

    options = options or ReviewOptions()
    chart = read_chart(case, options)
    evidence, others = extract_evidence(chart)
    documents = _documents(chart, evidence)
    record = build_record(documents, evidence, case.context, others)
    rulebook = load_rulebook()
    decision: Decision = decide(record, rulebook, options.profile)
    review = Review(
        case_id=case.case_id,
        engine=Engine(
            version=__version__,
            rulebook=rulebook.version,
            profile=options.profile,
            tools={**_versions(), **tool_versions()},
        ),
        context=case.context,
        documents=documents,
        evidence=with_boxes(evidence, chart),
        courses=record.courses,
        suggestions=decision.suggestions,
        findings=decision.findings,
        comparison=decision.comparison,
        coverage=_coverage(chart.documents, evidence),
    )
    return Reviewed(review, chart)


@functools.cache
def _versions() -> dict[str, str]:
    return _libraries()
