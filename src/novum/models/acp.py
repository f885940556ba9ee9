"""`acp:claude`, `acp:codex`, `acp:gemini` or `acp:COMMAND`: coding agents as models (`docs/agents.md`).

Each request is a conversation of its own: the agent is started in a throw-away copy of the request's files,
asked once, ended with everything it started, and only then is its copy looked at. What it says is the
answer's text, and what it changed of the editable files the answer's patch. The whole is one attempt: an
agent's turns and its provider's bills are its own affair, of which we know what it tells us.
"""

import asyncio
import base64
import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

from msgspec import structs

from novum import tokens
from novum.canonical import canonical
from novum.errors import MachineError, ProviderError, TimedOut
from novum.models.agents import profile
from novum.models.agents.folder import Copy, Outcome
from novum.models.agents.process import AgentProcess
from novum.models.agents.programs import Agent, find
from novum.models.agents.talk import Talk, Turn
from novum.models.registry import Surroundings
from novum.records import ModelAnswer, ModelRequest, Part, Usage, WorstCase

MOST_TOKENS = 2_000_000  # in one request, for caps; agents read their files again at every turn
COPIES, OLD = "novum-agent-", 86400.0  # names of copies, and seconds after which nobody works on one any more
HELLO = 120.0  # seconds to start, and to open a session; programs may be fetched before
PATIENCE = 2.0  # times that of other models: agents work where models only answer


def open_acp(rest: str, around: Surroundings) -> "AgentModel":
    """The agent of a name or command; nothing is started yet.

    Raises:
        UserError: its program is not installed.
    """
    agent = find(rest, around.environ)
    if around.folder.name:
        agent = structs.replace(agent, hidden=(str(around.folder.parent.parent),))
    return AgentModel(f"acp:{rest}", agent, around)


class AgentModel:
    """A `LanguageModel` that is a coding agent, a new process for each request."""

    def __init__(self, name: str, agent: Agent, around: Surroundings):
        self.name = name
        self.patience: float | None = around.patience * PATIENCE
        self._agent = agent
        self._around = around
        self._prices = around.prices(name)
        self._running: set[AgentProcess] = set()

    def worst_case(self, request: ModelRequest) -> WorstCase:
        """What is reserved: nobody can bound what an agent uses, so this is a lot, at the user's price."""
        most = Usage(input_tokens=MOST_TOKENS)
        return WorstCase(tokens=MOST_TOKENS, usd=None if self._prices is None else self._most_usd(most))

    def _most_usd(self, usage: Usage) -> float:
        assert self._prices is not None
        dearest = max(self._prices.input, self._prices.output)
        return usage.total * dearest / 1e6

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """One conversation.

        Raises:
            ProviderError: the agent fails, does not answer, or does not keep to the protocol.
            MachineError: there is no room for a copy, or no process can be started.
        """
        began = asyncio.get_running_loop().time()
        try:
            sweep(Path(tempfile.gettempdir()))
            root = Path(tempfile.mkdtemp(prefix=COPIES)).resolve()
        except OSError as error:
            raise MachineError(f"{self.name}: there is no place for a copy ({error.strerror})") from error
        try:
            copy = Copy(root, self._files(request), request.editable)
            turn = await self._turn(request, copy)
            answer = self._answer(request, turn, copy.outcome())
        except ProviderError as error:
            error.what = f"{self.name}: {error.what}"
            raise
        except OSError as error:
            raise MachineError(f"{self.name}: {error}") from error
        finally:
            shutil.rmtree(root, ignore_errors=True)
        return structs.replace(answer, seconds=round(asyncio.get_running_loop().time() - began, 3))

    async def close(self) -> None:
        """End whatever still runs."""
        await asyncio.gather(*(process.end(kindly=False) for process in self._running))

    # --- asking ---------------------------------------------------------------------------------------

    async def _turn(self, request: ModelRequest, copy: Copy) -> Turn:
        """What the agent says; none of its processes is left when this returns or raises."""
        confined = profile.works()
        process = await AgentProcess.start(self._agent, copy.root, confined=confined)
        self._running.add(process)
        talk = Talk(process, copy, confined=confined)
        kindly = False
        try:
            turn = await talk.turn(lambda images: list(self._prompt(request, copy, images)), self._hurried)
            kindly = True
            return turn
        finally:
            try:
                await talk.close()
            finally:
                await process.end(kindly=kindly)
                self._running.discard(process)

    async def _hurried(self, work: Awaitable[Any]) -> Any:
        """The result of a call that needs no thinking."""
        asked = asyncio.ensure_future(work)
        limit = asyncio.ensure_future(self._around.sleep(HELLO))
        try:
            await asyncio.wait({asked, limit}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                return asked.result()
            raise TimedOut(f"it did not open a session within {HELLO:.0f} s")
        finally:
            asked.cancel()
            limit.cancel()
            await asyncio.gather(asked, limit, return_exceptions=True)

    def _files(self, request: ModelRequest) -> dict[str, bytes]:
        blobs = self._around.blobs
        return {path: blobs.get(sha) for path, sha in request.workspace.items()}

    def _prompt(self, request: ModelRequest, copy: Copy, images: bool) -> Iterator[dict[str, object]]:
        """Blocks of content: the parts, then the rules of the folder and the form of the answer."""
        for part in request.parts:
            if part.image:
                yield self._image(part, copy, images)
            else:
                said = "(You answered before:)\n" if part.speaker == "model" else ""
                yield {"type": "text", "text": f"{said}{part.text}"}
        yield {"type": "text", "text": "\n\n".join(_rules(request))}

    def _image(self, part: Part, copy: Copy, images: bool) -> dict[str, object]:
        """A picture as such, or as a file in the folder for an agent that takes none."""
        content, kind = self._around.blobs.get(part.image), part.media_type or "image/png"
        if images:
            return {"type": "image", "data": base64.b64encode(content).decode(), "mimeType": kind}
        name = f"image-{part.image[:12]}.{kind.rpartition('/')[2]}"
        copy.show(name, content)
        return {"type": "text", "text": f"(A picture belongs here: the file {name} in your folder.)"}

    # --- answers --------------------------------------------------------------------------------------

    def _answer(self, request: ModelRequest, turn: Turn, outcome: Outcome) -> ModelAnswer:
        version = ", ".join(word for word in (turn.version, "" if profile.works() else "unconfined") if word)
        usage = turn.usage or _guessed(request, turn)
        return ModelAnswer(
            text=turn.said if request.output else turn.last,
            model=f"{self.name} ({version})" if version else self.name,
            usage=usage,
            usd=self._cost(turn, usage),
            finish=turn.finish,
            patch=outcome.patch,
            left_out=outcome.left_out,
        )

    def _cost(self, turn: Turn, usage: Usage) -> float | None:
        """What it cost: by the user's prices, else what the agent says, else nobody knows."""
        if self._prices is None:
            return turn.usd
        return self._prices.of(usage) if turn.usage else self._most_usd(usage)


def sweep(folder: Path) -> None:
    """Remove copies that coordinators left behind when they were killed, a day after."""
    for left in folder.glob(f"{COPIES}*"):
        with contextlib.suppress(OSError):
            seen = left.lstat()
            if seen.st_uid == os.geteuid() and time.time() - seen.st_mtime > OLD:
                shutil.rmtree(left, ignore_errors=True)


def _guessed(request: ModelRequest, turn: Turn) -> Usage:
    """For an agent that counts nothing: all that was reserved, since silence is not free."""
    said = min(tokens.at_most(turn.said), MOST_TOKENS)
    return Usage(input_tokens=MOST_TOKENS - said, output_tokens=said)


def _rules(request: ModelRequest) -> Iterator[str]:
    if request.workspace:
        may = ", ".join(request.editable) or "none"
        yield (
            "Your folder is a copy that was made for this request. You may change these files in it: "
            f"{may}. Every other file is protected: what you change there, or add, is thrown away. "
            "There is nobody to ask; decide yourself."
        )
    if request.output:
        yield (
            f"When you are done, answer in your last message with one JSON value, the {request.output_name}, "
            f"and nothing else. It must fit this JSON schema:\n{canonical(request.output)}"
        )
    else:
        yield "When you are done, give your whole answer in your last message."
