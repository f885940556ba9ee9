"""The verbs *build* and *assess*: from a commission to a node, and what became of it.

The scientist writes, the machine checks: a node that touches a protected file, or that is there already,
is none. A commission of which nothing comes is a failed candidate, which counts as tried and ends no study.
"""

import random
from collections.abc import Sequence

from msgspec import Struct

from novum.canonical import derive_seed
from novum.events import Draft
from novum.protocols import Builder, Services
from novum.records import Choice, Commission, Node
from novum.search.programs import arms
from novum.search.programs.history import history_of
from novum.state import State, Trial
from novum.steps.planned import faults_of


class Built(Struct, frozen=True, kw_only=True):
    """What came of a commission: a node, or why there is none; and the events of the way there."""

    node: Node | None = None
    reason: str = ""
    drafts: tuple[Draft, ...] = ()


async def build(view: State, commission: Commission, services: Services) -> Built:
    """The node that the study's scientist makes of a commission, if it may run.

    Raises:
        OutOfBudget, ProviderError, UserError: see `novum.protocols.Models`; never for what a model says.
    """
    assert view.domain is not None
    if not isinstance(services.scientist, Builder):
        return Built(reason=f"the {services.scientist.name} scientist writes no programs")
    made = await services.scientist.build(view, commission, services)
    drafts = tuple(made.drafts)
    if made.node is None:
        return Built(reason=made.reason, drafts=drafts)
    if made.node.id in view.nodes:
        return Built(reason=f"node {made.node.id} is the same", drafts=drafts)
    if fault := faults_of(made.node, view.domain):
        return Built(reason=fault, drafts=drafts)
    return Built(node=made.node, drafts=drafts)


def assigned(state: State, commission: Commission) -> Choice | None:
    """Whom a commission asks first, where the settings leave that to a bandit and a model is asked at all.

    It follows from what is on record and from the study's seed alone.
    """
    settings, domain = state.settings, state.domain
    if settings is None or domain is None or settings.model_choice != "bandit":
        return None
    names = settings.models_of("code")
    if len(names) < 2 or commission.operator == "tune":
        return None
    rng = random.Random(derive_seed(state.seed, "model", commission.index))
    return arms.choose(names, state, history_of(state, domain, 0), rng)


async def assess(state: State, trial: str, services: Services) -> Sequence[Draft]:
    """What the scientist makes of an ended trial, if a commission led to it and nobody has said yet."""
    if not isinstance(services.scientist, Builder) or not _waits(state.trials[trial], state):
        return ()
    return await services.scientist.assess(state, trial, services)


def unassessed(state: State) -> list[Trial]:
    """Ended explored trials of commissioned nodes that nobody has looked at yet."""
    return [t for t in state.trials_in("explore") if _waits(t, state)] if state.made else []


def _waits(trial: Trial, state: State) -> bool:
    commissioned = trial.node in state.made.values()
    ended = trial.status in ("done", "failed") and trial.phase == "explore"
    return commissioned and ended and trial.node not in state.assessments
