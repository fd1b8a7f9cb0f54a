"""Files of a case turned into open documents: pages of text, their geometry, and what could not be read."""

from __future__ import annotations

from .read import ReadOptions, read_document, tool_versions, without

__all__ = ["ReadOptions", "read_document", "tool_versions", "without"]
