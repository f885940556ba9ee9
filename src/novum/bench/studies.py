"""One whole study of a planted world, through the real loop and journal, without its paper.

Ideas, design, selection, protocol, confirmation and verdicts are those of any study; scoring ideas again,
writing, audit and review, which change no verdict, are left out. Each study has a lab of its own, removed
afterwards.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import structs

from novum.beginning import create_replication, create_study, open_ideas
from novum.bench.worlds import World, write_domain
from novum.canonical import derive_seed
from novum.errors import StudyError
from novum.events import Draft, StudyFinished
from novum.journal import WriterLock
from novum.records import Settings
from novum.state import State
from novum.steps.seeds import data_salt
from novum.wiring import Coordinator, SystemClock

PAPERLESS = ("judge", "write", "audit", "review")


def run_study(
    world: World, seed: int, *, executor: str = "inline", budget: str = "default", policy: str = "design"
) -> State:
    """The state in which a study of a world ends.

    Where exploration or registration gives up (`StudyError`), that is how the study ended: it has no
    decisions. `executor` is "inline", or "local" for trials confined as anywhere else.
    """
    with scratch() as home:
        folder = write_domain(home / "planted", world, drifting(seed))
        return run_domain(folder, seed, home / "lab", executor=executor, budget=budget, policy=policy)


def drifting(seed: int) -> tuple[str, ...]:
    """The salts of the phases that come before confirmation, by which a world that drifts knows them."""
    return tuple(data_salt(seed, phase) for phase in ("explore", "select"))


def run_domain(
    domain: Path, seed: int, lab: Path, *, executor: str = "inline", budget: str = "default",
    policy: str = "design",
) -> State:  # fmt: skip
    """The state in which a study of a domain's folder ends; it stays in the lab."""
    settings = _settings(domain, seed, executor, budget, policy)
    return carry_out(create_study(lab, settings, SystemClock()))


def run_replicated(
    world: World, seed: int, times: int, *, policy: str = "design"
) -> tuple[State, State | None]:
    """A study of a world, and its replication with `times` the sample as `novum replicate` carries it out: a
    study of its own in the same lab, at the level that the account of its questions has left.

    There is none where the study decided nothing.
    """
    with scratch() as home:
        folder = write_domain(home / "planted", world, drifting(seed))
        settings = _settings(folder, seed, "inline", "default", policy)
        study = create_study(home / "lab", settings, SystemClock())
        state = carry_out(study)
        if not state.decisions:
            return state, None
        fresh = structs.replace(settings, seed=derive_seed("novum bench truth", "replicate", seed))
        return state, carry_out(create_replication(home / "lab", study, fresh, SystemClock(), times))


def run_interaction(world: World, seed: int, pair: Sequence[str], *, policy: str = "design") -> State:
    """A study of a world whose idea is the interaction of two factors, as `novum run --idea` names it."""
    with scratch() as home:
        folder = write_domain(home / "planted", world, drifting(seed))
        settings = _settings(folder, seed, "inline", "default", policy)
        about = [i for i in open_ideas(home / "lab", settings) if i.kind == "interaction"]
        (idea,) = [i for i in about if set(i.factors) == set(pair)]
        asking = structs.replace(settings, idea=idea.id)
        return carry_out(create_study(home / "lab", asking, SystemClock()))


def _settings(domain: Path, seed: int, executor: str, budget: str, policy: str) -> Settings:
    sandbox = "none" if executor == "inline" else "auto"
    return Settings(
        domain=str(domain), budget=budget, policy=policy, seed=seed, executor=executor, sandbox=sandbox
    )


def carry_out(study: Path) -> State:
    """Run a created study to its verdicts."""
    with WriterLock(study):
        coordinator = Coordinator(study)
        try:
            loop = coordinator.loop()
            loop.steps = {**loop.steps, **dict.fromkeys(PAPERLESS, _nothing)}
            with contextlib.suppress(StudyError):
                asyncio.run(loop.run())
                coordinator.recorder.commit(StudyFinished(status="done", reason="its verdicts are known"))
            return coordinator.state
        finally:
            coordinator.journal.close()


def _nothing(view: State, services: Any) -> Sequence[Draft]:
    return []


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one study, in memory where the system offers that: nothing in it outlives the study."""
    memory = Path("/dev/shm")
    where = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="novum-bench-", dir=where) as home:
        yield Path(home)
