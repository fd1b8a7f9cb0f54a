"""Turns an explanation into text for a terminal: why, why not the neighbours, what is missing, the rule lit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from ..explain import Answer, Explanation, Light, Neighbour
from ..model import Evidence
from ..rules.describe import spoken
from .wording import DISCLAIMER, clean, compact_dates, context_line, place, scope_lines, words

WIDTH = 80
QUOTE = 100
"""Code points of a quote that are shown."""

LIGHTS: Mapping[Light, str] = {"true": "yes", "false": "NO", "unknown": "?", "unused": "-"}
LEGEND = "yes: true for this chart. NO: false. ?: the chart cannot tell. -: not asked."


def render(explanation: Explanation, width: int = WIDTH) -> str:
    """The explanation as lines of at most ``width`` columns."""
    evidence = {item.id: item for item in explanation.review.evidence}
    lines = [*_head(explanation)]
    for answer in explanation.answers:
        lines += ["", *_answer(answer, evidence)]
    if explanation.comparison:
        lines += ["", "BILLED"]
        for row in explanation.comparison:
            day = f" on {row.date}" if row.date else ""
            lines.append(
                f"  {row.billed} billed{day}, {row.supported} supported: {words(row.result)}. {row.note}"
            )
    if explanation.findings:
        lines += ["", "FINDINGS"]
        for finding in explanation.findings:
            lines.append(f"  {words(finding.type).capitalize()}: {clean(finding.message)}")
            if finding.query:
                lines.append(f"    Ask: {clean(finding.query)}")
    lines += ["", LEGEND, DISCLAIMER]
    return "".join(f"{line}\n" for text in lines for line in _wrapped(text, width))


def _head(explanation: Explanation) -> Iterator[str]:
    review = explanation.review
    yield f"{explanation.code}  {explanation.label}"
    yield f"{clean(review.case_id)}: {context_line(review.context)}"
    yield from scope_lines(review.scope)
    yield explanation.verdict


def _answer(answer: Answer, evidence: Mapping[str, Evidence]) -> Iterator[str]:
    if answer.status is None:
        yield f"WHAT IT WOULD TAKE  {answer.title}"
    else:
        claim = f", {answer.claim} claim" if answer.claim else ""
        yield f"{words(answer.status).upper()} x{answer.units}{claim}, {compact_dates(answer.dates)}"
        yield f"  {clean(answer.summary)}"
    ways = answer.table is not None and answer.status is None and len(answer.gaps) > 1
    for gap in answer.gaps:
        yield f"  {'One way' if ways else 'Missing'}: {clean(gap.text)}"
        if gap.told:
            yield f"    {clean(gap.told)} ({gap.reason})"
        yield from (f"    nearest: {line}" for line in cited(gap.nearest, evidence))
    if answer.table is not None:
        for row in answer.table.rows:
            if row.decided:
                yield f"  Level: {row.row.title} ({row.row.clause})"
                for one in row.conditions:
                    yield f"    {spoken(one.fact)}: {clean(one.actual)}"
    yield from _neighbours(answer.neighbours)
    if answer.rule:
        yield "  Rule, line by line"
    for line in answer.rule:
        told = "" if line.light == "unused" else f" - {clean(line.told)}"
        yield f"    {LIGHTS[line.light]:<3} {line.clause:<5} {line.title}{told}"
        if line.light in ("false", "unknown"):
            yield from (f"          {text}" for text in cited(line.evidence[:2], evidence))
    for reason in answer.also:
        mark = {True: "yes", False: "NO", None: "?"}[reason.passed]
        yield f"    {mark:<3} {'':<5} {clean(reason.text)}"


def _neighbours(neighbours: Iterable[Neighbour]) -> Iterator[str]:
    for one in neighbours:
        side = f" ({one.side} level)" if one.side else ""
        yield f"  Why not {one.code}{side}"
        for row in one.rows:
            yield f"    {row.row.title} ({row.row.clause}):"
            for lack in row.failing:
                yield f"      {spoken(lack.fact)} is {clean(lack.actual)}; it would have to be {lack.wanted}"


def cited(ids: Iterable[str], evidence: Mapping[str, Evidence]) -> list[str]:
    """``document:page "quote"`` of some evidence ids; a long quote is cut."""
    lines = []
    for key in ids:
        if key in evidence:
            item = evidence[key]
            quote = clean(item.citation.quote)
            short = quote if len(quote) <= QUOTE else quote[: QUOTE - 3].rstrip() + "..."
            state = "" if item.assertion == "affirmed" else f" [{words(item.assertion)}]"
            lines.append(f'{place(item.citation)}{state} "{short}"')
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    """A line broken at blanks, what follows under its text."""
    bare = text.lstrip(" ")
    indent = " " * min(len(text) - len(bare) + 4, width // 2)
    return textwrap.wrap(
        text, width, subsequent_indent=indent, break_on_hyphens=False, replace_whitespace=False
    ) or [""]
