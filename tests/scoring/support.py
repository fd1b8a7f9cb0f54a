"""Makes labels at random and by hand, so that the scorer is tested without reading a chart."""

from __future__ import annotations

from hypothesis import strategies as st

from doc_review.scoring.labels import (
    COURSE_FIELDS,
    RESULTS,
    STATUSES,
    CodeLine,
    FindingMark,
    Item,
    Label,
    Place,
    ResultRow,
)
from doc_review.scoring.locate import Pages

TEXT = "one two three four five six seven eight nine ten eleven twelve"
PAGES: Pages = {("a.txt", 1): TEXT, ("b.txt", 1): TEXT, ("b.txt", 2): TEXT}
CODES = ("77280", "77290", "77301", "77338", "77386", "77407", "77412", "77336", "77427", "77295", "77470")
FINDINGS = ("bundled_simulation", "unsigned_plan", "missing_dvh", "physics_remainder", "date_mismatch")
KINDS = ("order", "simulation", "signature", "plan")

code_lines = st.builds(
    CodeLine,
    code=st.sampled_from(CODES),
    status=st.sampled_from(STATUSES),
    units=st.integers(1, 3),
    modifiers=st.sampled_from([(), ("26",), ("TC",)]),
    dates=st.sampled_from([(), ("2025-01-02",)]),
)
findings = st.builds(
    FindingMark,
    type=st.sampled_from(FINDINGS),
    codes=st.lists(st.sampled_from(CODES), max_size=2, unique=True).map(lambda codes: tuple(sorted(codes))),
)
rows = st.builds(
    ResultRow,
    code=st.sampled_from(CODES[:4]),
    result=st.sampled_from(RESULTS),
    date=st.sampled_from(["", "2025-01-02"]),
)


@st.composite
def places(draw: st.DrawFn) -> Place:
    """A span of a page that is not empty."""
    document, page = draw(st.sampled_from(sorted(PAGES)))
    start = draw(st.integers(0, len(TEXT) - 2))
    return Place(document, page, start, draw(st.integers(start + 1, len(TEXT))))


items = st.builds(
    Item, kind=st.sampled_from(KINDS), places=st.lists(places(), min_size=1, max_size=3).map(tuple)
)
labels = st.builds(
    Label,
    codes=st.lists(code_lines, max_size=6).map(tuple),
    findings=st.lists(findings, max_size=4).map(tuple),
    comparison=st.none() | st.lists(rows, max_size=4).map(tuple),
    course=st.none()
    | st.dictionaries(st.sampled_from(COURSE_FIELDS), st.sampled_from(["VMAT", 1, 2, 60.0, None])),
    items=st.lists(items, max_size=5).map(tuple),
    several_claims=st.booleans(),
)


def line(code: str, status: str = "supported", units: int = 1, *modifiers: str) -> CodeLine:
    """A code line without dates."""
    return CodeLine(code, status, units, modifiers)


def label(*lines: CodeLine, **more: object) -> Label:
    """A label of these lines."""
    return Label(codes=lines, **more)  # type: ignore[arg-type]
