"""The policy `design`: points laid down before the first result, spread over the factors.

Points that fill the space tell most of every factor. Where the metric is a time to an event, many of them
may be cut off at the horizon, which tells little: there a quarter of the points at most moves one factor at
a time from the baseline, and so keeps to settings known to work. Nothing it proposes depends on a result, so
the same study ends in the same measurements however its trials arrive.
"""

import random
from collections.abc import Sequence
from typing import Any

from novum.evidence.design import design
from novum.records import Budget, Domain, Node, Proposal


class DesignPolicy:
    """Proposes a fixed design, one point at a time, each on `budget.explore_seeds` fresh seeds."""

    name = "design"

    def __init__(self, domain: Domain, budget: Budget, seed: int):
        self._domain = domain
        self._seeds = budget.explore_seeds
        timed = domain.primary.kind == "time_to_event"
        self._points = design(domain.factors, max(1, budget.explore_trials), seed, one_at_a_time=timed)

    def propose(self, state: Any, rng: random.Random) -> Sequence[Proposal]:
        """The next point of the design, or nothing when all are proposed."""
        proposed = [state.nodes[t.node].config for t in state.trials_in("explore")]
        left = [point for point in self._points if point not in proposed]
        if not left:
            return []
        program = next(iter(self._domain.programs))
        plan = "the baseline" if left[0] == self._domain.baseline else "a point of the design"
        node = Node.make("tune", program, self._domain.workspace(), left[0], plan=plan)
        return [Proposal(node=node, seeds=self._seeds)]
