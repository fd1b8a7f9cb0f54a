"""The process that reads risky files: started, asked, and ended, with the reason where it died."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from pickle import UnpicklingError
from typing import IO, cast

from ..errors import InstallationError
from . import wire

_NO_START = "the process that reads documents does not start: install doc-review again"
_SLOW = 1
"""Exit status of a process that ended itself because a step took too long (``faulthandler``)."""


class DiedError(Exception):
    """The process is gone, or must go; ``why`` names the reason."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Process:
    """A running reader. Only one request at a time."""

    def __init__(self) -> None:
        places = [*filter(None, sys.path), str(Path(__file__).parents[2])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
        self.used = False
        try:
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-m", "doc_review.documents.reader"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # Ctrl-C is for the process that asks, which ends this one
            )
        except OSError as error:
            raise InstallationError(_NO_START) from error
        self._requests = cast("IO[bytes]", self._popen.stdin)
        self._answers = cast("IO[bytes]", self._popen.stdout)
        self._started = self.ended = False

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def ask(self, message: wire.Read | wire.Look) -> wire.Pages | wire.Found | wire.Failed:
        """The answer. Raises ``DiedError`` where there is none."""
        try:
            if not self._started:
                wire.answer(self._answers)
                self._started = True
            wire.send(self._requests, message)
            while isinstance(came := wire.answer(self._answers), wire.Alive):
                pass
        except (EOFError, OSError, UnpicklingError) as error:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(1)  # it closed its end: its own status tells why
            status = self.end()
            if not self._started:
                raise InstallationError(_NO_START) from error
            raise DiedError("slow" if status == _SLOW else "crash") from error
        except BaseException:  # Ctrl-C: half an answer is of no use to the next request
            self.end()
            raise
        if isinstance(came, wire.Failed) and came.why == "memory":
            self.end()
            raise DiedError("memory")
        return came

    def end(self) -> int:
        """End it and whatever it started; its exit status."""
        self.ended = True
        if sys.platform == "win32":
            self._popen.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
        status = self._popen.wait()
        self._close()
        return status

    def forget(self) -> None:
        """Leave it to the process that started it: this one is a copy of that one."""
        self._popen.returncode = 0
        self._close()

    def _close(self) -> None:
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()
