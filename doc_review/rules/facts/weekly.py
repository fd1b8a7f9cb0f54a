"""The weekly count becomes facts: what is signed, missing, left over or out of place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base import Subject, Told, fact, joined

if TYPE_CHECKING:
    from ..units import Block, Weekly


def _weekly(subject: Subject) -> Weekly:
    if subject.weekly is None:
        raise LookupError("a weekly fact needs a weekly count")
    return subject.weekly


def _spans(blocks: tuple[Block, ...]) -> str:
    return ", ".join(f"{b.first}-{b.last}" if b.last > b.first else str(b.first) for b in blocks)


@fact("some", "none_signed", "none")
def weekly_signed(subject: Subject) -> Told:
    """Whether any check or visit counts (policy 8.1, 9.1)."""
    count = _weekly(subject)
    if count.counted or count.unplaced:
        return Told("some", count.evidence, detail=f"{len(count.counted)} of {len(count.blocks)} blocks")
    others = joined(e.evidence for b in count.blocks for e in b.others)
    return Told("none_signed", others, others) if count.units else Told("none")


@fact("full", "mark", "unknown_signer", "undated")
def weekly_signature(subject: Subject) -> Told:
    """The weakest signature that a counted block rests on (policy 6.2)."""
    for state in ("mark", "unknown_signer", "undated"):
        weak = tuple(b for b in _weekly(subject).counted if b.state == state)
        if weak:
            evidence = joined(e.evidence for b in weak for e in b.counted[:1])
            return Told(state, evidence, evidence, f"fractions {_spans(weak)}")
    return Told("full", _weekly(subject).evidence)


@fact("all", "some_missing")
def weekly_blocks(subject: Subject) -> Told:
    """Earned blocks without a check or visit that counts; one that cannot be placed may fill one."""
    count = _weekly(subject)
    missing = count.unchecked
    if len(missing) <= len(count.unplaced):
        return Told("all", count.evidence)
    against = joined(e.evidence for b in missing for e in b.others)
    return Told("some_missing", against, against, f"fractions {_spans(missing)}")


@fact("none", "extra")
def weekly_extra(subject: Subject) -> Told:
    """More than one check in a block (policy 8.1); rows signed on one day are one check."""
    extra = tuple(
        b for b in _weekly(subject).blocks if len({e.signature_date or e.date for e in b.counted}) > 1
    )
    evidence = joined(e.evidence for b in extra for e in b.counted)
    return Told("extra", evidence, evidence, f"fractions {_spans(extra)}") if extra else Told("none")


@fact("none", "leftover")
def weekly_leftover(subject: Subject) -> Told:
    """A check in a block of fewer than five at the end (policy 8.1)."""
    leftover = _weekly(subject).leftover
    evidence = joined(e.evidence for e in leftover)
    days = ", ".join(str(e.date) for e in leftover if e.date)
    return Told("leftover", evidence, evidence, days) if leftover else Told("none")


@fact("placed", "unplaced")
def weekly_placement(subject: Subject) -> Told:
    """Whether every counting entry can be placed in a block (policy 8.2)."""
    loose = _weekly(subject).unplaced
    evidence = joined(e.evidence for e in loose)
    return Told("unplaced", evidence, evidence) if loose else Told("placed")


@fact("none", "stamp")
def weekly_stamp(subject: Subject) -> Told:
    """A stamp in an earned block that nothing else signs (policy 6.2)."""
    stamped = [e for b in _weekly(subject).unchecked for e in b.others if e.stamp]
    evidence = joined(e.evidence for e in stamped)
    return Told("stamp", evidence, evidence) if stamped else Told("none")
