"""The policy `tree`: programs are drafted, mended, improved, taken apart and tuned, without any barrier.

An agenda divides the trials: the baseline, some drafts, improvements (what failed is mended first), ablations
of the best edit, and tuning at last. Tuning lays down a design over the factors and runs the *same* points
with the original program and with the best edit, so that what is proposed gets no more tuning than what it is
held against. The parent of an improvement is the best so far, and with probability `BROADEN` any that works
(greedy tree search over programs: Jiang et al. 2025, arXiv 2502.13138).
"""

import random
import statistics
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from novum.evidence.design import design
from novum.program import ORIGINAL, PROGRAM, level_of
from novum.records import Budget, Commission, Config, Domain, Node, Operator, Proposal

DRAFTS, ABLATIONS, TUNING = 0.3, 0.1, 0.3  # shares of the trials; the rest improves
DEBUG = 0.5  # chance that a failure is mended before something that works is improved
DEPTH = 3  # repairs in a row of one failure
BROADEN = 0.2
CROSS = 0.15  # chance that two edits that work are crossed
TUNE_BASELINE, TUNE_EDIT = "the baseline at a point of the design", "the best edit at a point of the design"


class Agenda(Struct, frozen=True):
    """How many trials go to what; `pairs` are points at which baseline and best edit are both tuned."""

    drafts: int
    improvements: int
    ablations: int
    pairs: int


def agenda(trials: int) -> Agenda:
    """The division of a number of trials; one of them is the baseline's."""
    pairs = int(trials * TUNING / 2)
    ablations = int(trials * ABLATIONS)
    left = max(0, trials - 1 - 2 * pairs - ablations)
    drafts = min(left, max(1, round(trials * DRAFTS)))
    return Agenda(drafts=drafts, improvements=left - drafts, ablations=ablations, pairs=pairs)


class TreePolicy:
    """Proposes the baseline and points of tuning itself, and gives commissions for what has to be written."""

    name = "tree"

    def __init__(self, domain: Domain, budget: Budget, seed: int):
        self._domain, self._trials, self._seeds = domain, budget.explore_trials, budget.explore_seeds
        self._agenda = agenda(self._trials)
        self._points = design(domain.factors, self._agenda.pairs + 1, seed)[1:]

    def propose(self, state: Any, rng: random.Random) -> Sequence[Proposal | Commission]:
        """The next thing to try; nothing while it has to be known first what becomes of those under way."""
        tree = Tree(state, self._domain)
        if state.tried >= self._trials:
            return []
        if not tree.baseline:
            return [self._tuned(self._domain.workspace(), self._domain.baseline, "the baseline")]
        if tree.count("draft") < self._agenda.drafts:
            return self._commissioned(state, "draft", (tree.baseline,))
        if tree.count("debug", "improve", "cross") < self._agenda.improvements:
            return self._improvement(state, tree, rng)
        return self._ending(state, tree, rng)

    def _improvement(self, state: Any, tree: "Tree", rng: random.Random) -> list[Proposal | Commission]:
        """Mend, cross or improve; while nothing works and nothing can be mended, wait or draft again."""
        failures, good = tree.failures(), tree.good()
        if failures and (not good or rng.random() < DEBUG):
            return self._commissioned(state, "debug", (rng.choice(failures),))
        if not good:
            return [] if tree.pending() else self._commissioned(state, "draft", (tree.baseline,))
        if len(good) > 1 and rng.random() < CROSS:
            return self._commissioned(state, "cross", (good[0], rng.choice(good[1:])))
        parent = rng.choice(good) if rng.random() < BROADEN else good[0]
        return self._commissioned(state, "improve", (parent,))

    def _ending(self, state: Any, tree: "Tree", rng: random.Random) -> list[Proposal | Commission]:
        """Ablations and tuning of the best edit; without any that works, whatever may still make one."""
        good = tree.good()
        if not good:
            return [] if tree.pending() else self._improvement(state, tree, rng)
        if tree.count("ablate") < self._agenda.ablations:
            return self._commissioned(state, "ablate", (tree.tuned or good[0],))
        best = tree.tuned or good[0]
        if not tree.tuned and tree.pending():
            return []
        for point in self._points:
            pairs = ((self._domain.workspace(), TUNE_BASELINE), (state.nodes[best].workspace, TUNE_EDIT))
            for workspace, plan in pairs:
                proposal = self._tuned(workspace, point, plan, best)
                if proposal.node.id not in state.nodes:
                    return [proposal]
        return self._commissioned(state, "improve", (good[0],))

    def _tuned(self, workspace: dict[str, str], point: Config, plan: str, parent: str = "") -> Proposal:
        level = level_of(self._domain, workspace)
        config = point | ({PROGRAM: level} if PROGRAM in point else {})
        parents = (parent,) if parent and level != ORIGINAL else ()
        program = next(iter(self._domain.programs))
        node = Node.make("tune", program, workspace, config, parents=parents, plan=plan)
        return Proposal(node=node, seeds=self._seeds)

    def _commissioned(
        self, state: Any, operator: Operator, parents: tuple[str, ...]
    ) -> list[Proposal | Commission]:
        made = Commission.make(len(state.commissions), operator, parents, seeds=self._seeds, policy=self.name)
        return [made]


class Tree:
    """What has been tried, as the policy looks at it."""

    def __init__(self, state: Any, domain: Domain):
        self._state, self._domain = state, domain
        trials = state.trials_in("explore")
        own = domain.workspace()
        self._trials = {t.node: t for t in trials}
        first = (t.node for t in trials if state.nodes[t.node].workspace == own)
        self.baseline: str = next(first, "")
        """The first node of the original program; empty if there is none."""
        tuned = (state.nodes[t.node] for t in trials if state.nodes[t.node].plan == TUNE_EDIT)
        self.tuned: str = next((n.parents[0] for n in tuned if n.parents), "")
        """The edit that tuning has begun with; empty before."""

    def count(self, *operators: Operator) -> int:
        """Commissions of these kinds so far, whatever became of them."""
        return sum(c.operator in operators for c in self._state.commissions.values())

    def pending(self) -> bool:
        """Whether something is under way that a decision could rest on."""
        running = any(t.status in ("proposed", "running") for t in self._trials.values())
        return running or bool(self._state.open_commissions) or bool(self._unassessed())

    def _unassessed(self) -> list[str]:
        written = self._state.made.values()
        return [n for n in written if n not in self._state.assessments and self._ended(n)]

    def _ended(self, node: str) -> bool:
        return node in self._trials and self._trials[node].status in ("done", "failed")

    def good(self) -> list[str]:
        """Written nodes that work, from the best to the worst, ablations left out."""
        kept = [n for n in self._written() if self._ended(n) and not self._broken(n)]
        scored = [(self._badness(n), i, n) for i, n in enumerate(kept)]
        return [n for badness, _, n in sorted(scored)]

    def failures(self) -> list[str]:
        """Written nodes that do not work, have not been mended yet, and are worth a further repair."""
        parents = {p for c in self._state.commissions.values() if c.operator == "debug" for p in c.parents}
        open_ones = [n for n in self._written() if self._ended(n) and n not in parents]
        return [n for n in open_ones if self._broken(n) and self._depth(n) < DEPTH]

    def _written(self) -> list[str]:
        made = sorted(self._state.made.items(), key=lambda pair: self._state.commissions[pair[0]].index)
        commissions = self._state.commissions
        return [node for commission, node in made if commissions[commission].operator != "ablate"]

    def _broken(self, node: str) -> bool:
        found = self._state.assessments.get(node)
        return self._trials[node].status == "failed" or bool(found and found.broken) or not self._values(node)

    def _depth(self, node: str) -> int:
        """Repairs in a row that led to a node."""
        depth, found = 0, self._state.nodes[node]
        while found.operator == "debug" and found.parents:
            depth, found = depth + 1, self._state.nodes[found.parents[0]]
        return depth

    def _values(self, node: str) -> list[float]:
        metric = self._domain.primary.name
        mine = self._state.measurements_of(metric, "explore")
        return [m.value for m in mine if m.node == node and m.value is not None]

    def _badness(self, node: str) -> float:
        """The mean of the primary metric, lower for better."""
        mean = statistics.fmean(self._values(node))
        return mean if self._domain.primary.goal == "minimize" else -mean
