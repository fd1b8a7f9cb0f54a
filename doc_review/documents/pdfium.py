"""A PDF's bytes turned into handles of pdfium: texts, character boxes, form boxes, images, pictures.

pdfium is not thread-safe: everything here runs under one lock, and handles are closed under it too.
The document that gives text is flattened page by page, so that form values, stamps and signature
appearances are part of the text; pictures come from a second, untouched document.
"""

from __future__ import annotations

import ctypes
import logging
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pypdfium2
import pypdfium2.raw as raw

from ..errors import DocumentError
from . import hidden
from .layout import Rect

if TYPE_CHECKING:
    from PIL.Image import Image

LOCK = threading.RLock()
_OPEN_PAGES = 4
_MAX_PIXELS = 60_000_000
_MAX_DEPTH = 8
_PROBLEMS = {
    raw.FPDF_ERR_PASSWORD: "is encrypted with a password: save a copy without one",
    raw.FPDF_ERR_SECURITY: "is encrypted in a way that cannot be opened here: save a copy without encryption",
}
_DAMAGED = "is damaged or has no pages and cannot be opened: export it again"
logging.getLogger("pypdfium2").setLevel(logging.ERROR)  # its hint about XFA builds helps no reader


def version() -> str:
    """Version of pdfium, as told in a review's ``engine.tools``."""
    return str(pypdfium2.PDFIUM_INFO.build)


@dataclass(frozen=True, slots=True)
class TickBox:
    """A check box or radio button of a form: where it is, whether it is ticked, and what names it.

    ``line`` is a signature field that nobody has signed: a blank line.
    """

    rect: Rect
    ticked: bool
    name: str
    line: bool = False

    @property
    def mark(self) -> str:
        """How it is written."""
        return "________" if self.line else "[x]" if self.ticked else "[ ]"


@dataclass(frozen=True, slots=True)
class View:
    """How user space of a page becomes the page as displayed: crop box and rotation in quarter turns."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as displayed, in points."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.turns % 2 else (width, height)

    def offset(self, media: Rect) -> tuple[float, float]:
        """How far right and down the crop box begins on the displayed media box (given in user space)."""
        right, down = self.left - media[0], media[3] - self.top
        left, up = media[2] - self.right, self.bottom - media[1]
        return ((right, down), (up, right), (left, up), (down, left))[self.turns]

    def rect(self, x0: float, y0: float, x1: float, y1: float) -> Rect:
        """A user-space rectangle (any two opposite corners) on the displayed page."""
        x0, x1 = min(x0, x1), max(x0, x1)
        y0, y1 = min(y0, y1), max(y0, y1)
        if self.turns == 1:
            return y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left
        if self.turns == 2:
            return self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom
        if self.turns == 3:
            return self.top - y1, self.right - x1, self.top - y0, self.right - x0
        return x0 - self.left, self.top - y1, x1 - self.left, self.top - y0


class OpenPage:
    """A page of text with its handles open: UTF-16 units and their boxes."""

    def __init__(self, document: Any, form: Any, page: Any) -> None:
        self._form = form
        self._page = page
        self._text = raw.FPDFText_LoadPage(page)
        self.view = _view(page)
        self._count = max(0, raw.FPDFText_CountChars(self._text)) if self._text else 0
        self._rect = raw.FS_RECTF()
        self._reference = ctypes.byref(self._rect)
        self._document = document

    def close(self) -> None:
        """Close the handles."""
        if self._text:
            raw.FPDFText_ClosePage(self._text)
        raw.FPDF_ClosePage(self._page)

    def units(self) -> str:
        """The page text, one character per UTF-16 unit (surrogates unpaired)."""
        if not self._count:
            return ""
        buffer = (ctypes.c_ushort * (self._count + 1))()
        length = raw.FPDFText_GetText(self._text, 0, self._count, buffer) - 1
        data = bytes(buffer)[: 2 * max(0, length)]
        try:
            text = data.decode("utf-16-le")
        except UnicodeDecodeError:
            text = ""
        if len(text) == length:
            return text
        return "".join(map(chr, buffer[: max(0, length)]))

    def char_indices(self, length: int) -> Callable[[int], int] | None:
        """Map of a text unit to pdfium's character index; ``None`` where they are the same."""
        last = length - 1
        if length == self._count and raw.FPDFText_GetCharIndexFromTextIndex(self._text, last) == last:
            return None
        return lambda unit: int(raw.FPDFText_GetCharIndexFromTextIndex(self._text, unit))

    def is_hyphen(self, index: int) -> bool:
        """Whether a character is a hyphen at which pdfium joined two lines."""
        return bool(raw.FPDFText_IsHyphen(self._text, index) == 1)

    def char_rect(self, index: int) -> Rect | None:
        """Displayed rectangle of one character over the full height of its font."""
        rect = self._rect
        if not raw.FPDFText_GetLooseCharBox(self._text, index, self._reference):
            return None
        if rect.left == rect.right or rect.top == rect.bottom:
            return None
        return self.view.rect(rect.left, rect.bottom, rect.right, rect.top)

    def run_rect(self, first: int, last: int) -> Rect | None:
        """Displayed rectangle from one character to another on the same line; ``None`` where they are not."""
        rect, read = self._rect, raw.FPDFText_GetLooseCharBox
        if not read(self._text, first, self._reference):
            return None
        left, bottom, right, top = rect.left, rect.bottom, rect.right, rect.top
        if first != last:
            if not read(self._text, last, self._reference):
                return None
            low, high = rect.bottom, rect.top
            shared = (top if top < high else high) - (bottom if bottom > low else low)
            if shared < 0.5 * (top - bottom) or shared < 0.5 * (high - low) or rect.right < left:
                return None
            right = rect.right if rect.right > right else right
            bottom, top = low if low < bottom else bottom, high if high > top else top
        if left >= right or bottom >= top:
            return None
        return self.view.rect(left, bottom, right, top)

    def objects(self, kind: int) -> Iterator[Rect]:
        """Displayed bounds of the page's objects of one pdfium type, those inside forms as well."""
        yield from self._objects(kind, self._page, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, None, 0)

    def _objects(
        self, kind: int, parent: Any, count: Any, get: Any, matrix: Any, depth: int
    ) -> Iterator[Rect]:
        corners = [ctypes.c_float() for _ in range(4)]
        for index in range(count(parent)):
            item = get(parent, index)
            found = raw.FPDFPageObj_GetType(item)
            if found == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
                inner = _matrix(item, matrix)
                yield from self._objects(
                    kind, item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, depth + 1
                )
            elif found == kind and raw.FPDFPageObj_GetBounds(item, *corners):
                left, bottom, right, top = (corner.value for corner in corners)
                yield self.view.rect(*_apply(matrix, left, bottom, right, top))

    def has_objects(self) -> bool:
        """Whether anything at all is drawn on the page."""
        return bool(raw.FPDFPage_CountObjects(self._page) > 0)


def _matrix(form: Any, outer: Any) -> tuple[float, ...]:
    """Matrix of a form object times that of the forms around it."""
    found = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(form, found)
    a, b, c, d, e, f = found.a, found.b, found.c, found.d, found.e, found.f
    if outer is None:
        return a, b, c, d, e, f
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc,
        a * ob + b * od,
        c * oa + d * oc,
        c * ob + d * od,
        e * oa + f * oc + oe,
        e * ob + f * od + of,
    )


def _apply(matrix: Any, left: float, bottom: float, right: float, top: float) -> Rect:
    """Bounds of a rectangle under a matrix (``None``: unchanged)."""
    if matrix is None:
        return left, bottom, right, top
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x in (left, right) for y in (bottom, top)]
    ys = [b * x + d * y + f for x in (left, right) for y in (bottom, top)]
    return min(xs), min(ys), max(xs), max(ys)


def _view(page: Any) -> View:
    box = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, box)
    return View(box.left, box.bottom, box.right, box.top, raw.FPDFPage_GetRotation(page) % 4)


class PdfFile:
    """An opened PDF whose pages are flattened as they are read.

    Raises ``DocumentError`` for what pdfium cannot open. Page numbers are 1-based.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._pictures: pypdfium2.PdfDocument | None = None
        self._open: OrderedDict[int, OpenPage] = OrderedDict()
        self._ticks: dict[int, tuple[TickBox, ...]] = {}
        self._hidden: dict[int, list[hidden.Path]] = {}
        self.hidden_characters: dict[int, int] = {}
        with LOCK:
            self._pdf = _open(data)
            self._finalizer = weakref.finalize(self, _close, [self._pdf], self._open)
            self.pages = len(self._pdf)

    def page(self, number: int) -> OpenPage | None:
        """The open page, flattened; ``None`` where pdfium cannot load it. Call under ``LOCK``."""
        if number in self._open:
            self._open.move_to_end(number)
            return self._open[number]
        handle = raw.FPDF_LoadPage(self._pdf, number - 1)
        if handle and number not in self._ticks:
            self._ticks[number] = ()
            if raw.FPDFPage_GetAnnotCount(handle):
                handle = self._flatten(handle, number)
        if not handle:
            return None
        self._take_hidden(handle, number)
        page = OpenPage(self._pdf, self._pdf.formenv, handle)
        self._open[number] = page
        if len(self._open) > _OPEN_PAGES:
            self._open.popitem(last=False)[1].close()
        return page

    def _take_hidden(self, handle: Any, number: int) -> None:
        """Take the text that nobody can see out of a page; it is looked for once."""
        places = self._hidden.get(number)
        if places is None:
            view = _view(handle)
            crop = (view.left, view.bottom, view.right, view.top)
            places = hidden.hidden_objects(
                handle, crop, view.rect, lambda: self.picture(number, 1.0, gray=True)
            )
            self._hidden[number] = places
        if places:
            texts = raw.FPDFText_LoadPage(handle)
            self.hidden_characters[number] = hidden.remove(handle, texts, places)
            raw.FPDFText_ClosePage(texts)

    def ticks(self, number: int) -> tuple[TickBox, ...]:
        """Check boxes and radio buttons of a page that was opened before."""
        return self._ticks.get(number, ())

    def _flatten(self, handle: Any, number: int) -> Any:
        """Draw annotations into the page and load it anew; tick boxes are read and left out of it."""
        form = self._pdf.formenv
        if form:
            raw.FORM_OnAfterLoadPage(handle, form)
            self._ticks[number] = tuple(_take_ticks(handle, form))
        raw.FPDFPage_Flatten(handle, raw.FLAT_NORMALDISPLAY)  # where it fails the page stays as it was
        if form:
            raw.FORM_OnBeforeClosePage(handle, form)
        raw.FPDF_ClosePage(handle)
        return raw.FPDF_LoadPage(self._pdf, number - 1)

    def picture(self, number: int, scale: float, gray: bool = False) -> Image:
        """A page drawn as displayed, annotations and form fields included; 1.0 is 72 dpi.

        Very large pages are drawn smaller, so that a picture has at most 60 million pixels. Raises
        ``DocumentError`` where the page cannot be drawn.
        """
        with LOCK:
            if self._pictures is None:
                self._pictures = _open(self.data)
                weakref.finalize(self, _close, [self._pictures], OrderedDict())
            try:
                page = self._pictures[number - 1]
            except pypdfium2.PdfiumError as error:
                raise DocumentError(f"page {number} cannot be drawn: export the file again") from error
            try:
                width, height = page.get_size()
                limit = (_MAX_PIXELS / max(1.0, width * height)) ** 0.5
                bitmap = page.render(scale=min(scale, limit), grayscale=gray, prefer_bgrx=not gray)
                picture: Image = bitmap.to_pil()
                return picture.copy() if gray else picture.convert("RGB")
            finally:
                page.close()


def _open(data: bytes) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise DocumentError(_PROBLEMS.get(error.err_code, _DAMAGED)) from error
    pdf.init_forms()
    return pdf


def _close(documents: list[pypdfium2.PdfDocument], pages: OrderedDict[int, OpenPage]) -> None:
    with LOCK:
        while pages:
            pages.popitem()[1].close()
        for document in documents:
            document.close()


def _take_ticks(page: Any, form: Any) -> Iterator[TickBox]:
    """Check boxes and radio buttons, hidden afterwards so that their glyphs stay out of the text."""
    view = _view(page)
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
        rect = raw.FS_RECTF()
        flags = raw.FPDFAnnot_GetFlags(annotation)
        if (
            kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
            and not flags & raw.FPDF_ANNOT_FLAG_HIDDEN
            and raw.FPDFAnnot_GetRect(annotation, rect)
        ):
            ticked = bool(raw.FPDFAnnot_IsChecked(form, annotation))
            name = _wide(raw.FPDFAnnot_GetFormFieldAlternateName, form, annotation)
            name = name or _wide(raw.FPDFAnnot_GetFormFieldName, form, annotation)
            if kind == raw.FPDF_FORMFIELD_RADIOBUTTON:
                name += " " + _wide(raw.FPDFAnnot_GetFormFieldExportValue, form, annotation)
            box = view.rect(rect.left, rect.bottom, rect.right, rect.top)
            yield TickBox(box, ticked, " ".join(name.split()))
            raw.FPDFAnnot_SetFlags(annotation, flags | raw.FPDF_ANNOT_FLAG_HIDDEN)
        elif (
            _is_unsigned(kind, form, annotation)
            and not flags & raw.FPDF_ANNOT_FLAG_HIDDEN
            and raw.FPDFAnnot_GetRect(annotation, rect)
            and rect.right > rect.left
            and rect.top > rect.bottom
        ):
            box = view.rect(rect.left, rect.bottom, rect.right, rect.top)
            yield TickBox(box, False, _field_name(form, annotation), line=True)
        raw.FPDFPage_CloseAnnot(annotation)


def _field_name(form: Any, annotation: Any) -> str:
    name = _wide(raw.FPDFAnnot_GetFormFieldAlternateName, form, annotation)
    return " ".join((name or _wide(raw.FPDFAnnot_GetFormFieldName, form, annotation)).split())


def _is_unsigned(kind: int, form: Any, annotation: Any) -> bool:
    """Whether a field is one for a signature and empty: nothing drawn in it, or a text field left blank."""
    if kind == raw.FPDF_FORMFIELD_SIGNATURE:
        drawn = raw.FPDFAnnot_GetAP(annotation, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0)
        return bool(drawn <= 2)
    if kind == raw.FPDF_FORMFIELD_TEXTFIELD and "sign" in _field_name(form, annotation).lower():
        return not _wide(raw.FPDFAnnot_GetFormFieldValue, form, annotation).strip()
    return False


def _wide(function: Any, *handles: Any) -> str:
    """A UTF-16 string that a pdfium function hands out in two calls."""
    size = function(*handles, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(*handles, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")
