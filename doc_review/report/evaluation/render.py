"""Turns a run into one HTML file that opens offline, from which each fault opens its case's packet."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from ... import __version__
from ..html import asset, content_policy, environment
from ..wording import DISCLAIMER, clean, count, title, words
from . import plots
from .words import (
    COURSE,
    FAULT_WORDS,
    HEADLINES,
    Run,
    caveats,
    counted,
    gold_line,
    interval,
    made_line,
    name_of,
    percent,
    prf_rows,
)

_PACKET = "doc_review.report.packet"
_STATUSES = ("supported", "needs_review", "blocked", "bundled")
_RESULTS = ("agrees", "overcoded", "undercoded", "needs_review", "not_assessed")


def render_html(run: Run, links: Mapping[str, str] | None = None) -> bytes:
    """The report of a run: UTF-8, one file. ``links`` gives the packet of each case by its key."""
    style = asset(_PACKET, "packet.css") + asset(__package__, "evaluation.css")
    script = asset(_PACKET, "packet.js")
    html = (
        _environment()
        .get_template("evaluation.html.j2")
        .render(
            policy=content_policy(style, script),
            style=style,
            script=script,
            version=__version__,
            run=run,
            links=links or {},
            faults=_faults(run),
            plots=_plots(run),
            tables=_tables(run),
        )
    )
    return html.encode(errors="replace")


def _faults(run: Run) -> list[dict[str, Any]]:
    """Every fault with its case, the worst kind first."""
    order = list(FAULT_WORDS)
    rows = [
        {**fault, "case": case["case_id"], "key": case["key"], "word": FAULT_WORDS[fault["kind"]]}
        for case in run["cases"]
        for fault in case["faults"]
    ]
    return sorted(rows, key=lambda row: (order.index(row["kind"]), row["case"], row["about"]))


def _plots(run: Run) -> dict[str, Markup]:
    figures = run["figures"]
    headlines = [
        (
            text,
            figures[name],
            "" if name.endswith(".f1") else f"({figures[name]['hits']}/{figures[name]['of']})",
        )
        for name, text in HEADLINES
        if name in figures
    ]
    codes = [(row.name, row.f1, f"({row.gold} gold)") for row in prf_rows(run, "code.")]
    findings = [(words(row.name), row.f1, f"({row.gold} gold)") for row in prf_rows(run, "finding.")]
    facts = [
        (text, figures[name], f"({figures[name]['hits']}/{figures[name]['of']})")
        for name, text in COURSE
        if name in figures
    ]
    spans = [
        (words(row.name), row.recall, f"({row.gold} gold)")
        for row in prf_rows(run, "spans.overlap.")
        if row.name != "all"
    ]
    tables = run["tables"]
    return {
        "headlines": plots.bars(headlines, "Main figures with intervals"),
        "codes": plots.bars(codes, "F1 per code with intervals"),
        "findings": plots.bars(findings, "F1 per finding with intervals"),
        "facts": plots.bars(facts, "Course facts right, with intervals"),
        "spans": plots.bars(spans, "Share of gold spans overlapped, per kind"),
        "confusion": plots.heatmap(tables["codes"], "Core codes, gold against found"),
        "statuses": plots.heatmap(tables["statuses"], "Statuses, gold against found", _STATUSES),
        "results": plots.heatmap(tables["results"], "Claim rows, gold against found", _RESULTS),
        "reliability": plots.reliability(run["confidence"], "Confidence against gold spans"),
        "time": plots.times(run["time"]["seconds"], "Seconds per warm case"),
    }


def _tables(run: Run) -> dict[str, Any]:
    return {
        "codes": prf_rows(run, "code."),
        "statuses": prf_rows(run, "status.", _STATUSES),
        "findings": prf_rows(run, "finding."),
        "spans": {
            how: {row.name: row for row in prf_rows(run, f"spans.{how}.")}
            for how in ("strict", "overlap", "token")
        },
    }


def _unbroken(text: str) -> str:
    """Shares that do not part from their sign at the end of a line."""
    return text.replace(" %", "\u00a0%")


@functools.cache
def _environment() -> Environment:
    made = environment("doc_review.report.evaluation", _PACKET)
    made.filters.update(
        clean=clean,
        title=title,
        words=words,
        count=count,
        percent=lambda share: _unbroken(percent(share)),
        interval=lambda figure: _unbroken(interval(figure)),
        name_of=name_of,
    )
    made.globals.update(
        headlines=HEADLINES,
        counted=counted,
        caveats=caveats,
        gold_line=gold_line,
        made_line=made_line,
        disclaimer=DISCLAIMER,
    )
    return made
