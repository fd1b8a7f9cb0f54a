"""The errors a caller can act on.

::

    DocReviewError
    ├── InputError         a path, case file or archive that cannot be used: mend the input
    │   ├── CaseError      case.yaml, claim.csv or providers.yaml with a wrong field
    │   └── DocumentError  one document that cannot be read; the case goes on without it
    │       └── LostDocumentError  it was read, and then its reader was lost
    ├── InstallationError  a part of this installation does not start: install it again
    ├── RulebookError      the rulebook is not well formed: mend the YAML
    └── UsageError         arguments that do not fit together

Each message is one line that names the file and the mend, and never holds document text.
"""

from __future__ import annotations


class DocReviewError(Exception):
    """Root of every error this package raises on purpose."""


class InputError(DocReviewError):
    """The input cannot be used as it is."""


class CaseError(InputError):
    """``case.yaml``, ``claim.csv`` or ``providers.yaml`` holds a wrong field or value."""


class DocumentError(InputError):
    """One document cannot be read; its message becomes the document's ``skipped`` reason."""


class LostDocumentError(DocumentError):
    """A document that was read and cannot be looked into any more. ``document`` is its id."""

    def __init__(self, document: str, reason: str) -> None:
        super().__init__(reason)
        self.document = document


class RulebookError(DocReviewError):
    """The rulebook cannot be loaded; the message names file and line."""


class InstallationError(DocReviewError):
    """Something that belongs to this installation does not work."""


class UsageError(DocReviewError):
    """Arguments that do not fit together."""
