"""Recall and precision of marks in ink on generated signature lines of scanned pages.

    python eval/benchmarks/signing_lines.py [--pages 80] [--seed 1] [--vector] [--misses]

Each page is a short approval form with four signature lines, printed, signed or not, and scanned at 150
to 300 dpi (skew, noise, fax). A pen draws splines of varied slant, size, breadth and darkness over the
line, through it, or over the printed name. The lines that nobody signed are blank, specked, bear a stamp,
a logo, an underline, a date by hand, a ticked box or the shadow of a staple. A line counts as signed where
the chart's evidence holds a signature of kind ``mark`` that quotes the words there. ``--vector`` draws the
same forms as born-digital PDFs, the pen as a picture or as curves.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from reportlab.lib.utils import ImageReader as Placed
from reportlab.pdfgen.canvas import Canvas

from doc_review.documents.base import Chart, OpenDocument
from doc_review.documents.entries import with_entries
from doc_review.documents.images import ImageReader
from doc_review.documents.pdf import PdfReader
from doc_review.evidence.pipeline import extract_evidence
from doc_review.model import Document, Evidence
from doc_review.review import with_boxes

RECALL, PRECISION = 0.9, 0.98
SIGNED = ("over", "through", "large", "faint", "two strokes", "flourish", "name")
UNSIGNED = (
    "blank",
    "specks",
    "stamp",
    "framed stamp",
    "logo",
    "underline",
    "hand date",
    "date field",
    "tick",
    "staple",
)
LAYOUTS = ("label", "below", "label below", "no rule")
GIVEN = [
    "Marta",
    "Tomas",
    "Ines",
    "Paul",
    "Greta",
    "Hugo",
    "Nadia",
    "Oskar",
    "Petra",
    "Silas",
    "Vera",
    "Wanda",
]
FAMILY = [
    "Olvera",
    "Kowal",
    "Brandt",
    "Teller",
    "Quist",
    "Rosen",
    "Haldane",
    "Ferrow",
    "Lindqvist",
    "Marsh",
    "Ortega",
    "Pell",
    "Sundby",
    "Tarrow",
    "Ulmer",
    "Vance",
    "Wexler",
    "Yarrow",
    "Zeller",
    "Abbot",
    "Corwin",
    "Dexter",
    "Eskola",
    "Farrow",
]
Point = tuple[float, float]
Stroke = list[Point]


@dataclass
class Place:
    """A signature line: its printed name, the left end and baseline of the line (points from top left)."""

    name: str
    x: float
    y: float
    width: float
    layout: str
    content: str
    strokes: list[Stroke] = field(default_factory=list)
    breadth: float = 1.2
    gray: int = 30


@dataclass(frozen=True)
class Line:
    """What was read on a signature line: the kind of signature, and whether it is of the person printed there."""

    seed: int
    place: Place
    how: str
    kind: str
    named: bool

    @property
    def signed(self) -> bool:
        """Whether a pen signed it."""
        return self.place.content in SIGNED

    @property
    def right(self) -> bool:
        """Whether it was read as what it is."""
        return self.kind == ("mark" if self.signed else "")


def spline(points: list[Point], steps: int = 14) -> Stroke:
    """A Catmull-Rom curve through points."""
    line = [points[0], *points, points[-1]]
    drawn: Stroke = []
    for i in range(1, len(line) - 2):
        for step in range(steps):
            t = step / steps
            drawn.append(
                tuple(  # type: ignore[arg-type]
                    0.5
                    * (
                        2 * b
                        + (c - a) * t
                        + (2 * a - 5 * b + 4 * c - d) * t * t
                        + (3 * b - a - 3 * c + d) * t**3
                    )
                    for a, b, c, d in zip(line[i - 1], line[i], line[i + 1], line[i + 2], strict=True)
                )
            )
    return drawn


def scribble(random: np.random.Generator, x: float, y: float, width: float, height: float) -> Stroke:
    """A signature's stroke: loops of falling height along a line, slanted."""
    slant, count = random.uniform(-0.2, 0.8), int(random.integers(4, 12))
    points: list[Point] = []
    for i in range(count):
        across = x + width * i / (count - 1) + random.normal(0, width / count / 3)
        high = height * (1.0 if i == 0 or random.random() < 0.2 else random.uniform(0.25, 0.65))
        points.append((across + slant * high, y - high))
        back = random.uniform(-0.3, 0.5) * width / count
        points.append((across + back, y + random.uniform(-0.1, 0.25) * height * 0.5))
    return spline(points)


DIGITS = {
    "0": [(0.5, 0), (0, 0.5), (0.5, 1), (1, 0.5), (0.5, 0)],
    "1": [(0.4, 0.1), (0.6, 0), (0.5, 1)],
    "2": [(0, 0.2), (0.5, 0), (1, 0.3), (0, 1), (1, 1)],
    "3": [(0, 0), (1, 0.1), (0.4, 0.45), (1, 0.75), (0, 1)],
    "4": [(0.2, 0), (0, 0.6), (1, 0.6), (0.7, 0.3), (0.7, 1)],
    "5": [(1, 0), (0.1, 0), (0.1, 0.4), (0.9, 0.6), (0, 1)],
    "6": [(0.8, 0), (0, 0.6), (0.5, 1), (0.9, 0.7), (0.1, 0.6)],
    "7": [(0, 0), (1, 0), (0.3, 1)],
    "8": [(0.5, 0.5), (0.1, 0.2), (0.5, 0), (0.9, 0.2), (0.1, 0.8), (0.5, 1), (0.9, 0.8), (0.5, 0.5)],
    "9": [(0.9, 0.4), (0.1, 0.4), (0.5, 0), (0.9, 0.2), (0.7, 1)],
    "/": [(0.9, -0.1), (0.1, 1.1)],
}


def hand_date(random: np.random.Generator, x: float, y: float) -> list[Stroke]:
    """A date written by hand."""
    size = random.uniform(8, 13)
    strokes = []
    for char in f"{random.integers(1, 13)}/{random.integers(1, 29)}/{random.integers(24, 27)}":
        strokes.append(
            spline(
                [
                    (x + size * 0.55 * a + random.normal(0, 0.4), y - size * (1 - b) + random.normal(0, 0.4))
                    for a, b in DIGITS[char]
                ]
            )
        )
        x += size * random.uniform(0.7, 0.95)
    return strokes


def places(random: np.random.Generator) -> list[Place]:
    """Four signature lines of a page, half of them signed."""
    names = random.permutation(FAMILY)[:4]
    found = []
    for row, family in enumerate(names):
        signed = random.random() < 0.5
        content = str(random.choice(SIGNED if signed else UNSIGNED))
        layout = "name" if content == "name" else str(random.choice(LAYOUTS))
        name = f"{random.choice(GIVEN)} {family}"
        place = Place(name, 190, 300 + row * 112, random.uniform(150, 260), layout, content)
        draw(place, random)
        found.append(place)
    return found


def draw(place: Place, random: np.random.Generator) -> None:
    """Give a place the strokes of its content."""
    x, y, content = place.x + random.uniform(4, 40), place.y, place.content
    place.breadth, place.gray = random.uniform(0.7, 2.0), int(random.integers(0, 90))
    width, height = random.uniform(50, 130), random.uniform(13, 30)
    if content in SIGNED:
        rise = random.uniform(0, 5)
        if content == "through":
            rise = -random.uniform(2, 8)
        if content == "large":
            width, height = random.uniform(130, 170), random.uniform(30, 46)
        if content == "faint":
            place.gray, place.breadth = int(random.integers(95, 140)), random.uniform(0.6, 1.0)
        if content == "name":
            x, width = place.x + random.uniform(-4, 60), random.uniform(35, 80)
        place.strokes = [scribble(random, x, y - rise, width, height)]
        if content == "two strokes":
            place.strokes.append(
                scribble(random, x + width + random.uniform(4, 12), y - rise, width * 0.6, height)
            )
        if content == "flourish":
            place.strokes.append(
                spline([(x, y + 3), (x + width, y + 1), (x + width * 0.4, y + 8), (x + width, y + 6)])
            )
    elif content == "underline":
        dip = random.uniform(-2, 3)
        place.strokes = [spline([(x, y - 4), (x + width / 2, y - 4 + dip), (x + width, y - 4 + dip / 2)])]
    elif content == "hand date":
        place.strokes = hand_date(random, x, y - 3)
    elif content == "date field":
        place.strokes = hand_date(random, place.x + place.width + 50, y - 3)
    elif content == "tick":
        place.strokes = [[(x, y - 8), (x + 4, y - 3), (x + 12, y - 16)]]
    elif content == "staple":
        place.breadth, place.gray = 4.0, 60
        place.strokes = [[(x, y - 10), (x + 26, y - random.uniform(8, 22))]]


def form(found: list[Place], random: np.random.Generator, pen: str | None) -> bytes:
    """The printed page as a PDF; ``pen`` places the strokes as a picture or as curves."""
    buffer = io.BytesIO()
    page = Canvas(buffer, pagesize=(612, 792), invariant=1)
    font = str(random.choice(["Helvetica", "Courier", "Times-Roman"]))

    def text(x: float, y: float, words: str, size: float = 10) -> None:
        page.setFont(font, size)
        page.drawString(x, 792 - y, words)

    text(72, 70, "RADIATION TREATMENT PLAN APPROVAL", 13)
    for row, words in enumerate(
        (
            "Patient: Imre Castellan        MRN 5520183        Date of birth 02/11/1951",
            "Plan: Prostate VMAT, two full arcs, 70 Gy in 28 fractions, 6 MV photons.",
            "Target coverage: V95 of the planning target volume is 98.4 percent, maximum 106.1 percent.",
            "Rectum V70 below 15 percent, bladder V65 below 25 percent, femoral heads below 45 Gy.",
            "The plan was computed with a grid of 2.5 mm and checked by an independent calculation.",
            "Plan date 03/10/2025. Image guidance by cone beam CT before every fraction.",
        )
    ):
        text(72, 100 + row * 16, words)
    page.setLineWidth(0.8)
    for place in found:
        printed(page, place, text, random)
        if pen == "curves":
            page.setLineWidth(place.breadth)
            for stroke in place.strokes:
                path = page.beginPath()
                path.moveTo(stroke[0][0], 792 - stroke[0][1])
                for i in range(1, len(stroke) - 2, 3):
                    path.curveTo(*(v for a, b in stroke[i : i + 3] for v in (a, 792 - b)))
                page.drawPath(path)
            page.setLineWidth(0.8)
        elif pen == "picture" and place.strokes:
            xs, ys = zip(*(point for stroke in place.strokes for point in stroke), strict=True)
            x0, y0, x1, y1 = min(xs) - 3, min(ys) - 3, max(xs) + 3, max(ys) + 3
            drawn = inked(
                Image.new("L", (round((x1 - x0) * 3), round((y1 - y0) * 3)), 255), [place], 216, (x0, y0)
            )
            page.drawImage(Placed(drawn.convert("RGB")), x0, 792 - y1, x1 - x0, y1 - y0)
    text(72, 750, "Form RO-17    Page 1 of 1", 8)
    page.showPage()
    page.save()
    return buffer.getvalue()


def printed(page: Canvas, place: Place, text: object, random: np.random.Generator) -> None:
    """Labels, rule and name of a line, and what is stamped or printed on it."""
    write = text
    assert callable(write)
    x, y, width = place.x, place.y, place.width
    name = f"{place.name}, MD"
    role = str(random.choice(["Radiation Oncologist", "Attending Physician"]))
    label = str(random.choice(["Physician signature:", "Approved by:", "Signature:"]))
    if place.layout == "no rule" and label == "Approved by:":
        label = (
            "Physician signature:"  # a printed name after ``approved by`` signs where no line asks for a pen
        )
    if place.layout == "name":
        write(90, y, "Approved:")
        write(x, y, name)
    else:
        if place.layout != "no rule":
            page.line(x, 792 - y - 1, x + width, 792 - y - 1)
        if place.layout in ("label", "no rule"):
            write(72, y, label)
            write(x, y + 13, name)
        elif place.layout == "below":
            write(x, y + 13, f"{name}, {role}")
        else:
            write(x, y + 12, "Physician signature")
            write(72, y, name)
        if place.layout != "no rule":
            write(x + width + 14, y, "Date:")
            page.line(x + width + 42, 792 - y - 1, x + width + 100, 792 - y - 1)
    page.saveState()
    page.translate(x + random.uniform(10, 60), 792 - y + random.uniform(-2, 6))
    if place.content in ("stamp", "framed stamp"):
        page.rotate(random.uniform(-12, 12))
        page.setFillGray(0.3)
        page.setStrokeGray(0.3)
        page.setFont("Helvetica-Bold", random.uniform(12, 20))
        words = str(random.choice(["RECEIVED", "COPY", "FILED MAR 12 2025", "SCANNED"]))
        page.drawString(0, 0, words)
        if place.content == "framed stamp":
            page.setLineWidth(1.6)
            page.rect(-6, -6, page.stringWidth(words) + 12, 28)
    elif place.content == "logo":
        kind = int(random.integers(0, 3))
        page.setLineWidth(2)
        if kind == 0:
            page.circle(12, 10, 13, fill=1)
        elif kind == 1:
            page.circle(12, 10, 16, fill=0)
            page.circle(12, 10, 11, fill=0)
            page.setFont("Helvetica-Bold", 11)
            page.drawString(6, 6, "RO")
        else:
            page.rect(0, 0, 40, 9, fill=1)
            page.rect(12, 9, 14, 14, fill=1)
    elif place.content == "tick":
        page.rect(-4, 2, 11, 11)
    page.restoreState()


def inked(picture: Image.Image, found: list[Place], dpi: int, origin: Point = (0, 0)) -> Image.Image:
    """The picture with the strokes of a pen on it."""
    scale = 3 * dpi / 72
    for place in found:
        layer = Image.new("L", (picture.width * 3, picture.height * 3), 255) if not place.strokes else None
        if layer is not None:
            continue
        xs, ys = zip(*(point for stroke in place.strokes for point in stroke), strict=True)
        left, top = int((min(xs) - origin[0] - 4) * scale / 3), int((min(ys) - origin[1] - 4) * scale / 3)
        size = int((max(xs) - min(xs) + 8) * scale / 3), int((max(ys) - min(ys) + 8) * scale / 3)
        layer = Image.new("L", (size[0] * 3, size[1] * 3), 255)
        pen, breadth = ImageDraw.Draw(layer), max(1, round(place.breadth * scale))
        for stroke in place.strokes:
            points = [
                ((a - origin[0]) * scale - left * 3, (b - origin[1]) * scale - top * 3) for a, b in stroke
            ]
            pen.line(points, fill=place.gray, width=breadth, joint="curve")
        layer = layer.resize(size, Image.Resampling.BOX)
        box = (left, top, left + size[0], top + size[1])
        picture.paste(ImageChops.darker(picture.crop(box), layer), box)
    return picture


def scanned(data: bytes, found: list[Place], random: np.random.Generator) -> tuple[bytes, str]:
    """A TIFF of the page as a scanner gives it, and how it was scanned."""
    dpi = int(random.choice([150, 200, 300]))
    page = inked(PdfReader(data).file.picture(1, dpi / 72, gray=True), found, dpi)
    if random.random() < 0.25:
        ImageDraw.Draw(page).rectangle(
            (dpi // 4, dpi // 4, page.width - dpi // 4, page.height - dpi // 4), outline=0, width=2
        )
    page = page.rotate(random.uniform(-1.2, 1.2), Image.Resampling.BICUBIC, fillcolor=255)
    kind = str(random.choice(["copy", "noise", "fax"]))
    gray = np.asarray(page.filter(ImageFilter.GaussianBlur(dpi / 500)), dtype=float)
    for place in found:
        if place.content == "specks":
            for _ in range(40):
                x, y = (
                    (place.x + random.uniform(0, 150)) * dpi / 72,
                    (place.y - random.uniform(-4, 26)) * dpi / 72,
                )
                gray[
                    int(y) : int(y) + int(random.integers(1, 4)), int(x) : int(x) + int(random.integers(1, 4))
                ] = 0
    if kind == "noise":
        gray = 25 + gray * 0.85 + random.normal(0, 12, gray.shape)
    elif kind == "fax":
        gray = np.where(gray > 165 + random.normal(0, 12, gray.shape), 255.0, 0.0)
        gray[random.random(gray.shape) < 0.0005] = 0
    buffer = io.BytesIO()
    Image.fromarray(np.clip(gray, 0, 255).astype(np.uint8)).save(buffer, "TIFF", dpi=(dpi, dpi))
    return buffer.getvalue(), f"{kind} {dpi}"


def signatures(reader: ImageReader | PdfReader) -> list[Evidence]:
    """The signature evidence of the page, boxes filled in."""
    meta = Document(
        id="form.tif", sha256="", media_type="image/tiff", kind="other", date=None, pages=len(reader.pages),
        text_source="ocr", skipped=None, unread_pages=(), entries=(),
    )  # fmt: skip
    chart = Chart((with_entries(OpenDocument(meta, tuple(reader.pages), reader)),))
    evidence, _ = extract_evidence(chart)
    return [item for item in with_boxes(evidence, chart) if item.kind == "signature"]


def at(place: Place, found: list[Evidence]) -> tuple[str, bool]:
    """The kind of signature that the evidence tells on a line, and whether it names the person printed there."""
    near = [
        item for item in found
        if item.assertion == "affirmed" and item.attributes["kind"] not in ("typed", "stamp")
        and any(abs((box.y0 + box.y1) / 2 - place.y) < 45 for box in item.citation.boxes)
    ]  # fmt: skip
    best = max(near, key=lambda item: bool(item.attributes.get("counts")), default=None)
    if best is None:
        return "", False
    return str(best.attributes["kind"]), place.name.split()[-1] in str(best.value) and bool(
        best.attributes["counts"]
    )


def one(seed: int, vector: bool) -> list[Line]:
    """The lines of one page: each with how the page was scanned and what was read there."""
    random = np.random.default_rng(seed)
    found = places(random)
    if vector:
        pen = str(random.choice(["curves", "picture"]))
        read, how = signatures(PdfReader(form(found, random, pen))), pen
    else:
        data, how = scanned(form(found, random, None), found, random)
        read = signatures(ImageReader(data))
    return [Line(seed, place, how, *at(place, read)) for place in found]


def main() -> int:
    """Print the figures; 1 where recall or precision is below its limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vector", action="store_true")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    seeds = [options.seed * 100_000 + page for page in range(options.pages)]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        pages = list(pool.map(lambda seed: one(seed, options.vector), seeds))
    rows = [row for page in pages for row in page]
    hits = Counter((row.signed, row.kind == "mark") for row in rows)
    right, missed, false = hits[True, True], hits[True, False], hits[False, True]
    recall, precision = right / max(1, right + missed), right / max(1, right + false)
    other = sum(row.kind not in ("", "mark") for row in rows)
    named = sum(row.named for row in rows if row.signed and row.kind == "mark")
    print(
        f"{len(rows)} lines, {right + missed} signed: recall {recall:.3f}, precision {precision:.3f}, {false} false; "
        f"{named} of {right} by the person printed; taken for another kind of signature {other}"
    )
    keys: dict[str, Callable[[Line], str]] = {
        "content": lambda row: row.place.content,
        "layout": lambda row: row.place.layout,
        "scan": lambda row: row.how,
    }
    for title, key in keys.items():
        count: Counter[tuple[str, bool]] = Counter()
        for row in rows:
            count[key(row), row.right] += 1
        parts = [
            f"{name} {count[name, True]}/{count[name, True] + count[name, False]}"
            for name in sorted({name for name, _ in count})
        ]
        print(f"  right by {title}: " + ", ".join(parts))
    if options.misses:
        for row in rows:
            if not row.right or (row.signed and not row.named):
                print(
                    f"  {row.seed} {row.place.name}: {row.place.content}, {row.place.layout}, {row.how}: {row.kind or 'none'}"
                )
    return 0 if recall >= RECALL and precision >= PRECISION and not other else 1


if __name__ == "__main__":
    sys.exit(main())
