"""Which trials run: exploration's fresh seeds, selection's hidden ones, confirmation's registered ones."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.steps.confirm import BATCH, confirmation_plan
from novum.steps.explore import FixedPlan
from novum.steps.seeds import commitment, confirm_seeds, data_salt, phase_seed
from novum.steps.select import CANDIDATES, champion, rank_nodes, selection_plan
from novum.testing.studies import make_study

MADE = make_study("supported")


@given(st.integers(0, 2**48), st.integers(0, 2**48), st.integers(0, 500))
def test_pools_of_phases_and_studies_are_apart(one: int, other: int, index: int) -> None:
    assert phase_seed(one, "explore", index) != phase_seed(one, "select", index)
    assert (phase_seed(one, "explore", index) == phase_seed(other, "explore", index)) == (one == other)
    assert 0 <= phase_seed(one, "select", index) < 2**48


def test_nobody_gets_a_confirmation_seed_without_protocol_and_nonce() -> None:
    with pytest.raises(ValueError, match="come from the protocol"):
        phase_seed(1, "confirm", 0)
    with pytest.raises(ValueError, match="revealed nonce"):
        data_salt(1, "confirm")
    seeds = confirm_seeds("p" * 64, "n" * 64, 50)
    assert len(set(seeds)) == 50
    assert not set(seeds) & set(confirm_seeds("q" * 64, "n" * 64, 50))
    assert not set(seeds) & set(confirm_seeds("p" * 64, "m" * 64, 50))
    assert commitment("n" * 64) != commitment("m" * 64)


def test_salts_differ_between_phases_and_studies() -> None:
    salts = {
        data_salt(1, "explore"),
        data_salt(1, "select"),
        data_salt(1, "confirm", "n"),
        data_salt(2, "explore"),
    }
    assert len(salts) == 4


def test_the_confirmation_is_every_arm_on_every_seed_in_batches() -> None:
    plan = confirmation_plan(MADE.state)
    protocol = MADE.state.protocol
    runs = [(str(p.node.config), s) for p in plan for s in p.seeds]
    assert len(runs) == len(set(runs)) == len(protocol.arms) * protocol.seeds_per_arm
    assert max(len(p.seeds) for p in plan) <= BATCH
    assert {p.phase for p in plan} == {"confirm"}


def test_a_plan_skips_what_the_state_holds_whatever_the_order() -> None:
    plan = confirmation_plan(MADE.state)
    shuffled = random.Random(1).sample(plan, len(plan))
    assert FixedPlan(shuffled).next(MADE.state) == (None, [])
    fresh = make_study("supported", until="register").state
    assert FixedPlan(plan).next(fresh)[0] == plan[0]


def test_selection_takes_the_best_explored_and_crowns_the_best_hidden() -> None:
    state = MADE.state
    metric = state.domain.primary
    ranked = rank_nodes(state, state.measurements_of(metric.name, "explore"))
    plan = selection_plan(state, 3)
    assert [p.node.id for p in plan] == ranked[:CANDIDATES]
    assert len({p.seeds for p in plan}) == 1
    hidden = rank_nodes(state, state.measurements_of(metric.name, "select"))
    assert (champion(state).id if hidden else None) == (hidden[0] if hidden else None)
    assert selection_plan(state, 0) == []
