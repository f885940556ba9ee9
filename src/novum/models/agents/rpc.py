"""JSON-RPC 2.0 over two streams, one message a line, with a peer of whom nothing good is assumed.

What is no message is passed over, a bounded number of times, since programs print into their streams; what
is too long, too much, or not read by the other side ends the conversation.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from novum.errors import BadAnswer

MOST_BYTES = 64 << 20  # of all messages of one conversation
MOST_NOISE = 200  # lines that are no messages
MOST_UNREAD = 16 << 20  # bytes of ours that the other side leaves unread
BREATH = 64  # messages after which others get their turn
METHOD_NOT_FOUND, INVALID_PARAMS = -32601, -32602

Params = Mapping[str, Any]


class RemoteError(Exception):
    """An error that one side answers a request with."""

    def __init__(self, code: int, message: str, data: object = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Gone(Exception):
    """The other side closed its stream."""


class Peer:
    """One conversation. `requested` answers the other side's requests (or raises RemoteError), `notified`
    takes its notifications; both are quick and do not wait."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        requested: Callable[[str, Params], object],
        notified: Callable[[str, Params], None],
    ):
        self._reader = reader
        self._writer = writer
        self._requested = requested
        self._notified = notified
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._calls = 0
        self._bytes = 0
        self._noise = 0
        self._end: Exception | None = None
        self._listening = asyncio.ensure_future(self._listen())

    async def call(self, method: str, params: Params) -> Any:
        """The result of a request.

        Raises:
            RemoteError: the other side says so.
            Gone: it closed its stream.
            BadAnswer: it does not keep to the protocol.
        """
        if self._end is not None:
            raise self._end
        self._calls += 1
        waiting = self._waiting[self._calls] = asyncio.get_running_loop().create_future()
        self._send({"jsonrpc": "2.0", "id": self._calls, "method": method, "params": params})
        return await waiting

    def notify(self, method: str, params: Params) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    async def close(self) -> None:
        """Stop listening; calls that wait end with `Gone`."""
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._finish(Gone())

    # --- listening ------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            count = 0
            while line := await self._line():
                self._take(line)
                count += 1
                if count % BREATH == 0:
                    await asyncio.sleep(0)
            self._finish(Gone())
        except BadAnswer as error:
            self._finish(error)
        except OSError:
            self._finish(Gone())

    async def _line(self) -> bytes:
        """The next line, empty at the end."""
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as error:
            line = error.partial
        except asyncio.LimitOverrunError:
            raise BadAnswer("it sent a message that is too long") from None
        self._bytes += len(line)
        if self._bytes > MOST_BYTES:
            raise BadAnswer(f"it sent more than {MOST_BYTES >> 20} MiB")
        return line

    def _finish(self, end: Exception) -> None:
        self._end = self._end or end
        waiting, self._waiting = self._waiting, {}
        for one in waiting.values():
            if not one.done():
                one.set_exception(self._end)

    def _take(self, line: bytes) -> None:
        message = _message(line)
        if message is None:
            self._pass_over(bool(line.strip()))
        elif "method" not in message:
            self._settle(message)
        elif "id" in message:
            self._answer(message)
        else:
            self._notified(str(message["method"]), _params(message))

    def _settle(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        waiting = self._waiting.pop(number, None) if isinstance(number, int) else None
        if waiting is None or waiting.done():
            self._pass_over()
        elif "error" in message:
            waiting.set_exception(_remote(message["error"]))
        else:
            waiting.set_result(message.get("result"))

    def _pass_over(self, noise: bool = True) -> None:
        self._noise += noise
        if self._noise > MOST_NOISE:
            raise BadAnswer("what it sends is not of the protocol")

    def _answer(self, message: dict[str, Any]) -> None:
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            reply["result"] = self._requested(str(message["method"]), _params(message))
        except RemoteError as error:
            reply["error"] = {"code": error.code, "message": error.message}
        self._send(reply)

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._writer.is_closing():
            return
        self._writer.write(json.dumps(message).encode() + b"\n")
        if self._writer.transport.get_write_buffer_size() > MOST_UNREAD:
            self._finish(BadAnswer("it does not read what it is sent"))


def _message(line: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) and ("method" in found or "id" in found) else None


def _params(message: dict[str, Any]) -> Params:
    found = message.get("params")
    return found if isinstance(found, dict) else {}


def _remote(error: object) -> RemoteError:
    if not isinstance(error, dict):
        return RemoteError(0, str(error)[:300])
    code = error.get("code")
    return RemoteError(
        code if isinstance(code, int) else 0, str(error.get("message", ""))[:300], error.get("data")
    )
