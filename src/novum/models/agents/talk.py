"""One conversation with an agent: hello, a session in its folder, one prompt, and answers to what it asks.

The protocol is version 1 of the Agent Client Protocol (agentclientprotocol.com). We offer to read and write
text files of the workspace, no terminal. Every request for permission is answered at once, by rule.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

from msgspec import Struct

from novum import __version__
from novum.errors import BadAnswer, NotAllowed, Overloaded, ProviderError, RateLimited, Rejected
from novum.models.agents.folder import Copy
from novum.models.agents.process import AgentProcess
from novum.models.agents.rpc import INVALID_PARAMS, METHOD_NOT_FOUND, Gone, Params, Peer, RemoteError
from novum.records import Usage

VERSION = 1
AUTHENTICATE = -32000
MOST_TEXT = 1 << 20  # characters of what an agent says
FINISH = {"end_turn": "stop", "max_tokens": "length", "max_turn_requests": "length", "refusal": "refused"}


class Turn(Struct, frozen=True, kw_only=True):
    """What an agent answered: all that it said, its last words, and what it says of costs (None: nothing)."""

    said: str
    last: str
    finish: Literal["stop", "length", "refused"]
    usage: Usage | None
    usd: float | None
    version: str


class Talk:
    """A conversation with a process; `copy` is the folder, `confined` whether walls hold what it does."""

    def __init__(self, process: AgentProcess, copy: Copy, *, confined: bool):
        self._process = process
        self._copy = copy
        self._confined = confined
        self._spoken: list[str] = [""]
        self._length = 0
        self._usd: float | None = None
        self._begun = False
        self._version = ""
        self._peer = Peer(process.reader, process.writer, self._requested, self._notified)

    async def turn(
        self, prompt: Callable[[bool], Sequence[Params]], hurry: Callable[[Awaitable[Any]], Awaitable[Any]]
    ) -> Turn:
        """Ask one thing and wait for the end of the agent's turn.

        Args:
            prompt: blocks of content, given whether the agent takes images.
            hurry: bounds the time of the two calls that need no thinking.

        Raises:
            ProviderError: it cannot be talked to, is not signed in, or fails.
        """
        try:
            images = await hurry(self._hello())
            session = await hurry(self._session())
            self._begun = True
            asked = {"sessionId": session, "prompt": list(prompt(images))}
            return self._turned(await self._peer.call("session/prompt", asked))
        except RemoteError as error:
            raise _failure(error) from error
        except Gone as error:
            raise await self._ended() from error

    async def close(self) -> None:
        await self._peer.close()

    # --- calls ----------------------------------------------------------------------------------------

    async def _hello(self) -> bool:
        told = {
            "protocolVersion": VERSION,
            "clientCapabilities": {"fs": {"readTextFile": True, "writeTextFile": True}, "terminal": False},
            "clientInfo": {"name": "novum", "version": __version__},
        }
        answer = _object(await self._peer.call("initialize", told))
        if answer.get("protocolVersion") != VERSION:
            spoken = str(answer.get("protocolVersion"))[:20]
            raise Rejected(
                f"it speaks version {spoken} of the protocol, not {VERSION}", fix="take another version of it"
            )
        info = _object(answer.get("agentInfo"))
        self._version = " ".join(str(info.get(key, ""))[:60] for key in ("name", "version")).strip()
        capabilities = _object(_object(answer.get("agentCapabilities")).get("promptCapabilities"))
        return capabilities.get("image") is True

    async def _session(self) -> str:
        asked = {"cwd": str(self._copy.root), "mcpServers": []}
        session = _object(await self._peer.call("session/new", asked)).get("sessionId")
        if not isinstance(session, str):
            raise BadAnswer("it opened a session without a name")
        return session

    def _turned(self, answer: Any) -> Turn:
        answer = _object(answer)
        finish = FINISH.get(str(answer.get("stopReason")))
        if finish is None:
            raise BadAnswer(f"its turn ended with {str(answer.get('stopReason'))[:40]!r}")
        spoken = [text.strip() for text in self._spoken if text.strip()]
        cut = self._length > MOST_TEXT and finish == "stop"
        return Turn(
            said="\n\n".join(spoken),
            last=spoken[-1] if spoken else "",
            finish="length" if cut else finish,  # type: ignore[arg-type]
            usage=_usage(_object(answer.get("usage"))),
            usd=self._usd,
            version=self._version,
        )

    async def _ended(self) -> ProviderError:
        """The agent ended by itself: before it was asked anything it will do so again."""
        status = await self._process.exit_status()
        how = f"it ended with {status}" if status is not None else "it closed its output"
        said = f" ({self._process.complaint})" if self._process.complaint else ""
        if self._begun:
            return BadAnswer(f"{how} before its answer{said}")
        return Rejected(f"{how} before it could be asked{said}", fix="start it by hand to see why")

    # --- what it tells and asks -----------------------------------------------------------------------

    def _notified(self, method: str, params: Params) -> None:
        if method != "session/update":
            return
        update = _object(params.get("update"))
        kind = update.get("sessionUpdate")
        if kind == "agent_message_chunk":
            self._say(_object(update.get("content")))
        elif kind == "tool_call":
            self._spoken.append("")
        elif kind == "usage_update":
            self._charge(_object(update.get("cost")))

    def _say(self, content: dict[str, Any]) -> None:
        text = content.get("text")
        if content.get("type") == "text" and isinstance(text, str):
            room = max(0, MOST_TEXT - self._length)
            self._length += len(text)
            self._spoken[-1] += text[:room]

    def _charge(self, cost: dict[str, Any]) -> None:
        amount = cost.get("amount")
        if cost.get("currency") == "USD" and isinstance(amount, int | float) and 0 <= amount < 1e6:
            self._usd = float(amount)

    def _requested(self, method: str, params: Params) -> object:
        if method == "session/request_permission":
            return {"outcome": self._permission(params)}
        try:
            if method == "fs/read_text_file":
                return {"content": _lines(self._copy.read(_path(params)), params)}
            if method == "fs/write_text_file":
                self._copy.write(_path(params), str(params.get("content", "")))
                return {}
        except OSError as error:
            told = error.strerror if error.strerror else str(error)
            raise RemoteError(INVALID_PARAMS, f"{_path(params)[:200]}: {told}") from error
        raise RemoteError(METHOD_NOT_FOUND, f"{method[:100]} is not offered")

    def _permission(self, params: Params) -> dict[str, str]:
        """The choice among the options: for this once, never for always, which would outlive the copy."""
        wanted = "allow_once" if self._may(_object(params.get("toolCall"))) else "reject_once"
        options = params.get("options")
        for option in options if isinstance(options, list) else []:
            if _object(option).get("kind") == wanted and isinstance(option.get("optionId"), str):
                return {"outcome": "selected", "optionId": option["optionId"]}
        return {"outcome": "cancelled"}

    def _may(self, call: dict[str, Any]) -> bool:
        """Behind walls whatever stays in the workspace; without them nothing that runs a program."""
        kind = call.get("kind")
        locations = call.get("locations")
        places = [_object(one).get("path") for one in locations] if isinstance(locations, list) else []
        inside = all(isinstance(p, str) and _within(p, str(self._copy.root)) for p in places)
        if kind == "switch_mode" or not inside:
            return False
        return self._confined or kind in ("read", "search", "edit", "think")


# --- parts --------------------------------------------------------------------------------------------


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _path(params: Params) -> str:
    return str(params.get("path", ""))


def _within(path: str, root: str) -> bool:
    place = os.path.normpath(os.path.join(root, path))
    return place == root or place.startswith(f"{root}/")


def _lines(text: str, params: Params) -> str:
    """The part of a text that a request names by first line (from 1) and number of lines."""
    line, limit = params.get("line"), params.get("limit")
    if not isinstance(line, int) and not isinstance(limit, int):
        return text
    first = max(0, line - 1) if isinstance(line, int) else 0
    lines = text.splitlines(keepends=True)[first:]
    return "".join(lines[: max(0, limit)] if isinstance(limit, int) else lines)


def _usage(told: dict[str, Any]) -> Usage | None:
    """What the agent counted, None if it did not."""
    counts = {key: told.get(key) for key in ("totalTokens", "inputTokens", "outputTokens")}
    if not all(isinstance(n, int) and 0 <= n < 1 << 40 for n in counts.values()):
        return None
    total = max(counts["totalTokens"], counts["inputTokens"] + counts["outputTokens"])  # type: ignore[operator]
    asked = total - counts["outputTokens"]
    cached = told.get("cachedReadTokens")
    kept = min(cached, asked) if isinstance(cached, int) and cached > 0 else 0
    return Usage(input_tokens=asked, cached_tokens=kept, output_tokens=counts["outputTokens"] or 0)


def _failure(error: RemoteError) -> ProviderError:
    """What an error of the agent's means for us."""
    told = f"it says: {error.message or error.code}"
    words = f"{error.message} {error.data}".lower()
    if error.code == AUTHENTICATE or "authenticat" in words or "logged in" in words:
        return NotAllowed(told, fix="sign in with the agent's own program first")
    if any(word in words for word in ("rate limit", "rate_limit", "429", "too many requests")):
        return RateLimited(told)
    if error.code in (METHOD_NOT_FOUND, INVALID_PARAMS):
        return Rejected(told, fix="the agent does not speak this protocol; take another version of it")
    return Overloaded(told)
