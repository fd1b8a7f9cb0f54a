"""Evidence in, the case record out: courses with their orders, simulations, plans, sessions, checks and visits."""

from __future__ import annotations

from .assemble import build_record

__all__ = ["build_record"]
