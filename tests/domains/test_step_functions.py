"""The verifiers of step functions are exact, forged certificates are found, programs keep constraints."""

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

COMMON = {"steps": 60.0, "pieces": 9.0, "patience": 5.0, "local_search": "both", "start": "uniform",
          "move": "either", "doublings": 0.0, "orientation": "plain"}  # fmt: skip
OVERLAP = COMMON | {"symmetry": "free", "complement": "no"}
PEAK = COMMON | {"signs": "none", "scale": 1.0}
EIGHTHS = st.lists(st.integers(0, 8), min_size=1, max_size=7)


@pytest.fixture(scope="module")
def overlap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    with modules("overlap", tmp_path_factory.mktemp("overlap")) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def convolution(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    with modules("autoconvolution", tmp_path_factory.mktemp("autoconvolution")) as loaded:
        yield loaded


def left(program, config: dict, seed: int) -> tuple[float, dict]:
    """What a program leaves of a seed: the value by its own account, and its arrays."""
    bests = program.search({"most_pieces": 1000}, config, np.random.default_rng(seed))
    return next(best for best in bests if best.steps >= config["steps"]).finish()


# --- overlap ------------------------------------------------------------------------------------------


def test_records_on_one_to_three_pieces(overlap) -> None:
    """As Haugland lists them: 1/2, 4/9 and 2/5, the last at irrational values."""
    certified, root = overlap.evaluator.certified, np.sqrt(0.1)
    assert certified([1], 2) == Fraction(1, 2) and certified([1, 2], 3) == Fraction(4, 9)
    three = overlap.overlap.gridded(np.array([0.5 - root / 2, 0.5 + root, 0.5 - root / 2]))
    assert 0 <= certified(*overlap.exact.whole(three)) - Fraction(2, 5) < 1e-14


@given(EIGHTHS)
def test_overlap_between_whole_shifts_is_no_larger(overlap, eighths: list[int]) -> None:
    """On halved pieces the function is the same, and shifts by half a piece count as well."""
    both = [*eighths, *(8 - value for value in eighths)]  # integrates to 1
    finer = [v for v in both for _ in "ab"]
    assert overlap.evaluator.certified(finer, 8) == overlap.evaluator.certified(both, 8)


@given(EIGHTHS)
def test_reversal_and_complement_change_nothing(overlap, eighths: list[int]) -> None:
    both = [*eighths, *(8 - value for value in eighths)]
    found = overlap.evaluator.certified(both, 8)
    assert overlap.evaluator.certified(both[::-1], 8) == found
    assert overlap.evaluator.certified([8 - value for value in both], 8) == found


@settings(max_examples=60)
@given(st.lists(st.integers(-1, 9), min_size=1, max_size=6))
def test_the_independent_program_agrees_on_overlaps(overlap, eighths: list[int]) -> None:
    told = {"values": [str(Fraction(v, 8)) for v in eighths]}
    try:
        told["overlap"] = str(overlap.evaluator.certified(eighths, 8))
    except overlap.exact.Invalid:
        assert overlap.certificate.fault(told | {"overlap": "1/2"})
    else:
        assert not overlap.certificate.fault(told)
        forged = Fraction(told["overlap"]) - Fraction(1, 10**40)
        assert overlap.certificate.fault(told | {"overlap": str(forged)})


@pytest.mark.parametrize("h", [
    np.array([0.5, np.nextafter(0.5, 1)]),
    np.array([1.0 + 2**-52, 2.0**-52, 0.5]),
    np.array([-(2.0**-60), 0.5, 1.0]),
    np.array([0.1, 0.2, 0.7]),
    np.array([]),
    np.array([[0.5]]),
    np.array([np.nan]),
    np.full(1001, 0.5),
    np.array(["0.5"]),
    np.array([1, 0]),
], ids=["an ulp too much", "above one", "below zero", "thirds", "none", "matrix", "nan", "too many", "text",
        "whole"])  # fmt: skip
def test_what_does_not_integrate_to_one_within_zero_and_one_fails(
    overlap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, h: np.ndarray
) -> None:
    monkeypatch.chdir(Path(overlap.evaluator.__file__).parent)
    np.save(tmp_path / "h.npy", h)
    with pytest.raises(overlap.exact.Invalid):
        overlap.evaluator.judge(tmp_path)


def test_the_certified_overlap_counts(overlap, tmp_path: Path) -> None:
    rows, file = score("overlap", tmp_path, {"h": np.array([0.25, 0.75]), "claimed": np.array(0.1)})
    assert rows["overlap"] == (0.5625, "observed") and rows["overclaim"][0] == pytest.approx(0.4625)
    assert not overlap.certificate.fault(json.loads(file.read_text()))


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=9), st.booleans())
def test_gridded_values_integrate_to_one_exactly(overlap, values: list[float], far: bool) -> None:
    h = overlap.overlap.gridded(np.array(values) if far else np.array(values) / 2 + 0.25)
    assert ((h >= 0) & (h <= 1)).all() and 2 * sum(map(Fraction, h.tolist())) == len(h)


@pytest.mark.parametrize("changes", [
    {}, {"local_search": "linear"}, {"local_search": "quadratic", "patience": 0.0}, {"start": "wave"},
    {"symmetry": "mirrored", "doublings": 1.0}, {"complement": "yes", "orientation": "reversed"},
])  # fmt: skip
def test_every_way_to_search_ends_in_a_valid_function(overlap, changes: dict) -> None:
    claimed, arrays = left(overlap.overlap, OVERLAP | changes, 3)
    certified = overlap.evaluator.certified(*overlap.exact.whole(arrays["h"]))
    assert float(certified) == pytest.approx(claimed, abs=1e-12) and 0.379005 < certified < 0.4


# --- autoconvolution ----------------------------------------------------------------------------------


def test_a_constant_and_a_half_have_known_peaks(convolution) -> None:
    """1 * 1 on an interval of length 1/2 peaks at 1/2, over (1/2)^2; on half of it at twice that."""
    certified = convolution.evaluator.certified
    assert certified([1, 1, 1]) == (2, 2) and certified([1, 0]) == (4, 4)
    assert certified([2, -1]) == (4 * 4, 4 * 4) and certified([1, -3, 3]) == (6 * 18, 6 * 15)


@settings(max_examples=60)
@given(st.lists(st.integers(-4, 8), min_size=1, max_size=7), st.integers(1, 9))
def test_scale_reversal_and_finer_pieces_change_nothing(convolution, values: list[int], scale: int) -> None:
    if sum(values) <= 0:
        with pytest.raises(convolution.exact.Invalid, match="not positive"):
            convolution.evaluator.certified(values)
        return
    found = convolution.evaluator.certified(values)
    assert convolution.evaluator.certified([scale * v for v in values[::-1]]) == found
    assert convolution.evaluator.certified([v for v in values for _ in "ab"]) == found
    told = {"values": list(map(str, values)), "negative": min(values) < 0}
    told |= {"peak": str(found[0]), "one_sided": str(found[1])}
    assert not convolution.certificate.fault(told)
    for forged in ({"peak": str(found[0] * (1 - Fraction(1, 10**40)))}, {"negative": min(values) >= 0}):
        assert convolution.certificate.fault(told | forged)


def test_without_negative_values_no_peak_is_below_the_proven_bound(convolution) -> None:
    """1.28 is a lower bound for the first inequality (Cloninger & Steinerberger 2017)."""
    claimed, arrays = left(convolution.autoconvolution, PEAK, 1)
    peak, one_sided = convolution.evaluator.certified(convolution.exact.whole(arrays["f"])[0])
    assert peak == one_sided and float(peak) == pytest.approx(claimed, abs=1e-12) and 1.28 < peak < 1.8


@pytest.mark.parametrize("changes", [
    {"signs": "any"}, {"signs": "any", "doublings": 1.0, "scale": 8.0}, {"orientation": "reversed"},
    {"local_search": "linear", "start": "bump"}, {"local_search": "quadratic", "signs": "any"},
])  # fmt: skip
def test_every_way_to_search_ends_in_a_positive_integral(convolution, changes: dict) -> None:
    claimed, arrays = left(convolution.autoconvolution, PEAK | changes, 2)
    peak, _ = convolution.evaluator.certified(convolution.exact.whole(arrays["f"])[0])
    assert float(peak) == pytest.approx(claimed, abs=1e-10) and 1 < peak < 2


@pytest.mark.parametrize("f", [np.array([1.0, -1.0]), np.array([np.inf, 1.0]), np.zeros(3), np.ones((2, 2))])
def test_what_has_no_positive_integral_fails(
    convolution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, f: np.ndarray
) -> None:
    monkeypatch.chdir(Path(convolution.evaluator.__file__).parent)
    np.save(tmp_path / "f.npy", f)
    with pytest.raises(convolution.exact.Invalid):
        convolution.evaluator.judge(tmp_path)


def test_the_ends_of_the_floats_are_no_trouble(convolution, tmp_path: Path) -> None:
    given = {"f": np.array([5e-324, 1.7e308]), "claimed": np.array(1.0)}
    rows, file = score("autoconvolution", tmp_path, given)
    assert rows["peak"] == (4.0, "observed") and rows["overclaim"] == (3.0, "observed")
    assert not convolution.certificate.fault(json.loads(file.read_text()))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["overlap", "autoconvolution"])
def test_they_keep_the_contract(name: str, blobs: FileBlobs, executor: Subprocesses) -> None:
    faults = [c for c in check_domain(find_domain(name), blobs, executor, "none") if not c.passed]
    assert not faults
