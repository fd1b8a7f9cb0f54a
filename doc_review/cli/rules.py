"""Turns the ``rules`` commands into calls of the rulebook; what a command needs is imported when it runs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..rules.schema import EditTable

rules_app = typer.Typer(
    help="The rulebook: what it holds, what changed, and whether it stands.", rich_markup_mode=None
)

_FAILED = 1
_DAY = ["%Y-%m-%d"]

On = Annotated[
    dt.datetime | None,
    typer.Option("--on", metavar="DATE", formats=_DAY, help="The rules of this day; today where left out."),
]


def _day(value: dt.datetime | None) -> dt.date:
    return dt.date.today() if value is None else value.date()


@rules_app.command("list")
def list_(on: On = None) -> None:
    """List the codes in force on a day."""
    from ..rules import load_rulebook
    from ..rules.describe import list_codes
    from .output import emit_text

    emit_text(list_codes(load_rulebook(), _day(on)))


@rules_app.command("show")
def show(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A billing code.", show_default=False)],
    on: On = None,
) -> None:
    """Show one code: when, requirements, edits and sources."""
    from ..rules import load_rulebook
    from ..rules.describe import describe_code
    from ..rules.limits import load_limits
    from .output import emit_text

    emit_text(describe_code(load_rulebook(), load_limits(), code.upper(), _day(on)))


@rules_app.command("diff")
def diff(
    first: Annotated[
        dt.datetime,
        typer.Argument(metavar="DATE1", formats=_DAY, help="The earlier day.", show_default=False),
    ],
    second: Annotated[
        dt.datetime, typer.Argument(metavar="DATE2", formats=_DAY, help="The later day.", show_default=False)
    ],
) -> None:
    """Say what dies, is born or changes between two days."""
    from ..rules import load_rulebook
    from ..rules.diff import differences, render
    from ..rules.limits import load_limits
    from .output import emit_text

    emit_text(render(differences(load_rulebook(), load_limits(), first.date(), second.date())))


@rules_app.command("test")
def test() -> None:
    """Run the rule tests beside the rulebook.

    Exit status 1 where one fails.
    """
    from ..rules.rule_tests import run_rule_tests
    from .output import emit_text

    results = run_rule_tests()
    failed = [result for result in results if not result.passed]
    for result in failed:
        place = f"{result.test.file}:{result.test.line}"
        lines = "".join(f"  {problem}\n" for problem in result.problems)
        emit_text(f"{place}: {result.test.name} ({result.test.clause})\n{lines}")
    emit_text(f"{len(results) - len(failed)} of {len(results)} rule tests pass\n")
    raise typer.Exit(_FAILED if failed else 0)


@rules_app.command("check")
def check() -> None:
    """Prove tables free of gaps, overlaps, shadowed rows.

    Exit status 1 where they are not, each defect with a combination of facts that shows it.
    """
    from ..rules import load_rulebook
    from ..rules.check import check_rulebook
    from ..rules.limits import load_limits
    from ..rules.verify import load_explained
    from .output import emit_text

    rulebook = load_rulebook()
    load_limits()
    load_explained()
    defects = check_rulebook(rulebook)
    rows = sum(len(version.rows) for table in rulebook.tables.values() for version in table.versions)
    requirements = sum(len(service.requirements) for service in rulebook.services.values())
    emit_text("".join(f"{defect}\n" for defect in defects))
    emit_text(
        f"{len(defects)} defects in {len(rulebook.codes)} codes, {rows} table rows, "
        f"{requirements} requirements, {len(rulebook.edits)} edits\n"
    )
    raise typer.Exit(_FAILED if defects else 0)


@rules_app.command("verify")
def verify(
    as_of: Annotated[
        dt.datetime,
        typer.Option(
            "--as-of", metavar="DATE", formats=_DAY, help="The day of the tables.", show_default=False
        ),
    ],
    ptp: Annotated[
        list[Path] | None,
        typer.Option("--ptp", metavar="FILE", help="Edit table: txt, csv, xlsx or the zip; may be repeated."),
    ] = None,
    mue: Annotated[
        list[Path] | None,
        typer.Option("--mue", metavar="FILE", help="Table of medically unlikely edits; may be repeated."),
    ] = None,
    pfs: Annotated[
        list[Path] | None,
        typer.Option("--pfs", metavar="FILE", help="Physician fee schedule (PPRRVU); may be repeated."),
    ] = None,
    setting: Annotated[
        str | None,
        typer.Option(
            metavar="practitioner|hospital", help="Whose tables --ptp and --mue are, where they do not say."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Print the explained disagreements as well.")] = False,
) -> None:
    """Hold the tables of CMS against the rulebook.

    Every disagreement is a line; exit status 1 where one is not explained.
    """
    from ..rules import load_rulebook
    from ..rules.limits import load_limits
    from ..rules.verify import Tables, load_explained, render
    from ..rules.verify import verify as compare
    from .output import emit_text

    tables = Tables(tuple(ptp or ()), tuple(mue or ()), tuple(pfs or ()), _setting(setting))
    result = compare(load_rulebook(), load_limits(), load_explained(), tables, as_of.date())
    emit_text(render(result, every=every))
    raise typer.Exit(_FAILED if result.unexplained else 0)


def _setting(name: str | None) -> EditTable | None:
    from ..errors import UsageError

    if name is None or name == "practitioner":
        return "practitioner" if name else None
    if name in ("hospital", "hospital_outpatient"):
        return "hospital_outpatient"
    raise UsageError(f"--setting {name}: choose practitioner or hospital")


@rules_app.command("stale")
def stale(
    days: Annotated[int, typer.Option(metavar="N", min=0, help="Days since the last verification.")] = 180,
    on: On = None,
) -> None:
    """List sources not verified for long, values that end."""
    from ..rules import load_rulebook
    from ..rules.limits import load_limits
    from ..rules.stale import EXPIRY_DAYS, expiring, old_references
    from .output import emit_text

    rulebook, limits, today = load_rulebook(), load_limits(), _day(on)
    old = old_references(rulebook, limits, today, days)
    ending = expiring(rulebook, limits, today)
    lines = [f"{len(old)} sources not verified for {days} days on {today}"]
    lines += [f"  {one.age} days  {one.name}: {one.entry.title}, {one.entry.locator}" for one in old]
    lines.append(f"{len(ending)} values expire within {EXPIRY_DAYS} days")
    lines += [f"  {one.to}  {one.where}" for one in ending]
    emit_text("\n".join(lines) + "\n")
