"""What a proposal may see in a study that has to end in the same bytes however its trials came to their ends.

With workers side by side the next proposal would see whatever happens to have ended by then, which depends on
the machine. Under a lag of L it sees the results of the trials 0 … n - L in the order of their proposals, n
being its own place, and nothing of the later ones but that they were proposed. A lag of one makes a study
sequential; six per worker keep the workers busy (`novum.state.LAG`), and what is proposed is the same after
any kill and with any number of workers.
"""

from msgspec import structs

from novum.state import State, Trial

KEPT = ("study", "domain", "settings", "seed", "archive", "ideas", "chosen", "nodes", "rejected", "lag")
"""What of a state is the same in every carrying out when the next proposal is due."""


def seen(state: State) -> State | None:
    """The state that the next proposal of an exploration sees; without a lag, all there is.

    None while a trial whose result belongs to it has not ended. Times, costs and interrupted attempts, which
    differ from one carrying out to the next, are not in it.
    """
    if not state.lag:
        return state
    trials = state.trials_in("explore")
    known = trials[: max(0, len(trials) - state.lag + 1)]
    if any(trial.status not in ("done", "failed") for trial in known):
        return None
    view = State(**{name: getattr(state, name) for name in KEPT})
    view.trials = {trial.id: _shown(trial, ended=i < len(known)) for i, trial in enumerate(trials)}
    ended = {trial.id for trial in known}
    mine = sorted(
        (m for m in state.measurements.values() if m.trial in ended),
        key=lambda m: (view.trials[m.trial].index, m.seed, m.metric),
    )
    view.measurements = {m.id: m for m in mine}
    return view


def _shown(trial: Trial, *, ended: bool) -> Trial:
    """A trial with its outcome, or as it was proposed."""
    if ended:
        return structs.replace(trial, attempt=0, interrupted=0, result=None)
    return Trial(id=trial.id, index=trial.index, node=trial.node, phase=trial.phase, seeds=trial.seeds)
