"""Pairs of factors of a design, looked at after the verdicts: what is told apart, and from which runs."""

import numpy as np
import pytest
from msgspec import structs

from novum.evidence import joint
from novum.evidence.analysis import T
from novum.evidence.catalogue import catalogue
from novum.evidence.derived.computed import COMPUTED
from novum.evidence.figures.pairs import draw_pairs, pairs_data
from novum.state import State
from tests.scientists.studies import Synthetic


@pytest.fixture(scope="module")
def turned() -> State:
    """A larger scale costs 400 updates with the one optimiser and spares 400 with the other."""
    return Synthetic("averaged, turned round").state


@pytest.fixture(scope="module")
def alone() -> State:
    return Synthetic("averaged, none jointly").state


def with_test(state: State, test: str) -> State:
    assert state.protocol is not None
    contrasts = tuple(structs.replace(c, test=test) for c in state.protocol.contrasts)
    return structs.replace(state, protocol=structs.replace(state.protocol, contrasts=contrasts))


def test_a_joint_effect_shows_as_effects_of_either_sign_at_the_levels_of_the_other_factor(turned):
    (first, *rest) = joint.pairs(turned)
    assert set(first.name.split()) == {"init_scale", "optimizer"} and first.distinct
    assert abs(first.difference.value) == pytest.approx(800, abs=150)
    assert first.difference.value == pytest.approx(first.after.value - first.before.value)
    assert sorted((first.before.value, first.after.value)) == pytest.approx([-400, 400], abs=150)
    assert joint.told(turned) == (first,) and not any(pair.distinct for pair in rest)


def test_factors_that_only_add_up_show_none(alone):
    found = joint.pairs(alone)
    assert len(found) == 6 and joint.told(alone) == ()
    sizes = [abs(pair.difference.value) for pair in found]
    assert sizes == sorted(sizes, reverse=True)


def test_effects_are_the_means_of_cells(turned):
    """Against the definition: means over the runs of all seeds, by the levels of two factors."""
    assert turned.protocol is not None
    (first, *_) = joint.pairs(turned)
    cells: dict[tuple[bool, bool], list[float]] = {}
    for m in turned.measurements.values():
        if m.phase == "confirm" and m.metric == turned.protocol.primary_metric:
            config = turned.nodes[turned.trials[m.trial].node].config
            own = turned.protocol.share_of(config, sorted_seeds(turned))
            if m.seed in own:
                value = m.value if m.value is not None else turned.protocol.horizon
                at = tuple(config.items() >= c.b.items() for c in (first.moved, first.context))
                cells.setdefault(at, []).append(value)  # type: ignore[arg-type]
    mean = {at: float(np.mean(values)) for at, values in cells.items()}
    assert {len(values) for values in cells.values()} == {16 * 8 // 4}
    assert first.before.value == pytest.approx(mean[True, False] - mean[False, False])
    assert first.after.value == pytest.approx(mean[True, True] - mean[False, True])


def sorted_seeds(state: State) -> tuple[int, ...]:
    """The confirmation's seeds in the order in which the base ran them."""
    assert state.protocol is not None
    base = state.protocol.base
    return tuple(s for t in state.trials_in("confirm") if state.nodes[t.node].config == base for s in t.seeds)


def test_nothing_is_said_where_the_design_does_not_keep_pairs_apart(turned):
    assert joint.pairs(with_test(turned, T)) == ()  # their aliases among pairs are then in the error alone
    assert joint.pairs(Synthetic("averaged").state) == ()  # a single fraction of four factors
    assert joint.pairs(Synthetic("supported").state) == ()  # arms around the baseline


def test_nothing_is_said_of_an_unfinished_confirmation(turned):
    trials = dict(turned.trials)
    last = turned.trials_in("confirm")[-1]
    trials[last.id] = structs.replace(last, status="running")
    assert joint.pairs(structs.replace(turned, trials=trials)) == ()


def test_the_level_is_shared_among_all_pairs(turned):
    found = joint.pairs(turned)
    assert turned.protocol is not None
    assert {pair.level for pair in found} == {1 - turned.protocol.alpha / 6}


def test_statistics_of_pairs_are_citable_and_explained(turned):
    found = [s for s in catalogue(turned).statistics.values() if s.kind.startswith("pair")]
    assert {s.kind for s in found} <= set(COMPUTED)
    values = {s.kind: s.value for s in found if s.name}
    (first,) = joint.told(turned)
    assert values["pair_difference"] == first.difference.value and values["pair_low"] == first.difference.low
    assert all(s.sources for s in found if s.name) and all(s.phase == "confirm" for s in found)


def test_the_figure_has_a_row_for_each_told_pair_with_both_levels_named(turned):
    data = pairs_data(turned)
    (row,) = data["rows"]
    words = " ".join([row["label"], *(effect["at"] for effect in row["effects"])])
    assert "adamw" in words and "sgd" in words and set(draw_pairs(data)) == {"svg", "pdf", "png"}
    assert draw_pairs(data) == draw_pairs(data)
