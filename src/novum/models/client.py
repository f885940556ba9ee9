"""One attempt through the client library (pydantic-ai), which is used for its protocols alone.

Its agents, retries and validation are left out: what is sent, how often, and what becomes of a bad answer
is decided and journaled by us. Answers are streamed, so that a stall is noticed by the missing next piece
and not by a limit that would have to fit the longest answer.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from novum.errors import BadAnswer, ProviderError, Rejected, TimedOut
from novum.models import wire
from novum.models.foreign import translated
from novum.models.prices import PriceList, most_usage
from novum.models.registry import Surroundings
from novum.records import ModelAnswer, ModelRequest, Usage, WorstCase
from novum.tokens import at_most

if TYPE_CHECKING:
    from pydantic_ai import messages as theirs
    from pydantic_ai.models import Model


class ClientModel:
    """A `LanguageModel` over a model of the client library.

    `cautious` is for servers of which nothing is known: the schema is also told in words. A server that
    rejects one way of asking for structured output is asked in the next, simpler one from then on.
    """

    def __init__(
        self,
        name: str,
        model: "Model",
        prices: PriceList,
        around: Surroundings,
        *,
        cautious: bool = False,
        retries_off: bool = True,
    ):
        self.name = name
        self.patience: float | None = around.patience
        self._model = model
        self._prices = prices
        self._around = around
        self._cautious = cautious
        self._retries_off = retries_off
        self._modes: list[wire.Mode] = [mode for mode in wire.MODES if self._offers(mode)]
        self._closed = False

    def worst_case(self, request: ModelRequest) -> WorstCase:
        return self._prices.worst_case(request)

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """One streamed attempt.

        Raises:
            ProviderError: whatever went wrong outside.
        """
        began, mode = asyncio.get_running_loop().time(), self._modes[0]
        try:
            response = await self._streamed(request, mode)
        except ProviderError:
            raise
        except Exception as error:  # the border to the client library
            failure = translated(error, self.name)
            if isinstance(failure, Rejected) and request.output:
                failure.again = self._simpler_than(mode)
            raise failure from error
        return self._answer(request, response, asyncio.get_running_loop().time() - began)

    async def close(self) -> None:
        """Let go of connections: the library closes the client it made when its context is left."""
        if not self._closed:
            self._closed = True
            async with self._model:
                pass

    # --- asking ---------------------------------------------------------------------------------------

    def _offers(self, mode: wire.Mode) -> bool:
        profile = self._model.profile
        if mode == "native":
            return bool(profile.get("supports_json_schema_output", False))
        return mode == "prompted" or bool(profile.get("supports_tools", True))

    def _simpler_than(self, mode: wire.Mode) -> bool:
        """After a rejection: ask in a simpler way from now on. False if there is none left."""
        if mode == self._modes[0] and len(self._modes) > 1:
            self._modes.pop(0)
        return mode != self._modes[0]

    async def _streamed(self, request: ModelRequest, mode: wire.Mode) -> "theirs.ModelResponse":
        """The whole answer, as long as its pieces keep coming."""
        pieces = _Pieces()
        work = asyncio.ensure_future(self._collected(request, mode, pieces))
        watch = asyncio.ensure_future(pieces.stalled(self._around))
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            raise TimedOut(f"{self.name}: nothing came for {pieces.limit(self._around):.0f} s")
        finally:
            work.cancel()
            watch.cancel()
            await asyncio.gather(work, watch, return_exceptions=True)

    async def _collected(
        self, request: ModelRequest, mode: wire.Mode, pieces: "_Pieces"
    ) -> "theirs.ModelResponse":
        told = bool(request.output) and (self._cautious or mode == "prompted")
        asked = list(wire.messages(request, self._around.blobs, told=told))
        opened = self._model.request_stream(asked, self._settings(request), wire.parameters(request, mode))
        async with opened as stream:
            async for _ in stream:
                pieces.count += 1
            return stream.get()

    def _settings(self, request: ModelRequest) -> Any:
        settings: dict[str, Any] = {"max_tokens": request.max_output_tokens}
        if self._retries_off:  # else the client was made with its own bounds on time and tries
            settings |= {"max_retries": 0, "timeout": self._around.patience}
        if request.temperature is not None:
            settings["temperature"] = request.temperature
        return settings

    # --- answers --------------------------------------------------------------------------------------

    def _answer(self, request: ModelRequest, response: "theirs.ModelResponse", seconds: float) -> ModelAnswer:
        text, data = wire.said(response)
        if response.finish_reason is None or (response.finish_reason == "error" and not text):
            raise BadAnswer(f"{self.name}: the answer broke off")
        finish = {"length": "length", "content_filter": "refused"}.get(response.finish_reason, "stop")
        usage = self._usage(request, response, text)
        return ModelAnswer(
            text=text,
            data=data,
            model=f"{self.name.partition(':')[0]}:{response.model_name}"
            if response.model_name
            else self.name,
            usage=usage,
            usd=self._prices.of(usage),
            finish=finish,  # type: ignore[arg-type]
            seconds=round(seconds, 3),
        )

    def _usage(self, request: ModelRequest, response: "theirs.ModelResponse", text: str) -> Usage:
        """What the provider counted; where it counted nothing, a bound, since silence is not free."""
        counted = response.usage
        if counted.unmeasured_requests or not (counted.input_tokens or counted.output_tokens):
            most = most_usage(request)
            return Usage(input_tokens=most.input_tokens, output_tokens=min(at_most(text), most.output_tokens))
        return Usage(
            input_tokens=counted.input_tokens,
            cached_tokens=counted.cache_read_tokens or 0,
            output_tokens=counted.output_tokens,
        )


class _Pieces:
    """Counts the pieces of an answer, to notice when none comes."""

    count = 0

    def limit(self, around: Surroundings) -> float:
        """Seconds to wait for the next piece; the first may take longer, since models think before it."""
        return around.stall if self.count else around.first

    async def stalled(self, around: Surroundings) -> None:
        """Returns when no piece came for so long (noticed within `around.stall` after that)."""
        idle = 0.0
        while idle < self.limit(around):
            seen = self.count
            await around.sleep(around.stall)
            idle = idle + around.stall if self.count == seen else 0.0
