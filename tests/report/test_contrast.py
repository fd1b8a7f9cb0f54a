"""Colours of the packet: text on every ground it stands on has a contrast of 4.5 at least (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from importlib import resources

import pytest

CSS = (resources.files("doc_review.report.packet") / "templates" / "packet.css").read_text(encoding="utf-8")

PAIRS = [
    *((ink, ground) for ink in ("ink", "muted") for ground in ("bg", "surface", "raised", "paper")),
    *((name, f"{name}-bg") for name in ("ok", "ask", "no", "hold", "info", "accent")),
    *((name, "surface") for name in ("ok", "ask", "no", "info", "accent")),
    *((name, "bg") for name in ("ok", "ask", "no")),
    ("surface", "accent"),
    ("muted", "ask-bg"),
    ("ink", "info-bg"),
    ("ink", "mark"),
    ("ink", "now"),
]


def palette(start: str) -> dict[str, str]:
    block = CSS[CSS.index(start) :]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[: block.index("}")]))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [":root {", ':root[data-theme="dark"] {'])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_text_can_be_read(theme: str, front: str, back: str) -> None:
    colours = palette(":root {") | palette(theme)
    one, other = sorted((luminance(colours[front]), luminance(colours[back])))
    assert (other + 0.05) / (one + 0.05) >= 4.5


def test_both_dark_palettes_are_the_same() -> None:
    assert palette(':root:not([data-theme="light"]) {') == palette(':root[data-theme="dark"] {')
