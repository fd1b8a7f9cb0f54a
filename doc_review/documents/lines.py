"""A document turned into its lines, each with what it is: title, signature, ruler, running header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .base import Page
from .titles import Title, title_of


@dataclass(slots=True)
class Line:
    """A non-blank line: 1-based page, offsets in the page text, and what it is.

    ``sheet`` counts printed sheets: pages, form feeds, and page counters of a text print. ``edge`` is
    true near the top or the bottom of a sheet, ``running`` for a header or footer that the sheet
    before (or after, for a line that is no title) repeats.
    """

    page: int
    start: int
    end: int
    text: str
    gap: int
    sheet: int = 0
    edge: bool = False
    running: bool = False
    title: Title | None = None
    signature: bool = False
    ruler: bool = False
    counter: tuple[int, int] | None = None
    tags: set[str] = field(default_factory=set)

    @property
    def furniture(self) -> bool:
        """Whether the line belongs to the paper, not to the note."""
        return self.ruler or self.running or self.counter is not None or "print" in self.tags


SIGNING = re.compile(
    r"(?:electronically|digitally|e-?)[ -]?(?:co-?)?sign|"
    r"\b(?:electronically|digitally)[ ](?:authenticated|approved|verified|finali[sz]ed|attested|validated)\b|"
    r"/es/|/s/|\[signed\]|\bsigned\s*(?:by|on|:|\d|"
    r"electronic)|"
    r"\b(?:authenticated|finali[sz]ed|attested|validated|co-?signed|reviewed|"
    r"released)\s+(?:and \w+ )?by\b(?! me\b)|"
    r"\bverified\s+by:?\s+(?:Dr|[A-Z][a-z]+,? [A-Z])|"
    r"\b(?:treat(?:ment)?|plan(?:ning)?)[ -]?approved\b(?=.{0,50}\d{4})|"
    r"\bapproved\s+(?-i:[A-Z][\w.'-]+,? [A-Z])|\bapproved\b[^.\n]{0,25}\bby\b|\bapproved:|"
    r"\b(?:electronic|digital)[ ]signature\b|\bsignatures?\s*(?:line)?\s*[:_(]|\bsign(?:ed)?:|"
    r"dictated but not|"
    r"signature on file|\b(?:awaiting|pending) (?:signature|review|authentication)|\bunsigned\b|"
    r"\b(?:signature|signed|sign|by|physician|physicist|md|attending|oncologist|approval|initials)\b"
    r"[^_\n]{0,16}_{4,}(?!\s*[a-z]{3})|"
    r"^\W*(?:physician|physicist|attending|provider|md|dr\.?)\s*:\s*_{3,}|\bink (?:signature|initials)\b|"
    r"\bstamp(?:ed)?\b.{0,20}\bsignature\b",
    re.IGNORECASE,
)
_SIGNING_HINTS = (
    "sign", "/es/", "/s/", "authent", "electronically", "digitally", "finali", "attest", "approv", "verified", "validated", "reviewed",
    "released",
    "dictated but", "pending", "____", "ink ", "stamp",
)  # fmt: skip
_ACT_BY = re.compile(
    r"(?<!ote )(?<!otes )(?<!sult )(?<!sults )(?<!H&P )(?<!dures )\b(?:by|"
    r"with)\s*:?\s+(?:Dr\.?\s+)?[A-Z][\w.'-]+,?\s+[A-Z]|^\W*(?:Dosimetry|Physics|Planner)\s*:\s+[A-Z]"
)


_NOTE_HEAD = re.compile(
    r"\W{0,4}([A-Z][A-Za-z&/ ()-]{2,40}?)(?<!ed)(?<!eck)(?<!iew) (?:by|"
    r"signed by) [A-Z][^:\n]{3,60}? (?:at|on) \d{1,4}[-/. ]"
)


_STAFF = frozenset({"dosi", "phys", "plan"})


def signs(text: str) -> bool:
    """Whether a line holds a signing act, a signature line, or a note that the signature is lacking."""
    lower = text.lower()
    return any(hint in lower for hint in _SIGNING_HINTS) and SIGNING.search(text) is not None


_RULER = re.compile(r"\s*(?:[-=_*#~\u2500\u2501\u2550.+|]{4,}|[-=_*#~+]{1,3}(?:\s+[-=_*#~+]{1,3}){2,})\s*$")
_COUNTER = re.compile(
    r"\bpage:?\s*(\d{1,4})\s*(?:of|/)\s*(\d{1,4})\b|^\W*(\d{1,4})\s*(?:of|/)\s*(\d{1,4})\W*$", re.I
)
_PRINT = re.compile(
    r"^\W*(?:printed|print date|faxed|fax|scanned|generated|exported|run date|confidential|"
    r"page\s*:?\s*\d+)\b",
    re.I,
)
_FAX = re.compile(
    r"\bfrom:.*\bto:|\bfax\b.*\d{3}|\d{3}[-.) ]\d{3}-\d{4}.*\b(?:p|pg|page)\.? ?\d+", re.IGNORECASE
)
_END = re.compile(
    r"^\W*(?:end|start) of (?:the )?(?:\w+ )?(?:note|report|document|record|flow ?sheet|file|list|print\w*|page|form|export|"
    r"chart|section|entry)s?\W*$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_EDGE = 8


def _folded(text: str) -> str:
    return _SPACE.sub(" ", _DIGITS.sub("0", text)).strip().lower()


def _page_lines(page: Page, sheet: int) -> tuple[list[Line], int]:
    """Lines of one page and the number of the last sheet on it."""
    found: list[Line] = []
    gap = 0
    start = 0
    text = page.text
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        chunk = text[start:end]
        if "\f" in chunk:
            sheet += chunk.count("\f") if found else 0
        body = chunk.strip()
        if body:
            low = start + chunk.index(body[0])
            found.append(Line(page.number, low, low + len(body), body, gap, sheet))
            gap = 0
        else:
            gap += 1
        start = end + 1
    return found, sheet


def _sheets_by_counter(lines: list[Line]) -> None:
    """Number the sheets of a text print by its ``Page n of m`` lines, at the head or the foot of a sheet."""
    marks = [index for index, line in enumerate(lines) if line.counter]
    if len(marks) < 2 or lines[-1].sheet != lines[0].sheet:
        return
    at_head = marks[0] < 5 and marks[0] < len(lines) // (2 * len(marks)) + 1
    sheet = lines[0].sheet
    previous = 0
    for index in marks:
        stop = index if at_head else index + 1
        while (
            at_head
            and stop > previous
            and lines[stop - 1].gap == 0
            and index - stop < 4
            and stop - 1 > previous
        ):
            stop -= 1
        for line in lines[previous:stop]:
            line.sheet = sheet
        sheet += 1
        previous = stop
    for line in lines[previous:]:
        line.sheet = sheet


def _mark_edges(lines: Sequence[Line]) -> None:
    """Mark edge lines of each sheet, and those that the neighbouring sheet repeats."""
    sheets: dict[int, list[Line]] = {}
    for line in lines:
        sheets.setdefault(line.sheet, []).append(line)
    folded: dict[int, set[str]] = {}
    for number, group in sheets.items():
        size = min(_EDGE, max(2, len(group) // 3))
        for line in (*group[:size], *group[-size:]):
            line.edge = True
        folded[number] = {_folded(line.text) for line in group if line.edge}
    for number, group in sheets.items():
        before, after = folded.get(number - 1, set()), folded.get(number + 1, set())
        for line in group:
            if line.edge and len(line.text) > 3 and not line.signature:
                key = _folded(line.text)
                line.running = key in before or (key in after and line.title is None)


def lines_of(pages: Sequence[Page]) -> list[Line]:
    """Every non-blank line of a document, in order."""
    lines: list[Line] = []
    sheet = 0
    for page in pages:
        found, sheet = _page_lines(page, sheet)
        lines.extend(found)
        sheet += 1
    for line in lines:
        lower = line.text.lower()
        line.ruler = _RULER.match(line.text) is not None
        counter = _COUNTER.search(line.text) if "age" in lower or len(line.text) < 14 else None
        if counter:
            first, last = (g for g in counter.groups() if g is not None)
            line.counter = (int(first), int(last)) if 0 < int(first) <= int(last) else None
        faxed = "fax" in lower or "from:" in lower or "pg" in lower or "page" in lower
        if _PRINT.match(line.text) or (faxed and _FAX.search(line.text)):
            line.tags.add("print")
        line.signature = signs(line.text)
        if line.ruler or line.signature or _END.match(line.text):
            continue
        named = " by" in lower or "with" in lower
        head = _NOTE_HEAD.match(line.text) if named else None
        if head:
            line.title = replace(title_of(head.group(1)) or Title("note", False), weak=False, keyed=True)
        elif not (named or lower[:4] in _STAFF) or not _ACT_BY.search(line.text):
            line.title = title_of(line.text)
    _sheets_by_counter(lines)
    _mark_edges(lines)
    return lines
