"""The drawn objects of a PDF page turned into the text objects that no reader of the page can see.

Invisible are: text drawn with neither ink nor outline, text of the colour of what lies behind it, text off
the page, text smaller than a point, text below an opaque rectangle. Invisible text that lies on a picture
is the text layer of a scan, and stays, where the drawn page shows ink at its place.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pypdfium2.raw as raw

from . import objects
from .layout import Rect

if TYPE_CHECKING:
    from PIL.Image import Image

_SMALLEST = 1.0
"""Height of the font in points below which text is not readable."""
_SAME = 14
"""Difference of colour levels (0..255) up to which text cannot be told from its background."""
_FAINT = 12
"""Opacity (0..255) up to which ink is not seen."""
_WHITE = (255, 255, 255)
_CORNERS = 6
"""Path segments of a rectangle, closed by a line or not."""
_MAX_DEPTH = 8
_CONTRAST = 40
"""Gray levels by which ink differs from paper, as in the recognition of scans."""
_INKED = 0.3
"""Share of the columns of a word's box that hold ink where the picture shows the word."""

Path = tuple[int, ...]
"""Position of an object: its index on the page, then in each form around it."""
Colour = tuple[int, int, int]


_Text = tuple[int, Path, Rect]
"""Place in the order of painting, place among the objects, bounds on the page."""


@dataclass(slots=True)
class _Fill:
    """Something painted: its colour, ``None`` for a picture or a shading; ``opaque`` where it covers."""

    rect: Rect
    colour: Colour | None
    order: int
    opaque: bool
    picture: bool = False


class _Look:
    """One look at the objects of a page in the order in which they are painted."""

    def __init__(self, crop: Rect) -> None:
        self.crop = crop
        self.texts: list[_Text] = []
        self.fills: list[_Fill] = []
        self.hidden: list[_Text] = []
        self.doubtful: list[_Text] = []
        self.unseen: list[_Text] = []
        self._floats, self._levels = (ctypes.c_float * 6)(), (ctypes.c_uint * 4)()
        self._corners = [ctypes.byref(self._floats, 4 * at) for at in range(4)]
        self._shades = [ctypes.byref(self._levels, 4 * at) for at in range(4)]
        self._distinct: set[bytes] = set()
        self._order = 0

    def objects(self, parent: Any, count: Any, get: Any, path: Path, matrix: Any, clear: bool) -> None:
        """Sort the objects of a page or form; ``clear`` where nothing around them lets light through."""
        floats, corners, levels, shades = self._floats, self._corners, self._levels, self._shades
        left, bottom, right, top = self.crop
        keep, distinct, first = self.texts.append, self._distinct, self._order
        for index in range(count(parent)):
            item = get(parent, index)
            mode = objects.mode(item)
            kind = objects.kind_of(item) if mode == objects.NO_TEXT else raw.FPDF_PAGEOBJ_TEXT
            order = self._order = first + index
            if kind == raw.FPDF_PAGEOBJ_FORM:
                if len(path) < _MAX_DEPTH:
                    inner = self._inner(item, matrix)
                    solid = clear and not objects.transparent(item)
                    self.objects(item, objects.form_count, objects.form_object, (*path, index), inner, solid)
                    first = self._order - index
                continue
            if not objects.bounds(item, *corners):
                continue
            rect = objects.four(floats) if matrix is None else _moved(matrix, objects.four(floats))
            x0, y0, x1, y1 = rect
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                text = order, (*path, index), rect
                if x1 <= left or x0 >= right or y1 <= bottom or y0 >= top:
                    self.hidden.append(text)
                elif (
                    mode == raw.FPDF_TEXTRENDERMODE_FILL
                    and objects.fill(item, *shades)
                    and bytes(levels) in distinct
                    and y1 - y0 >= _SMALLEST
                ):
                    keep(text)
                else:
                    self._text(item, mode, text, matrix)
            elif x1 - x0 > _SMALLEST and y1 - y0 > _SMALLEST:
                self._painted(item, kind, rect, clear)

    def _inner(self, form: Any, outer: Any) -> tuple[float, ...]:
        objects.matrix(form, self._corners[0])
        a, b, c, d, e, f = objects.six(self._floats)
        if outer is None:
            return a, b, c, d, e, f
        oa, ob, oc, od, oe, of = outer
        return (a * oa + b * oc, a * ob + b * od, c * oa + d * oc, c * ob + d * od,
                e * oa + f * oc + oe, e * ob + f * od + of)  # fmt: skip

    def _colour(self, read: Any, item: Any) -> tuple[Colour, int] | None:
        if not read(item, *self._shades):
            return None
        red, green, blue, alpha = self._levels
        return (red, green, blue), alpha

    def _painted(self, item: Any, kind: int, rect: Rect, clear: bool) -> None:
        if kind != raw.FPDF_PAGEOBJ_PATH:
            self.fills.append(_Fill(rect, None, self._order, False, kind == raw.FPDF_PAGEOBJ_IMAGE))
            return
        objects.draw_mode(item, *self._shades[:2])
        if not self._levels[0]:
            return
        found = self._colour(objects.fill, item)
        colour, alpha = found if found else (None, 0)
        solid = clear and alpha == 255 and not objects.transparent(item)
        if solid or found is None:
            self._distinct.clear()
            opaque = solid and objects.segments(item) <= _CORNERS
            self.fills.append(_Fill(rect, colour, self._order, opaque))

    def _text(self, item: Any, mode: int, text: _Text, matrix: Any) -> None:
        """Sort a text that is not plainly visible."""
        rect = text[2]
        found = self._colour(objects.stroke if mode == raw.FPDF_TEXTRENDERMODE_STROKE else objects.fill, item)
        unseen = mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE or (found is not None and found[1] <= _FAINT)
        if unseen:
            self.unseen.append(text)
        elif rect[3] - rect[1] < _SMALLEST and self._is_tiny(item, matrix):
            self.hidden.append(text)
        elif found is not None and mode in _PLAIN and self._is_alike(found[0]):
            behind = self._behind(rect)
            if behind is None:
                self.doubtful.append(text)
            else:
                (self.hidden if _close(found[0], behind) else self.texts).append(text)
        else:
            if found is not None and mode == raw.FPDF_TEXTRENDERMODE_FILL:
                self._distinct.add(bytes(self._levels))
            self.texts.append(text)

    def _is_alike(self, colour: Colour) -> bool:
        """Whether the paper or anything painted so far has the colour of a text."""
        return _close(colour, _WHITE) or any(
            fill.colour is not None and _close(colour, fill.colour) for fill in self.fills
        )

    def _behind(self, rect: Rect) -> Colour | None:
        """Colour of what was painted last below the middle of a text; ``None`` for a picture."""
        for fill in reversed(self.fills):
            if _holds(fill.rect, rect):
                return fill.colour
        return _WHITE

    def _on_picture(self, rect: Rect) -> bool:
        return any(fill.picture and _holds(fill.rect, rect) for fill in self.fills)

    def _is_tiny(self, item: Any, matrix: Any) -> bool:
        if not objects.font_size(item, self._corners[0]):
            return False
        size = abs(self._floats[0])
        if not objects.matrix(item, self._corners[0]):
            return False
        _, _, c, d, _, _ = objects.six(self._floats)
        if matrix is not None:
            oa, ob, oc, od, _, _ = matrix
            c, d = c * oa + d * oc, c * ob + d * od
        return size * float((c * c + d * d) ** 0.5) < _SMALLEST

    def finish(self) -> None:
        """Part the unseen texts on pictures from the others; find the texts below what was painted later."""
        for unseen in self.unseen:
            (self.doubtful if self._on_picture(unseen[2]) else self.hidden).append(unseen)
        for fill in self.fills:
            if not (fill.opaque or fill.picture):
                continue
            x0, y0, x1, y1 = fill.rect
            for order, path, (a, b, c, d) in self.texts:
                if order > fill.order:
                    break
                if a >= x0 and c <= x1 and b >= y0 and d <= y1:
                    (self.doubtful if fill.picture else self.hidden).append((order, path, (a, b, c, d)))


_PLAIN = (raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_STROKE)


def _close(first: Colour, second: Colour) -> bool:
    return all(abs(one - other) <= _SAME for one, other in zip(first, second, strict=True))


def _holds(outer: Rect, rect: Rect) -> bool:
    x, y = (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _moved(matrix: Sequence[float], rect: Sequence[float]) -> Rect:
    a, b, c, d, e, f = matrix
    x0, y0, x1, y1 = rect
    xs = [a * x + c * y + e for x in (x0, x1) for y in (y0, y1)]
    ys = [b * x + d * y + f for x in (x0, x1) for y in (y0, y1)]
    return min(xs), min(ys), max(xs), max(ys)


def hidden_objects(
    page: Any, crop: Rect, displayed: Callable[[float, float, float, float], Rect], draw: Callable[[], Image]
) -> list[Path]:
    """Places of the text objects of an open page that cannot be seen.

    ``crop`` is the visible part in user space, ``displayed`` maps to the displayed page, and ``draw``
    makes its picture at 72 dpi (called where text lies on or below a picture).
    """
    address = ctypes.cast(page, objects.Handle)
    look = _Look(crop)
    look.objects(address, objects.page_count, objects.page_object, (), None, True)
    look.finish()
    hidden = {path for _, path, _ in look.hidden}
    if look.doubtful:
        picture = draw()
        hidden |= {path for _, path, rect in look.doubtful if not _shows(picture, displayed(*rect))}
    return sorted(hidden)


def _shows(picture: Image, rect: Rect) -> bool:
    """Whether there is ink across a displayed rectangle of a picture at 72 dpi."""
    x0, y0 = max(0, int(rect[0])), max(0, int(rect[1]))
    x1, y1 = min(picture.width, int(rect[2]) + 1), min(picture.height, int(rect[3]) + 1)
    if x0 >= x1 or y0 >= y1:
        return False
    part = picture.crop((x0, y0, x1, y1))
    data, width = part.tobytes(), part.width
    paper = max(data)
    inked = sum(min(data[column::width]) <= paper - _CONTRAST for column in range(width))
    return inked >= _INKED * width


def remove(page: Any, text_page: Any, places: Sequence[Path]) -> int:
    """Take text objects out of an open page; how many characters they drew, white space not counted.

    ``text_page`` is pdfium's text of the page as it was; it must be loaded anew afterwards.
    """
    top, texts = ctypes.cast(page, objects.Handle), ctypes.cast(text_page, objects.Handle)
    found = [_at(top, place) for place in places]
    characters = sum(len("".join(_written(item, texts).split())) for _, item in found)
    for place, (parent, item) in zip(places, found, strict=True):
        if (objects.remove_from_form if len(place) > 1 else objects.remove_from_page)(parent, item):
            objects.destroy(item)
    return characters


def _at(page: Any, place: Path) -> tuple[Any, Any]:
    """The object at a place, and the page or form that holds it."""
    parent, item = page, objects.page_object(page, place[0])
    for index in place[1:]:
        parent, item = item, objects.form_object(item, index)
    return parent, item


def _written(item: Any, texts: Any) -> str:
    size = objects.text_of(item, texts, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    objects.text_of(item, texts, ctypes.addressof(buffer), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")
