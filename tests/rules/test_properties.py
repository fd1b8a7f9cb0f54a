"""A thousand random courses: never a crash, everything counted once, nothing supported with a failed requirement."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doc_review.model import (
    Approval,
    BilledLine,
    CaseContext,
    CaseRecord,
    Claim,
    Conflict,
    Course,
    DoseConstraints,
    Fact,
    Fraction,
    FractionFeature,
    Modality,
    Modulation,
    MotionState,
    Necessity,
    Order,
    PeriodicEntry,
    Plan,
    Prescribed,
    Role,
    Simulation,
    SpecialProcedure,
    Technique,
    TreatmentArea,
    UnreadPart,
)
from doc_review.rules import Rulebook, decide, load_rulebook

DELIVERY = {"77385", "77386", "G6015", "G6016", "77402", "77407", "77412", "77373"}
DAYS = st.one_of(st.none(), st.dates(dt.date(2023, 11, 1), dt.date(2026, 6, 30)))
BOOLS = st.booleans()
NAMES = st.sampled_from([None, "Ada Berg, MD", "Berg, Ada", "Gil Roy", "Ben Holm, MS", "Dr. Roy"])
CODES = sorted(
    {*DELIVERY, "77280", "77290", "77301", "77338", "77336", "77427", "77295", "77387", "77401", "X1"}
)


def some(values: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.sampled_from(get_args(values)))


SIGNED = {
    "signer": NAMES,
    "role": some(Role),
    "signed": BOOLS,
    "signature_date": DAYS,
    "mark_only": BOOLS,
    "stamp": BOOLS,
}
orders = st.builds(Order, **SIGNED, date=DAYS, technique=some(Technique))
simulations = st.builds(
    Simulation,
    **SIGNED,
    date=DAYS,
    areas=st.one_of(st.none(), st.integers(0, 4)),
    contrast=BOOLS,
    arc=BOOLS,
    motion_study=BOOLS,
    motion_study_used=BOOLS,
    serves=st.sampled_from([None, "imrt", "3d", "out_of_scope"]),
    same_target_as_imrt=BOOLS,
)
approvals = st.builds(
    Approval,
    state=st.sampled_from(["approved", "unsigned", "unknown"]),
    by=NAMES,
    role=some(Role),
    date=DAYS,
    mark_only=BOOLS,
    stamp=BOOLS,
)
plans = st.builds(
    Plan,
    label=st.sampled_from([None, "A", "B"]),
    date=DAYS,
    technique=some(Technique),
    inverse=st.one_of(st.none(), BOOLS),
    modulation=some(Modulation),
    isocenters=st.one_of(st.none(), st.integers(1, 3)),
    dvh_target=BOOLS,
    dvh_critical=BOOLS,
    dvh_volume_or_mean=BOOLS,
    approval=approvals,
    planning_ct=DAYS,
    replan=BOOLS,
    boost=BOOLS,
    new_planning_ct=BOOLS,
    anatomical_change=BOOLS,
    online_adapted=BOOLS,
    delivered=st.one_of(st.none(), BOOLS),
    same_target_as_imrt=BOOLS,
)
fractions = st.builds(
    Fraction,
    number=st.one_of(st.none(), st.integers(1, 40)),
    date=DAYS,
    session=st.integers(1, 2),
    technique=some(Technique),
    modality=some(Modality),
    ports=st.one_of(st.none(), st.integers(0, 6)),
    simple_blocks=st.integers(0, 4),
    features=st.lists(st.sampled_from(get_args(FractionFeature)), max_size=2).map(tuple),
    areas=st.one_of(st.none(), st.integers(1, 4)),
    isocenters=st.one_of(st.none(), st.integers(1, 3)),
    motion_management=st.sampled_from(get_args(MotionState)),
    break_hours=st.one_of(st.none(), st.floats(0, 12)),
    compensator=BOOLS,
    plan=st.sampled_from([None, "A", "B"]),
    source=st.sampled_from(["record", "summary", "dicom"]),
)
entries = st.builds(
    PeriodicEntry,
    **SIGNED,
    date=DAYS,
    fraction_from=st.one_of(st.none(), st.integers(1, 40)),
    fraction_to=st.one_of(st.none(), st.integers(1, 40)),
    examined=BOOLS,
)
courses = st.builds(
    Course,
    technique=st.builds(Fact[Technique], value=some(Technique)),
    treatment_areas=st.lists(
        st.builds(TreatmentArea, value=st.just("lung"), laterality=st.none(), evidence=st.just(())),
        max_size=3,
    ).map(tuple),
    prescribed=st.builds(
        Prescribed, fractions=st.builds(Fact[int], value=st.one_of(st.none(), st.integers(1, 40)))
    ),
    delivered_fractions=st.builds(Fact[int], value=st.one_of(st.none(), st.integers(0, 40))),
    complete=st.builds(Fact[bool], value=st.one_of(st.none(), BOOLS)),
    orders=st.lists(orders, max_size=2).map(tuple),
    simulations=st.lists(simulations, max_size=2).map(tuple),
    plans=st.lists(plans, max_size=3).map(tuple),
    fractions=st.lists(fractions, max_size=12).map(tuple),
    physics_checks=st.lists(entries, max_size=3).map(tuple),
    management_visits=st.lists(entries, max_size=3).map(tuple),
    imrt_planned=st.builds(Fact[bool], value=st.one_of(st.none(), BOOLS)),
    necessity=st.lists(st.builds(Necessity, specific=BOOLS), max_size=2).map(tuple),
    dose_constraints=st.builds(DoseConstraints, target_goal=BOOLS, critical_structure=BOOLS),
    compensator=BOOLS,
    prostate_breast=BOOLS,
    level_arguable=BOOLS,
    targets=st.one_of(st.none(), st.integers(1, 3)),
    stereotactic_intent=BOOLS,
    special_procedures=st.lists(
        st.builds(SpecialProcedure, date=DAYS, specific=BOOLS, signed=BOOLS), max_size=2
    ).map(tuple),
    conflicts=st.lists(
        st.builds(
            Conflict,
            about=st.sampled_from(["technique", "inverse", "fractions", "isocenters", "plan_calls_imrt"]),
            values=st.just(("VMAT", "3DCRT")),
            evidence=st.just(()),
        ),
        max_size=1,
    ).map(tuple),
)
billed = st.builds(
    BilledLine,
    code=st.sampled_from(CODES),
    units=st.integers(0, 12),
    modifiers=st.sampled_from([(), ("26",), ("TC",), ("59",)]),
    date=DAYS,
    date_to=DAYS,
)
contexts = st.builds(
    CaseContext,
    payer=st.sampled_from(["medicare", "commercial"]),
    setting=st.sampled_from(["hospital_outpatient", "freestanding"]),
    off_campus_nonexcepted=BOOLS,
    claim=st.lists(st.sampled_from(get_args(Claim)), max_size=2, unique=True).map(tuple),
    course_complete=st.one_of(st.none(), BOOLS),
    billed=st.lists(billed, max_size=4).map(tuple),
)
records = st.builds(
    CaseRecord,
    context=contexts,
    courses=st.lists(courses, max_size=2).map(tuple),
    latest_date=DAYS,
    unread=st.sampled_from([(), (UnreadPart(document="a.pdf", page=None),)]),
)


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(record=records, profile=st.sampled_from(sorted(load_rulebook().profiles)))
def test_random_courses(rulebook: Rulebook, record: CaseRecord, profile: str) -> None:
    decision = decide(record, rulebook, profile)
    claims = record.context.claim or (None,)
    for claim in claims:
        listed = [s for s in decision.suggestions if s.claim == claim]
        delivered = sum(s.units for s in listed if s.code in DELIVERY)
        recorded = sum(len(c.fractions) or (c.delivered_fractions.value or 0) for c in record.courses)
        assert delivered <= recorded
        for index, course in enumerate(record.courses):
            own = [s for s in listed if s.course == index]
            assert sum(s.units for s in own if s.code == "77338") <= len(course.plans)
            assert sum(s.units for s in own if s.code == "77301") <= max(len(course.plans), 1)
            days = {s.date or s.signature_date for s in course.simulations}
            assert sum(s.units for s in own if s.code in ("77280", "77285", "77290")) <= len(days)
            assert sum(s.code == "77293" for s in own) <= 1
    for suggestion in decision.suggestions:
        assert suggestion.units >= 1
        if suggestion.status == "supported":
            assert not suggestion.missing
            assert all(reason.passed is not False for reason in suggestion.reasons)
            assert record.latest_date or any(_dated(c) for c in record.courses)
    assert len({f.type for f in decision.findings}) == len(decision.findings)
    rows = decision.comparison or ()
    assert [r.code for r in rows[: len(record.context.billed)]] == [b.code for b in record.context.billed]
    assert decide(record, rulebook, profile) == decision


def _dated(course: Course) -> bool:
    return "date" in course.model_dump_json() and any(
        value for value in _values(course.model_dump()) if isinstance(value, dt.date)
    )


def _values(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return [x for v in data.values() for x in _values(v)]
    if isinstance(data, (list, tuple)):
        return [x for v in data for x in _values(v)]
    return [data]
