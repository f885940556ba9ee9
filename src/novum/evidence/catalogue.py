"""Every derived statistic that a paper may cite, enumerated from the state of a study.

A statistic's id names *what it is* (kind, metric, phase, configuration, claim), not its value, so a
manuscript may be written before the numbers are in and the audit can rebuild the catalogue from the journal
and compare. Order of arrival changes neither ids nor values. Confirm values are absent until every planned
seed of every registered arm has been run: nothing of a confirmation is shown before its end.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from msgspec import field

from novum.canonical import short_id
from novum.evidence import statistics, survival
from novum.evidence.claims import arms
from novum.evidence.samples import Arm, bounds_of, config_hash, gather
from novum.records import Config, Contrast, Decision, Measurement, Metric, Record
from novum.state import State

Value = float | int | str | None
DESCRIPTIVE_LEVEL = 0.95
"""Level of the descriptive interval of an arm; a claim's interval has its own, adjusted level."""

IN_UNIT = ("estimate", "claim_low", "claim_high", "margin", "estimate_size", "size_low", "size_high")
"""Kinds of a claim's statistics that carry the metric's unit."""

PHASES = ("explore", "select", "confirm")


class Statistic(Record, kw_only=True):
    """One citable value. `name` tells apart statistics of one kind (a factor, a status).

    `config` is the full configuration of the arm it is of, if it is of one, and `arm` its hash; `counts` says
    how many seeds had which status, `sources` names the measurements or trials that it was computed from.
    """

    id: str
    kind: str
    label: str
    value: Value
    name: str = ""
    metric: str = ""
    unit: str = ""
    phase: str = ""
    arm: str = ""
    config: Config | None = None
    claim: str = ""
    n: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


def statistic_id(
    kind: str, name: str = "", metric: str = "", phase: str = "", arm: str = "", claim: str = ""
) -> str:
    """The id of the statistic that these words name, whether or not it exists yet; `arm` is a hash."""
    return short_id("statistic", kind, name, metric, phase, arm, claim)


class Catalogue(Record, kw_only=True):
    """All statistics by id, in a fixed order; `configs` are the arms by their hash."""

    statistics: dict[str, Statistic]
    configs: dict[str, Config] = field(default_factory=dict)
    measurements: dict[str, Measurement] = field(default_factory=dict)

    def get(self, id: str) -> Statistic:
        """The statistic, or single measurement, with this id.

        Raises:
            KeyError: unknown id; the message names near ones.
        """
        if id in self.statistics:
            return self.statistics[id]
        if id in self.measurements:
            return _single(self.measurements[id], self.configs)
        near = get_close_matches(id, [*self.statistics, *self.measurements], n=3)
        raise KeyError(f"no statistic {id!r}" + (f"; near ids: {', '.join(near)}" if near else ""))

    def statistic(self, id: str) -> Statistic | None:
        """Like `get`, with None for an unknown id."""
        return self.get(id) if id in self.statistics or id in self.measurements else None

    def find(self, **wanted: Any) -> tuple[Statistic, ...]:
        """The statistics whose fields equal all of `wanted`."""
        unknown = [k for k in wanted if k not in Statistic.__struct_fields__]
        if unknown:
            raise KeyError(f"statistics have no field {unknown[0]!r}; fields: {Statistic.__struct_fields__}")
        every = self.statistics.values()
        return tuple(s for s in every if all(getattr(s, k) == v for k, v in wanted.items()))

    def one(self, **wanted: Any) -> Statistic:
        """The only statistic that `wanted` describes.

        Raises:
            KeyError: none or several; the message names the kinds there are.
        """
        found = self.find(**wanted)
        if len(found) == 1:
            return found[0]
        kinds = sorted({s.kind for s in self.statistics.values()})
        near = get_close_matches(str(wanted.get("kind", "")), kinds, n=3) or kinds
        raise KeyError(f"{len(found)} statistics match {wanted}; kinds: {', '.join(near)}")

    def centre(self, metric: str, phase: str, config: Config) -> Statistic:
        """The mean of an arm; of a time to event, its restricted mean."""
        found = self.find(metric=metric, phase=phase, config=config)
        return next(s for s in found if s.kind in ("mean", "restricted_mean"))


def catalogue(state: State) -> Catalogue:
    """The catalogue of a study at a state."""
    visible = [p for p in PHASES if p != "confirm" or confirmation_complete(state)]
    parts = [*_of_study(state), *_of_settings(state), *_of_claims(state), *_of_arms(state, visible)]
    configs = {config_hash(node.config): node.config for node in state.nodes.values()}
    if state.protocol is not None:
        configs |= {config_hash(c): c for c in (state.protocol.base, *state.protocol.arms)}
    shown = {k: m for k, m in state.measurements.items() if m.phase in visible}
    return Catalogue(
        statistics={s.id: s for s in parts},
        configs={k: configs[k] for k in sorted(configs)},
        measurements={k: shown[k] for k in sorted(shown)},
    )


def confirmation_complete(state: State) -> bool:
    """Whether every registered arm has ended trials over its planned number of seeds."""
    if state.protocol is None:
        return False
    tried: dict[str, set[int]] = {}
    for trial in state.trials_in("confirm"):
        if trial.status in ("done", "failed"):
            tried.setdefault(config_hash(state.nodes[trial.node].config), set()).update(trial.seeds)
    planned = state.protocol.seeds_per_arm
    return all(len(tried.get(config_hash(arm), ())) >= planned for arm in state.protocol.arms)


def arm_of(state: State, metric: Metric, phase: str, config: Config) -> Arm:
    """The arm of one configuration in one phase; its planned seeds are those of its trials, in order."""
    seeds: list[int] = []
    for trial in state.trials_in(phase):  # type: ignore[arg-type]
        if state.nodes[trial.node].config == config and trial.status in ("done", "failed"):
            seeds.extend(s for s in trial.seeds if s not in seeds)
    return gather(config, metric, seeds, (m for m in state.measurements.values() if m.phase == phase))


# --- arms ---------------------------------------------------------------------------------------------


def _of_arms(state: State, visible: list[str]) -> Iterator[Statistic]:
    if state.domain is None:
        return
    for phase in visible:
        groups: dict[tuple[str, str], dict[int, list[Measurement]]] = {}
        for m in state.measurements.values():
            if m.phase == phase:
                groups.setdefault((m.metric, m.config_hash), {}).setdefault(m.seed, []).append(m)
        configs, seeds = _arms_tried(state, phase)
        for metric in state.domain.metrics:
            for key, config in configs.items():
                found = [m for ms in groups.get((metric.name, key), {}).values() for m in ms]
                if found:
                    yield from _of_arm(gather(config, metric, seeds[key], found), metric, phase, key)


def _arms_tried(state: State, phase: str) -> tuple[dict[str, Config], dict[str, list[int]]]:
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


def _of_arm(arm: Arm, metric: Metric, phase: str, key: str) -> Iterator[Statistic]:
    counts = {"planned": arm.planned, "used": len(arm.values), "censored": arm.censored,
              "failed": len(arm.failed), "undefined": len(arm.undefined),
              "duplicates": len(arm.duplicate), "absent": len(arm.absent)}  # fmt: skip
    title = metric.title or metric.name

    def make(kind: str, label: str, value: Value, unit: str = "") -> Statistic:
        return Statistic(
            id=statistic_id(kind, "", metric.name, phase, key), kind=kind, label=f"{label} of {title}",
            value=value, metric=metric.name, unit=unit, phase=phase, arm=key, config=arm.config,
            n=len(arm.values), counts=counts, sources=arm.ids,
        )  # fmt: skip

    yield make("n", "seeds with a value", len(arm.values))
    yield make("n_planned", "seeds planned", arm.planned)
    if metric.kind == "time_to_event":
        yield make("n_reached", "seeds that reached the event", sum(arm.events.values()))
    for kind, (label, value) in _summary(arm, metric).items():
        yield make(kind, label, value, metric.unit)
    for status in ("censored", "failed", "undefined", "duplicates"):
        yield make(f"n_{status}", f"seeds {status}", counts[status])
        yield make(f"share_{status}", f"share of seeds {status}", _share(counts[status], arm.planned))


def _summary(arm: Arm, metric: Metric) -> dict[str, tuple[str, Value]]:
    """Location and spread; None where the data cannot carry them."""
    values = [arm.values[place] for place in sorted(arm.values)]
    timed = metric.kind == "time_to_event"
    centre = ("restricted_mean", "mean up to the horizon") if timed else ("mean", "mean")
    low = high = se = sd = None
    try:
        found = statistics.mean(values, DESCRIPTIVE_LEVEL, bounds_of(metric))
        low, high, se = found.low, found.high, found.se
        sd = se * len(values) ** 0.5 if se is not None else 0.0
    except statistics.Unanswerable:
        sd = 0.0 if len(values) > 1 else None
    return {
        centre[0]: (centre[1], sum(values) / len(values) if values else None),
        "sd": ("standard deviation between seeds", sd),
        "se": ("standard error of the mean", se),
        "low": ("lower end of the 95 % interval of the mean", low),
        "high": ("upper end of the 95 % interval of the mean", high),
        "median": ("median", _median(values, metric.horizon if timed else None)),
        "min": ("smallest value", min(values, default=None)),
        "max": ("largest value", max(values, default=None)),
    }


def _median(values: list[float], horizon: float | None) -> float | None:
    """The median; of times None when it is not below the horizon, that is, was not observed."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    middle = ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2
    reached = horizon is None or ordered[half] < horizon
    return middle if reached else None


def _share(count: int, total: int) -> float | None:
    return count / total if total else None


# --- claims -------------------------------------------------------------------------------------------


def _of_claims(state: State) -> Iterator[Statistic]:
    if state.protocol is None or state.domain is None:
        return
    for contrast in state.protocol.contrasts:
        metric = state.domain.metric(contrast.metric)
        yield _claim(contrast, metric, "margin", "smallest effect of interest", contrast.margin)
        decision = state.decisions.get(contrast.id)
        if decision is None:
            continue
        for kind, label, value in (*_decided(decision), *_sizes(decision)):
            yield _claim(contrast, metric, kind, label, value, decision)
        relative = _relative_percent(state, contrast, metric, decision)
        yield _claim(contrast, metric, "relative_percent",
                     "size of the estimate in percent of the first arm's mean", relative,
                     decision)  # fmt: skip
        for name, count in sorted(decision.n.items()):
            yield _claim(contrast, metric, "claim_count", f"seeds {name}", count, decision, name)
        if metric.kind == "time_to_event" and confirmation_complete(state):
            p = _log_rank_p(state, contrast, metric)
            yield _claim(contrast, metric, "log_rank_p", "p-value of the log-rank test", p, decision)


def _decided(d: Decision) -> list[tuple[str, str, Value]]:
    return [
        ("verdict", "verdict", d.verdict),
        ("estimate", "estimate", d.estimate),
        ("claim_low", "lower end of the adjusted interval", d.low),
        ("claim_high", "upper end of the adjusted interval", d.high),
        ("level", "level of the adjusted interval in percent", 100 * d.level),
        ("p_value", "p-value at the margin", d.p_value),
        ("p_adjusted", "p-value adjusted over the family", d.p_adjusted),
        ("cross_check_p", "p-value of the permutation cross-check", d.cross_check_p),
        ("claim_n", "seeds compared", d.n.get("used", 0)),
    ]


def _sizes(d: Decision) -> list[tuple[str, str, Value]]:
    """Estimate and interval without their sign, for prose that says the direction in words.

    The ends are None unless the whole interval lies on one side of zero.
    """
    low, high = d.low, d.high
    one_sided = low is not None and high is not None and low * high > 0
    ends = sorted((abs(low), abs(high))) if one_sided else (None, None)  # type: ignore[arg-type]
    return [
        ("estimate_size", "size of the estimate", None if d.estimate is None else abs(d.estimate)),
        ("size_low", "lower end of the adjusted interval of the size", ends[0]),
        ("size_high", "upper end of the adjusted interval of the size", ends[1]),
    ]


def _relative_percent(state: State, contrast: Contrast, metric: Metric, d: Decision) -> float | None:
    """The size of a difference relative to the mean of its first arm; None for other estimands."""
    if d.estimate is None or contrast.estimand not in ("mean_diff", "rmst_diff") or state.protocol is None:
        return None
    values = arm_of(state, metric, "confirm", arms(contrast, state.protocol.base)[0]).values
    mean = sum(values.values()) / len(values) if values else 0.0
    return 100 * abs(d.estimate) / abs(mean) if mean else None


def _claim(
    contrast: Contrast, metric: Metric, kind: str, label: str, value: Value,
    decision: Decision | None = None, name: str = "",
) -> Statistic:  # fmt: skip
    in_unit = kind in IN_UNIT and contrast.estimand != "ratio"
    unit = metric.unit if in_unit else "%" if kind in ("level", "relative_percent") else ""
    return Statistic(
        id=statistic_id(kind, name, metric.name, "confirm", claim=contrast.id), kind=kind, name=name,
        label=label, value=value, metric=metric.name, unit=unit, phase="confirm", claim=contrast.id,
        n=decision.n.get("used", 0) if decision else 0, counts=decision.n if decision else {},
        sources=decision.measurements if decision else (),
    )  # fmt: skip


def _log_rank_p(state: State, contrast: Contrast, metric: Metric) -> float | None:
    """Of the two arms of a contrast; None for contrasts of more than two."""
    assert state.protocol is not None
    configs = arms(contrast, state.protocol.base)
    if len(configs) != 2:
        return None
    found = [arm_of(state, metric, "confirm", c) for c in configs]
    if not all(a.values for a in found):
        return None
    (times_a, events_a), (times_b, events_b) = (_times(a) for a in found)
    return survival.log_rank(times_a, events_a, times_b, events_b).p_value


def _times(arm: Arm) -> tuple[list[float], list[bool]]:
    places = sorted(arm.values)
    return [arm.values[i] for i in places], [arm.events[i] for i in places]


# --- study --------------------------------------------------------------------------------------------


def _of_study(state: State) -> Iterator[Statistic]:
    for phase in PHASES:
        trials = state.trials_in(phase)  # type: ignore[arg-type]
        ids = tuple(t.id for t in trials)
        for status in ("done", "failed"):
            chosen = tuple(t.id for t in trials if t.status == status)
            yield _study("trials", f"{phase} trials {status}", len(chosen), status, phase, chosen)
        yield _study("trials", f"{phase} trials", len(trials), "all", phase, ids)
        interruptions = sum(t.interrupted for t in trials)
        yield _study("interrupted", f"{phase} attempts cut short", interruptions, "", phase, ids)
        runs = sum(len(t.seeds) for t in trials if t.status in ("done", "failed"))
        yield _study("seeds_run", f"seed-runs in {phase}", runs, "", phase, ids)
        arms_tried = len({config_hash(state.nodes[t.node].config) for t in trials})
        yield _study("configurations", f"configurations in {phase}", arms_tried, "", phase, ids)
    yield _study("trials", "trials", len(state.trials), "all", "", tuple(t for t in sorted(state.trials)))
    yield _study("nodes", "nodes", len(state.nodes))
    yield _study("ideas", "ideas proposed", len(state.ideas))
    yield _study("rejected", "proposals rejected as duplicates or invalid", len(state.rejected))
    yield _study("cpu_seconds", "processor time", state.spent.cpu_seconds, unit="s")
    yield _study("wall_seconds", "wall time of trials and calls", state.spent.wall_seconds, unit="s")
    yield _study("usd", "money spent", state.spent.usd, unit="USD")
    yield _study("tokens", "model tokens", state.spent.tokens)
    for verdict in ("supported", "refuted", "inconclusive"):
        given = tuple(sorted(d.claim for d in state.decisions.values() if d.verdict == verdict))
        yield _study("verdicts", f"claims {verdict}", len(given), verdict, sources=given)
    yield from _of_protocol(state)
    yield from _best_explored(state)


def _of_protocol(state: State) -> Iterator[Statistic]:
    p = state.protocol
    if p is None:
        return
    unit = state.domain.metric(p.primary_metric).unit if state.domain else ""
    yield _study("contrasts", "registered contrasts", len(p.contrasts))
    yield _study("arms", "registered arms", len(p.arms))
    yield _study("exploratory_comparisons", "exploratory comparisons", p.exploratory_comparisons)
    yield _study("planned_n", "planned seeds per arm", p.seeds_per_arm)
    yield _study("planned_runs", "planned confirmation seed-runs", p.seeds_per_arm * len(p.arms))
    yield _study("alpha", "family-wise error rate", p.alpha)
    yield _study("alpha_percent", "family-wise error rate in percent", 100 * p.alpha, unit="%")
    yield _study("power", "planned power", p.power)
    yield _study("power_percent", "planned power in percent", 100 * p.power, unit="%")
    yield _study("detectable_effect", "minimal detectable effect", p.detectable_effect, unit=unit)
    yield _study("sd_bound", "upper bound of the standard deviation between seeds", p.sd_bound, unit=unit)
    yield _study("smallest_p", "smallest attainable p-value", p.smallest_p)
    yield _study("horizon", "common horizon", p.horizon, unit=unit)
    yield _study("earlier_studies", "earlier studies of the question", len(p.earlier_studies))


def _best_explored(state: State) -> Iterator[Statistic]:
    """The best mean seen in exploration: optimistic, being picked, and labelled exploratory."""
    if state.domain is None:
        return
    metric, best = state.domain.primary, None
    configs, seeds = _arms_tried(state, "explore")
    explored = [m for m in state.measurements.values() if m.phase == "explore"]
    for key in sorted(configs):
        arm = gather(configs[key], metric, seeds[key], explored)
        if arm.values:
            mean = sum(arm.values.values()) / len(arm.values)
            rank = mean if metric.goal == "minimize" else -mean
            if best is None or rank < best[0]:
                best = (rank, mean, key, arm)
    if best is not None:
        _, mean, key, arm = best
        yield Statistic(id=statistic_id("explored_best", "", metric.name, "explore"), kind="explored_best",
                        label="best exploratory mean", value=mean, metric=metric.name, unit=metric.unit,
                        phase="explore", arm=key, config=arm.config, n=len(arm.values),
                        sources=arm.ids)  # fmt: skip


def _of_settings(state: State) -> Iterator[Statistic]:
    """The levels of the base configuration and of every registered arm."""
    p = state.protocol
    base = p.base if p else state.domain.baseline if state.domain else {}
    for config in [base, *(p.arms if p else ())]:
        for factor in sorted(config):
            key = config_hash(config)
            yield Statistic(id=statistic_id("config", factor, arm=key), kind="config", name=factor,
                            label=factor, value=config[factor], arm=key, config=config)  # fmt: skip


def _study(
    kind: str, label: str, value: Value, name: str = "", phase: str = "",
    sources: tuple[str, ...] = (), unit: str = "",
) -> Statistic:  # fmt: skip
    return Statistic(id=statistic_id(kind, name, "", phase), kind=kind, name=name, label=label, value=value,
                     unit=unit, phase=phase, sources=sources)  # fmt: skip


def _single(m: Measurement, configs: dict[str, Config]) -> Statistic:
    return Statistic(id=m.id, kind="measurement", label=f"{m.metric} of one seed", value=m.value,
                     name=str(m.seed), metric=m.metric, unit=m.unit, phase=m.phase, arm=m.config_hash,
                     config=configs.get(m.config_hash), n=1, counts={m.status: 1},
                     sources=(m.id,))  # fmt: skip
