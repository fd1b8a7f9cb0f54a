"""A compact description of a case, as the YAML rule tests write it, becomes a ``CaseRecord``.

Whoever writes a test names a ``base`` course and changes what matters. Dotted keys reach inside
(``plan.approval.state``), ``plan``, ``order`` and ``simulation`` change the first of their kind, lists
replace the whole list. ``fractions``, ``checks`` and ``visits`` may be counted instead of listed:
``{count: 28, from: 2025-08-20, ...}`` gives treatment on weekdays, and every other key is a field of each.
"""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

from pydantic import ValidationError

from ..errors import RulebookError
from ..model import CaseContext, CaseRecord, Course, UnreadPart

_DOCTOR = {"signer": "Ada Berg, MD", "role": "radiation_oncologist", "signed": True}
_PHYSICIST = {"signer": "Ben Holm, MS, DABR", "role": "physicist", "signed": True}

_IMRT: dict[str, Any] = {
    "technique": "VMAT",
    "treatment_areas": ["oropharynx"],
    "isocenters": 1,
    "targets": 1,
    "prescribed": 30,
    "complete": True,
    "imrt_planned": True,
    "orders": [{"date": "2025-02-24", "signature_date": "2025-02-24", "technique": "IMRT", **_DOCTOR}],
    "simulations": [
        {
            "date": "2025-02-20",
            "signature_date": "2025-02-20",
            "areas": 1,
            "contrast": True,
            "serves": "imrt",
            **_DOCTOR,
        }
    ],
    "plans": [
        {
            "label": "plan A",
            "date": "2025-03-03",
            "technique": "VMAT",
            "inverse": True,
            "modulation": "mlc",
            "arcs": 2,
            "isocenters": 1,
            "fractions": 30,
            "dvh": True,
            "dvh_target": True,
            "dvh_critical": True,
            "dvh_volume_or_mean": True,
            "planning_ct": "2025-02-20",
            "delivered": True,
            "approval": {
                "state": "approved",
                "by": "Ada Berg, MD",
                "role": "radiation_oncologist",
                "date": "2025-03-03",
                "kind": "electronic",
            },
        }
    ],
    "necessity": [{"specific": True, "criteria": ["parotid glands beside the target"]}],
    "dose_constraints": {"target_goal": True, "critical_structure": True},
    "fractions": {"count": 30, "from": "2025-03-10", "technique": "VMAT", "modality": "photon"},
    "checks": {"every": 5},
    "visits": {"every": 5},
}

_CONVENTIONAL: dict[str, Any] = {
    "technique": "3DCRT",
    "treatment_areas": ["lung"],
    "isocenters": 1,
    "targets": 1,
    "prescribed": 10,
    "complete": True,
    "orders": [{"date": "2025-02-24", "signature_date": "2025-02-24", "technique": "3DCRT", **_DOCTOR}],
    "simulations": [
        {
            "date": "2025-02-20",
            "signature_date": "2025-02-20",
            "areas": 1,
            "serves": "3d",
            "same_target_as_imrt": False,
            **_DOCTOR,
        }
    ],
    "plans": [
        {
            "label": "plan A",
            "date": "2025-03-03",
            "technique": "3DCRT",
            "inverse": False,
            "isocenters": 1,
            "fractions": 10,
            "dvh": True,
            "dvh_target": True,
            "dvh_critical": True,
            "dvh_volume_or_mean": True,
            "planning_ct": "2025-02-20",
            "delivered": True,
            "same_target_as_imrt": False,
            "approval": {
                "state": "approved",
                "by": "Ada Berg, MD",
                "role": "radiation_oncologist",
                "date": "2025-03-03",
                "kind": "electronic",
            },
        }
    ],
    "fractions": {"count": 10, "from": "2025-03-10", "technique": "3DCRT", "modality": "photon", "ports": 2},
    "checks": {"every": 5},
    "visits": {"every": 5},
}

_STEREOTACTIC: dict[str, Any] = {
    **_IMRT,
    "technique": "SBRT",
    "treatment_areas": ["lung"],
    "stereotactic_intent": True,
    "prescribed": 5,
    "fractions": {"count": 5, "from": "2025-03-10", "technique": "SBRT", "modality": "photon"},
}

BASES: dict[str, dict[str, Any]] = {
    "imrt": _IMRT,
    "3d": _CONVENTIONAL,
    "sbrt": _STEREOTACTIC,
    "empty": {"fractions": {"count": 0}},
}
"""Clean courses that tests start from."""

_CASE = {"payer": "commercial", "setting": "freestanding", "claim": ["global"]}
_FIRST = {"plan": "plans", "order": "orders", "simulation": "simulations"}
_FACTS = {
    "technique",
    "isocenters",
    "delivered_fractions",
    "first_fraction",
    "last_fraction",
    "complete",
    "ordering_provider",
    "imrt_planned",
}


def expand(description: dict[str, Any]) -> CaseRecord:
    """Turn a compact description into a record; raises ``RulebookError`` for a field that does not exist."""
    courses = description.get("courses", [description.get("course", {})])
    context = {**_CASE, **description.get("case", {})}
    if isinstance(context["claim"], str):
        context["claim"] = [context["claim"]]
    if context["claim"] is None:
        context["claim"] = []
    try:
        built = tuple(Course.model_validate(_course(dict(c))) for c in courses)
        record = CaseRecord(
            context=CaseContext.model_validate(context),
            courses=built,
            unread=tuple(
                UnreadPart(document="scan.pdf", page=2) for _ in range(bool(description.get("unread")))
            ),
            other_patient=tuple(description.get("other_patient", ())),
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RulebookError(f"{where}: {first['msg']}") from None
    return record.model_copy(update={"latest_date": description.get("latest_date", _latest(built))})


def _latest(courses: tuple[Course, ...]) -> dt.date | None:
    days = [d for c in courses for d in (c.last_fraction.value,) if d]
    days += [f.date for c in courses for f in c.fractions if f.date]
    days += [o.date for c in courses for o in c.orders if o.date]
    days += [s.date for c in courses for s in c.simulations if s.date]
    days += [p.date for c in courses for p in c.plans if p.date]
    days += [e.date for c in courses for e in (*c.physics_checks, *c.management_visits) if e.date]
    return max(days, default=None)


def _course(changes: dict[str, Any]) -> dict[str, Any]:
    base = changes.pop("base", "imrt")
    if base not in BASES:
        raise RulebookError(f"base {base} is not one of {', '.join(BASES)}")
    data = copy.deepcopy(BASES[base])
    counted: dict[str, Any] = {key: data.pop(key) for key in ("fractions", "checks", "visits") if key in data}
    for key in list(changes):
        if key.split(".")[0] in ("fractions", "checks", "visits"):
            _set(counted, key, changes.pop(key))
    shift = changes.pop("shift_days", 0)
    for key, value in changes.items():
        head, _, rest = key.partition(".")
        if head in _FIRST:
            target = data[_FIRST[head]][0]
            if rest:
                _set(target, rest, value)
            else:
                _merge(target, value)
        elif key in ("more_plans", "more_simulations", "more_orders"):
            name = key.removeprefix("more_")
            data[name] = data[name] + [{**copy.deepcopy(data[name][0]), **item} for item in value]
        else:
            _set(data, key, value)
    _shift(data, shift)
    fractions = _fractions(counted.get("fractions", []), shift)
    for key in list(data):
        if key in _FACTS:
            data[key] = data[key] if isinstance(data[key], dict) else {"value": data[key]}
    data["treatment_areas"] = [_area(a) for a in data.get("treatment_areas", ())]
    prescribed = data.pop("prescribed", None)
    data["prescribed"] = {"fractions": {"value": prescribed}}
    data["fractions"] = fractions
    days = [f["date"] for f in fractions if f.get("date")]
    data.setdefault("first_fraction", {"value": min(days, default=None)})
    data.setdefault("last_fraction", {"value": max(days, default=None)})
    data.setdefault("delivered_fractions", {"value": len(fractions) or None})
    data["physics_checks"] = _entries(counted.get("checks", []), fractions, _PHYSICIST, shift)
    data["management_visits"] = _entries(
        counted.get("visits", []), fractions, {**_DOCTOR, "examined": True}, shift
    )
    return data


def _area(area: str | dict[str, Any]) -> dict[str, Any]:
    return area if isinstance(area, dict) else {"value": area, "laterality": None, "evidence": ()}


def _set(data: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    for part in path:
        data = data.setdefault(part, {})
    if isinstance(value, dict) and isinstance(data.get(last), dict):
        _merge(data[last], value)
    else:
        data[last] = value


def _merge(target: dict[str, Any], changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        _set(target, key, value)


def _day(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _shift(data: Any, days: int) -> None:
    """Move every base date by ``days`` so that one clean course serves both sides of a code change."""
    if not days:
        return
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(items):
        if isinstance(value, (dict, list)):
            _shift(value, days)
        elif isinstance(value, str) and len(value) == 10 and value[4:5] == "-":
            data[key] = dt.date.fromisoformat(value) + dt.timedelta(days=days)


def _fractions(counted: Any, shift: int) -> list[dict[str, Any]]:
    if isinstance(counted, list):
        return [{"number": i, **f} for i, f in enumerate(counted, 1)]
    fields = dict(counted)
    count, start, twice = fields.pop("count"), fields.pop("from", None), fields.pop("twice_daily", False)
    extra = fields.pop("then", [])
    day = _day(start) + dt.timedelta(days=shift) if start else None
    result: list[dict[str, Any]] = []
    while len(result) < count:
        if day is not None:
            while day.weekday() > 4:
                day += dt.timedelta(days=1)
        for session in (1, 2) if twice else (1,):
            if len(result) < count:
                result.append({"number": len(result) + 1, "date": day, "session": session, **fields})
        if day is not None:
            day += dt.timedelta(days=1)
    for i, fraction in enumerate(result):
        if fraction["session"] == 1:
            result[i] = {**fraction, "break_hours": None}
    return result + [{"number": len(result) + i, **f} for i, f in enumerate(extra, 1)]


def _entries(
    counted: Any, fractions: list[dict[str, Any]], signer: dict[str, Any], shift: int
) -> list[dict[str, Any]]:
    if isinstance(counted, list):
        return [{**signer, **entry} for entry in counted]
    fields = dict(counted)
    every, skip = fields.pop("every", 5), set(fields.pop("skip", ()))
    tail, change = fields.pop("tail", True), fields.pop("change", {})
    count = len(fractions)
    ends = list(range(every, count + 1, every))
    if tail and signer.get("examined") and count % every > 2:
        ends.append(count)
    if tail and not ends and count:
        ends = [count]
    result = []
    for block, end in enumerate(ends, 1):
        if block in skip:
            continue
        entry = {"date": fractions[end - 1].get("date"), "signature_date": fractions[end - 1].get("date")}
        if entry["date"] is None:
            entry["fraction_to"] = end
        result.append({**signer, **entry, **fields, **change.get(str(block), {})})
    return result
