"""Writes small gold folders to disk."""

from __future__ import annotations

from pathlib import Path

NOTE = "Consultation\nDate: 03/01/2025\nNothing was ordered. Ilse Braun, MD saw Arno Testmann.\n"
LABEL = "codes: []\nfindings: []\ncourse: {technique: null}\n"


def write_case(root: Path, name: str, label: str | None = LABEL, note: str = NOTE) -> Path:
    """A case of one short note with its label (none: no ``gold.yaml``)."""
    folder = root / name
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "note.txt").write_text(note, encoding="utf-8")
    (folder / "case.yaml").write_text("claim: facility\n", encoding="utf-8")
    if label is not None:
        (folder / "gold.yaml").write_text(label, encoding="utf-8")
    return folder
