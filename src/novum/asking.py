"""Calls of models, made so that none is lost, none is paid twice, and no cap is passed.

A call is keyed by what is asked. What the journal holds is answered from it; what is in flight is shared;
else each attempt appends its intent (see `novum.spending`), and then its outcome. So what was answered is
never asked again, and what was in flight when we were killed is asked as the next attempt and listed as in
doubt. Clients' own retries are off: whatever is sent has an intent of its own.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import count

import msgspec
from msgspec import structs

from novum.canonical import canonical
from novum.errors import NovumError, ProviderError, RateLimited, Refused, ReplayDiverged, TimedOut, UserError
from novum.pacing import Lane, Pace, pause_after
from novum.protocols import LanguageModel
from novum.records import ModelAnswer, ModelRequest, Role
from novum.secrecy import Redactor, of_environment
from novum.spending import Intent, Journaling, Ledger, known_as
from novum.tokens import fit

CONTEXT_TOKENS = 100_000  # of a prompt, about; every model in use takes as many


class Calls:
    """All calls of one coordinator; the only place that asks models."""

    def __init__(self, journal: Journaling, pace: Pace | None = None, *, replay: bool = False):
        self._journal = journal
        self._pace = pace or Pace()
        self._replay = replay
        self._ledger = Ledger(journal, self._pace.now)
        self.allow(self._pace.at_once)
        self._shared: dict[str, _Shared] = {}
        self._lanes: dict[str, Lane] = {}
        self.guard: Callable[[], None] = lambda: None
        """Asked before every attempt; raises where the policy forbids a further one."""

    @property
    def at_once(self) -> int:
        return self._at_once

    def allow(self, at_once: int) -> None:
        """How many attempts may be under way at the same time; to be said before the first."""
        self._at_once = at_once
        self._slots = asyncio.Semaphore(at_once)

    async def ask(
        self, request: ModelRequest, models: Sequence[LanguageModel], *, node: str = ""
    ) -> ModelAnswer:
        """The journal's answer to a request, or else that of the first model which gives one.

        What a provider refuses to serve is an answer as well, one that says so in `finish`.

        Raises:
            OutOfBudget: a cap would be passed, whatever comes of the calls in flight.
            UnknownPrice: there is a cap on money, and a model without a price.
            ProviderError: every model failed, for good or too often.
            ReplayDiverged: under replay, the recording does not hold it.
        """
        request = without_secrets(request, of_environment())
        key = request.key
        call = self._journal.state.model_calls.get(key)
        if call is not None and call.answered:
            return msgspec.json.decode(self._journal.blobs.get(call.answer), type=ModelAnswer)
        if self._replay:
            raise ReplayDiverged(f"the recording holds no answer to {request.role} call {key[:12]}")
        if key not in self._shared:
            self._shared[key] = _Shared(asyncio.ensure_future(self._first_answer(request, models, node)))
            self._shared[key].task.add_done_callback(lambda _: self._shared.pop(key, None))
        return await self._shared[key].wait()

    async def _first_answer(
        self, request: ModelRequest, models: Sequence[LanguageModel], node: str
    ) -> ModelAnswer:
        """The answer of the first model that gives one, each of them asked at most `TRIES` times."""
        if not models:
            raise UserError(f"there is no model to {request.role}", fix="give one with --model NAME")
        blob = self._journal.blobs.put(canonical(request).encode())
        failure: ProviderError | None = None
        for model in self._in_order(request.role, models, node):
            try:
                return await self._persistently(request, blob, model, node)
            except ProviderError as error:
                failure = error
        assert failure is not None
        failure.fix = failure.fix or "novum resume goes on from here; what was answered is kept"
        raise failure

    def _in_order(self, role: Role, models: Sequence[LanguageModel], node: str) -> Sequence[LanguageModel]:
        """The models of a role as they are asked for a node: the one that was chosen for it comes first."""
        choice = self._journal.state.choices.get(node)
        if choice is None or role != "code":
            return models
        place = {name: i for i, name in enumerate(choice.models)}
        return sorted(models, key=lambda model: place.get(known_as(model), len(place)))

    async def _persistently(
        self, request: ModelRequest, blob: str, model: LanguageModel, node: str
    ) -> ModelAnswer:
        """One model's answer, after pauses and further attempts where these may help."""
        lane = self._lanes.setdefault(model.name, Lane(self._at_once))
        for turn in count():
            try:
                async with lane.turn(), self._slots:
                    answer = await self._attempt(request, blob, model, node)
                lane.answered()
                return answer
            except ProviderError as error:
                pause = pause_after(error, turn, self._pace.rng)
                if pause is None:
                    raise
                waiting = self._pace.sleep(pause)
                await (lane.rest(waiting) if isinstance(error, RateLimited) else waiting)
        raise AssertionError("unreachable")

    async def _attempt(
        self, request: ModelRequest, blob: str, model: LanguageModel, node: str
    ) -> ModelAnswer:
        self.guard()
        intent = await self._ledger.reserve(request, blob, model, node)
        try:
            return await self._outcome(intent, request, model)
        finally:
            self._ledger.ended(intent)

    async def _outcome(self, intent: Intent, request: ModelRequest, model: LanguageModel) -> ModelAnswer:
        """What came of an attempt, journaled. Cancelled, it has no outcome and stays in doubt."""
        try:
            answer = await self._in_time(request, model)
        except Refused as error:
            answer = ModelAnswer(model=model.name, text=error.what, usd=0.0, finish="refused")
        except ProviderError as error:
            self._ledger.failed(intent, error)
            raise
        return self._ledger.answered(intent, answer)

    async def _in_time(self, request: ModelRequest, model: LanguageModel) -> ModelAnswer:
        """An attempt, given up when it takes longer than its model is allowed."""
        if model.patience is None:
            return await model.ask(request)
        asked = asyncio.ensure_future(model.ask(request))
        limit = asyncio.ensure_future(self._pace.sleep(model.patience))
        try:
            await asyncio.wait({asked, limit}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                return asked.result()
            raise TimedOut(f"{model.name} gave no answer within {model.patience:.0f} s")
        finally:
            asked.cancel()
            limit.cancel()
            await asyncio.gather(asked, limit, return_exceptions=True)


def without_secrets(request: ModelRequest, redactor: Redactor) -> ModelRequest:
    """A request whose texts hold no secret: neither its key nor its journaled or sent form does."""
    parts = tuple(
        structs.replace(part, text=clean) if (clean := redactor.text(part.text)) != part.text else part
        for part in request.parts
    )
    return structs.replace(request, parts=parts)


class _Shared:
    """A call in flight and how many wait for it; when the last of them gives up, so does the call."""

    def __init__(self, task: "asyncio.Future[ModelAnswer]"):
        self.task = task
        self._waiting = 0

    async def wait(self) -> ModelAnswer:
        self._waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting and not self.task.done():
                self.task.cancel()
                await asyncio.gather(self.task, return_exceptions=True)


class Panel:
    """The models of a study by role (`novum.protocols.Models`); the first of each is asked first."""

    def __init__(
        self,
        calls: Calls,
        members: Mapping[Role, Sequence[LanguageModel]],
        *,
        context_tokens: int = CONTEXT_TOKENS,
    ):
        self._calls = calls
        self._members = members
        self._context_tokens = context_tokens

    def names(self, role: Role) -> tuple[str, ...]:
        return tuple(model.name for model in self._members.get(role, ()))

    async def ask(self, request: ModelRequest, *, node: str = "") -> ModelAnswer:
        """See `Calls.ask`; a prompt that is too long is shortened first (`novum.tokens.fit`)."""
        request = fit(request, self._context_tokens)
        return await self._calls.ask(request, self._members.get(request.role, ()), node=node)

    async def ask_all(self, requests: Sequence[ModelRequest], *, node: str = "") -> list[ModelAnswer]:
        """All of them, many at the same time.

        After a failure no further one is begun; those under way are waited for, since they are paid for,
        and then the failure is raised.
        """
        found: dict[int, ModelAnswer] = {}
        failures: list[NovumError] = []
        left = iter(enumerate(requests))

        async def ask_in_turn() -> None:
            for place, request in left:
                if failures:
                    return
                try:
                    found[place] = await self.ask(request, node=node)
                except NovumError as error:
                    failures.append(error)

        tasks = [asyncio.ensure_future(ask_in_turn()) for _ in requests[: self._calls.at_once]]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if failures:
            raise failures[0]
        return [found[place] for place in range(len(requests))]

    async def close(self) -> None:
        """Close every model once."""
        closed: list[LanguageModel] = []
        for model in (m for members in self._members.values() for m in members):
            if not any(model is other for other in closed):
                closed.append(model)
                await model.close()
