"""Checks of how trials were run: confined, once, within budget, each seed a sample of its own."""

from collections import defaultdict
from collections.abc import Iterator

from novum import events as ev
from novum.records import Config, Limits, Measurement, StageResult
from novum.state import Trial
from novum.steps.audit import calls
from novum.steps.audit.case import AuditCase, Finding, found
from novum.steps.select import candidates

WEAK = ("process", "none", "inline", "")  # layers that keep nothing from a program which looks for it
DISCLOSED = ("without any confinement", "no confinement", "unconfined", "process layer")
SLACK = 1.1  # a limit may be overrun by what lies between two looks at the clock


def sandbox(case: AuditCase) -> Finding:
    """Each trial names its layer; edited code ran in a weak one only where a person chose that."""
    state, layers, faults = case.state, set(), []
    assert state.domain is not None and state.settings is not None
    for trial in state.trials.values():
        if trial.result is None:
            continue
        layer = trial.result.sandbox
        layers.add(layer)
        if not layer:
            faults.append(f"trial {trial.id} does not say under which layer it ran")
        original = state.domain.shipped and state.nodes[trial.node].workspace == state.domain.workspace()
        if layer in WEAK and not original and state.settings.sandbox not in (layer, "none"):
            faults.append(f"trial {trial.id} ran code that does not ship with Novum under '{layer}'")
    weak = sorted(layers & set(WEAK))
    if weak and state.paper is not None and not any(w in state.paper.source for w in DISCLOSED):
        faults.append(f"trials ran under '{', '.join(weak)}', and the paper does not say how little that is")
    named = ", ".join(sorted(layers)) or "no trial ran"
    return found(faults, f"layers: {named}" + (f"; {', '.join(weak)} confines little" if weak else ""))


def duplicates(case: AuditCase) -> Finding:
    """Identical artefacts under different seeds, or in arms that were meant to differ."""
    arms = _artefacts(case)
    faults, noted = [], []
    for name, seeds in arms.items():
        distinct = len(set(seeds.values()))
        if len(seeds) > 1 and distinct == 1:
            faults.append(f"{name} gave one artefact under all {len(seeds)} seeds: it ignores its seed")
        elif distinct < len(seeds):
            noted.append(f"{name} has {len(seeds) - distinct} seeds whose artefact repeats another's")
    faults += _unmoved(case)
    total = sum(len(s) for s in arms.values())
    return found(
        faults, "; ".join(noted) or f"{total} artefacts of confirmation, all different within an arm"
    )


def _primary(case: AuditCase) -> list[Measurement]:
    assert case.state.domain is not None
    found_ = case.state.measurements_of(case.state.domain.primary.name, "confirm")
    return [m for m in found_ if m.artefact_hash and m.status != "failed"]


def _artefacts(case: AuditCase) -> dict[str, dict[int, str]]:
    """Confirmed arm, in words -> seed -> hash of its artefact."""
    arms: dict[str, dict[int, str]] = defaultdict(dict)
    for m in _primary(case):
        arms[f"the arm {_words(case, m)}"][m.seed] = m.artefact_hash
    return arms


def _words(case: AuditCase, m: Measurement) -> str:
    config = case.state.nodes[m.node].config
    assert case.state.domain is not None
    base = case.state.protocol.base if case.state.protocol else case.state.domain.baseline
    moved = {k: v for k, v in config.items() if base.get(k) != v}
    return _spelled(moved) if moved else "at the base configuration"


def _spelled(config: Config) -> str:
    return ", ".join(f"{k} = {v}" for k, v in sorted(config.items()))


def _unmoved(case: AuditCase) -> Iterator[str]:
    """Arms alike byte for byte under every seed; only where an event was seen, for failures may be alike."""
    seen: dict[str, dict[int, str]] = defaultdict(dict)
    for m in _primary(case):
        if m.status == "observed":
            seen[_words(case, m)][m.seed] = m.artefact_hash
    first: dict[tuple[tuple[int, str], ...], str] = {}
    for name, seeds in seen.items():
        key = tuple(sorted(seeds.items()))
        if key in first and len(seeds) > 1:
            yield f"the arms {first[key]} and {name} are alike byte for byte: what differs is ignored"
        first.setdefault(key, name)


def in_doubt(case: AuditCase) -> Finding:
    """Nothing that has an outcome was run or paid for again; what has none is listed."""
    faults, outcomes = [], {}
    begun: dict[str, list[int]] = defaultdict(list)
    for event in case.of(ev.TrialStarted, ev.TrialFinished, ev.TrialFailed):
        body = event.body
        if isinstance(body, ev.TrialStarted):
            begun[body.trial].append(body.attempt)
            if body.trial in outcomes:
                faults.append(f"trial {body.trial} was run again at event {event.seq}, after its outcome")
            continue
        if body.trial in outcomes:
            faults.append(
                f"trial {body.trial} has two outcomes (event {outcomes[body.trial]} and {event.seq})"
            )
        if body.attempt not in begun[body.trial]:
            faults.append(f"trial {body.trial} has the outcome of an attempt that never began")
        outcomes[body.trial] = event.seq
    return found([*faults, *calls.repeated(case)], _open(case))


def _open(case: AuditCase) -> str:
    trials = [f"trial {t.id}, attempt {t.attempt}" for t in case.state.in_doubt]
    asked = [f"model call {key[:12]}, attempt {attempt}" for key, attempt in case.state.calls_in_doubt]
    lost = sum(t.interrupted for t in case.state.trials.values())
    cut = f"; {lost} attempts were cut short and repeated" if lost else ""
    listed = [*trials, *asked]
    return (f"in doubt: {', '.join(listed)}" if listed else "every intent has an outcome") + cut


def budget(case: AuditCase) -> Finding:
    """Money, tokens, time, trials and stages stayed within what was allowed."""
    state = case.state
    assert state.settings is not None and state.domain is not None
    settings, allowed = state.settings, state.domain.budgets[state.settings.budget]
    minutes = state.active_seconds / 60
    spent = (
        ("USD", state.charged.usd, settings.budget_usd),
        ("tokens", state.charged.tokens, settings.budget_tokens),
        ("active minutes", minutes, _overrun(settings.budget_minutes, allowed.seconds)),
        ("trials", len(state.trials), settings.budget_trials),
        ("explored trials", len(state.trials_in("explore")), allowed.explore_trials),
        ("selected candidates", len({t.node for t in state.trials_in("select")}), candidates(state)),
    )
    faults = [f"{used:g} {what} were used, and {cap:g} allowed" for what, used, cap in spent
              if cap is not None and used > cap]  # fmt: skip
    faults += [f for t in state.trials.values() for f in _overran(t)]
    faults += [*_uncharged(case), *calls.uncharged(case)]
    return found(faults, f"{state.charged.usd:.2f} USD, {state.charged.tokens} tokens, "
                 f"{state.spent.cpu_seconds:.1f} processor seconds, {len(state.trials)} trials")  # fmt: skip


def _overrun(minutes: float | None, seconds: float) -> float | None:
    """The loop looks at the clock between trials: the last ones may end after the cap."""
    return None if minutes is None else minutes * SLACK + max(1.0, seconds)


def _overran(trial: Trial) -> Iterator[str]:
    limits = trial.request.limits if trial.request else None
    for stage in trial.result.stages if trial.result and limits else ():
        if stage.status == "ok" and _over(stage, limits):  # type: ignore[arg-type]
            yield f"{stage.name} of trial {trial.id} passed its processor limit and was let through"


def _over(stage: StageResult, limits: Limits) -> bool:
    return stage.cpu_seconds > limits.cpu_seconds * SLACK + 1.0


def _uncharged(case: AuditCase) -> Iterator[str]:
    for event in case.of(ev.TrialFinished, ev.TrialFailed):
        used = sum(s.cpu_seconds for s in event.body.result.stages)
        charged = event.cost.cpu_seconds if event.cost else 0.0
        if abs(used - charged) > 0.01 + 1e-3 * used:
            yield f"trial {event.body.trial} used {used:.2f} processor seconds and was charged {charged:.2f}"
