"""A tiny PDF writer: pages of text, pictures, form fields and stamps, for tests that need exact places."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class MadePage:
    """A page to write. ``content`` are PDF operators; annotations are dictionaries without ``/Type``."""

    content: str = ""
    rotate: int = 0
    media: tuple[float, float, float, float] = (0, 0, 612, 792)
    crop: tuple[float, float, float, float] | None = None
    annotations: list[str] = field(default_factory=list)
    images: list[tuple[int, int, bytes]] = field(default_factory=list)

    def text(
        self, x: float, y: float, written: str, size: float = 11, font: str = "F1", turn: int = 0
    ) -> MadePage:
        """Write a string with its baseline starting at ``x, y``; ``turn`` is in degrees, counterclockwise."""
        a, b, c, d = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[turn]
        self.content += f"BT /{font} {size} Tf {a} {b} {c} {d} {x} {y} Tm ({_escaped(written)}) Tj ET\n"
        return self

    def lines(self, x: float, y: float, *written: str, size: float = 11, font: str = "F1") -> MadePage:
        """Write lines below each other."""
        for number, line in enumerate(written):
            self.text(x, y - number * size * 1.3, line, size, font)
        return self

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> MadePage:
        """Draw a line."""
        self.content += f"{x0} {y0} m {x1} {y1} l S\n"
        return self

    def image(
        self, x0: float, y0: float, x1: float, y1: float, width: int, height: int, gray: bytes
    ) -> MadePage:
        """Place a gray picture (one byte a pixel)."""
        name = f"Im{len(self.images)}"
        self.images.append((width, height, gray))
        self.content += f"q {x1 - x0} 0 0 {y1 - y0} {x0} {y0} cm /{name} Do Q\n"
        return self


def _escaped(written: str) -> str:
    return written.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


class _File:
    def __init__(self) -> None:
        self.objects: list[bytes] = []

    def add(self, body: str | bytes) -> int:
        self.objects.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(self.objects)

    def stream(self, entries: str, data: bytes) -> int:
        return self.add(f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream")

    def write(self, root: int) -> bytes:
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        offsets = []
        for number, body in enumerate(self.objects, 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        out += b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
            len(offsets) + 1,
            root,
            start,
        )
        return bytes(out)


def made_pdf(*pages: MadePage, unicode_map: dict[str, str] | None = None) -> bytes:
    """Bytes of a PDF. Fonts: F1 Helvetica, F2 Courier, F3 Helvetica with ``unicode_map`` of its letters.

    An annotation that holds ``/FT`` is entered as a form field as well; ``@name@`` in it stands for the
    appearance stream that draws ``name``.
    """
    made = _File()
    root, tree = made.add(b""), made.add(b"")
    fonts = {
        "F1": made.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"),
        "F2": made.add("<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>"),
    }
    cmap = made.stream("", _cmap(unicode_map or {"~": "~"}))
    fonts["F3"] = made.add(f"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /ToUnicode {cmap} 0 R >>")
    font_entry = " ".join(f"/{name} {number} 0 R" for name, number in fonts.items())
    kids: list[int] = []
    fields: list[int] = []
    for page in pages:
        annotations = [made.add(_with_appearances(made, note, font_entry)) for note in page.annotations]
        fields += [n for n, note in zip(annotations, page.annotations, strict=True) if "/FT" in note]
        images = " ".join(
            f"/Im{i} {made.stream(_IMAGE.format(width=w, height=h), data)} 0 R"
            for i, (w, h, data) in enumerate(page.images)
        )
        content = made.stream("", page.content.encode("cp1252"))
        crop = f"/CropBox [{' '.join(map(str, page.crop))}]" if page.crop else ""
        kids.append(
            made.add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [{' '.join(map(str, page.media))}] {crop} "
                f"/Rotate {page.rotate} /Contents {content} 0 R "
                f"/Resources << /Font << {font_entry} >> /XObject << {images} >> >> "
                f"/Annots [{' '.join(f'{n} 0 R' for n in annotations)}] >>"
            )
        )
    form = f"/AcroForm << /Fields [{' '.join(f'{n} 0 R' for n in fields)}] >>" if fields else ""
    made.objects[root - 1] = f"<< /Type /Catalog /Pages {tree} 0 R {form} >>".encode()
    listed = " ".join(f"{n} 0 R" for n in kids)
    made.objects[tree - 1] = f"<< /Type /Pages /Kids [{listed}] /Count {len(kids)} >>".encode()
    return made.write(root)


_IMAGE = "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8"


def _with_appearances(made: _File, note: str, fonts: str) -> str:
    parts = note.split("@")
    for index in range(1, len(parts), 2):
        drawn = f"BT /F1 9 Tf 2 4 Td ({_escaped(parts[index])}) Tj ET" if parts[index] else ""
        form = f"/Type /XObject /Subtype /Form /BBox [0 0 300 20] /Resources << /Font << {fonts} >> >>"
        parts[index] = f"{made.stream(form, drawn.encode('cp1252'))} 0 R"
    return f"<< /Type /Annot {''.join(parts)} >>"


def stamp(x0: float, y0: float, x1: float, y1: float, written: str) -> str:
    """A stamp annotation that draws a text."""
    return f"/Subtype /Stamp /F 4 /Rect [{x0} {y0} {x1} {y1}] /AP << /N @{written}@ >>"


def check_box(x: float, y: float, name: str, ticked: bool, tooltip: str = "", glyph: str = "") -> str:
    """A check box of 10 points; ``glyph`` is what its ticked appearance draws as text."""
    state = "/Yes" if ticked else "/Off"
    label = f"/TU ({_escaped(tooltip)})" if tooltip else ""
    return (
        f"/Subtype /Widget /F 4 /FT /Btn /T ({_escaped(name)}) {label} /Rect [{x} {y} {x + 10} {y + 10}] "
        f"/V {state} /AS {state} /AP << /N << /Yes @{glyph}@ /Off @@ >> >>"
    )


def text_field(x0: float, y0: float, x1: float, y1: float, name: str, value: str, drawn: bool = True) -> str:
    """A text field; ``drawn`` gives it an appearance."""
    appearance = f"/AP << /N @{value}@ >>" if drawn else ""
    return (
        f"/Subtype /Widget /F 4 /FT /Tx /T ({_escaped(name)}) /V ({_escaped(value)}) "
        f"/DA (/F1 9 Tf 0 g) /Rect [{x0} {y0} {x1} {y1}] {appearance}"
    )


def _cmap(mapping: dict[str, str]) -> bytes:
    lines = "\n".join(
        f"<{ord(code):02X}> <{meant.encode('utf-16-be', 'surrogatepass').hex().upper()}>"
        for code, meant in mapping.items()
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Made def "
        f"1 begincodespacerange <00> <FF> endcodespacerange {len(mapping)} beginbfchar\n{lines}\n"
        "endbfchar endcmap end end"
    ).encode()
