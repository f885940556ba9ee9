"""Domains whose programs report their own metrics: everything that such a metric touches carries a label.

Nobody certifies what a program says of itself. So the label is part of the metric's name, by which tables,
figures, claims and sentences call it, and of the limits that every paper prints.
"""

import msgspec

from novum.records import Domain, Metric

LABEL = "self-reported"
LIMIT = (
    "All metrics are self-reported: the program under study states them itself, and no evaluator certifies "
    "them. A verdict here is about what the program says."
)


def labelled(domain: Domain) -> Domain:
    """The domain with the label in the name of each metric and among its limits."""
    metrics = tuple(_labelled(metric) for metric in domain.metrics)
    limits = " ".join(part for part in (domain.limits, LIMIT) if part)
    return msgspec.structs.replace(domain, metrics=metrics, limits=limits)


def _labelled(metric: Metric) -> Metric:
    title = metric.title or metric.name.replace("_", " ")
    return msgspec.structs.replace(metric, title=title if LABEL in title.lower() else f"{LABEL} {title}")
