"""The text of a visit turned into the span that documents a physical examination.

What was seen, felt or heard by the examiner counts; vital signs, weight, performance status, symptoms,
imaging and what somebody reports, fears or plans do not. Patterns are ``exam`` of ``lexicon/periodic.yaml``.
"""

from __future__ import annotations

import re

from .periodic import lexicon, words
from .tickboxes import BOX, is_ticked, state

_OBJECTIVE = re.compile(r"\b(?:obj(?:ective)?|o|exam(?:ination)?|pe|o/e|findings)\s*[:=]")
_SENTENCE = re.compile(r"[^.;\n]+(?:[.;](?=\d)[^.;\n]*)*")
_WORD = re.compile(r"[a-z]{2,}|\b0\b")
_LINES = 5
_NEXT_LABEL = re.compile(r"\s*[a-z][a-z /&]{0,24}\s*[:=]")


def _told(plain: str, low: int, at: int) -> bool:
    """Whether the words before a finding tell that it is reported, feared, planned or seen on images."""
    before = plain[max(low, at - 70) : at]
    cut = max((match.end() for match in _OBJECTIVE.finditer(before)), default=0)
    return re.search(lexicon()["exam"]["told"], before[cut:]) is not None


def _ticked(plain: str, low: int, high: int) -> tuple[bool, tuple[int, int]] | None:
    """What a tick box says of the examination, ``None`` without one."""
    for match in words("exam", "ticked").finditer(plain, low, high):
        first, last = plain.rfind("\n", low, match.start()) + 1, plain.find("\n", match.end(), high)
        first, last = max(first, low), high if last < 0 else last
        if re.search(r"\bnot\s+$", plain[first : match.start()]):
            continue
        ticked = state(plain[first:last], match.start() - first, match.end() - first)
        if ticked is not None:
            return ticked, match.span()
    return None


def documented(plain: str, low: int, high: int) -> bool:
    """Whether the content of an examination field says what was examined: not blank, deferred or vitals only."""
    text = plain[low:high]
    if words("exam", "deferred").search(f"exam: {text}") or words("exam", "empty").match(text.strip(" :-|.")):
        return False
    rest = words("exam", "vitals").sub(" ", text)
    return _WORD.search(rest) is not None


def _section_end(plain: str, low: int, high: int) -> int:
    """Where the lines below an examination heading end: at the next section, or after a few lines."""
    stop = low
    for _ in range(_LINES):
        following = plain.find("\n", stop + 1, high)
        following = high if following < 0 else following
        inside = words("exam", "inside").match(plain, stop + 1, following) or words("exam", "place").search(
            plain, stop, min(following, stop + 30)
        )
        other = words("exam", "section").match(plain, stop + 1, following) or (
            _NEXT_LABEL.match(plain, stop + 1, following) and not inside
        )
        if other or not plain[stop:following].strip():
            break
        stop = following
    return stop


def _labelled(plain: str, low: int, high: int) -> tuple[int, int] | None:
    """A field for the examination that is filled in."""
    for strong in ("label", "objective"):
        for label in words("exam", strong).finditer(plain, low, high):
            if _told(plain, low, label.start()) or words("exam", "earlier").search(
                plain, max(low, label.start() - 16), label.end()
            ):
                continue
            stop = plain.find("\n", label.end(), high)
            stop = high if stop < 0 else stop
            if len(plain[label.end() : stop].strip()) < 3:
                stop = _section_end(plain, stop, high)
            cut = re.compile(r"\b(?:a/p|assessment|plan|impression|signed|electronically)\b").search(
                plain, label.end(), stop
            )
            end = cut.start() if cut else stop
            filled = documented(plain, label.end(), end)
            if filled and strong == "objective":
                filled = any(
                    _finding(plain, *sentence.span())
                    for sentence in _SENTENCE.finditer(plain, label.end(), end)
                )
            if filled:
                return label.start(), stop
    return None


def examination(plain: str, low: int, high: int) -> tuple[int, int] | None:
    """Span that documents a physical examination in ``plain[low:high]``, ``None`` without one."""
    ticked = _ticked(plain, low, high)
    if ticked is not None:
        return ticked[1] if ticked[0] else None
    if BOX.search(plain, low, high):
        plain = (
            plain[:low] + "\n".join(_ticked_only(line) for line in plain[low:high].split("\n")) + plain[high:]
        )
    deferred = words("exam", "deferred").search(plain, low, high)
    for stated in words("exam", "stated").finditer(plain, low, high):
        after = deferred and deferred.start() <= stated.start() < deferred.end()
        if not after and not words("exam", "unstated").search(
            plain, max(low, stated.start() - 30), stated.start()
        ):
            return stated.span()
    if deferred:
        return None
    labelled = _labelled(plain, low, high)
    if labelled is not None:
        return labelled
    for sentence in _SENTENCE.finditer(plain, low, high):
        found = _finding(plain, *sentence.span())
        if found is not None:
            return found
    return None


def _ticked_only(line: str) -> str:
    """A line without the options of its unticked boxes, length unchanged."""
    boxes = list(BOX.finditer(line))
    if not boxes:
        return line
    if not any(is_ticked(box) for box in boxes):
        return " " * len(line)
    out = line
    for index, box in enumerate(boxes):
        stop = boxes[index + 1].start() if index + 1 < len(boxes) else len(line)
        gap = re.compile(r"\s{2,}|\|").search(line, box.end() + 1, stop)
        stop = gap.start() if gap else stop
        if not is_ticked(box) and line[box.end() : stop].strip():
            out = out[: box.start()] + " " * (stop - box.start()) + out[stop:]
    return out


def _finding(plain: str, low: int, high: int) -> tuple[int, int] | None:
    """A place with what is found there, or a sign that only an examination tells, within a sentence."""
    if words("exam", "by_patient").search(plain, low, high):
        return None
    sign = words("exam", "sign").search(plain, low, high)
    if sign and not _told(plain, low, sign.start()):
        return sign.span()
    for place in words("exam", "place").finditer(plain, low, high):
        if _told(plain, low, place.start()) or (place.end() < high and plain[place.end()].isalpha()):
            continue
        finding = words("exam", "finding").search(plain, place.end(), min(high, place.end() + 60))
        if finding is None:
            finding = words("exam", "finding").search(plain, max(low, place.start() - 30), place.start())
        if finding is None or _told(plain, low, finding.start()):
            continue
        around = plain[min(place.start(), finding.start()) : min(high, max(place.end(), finding.end()) + 14)]
        if not words("exam", "symptom").search(around):
            return min(place.start(), finding.start()), max(place.end(), finding.end())
    return None
