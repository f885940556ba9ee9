"""Which configurations and seeds a phase has tried, and when a confirmation may be looked at."""

from novum.evidence.samples import Arm, config_hash, gather
from novum.records import Config, Measurement, Metric
from novum.state import State

PHASES = ("explore", "select", "confirm")


def confirmation_complete(state: State) -> bool:
    """Whether every registered arm has ended trials over its planned number of seeds."""
    if state.protocol is None:
        return False
    tried: dict[str, set[int]] = {}
    for trial in state.trials_in("confirm"):
        if trial.status in ("done", "failed"):
            tried.setdefault(config_hash(state.nodes[trial.node].config), set()).update(trial.seeds)
    planned = range(state.protocol.seeds_per_arm)
    return all(
        len(tried.get(config_hash(arm), ())) >= len(state.protocol.seeds_of(arm, planned))
        for arm in state.protocol.arms
    )


def arm_of(state: State, metric: Metric, phase: str, config: Config) -> Arm:
    """The arm of one configuration in one phase; its planned seeds are those of its trials, in order.

    In an unfinished confirmation every arm is empty: nothing of it may be shown.
    """
    if phase == "confirm" and not confirmation_complete(state):
        return gather(config, metric, (), ())
    seeds: list[int] = []
    for trial in state.trials_in(phase):  # type: ignore[arg-type]
        if state.nodes[trial.node].config == config and trial.status in ("done", "failed"):
            seeds.extend(s for s in trial.seeds if s not in seeds)
    return gather(config, metric, seeds, (m for m in state.measurements.values() if m.phase == phase))


def arms_confirmed(state: State, metric: Metric) -> dict[str, Arm]:
    """Every registered arm in one metric, by the hash of its configuration, on the seeds with which it enters
    comparisons; all empty while some are open."""
    protocol = state.protocol
    assert protocol is not None
    done = confirmation_complete(state)
    _, seeds = arms_tried(state, "confirm") if done else ({}, {})
    found: dict[str, list[Measurement]] = {}
    for m in state.measurements.values():
        if done and m.phase == "confirm" and m.metric == metric.name:
            found.setdefault(m.config_hash, []).append(m)
    keys = {config_hash(arm): arm for arm in protocol.arms}
    if protocol.base in protocol.arms:  # it has run on all of them
        base = config_hash(protocol.base)
        seeds[base] = list(protocol.share_of(protocol.base, seeds.get(base, ())))
    return {k: gather(arm, metric, seeds.get(k, ()), found.get(k, ())) for k, arm in keys.items()}


def arms_tried(state: State, phase: str) -> tuple[dict[str, Config], dict[str, list[int]]]:
    """Configurations with ended trials, in order of proposal, and the seeds of each."""
    configs: dict[str, Config] = {}
    seeds: dict[str, list[int]] = {}
    for trial in state.trials_in(phase):  # type: ignore[arg-type]
        if trial.status in ("done", "failed"):
            config = state.nodes[trial.node].config
            key = config_hash(config)
            configs[key] = config
            seeds.setdefault(key, []).extend(s for s in trial.seeds if s not in seeds.get(key, []))
    return configs, seeds
