"""The caps of a study on money, tokens, calls and minutes, counted in one place on every model call.

The intent of an attempt is its reservation: whether it fits is checked and it is appended without an await
between, so that calls made at the same time cannot pass a cap together. What does not fit now, but would
if everything in flight came to nothing, waits for a settlement; only otherwise is the budget spent.
Reservations left by a coordinator that died have no outcome, and count as spent.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

import msgspec
from msgspec import Struct

from novum.canonical import canonical
from novum.errors import OutOfBudget, ProviderError, ShareSpent, UnknownPrice
from novum.events import Draft, EventBody, ModelAnswered, ModelAsked
from novum.pacing import Bell
from novum.protocols import Blobs, LanguageModel
from novum.records import Cost, ModelAnswer, ModelRequest, Settings, WorstCase
from novum.secrecy import Redactor, of_environment
from novum.state import State, attempt_id

EXPLORING = ("specify", "ideate", "explore", "select")
EXPLORING_SHARE = 0.6  # of a cap; the rest is kept for confirmation and writing


class Journaling(Protocol):
    """What calls need of the recorder."""

    @property
    def state(self) -> State: ...
    @property
    def blobs(self) -> Blobs: ...
    def commit(self, *drafts: Draft | EventBody) -> object: ...


class Intent(Struct, frozen=True):
    """An attempt that was journaled and has no outcome yet."""

    key: str
    attempt: int
    model: str
    worst: Cost

    @property
    def id(self) -> str:
        return attempt_id(self.key, self.attempt)


def known_as(model: LanguageModel) -> str:
    """A model's name in the settings: its own, unless it was asked for by another (`casting.Deferred`)."""
    return getattr(model, "known_as", model.name)


class _Cap(NamedTuple):
    """One cap: what counts against it for good, what is in flight, and what the next call may need."""

    what: str
    option: str
    limit: float
    used: float
    in_flight: float
    need: float

    def within(self, share: float, *, settled: bool) -> bool:
        busy = 0.0 if settled else self.in_flight
        return self.used + busy + self.need <= self.limit * share


class Ledger:
    """Reserves, settles, and makes those wait who must."""

    def __init__(self, journal: Journaling, now: Callable[[], float]):
        self._journal = journal
        self._now = now
        self._in_flight: set[str] = set()
        self._settled = Bell()

    async def reserve(self, request: ModelRequest, blob: str, model: LanguageModel, node: str) -> Intent:
        """The journaled intent of one attempt, as soon as its worst case fits under every cap.

        Raises:
            OutOfBudget: it cannot fit, whatever comes of the calls in flight; `ShareSpent` if it is only
                what exploration may use that is spent.
            UnknownPrice: there is a cap on money, and the model has no price.
        """
        worst = model.worst_case(request)
        while not self._fits(worst, model.name):
            await self._settled.wait()
        return self._intend(request, blob, model, node, worst)

    def answered(self, intent: Intent, answer: ModelAnswer) -> ModelAnswer:
        """Journal an answer and what it cost; returns it as it was stored."""
        stored = storable(answer, of_environment())
        blob = self._journal.blobs.put(canonical(stored).encode())
        body = ModelAnswered(key=intent.key, attempt=intent.attempt, answer=blob, model=answer.model)
        self._outcome(body, Cost(usd=answer.usd or 0.0, tokens=answer.usage.total))
        return stored

    def failed(self, intent: Intent, error: ProviderError) -> None:
        """Journal a failure; where the provider may charge for it, it is charged at its worst case."""
        body = ModelAnswered(
            key=intent.key,
            attempt=intent.attempt,
            answer="",
            model=intent.model,
            failed=f"{type(error).__name__}: {error.what}",
            in_doubt=error.billed,
        )
        self._outcome(body, intent.worst if error.billed else Cost())

    def ended(self, intent: Intent) -> None:
        """Nothing more comes of an attempt, whatever came; those who wait for it look again."""
        self._in_flight.discard(intent.id)
        self._settled.ring()

    # --- reserving ------------------------------------------------------------------------------------

    def _intend(
        self, request: ModelRequest, blob: str, model: LanguageModel, node: str, worst: WorstCase
    ) -> Intent:
        state, key = self._journal.state, request.key
        call = state.model_calls.get(key)
        cost = Cost(usd=worst.usd or 0.0, tokens=worst.tokens)
        intent = Intent(key, call.attempts if call else 0, model.name, cost)
        asked = ModelAsked(
            key=key,
            attempt=intent.attempt,
            role=request.role,
            model=model.name,
            request=blob,
            worst_case=cost,
            priced=worst.usd is not None,
            step=state.stage,
            node=node,
            known_as="" if known_as(model) == model.name else known_as(model),
        )
        self._journal.commit(asked)
        self._in_flight.add(intent.id)
        return intent

    def _outcome(self, body: ModelAnswered, cost: Cost) -> None:
        self._journal.commit(Draft(body=body, cost=cost))

    def _fits(self, worst: WorstCase, model: str) -> bool:
        settings = self._journal.state.settings
        if settings is None:
            return True
        if worst.usd is None and settings.budget_usd is not None:
            raise unpriced(model)
        share = EXPLORING_SHARE if self._journal.state.stage in EXPLORING else 1.0
        self._check_minutes(settings)
        caps = list(self._caps(settings, worst))
        for cap in caps:
            if not cap.within(share, settled=True):
                raise _spent(cap, share)
        return all(cap.within(share, settled=False) for cap in caps)

    def _caps(self, settings: Settings, worst: WorstCase) -> Iterator[_Cap]:
        state = self._journal.state
        flying = [cost for attempt, cost in state.reserved.items() if attempt in self._in_flight]
        usd, tokens = sum(c.usd for c in flying), sum(c.tokens for c in flying)
        charged = state.charged
        if settings.budget_usd is not None:
            yield _Cap("USD", "--budget-usd", settings.budget_usd, charged.usd - usd, usd, worst.usd or 0.0)
        if settings.budget_tokens is not None:
            used = charged.tokens - tokens
            yield _Cap("tokens", "--budget-tokens", settings.budget_tokens, used, tokens, worst.tokens)
        if settings.budget_calls is not None:
            yield _Cap("calls", "--budget-calls", settings.budget_calls, state.asked, 0, 1)

    def _check_minutes(self, settings: Settings) -> None:
        state, cap = self._journal.state, settings.budget_minutes
        minutes = (state.active_seconds + max(0.0, self._now() - state.session_began)) / 60
        if cap is not None and state.running and minutes >= cap:
            raise _spent(_Cap("minutes", "--budget-minutes", cap, minutes, 0, 0), 1.0)


def storable(answer: ModelAnswer, redactor: Redactor) -> ModelAnswer:
    """An answer as the journal can hold it: without secrets, and with no data that is not JSON."""
    try:
        told = canonical(answer)
        told.encode()
    except (ValueError, TypeError, RecursionError):
        answer = msgspec.structs.replace(answer, data=None, text=answer.text or repr(answer.data)[:10_000])
        told = canonical(answer)
    return msgspec.json.decode(redactor.text(told), type=ModelAnswer)


def unpriced(model: str) -> UnknownPrice:
    """What is said where a cap on money cannot be kept."""
    return UnknownPrice(
        f"nobody knows the price of {model}, and there is a cap on money",
        fix="give --price-input and --price-output in USD per million tokens, or drop --budget-usd",
    )


def _spent(cap: _Cap, share: float) -> OutOfBudget:
    fix = f"novum resume {cap.option} N with a larger N"
    used = f"{cap.used:.4g} of {cap.limit:.4g} {cap.what} are spent or in doubt"
    need = f", and the next call may need {cap.need:.4g}" if cap.need else ""
    if share < 1 and cap.within(1.0, settled=True):
        return ShareSpent(f"{used}{need}: more than the {share:.0%} that exploration may use", fix=fix)
    return OutOfBudget(f"{used}{need}", fix=fix)
