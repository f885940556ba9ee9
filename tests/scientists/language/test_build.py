"""Nodes that a model writes: built on edits, bounded, never on protected files, assessed by a judge."""

import asyncio

from msgspec import structs

from novum.canonical import digest
from novum.events import NodeAssessed, ProposalRefused
from novum.patches import diff
from novum.program import PROGRAM
from novum.records import Commission, Measurement, ModelAnswer, Node
from novum.scientists.language.proposals import IdeaProposal, idea_of
from novum.scientists.systematic.edited import Planner
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


def ran(state: State, node: Node, status="done", **changes) -> State:
    """The state once a node has run."""
    trial = Trial(id="t1", index=1, node=node.id, phase="explore", seeds=(3, 4), status=status, **changes)
    return structs.replace(state, nodes=state.nodes | {node.id: node}, trials=state.trials | {"t1": trial},
                           made={"c": node.id})  # fmt: skip


def test_what_a_node_is_shown_begins_alike_and_holds_code_once() -> None:
    voices = Voices(answer=[edit(LAST + " * 0.5"), edit("x", old="y")])
    state, services, base = begun(voices)
    node = made(voices, state, services, base).node
    assert node is not None
    state = ran(state, node, "failed", reason="program crashed: KeyError")
    made(voices, state, services, node, "debug")
    made(voices, state, services, node, "improve")
    _, mending, *_, bettering = voices.asked
    stable = [p for p in mending.parts if p.stable or p.speaker == "system"]
    assert list(bettering.parts[: len(stable)]) == stable
    whole = "".join(part.text for part in mending.parts)
    assert whole.count("def main(path") == 1  # the original; of the version only its difference
    assert "KeyError" in mending.parts[-1].text and "+    return np.linalg" in mending.parts[-1].text
    assert "# Tried so far" not in whole and "# Others tried so far\n(nothing)" in whole


def lengthened(state: State, services, base: Node) -> tuple[State, Node]:
    """The study with a program too long to be shown whole, of which the idea names one function."""
    assert state.domain is not None
    text = services.blobs.get(base.workspace["fit.py"]).decode()
    more = "\n\n".join(f'def aside_{k}(x):\n    """Nothing. {"Nothing. " * 20}"""\n    return {k + 10} + x\n'
                       for k in range(60))  # fmt: skip
    long = {"fit.py": services.blobs.put(text.replace("def features", f"{more}\n\ndef features", 1).encode())}
    domain = structs.replace(state.domain, files=state.domain.files | long)
    node = Node.make("tune", "fit", base.workspace | long, base.config, plan="the baseline")
    idea = structs.replace(state.ideas[state.chosen], plan="Change `fit` so that it averages.")
    return structs.replace(state, domain=domain, nodes={node.id: node}, ideas={idea.id: idea}), node


def test_of_a_long_program_functions_that_matter_are_shown_and_others_for_the_asking() -> None:
    show = "SHOW: aside_7, `features()`, nothing_of_this_name"
    answers = [show, edit(LAST + " * 0.5"), edit("    return 3 - x", old="    return 17 + x"), "SHOW: fit"]
    voices = Voices(answer=answers)
    state, services, base = begun(voices)
    state, base = lengthened(state, services, base)
    node = made(voices, state, services, base).node
    assert node is not None and b"* 0.5" in services.blobs.get(node.workspace["fit.py"])
    first, second = ("\n".join(part.text for part in request.parts) for request in voices.asked)
    assert LAST in first and "return 17 + x" not in first and "def features" not in first
    assert "aside_7(x)" in first and len(first) < 12_000 < len(services.blobs.get(base.workspace["fit.py"]))
    assert "return 17 + x" in second and "def features" in second
    assert "nothing_of_this_name\nThere is none" in second

    state = ran(state, node)
    after = made(voices, state, services, node, "improve").node
    assert after is not None
    state = ran(state, after)
    made(voices, state, services, after, "improve")
    third, fourth, fifth = ("\n".join(part.text for part in request.parts) for request in voices.asked[2:5])
    assert "+" + LAST + " * 0.5" in third and "return 3 - x" not in third
    assert "as it stands in this version" in fourth
    assert fourth.count("return 3 - x") == 2  # in the difference and in the function
    assert "# What you asked to be shown\n### fit" in fifth and LAST + " * 0.5" in fifth


def test_looks_are_bounded_and_no_question_is_put_twice() -> None:
    voices = Voices(answer=lambda request: f"SHOW: aside_{len(voices.asked) % 2}")
    state, services, base = begun(voices)
    state, base = lengthened(state, services, base)
    found = made(voices, state, services, base)
    assert found.node is None and "nothing more is shown" in found.reason
    assert len(voices.asked) == 5 == len({request.key for request in voices.asked})


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


def test_what_did_not_work_does_not_widen_the_spread_that_a_plan_rests_on() -> None:
    voices = Voices(answer=[edit(LAST + f" * 0.{k}") for k in range(3, 9)])
    state, services, base = begun(voices)
    nodes = {base.id: base}
    for _ in range(5):
        node = made(voices, structs.replace(state, nodes=nodes), services, base).node
        assert node is not None
        nodes[node.id] = node
    *_, broken, wild = nodes
    values = {name: (0.4 + 0.01 * k, 0.42, 0.44) for k, name in enumerate(nodes)}
    values |= {broken: (0.38, 0.42, 0.46), wild: (0.4, 1e4, 0.4)}
    trials = {f"t{k}": Trial(id=f"t{k}", index=k, node=name, phase="explore", seeds=(1, 2, 3), status="done")
              for k, name in enumerate(nodes)}  # fmt: skip
    measured = {f"{name} {seed}": measurement(nodes[name], value, seed) for name, row in values.items()
                for seed, value in enumerate(row)}  # fmt: skip
    judged = {broken: NodeAssessed(node=broken, trial="t4", as_planned=False, broken=True, finding="")}
    view = structs.replace(state, nodes=nodes, trials=trials, measurements=measured, assessments=judged)
    assert Planner(view, services).spread.value < 0.05 and Planner(view, services).spread.df == 4 * 2
    assert Planner(structs.replace(view, assessments={}), services).spread.df == 5 * 2


def measurement(node: Node, value: float, seed: int) -> Measurement:
    return Measurement(
        id=f"{node.id} {seed}", metric="heldout_error", value=value, unit="", status="observed", trial="t",
        censored_at=None, self_reported=False, node=node.id, phase="explore", seed=seed,
        config_hash=digest(node.config), evaluator_hash="", artefact_hash="",
    )  # fmt: skip
