"""Drives a headless chromium over its debugging pipe: no port, no network, nothing to install."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)


# The browser talks on descriptors 3 and 4. By way of higher numbers: 3 or 4 may be ends of these pipes.
WIRE = """
import os, sys
for source, target in ((int(sys.argv[1]), 103), (int(sys.argv[2]), 104), (103, 3), (104, 4)):
    os.dup2(source, target)
os.execvp(sys.argv[3], sys.argv[3:])
"""


def executable() -> str | None:
    """The first chromium on the path, if any."""
    return next((found for name in EXECUTABLES if (found := shutil.which(name))), None)


class Browser:
    """One page of a headless browser, as a context manager."""

    def __init__(self, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        self._size, self._dark, self._id = (width, height), dark, 0
        self._buffer = b""
        self.messages: list[dict[str, Any]] = []

    def __enter__(self) -> Browser:
        self._profile = tempfile.mkdtemp(prefix="doc-review-browser-")
        to_child, self._out = os.pipe()
        self._in, from_child = os.pipe()

        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", WIRE, str(to_child), str(from_child)),
                *(executable() or "chromium", *FLAGS, f"--user-data-dir={self._profile}", "about:blank"),
            ],
            pass_fds=(to_child, from_child),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_child)
        os.close(from_child)
        target = self._call("Target.createTarget", {"url": "about:blank"})
        session = self._call("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True})
        self._session = session["sessionId"]
        for name in ("Page.enable", "Runtime.enable", "Log.enable", "Network.enable"):
            self.call(name)
        self.resize(*self._size)
        scheme = "dark" if self._dark else "light"
        self.call(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._out)
        os.close(self._in)
        shutil.rmtree(self._profile, ignore_errors=True)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            chunk = os.read(self._in, 1 << 16)
            if not chunk:
                raise RuntimeError("the browser has gone away")
            self._buffer += chunk
        line, self._buffer = self._buffer.split(b"\0", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def _call(self, method: str, params: dict[str, Any] | None = None, session: str | None = None) -> Any:
        self._id += 1
        message = {"id": self._id, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._id:
            self.messages.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def call(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """One call of the devtools protocol on the page."""
        return self._call(method, params, self._session)

    def resize(self, width: int, height: int) -> None:
        """Set the viewport, in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file and wait until it is loaded."""
        self.call("Page.navigate", {"url": path.resolve().as_uri() + fragment})
        self.evaluate(
            "new Promise(done => { const wait = () => document.readyState === 'complete' && "
            "location.href !== 'about:blank' ? done(1) : setTimeout(wait, 20); wait(); })"
        )

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; promises are awaited."""
        result = self.call(
            "Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True}
        )
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def settle(self) -> None:
        """Wait until scrolling has come to rest."""
        self.evaluate(
            "new Promise(done => { let last = '', same = 0; const look = () => { "
            "const now = [...document.querySelectorAll('.pane')].map(p => p.scrollTop).join() + scrollY; "
            "same = now === last ? same + 1 : 0; last = now; same > 8 ? done(1) : setTimeout(look, 30); }; "
            "look(); })"
        )

    def press(self, keys: Sequence[str]) -> None:
        """Press keys one after the other."""
        for key in keys:
            for kind in ("keyDown", "keyUp"):
                text = {"text": key} if kind == "keyDown" and len(key) == 1 else {}
                self.call("Input.dispatchKeyEvent", {"type": kind, "key": key, **text})

    def screenshot(self, path: Path) -> None:
        """Write a PNG of the viewport."""
        data = self.call("Page.captureScreenshot", {"format": "png"})["data"]
        path.write_bytes(base64.b64decode(data))

    def problems(self) -> list[str]:
        """What the browser complained about: errors, and blocked or attempted requests."""
        self.evaluate("1")
        texts: list[str] = []
        for message in self.messages:
            method, params = message.get("method"), message.get("params", {})
            if method == "Log.entryAdded":
                texts.append(params["entry"]["text"])
            elif method == "Runtime.exceptionThrown":
                texts.append(str(params["exceptionDetails"].get("text")))
            elif method == "Network.requestWillBeSent":
                url = params["request"]["url"]
                if not url.startswith(("file:", "data:", "about:")):
                    texts.append(f"request {url}")
        return texts
