"""Models chosen by what their versions gained for their cost: pure, all tried, less regret than chance."""

import random
import statistics
from math import inf

import pytest
from msgspec import structs

from novum.records import Choice, Commission, Settings
from novum.search.programs import arms, make_program_policy
from novum.search.programs.arms import Pull, arms_of, choice_of, gain_of, odds, pulls_of
from novum.search.programs.history import Candidate, history_of
from novum.state import Attempt, ModelCall, State, copy_state
from novum.steps.build import assigned
from novum.testing.programs import BUDGET, World, play, programs_domain

THREE = ("openai:a", "openai:b", "openai:c")


def pull(model: str, gain: float, usd: float | None = 0.01) -> Pull:
    return Pull(model=model, gain=gain, usd=usd)


def explored(**changes: object) -> State:
    """A search whose every commission was written by one of three models, in turn."""
    domain = structs.replace(programs_domain(), budgets={"default": BUDGET})
    state = play(make_program_policy("greedy", domain, BUDGET), domain, BUDGET, World())
    state.settings = Settings(domain="made", scientist="language", model=THREE[0], model_choice="bandit",
                              model_fallback=", ".join(THREE[1:]))  # fmt: skip
    for c in state.commissions.values():
        tried = {0: Attempt(model=THREE[c.index % 3], usd=0.01)}
        state.model_calls[c.id] = ModelCall(key=c.id, role="code", step="explore", node=c.id, answer="blob",
                                            model="x", attempts=1, tried=tried)  # fmt: skip
        state.choices[c.id] = Choice(models=THREE, odds={})
    return structs.replace(state, **changes)


def next_one(state: State, operator: str = "improve") -> Commission:
    root = next(iter(state.nodes))
    return Commission.make(len(state.commissions), operator, (root,))  # type: ignore[arg-type]


# --- what is chosen -----------------------------------------------------------------------------------


def test_the_same_record_gives_the_same_choice_and_is_left_as_it_was() -> None:
    state = explored()
    before = copy_state(state)
    found = [assigned(state, next_one(state)) for _ in range(3)]
    assert found[0] is not None and found[0] == found[1] == found[2] == assigned(before, next_one(before))
    assert state == before
    assert sorted(found[0].models) == sorted(THREE) and sum(found[0].odds.values()) == pytest.approx(1)
    assert found[0].odds[found[0].models[0]] > 0 and found[0].priced


def test_nobody_is_chosen_unless_it_was_asked_for_and_there_is_a_choice() -> None:
    state = explored()
    settings = state.settings
    assert settings is not None
    assert assigned(state, next_one(state, "tune")) is None
    state.settings = structs.replace(settings, model_choice="order")
    assert assigned(state, next_one(state)) is None
    state.settings = structs.replace(settings, model_fallback="")
    assert assigned(state, next_one(state)) is None


def test_each_model_is_asked_once_before_any_is_preferred() -> None:
    pulls, begun = [pull(THREE[0], 5.0)], []
    first = choice_of(THREE, pulls, begun, random.Random(1))
    assert first.models[0] == THREE[1] and first.odds == {THREE[0]: 0.0, THREE[1]: 1.0, THREE[2]: 0.0}
    assert first.models == (THREE[1], THREE[0], THREE[2])
    under_way = choice_of(THREE, pulls, [THREE[1]], random.Random(1))
    assert under_way.models[0] == THREE[2]


@pytest.mark.parametrize("pulls", [[], [pull(n, 0.0) for n in THREE for _ in range(20)]], ids=["no", "all"])
def test_where_all_fail_or_none_has_ended_nobody_is_given_up(pulls: list[Pull]) -> None:
    chances = odds(arms_of(THREE, pulls), random.Random(3))
    assert all(0.2 < chances[name] < 0.5 for name in THREE)


def test_failures_cost_and_earn_nothing() -> None:
    pulls = [pull(THREE[0], 1.0), pull(THREE[0], 2.0)] * 5 + [pull(THREE[1], 0.0)] * 10
    good, bad, fresh = arms_of(THREE, pulls)
    assert (good.pulls, good.reward) == (10, pytest.approx(7.5)) and (bad.pulls, bad.reward) == (10, 0.0)
    assert [arm.cost for arm in (good, bad, fresh)] == pytest.approx([2.0] * 3)
    assert odds([good, bad], random.Random(1))[THREE[0]] > 0.95


def test_units_of_the_score_and_the_size_of_a_leap_do_not_matter() -> None:
    small = [pull("a", 1e-9), pull("b", 2e-9), pull("a", 0.0), pull("b", 3e-9)]
    large = [structs.replace(p, gain=p.gain * 1e20 if p.gain < 3e-9 else inf) for p in small]
    assert arms_of(("a", "b"), small) == arms_of(("a", "b"), large)


def test_the_dearer_of_two_equals_is_asked_less_and_without_a_price_both_are_alike() -> None:
    both = [(name, gain) for name in "ab" for gain in (1.0, 0.0) * 15]
    priced = [pull(name, gain, 0.001 if name == "a" else 0.1) for name, gain in both]
    assert odds(arms_of("ab", priced), random.Random(1))["a"] > 0.95
    half = [structs.replace(p, usd=None if i == 3 else p.usd) for i, p in enumerate(priced)]
    assert {arm.cost for arm in arms_of("ab", half)} == {1.0}
    assert 0.4 < odds(arms_of("ab", half), random.Random(1))["a"] < 0.6
    assert choice_of("ab", priced, (), random.Random(1)).priced
    assert not choice_of("ab", half, (), random.Random(1)).priced
    free = [structs.replace(p, usd=0.0) for p in priced]
    assert {arm.cost for arm in arms_of("ab", free)} == {1.0}


def test_a_model_that_gives_no_answer_is_not_cheap_for_that() -> None:
    silent = [structs.replace(pull("a", 0.0, 0.0), answered=False)] * 10
    answering = [pull("b", 0.0, 0.02)] * 10
    assert [arm.cost for arm in arms_of("ab", [*silent, *answering])] == pytest.approx([2.0, 2.0])
    billed = [structs.replace(p, usd=0.04) for p in silent]
    assert [arm.cost for arm in arms_of("ab", [*billed, *answering])] == pytest.approx([3.0, 2.0], abs=0.1)


# --- what is read -------------------------------------------------------------------------------------


def test_pulls_are_those_of_ended_commissions_and_gains_those_over_what_works() -> None:
    state = explored()
    assert state.domain is not None
    history = history_of(state, state.domain, 24)
    pulls = pulls_of(state, history)
    assert len(pulls) == len(state.made) + len(state.abandoned)
    assert any(p.gain > 0 for p in pulls) and any(p.gain == 0 for p in pulls)
    trial = next(t for t in state.trials.values() if t.node == next(iter(state.made.values())))
    trial.status = "running"
    state.measurements = {k: m for k, m in state.measurements.items() if m.trial != trial.id}
    assert len(pulls_of(state, history_of(state, state.domain, 24))) == len(pulls) - 1


def test_a_mended_version_is_held_against_what_its_line_began_with() -> None:
    def candidate(name: str, parent: str, score: float | None) -> Candidate:
        return Candidate(id=name, index=0, parents=(parent,) if parent else (), operator="debug", label="",
                         status="failed" if score is None else "good", score=score or 0.0)  # fmt: skip

    state = explored()
    assert state.domain is not None
    history = history_of(state, state.domain, 24)
    line = [candidate("root", "", 1.0), candidate("bad", "root", None), candidate("mended", "bad", 1.5)]
    told = structs.replace(history, candidates=tuple(line), root="root")
    assert [gain_of(c, told) for c in line[1:]] == [0.0, pytest.approx(0.5)]
    broken = structs.replace(told, candidates=(candidate("root", "", None), *line[1:]))
    assert gain_of(line[2], broken) == inf and gain_of(line[1], broken) == 0.0


def test_who_failed_pays_and_who_answered_is_credited() -> None:
    state = explored()
    assert state.domain is not None
    name = next(iter(state.made))
    tried = {0: Attempt(model=THREE[0], usd=0.5), 1: Attempt(model=THREE[1], usd=0.25)}
    state.model_calls[name] = structs.replace(state.model_calls[name], tried=tried)
    history = history_of(state, state.domain, 24)
    gain = gain_of(history.by_id[state.made[name]], history)
    first, second = pulls_of(state, history)[:2]
    assert first == structs.replace(pull(THREE[0], 0.0, 0.5), answered=False)
    assert second == pull(THREE[1], gain, 0.25)
    silent = structs.replace(state.model_calls[name], answer="")
    state.model_calls[name] = silent
    assert [p.gain for p in pulls_of(state, history)[:2]] == [0.0, 0.0]
    state.model_calls[name] = structs.replace(silent, tried={0: Attempt(model=THREE[0], usd=None)})
    assert pulls_of(state, history)[0].usd is None


# --- regret -------------------------------------------------------------------------------------------

WORLDS = {  # chance of a gain, price in USD
    "one is better": {"a": (0.15, 0.01), "b": (0.5, 0.01), "c": (0.15, 0.01)},
    "one is cheaper": {"a": (0.3, 0.05), "b": (0.3, 0.002), "c": (0.3, 0.05)},
    "better and dearer": {"a": (0.6, 0.02), "b": (0.1, 0.01), "c": (0.1, 0.01)},
}


def gains(world: dict[str, tuple[float, float]], seed: int, bandit: bool) -> float:
    """Gains until the spending reaches that of sixty pulls of mean price, a trial costing as much as that."""
    rng, pulls, found = random.Random(f"{seed}"), [], 0
    mean = statistics.fmean(price for _, price in world.values())
    left = 120 * mean
    while left > 0:
        chosen = choice_of(list(world), pulls, (), rng).models[0] if bandit else rng.choice(list(world))
        chance, price = world[chosen]
        gained = rng.random() < chance
        pulls.append(pull(chosen, rng.random() if gained else 0.0, price))
        found, left = found + gained, left - mean - price
    return found


@pytest.mark.parametrize("name", WORLDS)
def test_regret_is_lower_than_that_of_chance_at_the_same_spending(name: str, monkeypatch) -> None:
    monkeypatch.setattr(arms, "DRAWS", 1)
    gained = [gains(WORLDS[name], seed, True) - gains(WORLDS[name], seed, False) for seed in range(60)]
    error = statistics.stdev(gained) / len(gained) ** 0.5
    assert statistics.fmean(gained) > 3 * error
