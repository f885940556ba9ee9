"""Figures, each in two halves: `x_data(state, …)` gathers plain JSON, `draw_x(data)` draws only from it.

The data are kept as a blob beside the figure, so that the audit can gather them again and compare, and
anyone can redraw. Equal data give equal bytes.
"""

from collections.abc import Callable
from typing import Any

Drawn = dict[str, bytes]
"""Suffix (`svg`, `pdf`, `png`) -> file."""


def draw(data: dict[str, Any]) -> Drawn:
    """Draw any figure from its data, whose `kind` names it.

    Raises:
        ValueError: unknown kind.
    """
    kinds = drawers()
    if data.get("kind") not in kinds:
        raise ValueError(f"no figure kind {data.get('kind')!r}; kinds: {', '.join(kinds)}")
    return kinds[data["kind"]](data)


RESHAPED = ("curves", "reported")
"""Kinds whose axes may be given another look; the others' mean what they show."""


def redraw(data: dict[str, Any], look: dict[str, Any]) -> Drawn:
    """Draw a figure with another look (`novum.records.Look`) of the same data.

    Raises:
        ValueError: its kind, or its data, do not allow it.
    """
    if data.get("kind") not in RESHAPED:
        raise ValueError(f"a figure of the kind {data.get('kind')} has one look")
    named = [way for way in "xy" if look.get(f"{way}_label")]
    if named and data["kind"] != "reported":
        raise ValueError("its labels are the domain's")
    from novum.evidence.figures.reported import plain_label

    return draw(data | {"look": look | {f"{way}_label": plain_label(look[f"{way}_label"]) for way in named}})


def drawers() -> dict[str, Callable[[dict[str, Any]], Drawn]]:
    """Figure kind -> function that draws it."""
    from novum.evidence.figures.curves import draw_curves
    from novum.evidence.figures.dose import draw_dose
    from novum.evidence.figures.events import draw_events
    from novum.evidence.figures.foreign import draw_foreign
    from novum.evidence.figures.forest import draw_forest
    from novum.evidence.figures.map import draw_map
    from novum.evidence.figures.pairs import draw_pairs
    from novum.evidence.figures.reported import draw_reported
    from novum.evidence.figures.seeds import draw_seeds
    from novum.evidence.figures.tree import draw_tree

    return {"seeds": draw_seeds, "forest": draw_forest, "curves": draw_curves, "dose": draw_dose,
            "events": draw_events, "map": draw_map, "tree": draw_tree, "reported": draw_reported,
            "foreign": draw_foreign, "pairs": draw_pairs}  # fmt: skip
