"""Turns a review and its chart into one HTML file that opens offline: the evidence packet."""

from __future__ import annotations

from .render import index, packet

__all__ = ["index", "packet"]
