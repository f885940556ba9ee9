# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The metrics that no claim is about."""

import math
from collections.abc import Iterator

from novum.records import Metric
from novum.scientists.systematic.compose import fractions
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    listing,
    metric_title,
    paragraph,
    paragraphs,
    whole,
)


def secondary(paper: Paper) -> str:
    """Descriptive values of the metrics that no claim is about."""
    others = [m for m in paper.domain.metrics if not m.primary]
    if not others or not paper.complete:
        return ""
    intro = paper.say(
        "secondary",
        "The other metrics are given in Table 5, for description; no test was made of them",
        "Table 5 describes the arms by the remaining metrics, without tests or verdicts",
        "Secondary metrics are listed in Table 5; they were not registered and nothing is concluded from them",
        "For the record, Table 5 has the metrics on which nothing was claimed",
        "Descriptive values of the metrics that no claim concerns are in Table 5",
    )
    return paragraphs("## Secondary metrics", paragraph(intro, _reported_by(others), *_departed(paper, others)), secondary_table(paper, others))


def _reported_by(metrics: list[Metric]) -> str:
    own = [metric_title(m) for m in metrics if m.self_reported]
    return f"Reported by the program itself, and certified by nobody: {listing(own)}" if own else ""


def _departed(paper: Paper, metrics: list[Metric]) -> Iterator[str]:
    """Where a program's own figure was another than what the evaluator certified, in any run of the study."""
    by = {(m.metric, m.trial, m.seed): m.value for m in paper.view.measurements.values()}
    for metric in metrics:
        pairs = [(value, by.get((metric.reports, trial, seed))) for (name, trial, seed), value in by.items()
                 if metric.reports and name == metric.name and value is not None]  # fmt: skip
        if any(not agree(said, certified) for said, certified in pairs):
            title = metric_title(paper.domain.metric(metric.reports))
            yield (f"In some runs of this study the program's own figure was not the {title} that the evaluator certified; "
                   "the evaluator's value counts, here and in every verdict")  # fmt: skip


def agree(said: float, certified: float | None) -> bool:
    """Whether two figures are one but for rounding; a figure for what the evaluator refused is none."""
    return certified is not None and math.isclose(said, certified, rel_tol=1e-9, abs_tol=1e-9)


def secondary_table(paper: Paper, metrics: list[Metric]) -> str:
    """Rows are arms, columns are metrics: the mean over seeds that have a value."""
    timed = ", of times restricted to the horizon," if any(m.kind == "time_to_event" for m in metrics) else ""
    if fractions.averaged(paper):
        caption = f"Secondary metrics by level of the factors under test in confirmation: means{timed} over the points of the design. {{.wide}}"
        return fractions.sides_table(paper, metrics, caption)
    head = "| arm | " + " | ".join(metric_title(m) for m in metrics) + " |"
    rule = "|:-------|" + "--:|" * len(metrics)
    rows = [
        f"| {paper.brief(arm)} | " + " | ".join(centre(paper, arm, m) for m in metrics) + " |"
        for arm in paper.protocol.arms
    ]
    return "\n".join([head, rule, *rows]) + (
        f"\n\nTable: Secondary metrics by arm in confirmation: means{timed} over the seeds that have a value. {{.wide}}")  # fmt: skip


def centre(paper: Paper, arm: dict, metric: Metric) -> str:
    """A reference to the mean of an arm."""
    kind = "restricted_mean" if metric.kind == "time_to_event" else "mean"
    # a program's own figure, with the digits of the one that it reports
    spec = whole(paper.domain.metric(metric.reports)) if metric.reports else None
    return paper.arm(arm, kind, metric, spec=spec)
