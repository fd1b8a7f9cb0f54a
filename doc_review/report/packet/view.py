"""Turns a review and its chart into what the packet's template shows, in order and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...documents.base import Chart, OpenDocument, Page
from ...model import Box, Citation, Evidence, Finding, Reason, Review, Span, Suggestion
from ..wording import (
    BLOCKS,
    Block,
    code_with_modifiers,
    course_line,
    deciding_evidence,
    page_ranges,
    suggestions_of,
    title,
)
from .images import PageImage, PageKey, page_images
from .marks import Mark, Piece, form_of, pieces, visible


@dataclass(frozen=True, slots=True)
class Cite:
    """One evidence item as a link: its number in the packet, and where a click lands."""

    key: int
    item: Evidence
    href: str
    place: str
    codes: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a decision with the evidence it points at."""

    reason: Reason
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One suggestion; ``keys`` are its evidence numbers, the deciding one first.

    ``further`` is what only its steps point at.
    """

    number: int
    item: Suggestion
    code: str
    block: Block
    keys: tuple[int, ...]
    steps: tuple[Step, ...]
    supporting: tuple[Cite, ...]
    against: tuple[Cite, ...]
    further: tuple[Cite, ...]
    nearest: Mapping[str, Cite]
    main: Cite | None


@dataclass(frozen=True, slots=True)
class Group:
    """The cards of one course and claim; the titles are empty where there is only one."""

    course: str
    about: str
    claim: str
    blocks: tuple[tuple[Block, tuple[Card, ...]], ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding with its evidence."""

    item: Finding
    title: str
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Overlay:
    """One box on a page image, in points; ``anchor`` where a link to the evidence lands."""

    box: Box
    key: int
    anchor: bool


@dataclass(frozen=True, slots=True)
class PageView:
    """One page: text in pieces, and the image with its boxes where there is one.

    ``form``: see ``marks.form_of``.
    """

    number: int
    unread: str | None
    source: str
    form: str
    pieces: tuple[Piece, ...]
    image: PageImage | None
    overlays: tuple[Overlay, ...]
    cited: bool


@dataclass(frozen=True, slots=True)
class DocumentView:
    """One document with its pages; ``number`` is its place in the chart, from 1."""

    number: int
    document: OpenDocument
    kind: str
    pages: tuple[PageView, ...]
    unread: str
    hidden: int
    cites: int


@dataclass(frozen=True, slots=True)
class PacketView:
    """All that the template shows."""

    review: Review
    courses: tuple[str, ...]
    groups: tuple[Group, ...]
    counts: tuple[tuple[Block, int], ...]
    remarks: tuple[Remark, ...]
    evidence: tuple[tuple[str, tuple[Cite, ...]], ...]
    codes: tuple[str, ...]
    kinds: tuple[str, ...]
    documents: tuple[DocumentView, ...]
    bare_pages: tuple[tuple[str, str], ...]
    images_left_out: int


def build(review: Review, chart: Chart) -> PacketView:
    """The view of one reviewed chart."""
    images = page_images(chart, _pages_by_weight(review))
    cites = _cites(review, images)
    cards = {id(item): _card(number, item, cites) for number, item in enumerate(review.suggestions, 1)}
    groups = tuple(_groups(review, cards))
    drawable = {item.meta.id for item in chart.documents if item.images is not None}
    wanted = {key for key in _pages_by_weight(review) if key[0] in drawable}
    return PacketView(
        review=review,
        courses=tuple(course_line(course) for course in review.courses),
        groups=groups,
        counts=tuple((b, sum(item.status in b.statuses for item in review.suggestions)) for b in BLOCKS),
        remarks=tuple(
            Remark(item, title(item.type), _picked(item.evidence, cites)) for item in review.findings
        ),
        evidence=_by_kind(cites.values()),
        codes=tuple(dict.fromkeys(item.code for item in review.suggestions)),
        kinds=tuple(sorted({item.kind for item in review.evidence})),
        documents=_documents(review, chart, images),
        bare_pages=_bare_pages(review),
        images_left_out=len(wanted - set(images)),
    )


def _pages_by_weight(review: Review) -> list[PageKey]:
    """Cited pages: those that decide a code first, then those of findings, then the others."""
    evidence = {item.id: item for item in review.evidence}
    ids = [key for item in review.suggestions for key in deciding_evidence(item)[:1]]
    ids += [key for item in review.findings for key in item.evidence]
    ids += [key for item in review.suggestions for key in deciding_evidence(item)]
    ids += list(evidence)
    pages: dict[PageKey, None] = {}
    for key in dict.fromkeys(ids):
        if key in evidence:
            for span in _spans(evidence[key].citation):
                pages.setdefault((span.document, span.page))
    return list(pages)


def _spans(citation: Citation) -> tuple[Span, ...]:
    return (citation, *citation.also)


def _cites(review: Review, images: Mapping[PageKey, PageImage]) -> dict[str, Cite]:
    used: dict[str, dict[str, None]] = {}
    for suggestion in review.suggestions:
        for key in deciding_evidence(suggestion):
            used.setdefault(key, {})[suggestion.code] = None
    made: dict[str, Cite] = {}
    for number, item in enumerate(review.evidence, 1):
        main = item.citation
        boxed = main.boxes and (main.document, main.page) in images
        made[item.id] = Cite(
            key=number,
            item=item,
            href=f"#{'b' if boxed else 't'}-{number}",
            place=f"{main.document}:{main.page}",
            codes=tuple(used.get(item.id, ())),
            also=tuple(dict.fromkeys(f"{span.document}:{span.page}" for span in main.also)),
        )
    return made


def _picked(ids: Iterable[str], cites: Mapping[str, Cite]) -> tuple[Cite, ...]:
    return tuple(cites[key] for key in dict.fromkeys(ids) if key in cites)


def _card(number: int, item: Suggestion, cites: Mapping[str, Cite]) -> Card:
    deciding = _picked(deciding_evidence(item), cites)
    listed = {*item.evidence, *item.against}
    return Card(
        number=number,
        item=item,
        code=code_with_modifiers(item),
        block=next(block for block in BLOCKS if item.status in block.statuses),
        keys=tuple(cite.key for cite in deciding),
        steps=tuple(Step(reason, _picked(reason.evidence, cites)) for reason in item.reasons),
        supporting=_picked(item.evidence, cites),
        against=_picked(item.against, cites),
        further=tuple(cite for cite in deciding if cite.item.id not in listed),
        nearest={key: cites[key] for gap in item.missing if (key := gap.nearest) and key in cites},
        main=deciding[0] if deciding else None,
    )


def _groups(review: Review, cards: Mapping[int, Card]) -> Iterable[Group]:
    keys = dict.fromkeys((item.course, item.claim) for item in review.suggestions)
    several_claims = len({claim for _, claim in keys}) > 1
    several_courses = len(review.courses) > 1
    for course, claim in keys:
        blocks = tuple(
            (block, tuple(cards[id(item)] for item in suggestions_of(review, block, course, claim)))
            for block in BLOCKS
        )
        known = course < len(review.courses)
        yield Group(
            course=f"Course {course + 1} of {len(review.courses)}" if several_courses else "",
            about=course_line(review.courses[course]) if several_courses and known else "",
            claim=f"{title(claim or 'any')} claim" if several_claims else "",
            blocks=tuple((block, found) for block, found in blocks if found),
        )


def _by_kind(cites: Iterable[Cite]) -> tuple[tuple[str, tuple[Cite, ...]], ...]:
    kinds: dict[str, list[Cite]] = {}
    for cite in cites:
        kinds.setdefault(cite.item.kind, []).append(cite)
    return tuple((kind, tuple(found)) for kind, found in sorted(kinds.items()))


def _marks(review: Review) -> dict[PageKey, list[tuple[Mark, Sequence[Box]]]]:
    marks: dict[PageKey, list[tuple[Mark, Sequence[Box]]]] = {}
    for number, item in enumerate(review.evidence, 1):
        for index, span in enumerate(_spans(item.citation)):
            mark = Mark(span.start, span.end, number, main=index == 0)
            marks.setdefault((span.document, span.page), []).append((mark, span.boxes))
    return marks


def _documents(review: Review, chart: Chart, images: Mapping[PageKey, PageImage]) -> tuple[DocumentView, ...]:
    marks = _marks(review)
    opened = {item.meta.id: item for item in chart.documents}
    made: list[DocumentView] = []
    for number, meta in enumerate(review.documents, 1):
        document = opened.get(meta.id, OpenDocument(meta=meta, pages=()))
        pages = tuple(
            _page(page, marks.get((meta.id, page.number), []), images.get((meta.id, page.number)))
            for page in document.pages
        )
        cited = {mark.key for key, found in marks.items() if key[0] == meta.id for mark, _ in found}
        made.append(
            DocumentView(
                number=number,
                document=OpenDocument(meta=meta, pages=document.pages),
                kind=title(meta.kind),
                pages=pages,
                unread=page_ranges(meta.unread_pages),
                hidden=sum(page.hidden for page in document.pages),
                cites=len(cited),
            )
        )
    return tuple(made)


def _page(page: Page, marks: Sequence[tuple[Mark, Sequence[Box]]], image: PageImage | None) -> PageView:
    overlays = [
        Overlay(box, mark.key, anchor=mark.main and index == 0)
        for mark, boxes in marks
        for index, box in enumerate(boxes)
        if image is not None and box.page == page.number
    ]
    # The larger box is drawn first, so that a smaller one on it can be clicked.
    overlays.sort(key=lambda item: -(item.box.x1 - item.box.x0) * (item.box.y1 - item.box.y0))
    return PageView(
        number=page.number,
        unread=page.unread,
        source=page.source,
        form=form_of(page.text),
        pieces=pieces(visible(page.text), (mark for mark, _ in marks)),
        image=image,
        overlays=tuple(overlays),
        cited=bool(marks),
    )


def _bare_pages(review: Review) -> tuple[tuple[str, str], ...]:
    numbers = {item.id: number for number, item in enumerate(review.documents, 1)}
    return tuple(
        (f"{item.document}:{item.page}", f"#p-{numbers.get(item.document, 0)}-{item.page}")
        for item in review.coverage.pages_without_evidence
    )
