# ruff: noqa: E501 (a sentence of prose stands on one line)
"""What may be set and what is measured: the tables of factors and metrics."""

from novum.records import Factor, Metric
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    event,
    factor_title,
    metric_title,
    paragraph,
    paragraphs,
    quantity,
    units,
)

KINDS = {"time_to_event": "time to an event", "value": "value", "proportion": "proportion", "count": "count"}


def variables(paper: Paper) -> str:
    outcome = paper.say(
        "metrics",
        f"The outcome on which claims rest is {quantity(paper.metric)}, and Table 2 defines it beside the secondary metrics",
        f"Table 2 holds the metrics; the primary one is {quantity(paper.metric)}, and the rest are descriptive",
        f"What is measured stands in Table 2, and claims are made of {quantity(paper.metric)} alone",
        f"By the definitions of Table 2, the primary outcome is {quantity(paper.metric)}",
        f"Claims concern {quantity(paper.metric)}, the first metric of Table 2; no other enters a verdict",
    )
    return paragraphs(
        "## Factors and metrics", factors(paper), factor_table(paper), paragraph(outcome, horizon(paper)), metric_table(paper)
    )


def factors(paper: Paper) -> str:
    """What a configuration is, and what stays the same between arms; on a shared design much else varies."""
    if any(claim.averaged for claim in paper.claims):
        return paper.say(
            "factors over a design",
            "Table 1 lists what may be set. A configuration names a level for every factor, and a comparison sets those with a level against those without, whatever their other factors are.",
            "The factors in Table 1 span all configurations; factors on which nothing is claimed are at the baseline.",
            "A configuration assigns a level to each factor of Table 1. Arms differ in several factors at once, by a design that balances them.",
            "All that an experimenter may set is in Table 1, with the baseline from which every arm departs.",
            "Table 1 gives the factors and their baselines; an arm is described by its departures from the baseline.",
        )
    return paper.say(
        "factors",
        "Table 1 lists what may be set. A configuration names a level for every factor, and those not mentioned in a comparison stay at their baseline.",
        "The factors in Table 1 span all configurations; whatever a comparison leaves unsaid is at the baseline.",
        "A configuration assigns a level to each factor of Table 1. Arms of a comparison agree in all factors but those it names.",
        "All that an experimenter may set is in Table 1, with the baseline from which every arm departs.",
        "Table 1 gives the factors and their baselines; an arm is described by its departures from the baseline.",
    )


def horizon(paper: Paper) -> str:
    if paper.metric.kind != "time_to_event":
        return ""
    end, verb = f"{paper.m('horizon', 'int')}{units(paper.metric)}", event(paper.metric)
    return paper.say(
        "horizon",
        f"Observation ends at {end} for every run: one that has yet to {verb} is censored there, kept, and never given an invented time",
        f"All runs are observed for {end}, and one that does not {verb} in that time is censored, which is itself informative and is not imputed",
        f"A common horizon of {end} ends every run, so that runs which do not {verb} are censored at the same point",
        f"Runs that do not {verb} within {end}, the horizon common to all, enter as censored and are not left out",
        f"The horizon is {end} in every arm; not to {verb} by then is a result, recorded as censored",
    )


def factor_table(paper: Paper) -> str:
    rows = [f"| {factor_title(f)} | {f.kind} | {_levels(f)} | {{{{cfg:baseline.{f.name}}}}} |" for f in paper.domain.factors]
    head = ["| factor | kind | levels | baseline |", "|:--|:--|:--|:--|"]
    floor = " A floor is a level that others should clear." if any(f.trivial for f in paper.domain.factors) else ""
    return "\n".join([*head, *rows]) + f"\n\nTable: Factors of the domain, their levels and their baseline.{floor}"


def _levels(factor: Factor) -> str:
    if factor.range:
        scale = ", logarithmic" if factor.scale == "log" else ""
        return f"{{{{cfg:low.{factor.name}}}}} to {{{{cfg:high.{factor.name}}}}}{scale}"
    return ", ".join(
        f"{{{{cfg:level.{i}.{factor.name}}}}}{' (floor)' if level in factor.trivial else ''}"
        for i, level in enumerate(factor.levels)
    )


def metric_table(paper: Paper) -> str:
    rows = [_metric_row(m) for m in sorted(paper.domain.metrics, key=lambda m: not m.primary)]
    head = ["| metric | kind | definition |", "|:-----|:---|:-------------|"]
    return "\n".join([*head, *rows]) + "\n\nTable: Metrics and how they are defined by the domain; the first is primary."


def _metric_row(metric: Metric) -> str:
    defined = f"{{{{cfg:metric.{metric.name}.description}}}}" if metric.description else "as its name says"
    unit = f" ({metric.unit})" if metric.unit and metric.unit not in metric_title(metric) else ""
    return f"| {metric_title(metric)}{unit} | {KINDS[metric.kind]} | {defined} |"
