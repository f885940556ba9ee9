"""The verifier of hexagons is exact, forged certificates are found, and programs leave packings."""

import json
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum.domains import check_domain, find_domain
from novum.journal import FileBlobs
from tests.domains.laid import modules, score
from tests.domains.runner import Subprocesses

CONFIG = {"steps": 60.0, "patience": 5.0, "local_search": "linear", "move": "either", "start": "disc",
          "labels": "kept", "mirror": "plain", "symmetry": "free"}  # fmt: skip
ROOT = math.sqrt(3)


@pytest.fixture(scope="module")
def hexagons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    with modules("hexagons", tmp_path_factory.mktemp("hexagons")) as loaded:
        yield loaded


def certified(hexagons: SimpleNamespace, rows: list) -> tuple[Fraction, Fraction]:
    return tuple(hexagons.evaluator.certified([[Fraction(value) for value in row] for row in rows]))


def told(rows: list, side: tuple) -> dict:
    return {"hexagons": [[str(Fraction(v)) for v in row] for row in rows], "side": [str(v) for v in side]}


# --- numbers --------------------------------------------------------------------------------------------

PART = st.fractions(min_value=-50, max_value=50, max_denominator=40)


@settings(max_examples=200)
@given(PART, PART)
def test_signs_of_surds_are_right_in_both_programs(hexagons, a: Fraction, b: Fraction) -> None:
    value = hexagons.evaluator.Surd(a, b)
    near = a + b * Fraction(math.isqrt(3 * 10**80), 10**40)  # to 40 digits: enough for these denominators
    assert value.is_negative() == (near < 0 and (a, b) != (0, 0))
    assert hexagons.certificate.positive((a, b)) == (near > 0 and (a, b) != (0, 0))
    upward = hexagons.evaluator.upward(value)
    assert abs(upward - near) < Fraction(1, 10**35)
    assert not hexagons.evaluator.Surd(upward - a, -b).is_negative()


def test_the_best_approximations_of_the_root_are_told_apart(hexagons) -> None:
    """p/q just above and just below sqrt(3), from its continued fraction."""
    p, q = 1, 1
    for k in range(60):
        p, q = (2 * p + 3 * q, p + 2 * q) if k % 2 else (p + 3 * q, p + q)
        over = p * p > 3 * q * q
        assert hexagons.evaluator.Surd(Fraction(p), Fraction(-q)).is_negative() != over
        assert (hexagons.certificate.sign(p, -q) > 0) == over == (hexagons.certificate.sign(-p, q) < 0)


# --- packings -------------------------------------------------------------------------------------------


def test_known_packings(hexagons) -> None:
    """One fills its hull; two side by side reach 7/4 along a normal, twice that over the root of three."""
    assert certified(hexagons, [[0, 0, 0]]) == (1, 0)
    assert certified(hexagons, [[Fraction(3, 2), 0, 0], [Fraction(-3, 2), 0, 0]]) == (Fraction(5, 2), 0)
    turned = 2 - Fraction(math.isqrt(3 * 10**40), 10**20)  # about 30 degrees: their sides then touch at x = 0
    a, b = certified(hexagons, [[Fraction(13, 15), 0, turned], [Fraction(-13, 15), 0, turned]])
    assert float(a) + float(b) * ROOT == pytest.approx(3.5 / ROOT, abs=1e-3)


def test_a_corner_may_touch_and_not_by_the_least_more(hexagons) -> None:
    assert certified(hexagons, [[0, 0, 0], [2, 0, 0]])
    with pytest.raises(hexagons.exact.Invalid, match="hexagons 0 and 1 overlap"):
        certified(hexagons, [[0, 0, 0], [2 - Fraction(1, 2**200), 0, 0]])
    forged = told([[0, 0, 0], [2 - Fraction(1, 2**200), 0, 0]], (3, 0))
    assert hexagons.certificate.fault(forged) == "hexagons 0 and 1 overlap"


ROW = st.tuples(st.integers(-24, 24), st.integers(-24, 24), st.integers(-5, 5))


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=4))
def test_the_independent_program_agrees_with_the_verifier(hexagons, grid: list) -> None:
    rows = [[Fraction(x, 8), Fraction(y, 8), Fraction(t, 4)] for x, y, t in grid]
    try:
        side = certified(hexagons, rows)
    except hexagons.exact.Invalid:
        assert "overlap" in hexagons.certificate.fault(told(rows, (9, 0)))
        return
    assert hexagons.certificate.fault(told(rows, side)) == ""
    assert hexagons.certificate.fault(told(rows, (side[0] - Fraction(1, 10**40), side[1])))
    assert certified(hexagons, [[-x, -y, t] for x, y, t in rows]) == side, "half a turn of everything"


@settings(max_examples=40, deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-1, 1), st.floats(-1, 1))
def test_overlap_is_what_many_points_say(hexagons, x: float, y: float, one: float, two: float) -> None:
    """Points of the second hexagon, its boundary and inside, that lie deep inside the first."""
    pair = [[0.0, 0.0, one], [x, y, two]]
    angles = np.linspace(0, 2 * np.pi, 721)
    across = (ROOT / 2) / np.cos((angles % (np.pi / 3)) - np.pi / 6)
    scaled = np.concatenate([across * s for s in np.linspace(0, 1, 25)])
    angle = np.tile(angles, 25) + 2 * np.arctan(two)
    points = np.stack([x + scaled * np.cos(angle), y + scaled * np.sin(angle)])
    normals = 2 * np.arctan(one) + np.pi / 6 + np.pi / 3 * np.arange(6)
    inside = (np.stack([np.cos(normals), np.sin(normals)]).T @ points).max(axis=0) < ROOT / 2 - 1e-9
    try:
        certified(hexagons, pair)
    except hexagons.exact.Invalid:
        return
    assert not inside.any()


@pytest.mark.parametrize("rows", [
    np.zeros((10, 3)), np.full((11, 3), np.nan), np.zeros((11, 2)), np.zeros((11, 3), dtype=int),
    np.zeros((11, 3)), np.c_[10.0 * np.arange(11), np.zeros(11), np.full(11, 1e300)],
])  # fmt: skip
def test_what_is_no_packing_fails(hexagons, tmp_path: Path, monkeypatch, rows) -> None:
    monkeypatch.chdir(Path(hexagons.evaluator.__file__).parent)
    np.save(tmp_path / "hexagons.npy", rows)
    with pytest.raises(hexagons.exact.Invalid):
        hexagons.evaluator.judge(tmp_path)


def test_the_verifier_wins_over_the_program_s_own_report(hexagons, tmp_path: Path) -> None:
    left = {"hexagons": np.array([[0.0, 0, 0], [2, 0, 0]]), "claimed": np.array(1.0)}
    rows, file = score("hexagons", tmp_path, left, n=2)
    assert {name: value for name, (value, _) in rows.items()} == {
        "side": 3.0, "claimed_side": 1.0, "overclaim": 2.0}  # fmt: skip
    assert hexagons.certificate.fault(json.loads(file.read_text())) == ""


# --- the program ----------------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 5))
def test_slopes_are_those_of_the_values(hexagons, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    packing = hexagons.hexagons.Packing(n)
    z, by = hexagons.hexagons.start(n, "disc", rng), 1e-7 * rng.normal(size=3 * n)
    change = packing.values(z + by) - packing.values(z - by)
    steady = np.abs(change) < 1e-4  # where another side or corner takes over, there is a kink
    assert np.allclose(change[steady], (2 * packing.slopes(z) @ by)[steady], atol=1e-11)
    assert steady.mean() > 0.9


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 12), st.sampled_from(["corners", "sides"]))
def test_mirrored_packings_mirror_themselves(hexagons, seed: int, n: int, symmetry: str) -> None:
    rng = np.random.default_rng(seed)
    drawn, packing = hexagons.hexagons.family(n, symmetry, rng), hexagons.hexagons.Packing(n)
    x = rng.normal(size=3 * drawn.movable)
    points = hexagons.hexagons.corners(*packing.parts(drawn.full(x))).reshape(-1, 2)
    image = points * ([1, -1] if symmetry == "corners" else [-1, 1])
    apart = np.linalg.norm(points[:, None] - image[None], axis=2)
    assert apart.min(axis=0).max() < 1e-9 and apart.min(axis=1).max() < 1e-9
    assert n / 2 <= drawn.movable <= min(n, n / 2 + 2.5)


def test_the_slopes_of_a_family_are_those_of_its_values(hexagons) -> None:
    rng = np.random.default_rng(3)
    drawn = hexagons.hexagons.family(7, "corners", rng)
    problem = drawn.minimax(hexagons.hexagons.Packing(7))
    x = 2 * rng.normal(size=len(problem.low))
    by = 1e-7 * rng.normal(size=len(x))
    change, steady = problem.values(x + by) - problem.values(x - by), slice(0, 12 * 7)
    assert np.allclose(change[steady], (2 * problem.slopes(x) @ by)[steady], atol=1e-11)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_whatever_is_finished_is_a_packing(hexagons, seed: int, n: int) -> None:
    z = hexagons.hexagons.start(n, "lattice", np.random.default_rng(seed))
    claimed, arrays = hexagons.hexagons.finish(hexagons.hexagons.Packing(n), z)
    a, b = hexagons.evaluator.certified(hexagons.exact.rationals(arrays["hexagons"]))
    assert float(a) + float(b) * ROOT == pytest.approx(claimed, abs=1e-11)


@pytest.mark.parametrize("changes", [
    {}, {"local_search": "both", "labels": "shuffled"}, {"start": "lattice", "mirror": "mirrored"},
    {"move": "relocate", "patience": 0.0}, {"move": "shift"}, {"symmetry": "corners"},
    {"symmetry": "sides", "labels": "shuffled"},
])  # fmt: skip
def test_every_way_to_search_finds_packings(hexagons, changes: dict) -> None:
    config = CONFIG | changes
    bests = hexagons.hexagons.search({"n": 3}, config, np.random.default_rng(5))
    claimed, arrays = next(best for best in bests if best.steps >= config["steps"]).finish()
    a, b = hexagons.evaluator.certified(hexagons.exact.rationals(arrays["hexagons"]))
    most = 2.6 if config["symmetry"] == "free" else 3.1  # sixty steps need not reach the best
    assert float(a) + float(b) * ROOT == pytest.approx(claimed, abs=1e-11) and 2.0 <= claimed < most


@pytest.mark.slow
def test_it_keeps_the_contract(blobs: FileBlobs, executor: Subprocesses) -> None:
    faults = [c for c in check_domain(find_domain("hexagons"), blobs, executor, "none") if not c.passed]
    assert not faults
