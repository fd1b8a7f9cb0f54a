"""Character error rate of recognised pages: the gold set's notes drawn, scanned and read back.

    python eval/benchmarks/ocr.py [--sample N] [--dpi 200] [--kinds copy noise fax] [--modes] [--worst N]

Text, Word and HTML notes are set in a typewriter font (every second one in a proportional font), PDFs
are drawn as they are. Each page is drawn at ``--dpi``, turned by up to 1.5 degrees (seeded by its name) and
made a clean copy, a noisy gray scan, or a two-level fax, in turn. The rate is the edit distance of the
texts, white space folded, over the length of the original. Recognised words are put on the line of the
original that they lie on, so that columns side by side may be read in either order; the rate of the text
in the product's own order is told as well. ``--modes`` compares Tesseract's page segmentation modes on the same pages instead.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import re
import sys
import textwrap
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from PIL import Image, ImageFilter
from reportlab.pdfgen.canvas import Canvas

from doc_review.case import FileDocument
from doc_review.documents import ocr, read_document, tesseract
from doc_review.documents.layout import visual_lines
from doc_review.documents.pdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("copy", "noise", "fax")
SKEW = 1.5
MOST = 0.03
"""The rate that must hold over all pages."""
_COLUMNS, _ROWS = 120, 66


@dataclass(frozen=True)
class Sheet:
    """One page of a document as a PDF page, and what it says."""

    name: str
    layout: str
    reader: PdfReader
    number: int

    @property
    def truth(self) -> str:
        """The words line by line as they stand on the page."""
        return "\n".join(" ".join(cell.text for cell in row) for row in self.reader.rows(self.number))

    @property
    def angle(self) -> float:
        """Degrees by which its scan is turned counterclockwise."""
        return float(self.random.uniform(-SKEW, SKEW))

    @property
    def random(self) -> np.random.Generator:
        """Random numbers that are always the same for the same page."""
        return np.random.default_rng(zlib.crc32(self.name.encode()))

    def in_place(self, found: ocr.Recognised) -> str:
        """Recognised words on the lines of the original that they lie on; the others below."""
        words = self.reader.words(self.number)
        lines = [
            (min(w.y0 for w in line), max(w.y1 for w in line), line[0].x0, line[-1].x1)
            for line in visual_lines(words)
        ]
        turn, (width, height) = math.radians(self.angle), self.reader.file.picture(self.number, 1.0).size
        placed: list[tuple[int, float, str]] = []
        for word in found.words:
            x, y = (word.x0 + word.x1) / 2 - width / 2, (word.y0 + word.y1) / 2 - height / 2
            across = x * math.cos(turn) - y * math.sin(turn) + width / 2
            down = x * math.sin(turn) + y * math.cos(turn) + height / 2
            off = [
                max(0.0, low - down, down - high) * 10 + abs(down - (low + high) / 2)
                for low, high, _, _ in lines
            ]
            line = min(range(len(lines)), key=off.__getitem__) if lines else 0
            placed.append(
                (line if lines and off[line] < 12 else len(lines), across, found.text[word.start : word.end])
            )
        return " ".join(text for _, _, text in sorted(placed))


Read = Callable[[Sheet, Image.Image], "ocr.Recognised | None"]


def typeset(text: str, font: str) -> bytes:
    """A PDF of a text, set smaller where its lines are long, broken where they are longer still."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(612, 792), invariant=1)
    lines = [
        part
        for line in text.expandtabs(4).splitlines()
        for part in textwrap.wrap(line, _COLUMNS, drop_whitespace=False, replace_whitespace=False) or [""]
    ]
    lines = [line.encode("cp1252", "replace").decode("cp1252") for line in lines]
    widest = max((canvas.stringWidth(line, font, 1) for line in lines), default=1) or 1
    size = min(9.0 if font == "Courier" else 10.0, 524 / widest)
    for first in range(0, len(lines), _ROWS):
        canvas.setFont(font, size)
        for row, line in enumerate(lines[first : first + _ROWS]):
            canvas.drawString(48, 748 - row * 10.6, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def sheets(sample: int | None) -> list[Sheet]:
    """Pages of the dev cases whose text is native, at most ``sample`` of them, spread evenly."""
    found: list[Sheet] = []
    for case in sorted((ROOT / "gold_set").iterdir()):
        label = case / "gold.yaml"
        if not label.exists() or yaml.safe_load(label.read_text(encoding="utf-8")).get("split") != "dev":
            continue
        if case.name.endswith("-scan"):
            continue
        for number, path in enumerate(sorted((case / "documents").rglob("*"))):
            if path.is_file():
                found.extend(sheets_of(path, f"{case.name}/{path.name}", number))
    if sample is None or sample >= len(found):
        return found
    return [found[index * len(found) // sample] for index in range(sample)]


def sheets_of(path: Path, name: str, number: int) -> Iterator[Sheet]:
    data = path.read_bytes()
    if path.suffix == ".pdf":
        reader, layout = PdfReader(data), "pdf"
    else:
        font = "Courier" if path.suffix in (".txt", ".md") and number % 2 == 0 else "Helvetica"
        if "  " in path.read_text("utf-8", "replace") and path.suffix in (".txt", ".md"):
            font = "Courier"  # columns made of spaces
        opened = read_document(FileDocument(path.name, len(data), path))
        reader = PdfReader(typeset("\n".join(page.text for page in opened.pages), font))
        layout = "typewriter" if font == "Courier" else "proportional"
    for page in reader.pages:
        if page.source == "native" and page.unread is None and len(page.text.strip()) > 40:
            yield Sheet(f"{name}:{page.number}", layout, reader, page.number)


def scanned(sheet: Sheet, dpi: int, kind: str) -> Image.Image:
    """The page as a scanner gives it, always the same for the same name."""
    random = sheet.random
    page = sheet.reader.file.picture(sheet.number, dpi / 72, gray=True)
    page = page.rotate(sheet.angle, Image.Resampling.BICUBIC, fillcolor=255)
    if kind == "copy":
        return page
    gray = np.asarray(page.filter(ImageFilter.GaussianBlur(dpi / 400)), dtype=float)
    if kind == "noise":
        gray = 25 + gray * 0.85 + random.normal(0, 16, gray.shape)
        return Image.fromarray(np.clip(gray, 0, 255).astype(np.uint8))
    level = 165 + random.normal(0, 12, gray.shape)
    bits = gray > level
    bits ^= random.random(gray.shape) < 0.001
    return Image.fromarray((bits * 255).astype(np.uint8))


def distance(first: str, second: str) -> int:
    """Edit distance, one row of the table at a time."""
    if len(first) < len(second):
        first, second = second, first
    codes = np.array([ord(char) for char in second], dtype=np.int32)
    steps = np.arange(len(second) + 1)
    row = steps.copy()
    for index, char in enumerate(first, 1):
        change = row[:-1] + (codes != ord(char))
        best = np.minimum(row + 1, np.concatenate(([index], change)))
        best[0] = index
        row = np.minimum.accumulate(best - steps) + steps  # insertions
    return int(row[-1])


_RULER = re.compile(r"[-=_*.]{4,}")


def folded(text: str) -> str:
    """White space folded, lines drawn with characters left out."""
    return " ".join(_RULER.sub(" ", text).split())


def at_300(picture: Image.Image, dpi: int) -> Image.Image:
    """The picture as readers hand it to the recogniser."""
    size = round(picture.width * ocr.DPI / dpi), round(picture.height * ocr.DPI / dpi)
    return picture.resize(size, Image.Resampling.LANCZOS) if size != picture.size else picture


def by_product(sheet: Sheet, picture: Image.Image) -> ocr.Recognised | None:
    """The page as the product reads it."""
    return ocr.recognise([ocr.Scan(sheet.name, lambda: picture)], None)[0]


def by_mode(mode: str) -> Read:
    """A reader that uses one page segmentation mode."""

    def read(sheet: Sheet, picture: Image.Image) -> ocr.Recognised | None:
        clean = ocr.cleaned(picture, ocr._dark(picture))
        found = ocr._once(tesseract.words(ocr._png(clean), ocr.DPI, mode) or [])
        raw = ocr._Raw(tuple(found), picture.width, picture.height, 0, False)
        return ocr._laid_out(raw, ocr.Scan(sheet.name, lambda: picture), ())

    return read


@dataclass(frozen=True)
class Row:
    """What came of one page: edit distance in place and in the text's own order, and the original's length."""

    sheet: Sheet
    kind: str
    wrong: int
    in_order: int
    length: int


def measure(pages: list[Sheet], kinds: list[str], dpi: int, read: Read) -> list[Row]:
    """Errors of every page; each page is scanned in one of the kinds."""

    def one(index: int) -> Row:
        sheet, kind = pages[index], kinds[index % len(kinds)]
        found = read(sheet, at_300(scanned(sheet, dpi, kind), dpi))
        truth = folded(sheet.truth)
        if found is None:
            return Row(sheet, kind, len(truth), len(truth), len(truth))
        placed, text = folded(sheet.in_place(found)), folded(found.text)
        return Row(sheet, kind, distance(truth, placed), distance(truth, text), len(truth))

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(one, range(len(pages))))


def rate(rows: list[Row]) -> float:
    """Character error rate over several pages."""
    return sum(row.wrong for row in rows) / max(1, sum(row.length for row in rows))


def report(title: str, rows: list[Row]) -> None:
    """Print the rate over all, by kind of scan and by layout."""
    length = sum(row.length for row in rows)
    parts = [f"{title}: {rate(rows):.2%} of {length} characters on {len(rows)} pages"]
    parts.append(f"in text order {sum(row.in_order for row in rows) / max(1, length):.2%}")
    parts += [
        f"{name} {rate([r for r in rows if r.kind == name]):.2%}" for name in sorted({r.kind for r in rows})
    ]
    layouts = sorted({r.sheet.layout for r in rows})
    parts += [f"{name} {rate([r for r in rows if r.sheet.layout == name]):.2%}" for name in layouts]
    print("; ".join(parts), flush=True)


def main() -> int:
    """Print the figures; 1 where the rate over all is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--modes", action="store_true")
    parser.add_argument("--worst", type=int, default=5)
    options = parser.parse_args()
    pages = sheets(options.sample)
    if options.modes:
        for mode in ("3", "4", "6", "11"):
            report(f"mode {mode}", measure(pages, options.kinds, options.dpi, by_mode(mode)))
        return 0
    rows = measure(pages, options.kinds, options.dpi, by_product)
    report("character error rate", rows)
    for row in sorted(rows, key=lambda row: -row.wrong / row.length)[: options.worst]:
        print(f"  {row.wrong / row.length:7.2%}  {row.kind:5}  {row.sheet.name}")
    return 0 if rate(rows) <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
