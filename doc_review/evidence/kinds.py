"""What each kind of evidence holds: the attributes that extractors write and ``courses`` reads.

Dates are ISO strings, doses Gy, absent attributes unknown. The kind of the entry an item stands in,
and its page, come from its citation.

technique           value: a ``Technique``. role: order | plan | delivery | mention; inverse: true | false;
                    modulation: mlc | compensator | none.
treatment_area      value: an area of ``lexicon/sites.yaml``. laterality: left | right | bilateral; group: the
                    contiguous area it belongs to; role: order | plan | simulation | delivery | mention;
                    levels: [first, last] of a run of vertebrae.
order               value: ordered ``Technique``. technique, modality: photon | electron | mixed,
                    form: order | prescription | consultation | simulation | other, date.
necessity_statement value: specific | generic. criteria: [..], structures: [..].
prescription        value: as written. dose_gy, fractions, dose_per_fraction_gy, target, phase:
                    initial | boost | single, simultaneous: true for a level of a simultaneous boost, role: order | plan | dicom.
dose_constraint     value: as written. structure, structure_class: target | critical, role: goal | result.
simulation          value: ct_simulation | simulation. date, areas, arc, complex_blocking, custom_blocks, particle,
                    brachytherapy, hyperthermia, repeat: true for a verification or repeat.
contrast            value: given | none (none is ``negated``). agent, route.
immobilization      value: device.
motion_management   value: 4dct | gating | tracking | dibh | breath_hold | surface_guidance | compression | free_breathing.
                    element: study | why | system | threshold | monitoring | beam_rule | named; delivered: true
                    in a treatment record.
plan                value: label or technique. technique, inverse, modulation, arcs, beams, isocenters, fractions,
                    dose_gy, date, planning_ct, replan, boost; a DICOM plan also approval_status, approval_date,
                    reviewer, energies, isocenter_positions: [[x, y, z], ..] mm, fraction_groups: [..], dose_levels: [..],
                    use: clinical | qa_copy | phantom | other.
dvh                 value: structure. structure_class: target | critical, metric, volume_or_mean: true | false.
contour             value: structure.
isocenter           value: how it is told. count, label, coordinates: [x, y, z].
mlc                 value: collimator.
signature           value: signer as written ("" for a blank line). signer, credentials, role, date,
                    kind: electronic | handwritten | attestation | mark | stamp | on_file | not_read | pending |
                    blank | typed; act: signed | approved | reviewed | cosigned | prepared | checked | attested;
                    counts: true where policy 6.1/6.2 lets it stand as a signature; of: entry | plan | order.
                    A signature that does not exist (blank, pending, unsigned) is ``negated``.
delivery            value: fraction | total | session_note. A fraction: number, date, session, technique, modality,
                    fields, ports, isocenters, dose_gy, cumulative_gy, break_hours, features: [..] (model.FractionFeature),
                    plan. A total: delivered, prescribed, first_date, last_date, technique. source: record | summary | dicom.
                    Not delivered sessions are ``negated``; planned ones ``planned``.
physics_check       value: the date or range as written. date, fraction_from, fraction_to, signer, credentials,
                    role, signed, signature_date, mark_only, stamp. An empty row is ``negated``.
management_visit    value: the date or range as written. date, fraction_from, fraction_to, signer, credentials,
                    role, signed, signature_date, mark_only, stamp, examined.
image_guidance      value: cbct | kv | mv | ultrasound | surface | mr.
patient_qa          value: what was measured. date.
replan              value: replan | new_planning_ct | anatomical_change | online_adapted. date.
completion          value: complete | stopped | ongoing. delivered, prescribed, dose_gy, first_date, last_date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..model import Assertion, Citation, EvidenceKind, Method, Provider
from .colleagues import Colleague
from .matcher import Hit
from .note import Note


@dataclass(frozen=True, slots=True)
class Draft:
    """Evidence before it has an id."""

    kind: EvidenceKind
    value: str
    citation: Citation
    attributes: dict[str, Any] = field(default_factory=dict)
    assertion: Assertion = "affirmed"
    method: Method = "nlp"
    confidence: float = 0.9


@dataclass(frozen=True, slots=True)
class Reading:
    """What an extractor gets: one note, its lexicon hits with their assertions, and who is who.

    ``providers`` are listed for the case, ``people`` named somewhere in its documents.
    """

    note: Note
    hits: Sequence[Hit]
    assertions: Sequence[Assertion]
    providers: Sequence[Provider] = ()
    people: Sequence[Colleague] = ()

    def of_kind(self, *kinds: str) -> Iterator[tuple[Hit, Assertion]]:
        """Hits of some kinds with their assertions, in order."""
        for hit, assertion in zip(self.hits, self.assertions, strict=True):
            if hit.kind in kinds:
                yield hit, assertion


class Extractor(Protocol):
    """One extractor of one kind (or of kinds that are read together)."""

    def __call__(self, reading: Reading) -> Iterator[Draft]:
        """Evidence drafts of one note, in text order."""
