"""An exploration through the real loop, its journal in memory and its trials answered by a function.

Everything but the machine is what any study runs: loop, recorder, fold, policies, operators, refusals. A
trial is the value that `Task.measure` gives for the numbers of a program, so that no process is started. The
language scientist's builder asks whoever plays the model; numbers are moved, changes taken back and programs
crossed by the operators without one.
"""

import ast
import asyncio
import itertools
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from novum import events as ev
from novum.errors import StudyError
from novum.events import Draft
from novum.literature.bibliography import InMemoryLiterature
from novum.loop import Loop
from novum.program import PROGRAM, with_program
from novum.protocols import Blobs, Models, Policy, Services
from novum.recording import Recorder
from novum.records import (
    Budget,
    Commission,
    Domain,
    Factor,
    Idea,
    Job,
    JobResult,
    Metric,
    Program,
    Settings,
    StageResult,
)
from novum.safeguards import Safeguards, adjusted, load_policy
from novum.scientists.language.build import build as written
from novum.scientists.systematic.programs import assess, build
from novum.search.programs import make_program_policy
from novum.services import StudyServices
from novum.state import State
from novum.steps.build import Built
from novum.testing.memory import MemoryBlobs, MemoryLog

FILE, METRIC = "main.py", "score"
PARAMS = re.compile(r"^(?:[+ ]|line \d+: `)?PARAMS = (\[[^\]\n]*\])", re.M)
"""As a program has them, and as a prompt shows those of a version: in a patch, or as moved numbers."""
Numbers = tuple[float, ...]
Measure = Callable[[Numbers, int], float | None]
"""(numbers of a program, seed) -> score, higher for better; None: the program fails."""


class Played(Struct, frozen=True):
    """What became of a search: numbers and observed mean of each candidate, in the order of proposals.

    `observed` is None for what failed.
    """

    numbers: tuple[Numbers, ...]
    observed: tuple[float | None, ...]
    first: tuple[float | None, ...]
    """Observed on the first seed alone."""
    nodes: tuple[str, ...]
    state: State

    def numbers_of(self, node: str) -> Numbers:
        return self.numbers[self.nodes.index(node)]

    @property
    def best(self) -> Numbers:
        """The numbers of the candidate that scored highest, the earlier one of equals."""
        scored = [(-o, i) for i, o in enumerate(self.observed) if o is not None]
        return self.numbers[min(scored)[1]] if scored else self.numbers[0]


def program_of(numbers: Sequence[float]) -> str:
    """A program that is nothing but its numbers."""
    return f'"""A candidate."""\n\nPARAMS = [{", ".join(repr(float(x)) for x in numbers)}]\n'


def numbers_in(text: str) -> Numbers:
    """The numbers that stand last in a text: of a program, or of a prompt that shows several.

    Raises:
        ValueError: there are none.
    """
    found = PARAMS.findall(text)
    if not found:
        raise ValueError("the text shows no PARAMS")
    return tuple(float(x) for x in ast.literal_eval(found[-1]))


def domain_of(
    start: Sequence[float], trials: int, seeds: tuple[int, int], blobs: Blobs, title: str
) -> Domain:
    """A domain of one editable file; `seeds` of a candidate in exploration, and in selection."""
    budget = Budget(
        explore_trials=trials, explore_seeds=seeds[0], select_seeds=seeds[1], confirm_seeds=8, seconds=1.0
    )
    return with_program(
        Domain(
            id="bench",
            title=title,
            question="Which numbers score highest?",
            programs={"main": Program(command=("python", FILE), editable=(FILE,))},
            evaluator=("python", "evaluator.py"),
            evaluator_files=("evaluator.py",),
            metrics=(Metric(name=METRIC, unit="", goal="maximize", primary=True),),
            factors=(Factor(name="mode", kind="categorical", levels=("only",), baseline="only"),),
            budgets={"default": budget},
            files={FILE: blobs.put(program_of(start).encode()), "evaluator.py": blobs.put(b"")},
            shipped=True,
        )
    )


IDEA = Idea(
    id="better",
    title="Other numbers score higher",
    hypothesis="other numbers score higher",
    kind=PROGRAM,
    factors=(PROGRAM,),
    metric=METRIC,
    direction="greater",
)


class Measuring:
    """`protocols.Executor`: a job has ended when `wait` has slept as long as `seconds` says of it."""

    name = "measuring"

    def __init__(self, measure: Measure, blobs: Blobs, seconds: Callable[[str], float] | None = None):
        self._measure, self._blobs, self._seconds = measure, blobs, seconds
        self._jobs: dict[tuple[str, int], Job] = {}
        self._artefact = blobs.put(b"made")

    async def submit(self, job: Job, key: str, attempt: int) -> None:
        self._jobs[key, attempt] = job

    async def wait(self, key: str, attempt: int) -> JobResult:
        if self._seconds:
            await asyncio.sleep(self._seconds(key))
        return self._result(self._jobs.pop((key, attempt)))

    async def kill(self, key: str, attempt: int) -> None:
        """Nothing runs."""

    def find(self, key: str, attempt: int) -> bool:
        return (key, attempt) in self._jobs

    async def close(self) -> None:
        """Nothing is held."""

    def _result(self, job: Job) -> JobResult:
        stage = next(s for s in job.stages if s.name == "program")
        seeds = [int(str(seed)) for seed in stage.request["seeds"]]  # type: ignore[attr-defined]
        numbers = numbers_in(self._blobs.get(stage.files[FILE]).decode())
        values = {seed: self._measure(numbers, seed) for seed in seeds}
        good = {seed: value for seed, value in values.items() if value is not None}
        lines = [json.dumps({"seed": seed, "metric": METRIC, "value": value}) for seed, value in good.items()]
        made = {f"out/{seed}/made": self._artefact for seed in good}
        measured = {"out/measurements.jsonl": self._blobs.put("\n".join(lines).encode())}
        return JobResult(
            stages=(
                StageResult(
                    name="program",
                    status="ok" if good else "crashed",
                    exit_code=0 if good else 1,
                    outputs=made,
                    stderr="" if good else "it fails",
                ),
                StageResult(name="evaluator", status="ok", outputs=measured),
            ),
            sandbox="none",
        )


class Searcher:
    """The scientist of a rig: a policy, the language scientist's builder, the machine's assessment."""

    name = "language"

    def __init__(self, policy: Policy):
        self._policy = policy

    def policy(self, view: State, services: Services) -> Policy:
        return self._policy

    async def build(self, view: State, commission: Commission, services: Services) -> Built:
        if commission.operator in ("tune", "ablate", "cross"):
            return build(view, commission, services)
        return await written(view, commission, services)

    async def assess(self, state: State, trial: str, services: Services) -> Sequence[Draft]:
        return assess(state, trial)


class _Clock:
    """Time stands still, unless a loop with a time of its own carries the rig."""

    def now(self) -> float:
        return self.monotonic()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() if _running() else 0.0


def _running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class _NoInbox:
    def take(self) -> Sequence[Any]:
        return ()


def explore(
    measure: Measure,
    start: Sequence[float],
    models: Models | Callable[[Recorder], Models],
    *,
    policy: str | Callable[[Domain, Budget], Policy],
    trials: int,
    seed: int,
    seeds: int = 1,
    workers: int = 1,
    thinking: int = 0,
    select: int = 0,
    title: str = "A landscape",
    seconds: Callable[[str], float] | None = None,
    run: Callable[[Any], Any] = asyncio.run,
) -> Played:
    """A whole exploration, and selection with so many seeds if `select` is given.

    `models` plays the model, and for so many nodes at once besides the workers' own, `thinking`; `seconds`
    says of a trial's node and seeds how long it takes; `run` carries the coroutine.
    """
    blobs = MemoryBlobs()
    domain = domain_of(start, trials, (seeds, select), blobs, title)
    budget = domain.budgets["default"]
    chosen = (
        make_program_policy(policy, domain, budget) if isinstance(policy, str) else policy(domain, budget)
    )
    recorder = _begun(domain, blobs, seed, workers, thinking)
    services = StudyServices(
        blobs=blobs,
        log=recorder.log,
        literature=InMemoryLiterature(),
        renderers=[],
        scientist=Searcher(chosen),
        nonce_commitment="",
        seed=seed,
        archive={},
        models=models(recorder) if callable(models) else models,
    )
    assert recorder.state.settings is not None
    loop = Loop(
        recorder,
        services,
        Measuring(measure, blobs, seconds),
        dict.fromkeys(("judge", "ideate"), _nothing) | {"register": _enough},
        settings=recorder.state.settings,
        safeguards=_loose(),
        inbox=_NoInbox(),
        clock=_Clock(),
        nonce=lambda: "",
        host=("here", 1),
        layer="none",
    )

    async def carried_out() -> None:
        try:
            await loop.run()
        except _Enough:
            return

    run(carried_out())
    return _played(recorder.state, blobs)


class _Enough(StudyError):
    """Exploration is over, which is all that is asked of a rig."""


def _nothing(view: State, services: Services) -> Sequence[Draft]:
    return []


def _enough(view: State, services: Services) -> Sequence[Draft]:
    raise _Enough("explored")


def _begun(domain: Domain, blobs: MemoryBlobs, seed: int, workers: int, thinking: int) -> Recorder:
    ticks = itertools.count(1)
    recorder = Recorder(MemoryLog(lambda: float(next(ticks))), blobs)
    settings = Settings(
        domain=domain.id,
        scientist="language",
        executor="inline",
        sandbox="none",
        workers=workers,
        calls_at_once=thinking + 1,
    )
    recorder.commit(
        ev.StudyCreated(
            study="bench", domain=domain, settings=settings, seed=seed, novum_version="0", environment={}
        ),
        ev.IdeaProposed(idea=IDEA),
        ev.IdeaChosen(idea=IDEA.id, reason="the only one"),
    )
    return recorder


def _played(state: State, blobs: Blobs) -> Played:
    values: dict[str, list[float]] = {}
    for measured in state.measurements.values():
        if measured.value is not None and measured.phase == "explore":
            values.setdefault(measured.node, []).append(measured.value)
    nodes = list(dict.fromkeys(trial.node for trial in state.trials_in("explore")))
    numbers = tuple(numbers_in(blobs.get(state.nodes[n].workspace[FILE]).decode()) for n in nodes)
    observed = tuple(sum(v) / len(v) if (v := values.get(n)) else None for n in nodes)
    first = tuple(v[0] if (v := values.get(n)) else None for n in nodes)
    return Played(numbers, observed, first, tuple(nodes), state)


def _loose() -> Safeguards:
    """The shipped policy, but for its cap on programs that are newly written: here they are nothing else."""
    return Safeguards(adjusted(load_policy(), {"creativity": 1.0}))
