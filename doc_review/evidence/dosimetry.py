"""A note turned into ``dose_constraint`` and ``dvh`` evidence: dose figures of named structures.

In an order a figure of a structure is a goal. In a plan a structure's figure is a DVH statistic, and
also a goal where a comparator or a goal column says so.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from typing import Literal

from ..model import EntryKind
from .dose import schemes
from .dvh_tables import statistics_rows
from .kinds import Draft, Reading
from .note import Note

_TARGET = re.compile(
    r"\b(?:i?ptv|ctv|gtv|itv)[\w.+/-]*(?:[ _]eval\b)?|\b\w+(?: [lr])?[ _]eval\b|\btarget (?:volume|coverage)\b|\bplanning target\b"
)
_METRIC = re.compile(
    r"\b(?P<volume>v\s?\d{1,3}(?:[.,]\d+)?\s?(?:gy|%|cgy)?|v\d{3,4}\b|v\s?\(?\d+|d\s?\d{1,3}(?:[.,]\d+)?\s?(?:%|cc|cm3|ml)|d_?\d{1,2}\b|ci\b|hi\b)|"
    r"\b(?P<mean>(?:d_?)?mean|avg|average|median|mld|mhd|eud|geud)\b|"
    r"\b(?P<max>(?:d_?)?max(?:imum)?(?: dose)?|(?:d_?)?min(?:imum)?|point dose|hot ?spot|d0\.0\d+\s?cc|d0\.\d+\s?cc)\b"
)
# A plan may name its target by the site alone; coverage figures are given of targets only.
_COVERED_SITE = re.compile(
    r"[\w ,()/-]{0,24}?\b(?:v\s?(?:9\d|100)(?:\.\d)?\s?%?|d\s?9\d(?:\.\d)?\s?%?|coverage)\b"
)
_FIGURE = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)?\s?(?:%|c?gy|cc|cm3|ml)?")
_COMPARATOR = re.compile(
    r"<|>|\u2264|\u2265|=<|\bless than\b|\bbelow\b|\bunder\b|\bnot (?:to )?exceed\b|\bat most\b|\bup to\b|\bno more than\b|\bkeep\b|\blimit\w*\b|\bmax\b|\bat least\b|\balara\b"
)
# A prescription tells what the target is to receive, not what it receives.
_PRESCRIBES = re.compile(r"\W*(?:rx|prescri\w+)(?: dose)?(?: \(\d\))?\s*(?:\[\w+\]\s*)?[:=]")
_GOAL_WORDS = re.compile(
    r"\b(?:goals?|objectives?|constraints?|limits?|tolerances?|planning aims?|criteria|requirements?|dose limits?)\b"
)
_RESULT_WORDS = re.compile(
    r"\b(?:dvh|dose[- ]volume|results?|achieved|actual|statistics?|plan value|obtained|dose statistics)\b"
)
_COVERAGE = re.compile(
    r"\b\d{2,3}(?:\.\d)?\s?%\s?(?:of|to|coverage|isodose|volume|rx|dose)|\breceiv\w+ (?:at least |>= ?)?\d{2,3}\s?%|\bcoverage\b[^\n]{0,20}\d{2}|\d{2,3}(?:\.\d)? ?%[^\n]{0,30}\bcover\w*"
)
_ORDER_KINDS: frozenset[EntryKind] = frozenset({"order", "prescription", "consultation"})
_PLAN_KINDS: frozenset[EntryKind] = frozenset({"plan", "plan_approval", "mixed"})
_DVH_STATEMENT = re.compile(
    r"\b(?:dvhs?|dose[- ]volume histograms?)\b[^.\n]{0,80}\b(?:reviewed|evaluated|accepted|acceptable|approved|attached|included|generated|met|analy[sz]ed|inspected|satisfactory)\b|"
    r"\b(?:reviewed|evaluated|accepted|inspected)\b[^.\n]{0,60}\b(?:dvhs?|dose[- ]volume histograms?)\b"
)
_CLASS_WORDS = {
    "target": re.compile(r"\b(?:ptv|ctv|gtv|itv|targets?|tumou?r|coverage)\b"),
    "critical": re.compile(
        r"\b(?:oars?|organs? at risk|critical structures?|normal (?:structures?|tissues?|organs?)|constraints?)\b"
    ),
}
Role = Literal["goal", "result"]
# A table's title and its column heads stand within this many code points of each other.
_SAME_HEAD = 120


def _heading_roles(note: Note) -> tuple[list[int], list[frozenset[Role]]]:
    """Offsets of lines that head a list or table of goals, results or both, and what they say."""
    offsets: list[int] = []
    roles: list[frozenset[Role]] = []
    for start, end in note.lines:
        line = note.chosen[start:end]
        goal, result = bool(_GOAL_WORDS.search(line)), bool(_RESULT_WORDS.search(line))
        if (goal or result) and len(line) < 120:
            found: set[Role] = set()
            if goal:
                found.add("goal")
            if result:
                found.add("result")
            said = frozenset(found)
            if offsets and start - offsets[-1] < _SAME_HEAD:
                said |= roles[-1]
            offsets.append(start)
            roles.append(said)
    return offsets, roles


def _figures(line: str) -> int:
    """How many figures a line holds beside its metrics."""
    return len(_FIGURE.findall(_METRIC.sub(" ", line)))


def _metric_kind(line: str) -> tuple[bool, bool]:
    """Whether a line holds a metric, and whether that is a volume or mean figure."""
    metric = volume = False
    for match in _METRIC.finditer(line):
        metric = True
        volume = volume or match.group("volume") is not None or match.group("mean") is not None
    return metric, volume


def _spans(reading: Reading) -> Iterator[tuple[int, int, str, str]]:
    """Lines with a structure: line span, structure, class."""
    note = reading.note
    done: set[tuple[int, str]] = set()
    marks: list[tuple[int, int, str, str]] = [
        (match.start(), match.end(), match.group(), "target") for match in _TARGET.finditer(note.chosen)
    ]
    for hit, _ in reading.of_kind("site"):
        if _COVERED_SITE.match(note.chosen, hit.end) and not note.text[
            note.line_at(hit.start)[0] : hit.start
        ].strip(" -|\t"):
            marks.append((hit.start, hit.end, hit.value, "target"))
    targets = [(start, end) for start, end, _, _ in marks]
    for hit, _ in reading.of_kind("structure"):
        if not any(start <= hit.start < end for start, end in targets) and note.chosen[hit.start] != " ":
            marks.append((hit.start, hit.end, hit.value, "critical"))
    for start, end, name, kind in sorted(marks):
        low, high = note.line_at(start)
        unit = note.unit_at(start)
        if unit is not None and unit.end > high and unit.layout != "row":
            high = unit.end
        if (low, name) not in done:
            done.add((low, name))
            yield low, max(high, end), name, kind


def extract(reading: Reading) -> Iterator[Draft]:
    """Goals and DVH figures of the note's structures."""
    note = reading.note
    if note.kind not in _ORDER_KINDS | _PLAN_KINDS:
        return
    offsets, roles = _heading_roles(note)
    tabled: set[int] = set()
    if note.kind in _PLAN_KINDS:
        for draft, start in _statistics(reading):
            tabled.add(note.line_at(start)[0])
            yield draft
    for low, high, name, kind in _spans(reading):
        line = note.chosen[low:high]
        metric, volume = _metric_kind(line)
        compared = bool(_COMPARATOR.search(line))
        covered = kind == "target" and bool(_COVERAGE.search(line))
        if not _FIGURE.search(line) and "alara" not in line:
            continue
        if not (metric or covered or (compared and re.search(r"\d\s?(?:c?gy|%|cc)", line))):
            continue
        index = bisect.bisect_right(offsets, low) - 1
        heads = roles[index] if index >= 0 and low - offsets[index] < 2500 else frozenset()
        citation = note.cite(low, high)
        attributes = {"structure": name, "structure_class": kind, "volume_or_mean": volume or covered}
        in_plan = note.kind in _PLAN_KINDS
        prescribed = kind == "target" and (
            _PRESCRIBES.match(line) is not None or any(scheme.fractions for scheme in schemes(line))
        )
        if (
            in_plan
            and not prescribed
            and low not in tabled
            and (metric or covered)
            and (heads != frozenset({"goal"}) or _figures(line) > 1)
        ):
            yield Draft(
                "dvh", name, citation, {**attributes, "role": "result"}, confidence=0.9, method="table"
            )
        if not in_plan or compared or "goal" in heads:
            yield Draft(
                "dose_constraint",
                note.text[low:high].strip()[:120],
                citation,
                {**attributes, "role": "goal"},
                confidence=0.9,
            )
    if note.kind in _PLAN_KINDS:
        yield from _statements(note)


def _statistics(reading: Reading) -> Iterator[tuple[Draft, int]]:
    """DVH figures of tables whose columns name the metrics, with the offset of each row's structure."""
    note = reading.note
    organs = [(hit.start, hit.value) for hit, _ in reading.of_kind("structure")]
    for row in statistics_rows(note):
        low, high = row.name
        target = _TARGET.search(note.plain, low, high)
        organ = next((value for start, value in organs if low <= start < high), None)
        if target is None and organ is None:
            continue
        spans = [(row.line.start, row.line.end), *row.line.spans]
        yield (
            Draft(
                "dvh",
                target.group() if target else str(organ),
                note.cite(*spans[0], also=spans[1:], anchor=row.name),
                {
                    "structure": target.group() if target else organ,
                    "structure_class": "target" if target else "critical",
                    "volume_or_mean": row.volume_or_mean,
                    "role": "result",
                },
                confidence=0.9,
                method="table",
            ),
            low,
        )


def _statements(note: Note) -> Iterator[Draft]:
    """Sentences that tell of a DVH for target or critical structures without its figures."""
    for match in _DVH_STATEMENT.finditer(note.chosen):
        unit = note.unit_at(match.start())
        low, high = (unit.start, unit.end) if unit else match.span()
        sentence = note.chosen[low:high]
        classes = [name for name, words in _CLASS_WORDS.items() if words.search(sentence)]
        for name in classes or ["unnamed"]:
            yield Draft(
                "dvh",
                "statement",
                note.cite(low, high, anchor=match.span()),
                {"structure": "", "structure_class": name, "volume_or_mean": False, "role": "statement"},
                confidence=0.7,
            )
