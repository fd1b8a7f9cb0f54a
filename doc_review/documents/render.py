"""A picture of a page turned into image bytes for a report."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_COLOURS = 32
"""Palette of a page picture: at 108 dpi 34-60 KB a page, where full colour takes 150-260 and JPEG 100-140."""


def png(picture: Image) -> bytes:
    """PNG of a picture with few colours, which is all that pages of text and plots need."""
    from PIL import Image as Images

    buffer = io.BytesIO()
    small = picture.convert("RGB").quantize(_COLOURS, method=Images.Quantize.FASTOCTREE)
    small.save(buffer, "PNG", compress_level=9)
    return buffer.getvalue()
