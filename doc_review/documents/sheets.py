"""Lines turned into what the sheets of a print say: where a page count begins again, runs on, or is the paper's."""

from __future__ import annotations

from collections.abc import Sequence

from .lines import Line


def counter_resets(lines: Sequence[Line], index: int) -> bool:
    """Whether a sheet whose first line this is starts a new page count (``Page 1 of n``)."""
    sheet = lines[index].sheet
    here = {line.counter for line in lines[index : index + 400] if line.sheet == sheet and line.counter}
    before = {
        line.counter
        for line in lines[max(0, index - 400) : index]
        if line.sheet == sheet - 1 and line.counter
    }
    return any(count[0] == 1 for count in here) and any(
        count[1] != other[1] or other[0] == other[1] for count in here if count[0] == 1 for other in before
    )


def counter_runs(lines: Sequence[Line], index: int) -> bool:
    """Whether the sheet of a line goes on counting from the sheet before."""
    sheet = lines[index].sheet
    here = {line.counter for line in lines[index : index + 200] if line.sheet == sheet and line.counter}
    before = {
        line.counter
        for line in lines[max(0, index - 200) : index + 1]
        if line.sheet == sheet - 1 and line.counter
    }
    return any((n - 1, m) in before for n, m in here)


def at_foot(lines: Sequence[Line], index: int) -> bool:
    """Whether a title stands in the last lines of its sheet with no text below: a PDF draws heads last."""
    below = [line for line in lines[index + 1 : index + 8] if line.sheet == lines[index].sheet]
    return len(below) < 7 and not any(
        line.signature or "series" in line.tags or line.text.endswith(".") or len(line.text) > 110
        for line in below
    )
