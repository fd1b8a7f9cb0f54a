"""What every page shares: its templates, its style and script, and the policy that runs these two alone."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def asset(package: str, name: str) -> str:
    """The text of one file in the templates of ``package``."""
    return (resources.files(package) / "templates" / name).read_text(encoding="utf-8")


def environment(*packages: str) -> Environment:
    """A template environment that escapes, refuses unknown names and looks through ``packages`` in order."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def content_policy(style: str, script: str) -> str:
    """A Content-Security-Policy: one style and one script by hash, images inline, nothing from outside."""
    return "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
