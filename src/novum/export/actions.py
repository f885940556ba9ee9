"""Who did what with what: a `CreateAction` for each trial, up to a bound, and one for the paper."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from novum.events import TrialFailed, TrialFinished, TrialStarted
from novum.export.source import Source
from novum.export.vocabulary import BLOBS, NOVUM, PROGRAM, SCIENTIST, Entity, Part, to, when
from novum.state import Trial

MOST_ACTIONS = 200  # trials described one by one; the rest are counted
DONE = "http://schema.org/CompletedActionStatus"
FAILED = "http://schema.org/FailedActionStatus"


def trials(source: Source) -> Iterator[Entity]:
    """Trials in the order of their proposal, confirming ones first to be described; then how many more."""
    ended = [t for t in source.state.trials.values() if t.status in ("done", "failed")]
    ranked = sorted(ended, key=lambda t: (t.phase != "confirm", t.index))
    times = _times(source)
    for trial in sorted(ranked[:MOST_ACTIONS], key=lambda t: t.index):
        yield _trial(trial, *times.get(trial.id, (0.0, 0.0)))
    for phase, left in groupby(sorted(ranked[MOST_ACTIONS:], key=lambda t: t.phase), key=lambda t: t.phase):
        yield _many(phase, list(left), times)


def _trial(trial: Trial, began: float, ended: float) -> Entity:
    failed = {"actionStatus": FAILED, "error": trial.reason} if trial.status == "failed" else {}
    return {
        **_action(f"#trial-{trial.id}", f"Trial {trial.id} of the {trial.phase} phase", began, ended),
        "description": f"Node {trial.node} on {len(trial.seeds)} seeds",
        "identifier": trial.id,
        "actionStatus": DONE,
        **failed,
    }


def _many(phase: str, trials: Sequence[Trial], times: Mapping[str, tuple[float, float]]) -> Entity:
    failed = sum(t.status == "failed" for t in trials)
    spans = [times[t.id] for t in trials if t.id in times] or [(0.0, 0.0)]
    name = f"{len(trials)} further trials of the {phase} phase"
    return {
        **_action(f"#trials-{phase}", name, min(s for s, _ in spans), max(e for _, e in spans)),
        "description": f"{failed} of them failed; all are in the journal",
        "actionStatus": DONE,
    }


def _action(id: str, name: str, began: float, ended: float) -> Entity:
    return {
        "@id": id,
        "@type": "CreateAction",
        "name": name,
        "agent": to(NOVUM),
        "instrument": to(PROGRAM),
        "object": to(BLOBS),
        "result": to("measurements.csv"),
        "startTime": when(began),
        "endTime": when(ended),
    }


def writing(source: Source, parts: Sequence[Part]) -> Iterator[Entity]:
    """The act of writing: tables in, paper and figures out."""
    papers = [part.name for part in parts if part.name.startswith(("paper/", "figures/"))]
    if not papers or source.state.paper is None:
        return
    at = when(source.state.last_time)
    yield {
        **_action("#write", "Writing of the paper", 0.0, 0.0),
        "description": "Numbers in the text are references to the record, resolved when it was rendered",
        "agent": to(SCIENTIST),
        "instrument": to(NOVUM),
        "object": [to("measurements.csv"), to("claims.json"), to("protocol.json")],
        "result": [to(name) for name in papers],
        "startTime": at,
        "endTime": at,
        "actionStatus": DONE,
    }


def _times(source: Source) -> dict[str, tuple[float, float]]:
    """Trial -> when its last attempt began and when it ended, in seconds since the epoch."""
    began: dict[str, float] = {}
    found: dict[str, tuple[float, float]] = {}
    for event in source.events():
        if isinstance(event.body, TrialStarted):
            began[event.body.trial] = event.time
        elif isinstance(event.body, TrialFinished | TrialFailed):
            found[event.body.trial] = (began.get(event.body.trial, event.time), event.time)
    return found
