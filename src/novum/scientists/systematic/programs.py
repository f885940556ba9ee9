"""A study of an edited program without any model: its one question, and who makes the nodes.

The search says which program to work on; the operators of `novum.search.operators` make the next one of it:
numbers moved, a change taken back, two programs crossed. So the question is whether what such a search finds
does what the search was after, on fresh seeds.
"""

from collections.abc import Sequence
from typing import Any

from novum.canonical import short_id
from novum.events import Draft, NodeAssessed
from novum.program import PROGRAM
from novum.protocols import Policy, Services
from novum.records import Commission, Domain, Idea
from novum.scientists.systematic.asked import Asked
from novum.scientists.systematic.edited import better
from novum.scientists.systematic.worth import openness, prior
from novum.search import over_programs
from novum.search.operators import make_node
from novum.search.programs import make_program_policy
from novum.search.programs.moves import WITHOUT_MODELS
from novum.state import State
from novum.steps.build import Built

ACTOR = "scientist:systematic"
PLAN = (
    "move the program's numbers, take changes back and cross programs, choose one edit in the hidden phase, "
    "and hold it against the original on fresh seeds"
)
RISKS = "numbers are all that can be moved at first, and what they reach may lie within the margin"
REASON = "the search named works on the program, so this is what can be asked"


def searches_programs(view: State) -> bool:
    """Whether the study's search is one over programs, so that its question is about the program."""
    return view.settings is not None and over_programs(view.settings.policy)


def about_program(view: State) -> bool:
    """Whether the chosen idea is about the program, whose files are then made anew."""
    idea = view.ideas.get(view.chosen)
    return idea is not None and idea.kind == PROGRAM


def program_idea(domain: Domain, archive: dict[str, Any]) -> Idea:
    """The question whether the edit that a search finds does better than the program as it came."""
    times = Asked(archive).times(PROGRAM)
    scores = {"information": round(openness(prior("main_effect", [])), 4), "coverage": 1.0 / (1.0 + times),
              "novelty": 1.0 / (1.0 + 2.0 * times)}  # fmt: skip
    name = domain.primary.title or domain.primary.name
    return Idea(
        id=short_id("idea", domain.id, PROGRAM, (PROGRAM,)),
        title=f"An edit of the program found by search, against the original: {name}",
        hypothesis=f"an edit of the program, found by a search without any model, changes {name}",
        kind=PROGRAM,
        factors=(PROGRAM,),
        metric=domain.primary.name,
        direction=better(domain),
        motivation=domain.question.strip(),
        plan=PLAN,
        risks=RISKS,
        scores=scores | {"total": round(sum(scores.values()) / 3, 4)},
    )


def program_policy(view: State) -> Policy:
    """The study's search over programs, for operators that need no model."""
    assert view.domain is not None and view.settings is not None
    budget = view.domain.budgets[view.settings.budget]
    return make_program_policy(view.settings.policy, view.domain, budget, operators=WITHOUT_MODELS)


def build(view: State, commission: Commission, services: Services) -> Built:
    """The node that an operator without a model makes of a commission."""
    outcome = make_node(view, commission, services.blobs)
    return Built(node=outcome.node, reason=outcome.reason)


def assess(state: State, trial: str) -> Sequence[Draft]:
    """That a trial failed, or did not: without a model nobody says more of it."""
    found = state.trials[trial]
    failed = found.status == "failed"
    body = NodeAssessed(
        node=found.node, trial=trial, as_planned=not failed, broken=failed, finding=found.reason
    )
    return [Draft(body=body, actor=ACTOR)]
