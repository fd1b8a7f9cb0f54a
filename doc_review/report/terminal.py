"""Turns a ``Review`` into a summary for the terminal: what to bill, what to ask, what not to bill."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..model import Evidence, Finding, Review, Severity, Status, Suggestion
from .wording import (
    BLOCKS,
    DISCLAIMER,
    STATUS_WORDS,
    Block,
    clean,
    code_with_modifiers,
    compact_dates,
    context_line,
    count,
    counted_severities,
    course_line,
    coverage_line,
    deciding_evidence,
    deciding_reason,
    places,
    scope_lines,
    suggestions_of,
    title,
    unread_lines,
    words,
)
from .worklist import Row, totals, worst_first

WIDTH = 80
MIN_WIDTH = 40
_PLACES_SHOWN = 3

_BLOCK_STYLE = {"bill": "bold green", "ask": "bold yellow", "hold": "bold red"}
_SEVERITY_STYLE: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_SEVERITY_WORD: dict[Severity, str] = {"error": "ERROR", "warning": "WARNING", "info": "NOTE"}
_WIDE = 72
_COUNT_HEADS = {
    "errors": "err",
    "warnings": "warn",
    "needs_review": "ask",
    "blocked": "block",
    "supported": "bill",
    "overcoded": "over",
    "undercoded": "under",
    "unread": "unread",
}
_WIDE_COUNTS = tuple(_COUNT_HEADS)
_NARROW_COUNTS = ("errors", "needs_review", "blocked", "supported", "overcoded")
_COUNT_STYLE = {"errors": "bold red", "needs_review": "yellow", "overcoded": "bold red", "unread": "yellow"}
_LEGEND = (
    "err, warn: findings. ask, block, bill: codes. over, under: claim lines. unread: pages and documents."
)
_HELD: tuple[Status, ...] = ("blocked", "bundled")


def render(review: Review, width: int = WIDTH, color: bool = False) -> str:
    """The summary of one chart as lines of at most ``width`` columns (40 at least)."""
    evidence = {item.id: item for item in review.evidence}
    return _draw(
        [
            _head(review),
            *_suggestions(review, evidence),
            *_findings(review.findings, evidence),
            *_comparison(review),
            *_unread(review),
            Text(coverage_line(review), style="dim"),
            Text(DISCLAIMER, style="dim"),
        ],
        width,
        color,
    )


def render_worklist(
    rows: Sequence[Row], ignored: Sequence[str] = (), width: int = WIDTH, color: bool = False
) -> str:
    """One row per chart, worst first, then the totals and the files that were no charts."""
    names = _WIDE_COUNTS if width >= _WIDE else _NARROW_COUNTS
    table = _grid(header=True)
    table.add_column("chart", overflow="fold", ratio=1)
    for name in names:
        table.add_column(_COUNT_HEADS[name], justify="right", no_wrap=True)
    ordered = worst_first(rows)
    for row in ordered:
        table.add_row(*_row_cells(row, names))
    if len(ordered) > 1:
        table.add_row(*_row_cells(totals(ordered), names), style="bold")
    failed = [row for row in ordered if row.failed is not None]
    parts: list[RenderableType] = [table]
    if failed:
        parts.append(_named_lines("NOT REVIEWED", ((row.case_id, row.failed or "") for row in failed)))
    if ignored:
        parts.append(Text("Ignored beside the charts: " + ", ".join(clean(name) for name in ignored)))
    parts.append(Text(_LEGEND, style="dim"))
    parts.append(Text(DISCLAIMER, style="dim"))
    return _draw(parts, width, color)


def _draw(parts: Iterable[RenderableType], width: int, color: bool) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=max(width, MIN_WIDTH),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        soft_wrap=False,
    )
    for index, part in enumerate(parts):
        if index:
            console.print()
        console.print(part)
    return "".join(line.rstrip(" ") + "\n" for line in stream.getvalue().splitlines())


def _grid(header: bool = False) -> Table:
    return Table(
        box=None,
        show_header=header,
        header_style="dim",
        pad_edge=False,
        padding=(0, 2, 0, 0),
        expand=True,
        show_edge=False,
    )


def _head(review: Review) -> RenderableType:
    lines = [Text(clean(review.case_id), style="bold"), Text(context_line(review.context))]
    lines += [Text(line, style="bold reverse") for line in scope_lines(review.scope)]
    if len(review.courses) == 1:
        lines.append(Text(course_line(review.courses[0])))
    if not review.courses:
        lines.append(Text("no course of treatment found in the documents"))
    return Group(*lines)


def _suggestions(review: Review, evidence: dict[str, Evidence]) -> list[RenderableType]:
    keys = dict.fromkeys((item.course, item.claim) for item in review.suggestions)
    several_courses = len(review.courses) > 1
    several_claims = len({claim for _, claim in keys}) > 1
    parts: list[RenderableType] = []
    if not keys:
        parts.append(Text("No code is touched by the documents."))
    last_course = -1
    for course, claim in keys:
        if several_courses and course != last_course:
            text = f"COURSE {course + 1} OF {len(review.courses)}"
            about = course_line(review.courses[course]) if course < len(review.courses) else ""
            parts.append(Group(Text(text, style="bold underline"), Text(about)))
            last_course = course
        if several_claims:
            parts.append(Text(f"{(claim or 'any').upper()} CLAIM", style="bold underline"))
        for block in BLOCKS:
            items = suggestions_of(review, block, course, claim)
            parts.append(_block(block, items, evidence))
    return parts


def _block(block: Block, items: Sequence[Suggestion], evidence: dict[str, Evidence]) -> RenderableType:
    head = Text(f"{block.title}  {len(items) or 'nothing'}", style=_BLOCK_STYLE[block.key])
    if not items:
        return head
    table = _grid()
    table.add_column(no_wrap=True, style="bold", width=max(cell_len(_code_units(item)) for item in items))
    table.add_column(ratio=1, overflow="fold")
    for item in items:
        table.add_row(Text(_code_units(item)), _about(item, evidence))
    return Group(head, Padding(table, (0, 0, 0, 2)))


def _code_units(item: Suggestion) -> str:
    return f"{clean(code_with_modifiers(item))} x{item.units}"


def _about(item: Suggestion, evidence: dict[str, Evidence]) -> RenderableType:
    reason = deciding_reason(item)
    if item.status in _HELD:
        reason = f"{title(STATUS_WORDS[item.status])}: {reason[:1].lower()}{reason[1:]}"
    lines = [Text(clean(item.label), style="bold"), Text(reason)]
    lines.extend(Text(f"missing: {clean(gap.text)}") for gap in item.missing)
    where = places(deciding_evidence(item), evidence)[:1]
    lines.append(Text(", ".join([compact_dates(item.dates), *where]), style="dim"))
    return Group(*lines)


def _findings(findings: Sequence[Finding], evidence: dict[str, Evidence]) -> list[RenderableType]:
    if not findings:
        return [Text("FINDINGS  none", style="bold")]
    table = _grid()
    table.add_column(no_wrap=True, width=max(len(_SEVERITY_WORD[item.severity]) for item in findings))
    table.add_column(ratio=1, overflow="fold")
    for item in findings:
        codes = f" ({', '.join(item.codes)})" if item.codes else ""
        lines = [Text(f"{title(item.type)}{codes}", style="bold"), Text(clean(item.message))]
        if item.query:
            lines.append(Text(f"Ask: {clean(item.query)}", style="italic"))
        where = places(item.evidence, evidence)
        if where:
            more = f" and {len(where) - _PLACES_SHOWN} more" if len(where) > _PLACES_SHOWN else ""
            lines.append(Text(", ".join(where[:_PLACES_SHOWN]) + more, style="dim"))
        table.add_row(
            Text(_SEVERITY_WORD[item.severity], style=_SEVERITY_STYLE[item.severity]), Group(*lines)
        )
    head = Text(f"FINDINGS  {counted_severities(findings)}", style="bold")
    return [Group(head, Padding(table, (0, 0, 0, 2)))]


def _comparison(review: Review) -> list[RenderableType]:
    if review.comparison is None:
        return []
    lines: list[RenderableType] = [Text(f"{'code':<7}{'date':<12}billed  supported  result", style="dim")]
    for row in review.comparison:
        day = row.date.isoformat() if row.date else "-"
        line = Text(f"{clean(row.code):<7}{day:<12}{row.billed:>6}  {row.supported:>9}  ")
        lines.append(line.append(words(row.result), style="" if row.result == "agrees" else "bold"))
        note = clean(row.note) or ", ".join(words(name) for name in row.findings)
        if note:
            lines.append(Padding(Text(note), (0, 0, 0, 7)))
    head = Text(f"CLAIM COMPARISON  {count(len(review.comparison), 'line')}", style="bold")
    return [Group(head, Padding(Group(*lines), (0, 0, 0, 2)))]


def _unread(review: Review) -> list[RenderableType]:
    lines = unread_lines(review)
    return [_named_lines("NOT READ", lines)] if lines else []


def _named_lines(head: str, lines: Iterable[tuple[str, str]]) -> RenderableType:
    rows = [Padding(Text(f"{clean(name)}: {clean(reason)}"), (0, 0, 0, 2)) for name, reason in lines]
    return Group(Text(head, style="bold"), *rows)


def _row_cells(row: Row, names: Sequence[str]) -> list[Text]:
    cells = [Text(clean(row.case_id))]
    for name in names:
        value = getattr(row, name)
        style = _COUNT_STYLE.get(name, "") if value else "dim"
        cells.append(Text("-" if row.failed is not None else str(value), style=style))
    return cells
