"""Turns a run of the evaluation into a terminal summary and one HTML report."""

from __future__ import annotations

from .render import render_html
from .text import render_text

__all__ = ["render_html", "render_text"]
