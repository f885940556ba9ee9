"""Resume and replay are one code path: a recorded outcome if there is one, else the effect, recorded.

An effect is keyed by what is asked, never by when. Its intent is committed before it, its outcome after;
an intent without outcome is in doubt and becomes a further attempt. Equal keys in flight share one call.
A step sees the state at the sequence number its `step.started` pinned, also when it runs again.
"""

import asyncio
import signal
from collections.abc import Callable, Sequence

from novum.asking import Calls
from novum.errors import MachineError, ReplayDiverged
from novum.events import (
    Draft,
    Event,
    EventBody,
    StepFinished,
    StepStarted,
    TrialInterrupted,
    TrialStarted,
)
from novum.pacing import Pace
from novum.protocols import Blobs, Executor, LanguageModel, Log, Watcher
from novum.records import Job, JobResult, ModelAnswer, ModelRequest, TrialRequest
from novum.state import State, apply, copy_state, fold

MAX_LOST = 5  # attempts of one trial that the machine may lose before we say that the machine failed
MAX_KILLED = 2  # attempts of one trial that may end by a SIGKILL of nobody's before it is the candidate's own

Outcome = Callable[[TrialRequest, int, JobResult], list[Draft]]


class Recorder:
    """The one place through which a study's journal grows."""

    def __init__(
        self,
        log: Log,
        blobs: Blobs,
        watchers: Sequence[Watcher] = (),
        *,
        replay: bool = False,
        pace: Pace | None = None,
    ):
        self.log = log
        self.blobs = blobs
        self.state: State = fold(log.read())
        self._watchers = watchers
        self._replay = replay
        self._in_flight: dict[str, asyncio.Future[None]] = {}
        self.calls = Calls(self, pace, replay=replay)

    def commit(self, *drafts: Draft | EventBody) -> list[Event]:
        """Append together, take into the state, show to the watchers; returns when durable."""
        events = self.log.append([d if isinstance(d, Draft) else Draft(body=d) for d in drafts])
        for event in events:
            apply(self.state, event)
        for event in events:
            for watcher in self._watchers:
                watcher.saw(event, self.state)
        return events

    def begin(self, step: str) -> State:
        """The view of a step: pinned when it first began, rebuilt if it began before a crash."""
        seq = self.log.head[0]
        pinned = self.state.steps.get(step)
        if pinned is None:
            view = copy_state(self.state)
            self.commit(StepStarted(step=step, view_seq=seq))
            return view
        return copy_state(self.state) if pinned == seq else fold(self.log.read(until=pinned))

    def finish(self, step: str, drafts: Sequence[Draft] = ()) -> None:
        """Commit a step's events and its end as one."""
        self.commit(*drafts, StepFinished(step=step))

    async def ask(
        self, request: ModelRequest, models: Sequence[LanguageModel], *, node: str = ""
    ) -> ModelAnswer:
        """A model's answer, from the journal if it holds it; see `novum.asking.Calls.ask`."""
        return await self.calls.ask(request, models, node=node)

    async def trial(self, request: TrialRequest, job: Job, executor: Executor, outcome: Outcome) -> None:
        """Make sure that a trial has its outcome in the journal.

        Raises:
            MachineError: the machine lost this trial `MAX_LOST` times.
            ReplayDiverged: under replay, the recording does not hold it.
        """
        if self.state.trials[request.id].status in ("done", "failed"):
            return
        if self._replay:
            raise ReplayDiverged(f"the recording holds no trial {request.id}")
        if request.key not in self._in_flight:
            attempts = asyncio.ensure_future(self._attempts(request, job, executor, outcome))
            attempts.add_done_callback(lambda _: self._in_flight.pop(request.key, None))
            self._in_flight[request.key] = attempts
        await self._in_flight[request.key]

    async def _attempts(self, request: TrialRequest, job: Job, executor: Executor, outcome: Outcome) -> None:
        trial = self.state.trials[request.id]
        lost = killed = 0
        while True:
            attempt = trial.attempt + 1
            self.commit(
                TrialStarted(
                    trial=request.id,
                    key=request.key,
                    attempt=attempt,
                    request=request,
                    executor=executor.name,
                )
            )
            await executor.submit(job, request.key, attempt)
            result = await executor.wait(request.key, attempt)
            why = killed_from_outside(result)
            if why and killed < MAX_KILLED:
                killed += 1
                self.commit(TrialInterrupted(trial=request.id, attempt=attempt, reason=why))
                continue
            if not result.lost:
                self.commit(*outcome(request, attempt, result))
                return
            lost += 1
            self.commit(TrialInterrupted(trial=request.id, attempt=attempt, reason=result.lost))
            if lost >= MAX_LOST:
                raise MachineError(
                    f"trial {request.id} was lost {lost} times: {result.lost}",
                    fix="see novum doctor, then novum resume",
                )

    def adopt_or_interrupt(self) -> None:
        """After a restart: what was in flight died with us; say so, so that it runs again."""
        lost = [
            Draft(body=TrialInterrupted(trial=t.id, attempt=t.attempt, reason="the coordinator ended"))
            for t in sorted(self.state.in_doubt, key=lambda t: t.index)
        ]
        if lost:
            self.commit(*lost)


def killed_from_outside(result: JobResult) -> str:
    """Why a job may have been cut short by the machine though no limit was broken, or "".

    A stage that ends by SIGKILL, or whose sandbox ends without a word, was killed by a person or by a kernel
    that wants memory; or it killed itself, which cannot be told from here. Hence it is tried again a few
    times, and then believed to be the candidate's doing. Under another luck it could do no more by this than
    by starting anew within its own limits, since it sees no score.
    """
    for stage in result.stages:
        if stage.status == "crashed" and stage.exit_code is None and stage.signal in (None, signal.SIGKILL):
            return f"{stage.name} was killed from outside, or by the kernel for want of memory"
    return ""
