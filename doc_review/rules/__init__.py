"""A case record becomes a decision, by rules that are data: see ``rulebook/``.

The rules see facts and evidence ids, never text; an extractor never sees a code.
"""

from __future__ import annotations

from .decision import decide
from .loader import load_rulebook
from .schema import NotInForce, Rulebook

__all__ = ["NotInForce", "Rulebook", "decide", "load_rulebook"]
