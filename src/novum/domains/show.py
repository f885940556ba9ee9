"""A domain for reading: as plain data with stable keys, and as text."""

from typing import Any

import msgspec

from novum.domains.contract import domain_hash
from novum.records import Domain, Level


def domain_data(domain: Domain) -> dict[str, Any]:
    """`id, title, question, limits, hash, shipped, programs, metrics, factors, budgets, …` of a domain."""
    data = msgspec.to_builtins(domain)
    return data | {"hash": domain_hash(domain), "primary": domain.primary.name}


def domain_text(data: dict[str, Any]) -> str:
    """What `show_domain` gives, for a person: question, factors, metrics, budgets."""
    sections = (
        [f"{data['title']}  ({data['id']})", "", data["question"]],
        ["Factors", *map(_factor, data["factors"])],
        ["Metrics", *map(_metric, data["metrics"])],
        ["Budgets", *(_budget(name, budget) for name, budget in data["budgets"].items())],
        ["Limits", f"  {data['limits']}"] if data["limits"] else [],
    )
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def _factor(factor: dict[str, Any]) -> str:
    """Its levels or range, with the baseline in brackets."""
    if factor["range"]:
        low, high = factor["range"]
        span = f"{_level(low)} to {_level(high)}, [{_level(factor['baseline'])}]"
    else:
        span = "  ".join(f"[{_level(level)}]" if level == factor["baseline"] else _level(level)
                         for level in factor["levels"])  # fmt: skip
    return f"  {factor['name']:<20} {factor['kind']:<12} {span}"


def _level(level: Level) -> str:
    if isinstance(level, bool):
        return str(level).lower()
    return level if isinstance(level, str) else f"{level:g}"


def _metric(metric: dict[str, Any]) -> str:
    marks = [metric["goal"], metric["kind"], metric["unit"]]
    marks += [f"observed until {metric['horizon']:g}"] if metric["horizon"] else []
    marks += [f"smallest effect of interest {metric['margin']:g}"] if metric["margin"] else []
    marks += ["primary"] if metric["primary"] else []
    return f"  {metric['name']:<24} {', '.join(mark for mark in marks if mark)}"


def _budget(name: str, budget: dict[str, Any]) -> str:
    return (f"  {name:<8} {budget['explore_trials']} trials of {budget['explore_seeds']} seeds to explore, "
            f"{budget['confirm_seeds']} seeds an arm to confirm")  # fmt: skip
