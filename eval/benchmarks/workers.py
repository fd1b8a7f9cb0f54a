"""The engines that ``speed.py`` compares, each run in a process of its own.

    python workers.py ENGINE PAYLOAD.json

Prints one JSON object of figures.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


@dataclass(frozen=True)
class Held:
    """A document held in memory."""

    id: str
    data: bytes
    problem: str | None = None

    @property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.data)

    def read(self) -> bytes:
        """The bytes."""
        return self.data

    def renamed(self, name: str) -> Held:
        """The same bytes under another name."""
        return Held(name, self.data)


def best(work: Callable[[], object], passes: int = 7) -> float:
    """Shortest time of a piece of work, in milliseconds."""
    work()
    taken = []
    for _ in range(passes):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken) * 1000


def ours(payload: dict[str, Any]) -> dict[str, Any]:
    """The whole evidence stage over the notes, cut into entries beforehand."""
    import spacy

    from doc_review.documents import ReadOptions, read_document
    from doc_review.documents.base import Chart
    from doc_review.documents.entries import with_entries
    from doc_review.evidence.assertion import assert_hits
    from doc_review.evidence.lexicon import terms
    from doc_review.evidence.matcher import find_hits
    from doc_review.evidence.note import Note
    from doc_review.evidence.pipeline import read_note

    texts = payload["notes"]
    opened = [
        with_entries(read_document(Held(f"note{i}.txt", text.encode()), ReadOptions()))
        for i, text in enumerate(texts)
    ]
    chart = Chart(documents=tuple(opened))

    def stage() -> None:
        for document in opened:
            for entry in document.meta.entries:
                list(read_note(Note(document, entry), chart))

    def assertions() -> None:
        for document in opened:
            for entry in document.meta.entries:
                note = Note(document, entry)
                assert_hits(note, find_hits(note))

    blank = spacy.blank("en")
    count = len(texts)
    return {
        "note_ms": best(stage) / count,
        "assert_ms": best(assertions) / count,
        "tokenizer_ms": best(lambda: [blank.make_doc(text) for text in texts]) / count,
        "terms": [(term.text, term.kind) for term in terms()],
    }


def medspacy(payload: dict[str, Any]) -> dict[str, Any]:
    """Stock medSpaCy: its default pipeline with our terms as target rules."""
    import medspacy as stock
    from loguru import logger
    from medspacy.target_matcher import TargetRule

    logger.remove()
    nlp = stock.load()
    seen = sorted({(text, kind) for text, kind in payload["terms"]})
    nlp.get_pipe("medspacy_target_matcher").add([TargetRule(text, kind) for text, kind in seen])
    texts = payload["notes"]
    taken = best(lambda: [nlp(text) for text in texts], passes=3)
    return {"note_ms": taken / len(texts), "terms_used": seen}


def edsnlp(payload: dict[str, Any]) -> dict[str, Any]:
    """EDS-NLP with the same terms, sentences and its four qualifiers."""
    import edsnlp as eds

    nlp = eds.blank("eds")
    nlp.add_pipe("eds.normalizer")
    nlp.add_pipe("eds.sentences")
    terms: dict[str, list[str]] = {}
    for text, kind in payload["terms"]:
        terms.setdefault(kind, []).append(text)
    nlp.add_pipe("eds.matcher", config={"terms": terms, "attr": "LOWER"})
    for qualifier in ("eds.negation", "eds.hypothesis", "eds.family", "eds.history"):
        nlp.add_pipe(qualifier)
    texts = payload["notes"]
    taken = best(lambda: [nlp(text) for text in texts])
    return {"note_ms": taken / len(texts)}


def pdf(_: dict[str, Any]) -> dict[str, float]:
    """Text of every born-digital PDF page of the gold set, ours and pdfplumber's."""
    import io

    import pdfplumber

    from doc_review.documents import ReadOptions, read_document

    files = [
        path.read_bytes()
        for path in sorted((ROOT / "gold_set").glob("*/documents/*.pdf"))
        if "-scan" not in str(path)
    ]

    def read() -> int:
        pages = 0
        for number, data in enumerate(files):
            pages += len(read_document(Held(f"{number}.pdf", data), ReadOptions()).pages)
        return pages

    def boxed() -> None:
        for number, data in enumerate(files):
            document = read_document(Held(f"{number}.pdf", data), ReadOptions())
            for page in document.pages:
                if document.geometry is not None and page.text:
                    document.geometry.boxes(page.number, 0, len(page.text))

    def plumber() -> None:
        for data in files:
            with pdfplumber.open(io.BytesIO(data)) as opened:
                for page in opened.pages:
                    page.extract_text()

    count = read()
    return {
        "text_ms": best(read) / count,
        "boxes_ms": best(boxed, 3) / count,
        "plumber_ms": best(plumber, 2) / count,
    }


def case(_: dict[str, Any]) -> dict[str, float]:
    """A whole review, warm, of a case of about eight documents."""
    from doc_review.case import open_cases
    from doc_review.review import review_case

    files = open_cases(ROOT / "gold_set" / "prostate-vmat-clean-2025").cases[0]
    reviewed = review_case(files)
    return {
        "warm_ms": best(lambda: review_case(files), 5),
        "documents": len(files.documents),
        "pages": reviewed.review.coverage.pages_read,
    }


if __name__ == "__main__":
    engine = {"ours": ours, "medspacy": medspacy, "edsnlp": edsnlp, "pdf": pdf, "case": case}[sys.argv[1]]
    print(json.dumps(engine(json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))))
