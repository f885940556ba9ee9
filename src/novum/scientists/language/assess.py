# ruff: noqa: E501 (prompts stand on long lines)
"""The slot *assess*: a judge says of a node's trial whether it did what was planned, and whether it is broken.

It sees the plan, the change, explored measurements, the log, and figures that the run gave of itself. What it
says steers the search and is no evidence. Of a trial that failed by itself the machine knows enough, and nobody is asked.
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from novum.events import Draft, NodeAssessed
from novum.protocols import Services
from novum.records import ModelRequest, Part
from novum.scientists.language import brief, differences, pictures
from novum.scientists.language.coding import for_judge
from novum.scientists.language.results import log_of, summary
from novum.scientists.language.told import ACTOR, Told
from novum.state import State, Trial
from novum.steps.typed import Answer, Failed, propose

LOG_TOKENS = 800
PATCH_TOKENS = 3000
MOVES = 12  # lines on which numbers were moved

TASK = """You judge whether an edited program did what was planned. `as_planned`: the change carries out the plan. \
`broken`: it ran and yet does not do its work, so that its measurements mean nothing (it ignores its configuration or \
its seed, skips the work, remembers answers, writes what it did not compute). A poor score alone is not broken, and every version is measured on seeds of its own, so that a small difference may be \
chance. \
`finding`: what this teaches for the next version, in two sentences at most. Answer with one JSON value and nothing else."""


class Assessment(Answer, frozen=True, kw_only=True):
    """What a judge makes of a trial."""

    as_planned: bool
    broken: bool
    finding: Annotated[str, Meta(max_length=600)]


async def assess(state: State, trial: str, services: Services) -> Sequence[Draft]:
    """The judgement of a trial, as events."""
    found = state.trials[trial]
    if found.status == "failed":
        return [_draft(found, as_planned=False, broken=True, finding=found.reason)]
    told = Told("verdict", found.node)
    said = await propose(
        services.models, _request(state, found, services), Assessment, repairs=1, node=found.node
    )
    if isinstance(said, Failed):
        told.gave_up(said.reason)
        return [*told.drafts, _draft(found, as_planned=True, broken=False, finding="")]
    return [_draft(found, as_planned=said.as_planned, broken=said.broken, finding=said.finding)]


def _draft(trial: Trial, *, as_planned: bool, broken: bool, finding: str) -> Draft:
    body = NodeAssessed(node=trial.node, trial=trial.id, as_planned=as_planned, broken=broken,
                        finding=" ".join(finding.split()))  # fmt: skip
    return Draft(body=body, actor=ACTOR)


def _request(state: State, trial: Trial, services: Services) -> ModelRequest:
    assert state.domain is not None
    node, blobs = state.nodes[trial.node], services.blobs
    parent = state.nodes[node.parents[0]] if node.parents else None
    before = parent.workspace if parent else state.domain.workspace()
    editable = state.domain.programs[node.program].editable
    change = differences.told(*({p: blobs.get(sha).decode("utf-8", "replace") for p, sha in files.items() if p in editable}
                                for files in (before, node.workspace)), PATCH_TOKENS, moves=MOVES)  # fmt: skip
    held = f"Its parent: {summary(state, parent.id)}" if parent else ""
    figures, seen = pictures.shown(trial, "judge", state, blobs)
    text = f"""# The version ({node.id}, {node.operator})
Planned: {node.plan}
Measured in exploration: {summary(state, node.id)}
{held}
Its change of the parent:
{change or "(none)"}
Log (head and tail):
<material>
{brief.quoted(log_of(trial, LOG_TOKENS)) or "(nothing)"}
</material>
{figures}""".rstrip()
    return for_judge(state, blobs, TASK, Part(text=text), *seen, max_output_tokens=1000)
