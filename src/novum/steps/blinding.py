"""Nothing of a confirmation is shown before its planned sample is complete."""

from novum.evidence.catalogue import confirmation_complete
from novum.state import State, copy_state


def blinded(state: State) -> State:
    """The state as anybody may see it: without the confirmation's outcomes while some are outstanding."""
    if confirmation_complete(state):
        return state
    shown = copy_state(state)
    shown.measurements = {k: m for k, m in shown.measurements.items() if m.phase != "confirm"}
    shown.trials = {k: t for k, t in shown.trials.items() if t.phase != "confirm"}
    return shown
