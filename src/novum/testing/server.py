"""A provider of models on this machine: real HTTP, scripted answers, every way in which providers fail.

    with Server(["42", Fail(429, retry_after=2), Broken("drop")]) as server:
        model = open_model(f"{server.url}#any", around)

It speaks OpenAI's chat protocol at `/v1/chat/completions`, Anthropic's at `/v1/messages` and Google's where
content is generated. It answers each request with what is next in its script; one more than the script
holds is a 500 that says so. Standard library alone.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal


@dataclass(frozen=True)
class Say:
    """An answer: text, or structured output where the request asks for it.

    `finish` is the provider's own word (of OpenAI's protocol); `usage` is (input, cached, output), or None
    for a server that does not count. `pause` seconds pass before each piece.
    """

    said: str | dict[str, Any] = ""
    finish: str = "stop"
    usage: tuple[int, int, int] | None = (40, 10, 20)
    pause: float = 0.0
    raw: bool = False  # structured output: give the text as it is where JSON belongs


@dataclass(frozen=True)
class Fail:
    """An error by status, as providers word it."""

    status: int
    message: str = "no"
    code: str = ""
    retry_after: float | None = None


@dataclass(frozen=True)
class Broken:
    """What no protocol allows. drop: the connection breaks within the answer. cut: the stream ends within it.
    garbage: pieces that are no JSON. odd: JSON of another form. empty: a stream of nothing. stall: silence
    after the first pieces, for `seconds`. silence: from the beginning."""

    how: Literal["drop", "cut", "garbage", "odd", "empty", "stall", "silence"]
    seconds: float = 3600.0


Behaviour = str | dict[str, Any] | Say | Fail | Broken


@dataclass
class Seen:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)


class Server:
    """A scripted provider; `seen` holds what it was asked. Use it as a context manager.

    `rejects` names keys of a request (such as `tools` or `response_format`) that it answers with a 400.
    """

    def __init__(self, script: Sequence[Behaviour], *, rejects: Sequence[str] = ()):
        self.script = list(script)
        self.rejects = tuple(rejects)
        self.seen: list[Seen] = []
        self.ending = threading.Event()
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The address of OpenAI's protocol; the other clients add to `root` themselves."""
        return f"{self.root}/v1"

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def next(self, seen: Seen) -> Behaviour:
        """What to do about a request."""
        with self._lock:
            self.seen.append(seen)
            if refused := [key for key in self.rejects if key in seen.body]:
                return Fail(400, f"{refused[0]} is not supported")
            return self.script.pop(0) if self.script else Fail(500, "the script is at its end")

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ending.set()
        self._http.shutdown()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: Server

    def log_message(self, format: str, *args: Any) -> None:
        return None

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {key.lower(): value for key, value in self.headers.items()}
        told = self.server_of.next(Seen(self.path, headers, body))
        if isinstance(told, Fail):
            self._fail(told)
        elif isinstance(told, Broken):
            self._break(told, body)
        else:
            self._say(told if isinstance(told, Say) else Say(told), body)

    def _dialect(self) -> Callable[[Say, dict[str, Any]], Iterator[str]]:
        if "GenerateContent" in self.path:
            return _google
        return _anthropic if self.path.endswith("/messages") else _openai

    # --- as it should be ------------------------------------------------------------------------------

    def _say(self, said: Say, body: dict[str, Any]) -> None:
        dialect = self._dialect()
        if not body.get("stream") and dialect is not _google:
            self._whole(json.dumps(_openai_whole(said, body)).encode())
            return
        self._begin()
        for piece in dialect(said, body):
            self._wait(said.pause)
            self._piece(piece)
        self._end()

    def _whole(self, content: bytes, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", "application/json"), *headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _piece(self, text: str) -> None:
        content = text.encode()
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        self.wfile.flush()

    def _end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _wait(self, seconds: float) -> None:
        if seconds:
            self.server_of.ending.wait(seconds)

    # --- as it should not -----------------------------------------------------------------------------

    def _fail(self, fail: Fail) -> None:
        code: Any = fail.status if self._dialect() is _google else fail.code or None
        error = {"message": fail.message, "type": fail.code or "error", "code": code}
        told = {"type": "error", "error": error | {"status": _GOOGLE_STATUS.get(fail.status, "UNKNOWN")}}
        extra = [("Retry-After", f"{fail.retry_after:g}")] if fail.retry_after is not None else []
        self._whole(json.dumps(told).encode(), fail.status, extra)

    def _break(self, broken: Broken, body: dict[str, Any]) -> None:
        if broken.how == "silence":
            self._wait(broken.seconds)
            return self._drop()
        dialect = self._dialect()
        pieces = list(dialect(Say("the beginning of an answer that never ends"), body))
        self._begin()
        for piece in _broken(broken, pieces):
            self._piece(piece)
        if broken.how == "stall":
            self._wait(broken.seconds)
        if broken.how in ("drop", "stall"):
            return self._drop()
        return self._end()

    def _drop(self) -> None:
        """End the connection as a crash would, without any farewell."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _handler(server: Server) -> type[_Handler]:
    return type("Handler", (_Handler,), {"server_of": server})


def _broken(broken: Broken, pieces: list[str]) -> list[str]:
    """The pieces of an answer that is broken in some way."""
    return {
        "garbage": [pieces[0], 'data: {"choices": [{"del\n\n'],
        "odd": ['data: {"choices": 7, "id": []}\n\n', "data: [1, 2]\n\n"],
        "empty": [],
    }.get(broken.how, pieces[:3])


# --- OpenAI's protocol --------------------------------------------------------------------------------


def _openai(said: Say, body: dict[str, Any]) -> Iterator[str]:
    """The events of a streamed chat completion."""
    yield _data(_chunk({"role": "assistant", "content": ""}, None))
    for piece in _cut(_text_of(said)):
        yield _data(_chunk(_delta(piece, said, body), None))
    finish = "tool_calls" if _wants_tool(said, body) and said.finish == "stop" else said.finish
    yield _data(_chunk({}, finish))
    if said.usage:
        yield _data({**_chunk({}, None), "choices": [], "usage": _openai_usage(said.usage)})
    yield "data: [DONE]\n\n"


def _openai_whole(said: Say, body: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": _text_of(said)}
    if _wants_tool(said, body):
        function = {"name": body["tools"][0]["function"]["name"], "arguments": _text_of(said)}
        call = {"id": "call-1", "type": "function", "function": function}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": said.finish}
    whole = {**_chunk({}, None), "object": "chat.completion", "choices": [choice]}
    return whole | ({"usage": _openai_usage(said.usage)} if said.usage else {})


def _delta(piece: str, said: Say, body: dict[str, Any]) -> dict[str, Any]:
    if not _wants_tool(said, body):
        return {"content": piece}
    function = {"name": body["tools"][0]["function"]["name"], "arguments": piece}
    return {"tool_calls": [{"index": 0, "id": "call-1", "type": "function", "function": function}]}


def _chunk(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "answer-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "served-1",
        "choices": [choice],
    }


def _openai_usage(usage: tuple[int, int, int]) -> dict[str, Any]:
    asked, cached, answered = usage
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


# --- Anthropic's protocol -----------------------------------------------------------------------------


def _anthropic(said: Say, body: dict[str, Any]) -> Iterator[str]:
    """The events of a streamed message."""
    asked, cached, answered = said.usage or (0, 0, 0)
    tool = _wants_tool(said, body)
    usage = {"input_tokens": asked - cached, "cache_read_input_tokens": cached, "output_tokens": 1}
    start = {"id": "answer-1", "type": "message", "role": "assistant", "model": "served-1", "content": [],
             "stop_reason": None, "stop_sequence": None, "usage": usage}  # fmt: skip
    yield _event("message_start", message=start)
    name = body["tools"][0]["name"] if tool else ""
    block = {"type": "tool_use", "id": "call-1", "name": name, "input": {}} if tool else _TEXT_BLOCK
    yield _event("content_block_start", index=0, content_block=block)
    for piece in _cut(_text_of(said)):
        delta = {"type": "input_json_delta", "partial_json": piece} if tool else _text_delta(piece)
        yield _event("content_block_delta", index=0, delta=delta)
    yield _event("content_block_stop", index=0)
    stop = {"stop": "tool_use" if tool else "end_turn", "length": "max_tokens", "content_filter": "refusal"}
    delta = {"stop_reason": stop.get(said.finish, said.finish), "stop_sequence": None}
    yield _event("message_delta", delta=delta, usage={"output_tokens": answered})
    yield _event("message_stop")


_TEXT_BLOCK = {"type": "text", "text": ""}


def _text_delta(piece: str) -> dict[str, Any]:
    return {"type": "text_delta", "text": piece}


def _event(kind: str, **fields: Any) -> str:
    return f"event: {kind}\n" + _data({"type": kind, **fields})


# --- Google's protocol --------------------------------------------------------------------------------

_GOOGLE_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_GOOGLE_FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}


def _google(said: Say, body: dict[str, Any]) -> Iterator[str]:
    """The events of streamed content; structured output is text, as Gemini gives it under a schema."""
    asked, cached, answered = said.usage or (0, 0, 0)
    usage = {
        "promptTokenCount": asked,
        "cachedContentTokenCount": cached,
        "candidatesTokenCount": answered,
        "totalTokenCount": asked + answered,
    }
    for piece in _cut(_text_of(said)):
        yield _google_event({"content": {"role": "model", "parts": [{"text": piece}]}})
    last = {"content": {"role": "model", "parts": []}, "finishReason": _GOOGLE_FINISH[said.finish]}
    yield _google_event(last, **({"usageMetadata": usage} if said.usage else {}))


def _google_event(candidate: dict[str, Any], **more: Any) -> str:
    whole = {"modelVersion": "served-1", "responseId": "answer-1", **more}
    return _data({"candidates": [{**candidate, "index": 0}], **whole}).replace("\n\n", "\r\n\r\n")


# --- all ---------------------------------------------------------------------------------------------


def _wants_tool(said: Say, body: dict[str, Any]) -> bool:
    """Whether the answer goes into a tool's arguments: the request offers a tool, and it is no plain text."""
    return bool(body.get("tools")) and (said.raw or not isinstance(said.said, str))


def _text_of(said: Say) -> str:
    return said.said if isinstance(said.said, str) else json.dumps(said.said)


def _cut(text: str, pieces: int = 4) -> Iterator[str]:
    step = max(1, -(-len(text) // pieces))
    for start in range(0, len(text), step):
        yield text[start : start + step]


def _data(value: object) -> str:
    return f"data: {json.dumps(value)}\n\n"


def hurried(factor: float = 200.0, longest: float = 600.0) -> Callable[[float], Awaitable[None]]:
    """A `sleep` in which time runs `factor` times faster, for pauses of minutes in tests over real HTTP.

    What is longer than `longest` seconds is a limit that the test is not about, and takes its time.
    """

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / factor if seconds <= longest else seconds)

    return sleep
