"""The typed values that travel between the stages, and nothing else.

``Case`` files become ``Document`` values, documents become ``Evidence``, evidence becomes a
``CaseRecord`` of ``Course`` values, and the rules turn that record into ``Suggestion`` and
``Finding`` values, gathered in a ``Review``. Every value is frozen, and field order is output order.

Units: doses are Gy, dates are calendar days, offsets are code points (end exclusive) into the page
text, boxes are PDF points with the origin at the top left.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = "1.0"
QUOTE_LIMIT = 300
"""Longest quote of a citation, in code points."""

Date = dt.date

Payer = Literal["medicare", "commercial"]
Setting = Literal["hospital_outpatient", "freestanding"]
Claim = Literal["facility", "professional", "technical", "global"]

EntryKind = Literal[
    "consultation",
    "order",
    "prescription",
    "simulation",
    "plan",
    "plan_approval",
    "treatment_record",
    "physics_check",
    "management_visit",
    "completion_summary",
    "qa",
    "correspondence",
    "mixed",
    "other",
]
TextSource = Literal["native", "ocr", "dicom", "mixed"]

EvidenceKind = Literal[
    "technique",
    "treatment_area",
    "order",
    "necessity_statement",
    "prescription",
    "dose_constraint",
    "simulation",
    "contrast",
    "immobilization",
    "motion_management",
    "plan",
    "dvh",
    "contour",
    "isocenter",
    "mlc",
    "signature",
    "delivery",
    "physics_check",
    "management_visit",
    "image_guidance",
    "patient_qa",
    "replan",
    "completion",
]
Assertion = Literal["affirmed", "negated", "historical", "hypothetical", "planned", "other_subject"]
Method = Literal["nlp", "table", "dicom", "llm"]

Technique = Literal[
    "2D",
    "3DCRT",
    "FIF",
    "IMRT",
    "VMAT",
    "TOMOTHERAPY",
    "SRS",
    "SBRT",
    "ELECTRON",
    "PROTON",
    "ORTHOVOLTAGE",
    "BRACHYTHERAPY",
    "SYSTEMIC",
    "EBRT",
]
IMRT_TECHNIQUES: frozenset[str] = frozenset({"IMRT", "VMAT", "TOMOTHERAPY"})
ARC_TECHNIQUES: frozenset[str] = frozenset({"VMAT", "TOMOTHERAPY"})
OUT_OF_SCOPE_TECHNIQUES: frozenset[str] = frozenset({"BRACHYTHERAPY", "SYSTEMIC", "PROTON"})

Modality = Literal["photon", "electron", "mixed", "proton", "orthovoltage"]
Modulation = Literal["mlc", "compensator", "none"]
Role = Literal[
    "radiation_oncologist",
    "physician",
    "resident",
    "np_pa",
    "physicist",
    "dosimetrist",
    "therapist",
    "other",
]
SignatureKind = Literal["electronic", "handwritten", "attestation", "mark"]

Status = Literal["supported", "needs_review", "blocked", "bundled"]
Severity = Literal["error", "warning", "info"]
FindingType = Literal[
    "missing_order",
    "unsigned_order",
    "missing_necessity_statement",
    "missing_dose_constraints",
    "missing_dvh",
    "unsigned_plan",
    "unsigned_simulation",
    "invalid_signature",
    "duplicate_plan",
    "unbundled",
    "code_not_valid_on_date",
    "component_error",
    "generic_necessity_statement",
    "signer_not_ordering_provider",
    "approval_after_first_fraction",
    "order_after_first_fraction",
    "undated_signature",
    "signature_mark_unverified",
    "conflicting_documents",
    "motion_management_undocumented",
    "isocenters_unclear",
    "missing_physics_check",
    "physics_over_frequency",
    "missing_management_visit",
    "date_mismatch",
    "date_unknown",
    "other_patient_document",
    "unread_page",
    "bundled_simulation",
    "physics_remainder",
    "component_unspecified",
    "out_of_scope_modality",
]
Result = Literal["agrees", "overcoded", "undercoded", "needs_review", "not_assessed"]
MissingReason = Literal[
    "not_found", "not_signed", "wrong_role", "wrong_date", "wrong_count", "conflicting", "unread"
]


class Value(BaseModel):
    """Base of every value: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# ---------------------------------------------------------------- the case


class BilledLine(Value):
    """One claim line. ``units`` is the billed number; ``modifiers`` as on the claim."""

    code: str
    units: int = Field(default=1, ge=0)
    modifiers: tuple[str, ...] = ()
    date: Date | None = None
    date_to: Date | None = None


class Provider(Value):
    """One person of ``providers.yaml``."""

    name: str
    aliases: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    credentials: str | None = None
    role: Role


class CaseContext(Value):
    """What the documents do not tell (``case.yaml``), with defaults filled in."""

    payer: Payer = "medicare"
    setting: Setting = "hospital_outpatient"
    off_campus_nonexcepted: bool = False
    claim: tuple[Claim, ...] = ()
    course_complete: bool | None = None
    billed: tuple[BilledLine, ...] = ()


# ---------------------------------------------------------------- documents


class Box(Value):
    """A rectangle on a page, in PDF points, origin top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class Entry(Value):
    """One signed (or signable) note inside a document: pages ``page``..``end_page``, offsets in each."""

    id: str
    kind: EntryKind
    date: Date | None
    author: str | None
    page: int
    start: int
    end: int
    end_page: int


class Document(Value):
    """One file of a case. ``pages`` is the number of pages; their text travels beside it."""

    id: str
    sha256: str
    media_type: str
    kind: EntryKind
    date: Date | None
    pages: int
    text_source: TextSource
    skipped: str | None
    unread_pages: tuple[int, ...]
    entries: tuple[Entry, ...]


# ---------------------------------------------------------------- evidence


class Span(Value):
    """A verbatim stretch of one page."""

    document: str
    entry: str
    page: int
    start: int
    end: int
    quote: str
    boxes: tuple[Box, ...] = ()


class Citation(Span):
    """The span a fact is cited for, and further spans that complete it."""

    also: tuple[Span, ...] = ()


class Evidence(Value):
    """One fact read from one place. ``attributes`` per kind: see ``doc_review.evidence.kinds``."""

    id: str
    kind: EvidenceKind
    value: str
    attributes: dict[str, Any]
    assertion: Assertion
    method: Method
    confidence: float = Field(ge=0, le=1)
    citation: Citation


# ---------------------------------------------------------------- the course

T = TypeVar("T")


class Fact(Value, Generic[T]):
    """A single value of the course and the evidence ids it rests on; ``None`` is not known."""

    value: T | None = None
    evidence: tuple[str, ...] = ()


class TreatmentArea(Value):
    """One contiguous treatment area (``evidence/lexicon/sites.yaml`` publishes the list)."""

    value: str
    laterality: Literal["left", "right", "bilateral"] | None
    evidence: tuple[str, ...]


class Prescribed(Value):
    """Total dose (Gy) and fractions of the course."""

    dose_gy: Fact[float] = Fact[float]()
    fractions: Fact[int] = Fact[int]()


class Signed(Value):
    """Who signed an item, and how far that signature carries.

    ``signed`` is true for a signature that counts (policy 6.1), whoever the signer is; ``role`` says
    whether the signer is the right one. ``signature_date`` is ``None`` for an undated signature.
    ``mark_only`` is an ink mark on a scan with nothing beside it; ``stamp`` is a stamp that does not
    count (and leaves ``signed`` false unless something else signs). ``signature`` is the evidence of the signature
    that decides: the one that counts, or the line that does not.
    """

    signer: str | None = None
    role: Role | None = None
    signed: bool = False
    signature_date: Date | None = None
    mark_only: bool = False
    stamp: bool = False
    signature: tuple[str, ...] = ()


class Order(Signed):
    """An order, prescription, directive, or a consultation that decides on treatment."""

    date: Date | None = None
    technique: Technique | None = None
    modality: Modality | None = None
    form: Literal["order", "prescription", "consultation", "simulation", "other"] = "order"
    evidence: tuple[str, ...] = ()


class Simulation(Signed):
    """A documented simulation. ``areas`` is the number of areas set up; ``serves`` what it planned."""

    date: Date | None = None
    areas: int | None = None
    contrast: bool = False
    arc: bool = False
    complex_blocking: bool = False
    custom_blocks: bool = False
    particle: bool = False
    brachytherapy: bool = False
    hyperthermia: bool = False
    motion_study: bool = False
    motion_study_used: bool = False
    serves: Literal["imrt", "3d", "2d", "electron", "sbrt", "out_of_scope"] | None = None
    repeat: bool = False
    same_target_as_imrt: bool = True
    evidence: tuple[str, ...] = ()


class Approval(Value):
    """State of a plan's physician approval. ``unsigned`` covers every signature that does not count.

    ``signature`` is the evidence of the signature that decides.
    """

    state: Literal["approved", "unsigned", "unknown"] = "unknown"
    by: str | None = None
    role: Role | None = None
    date: Date | None = None
    kind: SignatureKind | None = None
    mark_only: bool = False
    stamp: bool = False
    signature: tuple[str, ...] = ()


class Plan(Value):
    """A plan of the course. ``dvh_target``/``dvh_critical``: DVH or statistics for each class.

    ``dvh_volume_or_mean`` is true where at least one volume or mean figure of the target stands
    (policy 12.3). ``delivered`` is ``None`` where the record does not tell.
    """

    label: str | None = None
    date: Date | None = None
    technique: Technique | None = None
    inverse: bool | None = None
    modulation: Modulation | None = None
    arcs: int | None = None
    isocenters: int | None = None
    fractions: int | None = None
    dose_gy: float | None = None
    dvh: bool = False
    dvh_target: bool = False
    dvh_critical: bool = False
    dvh_volume_or_mean: bool = False
    approval: Approval = Approval()
    planning_ct: Date | None = None
    replan: bool = False
    boost: bool = False
    new_planning_ct: bool = False
    anatomical_change: bool = False
    online_adapted: bool = False
    delivered: bool | None = None
    same_target_as_imrt: bool = True
    source: Literal["document", "dicom"] = "document"
    evidence: tuple[str, ...] = ()


FractionFeature = Literal[
    "tangents",
    "wedges",
    "rotation",
    "field_in_field",
    "custom_blocks",
    "mlc_shaped",
    "total_skin",
]
MotionState = Literal["active", "planned", "named", "none"]


class Fraction(Value):
    """One delivered session.

    ``motion_management``: ``active`` is beam-on control in the treatment record; ``planned`` is a
    named system with a threshold in a signed order, simulation note or plan while the record is
    silent; ``named`` is gating or breath hold merely named (policy 7.7). ``source`` is ``summary``
    where only a summary or a letter tells of it (policy 7.10). ``break_hours`` is the documented gap
    to the day's earlier session, ``None`` where none is documented.
    """

    number: int | None = None
    date: Date | None = None
    session: int = 1
    technique: Technique | None = None
    modality: Modality | None = None
    ports: int | None = None
    simple_blocks: int = 0
    features: tuple[FractionFeature, ...] = ()
    areas: int | None = None
    isocenters: int | None = None
    motion_management: MotionState = "none"
    break_hours: float | None = None
    compensator: bool = False
    plan: str | None = None
    source: Literal["record", "summary", "dicom"] = "record"
    evidence: tuple[str, ...] = ()


class PeriodicEntry(Signed):
    """A weekly physics check or physician visit; ``examined`` matters for visits only."""

    date: Date | None = None
    fraction_from: int | None = None
    fraction_to: int | None = None
    examined: bool = False
    evidence: tuple[str, ...] = ()


class Necessity(Value):
    """A necessity statement: ``specific`` where it ties IMRT to a fact of this patient."""

    specific: bool
    criteria: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class DoseConstraints(Value):
    """Dose goals for the target and constraints for critical structures, in order, prescription or plan."""

    target_goal: bool = False
    critical_structure: bool = False
    evidence: tuple[str, ...] = ()


MotionElement = Literal["why", "system", "threshold", "monitoring", "beam_rule"]


class Motion(Value):
    """The five elements of policy 7.7; each names its evidence, an absent element an empty tuple."""

    why: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    threshold: tuple[str, ...] = ()
    monitoring: tuple[str, ...] = ()
    beam_rule: tuple[str, ...] = ()


class Conflict(Value):
    """Two documents that do not agree. ``about`` names the fact; the values are kept, none is chosen."""

    about: Literal[
        "technique", "inverse", "prescription", "fractions", "laterality", "isocenters", "plan_calls_imrt"
    ]
    values: tuple[str, ...]
    evidence: tuple[str, ...]


class SpecialProcedure(Value):
    """An account of special treatment procedure work (77470)."""

    date: Date | None
    specific: bool
    signed: bool
    evidence: tuple[str, ...] = ()


class Course(Value):
    """One course of treatment: every fact with its evidence, conflicts kept.

    ``technique`` is the most specific one documented as delivered or planned. ``prostate_breast``
    is true where every treatment area is prostate (or its bed, with or without nodes), breast or
    chest wall (policy 7.2), and ``level_arguable`` for its breast-with-nodes, left-breast and
    prostate-with-nodes exceptions (7.4).
    """

    technique: Fact[Technique] = Fact[Technique]()
    treatment_areas: tuple[TreatmentArea, ...] = ()
    isocenters: Fact[int] = Fact[int]()
    prescribed: Prescribed = Prescribed()
    delivered_fractions: Fact[int] = Fact[int]()
    first_fraction: Fact[Date] = Fact[Date]()
    last_fraction: Fact[Date] = Fact[Date]()
    complete: Fact[bool] = Fact[bool]()
    ordering_provider: Fact[str] = Fact[str]()
    orders: tuple[Order, ...] = ()
    simulations: tuple[Simulation, ...] = ()
    plans: tuple[Plan, ...] = ()
    fractions: tuple[Fraction, ...] = ()
    physics_checks: tuple[PeriodicEntry, ...] = ()
    management_visits: tuple[PeriodicEntry, ...] = ()
    imrt_planned: Fact[bool] = Fact[bool]()
    necessity: tuple[Necessity, ...] = ()
    dose_constraints: DoseConstraints = DoseConstraints()
    motion: Motion = Motion()
    compensator: bool = False
    prostate_breast: bool = False
    level_arguable: bool = False
    targets: int | None = None
    stereotactic_intent: bool = False
    special_procedures: tuple[SpecialProcedure, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class UnreadPart(Value):
    """A page that could not be read or a document that could not be opened (page ``None``: all of it)."""

    document: str
    page: int | None


class OtherPatientEntry(Value):
    """An entry of another patient, left out of everything (policy 1.11)."""

    document: str
    entry: str
    evidence: tuple[str, ...]


class CaseRecord(Value):
    """All that the rules read. They never see text."""

    context: CaseContext
    courses: tuple[Course, ...]
    latest_date: Date | None = None
    unread: tuple[UnreadPart, ...] = ()
    other_patient: tuple[OtherPatientEntry, ...] = ()


# ---------------------------------------------------------------- what the rules say


class Reference(Value):
    """Where a rule or fact comes from."""

    title: str
    locator: str
    effective_from: Date
    url: str | None = None


class Reason(Value):
    """One ordered step of a decision; ``passed`` is ``None`` where the chart cannot tell."""

    text: str
    passed: bool | None
    evidence: tuple[str, ...] = ()


class Missing(Value):
    """A requirement that would have to be met for the code to be supported."""

    requirement: str
    reason: MissingReason
    nearest: str | None
    text: str


class Suggestion(Value):
    """One code with one status (per plan or simulation). ``course`` is the index into ``courses``."""

    code: str
    label: str
    claim: Claim | None
    course: int
    status: Status
    units: int
    modifiers: tuple[str, ...]
    dates: tuple[Date, ...]
    rule: str
    summary: str
    reasons: tuple[Reason, ...]
    evidence: tuple[str, ...]
    against: tuple[str, ...]
    missing: tuple[Missing, ...]
    references: tuple[Reference, ...]


class Finding(Value):
    """A problem or remark about the chart; ``query`` is a non-leading question to the physician."""

    type: FindingType
    severity: Severity
    codes: tuple[str, ...]
    message: str
    query: str | None
    evidence: tuple[str, ...]


class ComparisonRow(Value):
    """One row of the claim comparison (policy section 11)."""

    code: str
    date: Date | None
    billed: int
    supported: int
    result: Result
    findings: tuple[FindingType, ...]
    note: str


class Decision(Value):
    """What the rule layer returns for a case record."""

    suggestions: tuple[Suggestion, ...]
    findings: tuple[Finding, ...]
    comparison: tuple[ComparisonRow, ...] | None


# ---------------------------------------------------------------- the review


class LlmInfo(Value):
    """The model that took part in a review, where one did."""

    model: str
    prompt_version: str


class Engine(Value):
    """What made a review: versions that its bytes depend on. ``rulebook`` is ``name@sha256``."""

    version: str
    rulebook: str
    profile: str
    tools: dict[str, str]
    llm: LlmInfo | None = None


class UnevidencedPage(Value):
    """A page that was read and gave no evidence."""

    document: str
    page: int


class HiddenText(Value):
    """Characters of a page that nobody can see; they are in no page text and give no evidence."""

    document: str
    page: int
    characters: int


class Coverage(Value):
    """How much of the chart was read, which pages gave nothing, and which hold text that cannot be seen."""

    pages_read: int
    pages_unread: int
    pages_without_evidence: tuple[UnevidencedPage, ...]
    hidden_text: tuple[HiddenText, ...] = ()


class Scope(Value):
    """How a review departs from the ordinary one.

    ``on``: what-if, every service judged by the rules of that day instead of its own. ``date_from`` and
    ``date_to`` (both inclusive, one may be open): only services of those days are listed and compared.
    """

    on: Date | None = None
    date_from: Date | None = None
    date_to: Date | None = None


class Review(Value):
    """The whole result for one case, in the order of the contract."""

    schema_version: Literal["1.0"] = "1.0"
    case_id: str
    engine: Engine
    context: CaseContext
    documents: tuple[Document, ...]
    evidence: tuple[Evidence, ...]
    courses: tuple[Course, ...]
    suggestions: tuple[Suggestion, ...]
    findings: tuple[Finding, ...]
    comparison: tuple[ComparisonRow, ...] | None = None
    coverage: Coverage
    scope: Scope | None = None
