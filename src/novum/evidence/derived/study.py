"""Counts, costs and plans of the study as a whole, and the settings of its arms."""

from collections.abc import Iterator

from novum.evidence.samples import config_hash, gather
from novum.evidence.statistic import Statistic, Value, statistic_id
from novum.evidence.tried import PHASES, arms_tried
from novum.state import State


def of_study(state: State) -> Iterator[Statistic]:
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
    cut = sum(t.interrupted for t in state.trials.values())
    yield _study("interrupted", "attempts cut short", cut, sources=tuple(sorted(state.trials)))
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
    yield from _judged(state)
    yield from _of_protocol(state)
    yield from _best_explored(state)


def _judged(state: State) -> Iterator[Statistic]:
    """Where the chosen idea came to stand by expected information, 1 being the most; on how many trials."""
    last = {idea: found[-1] for idea, found in state.judgements.items() if found[-1].trials}
    if state.chosen in last:
        mine = last[state.chosen]
        ahead = sum(j.scores["information"] > mine.scores["information"] for j in last.values())
        label = "place of the chosen idea by expected information after exploration"
        yield _study("idea_place", label, 1 + ahead, sources=tuple(sorted(last)))
        yield _study("judged_trials", "trials on which the last judgement of ideas rests", mine.trials)


def _of_protocol(state: State) -> Iterator[Statistic]:
    p = state.protocol
    if p is None:
        return
    unit = state.domain.metric(p.primary_metric).unit if state.domain else ""
    yield _study("contrasts", "registered contrasts", len(p.contrasts))
    yield _study("arms", "registered arms", len(p.arms))
    yield _study("exploratory_comparisons", "exploratory comparisons", p.exploratory_comparisons)
    yield _study("planned_n", "planned seeds" + " per arm" * (p.fractions == 1), p.seeds_per_arm)
    yield _study("planned_runs", "planned confirmation seed-runs", p.runs)
    yield _study("fractions", "fractions of the design at which seeds take turns", p.fractions)
    yield _study("arms_of_seed", "arms that a seed is run on", len(p.arms) // p.fractions)
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
    configs, seeds = arms_tried(state, "explore")
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


def of_settings(state: State) -> Iterator[Statistic]:
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
