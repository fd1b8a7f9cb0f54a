"""Turns figures of a run into inline SVG: bars with intervals, a table of confusions, reliability, times.

Colours come from classes only, so that the page's policy and its dark theme hold for plots too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from .words import percent, table_axes

_ROW = 24
_LEFT = 240
_WIDE = 300
_RIGHT = 150


def bars(rows: Sequence[tuple[str, Mapping[str, Any] | None, str]], label: str) -> Markup:
    """One bar per row from 0 to 100 %, with its interval: ``(name, figure, remark)``."""
    height = _ROW * len(rows) + 26
    drawn = [_axis(len(rows))]
    for index, (name, figure, remark) in enumerate(rows):
        middle = _ROW * index + _ROW / 2
        drawn.append(_text(_LEFT - 10, middle + 4, name, "end"))
        if figure is None:
            drawn.append(_text(_LEFT + 6, middle + 4, "nothing to score", "start", "mute"))
            continue
        long = _WIDE * figure["value"]
        low, high = (_LEFT + _WIDE * figure[edge] for edge in ("low", "high"))
        drawn.append(
            Markup('<rect class="bar" x="{}" y="{}" width="{}" height="12"/>').format(
                _LEFT, _n(middle - 6), _n(long)
            )
        )
        drawn.append(
            Markup('<path class="whisker" d="M{0} {1}H{2}M{0} {3}v8M{2} {3}v8"/>').format(
                _n(low), _n(middle), _n(high), _n(middle - 4)
            )
        )
        told = f"{percent(figure['value'])} {remark}".strip()
        drawn.append(_text(_LEFT + _WIDE + 10, middle + 4, told, "start"))
    return _svg(_LEFT + _WIDE + _RIGHT, height, label, drawn)


def _axis(rows: int) -> Markup:
    below = _ROW * rows
    ticks = Markup("")
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = _n(_LEFT + _WIDE * share)
        ticks += Markup('<path class="grid" d="M{0} 0V{1}"/>').format(x, below + 4)
        ticks += _text(_LEFT + _WIDE * share, below + 19, f"{100 * share:.0f} %", "middle", "mute")
    return ticks


def heatmap(cells: Mapping[str, int], label: str, order: Sequence[str] = ()) -> Markup:
    """Label against review: rows are gold, columns are what was found; the diagonal is right."""
    axes = table_axes(cells, order)
    size, left = 34, 96
    top = 34 + 5 * max((len(name) for name in axes), default=0)
    drawn = [
        _text(left - 10, top - 12, "gold", "end", "mute"),
        _text(left + size * len(axes) / 2, 14, "found", "middle", "mute"),
    ]
    for index, name in enumerate(axes):
        middle = size * index + size / 2
        x = left + middle
        drawn.append(_text(left - 10, top + middle + 4, name.replace("_", " "), "end"))
        drawn.append(
            Markup('<text transform="translate({} {}) rotate(-40)">{}</text>').format(
                _n(x - 4), top - 8, name.replace("_", " ")
            )
        )
    for row, gold in enumerate(axes):
        total = sum(cells.get(f"{gold}|{found}", 0) for found in axes)
        for column, found in enumerate(axes):
            count = cells.get(f"{gold}|{found}", 0)
            share = count / total if total else 0
            right = gold == found
            kind = ("hit" if right else "miss") if count else ("void diagonal" if right else "void")
            drawn.append(
                Markup(
                    '<rect class="cell {}" x="{}" y="{}" width="{}" height="{}" fill-opacity="{}">'
                    "<title>gold {}, found {}: {}</title></rect>"
                ).format(
                    kind,
                    left + size * column + 1,
                    top + size * row + 1,
                    size - 2,
                    size - 2,
                    _n(0.25 + 0.6 * share) if count else 1,
                    gold,
                    found,
                    count,
                )
            )
            if count:
                drawn.append(
                    _text(
                        left + size * column + size / 2, top + size * row + size / 2 + 4, str(count), "middle"
                    )
                )
    side = size * len(axes)
    return _svg(left + side + 40, top + side + 6, label, drawn)


def reliability(rows: Sequence[Mapping[str, Any]], label: str) -> Markup:
    """Mean confidence against the share that a labelled span bears out; larger dots hold more facts."""
    side, left, top = 260, 48, 12
    drawn = [Markup('<path class="grid" d="M{} {}L{} {}"/>').format(left, top + side, left + side, top)]
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, y = left + side * share, top + side * (1 - share)
        drawn.append(Markup('<path class="grid" d="M{0} {1}V{2}M{3} {4}H{5}"/>').format(
            _n(x), top, top + side, left, _n(y), left + side))  # fmt: skip
        drawn.append(_text(x, top + side + 16, f"{share:g}", "middle", "mute"))
        drawn.append(_text(left - 8, y + 4, f"{share:g}", "end", "mute"))
    most = max((row["of"] for row in rows), default=1)
    for row in rows:
        share = row["right"] / row["of"]
        drawn.append(
            Markup(
                '<circle class="dot" cx="{}" cy="{}" r="{}"><title>confidence {}: {} of {}</title></circle>'
            ).format(
                _n(left + side * row["mean"]),
                _n(top + side * (1 - share)),
                _n(3 + 9 * (row["of"] / most) ** 0.5),
                f"{row['mean']:.2f}",
                row["right"],
                row["of"],
            )
        )
    drawn.append(_text(left + side / 2, top + side + 34, "confidence told", "middle", "mute"))
    return _svg(left + side + 20, top + side + 42, label, drawn)


def times(seconds: Sequence[float], label: str) -> Markup:
    """Seconds of each warm case, shortest first, as thin bars."""
    wide, high, left, top = 420, 160, 44, 10
    longest = max(seconds, default=0) or 1
    step = wide / max(1, len(seconds))
    drawn = []
    for share in (0, 0.5, 1):
        y = top + high * (1 - share)
        drawn.append(Markup('<path class="grid" d="M{} {}h{}"/>').format(left, _n(y), wide))
        drawn.append(_text(left - 8, y + 4, f"{longest * share:.2g} s", "end", "mute"))
    for index, value in enumerate(sorted(seconds)):
        tall = high * value / longest
        drawn.append(
            Markup(
                '<rect class="bar" x="{}" y="{}" width="{}" height="{}"><title>{} s</title></rect>'
            ).format(
                _n(left + step * index + step * 0.12),
                _n(top + high - tall),
                _n(min(step * 0.76, 24)),
                _n(tall),
                f"{value:.2f}",
            )
        )
    drawn.append(_text(left + wide / 2, top + high + 18, "cases, shortest first", "middle", "mute"))
    return _svg(left + wide + 10, top + high + 26, label, drawn)


def _svg(width: float, height: float, label: str, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="plot" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>'
    ).format(_n(width), _n(height), _n(width), _n(height), label, Markup("").join(parts))


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, _n(x), _n(y), anchor, escape(text)
    )


def _n(value: float) -> str:
    """A coordinate in tenths, so that the same figures give the same bytes."""
    return f"{value:.1f}".removesuffix(".0")
