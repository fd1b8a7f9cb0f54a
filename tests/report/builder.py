"""Makes reviews by hand, so that reports are tested without reading a chart."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from PIL import Image

from doc_review.documents.base import Chart, OpenDocument, Page
from doc_review.model import (
    BilledLine,
    Box,
    CaseContext,
    Citation,
    ComparisonRow,
    Course,
    Coverage,
    Document,
    Engine,
    Entry,
    Evidence,
    Fact,
    Finding,
    Missing,
    Prescribed,
    Reason,
    Reference,
    Review,
    Span,
    Suggestion,
    TreatmentArea,
    UnevidencedPage,
)

CONSULT = (
    "CONSULTATION\nPatient: Arno Testmann\n\n"
    "IMRT is required because the rectum lies in the concavity of the target; 3D cannot spare it.\n"
    "Contrast: none [x] 4D-CT [ ]\n"
    "Electronically signed by Ilse Braun, MD 03/01/2025\n"
)
PLAN = "PLAN REPORT\nVMAT, 2 arcs, 70 Gy in 28 fractions\nPTV V95 = 98 %\nApproval: ______________\n"


def span(document: str, text: str, quote: str, page: int = 1, boxes: tuple[Box, ...] = ()) -> dict[str, Any]:
    """The fields of a span of ``quote`` in a page's text."""
    start = text.index(quote)
    return {
        "document": document,
        "entry": f"{document}#1",
        "page": page,
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "boxes": boxes,
    }


def evidence(
    key: str,
    kind: Any,
    document: str,
    text: str,
    quote: str,
    *,
    value: str = "",
    also: tuple[Span, ...] = (),
    **more: Any,
) -> Evidence:
    """An affirmed item with one citation."""
    boxes = more.pop("boxes", ())
    page = more.pop("page", 1)
    fields = {
        "value": value or quote[:40],
        "attributes": {},
        "assertion": "affirmed",
        "method": "nlp",
        "confidence": 0.9,
    }
    citation = Citation(**span(document, text, quote, page, boxes), also=also)
    return Evidence(id=key, kind=kind, citation=citation, **(fields | more))


def document(name: str, pages: int = 1, **more: Any) -> Document:
    """A read document with one entry over all of it."""
    fields: dict[str, Any] = {
        "id": name,
        "sha256": "0" * 64,
        "media_type": "text/plain",
        "kind": "other",
        "date": dt.date(2025, 3, 1),
        "pages": pages,
        "text_source": "native",
        "skipped": None,
        "unread_pages": (),
        "entries": (
            Entry(
                id=f"{name}#1", kind="other", date=None, author=None, page=1, start=0, end=10, end_page=pages
            ),
        ),
    }
    return Document(**(fields | more))


def suggestion(code: str, status: Any, **more: Any) -> Suggestion:
    """One code with a status."""
    fields: dict[str, Any] = {
        "code": code,
        "label": "IMRT plan",
        "claim": None,
        "course": 0,
        "status": status,
        "units": 1,
        "modifiers": (),
        "dates": (dt.date(2025, 3, 12),),
        "rule": "imrt_plan",
        "summary": "",
        "reasons": (),
        "evidence": (),
        "against": (),
        "missing": (),
        "references": (),
    }
    return Suggestion(**(fields | more))


def finding(name: Any, severity: Any = "error", **more: Any) -> Finding:
    """One finding."""
    fields: dict[str, Any] = {
        "codes": ("77301",),
        "message": "The plan shows no signature of a physician.",
        "query": None,
        "evidence": (),
    }
    return Finding(type=name, severity=severity, **(fields | more))


def review(**more: Any) -> Review:
    """A small prostate chart: one supported, one doubtful, one blocked, one bundled code, billed lines."""
    fields: dict[str, Any] = {
        "case_id": "case-1",
        "engine": Engine(
            version="0.1.0", rulebook="cms@abc", profile="cms", tools={"pdfium": "1", "medspacy": "2"}
        ),
        "context": CaseContext(claim=("facility",), billed=(BilledLine(code="77301"),)),
        "documents": (
            document("01_consult.txt"),
            document("02 plan.pdf", media_type="application/pdf", pages=2),
            document("03_fax.tif", pages=3, unread_pages=(2, 3), media_type="image/tiff"),
            document("04_movie.mp4", pages=0, skipped="not a document type that can be read", entries=()),
        ),
        "evidence": (
            evidence(
                "e1", "necessity_statement", "01_consult.txt", CONSULT, CONSULT[CONSULT.index("IMRT") : 125]
            ),
            evidence("e2", "technique", "01_consult.txt", CONSULT, "IMRT"),
            evidence(
                "e3",
                "signature",
                "02 plan.pdf",
                PLAN,
                "Approval: ______________",
                assertion="negated",
                boxes=(Box(page=1, x0=72, y0=140, x1=260.123456, y1=154),),
            ),
            evidence(
                "e4",
                "dvh",
                "02 plan.pdf",
                PLAN,
                "PTV V95 = 98 %",
                boxes=(Box(page=1, x0=72, y0=120, x1=160, y1=132),),
            ),
            evidence(
                "e5", "signature", "01_consult.txt", CONSULT, "signed by Ilse Braun, MD", confidence=0.1 + 0.2
            ),
        ),
        "courses": (
            Course(
                technique=Fact(value="VMAT", evidence=("e2",)),
                treatment_areas=(TreatmentArea(value="prostate", laterality=None, evidence=()),),
                prescribed=Prescribed(
                    dose_gy=Fact(value=70.0, evidence=("e4",)), fractions=Fact(value=28, evidence=())
                ),
                delivered_fractions=Fact(value=28),
                first_fraction=Fact(value=dt.date(2025, 3, 17)),
                last_fraction=Fact(value=dt.date(2025, 4, 23)),
            ),
        ),
        "suggestions": (
            suggestion(
                "77290",
                "bundled",
                label="Simulation, complex",
                dates=(dt.date(2025, 3, 3),),
                summary="included in the IMRT plan",
                evidence=("e2",),
            ),
            suggestion(
                "77301",
                "blocked",
                summary="the plan is not signed by a physician",
                reasons=(
                    Reason(text="An order for IMRT is signed", passed=True, evidence=("e5",)),
                    Reason(
                        text="The plan is signed by a radiation oncologist", passed=False, evidence=("e3",)
                    ),
                    Reason(text="The approver is the ordering physician", passed=None),
                ),
                evidence=("e1", "e2", "e4"),
                against=("e3",),
                missing=(
                    Missing(
                        requirement="plan_signed",
                        reason="not_signed",
                        nearest="e3",
                        text="a dated signature of a radiation oncologist on the plan",
                    ),
                ),
                references=(
                    Reference(
                        title="Medicare manual",
                        locator="chapter 4, section 200.3",
                        effective_from=dt.date(2024, 1, 1),
                        url="https://www.cms.gov/example",
                    ),
                ),
            ),
            suggestion(
                "77385",
                "needs_review",
                label="IMRT delivery, simple (through 2025)",
                units=28,
                dates=tuple(dt.date(2025, 3, 17) + dt.timedelta(days=n) for n in range(28)),
                summary="the plan behind it is blocked",
                evidence=("e2",),
            ),
            suggestion(
                "77336",
                "supported",
                label="Weekly physics",
                units=5,
                summary="five blocks have a signed check",
                evidence=("e5",),
            ),
        ),
        "findings": (
            finding("unsigned_plan", evidence=("e3",), query="Was the plan approved, and by whom and when?"),
            finding(
                "bundled_simulation", "info", codes=("77290",), message="The simulation served the IMRT plan."
            ),
        ),
        "comparison": (
            ComparisonRow(
                code="77301",
                date=dt.date(2025, 3, 12),
                billed=1,
                supported=0,
                result="overcoded",
                findings=("unsigned_plan",),
                note="only a blocked suggestion",
            ),
            ComparisonRow(
                code="77336",
                date=None,
                billed=0,
                supported=5,
                result="undercoded",
                findings=(),
                note="supported and not billed",
            ),
        ),
        "coverage": Coverage(
            pages_read=4,
            pages_unread=2,
            pages_without_evidence=(UnevidencedPage(document="02 plan.pdf", page=2),),
        ),
    }
    return Review(**(fields | more))


class Drawing:
    """A document whose pages are drawn as white sheets of letter size."""

    def render(self, page: int, scale: float) -> bytes:
        """PNG of a page; ``scale`` 1.0 is 72 dpi."""
        stream = io.BytesIO()
        Image.new("RGB", (round(612 * scale), round(792 * scale)), "white").save(stream, "PNG")
        return stream.getvalue()


def chart(result: Review | None = None) -> Chart:
    """The documents behind ``review()``."""
    texts = {"01_consult.txt": (CONSULT,), "02 plan.pdf": (PLAN, "page two\n")}
    documents = []
    for meta in (result or review()).documents:
        pages = [Page(number, text) for number, text in enumerate(texts.get(meta.id, ()), 1)]
        pages += [
            Page(number, "", unread="no text could be recognised; scan it again at 300 dpi")
            for number in meta.unread_pages
        ]
        images = Drawing() if meta.media_type == "application/pdf" else None
        documents.append(OpenDocument(meta=meta, pages=tuple(pages), images=images))
    return Chart(documents=tuple(documents))
