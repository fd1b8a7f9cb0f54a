"""Tick boxes around a span turned into its state: ticked, unticked, or not governed by a box."""

from __future__ import annotations

import re

BOX = re.compile(
    r"\[\s*(?P<s>[xX*+\u2713\u2714\u2717]?)\s*\]|\(\s?(?P<r>[xX*\u2713\u2714]?)\s?\)|(?P<u>[\u2610\u2611\u2612\u25a1\u25a0\u2713\u2714])"
)
_TICKED = frozenset("xX*+\u2713\u2714\u2717\u2611\u2612\u25a0")
_COLUMN_GAP = re.compile(r"\s{3,}|\t|\||;")
_YES_NO = re.compile(r"\s*(yes|no|y|n)\b", re.IGNORECASE)
_YES_BEFORE = re.compile(r"\b(yes|no|y|n)\s*$", re.IGNORECASE)


# Blanks of a form of which one holds a mark: "3D ____ IMRT __X__".
_MARKED_BLANK = re.compile(r"_+ ?[xX*\u2713\u2714] ?_+")
_BLANK = re.compile(r"(?P<left>_+) ?(?P<mark>[xX*\u2713\u2714]?) ?_+")
_LETTERED = re.compile(r"([\[(<])(\s?)([xXyYnN ]?)(\s?)([\])>])")
# Marks that are bullets unless both of a pair stand on the line.
_PAIRS = (
    ("\u25cf", "\u25cb"),
    ("\u25c9", "\u25cb"),
    ("\u2714", "\u2718"),
    ("\u2713", "\u2717"),
    ("\u2714", "\u2717"),
)


def _boxed(line: str) -> str:
    """A line with marked blanks, ``<x>``, ``[Y]`` beside ``[N]`` and paired bullets as tick boxes, of equal length."""
    for full, empty in _PAIRS:
        if full in line and empty in line:
            line = line.replace(full, "\u2612").replace(empty, "\u2610")
    letters = {match.group(3).lower() for match in _LETTERED.finditer(line)}
    if "<" in line or letters & {"y", "n"}:
        line = _LETTERED.sub(_as_box, line)
    if "_" in line and _MARKED_BLANK.search(line):
        line = _BLANK.sub(lambda m: f"[{m.group('mark')}".ljust(len(m.group()) - 1) + "]", line)
    return line


def _as_box(match: re.Match[str]) -> str:
    mark = {"x": "x", "y": "x"}.get(match.group(3).lower(), " " if match.group(3) else "")
    return f"[{match.group(2)}{mark}{match.group(4)}]"


def is_ticked(match: re.Match[str]) -> bool:
    """Whether a matched box is ticked."""
    mark = match.group("s") or match.group("r") or match.group("u") or ""
    return mark in _TICKED and mark != ""


def chosen(text: str) -> str:
    """``text`` with the options of unticked boxes and blank lines to fill in blanked, length unchanged."""
    out = list(text)
    for line in re.finditer(r"[^\n]+", text):
        boxes = list(BOX.finditer(text, line.start(), line.end()))
        if boxes and _labels_first(line.group(), boxes_in(line.group())):
            continue
        for index, box in enumerate(boxes):
            if not is_ticked(box):
                stop = boxes[index + 1].start() if index + 1 < len(boxes) else line.end()
                gap = re.compile(r"\s{4,}|\||\t").search(text, box.end() + 1, stop)
                out[box.start() : gap.start() if gap else stop] = " " * (
                    (gap.start() if gap else stop) - box.start()
                )
    return "".join(out)


def boxes_in(line: str) -> list[re.Match[str]]:
    """Every tick box of a line."""
    return list(BOX.finditer(line))


_MENU = re.compile(r"\((?:circle|check|select|choose)(?: \w+){0,2}\)\s*$")


def is_menu(line: str) -> bool:
    """Whether a line of a form lists options to circle and nothing on it is chosen."""
    return bool(_MENU.search(line)) and not boxes_in(_boxed(line))


def _yes_no(line: str, boxes: list[re.Match[str]], end: int) -> bool | None:
    """State told by yes/no boxes after a label: ``[x] Yes [ ] No`` or ``Yes [ ] No [x]``."""
    following = [box for box in boxes if box.start() >= end][:2]
    for index, box in enumerate(following):
        stop = following[index + 1].start() if index + 1 < len(following) else len(line)
        label = _YES_NO.match(line, box.end(), stop) or _YES_BEFORE.search(line, end, box.start())
        if label is None:
            return None
        if is_ticked(box):
            return label.group(1).lower().startswith("y")
    return None


def _labels_first(line: str, boxes: list[re.Match[str]]) -> bool:
    """Whether the labels of a line stand before their boxes: ``Prone [ ]   Supine [x]``."""
    first = line[: boxes[0].start()].rstrip()
    last = line[boxes[-1].end() :].strip()
    labelled = bool(first) and first[-1] not in ":?=.|" and any(char.isalpha() for char in first)
    return labelled and (not last or last[0] in "(|") and len(boxes) > 1


def state(line: str, start: int, end: int) -> bool | None:
    """Whether the box that governs ``line[start:end]`` is ticked; ``None`` where none governs it.

    A box stands before its label unless a column gap lies between; otherwise the box that directly
    follows the label governs. ``Label: [x] Yes [ ] No`` is read as the ticked answer.
    """
    line = _boxed(line)
    boxes = boxes_in(line)
    if not boxes:
        return None
    answer = _yes_no(line, boxes, end)
    if answer is not None:
        return answer
    before = [box for box in boxes if box.end() <= start]
    after = [box for box in boxes if box.start() >= end]
    if _labels_first(line, boxes):
        return (
            is_ticked(after[0])
            if after and not _COLUMN_GAP.search(line[end : after[0].start()].strip())
            else None
        )
    if before:
        between = line[before[-1].end() : start]
        if not _COLUMN_GAP.search(between.lstrip()) or not between.strip():
            return is_ticked(before[-1])
    if after:
        between = line[end : after[0].start()]
        if len(between.strip()) <= 24 and not _COLUMN_GAP.search(between.strip()):
            following = line[after[0].end() :]
            own_label = re.match(r"\s{0,2}\w", following)
            if not own_label or len(after) == 1 or before:
                return is_ticked(after[0])
    return None
