"""Words of a DICOM object, and who stands behind it, turned into what it is for: treatment, QA, phantom."""

from __future__ import annotations

import functools
import re
from typing import Literal

from ..documents.base import DicomElement, DicomItem
from .lexicon import load_yaml
from .note import fold

Use = Literal["clinical", "qa_copy", "phantom", "other"]
_INTENTS: dict[str, Use] = {
    "VERIFICATION": "qa_copy",
    "MACHINE_QA": "phantom",
    "RESEARCH": "other",
    "SERVICE": "other",
}
"""Plan Intent (300A,000A), DICOM PS3.3, C.8.8.9."""
_LABELS = ("RTPlanLabel", "RTPlanName")
_TEXTS = ("RTPlanDescription", "PrescriptionDescription", "SeriesDescription")


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(r"(?<![a-z])(?:" + str(load_yaml("dicom.yaml")[name]) + r")(?![a-z])")


def words_of(text: str) -> str:
    """A written value as folded words: ``QA_Prostate^2`` is ``qa prostate 2``."""
    return " ".join(re.split(r"[\W_]+", fold(text))).strip()


def says(name: str, text: str) -> bool:
    """Whether a text holds a word of one list of ``dicom.yaml``, also one written together (``ProstateQA``)."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return any(_pattern(name).search(words_of(form)) for form in (text, apart))


def _only(name: str, text: str) -> bool:
    """Whether a text consists of words of one list."""
    words = words_of(text)
    return bool(re.search("[a-z]", words)) and not re.search("[a-z]", _pattern(name).sub("", words))


def _first(item: DicomItem, names: tuple[str, ...], listed: str) -> DicomElement | None:
    return next((item.elements[n] for n in names if n in item.elements and says(listed, item.text(n))), None)


def use_of(item: DicomItem) -> tuple[Use, DicomElement | None]:
    """What a plan or record is for, and the attribute that tells it (``None`` for a clinical one)."""
    elements = item.elements
    patient = item.text("PatientName")
    tests = _only("machine_test", patient) and not _only("test_patient", patient)
    if "PatientName" in elements and (says("phantom", patient) or tests):
        return "phantom", elements["PatientName"]
    if says("phantom", item.text("PatientID")):
        return "phantom", elements["PatientID"]
    intent = _INTENTS.get(item.text("PlanIntent").upper())
    if intent is not None:
        return intent, elements["PlanIntent"]
    for referenced in item.items("ReferencedRTPlanSequence"):
        if referenced.text("RTPlanRelationship").upper() == "VERIFIED_PLAN":
            return "qa_copy", referenced.elements["RTPlanRelationship"]
    found = _first(item, _LABELS, "verification") or _first(item, _TEXTS, "verification_text")
    if found is not None:
        return "qa_copy", found
    if (found := _first(item, (*_LABELS, *_TEXTS), "phantom")) is not None:
        return "phantom", found
    for beam in (item, *item.items("BeamSequence"), *item.items("IonBeamSequence")):
        if says("testing_department", beam.text("InstitutionalDepartmentName")):
            return "qa_copy", beam.elements["InstitutionalDepartmentName"]
    if item.text("ApprovalStatus").upper() == "REJECTED":
        return "other", elements["ApprovalStatus"]
    if (found := _first(item, (*_LABELS, *_TEXTS), "not_for_treatment")) is not None:
        return "other", found
    if "PatientName" in elements and _only("test_patient", patient):
        return "other", elements["PatientName"]
    return "clinical", None


def written_name(value: str) -> str:
    """A person name value (``Roe^Amy^B^Dr^MD``) as it is written elsewhere: ``Amy B Roe, MD``."""
    parts = [part.strip() for part in value.split("=")[0].split("^")]
    family, given, middle, _, suffix = (*parts, "", "", "", "", "")[:5]
    name = " ".join(part for part in (given, middle, family) if part)
    return f"{name}, {suffix}" if suffix and name else name
