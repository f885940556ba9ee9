"""Part b: landscapes of programs with bugs, stepping stones and noise, and what selection makes of them.

A program is six numbers. The last three pay only once the first three do (a stepping stone), bands of the box
are bugs, and a seed's value is the true one with noise. The default policy explores, and then one candidate
is picked: by its best single seed, by its mean over the explored seeds, or in the hidden phase. Regret is how
much less that one is truly worth than the best that was explored. As the hidden phase costs runs, a search
that spends as many on exploring alone, a seed each, stands beside it with what it picks.
"""

import random
from collections.abc import Sequence
from functools import partial
from math import sin

from msgspec import Struct

from novum.bench.pool import Told, mapped
from novum.bench.rows import Row, share
from novum.bench.search.proposer import Playing
from novum.bench.search.rig import Numbers, Played, explore
from novum.bench.search.tasks import moved
from novum.canonical import derive_seed
from novum.search.programs import DEFAULT
from novum.steps.select import champion

SIZE, TRIALS, SEEDS, HIDDEN = 6, 48, 2, 3
NOISE = 0.15
STEP = 0.6
RESAMPLES = 2000


class Regrets(Struct, frozen=True):
    """Of one landscape: regret of the best single seed, of the best explored mean and of the champion.

    `overrated`: by how much the best single seed lies above the true value of its candidate. `runs` are those
    of the hidden phase; `worth` is what the champion is truly worth, and `rival` what the best single seed of
    an exploration is that had all those runs.
    """

    single: float
    explored: float
    hidden: float
    overrated: float
    runs: int
    worth: float
    rival: float


class Landscape:
    def __init__(self, seed: int):
        luck = random.Random(derive_seed(seed, "landscape"))
        self._at = tuple(luck.uniform(0.15, 0.85) for _ in range(SIZE))
        self._way = tuple(luck.choice((-1.0, 1.0)) for _ in range(SIZE))
        self.start = next(x for _ in range(10_000) if self.truth(x := self._drawn(luck)) is not None)

    def _drawn(self, luck: random.Random) -> Numbers:
        return tuple(luck.random() for _ in range(SIZE))

    def truth(self, x: Numbers) -> float | None:
        """Between 0 and 1; None where the program has a bug."""
        away = [a - b for a, b in zip(x, self._at, strict=True)]
        if sin(11.0 * sum(w * d for w, d in zip(self._way, away, strict=True)) + 1.5) < -0.5:
            return None
        first, second = (max(0.0, 1.0 - 6.0 * sum(d * d for d in part) / 3) for part in (away[:3], away[3:]))
        return 0.5 * first + 0.5 * second * (first > STEP)

    def measure(self, x: Numbers, seed: int) -> float | None:
        value = self.truth(x)
        return (
            None if value is None else value + NOISE * random.Random(derive_seed(seed, list(x))).gauss(0, 1)
        )


def regrets(base: int, k: int) -> Regrets:
    """What selection makes of one landscape."""
    seed = derive_seed(base, "landscape", k)
    land = Landscape(seed)
    played = _explored(land, seed, TRIALS, SEEDS, HIDDEN)
    runs = sum(len(t.seeds) for t in played.state.trials_in("select"))
    alone = _explored(land, seed, TRIALS * SEEDS + runs, 1, 0)
    return _judged(played, land, runs, land.truth(alone.numbers[_highest(alone.first)]) or 0.0)


def _explored(land: Landscape, seed: int, trials: int, seeds: int, select: int) -> Played:
    model = Playing(moved, derive_seed(seed, "model"))
    return explore(land.measure, land.start, model, policy=DEFAULT, trials=trials, seed=seed, seeds=seeds,
                   select=select)  # fmt: skip


def _judged(played: Played, land: Landscape, runs: int, rival: float) -> Regrets:
    """An edit is picked each time: the first candidate is the program as it came."""
    true = [land.truth(numbers) or 0.0 for numbers in played.numbers]
    best = max(true[1:], default=0.0)
    single, explored = _highest(played.first), _highest(played.observed)
    node = champion(played.state)
    hidden = true[played.nodes.index(node.id)] if node else 0.0
    return Regrets(
        single=best - true[single],
        explored=best - true[explored],
        hidden=best - hidden,
        overrated=(played.first[single] or 0.0) - true[single],
        runs=runs,
        worth=hidden,
        rival=rival,
    )


def _highest(scores: Sequence[float | None]) -> int:
    """The place of the highest score but the first candidate's; 0 if none has any."""
    found = [(score, -i) for i, score in enumerate(scores) if i and score is not None]
    return -max(found)[1] if found else 0


def play_all(base: int, count: int, workers: int, told: Told) -> list[Regrets]:
    done = []
    with mapped(workers) as run:
        for found in run(partial(regrets, base), range(count)):
            done.append(found)
            told(len(done), count)
    return done


def rows(found: Sequence[Regrets], seed: int) -> list[Row]:
    from novum.bench.rows import mean

    pickers = {
        "best single seed": [r.single for r in found],
        f"best mean of {SEEDS} explored seeds": [r.explored for r in found],
        "champion of the hidden phase": [r.hidden for r in found],
    }
    return [
        *(mean(f"selection regret: {name}", values) for name, values in pickers.items()),
        _ratio(found, seed),
        *(
            share(f"truly the best of what was explored: {name}", [v <= 0 for v in values])
            for name, values in pickers.items()
        ),
        mean("best single seed above the true value of its candidate", [r.overrated for r in found]),
        mean(f"runs of the hidden phase, beside {TRIALS * SEEDS} of exploration", [r.runs for r in found]),
        mean("true value: champion of the hidden phase", [r.worth for r in found]),
        mean("true value: best single seed of as many runs without it", [r.rival for r in found]),
    ]


def _ratio(found: Sequence[Regrets], seed: int) -> Row:
    """Mean regret over mean regret, with limits from resampling landscapes."""
    import numpy as np

    both = np.array([(r.single, r.hidden) for r in found])
    luck = np.random.default_rng(seed)
    picked = both[luck.integers(0, len(both), (RESAMPLES, len(both)))].mean(axis=1)
    ratios = picked[:, 1] / np.maximum(picked[:, 0], 1e-12)
    low, high = np.quantile(ratios, (0.025, 0.975))
    value = float(both[:, 1].mean() / max(both[:, 0].mean(), 1e-12))
    return Row(
        name="regret of the champion over that of the best single seed",
        value=value,
        low=float(low),
        high=float(high),
        n=len(found),
        target="≤ 0.5",
        met=value <= 0.5,
    )
