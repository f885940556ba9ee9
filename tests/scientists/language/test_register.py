# ruff: noqa: E501 (plans stand on long lines)
"""Plans of a model: refused where they must be, registered where they may; seeds are never theirs."""

import asyncio

import pytest

from novum.errors import StudyError
from novum.events import ProposalRefused, ProtocolRegistered
from novum.program import ORIGINAL, PROGRAM, level_of
from novum.records import Measurement, Node
from novum.scientists.language.proposals import IdeaProposal, idea_of
from novum.state import State, Trial
from novum.steps.confirm import arm_node
from novum.steps.register import register
from tests.scientists.language.acting import IDEA, PROGRAM_IDEA, Voices, stage

PENALTY = {"kind": "main_effect", "factor": "penalty", "start": 0.001, "end": 0.1, "direction": "less"}
CHAMPION = {"kind": "main_effect", "factor": "program", "start": "original", "end": "champion",
            "direction": "less"}  # fmt: skip


def plan(*comparisons, metric="heldout_error", seeds=8, **more):
    return {"metric": metric, "comparisons": comparisons, "seeds_per_arm": seeds, "rationale": "-"} | more


def explored(voices: Voices, proposal=IDEA, edits: bool = False):
    """A study whose exploration (and hidden phase, with edits) has ended."""
    view, services = stage(voices)
    domain = view.domain
    assert domain is not None
    idea = idea_of(IdeaProposal(**proposal | {"factors": tuple(proposal["factors"])}), domain)
    own = domain.workspace()
    nodes = [Node.make("tune", "fit", own, domain.baseline | {"penalty": p}, plan="a point")
             for p in (0.001, 0.1, 10.0)]  # fmt: skip
    if edits:
        for name in ("one", "two"):
            files = own | {"fit.py": services.blobs.put(f"# {name}\n".encode())}
            config = domain.baseline | {PROGRAM: level_of(domain, files)}
            nodes.append(Node.make("draft", "fit", files, config, plan=f"version {name}"))
    state = State(**{name: getattr(view, name) for name in ("study", "domain", "settings", "seed")})
    state.ideas, state.chosen = {idea.id: idea}, idea.id
    for index, node in enumerate(nodes):
        _ran(state, node, index, "explore", 1.0 - 0.01 * index)
    if edits:
        _ran(state, nodes[-1], len(nodes), "select", 0.8)
    return state, services


def _ran(state: State, node: Node, index: int, phase, value: float) -> None:
    state.nodes[node.id] = node
    state.trials[f"t{index}"] = Trial(id=f"t{index}", index=index, node=node.id, phase=phase,
                                      seeds=(2 * index, 2 * index + 1), status="done")  # fmt: skip
    from novum.evidence.samples import config_hash

    for k in (0, 1):
        state.measurements[f"m{index}{k}"] = Measurement(
            id=f"m{index}{k}", metric="heldout_error", value=value + 0.02 * k, unit="", status="observed",
            censored_at=None, self_reported=False, node=node.id, trial=f"t{index}", phase=phase,
            seed=2 * index + k, config_hash=config_hash(node.config), evaluator_hash="", artefact_hash=f"a{k}",
        )  # fmt: skip


def registered(voices: Voices, **given):
    state, services = explored(voices, **given)
    drafts = [d.body for d in asyncio.run(register(state, services))]
    refused = [b for b in drafts if isinstance(b, ProposalRefused)]
    return drafts[-1], refused, state


def test_a_plan_is_registered_as_it_is() -> None:
    body, refused, _ = registered(Voices(Plan=[plan(PENALTY, seeds=8)]))
    assert isinstance(body, ProtocolRegistered) and not refused
    (contrast,) = body.protocol.contrasts
    assert (contrast.a, contrast.b, contrast.direction) == ({"penalty": 0.001}, {"penalty": 0.1}, "less")
    assert contrast.margin == 0.1 and body.protocol.seeds_per_arm == 8
    assert body.protocol.programs == {} and contrast.text.startswith("raising ridge penalty")


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (plan(PENALTY, metric="training_error"), "made of heldout_error alone"),
        (plan(PENALTY | {"end": 0.5}), "penalty cannot be 0.5"),
        (plan(PENALTY | {"factor": "dropout"}), "no factor 'dropout'"),
        (plan(PENALTY | {"end": 0.001}), "same level on both sides"),
        (plan(PENALTY | {"margin": 0.01}), "smaller than 0.1"),
        (plan(PENALTY | {"margin": 0.5, "direction": "equivalent"}), "says less than"),
        (plan(PENALTY | {"factor": "degree", "start": 8.0, "end": 2.0}), "first comparison has to be about"),
        (plan(PENALTY, PENALTY), "twice"),
        (plan(PENALTY, seeds=100), "the budget pays 8 seeds"),
        (plan(PENALTY, seeds=2), "cannot decide"),
        (plan(PENALTY, test="a coin"), "the test registered for this"),
        (plan(CHAMPION), "original alone"),
        (plan(PENALTY | {"kind": "interaction", "second": "penalty", "second_start": 0.1, "second_end": 10.0}),
         "two different factors"),
        (plan(PENALTY | {"kind": "dose_response", "factor": "basis"}), "no three ordered levels"),
    ],
)  # fmt: skip
def test_what_may_not_be_registered_goes_back_with_its_reason(bad, says: str) -> None:
    voices = Voices(Plan=[bad, plan(PENALTY)])
    body, refused, _ = registered(voices)
    assert isinstance(body, ProtocolRegistered) and len(body.protocol.contrasts) == 1
    assert len(refused) == 1 and says in refused[0].reason and refused[0].slot == "protocol"
    assert says in voices.asked[1].parts[-1].text


def test_after_three_refusals_the_machine_plans_and_it_is_said() -> None:
    body, refused, _ = registered(Voices(Plan=[plan(PENALTY, metric="training_error")]))
    assert isinstance(body, ProtocolRegistered) and body.protocol.primary_metric == "heldout_error"
    assert [r.final for r in refused] == [False, False, False, True]


def test_a_program_contrast_runs_the_champion_under_the_same_settings() -> None:
    body, refused, state = registered(Voices(Plan=[plan(CHAMPION)]), proposal=PROGRAM_IDEA, edits=True)
    assert isinstance(body, ProtocolRegistered) and not refused
    protocol = body.protocol
    champion = next(n for n in state.nodes.values() if n.plan == "version two")
    assert protocol.programs == {champion.config[PROGRAM]: champion.workspace}
    original, edited = (arm_node(state.domain, protocol, arm) for arm in protocol.arms)
    assert original.workspace == state.domain.workspace() and original.config[PROGRAM] == ORIGINAL
    assert edited.workspace == champion.workspace
    assert {k: v for k, v in original.config.items() if k != PROGRAM} == {
        k: v for k, v in edited.config.items() if k != PROGRAM
    }


def test_the_machine_compares_champion_and_original_by_default() -> None:
    body, refused, _ = registered(Voices(Plan=["no"]), proposal=PROGRAM_IDEA, edits=True)
    assert isinstance(body, ProtocolRegistered) and refused[-1].final
    (contrast,) = body.protocol.contrasts
    assert contrast.a == {PROGRAM: ORIGINAL} and contrast.direction == "less"
    assert body.hash == body.protocol.hash


def test_without_an_edit_that_works_there_is_nothing_to_confirm() -> None:
    with pytest.raises(StudyError, match="no edited program"):
        registered(Voices(Plan=["no"]), proposal=PROGRAM_IDEA)


def test_hidden_scores_and_seeds_are_in_no_prompt() -> None:
    voices = Voices(Plan=[plan(CHAMPION)])
    registered(voices, proposal=PROGRAM_IDEA, edits=True)
    text = "".join(part.text for part in voices.asked[0].parts)
    assert "version two" in text and "champion" in text
    assert "0.81" not in text and "0.8 " not in text
