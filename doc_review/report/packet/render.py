"""Turns the packet's view into one HTML file whose only style and script are the ones named by hash."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from jinja2 import Environment
from markupsafe import Markup, escape

from ... import __version__
from ...documents.base import Chart
from ...explain import Explanation
from ...model import Evidence, Review
from ...rules.describe import spoken
from ..html import asset, content_policy, environment
from ..wording import (
    DISCLAIMER,
    STATUS_WORDS,
    clean,
    compact_dates,
    context_line,
    count,
    coverage_line,
    deciding_reason,
    scope_lines,
    title,
    words,
)
from ..worklist import Row, totals, worst_first
from .view import build

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)")


def packet(review: Review, chart: Chart) -> bytes:
    """The evidence packet of one chart: UTF-8, opens from a file without any other resource."""
    return _page("packet.html.j2", view=build(review, chart), review=review)


def explanation(explained: Explanation) -> bytes:
    """The explanation of one code: the rule as written, each line lit for this chart, with its citations."""
    evidence = {item.id: item for item in explained.review.evidence}

    def cites(ids: Sequence[str]) -> list[Evidence]:
        return [evidence[key] for key in ids if key in evidence]

    return _page("explain.html.j2", view=explained, review=explained.review, cites=cites, spoken=spoken)


def index(rows: Sequence[Row], ignored: Sequence[str] = ()) -> bytes:
    """The index page of a worklist: one row per chart, worst first, with links to the packets beside it."""
    ordered = worst_first(rows)
    return _page("index.html.j2", rows=ordered, total=totals(ordered), ignored=ignored)


def _page(template: str, **values: object) -> bytes:
    style, script = asset(__package__, "packet.css"), asset(__package__, "packet.js")
    html = _environment().get_template(template).render(
        policy=content_policy(style, script), style=style, script=script, version=__version__, **values
    )  # fmt: skip
    return html.encode(errors="replace")


def _dated(text: str) -> Markup:
    """``text`` escaped, its ISO dates kept from breaking at their hyphens."""
    parts = _DATE.split(text)
    escaped = [
        Markup('<span class="nb">{}</span>').format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    ]
    return Markup("").join(escaped)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@functools.cache
def _environment() -> Environment:
    made = environment("doc_review.report.packet")
    made.filters.update(
        clean=clean,
        title=title,
        words=words,
        dates=compact_dates,
        count=count,
        dated=_dated,
        capital=_capital,
        reason=deciding_reason,
    )
    made.globals.update(
        context_line=context_line,
        coverage_line=coverage_line,
        scope_lines=scope_lines,
        status_words=STATUS_WORDS,
        disclaimer=DISCLAIMER,
    )
    return made
