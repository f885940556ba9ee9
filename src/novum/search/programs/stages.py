"""The stages of a search by models: baseline, its tuning, an agenda, ablations, the best edit tuned alike.

What is data stands in `STAGES`: what a stage works on, its share of the trials, and when it is over. Tuning
moves the domain's factors, one at a time as long as there are such points. The original gets them before
anything is edited, and the edit in front gets the *same* points at the end, so that what is proposed has no
more tuning than what it is held against. What the agenda tries is chosen by any policy over programs, which
sees its own budget and nothing of the tuning.

No failure ends a study: while no edit works, the agenda goes on with what the later stages would have used;
a stage without anything to work on is passed over.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct, structs

from novum.canonical import derive_seed
from novum.evidence.design import design, levels_of
from novum.program import PROGRAM, level_of
from novum.protocols import Policy
from novum.records import Budget, Commission, Config, Domain, ModelRequest, Node, Proposal
from novum.search.programs.history import History, history_of
from novum.search.programs.moves import affordable

Work = Proposal | Commission | ModelRequest
Of = Literal["the original", "edits", "the best edit"]
TUNED = "at a point of the design"
ABLATIONS = "ablations"
"""The label of commissions that a stage of ablations gives."""


class Stage(Struct, frozen=True):
    """One stage: what it works on, its share of the trials, what it does and when it is over, in words."""

    name: str
    of: Of
    share: float
    does: str
    over: str


STAGES: tuple[Stage, ...] = (
    Stage("baseline", "the original", 0.0, "runs the program as it came, in one trial", "it has run"),
    Stage("tuning", "the original", 0.15, "runs it with other factors moved", "the points have run"),
    Stage("agenda", "edits", 1.0, "drafts, mends, improves and crosses edits, as the search named says",
          "its share is spent, and an edit works"),
    Stage(ABLATIONS, "the best edit", 0.1, "takes one component out at a time", "its share is spent"),
    Stage("tuning of the best", "the best edit", 0.15, "runs it at the same points", "the points have run"),
)  # fmt: skip
"""In their order. A share of one means: whatever the others leave."""


class Shares(Struct, frozen=True):
    """How many of the trials go to what: `points` at which original and best edit are both tuned."""

    points: int
    agenda: int
    ablations: int


def shares(trials: int, domain: Domain) -> Shares:
    """The division of a number of trials; one of them is the baseline's."""
    by_name = {stage.name: stage.share for stage in STAGES}
    tunable = any(factor.name != PROGRAM for factor in domain.factors)
    points = int(trials * by_name["tuning"]) if tunable else 0
    ablations = int(trials * by_name[ABLATIONS])
    return Shares(points=points, ablations=ablations, agenda=max(0, trials - 1 - 2 * points - ablations))


class Staged:
    """`protocols.Policy` that goes through the stages; `agenda` makes that stage's policy for a budget."""

    def __init__(
        self,
        agenda: Callable[[Budget], Policy],
        domain: Domain,
        budget: Budget,
        seed: int,
        cap: int | None = None,
    ):
        self._domain, self._budget = domain, budget
        total = budget.explore_trials if cap is None else min(budget.explore_trials, cap // 2)
        self._shares = shares(total, domain)
        self._agenda = agenda(structs.replace(budget, explore_trials=1 + self._shares.agenda))
        self._longer = agenda(structs.replace(budget, explore_trials=total))
        self._points = _points(domain, self._shares.points, seed)
        self.name = self._agenda.name

    def propose(self, state: Any, rng: random.Random) -> Sequence[Work]:
        """The next piece of work of the stage that a study is in."""
        total = affordable(state, self._budget)
        edits = _without_tuning(state, self._domain)
        history = history_of(edits, self._domain, total)
        if state.tried >= total:
            return []
        if not history.root:
            return self._agenda.propose(edits, rng)
        if point := self._next_point(state, self._domain.workspace()):
            return [self._tuned(state, history.root, point)]
        if edits.tried - _ablated(edits) < 1 + self._shares.agenda:
            return self._agenda.propose(edits, rng)
        return self._ending(state, edits, history, rng)

    def heard(self, request: ModelRequest, answer: str) -> None:
        """Hand an answer on to whoever asked."""
        for policy in (self._agenda, self._longer):
            if heard := getattr(policy, "heard", None):
                heard(request, answer)

    def _ending(self, state: Any, edits: Any, history: History, rng: random.Random) -> Sequence[Work]:
        """Ablations and tuning of the best edit; more of the agenda where there is none, or no more to do."""
        best = _begun_with(state, self._domain) or _best(history)
        if not best:
            return [] if _pending(state) else self._longer.propose(edits, rng)
        if _ablated(edits) < self._shares.ablations:
            return [self._ablation(state, best)]
        if _pending(state) and not _begun_with(state, self._domain):
            return []  # what is under way may be better
        if point := self._next_point(state, state.nodes[best].workspace):
            return [self._tuned(state, best, point)]
        return self._longer.propose(edits, rng)

    # --- work -----------------------------------------------------------------------------------------

    def _next_point(self, state: Any, workspace: Mapping[str, str]) -> Config | None:
        """The first point that a program has not been run at."""
        had = [node.config for node in state.nodes.values() if node.workspace == workspace]
        level = self._level(workspace)
        return next((point for point in self._points if point | level not in had), None)

    def _tuned(self, state: Any, node: str, point: Config) -> Proposal:
        of = state.nodes[node]
        made = Node.make("tune", of.program, of.workspace, point | self._level(of.workspace),
                         parents=(node,), plan=TUNED)  # fmt: skip
        return Proposal(node=made, seeds=self._budget.explore_seeds)

    def _level(self, workspace: Mapping[str, str]) -> Config:
        named = any(factor.name == PROGRAM for factor in self._domain.factors)
        return {PROGRAM: level_of(self._domain, dict(workspace))} if named else {}

    def _ablation(self, state: Any, best: str) -> Commission:
        place = len(state.commissions)
        return Commission.make(place, "ablate", (best,), seeds=self._budget.explore_seeds,
                               policy=f"{self.name}/{ABLATIONS}")  # fmt: skip


def _points(domain: Domain, count: int, seed: int) -> list[Config]:
    """Points to tune at: one factor moved from the baseline at a time, then more of them at once.

    Few points are better spent near settings that are known to work than spread over all there are.
    """
    factors = [factor for factor in domain.factors if factor.name != PROGRAM]
    moves = [(factor.name, level) for factor in factors for level in levels_of(factor)
             if level != factor.baseline]  # fmt: skip
    random.Random(derive_seed(seed, "tuning")).shuffle(moves)
    near = [domain.baseline | {name: level} for name, level in moves]
    spread = design(domain.factors, 4 * count + 1, seed)[1:] if count > len(near) else []
    far = [domain.baseline | {f.name: point[f.name] for f in factors} for point in spread]
    distinct = {tuple(sorted(point.items())): point for point in [*near, *far] if point != domain.baseline}
    return list(distinct.values())[:count]


# --- looking at a state -------------------------------------------------------------------------------


def is_tuned(node: Node) -> bool:
    """Whether a node is a program at a point of tuning."""
    return node.operator == "tune" and node.plan == TUNED


def tuned_alike(state: Any, domain: Domain) -> bool:
    """Whether an edit was tuned at every point at which the original was, and at no other."""
    own, points = domain.workspace(), {True: [], False: []}  # type: ignore[var-annotated]
    for node in state.nodes.values():
        if is_tuned(node):
            points[node.workspace == own].append({k: v for k, v in node.config.items() if k != PROGRAM})
    return bool(points[True]) and points[True] == points[False]


def _without_tuning(state: Any, domain: Domain) -> Any:
    """The state without the trials of tuning, as the agenda is to see it."""
    kept = {k: t for k, t in state.trials.items() if not is_tuned(state.nodes[t.node])}
    return state if len(kept) == len(state.trials) else structs.replace(state, trials=kept)


def _ablated(state: Any) -> int:
    """Ablations that the stage of that name asked for, whatever became of them."""
    return sum(c.policy.endswith(f"/{ABLATIONS}") for c in state.commissions.values())


def _best(history: History) -> str:
    """The best edit that works, ablations left out; empty if none does."""
    edits = (c for c in history.good if c.id != history.root and c.label != ABLATIONS)
    return next((c.id for c in edits), "")


def _begun_with(state: Any, domain: Domain) -> str:
    """The edit that its tuning has begun with; empty before."""
    own = domain.workspace()
    tuned = (node for node in state.nodes.values() if is_tuned(node) and node.workspace != own)
    return next((node.parents[0] for node in tuned), "")


def _pending(state: Any) -> bool:
    """Whether something is under way that a decision could rest on."""
    made = state.made.values()
    running = any(t.status not in ("done", "failed") for t in state.trials_in("explore"))
    waiting = any(t.node in made and t.node not in state.assessments for t in state.trials_in("explore"))
    return running or waiting or bool(state.open_commissions)
