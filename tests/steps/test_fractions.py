"""A study whose seeds take turns at fractions: its plan, its audit, its paper's tables, what is refused."""

import pytest
from msgspec import structs

from novum.bench.studies import run_study
from novum.bench.worlds import draw
from novum.evidence.catalogue import catalogue
from novum.evidence.figures.curves import RUNS, _groups, _of_group
from novum.evidence.figures.seeds import seeds_data
from novum.evidence.samples import config_hash
from novum.evidence.sides import farthest, sides
from novum.evidence.tried import arms_confirmed
from novum.state import State
from novum.steps.audit.case import AuditCase
from novum.steps.audit.registration import complete
from novum.steps.confirm import BATCH, confirmation_plan
from novum.steps.register import faults
from novum.steps.seeds import confirm_seeds
from novum.testing.memory import MemoryBlobs


@pytest.fixture(scope="module")
def state() -> State:
    found = run_study(draw(3, null=False, kind="joint"), 4)
    assert found.protocol is not None and found.protocol.fractions == 8
    return found


def audited(state: State) -> tuple[tuple[str, ...], str]:
    found = complete(AuditCase(state=state, events=(), blobs=MemoryBlobs()))
    return found.faults, found.detail


def test_the_plan_has_every_seed_on_every_arm_of_its_fraction_and_on_no_other(state: State) -> None:
    protocol, plan = state.protocol, confirmation_plan(state)
    seeds = confirm_seeds(state.protocol_hash, state.nonce, protocol.seeds_per_arm)
    size = len(protocol.contrasts[0].points)
    places = {config_hash(arm): k // size for k, arm in enumerate(protocol.arms)}
    runs = [(p.node.config, s) for p in plan for s in p.seeds]
    assert max(len(p.seeds) for p in plan) <= BATCH
    shared = [(places[config_hash(c)], s) for c, s in runs if c != protocol.base]
    assert set(shared) == {(i % 8, s) for i, s in enumerate(seeds)}
    assert [s for c, s in runs if c == protocol.base] == list(seeds)  # the base runs on all of them
    own = len(protocol.share_of(protocol.base, seeds))
    assert len(runs) == protocol.runs == size * len(seeds) + len(seeds) - own


def test_the_audit_counts_planned_runs_and_finds_a_seed_on_a_fraction_that_is_another_s(state: State) -> None:
    assert audited(state) == ((), f"all {state.protocol.runs} registered runs have an outcome")
    first = next(t for t in state.trials_in("confirm") if state.nodes[t.node].config != state.protocol.base)
    seeds = confirm_seeds(state.protocol_hash, state.nonce, state.protocol.seeds_per_arm)
    strayed = structs.replace(first, seeds=(seeds[1],))  # the second fraction's
    faults_, _ = audited(structs.replace(state, trials=state.trials | {first.id: strayed}))
    assert any("which is another fraction's" in f for f in faults_)
    assert any("has no outcome" in f for f in faults_)


def test_claims_over_different_designs_are_refused(state: State) -> None:
    protocol, view = state.protocol, structs.replace(state, nonce="")
    assert faults(protocol, state.domain, view) == []
    other = structs.replace(protocol.contrasts[1], turned=protocol.contrasts[1].turned[::-1])
    for contrasts in (
        (protocol.contrasts[0], other),
        (structs.replace(protocol.contrasts[0], turned=((), ())),),
    ):
        bad = structs.replace(protocol, contrasts=(*contrasts, *protocol.contrasts[2:]))
        assert any("different designs in fractions" in f for f in faults(bad, state.domain, view))


def test_the_sides_of_a_claim_differ_by_its_estimate(state: State) -> None:
    known, arms = catalogue(state), arms_confirmed(state, state.domain.primary)
    for contrast in state.protocol.contrasts:
        before, after = sides(arms, state, contrast)
        assert before.values.keys() == after.values.keys() == set(range(state.protocol.seeds_per_arm))
        means = [sum(side.values.values()) / len(side.values) for side in (before, after)]
        assert means[1] - means[0] == pytest.approx(state.decisions[contrast.id].estimate)
        cited = [known.one(kind=k, claim=contrast.id, metric=state.domain.primary.name)
                 for k in ("mean_before", "mean_after")]  # fmt: skip
        assert [s.value for s in cited] == means and all(s.n == len(before.values) for s in cited)


def test_nothing_of_an_unfinished_confirmation_is_shown(state: State) -> None:
    last = state.trials_in("confirm")[-1]
    open_ = structs.replace(state, trials=state.trials | {last.id: structs.replace(last, status="running")})
    arms = arms_confirmed(open_, state.domain.primary)
    for side in sides(arms, open_, state.protocol.contrasts[0]):
        assert side.values == {}


def test_figures_show_sides_in_place_of_arms(state: State) -> None:
    seeds = seeds_data(state)
    assert seeds["averaged"] and len(seeds["arms"]) == 2 * len(state.protocol.contrasts)
    told = farthest(state)
    sizes = {c: abs(state.decisions[c].estimate) for c in state.decisions}
    assert sizes[told.id] == max(sizes.values())
    means = [row["mean"] for row in seeds["arms"]]
    place = 2 * state.protocol.contrasts.index(told)
    assert means[place + 1] - means[place] == pytest.approx(state.decisions[told.id].estimate)
    groups, left_out = _groups(state, "confirm", None)
    assert [len(arms) for _, arms in groups] == [64, 64] and left_out == 0


def test_of_a_side_some_runs_are_drawn_evenly_from_all_its_arms(state: State) -> None:
    (_, arms), _ = _groups(state, "confirm", None)[0]
    found = {config_hash(arm): {k: str(k)} for k, arm in enumerate(arms)}
    drawn = _of_group(found, arms, lambda sha: f"x,y\n0,{sha}\n1,{sha}\n".encode())
    assert len(drawn) == RUNS and [c["seed"] for c in drawn] == [k * 64 // RUNS for k in range(RUNS)]
