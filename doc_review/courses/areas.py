"""``treatment_area`` evidence in, contiguous treatment areas out (policy section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..model import Evidence, TreatmentArea
from .views import EntryView, ids

# Where sites are told best: the order, then the plan, the simulation, the record, then prose.
_ROLE_ORDER = ("order", "plan", "simulation", "delivery", "mention")
_STRENGTH = {"field": 0, "stated": 1, "title": 2}
_SIDED = ("left", "right")


class _Group:
    """Items that lie in one contiguous area."""

    def __init__(self, item: Evidence) -> None:
        self.items = [item]

    @property
    def families(self) -> frozenset[str]:
        return frozenset(str(item.attributes.get("family")) for item in self.items)

    @property
    def sides(self) -> frozenset[str]:
        found: set[str] = set()
        for item in self.items:
            side = item.attributes.get("laterality")
            if item.attributes.get("sided") and side in _SIDED:
                found.add(str(side))
        return frozenset(found)

    def levels(self) -> tuple[int, int] | None:
        spans = [item.attributes["levels"] for item in self.items if "levels" in item.attributes]
        return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None


def _contiguous(group: _Group, item: Evidence) -> bool:
    """Whether an item lies in a group's area: same family and side, or a family that joins it."""
    family = str(item.attributes.get("family"))
    joins = frozenset(item.attributes.get("joins", ()))
    group_joins = frozenset(join for other in group.items for join in other.attributes.get("joins", ()))
    related = family in group.families or joins & group.families or family in group_joins
    if not related:
        return False
    if "levels" in item.attributes and group.levels() is not None:
        low, high = item.attributes["levels"]
        first, last = group.levels() or (0, 0)
        return bool(low <= last + 1 and first <= high + 1)
    side = item.attributes.get("laterality")
    if item.attributes.get("sided") and side in _SIDED and group.sides:
        return side in group.sides
    return True


def _grouped(items: Sequence[Evidence]) -> list[_Group]:
    """Items joined into contiguous areas; primaries open areas before nodes join them."""
    ordered = sorted(
        items,
        key=lambda item: (
            bool(item.attributes.get("node")),
            not (item.attributes.get("sided") and item.attributes.get("laterality") in _SIDED)
            if item.attributes.get("sided")
            else False,
            "levels" not in item.attributes if item.value == "spine" else False,
        ),
    )
    groups: list[_Group] = []
    for item in ordered:
        if item.attributes.get("sided") and item.attributes.get("laterality") == "bilateral":
            for side in _SIDED:
                twin = item.model_copy(update={"attributes": {**item.attributes, "laterality": side}})
                _place(groups, twin)
        else:
            _place(groups, item)
    return groups


def _place(groups: list[_Group], item: Evidence) -> None:
    for group in groups:
        if _contiguous(group, item):
            group.items.append(item)
            return
    groups.append(_Group(item))


def _best_role(items: Iterable[Evidence]) -> list[Evidence]:
    """The items of the place where sites are told best."""
    found = list(items)
    for role in _ROLE_ORDER:
        chosen = [item for item in found if item.attributes.get("role") == role]
        strong = [item for item in chosen if item.attributes.get("strength") in ("field", "stated")]
        if strong or chosen:
            return strong or chosen
    return []


def _area(group: _Group) -> TreatmentArea:
    """One area: named by its strongest primary and the nodes treated with it."""
    ranked = sorted(
        group.items,
        key=lambda item: (
            bool(item.attributes.get("node")),
            _STRENGTH.get(str(item.attributes.get("strength")), 3),
            item.id,
        ),
    )
    head = ranked[0]
    nodes = next((item for item in ranked if item.attributes.get("node") and item.value != head.value), None)
    sides = group.sides or {
        str(item.attributes["laterality"])
        for item in group.items
        if item.attributes.get("laterality") in _SIDED
    }
    laterality = next(iter(sides)) if len(sides) == 1 and head.attributes.get("sided") else None
    name = head.value
    levels = group.levels()
    if levels is not None:
        name = f"spine {_vertebra(levels[0])}" + (
            f"-{_vertebra(levels[1])}" if levels[1] != levels[0] else ""
        )
    if nodes is not None and not head.attributes.get("node"):
        name = f"{name} and {nodes.value}"
    return TreatmentArea(value=name, laterality=laterality, evidence=ids(ranked))  # type: ignore[arg-type]


def _vertebra(level: int) -> str:
    for letter, first, count in (("C", 0, 7), ("T", 7, 12), ("L", 19, 5), ("S", 24, 5)):
        if first < level <= first + count:
            return f"{letter}{level - first}"
    return "S5"


def area_items(entries: Iterable[EntryView]) -> list[Evidence]:
    """Affirmed or planned site items of some entries."""
    return [
        item for view in entries for item in view.of("treatment_area", assertions=("affirmed", "planned"))
    ]


def treatment_areas(items: Sequence[Evidence]) -> tuple[TreatmentArea, ...]:
    """Contiguous areas of the course, in evidence order."""
    chosen = _best_role(items)
    groups = _grouped(chosen)
    return tuple(sorted((_area(group) for group in groups), key=lambda area: _number(area.evidence[0])))


def _number(identifier: str) -> int:
    return int(identifier.lstrip("e") or 0)


def area_count(items: Sequence[Evidence]) -> int | None:
    """Number of contiguous areas among items of one entry, ``None`` of none."""
    return len(_grouped(list(items))) or None


def prostate_or_breast(items: Sequence[Evidence]) -> tuple[bool, bool]:
    """Whether every area is prostate, breast or chest wall (7.2), and whether a higher level is arguable (7.4)."""
    chosen = _best_role(items)
    if not chosen:
        return False, False
    tags = [str(item.attributes.get("prostate_breast", "")) for item in chosen]
    pelvic_nodes = [item for item in chosen if item.value == "pelvic nodes"]
    has_prostate = "prostate" in tags
    simple = all(
        tag in ("prostate", "breast", "nodes") or (has_prostate and item in pelvic_nodes)
        for tag, item in zip(tags, chosen, strict=True)
    ) and ("prostate" in tags or "breast" in tags)
    left = any(
        item.attributes.get("laterality") == "left"
        for item in chosen
        if item.attributes.get("prostate_breast") == "breast"
    )
    return simple, simple and (bool(pelvic_nodes) or "nodes" in tags or left)
