# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The metrics that no claim is about."""

from novum.records import Metric
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    listing,
    metric_title,
    paragraph,
    paragraphs,
)


def secondary(paper: Paper) -> str:
    """Descriptive values of the metrics that no claim is about."""
    others = [m for m in paper.domain.metrics if not m.primary]
    if not others or not paper.complete:
        return ""
    intro = paper.say(
        "secondary",
        "The other metrics are given in Table 5 by arm, for description; no test was made of them",
        "Table 5 describes the arms by the remaining metrics, without tests or verdicts",
        "Secondary metrics are listed in Table 5; they were not registered and nothing is concluded from them",
        "For the record, Table 5 has the metrics on which nothing was claimed",
        "Descriptive values of the metrics that no claim concerns are in Table 5",
    )
    return paragraphs("## Secondary metrics", paragraph(intro, _reported_by(others)), secondary_table(paper, others))


def _reported_by(metrics: list[Metric]) -> str:
    own = [metric_title(m) for m in metrics if m.self_reported]
    return f"Reported by the program itself, and certified by nobody: {listing(own)}" if own else ""


def secondary_table(paper: Paper, metrics: list[Metric]) -> str:
    """Rows are arms, columns are metrics: the mean over seeds that have a value."""
    head = "| arm | " + " | ".join(metric_title(m) for m in metrics) + " |"
    rule = "|:-------|" + "--:|" * len(metrics)
    rows = [f"| {paper.brief(arm)} | " + " | ".join(_centre(paper, arm, m) for m in metrics) + " |" for arm in paper.protocol.arms]
    timed = ", of times restricted to the horizon," if any(m.kind == "time_to_event" for m in metrics) else ""
    return "\n".join([head, rule, *rows]) + (
        f"\n\nTable: Secondary metrics by arm in confirmation: means{timed} over the seeds that have a value. {{.wide}}")  # fmt: skip


def _centre(paper: Paper, arm: dict, metric: Metric) -> str:
    kind = "restricted_mean" if metric.kind == "time_to_event" else "mean"
    return paper.arm(arm, kind, metric)
