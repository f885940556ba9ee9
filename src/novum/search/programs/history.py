"""What a study has tried of programs, as every policy over programs looks at it.

`history_of(state, …)` reads the whole history off the state: explored scores alone (never those of a
hidden phase), turned so that higher is better. A commission without a node yet is pending, so that nobody
has to wait. Order is that in which things were asked for, whatever order their results came in.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from math import isfinite, sqrt
from typing import Any, Literal

from msgspec import Struct, structs

from novum.records import Commission, Domain, Measurement, Metric, Operator

Ask = Callable[["Question"], str]
"""Gives the words of an answer to a question; raises `Unanswered` if it was not put yet."""

DEPTH = 3
"""Repairs in a row of one failure, after which it is given up (as in AI Scientist v2 and AIDE)."""
SURE = 2.0
"""Standard errors by which a mean has to lie higher to count as a gain."""


class Question(Struct, frozen=True):
    """What a model is asked: which of these nodes to work on next. `text` tells of each, a line each."""

    choices: tuple[str, ...]
    text: str


class Unanswered(Exception):
    """A question has to be put before a policy can choose."""

    def __init__(self, question: Question):
        super().__init__(question.text)
        self.question = question


def nobody(question: Question) -> str:
    """Where there is no model: no words."""
    return ""


class Candidate(Struct, frozen=True, kw_only=True):
    """One node as a policy sees it.

    `index` is the place of its commission, -1 without one. `label` names the portfolio's member that asked.
    `score` is higher for better and rests on so many `seeds`; it means nothing unless the candidate is good.
    `behaviour` holds the means of the metrics that are not the primary one.
    """

    id: str
    index: int
    parents: tuple[str, ...]
    operator: Operator
    label: str
    status: Literal["pending", "good", "failed"]
    score: float = 0.0
    seeds: int = 0
    behaviour: tuple[float | None, ...] = ()

    @property
    def good(self) -> bool:
        return self.status == "good"


class History(Struct, frozen=True, kw_only=True, dict=True):
    """All candidates in the order they were asked for, the commissions, and how far the budget is spent.

    `root` is the program as it came (its id; empty before it was proposed). `noise` is the standard deviation
    of one seed's value about its candidate's mean, pooled; 0 without replicates. `ask` puts a question to a
    model.
    """

    candidates: tuple[Candidate, ...]
    commissions: tuple[Commission, ...]
    pending: tuple[Commission, ...]
    root: str
    noise: float
    tried: int
    total: int
    ask: Ask = nobody

    @cached_property
    def by_id(self) -> dict[str, Candidate]:
        return {c.id: c for c in self.candidates}

    @cached_property
    def good(self) -> tuple[Candidate, ...]:
        """Candidates with a score, from the best to the worst; of equals the earlier comes first."""
        return tuple(ranked(c for c in self.candidates if c.good))

    @cached_property
    def visits(self) -> dict[str, int]:
        """Candidate -> commissions that worked on it first, whatever came of them."""
        return _counted(c.parents[0] for c in self.commissions if c.parents)

    @property
    def best(self) -> Candidate | None:
        return self.good[0] if self.good else None

    @property
    def drafts(self) -> int:
        """Beginnings asked for so far, those without an outcome included: drafts, and what is made of the
        root, which takes their place where nobody drafts."""
        return len(self.founding)

    # --- failures -------------------------------------------------------------------------------------

    @cached_property
    def mendable(self) -> tuple[Candidate, ...]:
        """Failures that nobody has tried to mend yet and that are not too deep."""
        begun = {c.parents[0] for c in self.commissions if c.operator == "debug" and c.parents}
        failed = (c for c in self.candidates if c.status == "failed")
        return tuple(c for c in failed if c.id not in begun and self.bug_depth(c) < DEPTH)

    def bug_depth(self, candidate: Candidate) -> int:
        """Repairs in a row that led to a candidate."""
        depth, found = 0, candidate
        while found.operator == "debug" and (parent := self._parent(found)):
            depth, found = depth + 1, parent
        return depth

    # --- lineage --------------------------------------------------------------------------------------

    @cached_property
    def line_of(self) -> dict[str, str]:
        """Candidate -> the first of its line after the root: a draft, or what was made of the root itself."""
        found: dict[str, str] = {}
        for c in self.candidates:  # parents come before their children
            first = _founds(c.operator, c.parents, self.root)
            found[c.id] = c.id if first else found.get(c.parents[0], c.id)
        return found

    @cached_property
    def founding(self) -> dict[int, int]:
        """Index of a commission that founded a line -> its place among them, whatever came of it."""
        kept = (c for c in self.commissions if _founds(c.operator, c.parents, self.root))
        return {c.index: place for place, c in enumerate(kept)}

    @cached_property
    def depth(self) -> dict[str, int]:
        """Candidate -> steps from where its line began."""
        found: dict[str, int] = {}
        for c in self.candidates:
            found[c.id] = found.get(c.parents[0], -1) + 1 if c.parents else 0
        return found

    @cached_property
    def busy(self) -> dict[str, int]:
        """Founder -> candidates of its line under way."""
        running = (self.line_of[c.id] for c in self.candidates if c.status == "pending")
        asked = (self.line_of.get(c.parents[0], "") for c in self.pending if c.parents)
        return _counted([*running, *asked])

    def _parent(self, candidate: Candidate) -> Candidate | None:
        return self.by_id.get(candidate.parents[0]) if candidate.parents else None

    # --- progress -------------------------------------------------------------------------------------

    def beats(self, one: Candidate, other: Candidate) -> bool:
        """Whether the first lies higher than the second by more than the noise explains."""
        floor = SURE * self.noise * sqrt(1 / max(1, one.seeds) + 1 / max(1, other.seeds))
        return one.score - other.score > floor

    @cached_property
    def _gains(self) -> dict[Operator, tuple[float, int]]:
        """Operator -> (by how much its outcomes raised the record, in all; outcomes made of what works)."""
        found: dict[Operator, tuple[float, int]] = {}
        record: float | None = None
        for made in self.candidates:
            if made.status == "pending":
                continue
            parent = self._parent(made)
            if parent is not None and parent.good and record is not None:
                gained, tried = found.get(made.operator, (0.0, 0))
                gain = max(0.0, made.score - record) if made.good else 0.0
                found[made.operator] = (gained + gain, tried + 1)
            if made.good and (record is None or made.score > record):
                record = made.score
        return found

    def worth_of(self, operator: Operator, doubt: float) -> float:
        """How much more than others an operator's outcomes raised the record; 1 where nothing is known.

        Its mean gain over that of all operators, drawn to 1 as if by `doubt` outcomes (credit by improvement
        of the record, and shares that follow it: operator selection after Fialho et al. 2010).
        """
        counts = self._gains.values()
        overall = sum(gain for gain, _ in counts) / max(1, sum(n for _, n in counts))
        if overall <= 0.0:
            return 1.0
        gained, tried = self._gains.get(operator, (0.0, 0))
        return (gained / overall + doubt) / (tried + doubt)

    @cached_property
    def stagnation(self) -> int:
        """How many candidates have ended since one beat all before it beyond the noise."""
        record, since = None, 0
        for found in self.candidates:
            if found.status == "pending":
                continue
            if found.good and (record is None or self.beats(found, record)):
                record, since = found, 0
            else:
                since += 1
        return since

    def only(self, label: str) -> "History":
        """What one member of a portfolio has tried, and the root."""
        kept = tuple(c for c in self.commissions if label_of(c) == label)
        mine = tuple(c for c in self.candidates if c.id == self.root or c.label == label)
        open_ones = tuple(c for c in self.pending if label_of(c) == label)
        return structs.replace(self, candidates=mine, commissions=kept, pending=open_ones)


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """From the best to the worst; of equals the earlier comes first."""
    return sorted(candidates, key=lambda c: (-c.score, c.index, c.id))


def label_of(commission: Commission) -> str:
    """The member of a portfolio that asked; empty where there is none."""
    return commission.policy.partition("/")[2]


def _founds(operator: Operator, parents: Sequence[str], root: str) -> bool:
    return operator == "draft" or not parents or parents[0] == root


def _counted(names: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found


# --- reading the state --------------------------------------------------------------------------------


def history_of(state: Any, domain: Domain, total: int, ask: Ask = nobody) -> History:
    """The history of a state, for a budget of `total` explored candidates."""
    values = _values(state, domain)
    commissions = tuple(sorted(state.commissions.values(), key=lambda c: c.index))
    return History(
        candidates=_candidates(state, domain, values),
        commissions=commissions,
        pending=tuple(state.open_commissions),
        root=_root(state, domain),
        noise=_noise(list(values[domain.primary.name].values())),
        tried=state.tried,
        total=total,
        ask=ask,
    )


Values = dict[str, dict[str, list[float | None]]]
"""Metric -> node -> explored values, higher for better; None where a seed gave none."""


def _values(state: Any, domain: Domain) -> Values:
    shown = [m for m in domain.metrics if m.primary or not m.self_reported]
    return {metric.name: _grouped(state.measurements_of(metric.name, "explore"), metric) for metric in shown}


def _grouped(measured: Sequence[Measurement], metric: Metric) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    sign = -1.0 if metric.goal == "minimize" else 1.0
    for m in measured:
        usable = m.value is not None and isfinite(m.value)
        found.setdefault(m.node, []).append(sign * m.value if usable and m.value is not None else None)
    return found


def _candidates(state: Any, domain: Domain, values: Values) -> tuple[Candidate, ...]:
    asked = {node: state.commissions[name] for name, node in state.made.items()}
    trials: dict[str, list[Any]] = {}
    for trial in state.trials_in("explore"):
        trials.setdefault(trial.node, []).append(trial)
    place = {node: asked[node].index if node in asked else -1 for node in trials}
    score = _scorer(values[domain.primary.name])
    others = [mine for name, mine in values.items() if name != domain.primary.name]
    return tuple(
        _candidate(state, node, trials[node], asked.get(node), score(node), others)
        for node in sorted(trials, key=lambda n: (place[n], trials[n][0].index))
    )


def _candidate(
    state: Any, name: str, trials: list[Any], asked: Commission | None,
    scored: tuple[float, int] | None, others: list[dict[str, list[float | None]]],
) -> Candidate:  # fmt: skip
    node, judged = state.nodes[name], state.assessments.get(name)
    ended = all(t.status in ("done", "failed") for t in trials)
    broken = scored is None or (judged is not None and judged.broken)
    score, seeds = scored or (0.0, 0)
    return Candidate(
        id=name, index=asked.index if asked else -1, parents=node.parents, operator=node.operator,
        label=label_of(asked) if asked else "", score=score, seeds=seeds,
        status="good" if not broken else "failed" if ended else "pending",
        behaviour=tuple(_mean(mine.get(name, [])) for mine in others),
    )  # fmt: skip


def _scorer(values: dict[str, list[float | None]]) -> Callable[[str], tuple[float, int] | None]:
    """Node -> its mean and number of seeds; a seed without a value counts as the worst value seen at all."""
    known = [v for row in values.values() for v in row if v is not None]
    worst = min(known, default=0.0)

    def score(node: str) -> tuple[float, int] | None:
        row = values.get(node, [])
        if all(v is None for v in row):
            return None
        return statistics.fmean(worst if v is None else v for v in row), len(row)

    return score


def _mean(row: Sequence[float | None]) -> float | None:
    known = [v for v in row if v is not None]
    return statistics.fmean(known) if known else None


def _noise(rows: Sequence[Sequence[float | None]]) -> float:
    known = [[v for v in row if v is not None] for row in rows]
    squares = sum((v - statistics.fmean(row)) ** 2 for row in known if len(row) > 1 for v in row)
    degrees = sum(len(row) - 1 for row in known if len(row) > 1)
    return sqrt(squares / degrees) if degrees else 0.0


def _root(state: Any, domain: Domain) -> str:
    own = domain.workspace()
    nodes = (state.nodes[t.node] for t in state.trials_in("explore"))
    return next((n.id for n in nodes if n.workspace == own and n.config == domain.baseline), "")
