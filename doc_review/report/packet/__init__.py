"""Turns a review and its chart into one HTML file that opens offline: the evidence packet."""

from __future__ import annotations

from .render import explanation, index, packet

__all__ = ["explanation", "index", "packet"]
