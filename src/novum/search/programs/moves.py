"""From a choice of parents to a commission: the part that all policies over programs share.

A policy proper is a `Chooser`: it says which candidates to work on. `ProgramSearch` makes a proposal of
the program as it came, then commissions of the choices. Where a chooser says *improve*, the operator is
drawn from one mix for all of them, so that policies differ in what they choose and in nothing else;
operators that nobody can carry out (without a model nobody drafts, mends or improves) are replaced by
what comes nearest.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct, structs

from novum.records import Budget, Commission, Domain, ModelRequest, Node, Operator, Proposal
from novum.search.programs.history import Candidate, History, Question, Unanswered, history_of

ALL: tuple[Operator, ...] = ("draft", "debug", "improve", "tune", "ablate", "cross")
WITHOUT_MODELS: tuple[Operator, ...] = ("tune", "ablate", "cross")
MIX: tuple[tuple[Operator, float], ...] = (
    ("improve", 0.75), ("tune", 0.2), ("cross", 0.03), ("ablate", 0.02),
)  # fmt: skip
"""What an improvement is made by at first, in shares of those that can be carried out. What an operator's
outcomes were worth changes its share (`History.worth_of`). A tuning costs no call of a model, and its share
was raised when it began to heed the record (`operators.surrogate`), on the tuning tasks' seeds."""
DOUBT, SHARP = 4.0, 2.0
"""Outcomes after which an operator's own gains count as much as those of all, and how sharply they tell."""
NEAREST: tuple[Operator, ...] = ("improve", "tune", "ablate")
"""What takes the place of an operator that nobody can carry out."""


class Move(Struct, frozen=True):
    """What to do next: an operator, what it works on, and for which member of a portfolio."""

    operator: Operator
    parents: tuple[str, ...] = ()
    label: str = ""


class Chooser(Protocol):
    """What a policy over programs is: a pure choice. None: there is nothing to do until results come in."""

    def choose(self, history: History, rng: random.Random) -> Move | None: ...


Worded = Callable[[Any, Question], ModelRequest]
"""A question in the state that it arises in, as a model is asked it."""


class ProgramSearch:
    """`protocols.Policy` of a chooser; `operators` are those that whoever makes the nodes can carry out.

    `worded` makes requests of questions; without it nobody is asked, and every answer is silence.
    """

    def __init__(
        self,
        name: str,
        chooser: Chooser,
        domain: Domain,
        budget: Budget,
        operators: Sequence[Operator] = ALL,
        worded: Worded | None = None,
    ):
        self.name = name
        self._chooser, self._domain, self._budget = chooser, domain, budget
        self._operators = tuple(operators)
        self._worded = worded
        self._answers: dict[str, str] = {}  # of recorded calls, by key
        self._unused: str | None = None

    def propose(self, state: Any, rng: random.Random) -> Sequence[Proposal | Commission | ModelRequest]:
        """The program as it came, then one commission at a time, until the trials are used.

        A choice that rests on an answer begins with its question; see `protocols.Inquirer`.
        """
        total = affordable(state, self._budget)
        if state.tried >= total or not self._domain.programs:
            return []
        history = history_of(state, self._domain, total, lambda question: self._answer(state, question))
        if not history.root:
            return [self._root()]
        if not self._domain.programs[self._program].editable:
            return []
        try:
            move = self._chooser.choose(history, rng)
        except Unanswered as waiting:
            assert self._worded is not None
            return [self._worded(state, waiting.question)]
        return [self._commission(move, history, rng)] if move else []

    def heard(self, request: ModelRequest, answer: str) -> None:
        """Keep what a model said; empty if it said nothing.

        The next choice is made by it, also if results have come in meanwhile: asked anew about each of them,
        a search with many workers would be asking for ever.
        """
        self._answers[request.key] = self._unused = answer

    def _answer(self, state: Any, question: Question) -> str:
        if self._worded is None:
            return ""
        key = self._worded(state, question).key
        said, self._unused = self._answers.get(key, self._unused), None
        if said is None:
            raise Unanswered(question)
        return said

    @property
    def _program(self) -> str:
        return next(iter(self._domain.programs))

    def _root(self) -> Proposal:
        workspace, config = self._domain.workspace(), self._domain.baseline
        node = Node.make("draft", self._program, workspace, config, plan="the program as it came")
        return Proposal(node=node, seeds=self._budget.explore_seeds)

    def _commission(self, move: Move, history: History, rng: random.Random) -> Commission:
        mine = history.only(move.label) if move.label else history
        fitted = fit(move, mine, self._operators, rng)
        name = f"{self.name}/{move.label}" if move.label else self.name
        place = len(history.commissions)
        return Commission.make(
            place, fitted.operator, fitted.parents, seeds=self._budget.explore_seeds, policy=name
        )


def affordable(state: Any, budget: Budget) -> int:
    """Candidates that exploration may try: the budget's, or half of a person's cap on trials."""
    cap = state.settings.budget_trials if state.settings else None
    return budget.explore_trials if cap is None else min(budget.explore_trials, cap // 2)


def improve(parent: Candidate) -> Move:
    return Move("improve", (parent.id,))


def mend_or_draft(history: History, rng: random.Random) -> Move:
    """What to do while nothing works: mend a failure, else begin anew."""
    if history.mendable:
        return Move("debug", (rng.choice(history.mendable).id,))
    return Move("draft", (history.root,))


def fit(move: Move, history: History, operators: Sequence[Operator], rng: random.Random) -> Move:
    """A move that can be carried out: its operator is among `operators` and its parents suit it.

    To improve the program as it came is to draft, where anybody drafts.
    """
    if move.operator == "debug" and "debug" not in operators:  # nobody mends: what failed is left alone
        move = improve(history.best or history.by_id[history.root])
    if move.operator == "improve" and move.parents == (history.root,) and "draft" in operators:
        return structs.replace(move, operator="draft")
    if move.operator == "improve":
        move = _mixed(move, history, operators, rng)
    if move.operator == "cross":
        move = _with_partner(move, history, rng)
    if move.operator in operators:
        return move
    nearest = next((o for o in NEAREST if o in operators), "improve")
    return structs.replace(move, operator=nearest, parents=move.parents[:1] or (history.root,))


def _mixed(move: Move, history: History, operators: Sequence[Operator], rng: random.Random) -> Move:
    parent = move.parents[0]
    possible = [(o, share) for o, share in MIX if o in operators and _suits(o, parent, history)]
    if not possible:
        return move
    weights = [share * history.worth_of(o, DOUBT) ** SHARP for o, share in possible]
    operator = rng.choices([o for o, _ in possible], weights)[0]
    return structs.replace(move, operator=operator)


def _suits(operator: Operator, parent: str, history: History) -> bool:
    if operator == "ablate":  # the program as it came has no edit to take out
        return parent != history.root
    return operator != "cross" or (parent != history.root and bool(_partners(parent, history)))


def _partners(parent: str, history: History) -> list[Candidate]:
    """Whom a candidate may be crossed with: those of other lines, if there are any."""
    others = [c for c in history.good if c.id not in (parent, history.root)]
    line = history.line_of.get(parent)
    return [c for c in others if history.line_of[c.id] != line] or others


def _with_partner(move: Move, history: History, rng: random.Random) -> Move:
    """A crossing of one gets a second; without anybody there, the first is improved alone."""
    if len(dict.fromkeys(move.parents)) > 1:
        return move
    if partners := _partners(move.parents[0], history):
        return structs.replace(move, parents=(move.parents[0], rng.choice(partners).id))
    return structs.replace(move, operator="improve")
