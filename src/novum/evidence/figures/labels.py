"""Short names for arms, levels and axes."""

import textwrap
from collections.abc import Sequence

from novum.records import Config, Contrast, Domain, Factor, Level, Metric

BASE = "baseline"
MANY = 3  # departures that a label spells out


def level_text(level: Level) -> str:
    """A level as people write it: `0.032`, `adam`, `on`."""
    if isinstance(level, bool):
        return "on" if level else "off"
    return f"{level:.3g}" if isinstance(level, int | float) else str(level)


def arm_labels(configs: Sequence[Config], domain: Domain, base: Config | None = None) -> list[str]:
    """What tells each configuration from the others, short enough for a legend.

    If one factor varies: its levels. If several do: each arm's departures from `base` (default: the first
    configuration); an arm with many departures is named by their number where that tells it apart.
    """
    varied = [f for f in domain.factors if len({repr(c.get(f.name)) for c in configs}) > 1]
    start = base if base is not None and base in configs else configs[0] if configs else {}
    if len(varied) == 1:
        return [spelled(c, varied) for c in configs]
    moved = [[f for f in varied if c[f.name] != start[f.name]] for c in configs]
    counts = [len(m) for m in moved]
    return [_label(c, m, counts.count(len(m)) == 1) for c, m in zip(configs, moved, strict=True)]


def _label(config: Config, moved: list[Factor], alone: bool) -> str:
    if not moved:
        return BASE
    return f"{len(moved)} factors moved" if len(moved) > MANY and alone else spelled(config, moved)


def spelled(config: Config, factors: Sequence[Factor]) -> str:
    """The levels of some factors in words."""
    return ", ".join(f"{f.title or f.name} {level_text(config[f.name])}" for f in factors)


def side_labels(contrast: Contrast, domain: Domain) -> tuple[str, str]:
    """What either side of a claim is called: the levels of its factors there."""
    factors = [domain.factor(name) for name in contrast.factors]
    return spelled(contrast.a, factors), spelled(contrast.b, factors)


def axis_label(metric: Metric) -> str:
    title = metric.title or metric.name
    shown = title[:1].upper() + title[1:]
    return f"{shown} ({metric.unit})" if metric.unit and metric.unit not in title else shown


def wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=True)) or text
