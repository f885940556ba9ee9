"""Short names for arms, levels and axes."""

import textwrap
from collections.abc import Sequence

from novum.records import Config, Domain, Level, Metric

NOT_TOLD = "base configuration"


def level_text(level: Level) -> str:
    """A level as people write it: `0.032`, `adam`, `on`."""
    if isinstance(level, bool):
        return "on" if level else "off"
    return f"{level:.3g}" if isinstance(level, int | float) else str(level)


def arm_labels(configs: Sequence[Config], domain: Domain) -> list[str]:
    """What tells each configuration from the others: only the factors in which they differ."""
    varied = [f for f in domain.factors if len({repr(c.get(f.name)) for c in configs}) > 1]
    labels = []
    for config in configs:
        parts = [f"{f.title or f.name} {level_text(config[f.name])}" for f in varied]
        labels.append(", ".join(parts) or NOT_TOLD)
    return labels


def axis_label(metric: Metric) -> str:
    title = metric.title or metric.name
    shown = title[:1].upper() + title[1:]
    return f"{shown} ({metric.unit})" if metric.unit and metric.unit not in title else shown


def wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=True)) or text
