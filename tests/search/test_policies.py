"""Every policy of the registry keeps to what a policy may do; `adaptive` does what it is for."""

import random
import time

import pytest
from msgspec import structs

from novum.errors import UserError
from novum.evidence.design import design
from novum.evidence.effects import ResponseModel, explored
from novum.records import Node, Proposal
from novum.search import POLICIES, make_policy
from novum.search.informed import most_informative
from novum.search.questions import lead_contrasts, main_contrasts
from novum.testing.policies import BUDGET, FACTORS, METRIC, check_policy, domain_of, explore, respond

DOMAIN = domain_of(*FACTORS)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_policy_keeps_the_rules(name: str) -> None:
    check_policy(POLICIES[name])


class Broken:
    """A policy that can break one rule at a time."""

    name = "broken"

    def __init__(self, domain, budget, seed, *, rule):
        self.domain, self.rule, self.calls = domain, rule, 0
        self.points = design(domain.factors, 14, seed)

    def propose(self, state, rng):
        self.calls += 1
        done = len(state.trials)
        if done >= 14 and self.rule != "endless":
            return []
        config = dict(self.points[min(done, len(self.points) - 1)])
        workspace = self.domain.workspace()
        if self.rule == "outside":
            config["size"] = 1e9
        if self.rule == "edit":
            workspace = workspace | {"main.py": "0" * 64}
        if self.rule == "impure":
            config = dict(self.points[self.calls % len(self.points)])
        if self.rule == "touch":
            state.chosen = "mine"
        node = Node.make("tune", "main", workspace, config)
        return [Proposal(node=node, seeds=2, phase="confirm" if self.rule == "peek" else "explore")]


@pytest.mark.parametrize("rule", ["endless", "outside", "edit", "impure", "touch", "peek"])
def test_the_suite_catches_a_policy_that_breaks_a_rule(rule: str) -> None:
    with pytest.raises(AssertionError):
        check_policy(lambda *args: Broken(*args, rule=rule))


def test_an_honest_policy_passes_the_suite() -> None:
    check_policy(lambda *args: Broken(*args, rule=""))


def test_an_unknown_policy_is_named() -> None:
    with pytest.raises(UserError, match="no search policy 'greedy'"):
        make_policy("greedy", DOMAIN, BUDGET, 1)


def test_the_design_does_not_look_at_results() -> None:
    seen = [
        [n.config for n in explore(POLICIES["design"](DOMAIN, BUDGET, 3), DOMAIN, answer).nodes.values()]
        for answer in (respond, lambda config, seed: 0.0)
    ]
    assert seen[0] == seen[1]


def test_the_adaptive_policy_looks_at_results_after_half_of_its_budget() -> None:
    seen = [
        [n.config for n in explore(POLICIES["adaptive"](DOMAIN, BUDGET, 3), DOMAIN, answer).nodes.values()]
        for answer in (respond, lambda config, seed: random.Random(seed).gauss(0, 1))
    ]
    half = BUDGET.explore_trials // 2
    assert seen[0][:half] == seen[1][:half] and seen[0][half:] != seen[1][half:]


def test_pending_trials_keep_workers_from_crowding_on_one_point() -> None:
    policy = POLICIES["adaptive"](DOMAIN, structs.replace(BUDGET, explore_trials=10), 3)
    state = explore(policy, DOMAIN, respond)
    configs = [state.nodes[t.node].config for t in state.trials_in("explore")]
    data = explored(METRIC, configs, state.measurements_of("y", "explore"))
    pending, ranked = [], main_contrasts(DOMAIN)
    for _ in range(4):
        point = most_informative(DOMAIN, data, pending, ranked, [], random.Random(5))
        assert point is not None and point not in pending
        pending.append(point)


def test_the_chosen_point_shrinks_what_is_open_more_than_most() -> None:
    state = explore(POLICIES["design"](DOMAIN, structs.replace(BUDGET, explore_trials=6), 3), DOMAIN, respond)
    configs = [state.nodes[t.node].config for t in state.trials_in("explore")]
    data = explored(METRIC, configs, state.measurements_of("y", "explore"))
    lead = lead_contrasts(DOMAIN, "interaction", ("kind", "fast"))
    point = most_informative(DOMAIN, data, [], [], lead, random.Random(5))
    assert point is not None  # what tells on a joint effect is away from the baseline in its factors
    assert point["kind"] != "plain" or point["fast"] is not False
    before = ResponseModel(DOMAIN, data, 1).predict([point]).var()
    assert before > 0


def test_nothing_is_learnt_from_too_little() -> None:
    few = explored(METRIC, [], [])
    assert most_informative(DOMAIN, few, [], main_contrasts(DOMAIN), [], random.Random(1)) is None


def test_a_proposal_is_quick() -> None:
    """At most a tenth of a CPU second; the least of three, so that a busy machine does not fail it."""
    state = explore(POLICIES["adaptive"](DOMAIN, BUDGET, 3), DOMAIN, respond)
    spent = []
    policy = POLICIES["adaptive"](DOMAIN, structs.replace(BUDGET, explore_trials=20), 3)
    for k in range(3):
        began = time.process_time()
        assert policy.propose(state, random.Random(k))
        spent.append(time.process_time() - began)
    assert min(spent) <= 0.1
