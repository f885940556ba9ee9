"""When to ask: how many calls at once, how long to wait after a failure, how often to try.

A provider's limit is found by running into it. Each call that was one too many halves the number of calls
under way at that provider's model and makes all of them wait; each answer allows one more again.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from novum.errors import ProviderError

TRIES = 6  # attempts of one call with one model, before the next one is asked
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds between attempts; doubled each time, with jitter
LONGEST_PAUSE = 300.0  # a provider that asks for a longer one is given up for now
AT_ONCE = 8  # calls under way at the same time: they wait for others' computers, not for ours


@dataclass(frozen=True)
class Pace:
    """Time and chance as arguments. `now` is seconds since the epoch; `at_once` counts attempts."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    rng: random.Random = field(default_factory=random.Random)
    at_once: int = AT_ONCE


def pause_after(error: ProviderError, turn: int, rng: random.Random) -> float | None:
    """Seconds to wait before another attempt, or None if there is to be none with this model.

    Doubling with jitter, so that calls that failed together do not come back together; at least as long
    as the provider asks for, unless that is too long to sit through.
    """
    asked_for = error.retry_after or 0.0
    if not error.again or turn + 1 >= TRIES or asked_for > LONGEST_PAUSE:
        return None
    return asked_for + min(LONGEST_WAIT, FIRST_WAIT * 2**turn) * rng.uniform(0.5, 1.0)


class Bell:
    """Wakes everybody who waits, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    def ring(self) -> None:
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)


class Lane:
    """The way to one model: so many at a time, and nobody while one of them rests."""

    def __init__(self, most: int):
        self.limit = self._most = most
        self._under_way = 0
        self._resting = 0
        self._bell = Bell()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn, and hold it."""
        while self._resting or self._under_way >= self.limit:
            await self._bell.wait()
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._bell.ring()

    def answered(self) -> None:
        """One more may be under way from now on."""
        self.limit = min(self._most, self.limit + 1)

    async def rest(self, waiting: Awaitable[None]) -> None:
        """After one too many: half as many from now on, and nobody while `waiting` lasts."""
        self.limit = max(1, self.limit // 2)
        self._resting += 1
        try:
            await waiting
        finally:
            self._resting -= 1
            self._bell.ring()
