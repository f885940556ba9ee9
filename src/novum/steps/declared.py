"""What a domain and a protocol declare, as configuration values that a manuscript may point to.

A declared text or number is no result, yet it is a fact on record like one, so prose points to it too:

    weight_decay                     its level in the registered base configuration
    arm.HASH.weight_decay            its level in the configuration with this hash (12 digits suffice)
    level.0.weight_decay             its first declared level; `low.`, `high.` for a range
    baseline.weight_decay            its baseline
    domain.question, domain.limits   texts of domain.toml
    metric.NAME.description          and title, unit, horizon, margin
    factor.NAME.description          and title
    claim.ID.text                    a registered contrast in words
    protocol.sample_rationale        why the sample has its size, as registered
    budget.explore_seeds             the study's size; limits.memory_mb, limits.cpu_seconds of a seed
"""

from collections.abc import Mapping
from typing import Any

from novum.records import Budget, Config, Domain, Level
from novum.state import State

HASH = 12


def declared(state: State, configs: Mapping[str, Config], key: str) -> Level | None:
    """The declared value under a key of the table above; None for any other key."""
    head, _, rest = key.partition(".")
    if not rest or state.domain is None:
        return None
    if head == "arm":
        return _of_arm(configs, *rest.partition(".")[::2])
    if head in ("level", "low", "high", "baseline"):
        return _of_factor(state.domain, head, rest)
    reader = _READERS.get(head)
    return _plain(reader(state, rest)) if reader else None


def _of_arm(configs: Mapping[str, Config], prefix: str, factor: str) -> Level | None:
    found = [config for key, config in configs.items() if len(prefix) >= HASH and key.startswith(prefix)]
    return found[0].get(factor) if len(found) == 1 else None


def _of_factor(domain: Domain, head: str, rest: str) -> Level | None:
    index, _, name = rest.rpartition(".")
    factor = next((f for f in domain.factors if f.name == name), None)
    if factor is None:
        return None
    if head == "level":
        return factor.levels[int(index)] if index.isdecimal() and int(index) < len(factor.levels) else None
    if head == "baseline":
        return factor.baseline
    return factor.range[head == "high"] if factor.range else None


def _domain(state: State, rest: str) -> Any:
    return getattr(state.domain, rest, None) if rest in ("question", "limits", "title") else None


def _metric(state: State, rest: str) -> Any:
    name, _, what = rest.rpartition(".")
    assert state.domain is not None
    found = next((m for m in state.domain.metrics if m.name == name), None)
    known = ("description", "title", "unit", "horizon", "margin")
    return getattr(found, what, None) if what in known else None


def _factor(state: State, rest: str) -> Any:
    name, _, what = rest.rpartition(".")
    assert state.domain is not None
    found = next((f for f in state.domain.factors if f.name == name), None)
    return getattr(found, what, None) if what in ("description", "title") else None


def _claim(state: State, rest: str) -> Any:
    contrasts = state.protocol.contrasts if state.protocol else ()
    return next((c.text for c in contrasts if rest == f"{c.id}.text"), None)


def _protocol(state: State, rest: str) -> Any:
    return state.protocol.sample_rationale if state.protocol and rest == "sample_rationale" else None


def _budget(state: State, rest: str) -> Any:
    assert state.domain is not None
    name = state.settings.budget if state.settings else ""
    budget = state.domain.budgets.get(name)
    return getattr(budget, rest, None) if rest in Budget.__struct_fields__ else None


_READERS = {
    "domain": _domain,
    "metric": _metric,
    "factor": _factor,
    "claim": _claim,
    "protocol": _protocol,
    "budget": _budget,
}


def _plain(value: Any) -> Level | None:
    """Numbers as floats, texts stripped; nothing for what is not there."""
    if isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return float(value)
    return (value.strip() or None) if isinstance(value, str) else None
