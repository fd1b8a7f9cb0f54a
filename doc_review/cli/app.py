"""Turns each command's arguments into one call; what a command needs is imported when it runs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from .. import __version__
from .rules import rules_app

app = typer.Typer(
    name="doc-review",
    help="Reads radiotherapy charts and suggests billing codes, each with status, reasons and citations.",
    epilog="Exit status: 0 done; 1 the gate failed; 2 bad arguments, or nothing could be reviewed.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
cache_app = typer.Typer(help="The cache of recognised text.", rich_markup_mode=None)
app.add_typer(cache_app, name="cache")
app.add_typer(rules_app, name="rules")

DAY = ["%Y-%m-%d"]

CasePath = Annotated[
    Path,
    typer.Argument(metavar="CASE", help="A case: a folder, a single document or a zip.", show_default=False),
]
Cache = Annotated[
    bool, typer.Option("--no-cache", help="Neither read nor write recognised text in the cache.")
]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"doc-review {__version__}")
        raise typer.Exit


@app.callback()
def doc_review(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that stand before any command."""


@app.command("review")
def review(
    case: Annotated[
        Path,
        typer.Argument(
            metavar="CASE|WORKLIST",
            help="A case (folder, document or zip), or a folder of cases.",
            show_default=False,
        ),
    ],
    json: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE|-", help="Write JSON (worklist: JSON Lines); - is stdout."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE|DIR", help="Write the evidence packet (worklist: a folder with an index)."
        ),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write one row per suggestion.")
    ] = None,
    profile: Annotated[str, typer.Option(metavar="NAME", help="Rule profile, e.g. cms or article.")] = "cms",
    on: Annotated[
        dt.datetime | None,
        typer.Option("--on", metavar="DATE", formats=DAY, help="What if the rules of this day held for all."),
    ] = None,
    date_from: Annotated[
        dt.datetime | None,
        typer.Option(
            "--from", metavar="DATE", formats=DAY, help="List and compare services from this day on."
        ),
    ] = None,
    date_to: Annotated[
        dt.datetime | None,
        typer.Option("--to", metavar="DATE", formats=DAY, help="List and compare services up to this day."),
    ] = None,
    providers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Who is who: a providers.yaml.", show_default=False)
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="Write what replay needs (worklist: a line per case)."),
    ] = None,
    no_cache: Cache = False,
) -> None:
    """Say what to bill, what to ask and what not to bill."""
    from ..documents import isolated

    isolated.start()  # it gets ready while the rest is imported
    from .review import Outputs, review_path, scope_of

    outputs = Outputs(json=json, html=html, csv=csv, record=record)
    scope = scope_of(*(None if day is None else day.date() for day in (on, date_from, date_to)))
    status = review_path(
        case, outputs, profile=profile, scope=scope, providers=providers, cached=not no_cache
    )
    raise typer.Exit(status)


@app.command("explain")
def explain(
    case: CasePath,
    code: Annotated[str, typer.Argument(metavar="CODE", help="A billing code.", show_default=False)],
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write the rule, lit line by line for this chart."),
    ] = None,
    profile: Annotated[str, typer.Option(metavar="NAME", help="Rule profile, e.g. cms or article.")] = "cms",
    on: Annotated[
        dt.datetime | None,
        typer.Option("--on", metavar="DATE", formats=DAY, help="What if the rules of this day held for all."),
    ] = None,
    providers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Who is who: a providers.yaml.", show_default=False)
    ] = None,
    no_cache: Cache = False,
) -> None:
    """Say why a code has its status, and what is missing.

    Also why not the neighbouring codes, and each line of the rule as true or false for this chart.
    """
    from .explain import explain_code
    from .review import scope_of

    scope = scope_of(None if on is None else on.date(), None, None)
    explain_code(
        case,
        code.upper(),
        html,
        profile=profile,
        scope=scope,
        providers=providers,
        cached=not no_cache,
    )


@app.command("replay")
def replay(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What review --record wrote.", show_default=False)
    ],
    json: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE|-", help="Write the output anew; - is stdout."),
    ] = None,
    case: Annotated[
        Path | None,
        typer.Option("--case", metavar="CASE", help="Read this case again and say what changed in it."),
    ] = None,
) -> None:
    """Reproduce a recorded review, or say what differs.

    Exit status 1 where something differs.
    """
    from .replay import replay_file

    raise typer.Exit(replay_file(file, json, case))


@app.command("text")
def text(
    case: CasePath,
    document: Annotated[
        str, typer.Argument(metavar="DOC", help="The document's id in the case.", show_default=False)
    ],
    page: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="One page; all pages where it is left out.")
    ] = None,
    no_cache: Cache = False,
) -> None:
    """Print the text that offsets refer to.

    Byte for byte, nothing added; several pages are parted by form feeds.
    """
    from .text import print_text

    print_text(case, document, page, cached=not no_cache)


@app.command("eval")
def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(metavar="GOLD_DIR", help="A folder of labelled cases, or one.", show_default=False),
    ],
    split: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only the cases of this split.", show_default=False)
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE|-", help="Write the run as JSON; - is stdout.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write the report, and the packets in a folder beside."),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            metavar="BASELINE.json", help="A run to compare with, case by case.", show_default=False
        ),
    ] = None,
    gate: Annotated[
        Path | None,
        typer.Option(metavar="GATE.yaml", help="Exit 1 where this gate fails.", show_default=False),
    ] = None,
    aggregate_only: Annotated[
        bool, typer.Option("--aggregate-only", help="Tell sums only, nothing of a single case.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processes; one per core where left out.")
    ] = None,
    profile: Annotated[str, typer.Option(metavar="NAME", help="Rule profile, e.g. cms or article.")] = "cms",
    no_cache: Cache = False,
) -> None:
    """Score reviews against gold labels, with intervals.

    Exit status 1 where the gate fails.
    """
    from .evaluate import Request, evaluate_path

    request = Request(
        gold,
        split=split,
        json=json,
        html=html,
        compare=compare,
        gate=gate,
        aggregate_only=aggregate_only,
        workers=workers,
        profile=profile,
        cached=not no_cache,
    )
    raise typer.Exit(evaluate_path(request))


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of the output."""
    from ..report.schema import to_schema_json
    from .output import emit

    emit(to_schema_json())


@cache_app.command("purge")
def purge() -> None:
    """Remove cached chart text."""
    from ..documents import cache
    from .output import tell

    tell(f"removed {cache.purge()} cached files")
