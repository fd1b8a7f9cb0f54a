"""A query to the physician becomes the list of what makes it non-compliant; an empty list is a query that may go out.

The measure is the joint practice brief of AHIMA and ACDIS on compliant queries: a query cites what the chart
holds, asks openly or offers clinically sound choices among them "other" and "unable to determine", and neither
leads to an answer nor speaks of codes or payment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import Finding
from .schema import Rulebook

_CODE = re.compile(r"\b(?:[A-Z]\d{4}|\d{5}|\d{4}[A-Z])\b")
_CODING = re.compile(r"\b(?:cpt|hcpcs|icd|ncci|cod(?:e|es|ed|ing|er)|modifiers?|units?|bundl\w*)\b", re.I)
_PAYMENT = re.compile(
    r"\b(?:bill\w*|claims?|reimburs\w*|pay(?:s|er|ers|ment|ments|able)?|paid|charg\w+|revenue|costs?|fees?"
    r"|denials?|den(?:y|ied)|audit\w*|cover(?:age|ed)|insur\w+|medicare|rvus?|financ\w+)\b",
    re.I,
)
_LEADING = (
    (r"\b(?:confirm|agree|acknowledge|attest|verify)\b", "asks to confirm what is put before the physician"),
    (
        r"\b(?:state|document|record|note|add|write|indicate) that\b",
        "puts the answer into the physician's mouth",
    ),
    (r"\b(?:should|must|ought|needs? to|ha(?:s|ve) to|required?)\b", "says what ought to be documented"),
    (
        r"\b(?:amend|correct|change|insert|backdate|co-?sign|sign)\b",
        "asks for a change instead of information",
    ),
    (
        r"\b(?:to support|in order to|so that|to (?:allow|justify|qualify|meet))\b",
        "names the purpose of the answer",
    ),
    (r"\b(?:obviously|clearly|surely|as you know|presumably|probably|likely)\b", "suggests the answer"),
    (r"\b(?:isn't|wasn't|don't|didn't|wouldn't) (?:it|this|you|the)\b", "suggests the answer"),
)
_CLOSED = re.compile(
    r"^(?:please )?(?:is|are|was|were|did|does|do|has|have|had|can|could|would|will)\b", re.I
)
_OPEN = re.compile(
    r"\b(?:clarify|indicate (?:where|which|how|whether|when)|describe|identify|specify|explain|document the"
    r"|what|which|how|when|where|who)\b",
    re.I,
)
_PRESUMES = re.compile(r"\bdocument the\b", re.I)
_CHOICE = re.compile(r"^\s*(?:\[ ?\]|\( ?\)|[-\u2022\u2610]|\d+[.)])\s+(.+?)\s*$", re.M)
_OTHER = re.compile(r"\bother\b", re.I)
_UNABLE = re.compile(r"\b(?:unable to (?:be )?determine|clinically undetermined|cannot be determined)", re.I)
_LEAST_CHOICES = 2


def lint_question(text: str) -> tuple[str, ...]:
    """What is wrong with the wording of a question, one reason each."""
    return tuple(_problems(text))


def lint_finding(finding: Finding, rulebook: Rulebook) -> tuple[str, ...]:
    """What is wrong with a finding's query: its wording, or that it cites nothing of the chart.

    A finding without a query has nothing wrong. Indicators are the finding's citations; where nothing could be
    cited, what its message tells of this chart beyond the template, or that the record holds no such thing.
    """
    if finding.query is None:
        return ()
    problems = list(_problems(finding.query))
    template = rulebook.findings[finding.type].message.replace("{detail}", "").strip()
    absent = template.startswith("No ")
    if not finding.evidence and finding.message.strip() == template and not absent:
        problems.append("cites no indicator of the chart")
    return tuple(problems)


def _problems(text: str) -> Iterator[str]:
    if not text.strip():
        yield "asks nothing"
        return
    for pattern, reason in (
        (_CODE, "names a code"),
        (_CODING, "speaks of coding"),
        (_PAYMENT, "speaks of payment"),
    ):
        found = pattern.search(text)
        if found:
            yield f"{reason}: {found[0]}"
    for leading, reason in _LEADING:
        found = re.search(leading, text, re.I)
        if found:
            yield f"{reason}: {found[0]}"
    choices = _CHOICE.findall(text)
    if choices:
        yield from _choice_problems(choices)
    elif _CLOSED.search(text.strip()):
        yield "can be answered by yes or no"
    elif not _OPEN.search(text):
        yield "is no open question"
    if _PRESUMES.search(text) and not re.search(r"\bif (?:any|there)\b", text, re.I):
        yield "presumes that there is something to document"


def _choice_problems(choices: list[str]) -> Iterator[str]:
    sound = [choice for choice in choices if not _OTHER.search(choice) and not _UNABLE.search(choice)]
    if len(sound) < _LEAST_CHOICES:
        yield "offers a single choice"
    if not any(_OTHER.search(choice) for choice in choices):
        yield 'does not offer "other"'
    if not any(_UNABLE.search(choice) for choice in choices):
        yield 'does not offer "unable to determine"'
