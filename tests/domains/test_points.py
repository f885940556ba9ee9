"""The verifiers of points are exact, forged certificates are found, and programs leave valid points."""

import json
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

COMMON = {"steps": 60.0, "patience": 5.0, "local_search": "both", "move": "either", "most_relocated": 1.0,
          "start": "uniform", "labels": "kept"}  # fmt: skip
AREA = COMMON | {"corner": "plain", "symmetry": "free"}
RATIO = COMMON | {"axes": "plain"}
GRID = st.lists(st.tuples(st.integers(-1, 8), st.integers(0, 8)), min_size=3, max_size=6)


@pytest.fixture(scope="module")
def heilbronn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    with modules("heilbronn", tmp_path_factory.mktemp("heilbronn")) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def distances(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    with modules("distances", tmp_path_factory.mktemp("distances")) as loaded:
        yield loaded


def eighths(grid: list) -> list[list[Fraction]]:
    return [[Fraction(value, 8) for value in point] for point in grid]


def left(search, problem: dict, config: dict, seed: int) -> tuple[float, np.ndarray]:
    """What a program leaves of a seed: the value by its own account, and its points."""
    bests = search(problem, config, np.random.default_rng(seed))
    value, arrays = next(best for best in bests if best.steps >= config["steps"]).finish()
    return value, arrays["points"]


def refused(domain: SimpleNamespace, folder: Path, monkeypatch: pytest.MonkeyPatch, points: object) -> None:
    monkeypatch.chdir(Path(domain.evaluator.__file__).parent)
    np.save(folder / "points.npy", points)
    with pytest.raises(domain.exact.Invalid):
        domain.evaluator.judge(folder)


# --- Heilbronn ----------------------------------------------------------------------------------------


def test_corners_span_the_whole_and_the_middle_a_third(heilbronn) -> None:
    corners = eighths([(0, 0), (8, 0), (0, 8)])
    assert heilbronn.evaluator.certified(corners) == 1
    assert heilbronn.evaluator.certified([*corners, [Fraction(1, 3)] * 2]) == Fraction(1, 3)


@settings(max_examples=60)
@given(GRID)
def test_turning_the_triangle_onto_itself_changes_no_area(heilbronn, grid: list) -> None:
    points = eighths(grid)
    told = {"points": [[str(value) for value in point] for point in points]}
    try:
        area = heilbronn.evaluator.certified(points)
    except heilbronn.exact.Invalid:
        assert heilbronn.certificate.fault(told | {"area": "1/10"})
        return
    assert heilbronn.evaluator.certified([[v, 1 - u - v] for u, v in points]) == area
    assert not heilbronn.certificate.fault(told | {"area": str(area)})
    assert heilbronn.certificate.fault(told | {"area": str(area + Fraction(1, 10**40))})


def test_an_ulp_outside_is_outside(heilbronn) -> None:
    inside = [[0.0, 0.0], [0.25, 0.75], [1.0, 0.0]]
    assert heilbronn.evaluator.certified(heilbronn.exact.rationals(np.array(inside))) == Fraction(3, 4)
    inside[1][1] = float(np.nextafter(0.75, 1))
    with pytest.raises(heilbronn.exact.Invalid, match="point 1 lies outside"):
        heilbronn.evaluator.certified(heilbronn.exact.rationals(np.array(inside)))


@pytest.mark.parametrize("points", [
    np.zeros((10, 2)), np.full((11, 2), np.nan), np.zeros((11, 3)), np.zeros((11, 2), dtype=int),
    np.full((11, 2), 1e300), np.full((11, 2), -5e-324),
])  # fmt: skip
def test_what_is_no_point_of_the_triangle_fails(heilbronn, tmp_path: Path, monkeypatch, points) -> None:
    refused(heilbronn, tmp_path, monkeypatch, points)


def test_three_points_in_line_are_valid_and_worthless(heilbronn, tmp_path: Path) -> None:
    points = np.c_[np.linspace(0, 0.5, 11), np.zeros(11)]
    rows, file = score("heilbronn", tmp_path, {"points": points, "claimed": np.array(0.04)})
    assert {name: value for name, (value, _) in rows.items()} == {
        "area": 0.0, "claimed_area": 0.04, "overclaim": 0.04}  # fmt: skip
    assert not heilbronn.certificate.fault(json.loads(file.read_text()))


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.floats(-0.1, 0.1))
def test_finished_points_lie_inside(heilbronn, seed: int, astray: float) -> None:
    points = heilbronn.heilbronn.folded(np.random.default_rng(seed).random((2, 6))) + astray
    _, arrays = heilbronn.heilbronn.finish(points.ravel())
    assert heilbronn.evaluator.certified(heilbronn.exact.rationals(arrays["points"])) >= 0


@pytest.mark.parametrize("changes", [
    {}, {"local_search": "linear", "corner": "turned"}, {"local_search": "quadratic", "labels": "shuffled"},
    {"start": "spread", "move": "relocate", "most_relocated": 3.0, "steps": 200.0}, {"symmetry": "mirrored"},
])  # fmt: skip
def test_every_way_to_search_finds_areas(heilbronn, changes: dict) -> None:
    claimed, points = left(heilbronn.heilbronn.search, {"n": 6}, AREA | changes, 4)
    area = heilbronn.evaluator.certified(heilbronn.exact.rationals(points))
    assert float(area) == pytest.approx(claimed, abs=1e-12) and 0.02 < area <= 0.125 + 1e-9


@pytest.mark.parametrize("n", [1, 2, 6, 7])
def test_mirrored_points_mirror_each_other_and_of_twin_triples_one_counts(heilbronn, n: int) -> None:
    program, z = heilbronn.heilbronn, np.random.default_rng(n).random(2 * ((n + 1) // 2)) / 2
    u, v = (program.mirror(n, True) @ z).reshape(2, n)
    assert sorted(zip(u, v, strict=True)) == sorted(zip(v, u, strict=True))
    assert len(set(zip(u, v, strict=True))) == n and np.sum(u == v) == n % 2
    if n > 2:
        free, mirrored = program.areas(n, False), program.areas(n, True)
        assert mirrored.value(z) == pytest.approx(free.value(np.r_[u, v]), abs=1e-15)
        assert len(mirrored.values(z)) < 0.65 * len(free.values(np.r_[u, v]))
        steps = 1e-7 * np.eye(len(z))
        nudged = np.array([(mirrored.values(z + e) - mirrored.values(z - e)) / 2e-7 for e in steps])
        np.testing.assert_allclose(nudged.T, mirrored.slopes(z), atol=1e-6)


# --- distances ----------------------------------------------------------------------------------------


def test_known_ratios(distances) -> None:
    """Of four points a square has the least, 2; collinear ones are worse. Bateman & Erdős (1951)."""
    assert distances.evaluator.certified(eighths([(0, 0), (8, 0), (0, 8), (8, 8)])) == 2
    assert distances.evaluator.certified(eighths([(0, 0), (1, 0), (3, 0)])) == 9
    claimed, points = left(distances.distances.search, {"n": 4, "dimension": 2}, RATIO, 1)
    assert claimed == pytest.approx(2, abs=1e-9) and points.shape == (4, 2)
    claimed, _ = left(distances.distances.search, {"n": 5, "dimension": 2}, RATIO, 1)
    assert claimed == pytest.approx((3 + np.sqrt(5)) / 2, abs=1e-9)  # a regular pentagon


@settings(max_examples=60)
@given(GRID, st.integers(1, 5), st.integers(-3, 3))
def test_similar_points_have_the_same_ratio(distances, grid: list, scale: int, by: int) -> None:
    points = eighths(grid)
    told = {"points": [[str(value) for value in point] for point in points]}
    try:
        ratio = distances.evaluator.certified(points)
    except distances.exact.Invalid:
        assert distances.certificate.fault(told | {"ratio": "1"}) == "two points coincide"
        return
    assert distances.evaluator.certified([[scale * y + by, by - scale * x] for x, y in points]) == ratio
    assert not distances.certificate.fault(told | {"ratio": str(ratio)})
    assert distances.certificate.fault(told | {"ratio": str(ratio - Fraction(1, 10**40))})


@pytest.mark.parametrize("points", [
    np.zeros((16, 2)), np.full((16, 2), np.inf), np.arange(32.0).reshape(2, 16),
    np.r_[np.full((15, 2), 1e300) * np.arange(15)[:, None] / 15, [[5e-324, 0.0]]],
])  # fmt: skip
def test_what_has_no_ratio_fails(distances, tmp_path: Path, monkeypatch, points) -> None:
    refused(distances, tmp_path, monkeypatch, points)


@pytest.mark.parametrize("changes", [
    {"local_search": "linear"}, {"local_search": "quadratic", "labels": "shuffled"},
    {"start": "spread", "axes": "swapped", "move": "shift"},
])  # fmt: skip
def test_every_way_to_search_finds_ratios(distances, changes: dict) -> None:
    claimed, points = left(distances.distances.search, {"n": 5, "dimension": 3}, RATIO | changes, 2)
    ratio = distances.evaluator.certified(distances.exact.rationals(points))
    assert float(ratio) == pytest.approx(claimed, rel=1e-9) and 1 < ratio < 3


@pytest.mark.slow
def test_sixteen_points_reach_the_reference(distances) -> None:
    claimed, _ = left(distances.distances.search, {"n": 16, "dimension": 2}, RATIO | {"steps": 600.0}, 1)
    assert claimed < 12.8893


@pytest.mark.slow
@pytest.mark.parametrize("name", ["heilbronn", "distances"])
def test_they_keep_the_contract(name: str, blobs: FileBlobs, executor: Subprocesses) -> None:
    faults = [c for c in check_domain(find_domain(name), blobs, executor, "none") if not c.passed]
    assert not faults
