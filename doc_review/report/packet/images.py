"""Turns pages that can be drawn into small images, as many as the packet has room for."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PIL import Image

from ...documents.base import Chart
from ...errors import DocumentError

POINTS_PER_INCH = 72
DPI = 110
BUDGET = 6_500_000
"""Bytes of all page images together; base64 adds a third, and the file stays under 10 MB."""

_COLOURS = 24
_JPEG_QUALITY = 55

PageKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class PageImage:
    """One drawn page: ``data:`` URI, size in pixels, and size in PDF points."""

    uri: str
    width: int
    height: int
    points_wide: float
    points_high: float


def page_images(chart: Chart, wanted: Iterable[PageKey], budget: int = BUDGET) -> Mapping[PageKey, PageImage]:
    """Images of the wanted pages that can be drawn, in the order of ``wanted`` until the budget is spent.

    A page is ``(document id, 1-based number)``. Pages that do not fit are left to their text.
    """
    drawn = {item.meta.id: item.images for item in chart.documents if item.images is not None}
    made: dict[PageKey, PageImage] = {}
    spent = 0
    for document, number in wanted:
        source = drawn.get(document)
        if source is None or (document, number) in made:
            continue
        scale = DPI / POINTS_PER_INCH
        try:
            picture = source.render(number, scale)
        except DocumentError:  # it cannot be drawn: its text stands for it
            continue
        with Image.open(io.BytesIO(picture)) as image:
            image.load()
            media_type, data = _smallest(image)
            width, height = image.size
        if spent + len(data) > budget:
            break
        spent += len(data)
        uri = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
        made[document, number] = PageImage(uri, width, height, width / scale, height / scale)
    return made


def _smallest(image: Image.Image) -> tuple[str, bytes]:
    """The smaller of a palette PNG (text, plots) and a grey JPEG (scans)."""
    flat = _on_white(image)
    png, jpeg = io.BytesIO(), io.BytesIO()
    palette = flat.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette.save(png, "PNG", compress_level=6)
    flat.convert("L").save(jpeg, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    if len(png.getvalue()) <= len(jpeg.getvalue()):
        return "image/png", png.getvalue()
    return "image/jpeg", jpeg.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return image.convert("RGB")
