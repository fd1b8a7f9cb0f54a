"""Who signed, in which way, and whether that counts."""

from __future__ import annotations

import time

import pytest

from doc_review.evidence.kinds import Reading
from doc_review.evidence.signatures import extract
from doc_review.model import Provider

from .bank_check import cases, check
from .support import drafts, make_note

CASES = cases("signature")


@pytest.mark.parametrize("name", CASES)
def test_bank(name: str) -> None:
    check(extract, ("signature",), CASES[name])


PROVIDERS = (
    Provider(
        name="Alan Roe",
        aliases=("A. B. Roe",),
        logins=("aroe",),
        credentials="MD",
        role="radiation_oncologist",
    ),
    Provider(name="Grant Poe", logins=("gpoe2",), credentials="MS, DABR", role="physicist"),
    Provider(name="Susan Park", credentials="MD", role="physician"),
)


@pytest.mark.parametrize(
    ("text", "signer", "role", "date"),
    [
        ("TreatApproved by aroe", "Alan Roe", "radiation_oncologist", None),
        (
            "Treatment Approved   aroe   1/22/2025 10:22:11 AM",
            "Alan Roe",
            "radiation_oncologist",
            "2025-01-22",
        ),
        (
            "Approval: Planning Approved (aroe, 01/22/2025 10:22)",
            "Alan Roe",
            "radiation_oncologist",
            "2025-01-22",
        ),
        ("Approved by: AR 1/22/2025", "Alan Roe", "radiation_oncologist", "2025-01-22"),
        ("Electronically signed by gpoe2 1/23/2025", "Grant Poe", "physicist", "2025-01-23"),
        ("Electronically signed by Susan Park, MD 1/23/2025", "Susan Park, MD", "physician", "2025-01-23"),
    ],
)
def test_providers_tell_who_is_who(text: str, signer: str, role: str, date: str | None) -> None:
    (draft,) = extract(Reading(make_note(text, kind="plan"), (), (), PROVIDERS))
    assert (draft.value, draft.attributes["role"], draft.attributes["date"]) == (signer, role, date)
    assert draft.attributes["counts"]


def test_an_unknown_login_has_no_role() -> None:
    (draft,) = drafts(extract, "Treatment Approved by jsmith on 1/22/2025", "plan")
    assert draft.value == "jsmith"
    assert draft.attributes["role"] is None


def test_linear_in_length() -> None:
    line = (
        "Reviewed with the patient; approved by nobody in particular, signature pending for A. B. and C. D.\n"
    )
    times = []
    for size in (40, 160):
        note = make_note(line * size)
        start = time.perf_counter()
        list(extract(Reading(note, (), ())))
        times.append(time.perf_counter() - start)
    assert times[1] < times[0] * 12
