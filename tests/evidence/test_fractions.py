"""Designs whose seeds take turns at fractions: what cancels, what a table of them holds, what is refused."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from novum.evidence import factorial
from novum.evidence.analysis import WITHIN, Analysis, T
from novum.evidence.claims import decide
from novum.evidence.contrasts import arms, arms_of_seed, family_arms, rows_of, weight_norm, weights_of
from novum.evidence.estimators import Unanswerable
from novum.evidence.factorial import fractions, two_level
from novum.evidence.samples import Arm, config_hash, gather, merged
from novum.evidence.sides import mean_of
from novum.records import Config, Contrast, Decision, Domain, Factor, Measurement, Protocol
from novum.scientists.systematic.together import design_over, fractions_over
from novum.testing.policies import domain_of
from tests.evidence import world

NAMES = "abcdefgh"
SWITCHES = tuple(Factor(name=n, kind="categorical", levels=("off", "on"), baseline="off") for n in NAMES)
DOMAIN: Domain = structs.replace(
    domain_of(*SWITCHES), metrics=(structs.replace(world.DOMAIN.metric("score"), primary=True),)
)
LEVELS = dict.fromkeys(NAMES, "on")
POINTS, TURNED = design_over(LEVELS, DOMAIN.baseline), fractions_over(NAMES)
COUNTS = {1: 1, 2: 1, 3: 1, 4: 2, 5: 1, 6: 4, 7: 8, 8: 8}


def average(name: str, **changes: object) -> Contrast:
    known = Contrast(
        id=name, text="", metric="score", a={name: "off"}, b={name: "on"}, estimand="mean_diff",
        direction="greater", margin=0.1, test="t", points=POINTS, turned=TURNED,
    )  # fmt: skip
    return structs.replace(known, **changes)


def signs(count: int) -> list[list[tuple[int, ...]]]:
    """Rows of each fraction."""
    rows = two_level(count)
    return [[tuple(-s if k in t else s for k, s in enumerate(r)) for r in rows] for t in fractions(count)]


# --- the fractions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "expected"), COUNTS.items())
def test_main_effects_are_clear_of_what_fewer_than_four_others_do_jointly(count: int, expected: int) -> None:
    found = signs(count)
    every = [row for rows in found for row in rows]
    assert len(found) == expected and len(set(every)) == len(every)
    columns = list(zip(*every, strict=True))
    for size in range(1, 5):
        for some in itertools.combinations(columns, size):
            assert sum(math.prod(values) for values in zip(*some, strict=True)) == 0


@pytest.mark.parametrize("count", COUNTS)
def test_each_fraction_alone_is_balanced_and_clear_of_pairs(count: int) -> None:
    for rows in signs(count):
        columns = list(zip(*rows, strict=True))
        for size in (1, 2, 3):
            for some in itertools.combinations(columns, size):
                assert sum(math.prod(values) for values in zip(*some, strict=True)) == 0


def test_one_fraction_alone_lends_a_joint_effect_of_three_to_a_fourth() -> None:
    """Which is what the others are for."""
    columns = list(zip(*two_level(8), strict=True))
    lent = [w for w in itertools.combinations(range(8), 4)
            if abs(sum(math.prod(v) for v in zip(*(columns[k] for k in w), strict=True))) == 16]  # fmt: skip
    assert len(lent) == 14  # so that each of the 56 trios feigns an effect of one factor


def test_neighbouring_fractions_turn_complementary_sets() -> None:
    for one, other in (
        itertools.batched(fractions(8), 2)
        if hasattr(itertools, "batched")
        else zip(fractions(8)[::2], fractions(8)[1::2], strict=True)
    ):
        assert set(one) | set(other) == {4, 5, 6, 7} and not set(one) & set(other)


def test_turning_swaps_the_levels_of_the_named_factors_and_twice_is_nothing() -> None:
    once = factorial.turned(POINTS, ("e", "f"))
    assert all(
        p["e"] != q["e"] and p["f"] != q["f"] and p["a"] == q["a"] for p, q in zip(POINTS, once, strict=True)
    )
    assert factorial.turned(once, ("e", "f")) == POINTS


# --- contrasts over them ------------------------------------------------------------------------------


def test_all_arms_weigh_alike_and_a_seed_runs_one_fraction_of_them() -> None:
    contrast = average("h")
    weights = weights_of(contrast, DOMAIN)
    assert len(arms(contrast, DOMAIN.baseline)) == 128 == len(weights)
    assert sum(weights) == pytest.approx(0) and sum(w for w in weights if w > 0) == pytest.approx(1)
    assert arms_of_seed([contrast], DOMAIN.baseline) == 16
    assert weight_norm(contrast, DOMAIN) == pytest.approx(weight_norm(average("h", turned=()), DOMAIN))


@pytest.mark.parametrize("name", NAMES)
def test_rows_have_one_arm_of_every_fraction_all_on_one_side(name: str) -> None:
    contrast = average(name)
    weights, rows = rows_of(contrast, DOMAIN, DOMAIN.baseline)
    assert len(rows) == 16 and all(len(row) == 8 for row in rows)
    for weight, row in zip(weights, rows, strict=True):
        assert {arm[name] for arm in row} == {"on" if weight > 0 else "off"}
    assert {config_hash(arm) for row in rows for arm in row} == {
        config_hash(arm) for arm in arms(contrast, DOMAIN.baseline)
    }


@given(st.integers(2, 5), st.integers(0, 11))
def test_merging_puts_every_seed_at_its_place(parts: int, planned: int) -> None:
    metric, seeds = DOMAIN.metrics[0], range(100, 100 + planned)
    configs = [DOMAIN.baseline | {"a": f"level {k}"} for k in range(parts)]
    found = [world.measured(configs[i % parts], metric.name, seed, float(i)) for i, seed in enumerate(seeds)]
    arms_ = [gather(c, metric, seeds[k::parts], found) for k, c in enumerate(configs)]
    whole: Arm = merged(arms_, planned)
    assert whole.values == {i: float(i) for i in range(planned)} and not whole.absent
    assert whole.planned == planned and len(whole.ids) == planned


# --- verdicts -----------------------------------------------------------------------------------------

SEEDS = tuple(range(500, 524))


def respond(arm: Config) -> float:
    """b, c and d act jointly, beyond any pair of them; a adds two, and nothing else does anything."""
    sign = {n: 1 if arm[n] == "on" else -1 for n in NAMES}
    return 2.0 * (sign["a"] > 0) + 1.5 * sign["b"] * sign["c"] * sign["d"]


def decided(
    turned: tuple[tuple[str, ...], ...], lost: int = 0, artefacts: int = 0, seeds: tuple[int, ...] = SEEDS
) -> dict[str, tuple[float, str]]:
    """Estimate and verdict by factor; `artefacts`: how many different ones a program makes of all seeds."""
    return {d.claim: (d.estimate, d.verdict) for d in decisions(turned, lost, artefacts, seeds)}


def decisions(
    turned: tuple[tuple[str, ...], ...], lost: int, artefacts: int, seeds: tuple[int, ...], test: str = "t"
) -> list[Decision]:
    contrasts = tuple(average(n, turned=turned, test=test) for n in NAMES)
    protocol: Protocol = world.protocol(*contrasts, seeds=len(seeds), base=DOMAIN.baseline)
    protocol = structs.replace(protocol, arms=family_arms(contrasts, DOMAIN.baseline),
                               evaluator_hash=DOMAIN.evaluator_hash)  # fmt: skip
    noise = random.Random(1)

    def measured(arm: Config, seed: int) -> Measurement:
        named = config_hash(arm) + str(seed % artefacts) if artefacts else None
        found = world.measured(arm, "score", seed, respond(arm) + noise.gauss(0, 0.3), artefact=named)
        return structs.replace(found, evaluator_hash=DOMAIN.evaluator_hash)

    found = [measured(arm, seed) for arm in protocol.arms for seed in protocol.seeds_of(arm, seeds)]
    return decide(protocol, found[lost:], seeds, DOMAIN)


def test_a_joint_effect_feigns_none_over_the_fractions_and_did_over_one() -> None:
    one, every = decided(()), decided(TURNED)
    feigned = [n for n in "efgh" if abs(one[n][0]) > 2.5]
    assert len(feigned) == 1  # of the size of the joint effect, though the factor does nothing
    assert all(abs(every[n][0]) < 0.2 and every[n][1] != "supported" for n in "efgh")
    assert every["a"] == (pytest.approx(2.0, abs=0.2), "supported")


@pytest.mark.parametrize("count", [22, 24])
def test_within_fractions_a_joint_effect_is_neither_in_the_estimate_nor_in_its_error(count: int) -> None:
    """Also where fractions have unequal numbers of seeds. One sample of all has it in the error."""
    seeds = tuple(range(500, 500 + count))
    reach = {
        test: {
            d.claim: (d.high - d.low) / 2 if d.low is not None and d.high is not None else math.inf
            for d in decisions(TURNED, 0, 0, seeds, test)
        }
        for test in (T, WITHIN)
    }
    within = {d.claim: d for d in decisions(TURNED, 0, 0, seeds, WITHIN)}
    assert all(r < 0.15 for r in reach[WITHIN].values()) and max(reach[T].values()) > 1.0
    assert all(abs(within[n].estimate or 0.0) < 0.15 for n in "efgh")
    assert within["a"].verdict == "supported" and within["e"].method == "t, by seed, within fractions"
    assert all(d.agrees for d in within.values())


def test_without_a_whole_fraction_nothing_is_said() -> None:
    weights, rows = rows_of(average("h"), DOMAIN, DOMAIN.baseline)
    table = np.random.default_rng(3).normal(size=(len(rows), 24))
    test = Analysis(average("h", test=WITHIN), weights, True, None, draws=100, seed=1)
    assert test.infer(table).n == 24
    for row, place in enumerate((2, 10, 18)):  # all of fraction 2, each for another arm's sake
        table[row, place] = math.nan
    with pytest.raises(Unanswerable, match="a fraction of the design has no seed"):
        test.infer(table)


def test_sides_differ_by_the_estimate_where_fractions_have_unequal_numbers_of_seeds() -> None:
    contrast = average("h", turned=TURNED, test=WITHIN)
    places = range(22)
    jump = [3.0 if k % 8 in (0, 3) else -3.0 for k in places]
    before = Arm(config={}, planned=22, values=dict.fromkeys(places, 1.0), events={}, failed=(), undefined=(),
                 duplicate=(), absent=(), early=(), ids=())  # fmt: skip
    after = structs.replace(before, values={k: 1.0 + jump[k] for k in places})
    found = (mean_of(after, contrast) or 0.0) - (mean_of(before, contrast) or 0.0)
    assert found == pytest.approx(sum(jump[:8]) / 8) != pytest.approx(sum(jump) / 22)
    assert mean_of(structs.replace(before, values={}), contrast) is None


def test_before_all_arms_of_all_fractions_have_run_nothing_is_said() -> None:
    assert {verdict for _, verdict in decided(TURNED, lost=1).values()} == {"inconclusive"}
    assert all(estimate is None for estimate, _ in decided(TURNED, lost=1).values())


def test_few_artefacts_under_few_seeds_show_at_the_base() -> None:
    """No other arm has two seeds under which a program that knows four inputs makes the same."""
    seeds = tuple(range(500, 508))
    assert decided(TURNED, seeds=seeds)["a"][1] == "supported"
    for decision in decisions(TURNED, 0, 4, seeds):
        assert decision.verdict == "inconclusive" and "count as one" in decision.reason
        assert decision.n["duplicates"] == 4 and decision.n["arms"] == 16


def test_seeds_are_shared_out_by_turns() -> None:
    contrasts = (average("a"),)
    protocol = structs.replace(world.protocol(*contrasts, seeds=9), arms=arms(contrasts[0], {}))
    shares = [protocol.seeds_of(arm, range(9)) for arm in protocol.arms]
    assert protocol.runs == 9 * 16 == sum(map(len, shares))
    assert set(shares[:16]) == {(0, 8)} and set(shares[-16:]) == {(7,)}
