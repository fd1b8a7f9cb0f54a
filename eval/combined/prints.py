"""A made chart turned into sheets of lines in a house style, then into a PDF or a text print.

A style (``styles_dev.yaml``, ``styles_held_out.yaml``) says how a hospital prints: what stands on every sheet,
where a note's title, date and author stand, and whether a note begins a new sheet.
"""

from __future__ import annotations

import datetime as dt
import io
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from .charts import DAY, HERE, MadeChart, Note, made_chart

SPLITS = ("dev", "held_out")
LEADING, SIZE, LEFT, TOP, TAB = 12, 9, 48, 750, 128


@dataclass(frozen=True, slots=True)
class Style:
    """How a hospital prints a chart; templates name what they take in braces."""

    name: str
    date: str
    head: list[str]
    titles: dict[str, str] = field(default_factory=dict)
    medium: str = "pdf"
    sheet: int = 56
    width: int = 98
    each: bool = True
    newest_first: bool = False
    mixed: bool = False
    furniture_last: bool = False
    caps_dates: bool = False
    names: str = "given"
    without: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    footer: list[str] = field(default_factory=list)
    continued: str = ""
    cover: list[str] = field(default_factory=list)
    contents: str = ""
    separator: list[str] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)
    section: str = "{heading}:"
    inline: bool = False
    row: str = "{n}\t{date}\t{per}\t{machine}"
    heads: dict[str, list[str]] = field(default_factory=dict)
    feet: dict[str, list[str]] = field(default_factory=dict)
    series: dict[str, list[str]] = field(default_factory=dict)
    signed_after: int = 0


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed line: its text, and the number of the note it belongs to (``None`` for what is the paper's)."""

    text: str
    note: int | None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Print:
    """A chart as printed: its bytes, its sheets of lines and its notes in the order of the print."""

    name: str
    data: bytes
    sheets: tuple[tuple[Printed, ...], ...]
    notes: tuple[Note, ...]


def styles(split: str) -> list[Style]:
    """The house styles of a split (``dev`` or ``held_out``)."""
    loaded = yaml.safe_load((HERE / f"styles_{split}.yaml").read_text(encoding="utf-8"))
    return [Style(**item) for item in loaded]


def written(style: Style, day: dt.date) -> str:
    """A date as a style writes it."""
    text = day.strftime(style.date)
    return text.upper() if style.caps_dates else text


def _named(style: Style, person: str) -> str:
    name, _, credentials = person.partition(", ")
    given, _, surname = name.rpartition(" ")
    if style.names == "surname":
        return f"{surname}, {given}, {credentials}"
    return {"given": person, "caps": person.upper(), "doctor": f"Dr. {name}" if "MD" in person else person}[
        style.names
    ]


def _values(style: Style, chart: MadeChart, note: Note) -> dict[str, Any]:
    title = style.titles.get(note.key, "")
    return {
        **chart.site,
        "title": title,
        "TITLE": title.upper(),
        "date": written(style, note.date),
        "signed": written(style, note.date + style.signed_after * DAY),
        "author": _named(style, note.author),
        "week": note.number,
        "fx": note.fraction,
        **_paper(style, chart),
    }


def _paper(style: Style, chart: MadeChart) -> dict[str, Any]:
    return {
        "patient": chart.patient,
        "mrn": chart.mrn,
        "born": written(style, chart.born),
        "hospital": chart.hospital,
        "HOSPITAL": chart.hospital.upper(),
        "printed": written(style, chart.printed),
    }


def _marked(style: Style, text: str, note: int | None) -> Iterator[Printed]:
    """A template line as printed lines; ``[box]`` and ``[line]`` before it draw a box or an underline."""
    mark = ""
    for known in ("[box]", "[line]"):
        if text.startswith(known):
            mark, text = known, text[len(known) :]
    if style.medium == "pdf" or not mark:
        yield Printed(text, note, mark)
        return
    ruler = "+" + "-" * (len(text) + 2) + "+" if mark == "[box]" else "=" * len(text)
    if mark == "[box]":
        yield Printed(ruler, None)
        text = f"| {text} |"
    yield Printed(text, note)
    yield Printed(ruler, None)


def _body(style: Style, chart: MadeChart, note: Note, number: int) -> Iterator[Printed]:
    values = _values(style, chart, note)
    for position, (heading, lines) in enumerate(note.sections):
        paragraphs = list(lines)
        if heading is not None:
            label = style.section.format(heading=heading, HEADING=heading.upper())
            if position and not style.inline:
                yield Printed("", number)
            if style.inline:
                paragraphs[0] = f"{label} {paragraphs[0]}"
            else:
                yield from _marked(style, label, number)
        for paragraph in paragraphs:
            for line in textwrap.wrap(paragraph, style.width) if "   " not in paragraph else [paragraph]:
                yield Printed(line, number)
            if not paragraph:
                yield Printed("", number)
    if note.key == "treatment_record":
        for fraction, day in enumerate(chart.fractions, 1):
            row = style.row.format(n=fraction, **{**values, "date": written(style, day)}, machine="Linac 2")
            yield Printed(row, number)


def _note(style: Style, chart: MadeChart, note: Note, number: int, first: bool) -> list[Printed]:
    """The lines of one note; the first of a series bears the title of the whole."""
    values = _values(style, chart, note)
    lines: list[Printed] = []
    top = list(style.heads.get(note.key, style.head))
    if note.key in style.series and first:
        top = [*style.series[note.key], *top]
    for text in top:
        lines.extend(_marked(style, text.format(**values), number if text else None))
    lines.extend(_body(style, chart, note, number))
    below = style.feet.get(note.key, style.foot)
    return [*lines, *(Printed(text.format(**values), number if text else None) for text in below)]


def _sheets(style: Style, chart: MadeChart, notes: list[Note]) -> list[list[Printed]]:
    room = style.sheet - len(style.header) - len(style.footer)
    paper = _paper(style, chart)
    sheets: list[list[Printed]] = []
    if style.cover or style.contents:
        cover = [Printed(text.format(**paper), None) for text in style.cover]
        for number, note in enumerate(notes, 1) if style.contents else ():
            cover.append(Printed(style.contents.format(n=number, **_values(style, chart, note)), None))
        sheets.append(cover[:room])
    fresh = True
    for number, note in enumerate(notes):
        follows = bool(number) and notes[number - 1].key == note.key and note.key in style.series
        lines = _note(style, chart, note, number, not follows)
        if fresh or (style.each and not follows):
            sheets.append([])
            fresh = False
        elif sheets[-1]:
            sheets[-1].extend(Printed(text, None) for text in style.separator)
        for line in lines:
            if len(sheets[-1]) >= room:
                values = _values(style, chart, note)
                again = [Printed(style.continued.format(**values), None)] if style.continued else []
                sheets.append(again)
            if line.text or sheets[-1]:
                sheets[-1].append(line)
    return sheets


def printed(style: Style, seed: int) -> Print:
    """The chart of a seed, printed in a style."""
    chart = made_chart(seed, lambda day: written(style, day), style.mixed, frozenset(style.without))
    notes = list(chart.notes)
    if style.newest_first:
        notes.sort(key=lambda note: note.date, reverse=True)
    bodies = _sheets(style, chart, notes)
    sheets = []
    for page, body in enumerate(bodies, 1):
        counts = {**_paper(style, chart), "page": page, "pages": len(bodies)}
        top = [Printed(text.format(**counts), None, "paper") for text in style.header]
        bottom = [Printed(text.format(**counts), None, "paper") for text in style.footer]
        sheets.append((*top, *body, *bottom))
    suffix = "pdf" if style.medium == "pdf" else "txt"
    data = _pdf(style, sheets) if style.medium == "pdf" else _text(style, sheets)
    return Print(f"chart-print.{suffix}", data, tuple(sheets), tuple(notes))


def _text(style: Style, sheets: list[tuple[Printed, ...]]) -> bytes:
    """A fixed-width text print; sheets parted by form feeds where the medium is ``feeds``."""
    joint = "\n\f" if style.medium == "feeds" else "\n\n"
    return (
        joint.join("\n".join(line.text.expandtabs(20) for line in sheet) for sheet in sheets) + "\n"
    ).encode()


def _pdf(style: Style, sheets: list[tuple[Printed, ...]]) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(612, 792), invariant=1)
    for sheet in sheets:
        canvas.setFont("Helvetica", SIZE)
        feet = len(style.footer)
        places = [TOP - number * LEADING for number in range(len(sheet) - feet)]
        places += [TOP - (style.sheet - feet + number) * LEADING for number in range(feet)]
        order = list(zip(sheet, places, strict=True))
        if style.furniture_last:
            order.sort(key=lambda item: item[0].mark == "paper")
        for line, y in order:
            for column, cell in enumerate(line.text.split("\t")):
                canvas.drawString(LEFT + column * TAB, y, cell)
            if line.mark == "[box]":
                canvas.rect(LEFT - 6, y - 4, 520, LEADING + 2)
            if line.mark == "[line]":
                canvas.line(LEFT, y - 2, LEFT + 240, y - 2)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
