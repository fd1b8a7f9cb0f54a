"""Reads damaged files of every format and tells whether each gives a result or one clear refusal.

    python eval/robustness.py [--count 500] [--format .pdf] [--seed 1]

Every PDF of the public test data is read as it is; then ``--count`` damaged copies of each format: flipped
bits, cut ends, parts taken out, doubled or spliced in from another file, numbers made huge. Nothing may
raise, take over 20 s, need over 1 GB or give a reason of more than one line. Exits with 1 on a failure.
"""

from __future__ import annotations

import argparse
import functools
import io
import random
import re
import resource
import signal
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from doc_review.documents import isolated, read_document
from doc_review.documents.base import OpenDocument
from doc_review.documents.entries import with_entries
from doc_review.documents.read import FORMATS
from doc_review.errors import DocumentError, LostDocumentError

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
SUFFIXES = {
    kind.name: "."
    + {"TEXT": "txt", "TIFF": "tif", "JPEG": "jpg", "DICOM": "dcm"}.get(kind.name, kind.name.lower())
    for kind in FORMATS
}
"""A suffix for each kind of file that is read."""
SECONDS = 20.0
MEMORY = 1024**3
LARGEST = 400_000
"""Bytes of a file that copies are damaged of: larger ones only take longer."""
_PAGES_LOOKED_AT = 3
_NUMBER = re.compile(rb"\d+")
NOTE = [
    "RADIATION ONCOLOGY NOTE",
    "Date of service: 03/04/2025",
    "PTV 70 Gy in 35 fractions, VMAT.",
    "Signed.",
]


@dataclass(frozen=True)
class Held:
    """A document held in memory."""

    id: str
    data: bytes
    problem: str | None = None

    @property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.data)

    def read(self) -> bytes:
        """The bytes."""
        return self.data

    def renamed(self, new_id: str) -> Held:
        """The same bytes under another name."""
        return Held(new_id, self.data)


@dataclass
class Tally:
    """What became of the files of one format."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    most: int = 0


# ---------------------------------------------------------------- files


@functools.cache
def seeds(suffix: str) -> tuple[bytes, ...]:
    """Good files of a format: those of the development cases and the public test data, or drawn ones."""
    found = sorted(path for path in _places() if path.suffix.casefold() == suffix)
    files = [path.read_bytes() for path in found if path.stat().st_size <= LARGEST]
    drawn = _pictures(suffix)
    return tuple(files) + drawn


def _places() -> Iterator[Path]:
    for gold in (ROOT / "gold_set").glob("*/gold.yaml"):
        if re.search(r"^split: dev\b", gold.read_text(encoding="utf-8"), re.M):
            yield from (gold.parent / "documents").rglob("*")
    for folder in ("pdfs", "charts", "rtplans"):
        yield from (SHARED / folder).rglob("*")


def _pictures(suffix: str) -> tuple[bytes, ...]:
    """Small scans of a note, in the ways that scanners save them."""
    ways: dict[str, list[dict[str, object]]] = {
        ".tif": [
            {"compression": how, "save_all": True}
            for how in ("raw", "tiff_lzw", "group4", "tiff_adobe_deflate")
        ],
        ".jpg": [{"quality": 80}, {"quality": 60, "progressive": True}],
        ".png": [{}, {"optimize": True}],
    }
    if suffix not in ways:
        return ()
    from PIL import Image, ImageDraw

    page = Image.new("L", (420, 200), 255)
    draw = ImageDraw.Draw(page)
    for number, line in enumerate(NOTE):
        draw.text((20, 20 + 40 * number), line, fill=0, font_size=16)
    made = []
    for way in ways[suffix]:
        picture = page.convert("1") if way.get("compression") == "group4" else page
        more = {"append_images": [picture]} if way.get("save_all") else {}
        buffer = io.BytesIO()
        picture.save(
            buffer, {".tif": "TIFF", ".jpg": "JPEG", ".png": "PNG"}[suffix], dpi=(100, 100), **way, **more
        )
        made.append(buffer.getvalue())
    return tuple(made)


# ---------------------------------------------------------------- damage


def _flipped(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    for _ in range(2 ** rng.randrange(8)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _cut(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    return data[: rng.randrange(1, len(data))]


def _span(length: int, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(length)
    return start, min(length, start + 2 ** rng.randrange(1, 13))


def _without(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    start, end = _span(len(data), rng)
    return data[:start] + data[end:]


def _doubled(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    start, end = _span(len(data), rng)
    return data[:end] + data[start:end] * rng.choice((1, 5, 200)) + data[end:]


def _spliced(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    start, end = _span(len(data), rng)
    first, last = _span(len(other), rng)
    return data[:start] + other[first:last] + data[end:]


def _huge(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    """Numbers of a PDF or XML made huge; bytes of a binary header made all ones."""
    numbers = list(_NUMBER.finditer(data))
    if len(numbers) < 20 or rng.random() < 0.2:
        start = rng.randrange(min(len(data), 600))
        data[start : start + rng.choice((1, 2, 4))] = b"\xff" * rng.choice((1, 2, 4))
        return data
    for _ in range(rng.choice((1, 3, 20))):
        at = rng.choice(numbers)
        value = rng.choice((b"0", b"-1", b"65536", b"999999", b"2147483647", b"4294967295", b"99999999999"))
        if at.end() <= len(data):
            data[at.start() : at.end()] = value[: at.end() - at.start()] if rng.random() < 0.5 else value
    return data


DAMAGES: Sequence[Callable[[bytearray, bytes, random.Random], bytearray]] = (
    _flipped,
    _cut,
    _without,
    _doubled,
    _spliced,
    _huge,
)


def _inside(data: bytes, rng: random.Random) -> bytes:
    """A packed file whose parts are damaged and packed again: damaged bytes alone only break checksums."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as archive,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        names = archive.namelist()
        chosen = {"word/document.xml", rng.choice(names)}
        for name in names:
            part = archive.read(name)
            if name in chosen and part:
                part = bytes(
                    rng.choice(DAMAGES)(bytearray(part), archive.read(rng.choice(names)) or b"x", rng)
                )
            made.writestr(name, part)
    return buffer.getvalue()


def damaged(suffix: str, seed: int, number: int) -> bytes:
    """The damaged copy of a number: the same for the same seed."""
    rng = random.Random(f"{suffix}/{seed}/{number}")
    good = seeds(suffix)
    data, other = rng.choice(good), rng.choice(good)
    if data[:2] == b"PK" and rng.random() < 0.7:
        return _inside(data, rng)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if data:
            data = bytes(rng.choice(DAMAGES)(bytearray(data), other, rng))
    return data


# ---------------------------------------------------------------- checks


def check(raw: Held, tally: Tally) -> None:
    """Read one file as a review does, and count what became of it."""
    _reset_peak()
    begun, taken = time.monotonic(), 0.0
    try:
        opened = with_entries(read_document(raw))
        taken = time.monotonic() - begun
        outcome = _outcome(opened)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        outcome = "failed"
        tally.failures.append(
            f"{raw.id}: {type(error).__name__} at {Path(where.filename).name}:{where.lineno}"
        )
    most = _peak()
    tally.outcomes[outcome] += 1
    tally.slowest, tally.most = max(tally.slowest, taken), max(tally.most, most)
    if taken > SECONDS + 1:
        tally.failures.append(f"{raw.id}: took {taken:.0f} s ({outcome})")
    if most > MEMORY:
        tally.failures.append(f"{raw.id}: needed {most // 1024**2} MB ({outcome})")


def _outcome(opened: OpenDocument) -> str:
    """What became of a file that was read, and looked into, which has a limit for each lookup."""
    reason = opened.meta.skipped
    if reason is not None:
        if not reason.strip() or len(reason.splitlines()) != 1 or len(reason) > 200:
            raise ValueError("reason")
        return re.sub(r"\d+", "N", reason)
    try:
        _look(opened)
    except LostDocumentError as error:
        return f"lost: {error}"
    except DocumentError:
        pass  # a page that cannot be drawn
    unread = len(opened.meta.unread_pages)
    return (
        "read" if not unread else "all pages unread" if unread == len(opened.pages) else "some pages unread"
    )


def _look(opened: OpenDocument) -> None:
    for page in opened.pages[:_PAGES_LOOKED_AT]:
        page.text.encode()
        if opened.geometry is not None:
            opened.geometry.rows(page.number)
            opened.geometry.tables(page.number)
            opened.geometry.boxes(page.number, 1, len(page.text))
        if opened.images is not None:
            opened.images.render(page.number, 0.5)


def _status() -> Path:
    return Path(f"/proc/{isolated.process_id()}/status")


def _reset_peak() -> None:
    if _status().is_file():
        (_status().parent / "clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """Bytes that the reading process needed at most for the last file; 0 where that is not told."""
    if not _status().is_file():
        return 0
    told = re.search(r"VmHWM:\s+(\d+)", _status().read_text(encoding="ascii"))
    return int(told.group(1)) * 1024 if told else 0


def _stuck(*_: object) -> None:
    raise TimeoutError


def main() -> int:
    """Run, print the table, and tell whether anything failed."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--count", type=int, default=500, help="damaged files of each format")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--format", choices=sorted(SUFFIXES.values()), action="append")
    chosen = options.parse_args()
    tallies: dict[str, Tally] = {}
    signal.signal(signal.SIGALRM, _stuck)
    for suffix in chosen.format or SUFFIXES.values():
        if suffix == ".pdf":
            tally = tallies["PDFs as they are"] = Tally()
            for path in sorted((SHARED / "pdfs").rglob("*.pdf")):
                signal.alarm(600)
                check(Held(path.name, path.read_bytes()), tally)
        tally = tallies[suffix] = Tally()
        for number in range(chosen.count if seeds(suffix) else 0):
            signal.alarm(int(20 * SECONDS))
            check(Held(f"{number}{suffix}", damaged(suffix, chosen.seed, number)), tally)
    signal.alarm(0)
    for name, tally in tallies.items():
        _print(name, tally)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"this process needed {own} MB")
    return 1 if any(tally.failures for tally in tallies.values()) else 0


def _print(name: str, tally: Tally) -> None:
    files = sum(tally.outcomes.values())
    print(f"\n{name}: {files} files, slowest {tally.slowest:.1f} s, most memory {tally.most // 1024**2} MB")
    for outcome, count in tally.outcomes.most_common():
        print(f"{count:7} {outcome}")
    for failure in tally.failures:
        print(f"   FAIL {failure}")


if __name__ == "__main__":
    sys.exit(main())
