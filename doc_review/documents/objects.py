"""pdfium's functions of drawn objects, called by untyped handles.

Every object of every page is looked at, and typed handles would cost four times as much.
"""

from __future__ import annotations

import ctypes
import struct
from typing import Any

import pypdfium2.raw as raw


class Handle(ctypes.c_void_p):
    """An object of pdfium; a subclass is handed over as it is, where a plain pointer becomes a number."""


def _function(name: str, result: Any, *arguments: Any) -> Any:
    address = ctypes.cast(getattr(raw, name), ctypes.c_void_p).value
    return ctypes.PYFUNCTYPE(result, *arguments)(address or 0)


_PTR, _INT = ctypes.c_void_p, ctypes.c_int
page_count = _function("FPDFPage_CountObjects", _INT, _PTR)
page_object = _function("FPDFPage_GetObject", Handle)
form_count = _function("FPDFFormObj_CountObjects", _INT, _PTR)
form_object = _function("FPDFFormObj_GetObject", Handle, _PTR, ctypes.c_ulong)
kind_of = _function("FPDFPageObj_GetType", _INT)
mode = _function("FPDFTextObj_GetTextRenderMode", _INT)
fill = _function("FPDFPageObj_GetFillColor", _INT)
stroke = _function("FPDFPageObj_GetStrokeColor", _INT)
bounds = _function("FPDFPageObj_GetBounds", _INT)
matrix = _function("FPDFPageObj_GetMatrix", _INT)
font_size = _function("FPDFTextObj_GetFontSize", _INT)
draw_mode = _function("FPDFPath_GetDrawMode", _INT)
segments = _function("FPDFPath_CountSegments", _INT)
transparent = _function("FPDFPageObj_HasTransparency", _INT)
text_of = _function("FPDFTextObj_GetText", ctypes.c_ulong, _PTR, _PTR, _PTR, ctypes.c_ulong)
remove_from_page = _function("FPDFPage_RemoveObject", _INT, _PTR, _PTR)
remove_from_form = _function("FPDFFormObj_RemoveObject", _INT, _PTR, _PTR)
destroy = _function("FPDFPageObj_Destroy", None, _PTR)
NO_TEXT = -1
four = struct.Struct("4f").unpack_from
six = struct.Struct("6f").unpack_from
