"""The verb *explore*: turn a policy's proposals into planned trials, until the budget or the policy ends.

Each proposal gets fresh seeds of the explore pool, counted over all proposals, so that two design points
never share a seed's luck.
"""

import random
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import get_args

from novum.canonical import derive_seed
from novum.events import Draft, NodeRejected, ProposalRefused
from novum.protocols import Inquirer, Policy
from novum.records import Commission, ModelRequest, Operator, Phase, Proposal
from novum.state import State
from novum.steps.lagged import seen
from novum.steps.planned import Planned, faults_of
from novum.steps.seeds import phase_seed


class Exploration:
    """Asks a policy for proposals while the budget lasts. Holds only what is not yet journaled."""

    phase = "explore"

    def __init__(self, policy: Policy, trials: int):
        self.trials = trials
        self._policy = policy
        self._waiting: deque[Proposal | Commission | ModelRequest] = deque()
        self._heard: set[str] = set()
        self.over = False
        """Nothing more is to be proposed, whatever the budget has left."""

    def next(self, state: State) -> tuple[Planned | Commission | ModelRequest | None, list[Draft]]:
        """The next planned trial, commission or question; or the rejection of what was proposed; or neither,
        which ends it unless something is under way."""
        if self.over or state.tried >= self.trials:
            return None, []
        proposal = self._proposal(state)
        if proposal is None:
            return None, []
        if isinstance(proposal, Commission):
            return self._commissioned(proposal, state)
        if isinstance(proposal, ModelRequest):
            return self._question(proposal)
        if fault := self._fault(proposal, state):
            return None, [Draft(body=NodeRejected(node=proposal.node, reason=fault), actor=self._policy.name)]
        return self._planned(proposal, state), []

    def heard(self, request: ModelRequest, answer: str) -> None:
        """Tell the policy what came of its question; empty if nothing did."""
        self._heard.add(request.key)
        if isinstance(self._policy, Inquirer):
            self._policy.heard(request, answer)

    def _question(self, asked: ModelRequest) -> tuple[ModelRequest | None, list[Draft]]:
        if asked.key not in self._heard and isinstance(self._policy, Inquirer):
            return asked, []
        reason = "a question was put that has its answer already, or that nobody waits for"
        refused = ProposalRefused(slot="node", about=asked.key[:12], reason=reason)
        return None, [Draft(body=refused, actor=self._policy.name)]

    def _proposal(self, state: State) -> Proposal | Commission | ModelRequest | None:
        view = seen(state)
        if view is None:  # a result that it would have to see is still to come
            return None
        if state.lag:  # what was proposed along with the last one dies with the process: ask for each anew
            self._waiting.clear()
        if not self._waiting:
            given = [len(state.commissions)] if state.commissions else []
            place = (state.next_index, len(state.rejected), *given)
            rng = random.Random(derive_seed(state.seed, "policy", *place))
            self._waiting.extend(self._policy.propose(view, rng))
        return self._waiting.popleft() if self._waiting else None

    def _commissioned(self, asked: Commission, state: State) -> tuple[Commission | None, list[Draft]]:
        if not (fault := fault_of_commission(asked, state)):
            return asked, []
        refused = ProposalRefused(slot="node", about=asked.id, reason=fault)
        return None, [Draft(body=refused, actor=self._policy.name)]

    def _fault(self, proposal: Proposal, state: State) -> str:
        assert state.domain is not None
        if proposal.phase != "explore":
            return f"a policy may not propose trials of the phase {proposal.phase}"
        if not 1 <= proposal.seeds <= 1000:
            return f"{proposal.seeds} seeds were asked for"
        return faults_of(proposal.node, state.domain)

    def _planned(self, proposal: Proposal, state: State) -> Planned:
        return Planned(proposal.node, "explore", fresh_seeds(state, proposal.seeds), self._policy.name)


def fault_of_commission(asked: Commission, state: State) -> str:
    """Why nobody can make a node of a commission, or ""."""
    if asked.id in state.commissions:
        return f"commission {asked.id} was given before"
    if unknown := [name for name in asked.parents if name not in state.nodes]:
        return f"there are no nodes {', '.join(unknown)} to work on"
    if asked.operator not in get_args(Operator):
        return f"there is no operator {asked.operator}"
    if asked.operator == "cross" and len(dict.fromkeys(asked.parents)) < 2:
        return "a crossing takes two nodes"
    if asked.operator != "draft" and not asked.parents:
        return f"there is nothing to {asked.operator}"
    return "" if 1 <= asked.seeds <= 1000 else f"{asked.seeds} seeds were asked for"


def fresh_seeds(state: State, count: int) -> tuple[int, ...]:
    """The next seeds of the explore pool."""
    used = sum(len(t.seeds) for t in state.trials_in("explore"))
    return tuple(phase_seed(state.seed, "explore", used + i) for i in range(count))


class FixedPlan:
    """A list of trials laid down beforehand (selection, confirmation)."""

    def __init__(self, planned: Sequence[Planned]):
        self._left = deque(planned)
        self._held: set[tuple[str, Phase, tuple[int, ...]]] = set()
        self._seen = 0  # trials of the state that are in `_held`: it grows, and is asked for every trial

    def next(self, state: State) -> tuple[Planned | None, list[Draft]]:
        """The first planned trial that the state does not hold yet; ask with states of one study only."""
        fresh = islice(state.trials.values(), self._seen, None)
        self._held.update((t.node, t.phase, t.seeds) for t in fresh)
        self._seen = len(state.trials)
        while self._left and (p := self._left[0]) and (p.node.id, p.phase, p.seeds) in self._held:
            self._left.popleft()
        return (self._left[0] if self._left else None), []
