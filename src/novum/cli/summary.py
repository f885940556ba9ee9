"""What `novum show` says of a study, as plain data: pure functions of state and events.

The keys of `describe` and `log_line` are a contract: they may grow, and none may go or change its meaning.
Nothing here gives away what confirmation measured before its planned sample is complete.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from novum import events as ev
from novum.records import Contrast, Decision, Measurement
from novum.snapshot import Outline
from novum.state import State, Trial
from novum.telemetry.glance import asked_by, asked_of

WITHHELD = "withheld until the planned sample is complete"
OUTCOMES = (ev.TrialFinished, ev.TrialFailed, ev.MeasurementsRecorded, ev.SeriesRecorded)
PAPERS = ("paper.pdf", "paper.html", "resolved.md", "paper.md")


class Shown(Protocol):
    """A study as `novum.api` opens it."""

    path: Path
    outline: Outline

    @property
    def is_running(self) -> bool: ...
    @property
    def status(self) -> str: ...


class Timeline(Struct, frozen=True):
    """Seconds of work over all sessions, killed ones up to their last event, and how the last one ended."""

    active_seconds: float
    last_reason: str
    last_time: float


def timeline(state: State) -> Timeline:
    """The coordinator's sessions. `last_reason` is empty if the last session has no end on record."""
    since = state.last_time - state.session_began if state.running else 0.0
    return Timeline(round(state.active_seconds + since, 3), state.stop_reason, state.last_time)


def status_of(status: str) -> str:
    """running | interrupted | out_of_budget | failed | done; one that waits for a person is interrupted."""
    return "interrupted" if status == "waiting" else status


def describe(study: Shown) -> dict[str, Any]:
    """The object that `novum show --json` prints."""
    state, running = study.outline.state, study.is_running
    times = timeline(state)
    return {
        "id": state.study,
        "path": str(study.path),
        "domain": state.domain.id if state.domain else "",
        "question": state.domain.question if state.domain else "",
        "status": status_of(study.status),
        "reason": state.finish_reason or times.last_reason,
        "waits_for": "approval" if study.status == "waiting" else None,
        "stage": state.stage,
        "created": state.created,
        "seed": state.seed,
        "sandbox": ", ".join(study.outline.layers) or state.sandbox,
        "run": run_of(state),
        "idea": _idea(state),
        "ideas": ideas_of(state),
        "protocol": _protocol(state),
        "claims": claims_of(state),
        "replication": replication_of(state),
        "trials": count_trials(study.outline.trials, running),
        "spend": spend_of(state, times),
        "models": models_of(state),
        "audit": {"passed": state.audit_passed, "checks": _plain(state.audit)},
        "review": {"summary": state.review_summary, "items": _plain(state.review)},
        "paper": paper_of(study.path),
        "settings": _settings(state),
    }


def run_of(state: State) -> dict[str, Any] | None:
    """The run of several studies that this one belongs to, and its place in it, from 1; null if none."""
    part = state.several
    return None if part is None else {"id": part.run, "place": part.place + 1, "of": part.count}


def ideas_of(state: State) -> list[dict[str, Any]]:
    """Every idea on record, with what it was judged to be worth before data and as trials came in."""
    return [
        {
            "id": idea.id,
            "title": idea.title,
            "kind": idea.kind,
            "factors": list(idea.factors),
            "chosen": idea.id == state.chosen,
            "judged": [
                {"trials": j.trials, "information": j.scores.get("information"), "reason": j.reason}
                for j in state.judgements.get(idea.id, ())
            ],
        }
        for idea in state.ideas.values()
    ]


def claims_of(state: State) -> list[dict[str, Any]]:
    """The registered contrasts in their order, with verdict and interval once decided."""
    contrasts = state.protocol.contrasts if state.protocol else ()
    return [claim_of(contrast, state.decisions.get(contrast.id), state) for contrast in contrasts]


def claim_of(contrast: Contrast, decision: Decision | None, state: State) -> dict[str, Any]:
    """One claim; everything the data decide is null before the verdict."""
    decided = ("verdict", "estimate", "low", "high", "level", "p_adjusted", "method", "reason", "n")
    return {
        "id": contrast.id,
        "text": contrast.text,
        **{key: getattr(decision, key, None) for key in decided},
        "metric": contrast.metric,
        "estimand": contrast.estimand,
        "unit": unit_of(contrast, state),
        "margin": contrast.margin,
        "references": _plain(state.comparisons.get(contrast.id, ())),
    }


def replication_of(state: State) -> dict[str, Any] | None:
    """What is replicated, and what became of each claim that has been decided; null for other studies."""
    original = state.replicates
    if original is None:
        return None
    from novum.steps.replicate import outcomes

    contrasts = {c.id: c for c in original.protocol.contrasts}
    return {
        "of": original.study,
        "protocol": original.protocol.hash,
        "times": original.times,
        "claims": [
            {
                "id": r.claim,
                "text": contrasts[r.claim].text,
                "outcome": r.outcome,
                "within": r.within,
                "unit": unit_of(contrasts[r.claim], state),
                "original": _decided(r.original),
                "replication": _decided(r.decision),
            }
            for r in outcomes(state)
        ],
    }


def _decided(decision: Decision) -> dict[str, Any]:
    return {name: getattr(decision, name) for name in ("verdict", "estimate", "low", "high", "level", "n")}


def unit_of(contrast: Contrast, state: State) -> str:
    """Unit of a contrast's estimate; a ratio has none."""
    return "" if contrast.estimand == "ratio" else metric_unit(contrast.metric, state)


def metric_unit(metric: str, state: State) -> str:
    """The unit of a metric of the study's domain; empty if it has none."""
    metrics = state.domain.metrics if state.domain else ()
    return next((m.unit for m in metrics if m.name == metric), "")


def count_trials(trials: Mapping[str, int], is_running: bool) -> dict[str, int]:
    """Trials by status. Without a live coordinator nothing runs: what it left behind will be repeated."""
    count = {status: trials.get(status, 0) for status in ("done", "failed", "running")}
    return count if is_running else {**count, "running": 0}


def spend_of(state: State, times: Timeline) -> dict[str, float]:
    """What it cost: money, tokens, CPU seconds of trials, seconds of the coordinator's work."""
    spent = state.spent
    return {
        "usd": spent.usd,
        "tokens": spent.tokens,
        "cpu_seconds": round(spent.cpu_seconds, 3),
        "wall_seconds": times.active_seconds,
    }


def models_of(state: State) -> dict[str, Any] | None:
    """Calls of models, all and by stage, role, node and model; null for a study that asked none.

    What has no outcome is charged at its worst case, and so is what is in doubt.
    """
    if not state.model_calls:
        return None
    whole = msgspec.to_builtins(asked_of(state, state.model_calls.values()))
    parts = {"by_stage": "step", "by_role": "role", "by_node": "node", "by_model": "model"}
    return {
        **whole,
        "attempts": state.asked,
        "in_doubt": len(state.calls_in_doubt),
        "unpriced": state.unpriced,
        **{key: msgspec.to_builtins(asked_by(state, what)) for key, what in parts.items()},  # type: ignore[arg-type]
    }


def paper_of(folder: Path) -> str | None:
    """Path of the best readable form of the paper that exists."""
    return next(
        (str(folder / "paper" / name) for name in PAPERS if (folder / "paper" / name).is_file()), None
    )


def confirm_cost(state: State) -> tuple[float, float] | None:
    """(CPU seconds, wall seconds) that the registered sample will take, at the pace of the trials so far."""
    ended = [t for t in state.trials.values() if t.result is not None]
    seeds = sum(len(t.seeds) for t in ended)
    if not seeds or state.protocol is None or state.settings is None:
        return None
    planned = state.protocol.runs
    cpu = sum(_stages(t, "cpu_seconds") for t in ended) / seeds * planned
    wall = sum(_stages(t, "wall_seconds") for t in ended) / seeds * planned / state.settings.workers
    return cpu, wall


# --- the log ------------------------------------------------------------------------------------------


def concealed_trials(state: State) -> set[str]:
    """Confirmation trials whose outcomes may not be shown yet."""
    if state.finished or "confirm" in state.steps_done:
        return set()
    return {t.id for t in state.trials.values() if t.phase == "confirm"}


def log_line(event: ev.Event, concealed: set[str]) -> dict[str, Any]:
    """One event of `novum log --json`; the body of a concealed outcome is replaced by a word about it."""
    body = msgspec.to_builtins(event.body)
    if isinstance(event.body, OUTCOMES) and event.body.trial in concealed:
        body = {"type": body["type"], "trial": event.body.trial, "withheld": WITHHELD}
    return {
        "seq": event.seq,
        "time": event.time,
        "type": body["type"],
        "hash": event.hash,
        "prev": event.prev,
        "actor": event.actor,
        "cause": event.cause,
        "cost": msgspec.to_builtins(event.cost),
        "event": body,
    }


def nodes(state: State, concealed: set[str]) -> list[dict[str, Any]]:
    """Every node in the order of its proposal, with its trials; for `novum show --tree --json`."""
    found: dict[str, list[Trial]] = {}
    for trial in sorted(state.trials.values(), key=lambda t: (t.index, t.id)):
        found.setdefault(trial.node, []).append(trial)
    return [_node(state, node, trials, concealed) for node, trials in found.items()]


def primary_values(state: State, trials: Iterable[Trial], concealed: set[str]) -> list[Measurement]:
    """Measurements of the primary metric in some trials, but for those that may not be shown yet."""
    ids = {t.id for t in trials} - concealed
    if state.domain is None:
        return []
    metric = state.domain.primary.name
    return [m for m in state.measurements.values() if m.trial in ids and m.metric == metric]


# --- parts --------------------------------------------------------------------------------------------


def _node(state: State, node_id: str, trials: list[Trial], concealed: set[str]) -> dict[str, Any]:
    node = state.nodes[node_id]
    return {
        "id": node_id,
        "parents": list(node.parents),
        "operator": node.operator,
        "config": _plain(node.config),
        "trials": [
            {
                "id": trial.id,
                "phase": trial.phase,
                "status": trial.status,
                "reason": trial.reason,
                "seeds": list(trial.seeds),
                "values": {m.seed: m.value for m in primary_values(state, [trial], concealed)},
                "withheld": trial.id in concealed,
            }
            for trial in trials
        ],
    }


def _stages(trial: Trial, name: str) -> float:
    return sum(getattr(s, name) for s in trial.result.stages) if trial.result else 0.0


def _idea(state: State) -> dict[str, Any] | None:
    idea = state.ideas.get(state.chosen)
    return None if idea is None else _plain(idea)


def _protocol(state: State) -> dict[str, Any] | None:
    protocol = state.protocol
    if protocol is None:
        return None
    names = (
        "seeds_per_arm",
        "alpha",
        "repeated",
        "correction",
        "pairing",
        "stopping",
        "power",
        "detectable_effect",
        "target_power",
    )
    return {
        "hash": state.protocol_hash,
        "metric": protocol.primary_metric,
        "unit": metric_unit(protocol.primary_metric, state),
        "arms": len(protocol.arms),
        "fractions": protocol.fractions,
        "contrasts": len(protocol.contrasts),
        **{name: getattr(protocol, name) for name in names},
        "amendments": [{"replaces": old, "reason": why} for old, why in state.amendments],
    }


def _settings(state: State) -> dict[str, Any]:
    if state.settings is None:
        return {}
    plain = msgspec.to_builtins(state.settings)
    origins = plain.pop("origins")
    return {key: {"value": value, "origin": origins.get(key, "default")} for key, value in plain.items()}


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
