"""A model in memory: what it answers is a function of the request. For tests, and inside `scripted:`."""

import inspect
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec import structs

from novum import tokens
from novum.models.prices import worst_case
from novum.records import ModelAnswer, ModelRequest, Prices, Usage, WorstCase

Said = ModelAnswer | str | dict[str, Any] | list[Any]
Script = Callable[[ModelRequest], Said | Awaitable[Said]]
FREE = Prices(input=0, output=0)


class FakeModel:
    """Answers from a function, or from a list in turn; keeps every request in `asked`.

    A text becomes the answer's text, a dict or list its data, and a `ModelAnswer` is given as it is; an
    exception in a list is raised. Usage is estimated, and costs what `prices` say (nothing by default).
    """

    patience: float | None = 900.0

    def __init__(
        self,
        script: Script | Sequence[Said | Exception],
        name: str = "fake:model",
        prices: Prices | None = FREE,
    ):
        self.name = name
        self.prices = prices
        self.asked: list[ModelRequest] = []
        self.closed = False
        self._script = script if callable(script) else _in_turn(script)

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(request)
        said = self._script(request)
        if inspect.isawaitable(said):
            said = await said
        return said if isinstance(said, ModelAnswer) else self._answer(request, said)

    def worst_case(self, request: ModelRequest) -> WorstCase:
        return worst_case(request, self.prices)

    async def close(self) -> None:
        self.closed = True

    def _answer(self, request: ModelRequest, said: str | dict[str, Any] | list[Any]) -> ModelAnswer:
        text = said if isinstance(said, str) else json.dumps(said)
        usage = Usage(
            input_tokens=tokens.input_estimate(request),
            output_tokens=min(tokens.estimate(text), request.max_output_tokens),
        )
        usd = None if self.prices is None else self.prices.of(usage)
        answer = ModelAnswer(model=self.name, usage=usage, usd=usd)
        if isinstance(said, str):
            return structs.replace(answer, text=said)
        return structs.replace(answer, data=said)


def _in_turn(answers: Sequence[Said | Exception]) -> Script:
    left = iter(answers)

    def answer(_: ModelRequest) -> Said:
        said = next(left, None)
        if said is None:
            raise AssertionError("the fake model was asked more often than it has answers")
        if isinstance(said, Exception):
            raise said
        return said

    return answer
