"""The loop: take what is next, run its step, append, keep the budget.

A study is a fixed list of stages. Thinking stages are steps: they read a pinned view and their events are
committed with their end, as one. Trial stages run planned trials on a pool of workers without any barrier:
whenever a worker is free, the plan is asked again with the state as it is now. Whatever the journal already
holds is skipped, so starting and resuming are the same thing.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from msgspec import Struct, structs

from novum import patches
from novum.errors import (
    NovumError,
    OutOfBudget,
    PolicyStop,
    ProviderError,
    ShareSpent,
    StudyError,
    UserError,
)
from novum.events import (
    CommissionAbandoned,
    CoordinatorStarted,
    CoordinatorStopped,
    Draft,
    NodeBuilt,
    NodeCommissioned,
    NodeProposed,
    NonceRevealed,
    PersonActed,
)
from novum.protocols import Clock, Executor, Services
from novum.recording import Recorder
from novum.records import Budget, Commission, Domain, ModelRequest, Node, Settings, TrialRequest
from novum.safeguards import Safeguards
from novum.state import State, Trial, copy_state, fold
from novum.steps import judge as judging
from novum.steps import run as run_step
from novum.steps.build import assess, assigned, build, unassessed
from novum.steps.confirm import confirmation_plan
from novum.steps.explore import Exploration, FixedPlan, fresh_seeds
from novum.steps.planned import Planned
from novum.steps.register import amend
from novum.steps.seeds import data_salt
from novum.steps.select import Selection

Drafts = Sequence[Draft]
Step = Callable[[State, Services], Drafts | Awaitable[Drafts]]
"""What a stage of thinking does; one that asks models is awaited."""

STAGES = (
    "ideate",
    "explore",
    "select",
    "register",
    "confirm",
    "conclude",
    "compare",
    "write",
    "audit",
    "review",
)
SPECIFY = "specify"  # before all others, in a study that begins with a topic page
PLANNING = ("ideate", "explore", "select")  # a replication has its plan from the original
TRIAL_STAGES = ("explore", "select", "confirm")
GATES = {
    "domain": SPECIFY,
    "ideas": "ideate",
    "protocol": "register",
}  # --until NAME ends after this stage, until approved


def stages_of(state: State) -> tuple[str, ...]:
    """The stages of a study, in order."""
    if state.topic is not None:
        return (SPECIFY, *STAGES)
    return STAGES if state.replicates is None else tuple(s for s in STAGES if s not in PLANNING)


INQUIRY = "inquiry"


class Inquiry(Struct, frozen=True):
    """A policy's question under way; there is one at most."""

    request: ModelRequest
    id: str = INQUIRY


Work = Trial | Commission | Inquiry
"""What a worker may do."""


class Plan(Protocol):
    def next(self, state: State) -> tuple[Planned | Commission | ModelRequest | None, list[Draft]]: ...


class Inbox(Protocol):
    """What people decided and the coordinator has not taken yet."""

    def take(self) -> Sequence[tuple[PersonActed, Callable[[], None]]]: ...


class Loop:
    """Carries one study through its stages."""

    def __init__(
        self,
        recorder: Recorder,
        services: Services,
        executor: Executor,
        steps: Mapping[str, Step],
        *,
        settings: Settings,
        safeguards: Safeguards,
        inbox: Inbox,
        clock: Clock,
        nonce: Callable[[], str],
        host: tuple[str, int],
        layer: str,
        reaches: tuple[str, ...] = (),
        disk_mb: Callable[[], float] = lambda: 0.0,
        thinking: Callable[[], AbstractContextManager[None]] = nullcontext,
    ):
        self.recorder = recorder
        self.services = services
        self.executor = executor
        self.steps = steps
        self.settings = settings
        self.safeguards = safeguards
        self.inbox = inbox
        self.clock = clock
        self.nonce = nonce
        self.host = host
        self.layer = layer
        self.reaches = reaches
        self.disk_mb = disk_mb
        self.thinking = thinking
        recorder.calls.guard = self._before_call
        self._views: dict[str, State] = {}  # of commissions that were given and not begun, as they saw it
        self._workers = asyncio.Semaphore(settings.workers)
        self._began = clock.monotonic()

    @property
    def state(self) -> State:
        return self.recorder.state

    @property
    def domain(self) -> Domain:
        assert self.state.domain is not None
        return self.state.domain

    @property
    def budget(self) -> Budget:
        return self.domain.budgets[self.settings.budget]

    async def run(self) -> str:
        """Go through the stages that are not done; returns "done" or "waiting" (at a gate).

        Raises:
            OutOfBudget, PolicyStop, MachineError: the study stops; all but a policy's stop can be resumed.
        """
        began = self._began = self.clock.monotonic()
        self.recorder.adopt_or_interrupt()
        host, pid = self.host
        self.recorder.commit(CoordinatorStarted(host=host, pid=pid, sandbox=self.layer))
        reason = "failed"
        try:
            reason = await self._stages()
            return reason
        except (asyncio.CancelledError, KeyboardInterrupt):
            reason = "interrupted"
            raise
        except OutOfBudget as error:
            reason = f"out of budget: {error.what}"
            raise
        except NovumError as error:
            reason = f"ended early: {error.what}"
            raise
        finally:
            await self.executor.close()
            await self.services.models.close()
            active = round(self.clock.monotonic() - began, 3)
            self.recorder.commit(CoordinatorStopped(reason=reason, active_seconds=active))

    async def _stages(self) -> str:
        for stage in stages_of(self.state):
            self._people()
            if stage not in self.state.steps_done:
                await self._stage(stage)
            if GATES.get(self.settings.until) == stage:
                self._people()
                if not self.state.approved:
                    return "waiting"
        return "done"

    async def _stage(self, stage: str) -> None:
        view = self.recorder.begin(stage)
        if stage in TRIAL_STAGES:
            await self._trials(self._plan(stage, view))
            self.recorder.finish(stage)
        else:
            with self.thinking():
                found = self.steps[stage](view, self.services)
            self.recorder.finish(stage, await found if inspect.isawaitable(found) else found)

    def _plan(self, stage: str, view: State) -> Plan:
        if stage == "explore":
            policy = self.services.scientist.policy(view, self.services)
            return Exploration(policy, self._affordable(self.budget.explore_trials))
        if stage == "select":
            return Selection(self.budget.select_seeds)
        if not self.state.nonce:
            self.recorder.commit(NonceRevealed(nonce=self.nonce()))
        plan = confirmation_plan(self.state)
        self._demand(len(plan))
        return FixedPlan(plan)

    def _affordable(self, trials: int) -> int:
        """Exploration may use half of a cap on trials; the rest is kept for confirmation."""
        cap = self.settings.budget_trials
        return trials if cap is None else min(trials, cap // 2)

    def _demand(self, planned: int) -> None:
        cap, used = self.settings.budget_trials, len(self.state.trials)
        left = planned - len(self.state.trials_in("confirm"))
        if cap is not None and used + left > cap:
            raise OutOfBudget(
                f"confirmation needs {left} more trials, and {max(0, cap - used)} of {cap} are left",
                fix="novum resume --budget-trials N with a larger N",
            )

    # --- trials ---------------------------------------------------------------------------------------

    async def _trials(self, plan: Plan) -> None:
        """Keep every worker busy until the plan has nothing more and nothing is running."""
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                self._judge(plan)
                while len(running) < self._at_once(plan) and (work := self._next(plan, running)):
                    running.add(asyncio.create_task(self._do(work, plan), name=work.id))
                if not running:
                    self._judge(plan, over=True)
                    return
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                errors = [task.exception() for task in done]  # of all, or asyncio prints those of the others
                for error in errors:
                    if error is not None:
                        raise error
                self._people()
                self.safeguards.after_trial(
                    self.state, disk_mb=self.disk_mb(), session_seconds=self._session_seconds()
                )
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _judge(self, plan: Plan, over: bool = False) -> None:
        """Have the ideas scored again where enough trials have come in, each time from those alone."""
        if isinstance(plan, Exploration):
            for trials in judging.due(self.state, plan.trials, over):
                self.recorder.commit(*self.steps["judge"](judging.view_at(self.state, trials), self.services))

    def _at_once(self, plan: Plan) -> int:
        """How much may be under way: a trial for each worker, and as many nodes that are being thought about.

        Who waits for a model needs no processor; so the workers have something to run meanwhile. With one
        call at a time nothing is thought about beside a trial: with one worker, a study is then a sequence,
        and its recording replays wherever it is.
        """
        workers = self.settings.workers
        thought = isinstance(plan, Exploration) and self.services.models.names("code")
        return workers + min(workers, self.settings.calls_at_once - 1) if thought else workers

    def _next(self, plan: Plan, running: set[asyncio.Task[None]]) -> Work | None:
        """What is to be done and nobody does yet: something left over from before, else the plan's next."""
        busy = self._busy(running)
        left = [t for t in self.state.trials.values() if t.status == "proposed" and t.id not in busy]
        if left:
            return min(left, key=lambda t: t.index)
        if isinstance(plan, Exploration):
            begun = (*unassessed(self.state), *self.state.open_commissions)
            if found := [work for work in begun if work.id not in busy]:
                return found[0]
        if self._minutes_spent(plan) or INQUIRY in busy:
            return None
        planned = self._ask(plan)
        if isinstance(planned, ModelRequest):
            return Inquiry(planned)
        if isinstance(planned, Commission):
            seq = self.recorder.log.head[0]
            chosen = assigned(self.state, planned)
            self.recorder.commit(NodeCommissioned(commission=planned, view_seq=seq, choice=chosen))
            self._views[planned.id] = copy_state(self.state)
            return planned
        return self.state.trials[self._request(planned).id] if planned else None

    def _busy(self, running: set[asyncio.Task[None]]) -> set[str]:
        """Trials and commissions under way; with a commission the trial that came of it."""
        names = {task.get_name() for task in running}
        nodes = {node for commission, node in self.state.made.items() if commission in names}
        return names | {t.id for t in self.state.trials.values() if nodes and t.node in nodes}

    def _ask(self, plan: Plan) -> Planned | Commission | ModelRequest | None:
        """What the plan would have run next, after whatever it proposed that is refused."""
        refused = 0
        while True:
            planned, rejected = plan.next(self.state)
            drafts = [*rejected, *(self._proposed(planned) if isinstance(planned, Planned) else [])]
            if drafts:
                self.recorder.commit(*drafts)
            if planned or not rejected:
                return planned
            refused += len(rejected)
            self.safeguards.after_rejection(self.state, refused)

    def _minutes_spent(self, plan: Plan) -> bool:
        """Whether the time is up: that ends an exploration, and is an error in a registered plan, and where
        the clock may not decide what is explored."""
        cap, cut = self.settings.budget_minutes, isinstance(plan, Exploration) and not self.state.lag
        if cap is None or self._active_minutes() < (cap / 2 if cut else cap):
            return False
        if cut:
            return True
        raise OutOfBudget(f"{cap:g} minutes are spent", fix="novum resume --budget-minutes M with a larger M")

    def _before_call(self) -> None:
        self.safeguards.before_call(self.state, session_seconds=self._session_seconds())

    def _session_seconds(self) -> float:
        return self.clock.monotonic() - self._began  # whatever becomes of the time of day meanwhile

    def _active_minutes(self) -> float:
        return (self.state.active_seconds + self._session_seconds()) / 60

    def _request(self, planned: Planned) -> TrialRequest:
        limits = run_step.limits_for(self.budget, len(planned.seeds))
        return run_step.trial_request(self.domain, planned.node, planned.phase, planned.seeds, limits)

    def _proposed(self, planned: Planned, commission: str = "") -> list[Draft]:
        node, own = planned.node, self.domain.workspace()
        proposed = NodeProposed(
            node=node,
            index=self.state.next_index,
            phase=planned.phase,
            seeds=planned.seeds,
            trial=self._request(planned).id,
            policy=planned.policy,
            commission=commission,
        )
        edited = tuple(path for path, sha in sorted(node.workspace.items()) if own.get(path) != sha)
        if not edited or node.id in self.state.nodes:
            return [Draft(body=proposed)]
        built = NodeBuilt(node=node.id, edited=edited, fresh=self._fresh(node))
        return [Draft(body=proposed), Draft(body=built)]

    def _fresh(self, node: Node) -> float:
        """How much of a node's files is newly written; see `patches.newly_written`."""
        blobs, both = self.recorder.blobs, (self.domain.workspace(), node.workspace)
        own, mine = (
            {path: blobs.get(sha).decode("utf-8", "replace") for path, sha in files.items() if blobs.has(sha)}
            for files in both
        )
        return round(patches.newly_written(own, mine), 4)

    async def _do(self, work: Work, plan: Plan) -> None:
        """Run a trial; make a node of a commission first; have somebody look at what came of it. Or put a
        question, and tell the policy what came of that."""
        try:
            if isinstance(work, Inquiry):
                return await self._inquire(work.request, plan)
            trial = await self._made(work) if isinstance(work, Commission) else work
            if trial is None:
                return
            if trial.status not in ("done", "failed"):
                async with self._workers:
                    await self._run(trial)
            if isinstance(plan, Exploration):
                self.recorder.commit(*await assess(self.state, trial.id, self.services))
        except ShareSpent:
            if not isinstance(plan, Exploration):
                raise
            plan.over = True
            if isinstance(work, Commission) and work in self.state.open_commissions:
                why = "what exploration may use of the budget is spent"
                self.recorder.commit(CommissionAbandoned(commission=work.id, reason=why))

    async def _inquire(self, request: ModelRequest, plan: Plan) -> None:
        assert isinstance(plan, Exploration)
        try:
            answer = (await self.services.models.ask(request)).text
        except ProviderError:  # the journal says so; the policy goes on without an answer
            answer = ""
        plan.heard(request, answer)

    async def _made(self, commission: Commission) -> Trial | None:
        """The trial of the node that came of a commission; None if none did, which counts as tried."""
        view = self._view_of(commission)
        made = await build(view, commission, self.services)
        reason = made.reason if made.node is None else self._unfit(made.node)
        if made.node is None or reason:
            gone = CommissionAbandoned(commission=commission.id, reason=reason)
            self.recorder.commit(*made.drafts, gone)
            return None
        seeds = fresh_seeds(self.state, commission.seeds)
        planned = Planned(made.node, "explore", seeds, commission.policy)
        self.recorder.commit(*made.drafts, *self._proposed(planned, commission.id))
        return self.state.trials[self._request(planned).id]

    def _unfit(self, node: Node) -> str:
        """Why a node that was made may not be tried; empty if it may."""
        if node.id in self.state.nodes:  # another wrote the same meanwhile
            return f"node {node.id} is the same"
        return self.safeguards.too_far(self.state, self._fresh(node))

    def _view_of(self, commission: Commission) -> State:
        """The state as it was when the commission was given, now or before a crash."""
        if (view := self._views.pop(commission.id, None)) is not None:
            return view
        return fold(self.recorder.log.read(until=self.state.commission_views[commission.id] + 1))

    async def _run(self, trial: Trial) -> None:
        node = self.state.nodes[trial.node]
        request = self._request(Planned(node, trial.phase, trial.seeds))
        salt = data_salt(self.state.seed, trial.phase, self.state.nonce)
        job = run_step.build_job(
            self.domain, node, request, self.settings.sandbox, salt=salt, device=self.settings.device
        )
        self.safeguards.before_trial(self.state, request, self.layer, self.reaches)
        blobs = self.recorder.blobs
        await self.recorder.trial(
            request,
            job,
            self.executor,
            lambda asked, attempt, result: run_step.outcome_events(
                self.domain, asked, attempt, result, blobs
            ),
        )

    # --- people ---------------------------------------------------------------------------------------

    def _people(self) -> None:
        """Take what people put into the inbox; a stop ends the study here."""
        for act, taken in self.inbox.take():
            self.recorder.commit(*self._decided(act))
            taken()
        if self.state.stopped_by:
            raise PolicyStop(f"stopped by {self.state.stopped_by}", control="persons_stop")

    def _decided(self, act: PersonActed) -> list[Draft]:
        """A person's decision as events; an edit that cannot stand is journaled as refused, with why."""
        actor = f"person:{act.person}"
        if act.action != "edit":
            return [Draft(body=act, actor=actor)]
        try:
            self.safeguards.before_amendment(self.state, act.person)
            return [Draft(body=act, actor=actor), amend(self.state, act.detail, act.person)]
        except (UserError, StudyError) as error:
            refused = structs.replace(act, detail=act.detail | {"refused": error.what})
            return [Draft(body=refused, actor=actor)]
