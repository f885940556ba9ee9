"""Who plays the model: a fixed stochastic operator on the numbers that a prompt shows last.

It sees what any model would be shown, and answers in the form that the prompt asks for, so that the same
operator serves over HTTP (`Serving`) and in this process (`Playing`). What it says follows from the seed and
the prompt alone.
"""

import random
from collections.abc import Callable, Sequence

from novum.bench.search.rig import Numbers, numbers_in, program_of
from novum.canonical import derive_seed
from novum.records import ModelAnswer, ModelRequest, Role
from novum.scientists.language.coding import ASKS
from novum.testing.server import Behaviour, Seen, Server

Move = Callable[[Numbers, bool, random.Random], Numbers]
"""(numbers, whether a draft is asked for, luck) -> other numbers."""


def answer(prompt: str, move: Move, seed: int) -> str:
    """A version of the program, whole, as the language scientist's builder reads it."""
    shown = numbers_in(prompt)
    luck = random.Random(derive_seed(seed, "proposer", prompt))
    found = move(shown, ASKS["draft"] in prompt, luck)
    return f"PLAN: other numbers\nFILE: main.py\n<<<<<<< CONTENT\n{program_of(found)}>>>>>>> END\n"


def prompt_of(request: ModelRequest) -> str:
    return "\n".join(part.text for part in request.parts)


class Playing:
    """`protocols.Models` in this process."""

    def __init__(self, move: Move, seed: int, pause: Callable[[str], object] | None = None):
        self._move, self._seed, self._pause = move, seed, pause

    def names(self, role: Role) -> tuple[str, ...]:
        return ("proposer",)

    async def ask(self, request: ModelRequest, *, node: str = "") -> ModelAnswer:
        if self._pause:
            await self._pause(node)  # type: ignore[misc]
        return ModelAnswer(model="proposer", text=answer(prompt_of(request), self._move, self._seed))

    async def ask_all(self, requests: Sequence[ModelRequest], *, node: str = "") -> list[ModelAnswer]:
        return [await self.ask(request, node=node) for request in requests]

    async def close(self) -> None:
        """Nothing is held."""


class Serving(Server):
    """A provider on this machine that speaks OpenAI's protocol and answers by the operator."""

    def __init__(self, move: Move, seed: int):
        super().__init__([])
        self._move, self._seed = move, seed
        self.asked = 0

    def next(self, seen: Seen) -> Behaviour:
        self.asked += 1
        prompt = "\n".join(text_of(message["content"]) for message in seen.body["messages"])
        return answer(prompt, self._move, self._seed)


def text_of(content: str | list[dict[str, str]]) -> str:
    """The text of a message, which is one string or a list of parts."""
    return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)
