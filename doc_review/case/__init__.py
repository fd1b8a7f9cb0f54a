"""A path turned into cases: context and raw documents, nothing read but ``case.yaml`` and its companions."""

from __future__ import annotations

from .raw import FileDocument, RawDocument, ZipDocument
from .worklist import CaseFiles, Worklist, open_cases

__all__ = ["CaseFiles", "FileDocument", "RawDocument", "Worklist", "ZipDocument", "open_cases"]
