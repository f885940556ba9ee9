"""Nodes that a model writes: built on edits, bounded, never on protected files, assessed by a judge."""

import asyncio

from msgspec import structs

from novum.events import NodeAssessed, ProposalRefused
from novum.patches import diff
from novum.program import PROGRAM
from novum.records import Commission, ModelAnswer, Node
from novum.scientists.language.proposals import IdeaProposal, idea_of
from novum.state import State, Trial
from novum.steps.build import build
from tests.scientists.language.acting import PROGRAM_IDEA, Voices, stage

LAST = "    return np.linalg.lstsq(stacked, target, rcond=None)[0]"


def edit(new: str, old: str = LAST, path: str = "fit.py") -> str:
    block = f"<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE"
    return f"PLAN: a change of the fit\nFILE: {path}\n{block}\n"


def begun(voices: Voices):
    """A study of a program idea whose baseline has run."""
    view, services = stage(voices)
    assert view.domain is not None
    idea = idea_of(IdeaProposal(**PROGRAM_IDEA | {"factors": ()}), view.domain)
    base = Node.make("tune", "fit", view.domain.workspace(), view.domain.baseline, plan="the baseline")
    trial = Trial(id="t0", index=0, node=base.id, phase="explore", seeds=(1, 2), status="done")
    state = structs.replace(view, ideas={idea.id: idea}, chosen=idea.id, nodes={base.id: base},
                            trials={"t0": trial})  # fmt: skip
    return state, services, base


def made(voices: Voices, state: State, services, base: Node, operator="draft"):
    commission = Commission.make(0, operator, (base.id,), seeds=2)
    return asyncio.run(build(state, commission, services))


def test_an_edit_becomes_a_node_with_a_program_of_its_own() -> None:
    voices = Voices(answer=[edit(LAST + " * 0.5")])
    state, services, base = begun(voices)
    found = made(voices, state, services, base)
    assert found.node is not None and found.node.plan == "a change of the fit"
    assert found.node.parents == (base.id,) and found.node.operator == "draft"
    assert str(found.node.config[PROGRAM]).startswith("edit ")
    assert b"* 0.5" in services.blobs.get(found.node.workspace["fit.py"])
    assert set(found.node.workspace) == set(base.workspace)
    assert len(voices.asked) == 1


def test_exact_errors_go_back_and_are_kept() -> None:
    voices = Voices(answer=[edit("x", old="    return nothing"), edit(LAST + " +"), edit(LAST + " * 0.5")])
    state, services, base = begun(voices)
    found = made(voices, state, services, base)
    assert found.node is not None and len(voices.asked) == 3
    assert "are not in fit.py" in voices.asked[1].parts[-1].text
    assert "no Python after the edits" in voices.asked[2].parts[-1].text
    assert [d.body.slot for d in found.drafts if isinstance(d.body, ProposalRefused)] == ["node", "node"]


def test_protected_files_are_out_of_reach_and_a_hopeless_commission_ends() -> None:
    voices = Voices(answer=[edit("print()", old="import json", path="evaluator.py")])
    state, services, base = begun(voices)
    found = made(voices, state, services, base)
    assert found.node is None and "evaluator.py is protected" in found.reason
    assert len(voices.asked) == 3 and len(found.drafts) == 3


def test_a_patch_of_an_agent_is_held_to_the_same_rules() -> None:
    def answer(request):
        text = services.blobs.get(request.workspace["fit.py"]).decode()
        if len(voices.asked) == 1:
            return ModelAnswer(model="agent", patch=diff({}, {"numpy.py": "evil = 1\n"}))
        return ModelAnswer(model="agent", patch=diff({"fit.py": text}, {"fit.py": text + "# more\n"}))

    voices = Voices(answer=answer)
    state, services, base = begun(voices)
    found = made(voices, state, services, base)
    assert found.node is not None and len(voices.asked) == 2
    assert "numpy.py may not be edited" in voices.asked[1].parts[-1].text
    assert voices.asked[0].editable == ("fit.py",)


def test_the_same_program_again_is_refused() -> None:
    voices = Voices(answer=[edit(LAST + " * 0.5")])
    state, services, base = begun(voices)
    first = made(voices, state, services, base).node
    assert first is not None
    again = structs.replace(state, nodes=state.nodes | {first.id: first})
    assert "has already" in made(voices, again, services, base).reason


def test_what_a_node_is_shown_begins_alike_and_holds_code_once() -> None:
    voices = Voices(answer=[edit(LAST + " * 0.5"), edit("x", old="y")])
    state, services, base = begun(voices)
    node = made(voices, state, services, base).node
    assert node is not None
    trial = Trial(id="t1", index=1, node=node.id, phase="explore", seeds=(3, 4), status="failed",
                  reason="program crashed: KeyError")  # fmt: skip
    state = structs.replace(state, nodes=state.nodes | {node.id: node}, trials=state.trials | {"t1": trial},
                            made={"c": node.id})  # fmt: skip
    made(voices, state, services, node, "debug")
    first, second = voices.asked[:2]
    stable = [p for p in first.parts if p.stable or p.speaker == "system"]
    assert list(second.parts[: len(stable)]) == stable
    whole = "".join(part.text for part in second.parts)
    assert whole.count("def main(path") == 1  # the original; of the version only its difference
    assert "KeyError" in second.parts[-1].text and "+    return np.linalg" in second.parts[-1].text


def test_a_judge_looks_at_what_ran_and_the_machine_knows_what_crashed() -> None:
    said = {"as_planned": True, "broken": True, "finding": "It ignores  its seed."}
    voices = Voices(answer=[edit(LAST + " * 0.5")], Assessment=[said])
    state, services, base = begun(voices)
    node = made(voices, state, services, base).node
    assert node is not None
    trial = Trial(id="t1", index=1, node=node.id, phase="explore", seeds=(3, 4), status="done")
    state = structs.replace(state, nodes=state.nodes | {node.id: node}, trials={"t1": trial})
    (draft,) = asyncio.run(services.scientist.assess(state, "t1", services))
    assert isinstance(draft.body, NodeAssessed) and draft.body.broken
    assert draft.body.finding == "It ignores its seed."
    failed = structs.replace(state, trials={"t1": structs.replace(trial, status="failed", reason="it fell")})
    (draft,) = asyncio.run(services.scientist.assess(failed, "t1", services))
    assert draft.body.finding == "it fell" and len(voices.of("Assessment")) == 1
