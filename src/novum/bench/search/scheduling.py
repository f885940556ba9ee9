"""Part c, in virtual time: what of a study's time its search wastes.

In virtual time the real loop runs on a clock that jumps to whatever comes next, with calls and trials that
sleep for log-normal durations. Nothing but waiting takes time there, so that what is measured is whether
workers ever wait for what they need not. It is held against a list schedule of the same durations in the
order of the commissions: as many trials at once as there are workers, and as many nodes under way as the
loop allows.
"""

import asyncio
import heapq
import random
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from math import exp
from typing import Any

from msgspec import Struct

from novum.bench.pool import Told
from novum.bench.rows import Row
from novum.bench.search.proposer import Playing
from novum.bench.search.rig import Played, explore
from novum.bench.search.tasks import moved
from novum.canonical import derive_seed
from novum.search.programs import DEFAULT

CALL_S, TRIAL_S = 2.0, 3.0
SIGMAS, SIZES, WORKERS = (0.8, 1.2), (12, 200), (1, 2, 4, 8, 16)
LEAST = 0.97


# --- time that jumps ----------------------------------------------------------------------------------


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time stands still while anything runs, and else jumps to the next timer."""

    def __init__(self) -> None:
        self.virtual = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self.virtual


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: VirtualLoop):
        super().__init__()
        self._of = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is not None and timeout > 0:
            self._of.virtual += timeout
        return ready


def in_virtual_time(work: Coroutine[Any, Any, None]) -> float:
    """Carry a coroutine to its end; returns the virtual seconds that it took."""
    loop = VirtualLoop()
    try:
        loop.run_until_complete(work)
        return loop.virtual
    finally:
        loop.close()


# --- one schedule -------------------------------------------------------------------------------------


class Unit(Struct, frozen=True):
    """A candidate: seconds of its call (0 for the program as it came) and of its trial."""

    call: float
    trial: float


class Schedule(Struct, frozen=True):
    workers: int
    sigma: float
    size: int
    taken: float
    ideal: float
    busy: float
    """Seconds of all trials together, over those that the workers had."""


def scheduled(base: int, workers: int, sigma: float, size: int) -> Schedule:
    """One exploration in virtual time, and its ideal."""
    seed = derive_seed(base, "schedule", workers, size, str(sigma))
    took: list[float] = []
    calls: dict[str, float] = {}

    async def pause(commission: str) -> None:
        took_now = lognormal(CALL_S, sigma, seed, "call", commission, calls.get(commission, 0.0))
        calls[commission] = calls.get(commission, 0.0) + took_now  # what is sent back is asked again
        await asyncio.sleep(took_now)

    played = explore(
        lambda x, at: -sum(a * a for a in x),
        (0.5,) * 4,
        Playing(moved, seed, pause),
        policy=DEFAULT,
        trials=size,
        seed=seed,
        workers=workers,
        thinking=workers,
        seconds=lambda key: lognormal(TRIAL_S, sigma, seed, "trial", key),
        run=lambda work: took.append(in_virtual_time(work)),
    )
    units = units_of(played, calls, lambda key: lognormal(TRIAL_S, sigma, seed, "trial", key))
    busy = sum(unit.trial for unit in units) / workers / took[0]
    return Schedule(workers, sigma, size, took[0], makespan(units, workers, 2 * workers), busy)


def lognormal(mean: float, sigma: float, *of: object) -> float:
    """A duration of that mean, the same for the same thing."""
    return mean * exp(sigma * random.Random(derive_seed(*of)).gauss(0.0, 1.0) - sigma * sigma / 2)


def units_of(played: Played, calls: dict[str, float], trial: Callable[[str], float]) -> list[Unit]:
    """What was carried out, in the order in which it was asked for."""
    state = played.state
    keys = {t.node: t.request.key for t in state.trials.values() if t.request}
    root = next(n for n in keys if n not in state.made.values())
    asked = sorted(state.commissions.values(), key=lambda c: c.index)
    found = [Unit(0.0, trial(keys[root]))]
    for commission in asked:
        node = state.made.get(commission.id)
        found.append(Unit(calls.get(commission.id, 0.0), trial(keys[node]) if node else 0.0))
    return found


def makespan(units: Sequence[Unit], workers: int, at_once: int) -> float:
    """The end of a list schedule: units begin in order, so many at once, and trials wait for workers."""
    left, ends = deque(units), [0.0]
    events: list[tuple[float, int, int, Unit]] = []  # time, kind (0: a trial ends, 1: a call ends), number
    queue: deque[tuple[int, Unit]] = deque()
    free, under_way, count, now = workers, 0, 0, 0.0
    while True:
        while left and under_way < at_once:
            unit, under_way, count = left.popleft(), under_way + 1, count + 1
            heapq.heappush(events, (now + unit.call, 1, count, unit))
        if not events:
            return max(ends)
        now, kind, number, unit = heapq.heappop(events)
        if kind == 1:
            queue.append((number, unit))
        else:
            free, under_way = free + 1, under_way - 1
            ends.append(now)
        while queue and free:
            number, unit = queue.popleft()
            free -= 1
            heapq.heappush(events, (now + unit.trial, 0, number, unit))


def repeats(full: bool) -> dict[int, int]:
    """N -> explorations of each setting."""
    return {12: 10, 200: 2} if full else {12: 5, 200: 1}


def rows(base: int, full: bool, told: Told) -> list[Row]:
    """The share of the ideal for every setting; the worst of a size and spread has the target."""
    import numpy as np

    found, counts, done = [], repeats(full), 0
    of = sum(counts[size] for size in SIZES) * len(SIGMAS) * len(WORKERS)
    for size in SIZES:
        for sigma in SIGMAS:
            means = []
            for workers in WORKERS:
                made = [scheduled(derive_seed(base, k), workers, sigma, size) for k in range(counts[size])]
                share = float(np.mean([s.ideal / s.taken for s in made]))
                means.append((workers, share, float(np.mean([s.busy for s in made]))))
                done += len(made)
                told(done, of)
            found.append(_row(size, sigma, means, counts[size]))
            found += [
                Row(
                    name=f"workers busy with trials, N = {size}, sigma {sigma}, {w} workers",
                    value=busy,
                    low=None,
                    high=None,
                    n=counts[size],
                )
                for w, _, busy in means
            ]
    return found


def _row(size: int, sigma: float, told: Sequence[tuple[int, float, float]], n: int) -> Row:
    worst = min(share for _, share, _ in told)
    best = max(share for _, share, _ in told)
    return Row(
        name=f"share of an ideal list schedule, N = {size}, sigma {sigma}: worst (to best)",
        value=worst,
        low=worst,
        high=best,
        n=n * len(told),
        target=f"≥ {LEAST:g}",
        met=worst >= LEAST,
    )
