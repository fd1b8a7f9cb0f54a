"""Turns off what libraries log: their messages may hold chart text, and stderr is ours."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No library logs or warns while the block runs.

    loguru writes every record to stderr from its import on, unless its environment says otherwise
    before that import.
    """
    os.environ.setdefault("LOGURU_AUTOINIT", "False")
    if "loguru" in sys.modules:
        sys.modules["loguru"].logger.remove()
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
