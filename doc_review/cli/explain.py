"""Turns a case and a code into the explanation of the code's status, on stdout or as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..case import open_cases
from ..errors import UsageError
from ..explain import explain
from ..report.explain import render
from ..report.files import write_private
from ..review import ReviewOptions, review_case
from ..rules import load_rulebook
from ..rules.describe import need_code
from . import output
from .text import cache_folder

if TYPE_CHECKING:
    from ..model import Scope


def explain_code(
    path: Path,
    code: str,
    html: Path | None,
    *,
    profile: str,
    scope: Scope | None,
    providers: Path | None,
    cached: bool,
) -> None:
    """Review a case and explain one code of it.

    Raises ``UsageError`` for a worklist, an unknown code or an unknown profile.
    """
    need_code(load_rulebook(), code)
    worklist = open_cases(path, providers)
    if worklist.is_worklist:
        raise UsageError(f"{path}: is a worklist; name one of its cases")
    options = ReviewOptions(profile=profile, cache=cache_folder() if cached else None, scope=scope)
    explained = explain(review_case(worklist.cases[0], options), code)
    if html is None:
        output.emit_text(render(explained, output.width()))
        return
    from ..report.packet import explanation

    write_private(html, explanation(explained))
    output.tell(f"{code}: {explained.verdict}")
