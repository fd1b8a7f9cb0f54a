"""A reader's steps turned into a clock that ends the process reading a file that does not get on.

A step is what may take long at one place: opening a file, one page, one run of the recogniser. Nothing
happens where no clock listens.
"""

from __future__ import annotations

from collections.abc import Callable

STEP = 20.0
"""Seconds one step may take. A long scan has many steps, so a limit for a whole file would be too short
for it and too long for a file that hangs."""

_listener: Callable[[float], None] | None = None


def listen(listener: Callable[[float], None]) -> None:
    """Tell a function of every step with the seconds it may take."""
    global _listener
    _listener = listener


def step(seconds: float = STEP) -> None:
    """A step begins, which may take so many seconds."""
    if _listener is not None:
        _listener(seconds)
