"""Two-level designs, and contrasts that are averaged over one."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from novum.evidence.contrasts import arms, averaged, family_arms, question_kind, weight_norm, weights_of
from novum.evidence.factorial import MOST, size_of, two_level
from novum.records import Contrast, question_key
from novum.scientists.systematic.together import design_over
from novum.testing.policies import FACTORS, domain_of

DOMAIN = domain_of(*FACTORS)
CHANGED = {f.name: next(v for v in f.levels or f.range if v != f.baseline) for f in FACTORS}
POINTS = design_over(CHANGED, DOMAIN.baseline)
NAME = FACTORS[0].name
AVERAGE = Contrast(
    id="c", text="", metric="y", a={NAME: DOMAIN.baseline[NAME]}, b={NAME: CHANGED[NAME]},
    estimand="mean_diff", direction="greater", margin=0.1, test="t", points=POINTS,
)  # fmt: skip


@given(st.integers(1, MOST))
def test_columns_are_balanced_orthogonal_and_clear_of_interactions(count: int) -> None:
    """Resolution IV: no product of up to three columns is constant, save a column with itself."""
    rows = two_level(count)
    assert len(rows) == size_of(count) == len(set(rows)) and set(rows[0]) == {-1}
    columns = list(zip(*rows, strict=True))
    assert all(sum(c) == 0 for c in columns)
    for size in (2, 3):
        for some in itertools.combinations(columns, size):
            assert sum(_product(values) for values in zip(*some, strict=True)) == 0


def _product(values: tuple[int, ...]) -> int:
    found = 1
    for value in values:
        found *= value
    return found


def test_five_factors_are_clear_of_interactions_of_pairs_among_each_other() -> None:
    """Resolution V: interactions of two factors are not aliased with each other either."""
    columns = list(zip(*two_level(5), strict=True))
    for some in itertools.combinations(columns, 4):
        assert sum(_product(values) for values in zip(*some, strict=True)) == 0


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_sizes_out_of_reach_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 16 factors"):
        two_level(count)


def test_a_design_starts_at_the_base_and_moves_every_factor_in_half_of_its_points() -> None:
    assert POINTS[0] == DOMAIN.baseline
    for name, level in CHANGED.items():
        assert sum(point[name] == level for point in POINTS) == len(POINTS) / 2


def test_an_average_takes_all_points_and_weighs_its_sides_equally() -> None:
    weights = weights_of(AVERAGE, DOMAIN)
    assert arms(AVERAGE, DOMAIN.baseline) == POINTS == family_arms([AVERAGE], DOMAIN.baseline)
    assert sum(weights) == pytest.approx(0) and sum(w for w in weights if w > 0) == pytest.approx(1)
    assert weight_norm(AVERAGE, DOMAIN) == pytest.approx(2 / len(POINTS) ** 0.5)
    assert set(averaged(AVERAGE)) == set(CHANGED) - {NAME}


def test_an_average_is_the_effect_where_factors_do_not_act_together() -> None:
    """And with an interaction it is the mean of the effect over the other factor's levels."""
    other = FACTORS[1].name

    def response(point, joint):
        up = point[NAME] == CHANGED[NAME]
        return 2.0 * up + 5.0 * (point[other] == CHANGED[other]) * (1 + joint * up)

    weights = weights_of(AVERAGE, DOMAIN)
    alone, joint = (sum(w * response(p, j) for w, p in zip(weights, POINTS, strict=True)) for j in (0, 1))
    assert alone == pytest.approx(2.0) and joint == pytest.approx(2.0 + 5.0 / 2)


def test_an_average_asks_the_question_of_its_factor() -> None:
    """It draws on the same account of alpha as the effect at the baseline."""
    assert question_kind(AVERAGE) == "main_effect" and AVERAGE.factors == (NAME,)
    around = structs.replace(AVERAGE, points=())
    assert question_key("d", "y", around.factors) == question_key("d", "y", AVERAGE.factors)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"points": POINTS[:1]}, "some each"),
        ({"estimand": "ratio"}, "difference of means"),
        ({"b": {NAME: "elsewhere"}}, "either a or b"),
    ],
)
def test_what_is_no_design_for_a_contrast_is_refused(change, words) -> None:
    with pytest.raises(ValueError, match=words):
        weights_of(structs.replace(AVERAGE, **change), DOMAIN)
