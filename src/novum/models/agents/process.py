"""An agent's processes: started together, ended together, whatever becomes of us.

The keeper of the tree holds one end of a lifeline and we the other. We close it when we are done; the kernel
does if we die.
"""

import asyncio
import contextlib
import os
from pathlib import Path

from novum.models.agents import profile
from novum.models.agents.programs import Agent

FAREWELL = 0.5  # seconds in which an agent may put its things in order, once its input has ended
END = 15.0  # seconds after which the tree's first process is killed from outside; it never came to that
LONGEST_LINE = 4 << 20  # bytes of one message
COMPLAINT = 4096  # bytes that are kept of what is printed as errors


class AgentProcess:
    """A running agent: `reader` and `writer` are its streams, `complaint` the end of what it printed."""

    def __init__(self, process: asyncio.subprocess.Process, lifeline: int):
        assert process.stdout is not None and process.stdin is not None and process.stderr is not None
        self.reader, self.writer = process.stdout, process.stdin
        self._process = process
        self._lifeline = lifeline
        self._complaint = b""
        self._listening = asyncio.ensure_future(self._listen(process.stderr))

    @staticmethod
    async def start(agent: Agent, work: Path, *, confined: bool) -> "AgentProcess":
        """Start an agent in its folder.

        Raises:
            OSError: the machine cannot start a process.
        """
        theirs, ours = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *profile.command(agent, work, theirs, confined=confined),
                cwd=work,
                env=agent.environ,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(theirs,),
                start_new_session=True,
                limit=LONGEST_LINE,
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        return AgentProcess(process, ours)

    @property
    def complaint(self) -> str:
        """The last line that it printed as an error."""
        lines = self._complaint.decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip()[:300] if lines else ""

    async def exit_status(self) -> int | None:
        """How it ended, if it has (or does at once)."""
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(self._process.wait()), FAREWELL)
        return None

    async def end(self, *, kindly: bool) -> None:
        """End the tree; none of it is left when this returns, and it may be called twice."""
        with contextlib.suppress(OSError, RuntimeError):
            self.writer.close()
        try:
            if kindly:
                await self.exit_status()
        finally:
            self._cut()
        self._listening.cancel()
        try:
            await asyncio.wait_for(self._process.wait(), END)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._process._transport.close()  # type: ignore[attr-defined]  # pipes that nobody reads to the end

    def _cut(self) -> None:
        """Let go of the lifeline: whatever becomes of us from here, the tree ends."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        while data := await stream.read(1 << 16):
            self._complaint = (self._complaint + data)[-COMPLAINT:]
