"""Part a: every policy over programs on every task, beside the reference.

All carry out the same operators and are asked by the same loop, so that they differ in their choices alone.
`intelligent-go-explore` is left out: the scripted model names no favourite, and then it is `go-explore`.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from novum.bench.pool import Told, mapped
from novum.bench.rows import Row
from novum.bench.search.proposer import Playing
from novum.bench.search.reference import greedy
from novum.bench.search.rig import explore
from novum.bench.search.tasks import PACKING, TASKS, Task
from novum.canonical import derive_seed
from novum.search.programs import ASKING, CHOOSERS, DEFAULT

if TYPE_CHECKING:
    import numpy as np

REFERENCE = "reference"
CONTENDERS = (*(name for name in CHOOSERS if name not in ASKING), REFERENCE)
MARGIN = 0.02
FLIPS = 20_000


class Found(Struct, frozen=True):
    """The true score of what a contender would hand over, of one task and seed."""

    contender: str
    task: str
    seed: int
    score: float


def found(contender: str, task: Task, seed: int) -> float:
    """The true score of the candidate that scored highest."""
    play = task.make(seed)
    if contender == REFERENCE:
        return play.truth(greedy(task, seed))
    played = explore(
        play.measure,
        play.start,
        Playing(play.move, derive_seed(seed, "model")),
        policy=contender,
        trials=task.trials,
        seed=derive_seed(seed, "search", contender, task.name),
    )
    return play.truth(played.best)


def _found(base: int, job: tuple[str, str, int]) -> Found:
    contender, name, k = job
    task = next(t for t in TASKS if t.name == name)
    return Found(contender, name, k, found(contender, task, derive_seed(base, "seed", k)))


def play_all(
    base: int,
    contenders: Sequence[str],
    tasks: Sequence[Task],
    seeds: Callable[[str, Task], int],
    workers: int,
    told: Told,
) -> list[Found]:
    """All contenders on all tasks, each on so many seeds, in their order."""
    jobs = [(c, t.name, k) for t in tasks for c in contenders for k in range(seeds(c, t))]
    done = []
    with mapped(workers) as run:
        for result in run(partial(_found, base), jobs):
            done.append(result)
            told(len(done), len(jobs))
    return done


class Scores:
    """Scores as arrays: of all contenders on the seeds that all played, (contenders, seeds) for each task.

    `alone` holds each contender's own on whatever seeds it played.
    """

    def __init__(self, results: Sequence[Found], contenders: Sequence[str] = CONTENDERS):
        import numpy as np

        self.contenders = list(contenders)
        self.tasks = [t for t in TASKS if any(r.task == t.name for r in results)]
        by = {(r.contender, r.task, r.seed): r.score for r in results}
        self.of: dict[str, np.ndarray] = {}
        self.alone = {
            (c, t.name): np.array([r.score for r in results if (r.contender, r.task) == (c, t.name)])
            for c in self.contenders
            for t in self.tasks
        }
        for task in self.tasks:
            seeds = [
                k
                for k in range(len(self.alone[self.contenders[0], task.name]))
                if all((c, task.name, k) in by for c in self.contenders)
            ]
            self.of[task.name] = np.array([[by[c, task.name, k] for k in seeds] for c in self.contenders])

    def ranks(self, task: str) -> "np.ndarray":
        """1 for the highest score of a seed; equals share their mean rank."""
        from scipy.stats import rankdata

        return rankdata(-self.of[task], axis=0)

    def mean_ranks(self, half: str = "") -> "np.ndarray":
        """Of each contender: mean over tasks of the mean over seeds."""
        import numpy as np

        kept = [t.name for t in self.tasks if not half or t.half == half]
        return np.mean([self.ranks(name).mean(axis=1) for name in kept], axis=0)

    def place(self, contender: str) -> int:
        return self.contenders.index(contender)

    def difference(self, one: str, other: str, half: str = "") -> "Difference":
        """Mean rank of the other minus that of the one, above 0 if the one is better."""
        i, j = self.place(one), self.place(other)
        kept = [t.name for t in self.tasks if not half or t.half == half]
        return Difference([self.ranks(name)[j] - self.ranks(name)[i] for name in kept])


class Difference:
    """Differences of ranks by task and seed. To swap two contenders of a seed turns the sign of one."""

    def __init__(self, by_task: Sequence["np.ndarray"]):
        self._by_task = by_task

    @property
    def value(self) -> float:
        return float(sum(d.mean() for d in self._by_task) / len(self._by_task))

    @property
    def error(self) -> float:
        """Standard error over seeds; the tasks are those there are."""
        return sqrt(sum(d.var(ddof=1) / d.size for d in self._by_task)) / len(self._by_task)

    def p(self, seed: int) -> float:
        """One-sided, by turning signs at random: chance of so large a difference if the two were alike."""
        import numpy as np

        luck = np.random.default_rng(seed)
        weights = np.concatenate([d / d.size / len(self._by_task) for d in self._by_task])
        signs = luck.integers(0, 2, (FLIPS, weights.size), dtype=np.int8) * 2 - 1
        return float((1 + np.count_nonzero(signs @ weights >= self.value - 1e-12)) / (1 + FLIPS))


def holm(ps: Sequence[float]) -> list[float]:
    """Adjusted p-values (Holm 1979), in the order given."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    adjusted, highest = [0.0] * len(ps), 0.0
    for place, i in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - place) * ps[i]))
        adjusted[i] = highest
    return adjusted


# --- rows ---------------------------------------------------------------------------------------------


def rows(scores: Scores, seed: int) -> list[Row]:
    """Ranks of all, the comparisons that there are targets for, and where the default loses."""
    return [*_packing(scores), *_ranks(scores), *_compared(scores, seed), *_lost(scores)]


def _packing(scores: Scores) -> list[Row]:
    mine = {c: scores.alone[c, PACKING.name] for c in scores.contenders}
    made = [_mean(f"circle packing, sum of radii: {c}", values) for c, values in mine.items()]
    return [*made, _inferior(mine[DEFAULT], mine[REFERENCE])]


def _mean(name: str, values: "np.ndarray") -> Row:
    n, centre = values.size, float(values.mean())
    reach = _t(0.975, n - 1) * float(values.std(ddof=1)) / sqrt(n) if n > 1 else 0.0
    return Row(name=name, value=centre, low=centre - reach, high=centre + reach, n=n)


def _t(level: float, degrees: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, level))


def _inferior(one: "np.ndarray", other: "np.ndarray") -> Row:
    """Welch's one-sided test of not being worse by the margin, as an interval of 90 %."""
    a, b = one.var(ddof=1) / one.size, other.var(ddof=1) / other.size
    degrees = (a + b) ** 2 / (a**2 / (one.size - 1) + b**2 / (other.size - 1)) if a + b > 0 else 1.0
    value, reach = float(one.mean() - other.mean()), _t(0.95, float(degrees)) * sqrt(a + b)
    return Row(
        name=f"circle packing: {DEFAULT} minus reference (limits at 90 %)",
        value=value,
        low=value - reach,
        high=value + reach,
        n=one.size,
        target=f"lower ≥ -{MARGIN:g}",
        met=value - reach >= -MARGIN,
    )


def _ranks(scores: Scores) -> list[Row]:
    import numpy as np

    made = []
    for half, told in (("", "all tasks"), ("tuning", "tasks of the tuning"), ("held out", "tasks held out")):
        kept = [t.name for t in scores.tasks if not half or t.half == half]
        means = scores.mean_ranks(half)
        for c in scores.contenders:
            mine = [scores.ranks(name)[scores.place(c)] for name in kept]
            error = sqrt(sum(m.var(ddof=1) / m.size for m in mine)) / len(mine)
            value = float(means[scores.place(c)])
            made.append(
                Row(
                    name=f"mean rank of {len(scores.contenders)}, {told}: {c}",
                    value=value,
                    low=value - 1.96 * error,
                    high=value + 1.96 * error,
                    n=int(np.sum([m.size for m in mine])),
                )
            )
    return made


def _compared(scores: Scores, seed: int) -> list[Row]:
    """The default against every other: by how much it ranks before it, and the adjusted p."""
    others = [c for c in scores.contenders if c != DEFAULT]
    found_ = [scores.difference(DEFAULT, c) for c in others]
    ps = holm([d.p(seed) for d in found_])
    made = []
    for c, d, p in zip(others, found_, ps, strict=True):
        target = "adjusted p < 0.05" if c == REFERENCE else ""
        made.append(_difference(f"ranks gained by {DEFAULT} on {c}, all tasks", d))
        made.append(
            Row(
                name=f"the same, adjusted p that it is not better than {c}",
                value=p,
                low=None,
                high=None,
                n=len(others),
                target=target,
                met=p < 0.05 if target else None,
            )
        )
    held = scores.difference(DEFAULT, REFERENCE, "held out")
    made.append(_difference(f"ranks gained by {DEFAULT} on {REFERENCE}, tasks held out", held))
    made.append(Row(name="the same, p (this comparison alone)", value=held.p(seed), low=None, high=None, n=1))
    return made


def _difference(name: str, d: Difference) -> Row:
    return Row(
        name=name,
        value=d.value,
        low=d.value - 1.96 * d.error,
        high=d.value + 1.96 * d.error,
        n=sum(x.size for x in d._by_task),
    )


def _lost(scores: Scores) -> list[Row]:
    """Task by task: who ranks first, and by how much the default ranks behind or before the reference."""
    made = []
    for task in scores.tasks:
        means = scores.ranks(task.name).mean(axis=1)
        first = scores.contenders[int(means.argmin())]
        d = Difference(
            [
                scores.ranks(task.name)[scores.place(REFERENCE)]
                - scores.ranks(task.name)[scores.place(DEFAULT)]
            ]
        )
        made.append(
            _difference(f"{task.name} ({task.half}; first: {first}): ranks gained on the reference", d)
        )
    return made


def table(scores: Scores) -> dict[str, Any]:
    """Mean true score of every contender on every task, for the page."""
    return {
        t.name: {c: round(float(scores.alone[c, t.name].mean()), 4) for c in scores.contenders}
        for t in scores.tasks
    }
