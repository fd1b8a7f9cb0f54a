"""Turns command-line arguments into calls of the package, and errors into one line and a status."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from ..errors import DocReviewError

__all__ = ["main", "run"]

DONE = 0
UNUSABLE = 2
"""Exit status for bad arguments, and where nothing could be reviewed."""


def main() -> None:
    """Console script: run the arguments of this process and exit with the status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status; an error is one line on stderr.

    With ``DOC_REVIEW_DEBUG`` set in the environment the traceback follows, which may hold chart text.
    """
    from .app import app
    from .logging import quiet
    from .output import complain

    with quiet():
        try:
            status = app(args=list(arguments), prog_name="doc-review", standalone_mode=False)
        except SystemExit as error:
            return error.code if isinstance(error.code, int) else UNUSABLE
        except Exception as error:
            if os.environ.get("DOC_REVIEW_DEBUG"):
                traceback.print_exc()
            complain(_explain(error))
            return UNUSABLE
        return status if isinstance(status, int) else DONE


def _explain(error: Exception) -> str:
    """The line for an error.

    The message of one that nobody foresaw is left out: it may hold chart text.
    """
    if isinstance(error, DocReviewError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'file'}: {(error.strerror or type(error).__name__).lower()}"
    describe = getattr(error, "format_message", None)
    if describe is not None:
        return f"{describe().rstrip('.')}; see doc-review --help"
    return f"unexpected {type(error).__name__}; set DOC_REVIEW_DEBUG=1 for the traceback"
