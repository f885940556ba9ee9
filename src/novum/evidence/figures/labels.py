"""Short names for arms, levels and axes."""

import textwrap
from collections.abc import Sequence

from novum.records import Config, Domain, Factor, Level, Metric

BASE = "base"


def level_text(level: Level) -> str:
    """A level as people write it: `0.032`, `adam`, `on`."""
    if isinstance(level, bool):
        return "on" if level else "off"
    return f"{level:.3g}" if isinstance(level, int | float) else str(level)


def arm_labels(configs: Sequence[Config], domain: Domain, base: Config | None = None) -> list[str]:
    """What tells each configuration from the others.

    If one factor varies: its levels. If several do: each arm's departures from `base` (default: the first
    configuration), which is itself spelt out.
    """
    varied = [f for f in domain.factors if len({repr(c.get(f.name)) for c in configs}) > 1]
    start = base if base is not None and base in configs else configs[0] if configs else {}

    def spell(config: Config, factors: list[Factor]) -> str:
        return ", ".join(f"{f.title or f.name} {level_text(config[f.name])}" for f in factors)

    if len(varied) == 1:
        return [spell(c, varied) for c in configs]
    labels = []
    for config in configs:
        moved = [f for f in varied if config[f.name] != start[f.name]]
        labels.append(spell(config, moved) if moved else f"{BASE}: {spell(config, varied)}".rstrip(": "))
    return labels


def axis_label(metric: Metric) -> str:
    title = metric.title or metric.name
    shown = title[:1].upper() + title[1:]
    return f"{shown} ({metric.unit})" if metric.unit and metric.unit not in title else shown


def wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=True)) or text
