"""The verb *judge*: what the ideas are worth, scored again as trials arrive.

That happens at pinned points, after each quarter of the planned trials and at the end of exploration. What is
scored there rests on the trials *proposed* up to that point, once all of them have ended, and on nothing
else: which of them ended first, and where a coordinator was killed, changes no score. The choice of the idea
is not made anew; a question that results have picked would have to be asked of other data.
"""

from collections.abc import Sequence

from novum.events import Draft
from novum.protocols import Services
from novum.state import State, copy_state

POINTS = 4


def due(state: State, planned: int, over: bool) -> list[int]:
    """Counts of trials at which the ideas are to be judged now, in order; `over`: no trial will follow."""
    explored = state.trials_in("explore")
    ended = next((i for i, t in enumerate(explored) if t.status not in ("done", "failed")), len(explored))
    points = {-(-planned * quarter // POINTS) for quarter in range(1, POINTS + 1)}
    points |= {ended} if over else set()
    last = max((j.trials for found in state.judgements.values() for j in found), default=0)
    return sorted(point for point in points if last < point <= ended)


def view_at(state: State, trials: int) -> State:
    """The state with no trials but the first so many of exploration."""
    view = copy_state(state)
    view.trials = {t.id: t for t in view.trials_in("explore")[:trials]}
    view.measurements = {k: m for k, m in view.measurements.items() if m.trial in view.trials}
    return view


def judge(view: State, services: Services) -> Sequence[Draft]:
    """Judgements by the study's scientist; none where the trials tell nothing yet."""
    return services.scientist.judge(view, services)
