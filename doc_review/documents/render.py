"""A picture of a page turned into image bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def png(picture: Image) -> bytes:
    """PNG of a picture: few colours are kept as a palette, the rest as they are."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()
