"""The exact verifier is right to the last bit, cannot be talked round, and certificates hold elsewhere."""

import json
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum.domains import check_domain, find_domain
from novum.journal import FileBlobs
from tests.domains.laid import modules, score
from tests.domains.runner import Subprocesses

CONFIG = {"steps": 12.0, "patience": 5.0, "local_search": "linear", "move": "either", "relocated": "any",
          "most_relocated": 3.0, "start": "uniform", "polish": "full"}  # fmt: skip
FOUR = [[0.25, 0.25, 0.25], [0.75, 0.25, 0.25], [0.25, 0.75, 0.25], [0.75, 0.75, 0.25]]


@pytest.fixture(scope="module")
def circles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    with modules("circles", tmp_path_factory.mktemp("circles")) as loaded:
        yield loaded


def verdict(circles: SimpleNamespace, discs: list) -> Fraction:
    return circles.evaluator.certified(circles.exact.rationals(np.array(discs)))


def scored(folder: Path, discs: object, claimed: object = None, n: int = 4) -> tuple[dict, Path]:
    given = {"discs": discs} | ({} if claimed is None else {"claimed": claimed})
    return score("circles", folder, given, n=n)


def packed(circles: SimpleNamespace, n: int, seed: int, **changes: Any) -> tuple[float, np.ndarray]:
    """What the program leaves of a seed: its own sum, and the discs."""
    config = CONFIG | changes
    bests = circles.pack.search({"n": n}, config, np.random.default_rng(seed))
    total, arrays = next(best for best in bests if best.steps >= config["steps"]).finish()
    return total, arrays["discs"]


# --- the verifier -------------------------------------------------------------------------------------


def test_discs_may_touch_each_other_and_the_walls(circles) -> None:
    assert verdict(circles, FOUR) == 1
    # a Pythagorean triangle: the centres are exactly 5/16 apart, aslant
    assert verdict(circles, [[0.25, 0.25, 0.15625], [0.4375, 0.5, 0.15625]]) == Fraction(5, 16)


@pytest.mark.parametrize("column", [0, 1, 2])
def test_an_overlap_by_one_unit_in_the_last_place_fails(circles, column: int) -> None:
    discs = np.array([[0.25, 0.25, 0.15625], [0.4375, 0.5, 0.15625]])
    assert verdict(circles, discs.tolist())
    towards = 1.0 if column == 2 else 0.0
    discs[1, column] = np.nextafter(discs[1, column], towards)
    with pytest.raises(circles.exact.Invalid, match="discs 0 and 1 overlap"):
        verdict(circles, discs.tolist())


@pytest.mark.parametrize("disc", [
    [0.25, 0.5, np.nextafter(0.25, 1)],
    [np.nextafter(0.75, 1), 0.5, 0.25],
    [0.5, np.nextafter(0.25, 0), 0.25],
    [0.5, np.nextafter(0.75, 1), 0.25],
])  # fmt: skip
def test_a_disc_out_of_the_square_by_one_unit_in_the_last_place_fails(circles, disc: list) -> None:
    with pytest.raises(circles.exact.Invalid, match="disc 0 leaves the square"):
        verdict(circles, [disc])


def test_what_floats_would_round_away_is_seen(circles) -> None:
    """To floats 1/2 + (1/2 + 2**-60) is 1; here neither a sum nor a square is rounded."""
    tiny = 2.0**-60
    assert verdict(circles, [[0.5, 0.5, 0.25], [tiny, tiny, tiny]]) == Fraction(1, 4) + Fraction(1, 2**60)
    with pytest.raises(circles.exact.Invalid, match="overlap"):
        verdict(circles, [[0.25, 0.5, 0.25], [0.75, 0.5, 0.25], [0.5, 0.5, tiny]])


def test_a_negative_radius_makes_no_room(circles) -> None:
    with pytest.raises(circles.exact.Invalid, match="negative"):
        verdict(circles, [[0.5, 0.5, 0.5], [0.5, 0.5, -0.125]])


@given(st.fractions(min_value=-4, max_value=4))
def test_values_are_rounded_downward(circles, value: Fraction) -> None:
    low = circles.exact.below(value)
    assert Fraction(low) <= value < Fraction(math.nextafter(low, math.inf))


# --- the command --------------------------------------------------------------------------------------


def test_the_verifier_wins_over_the_program_s_own_report(circles, tmp_path: Path) -> None:
    rows, file = scored(tmp_path, np.array(FOUR), np.array(9.0))
    assert rows == {"sum_of_radii": (1.0, "observed"), "claimed_sum": (9.0, "observed"),
                    "overclaim": (8.0, "observed")}  # fmt: skip
    assert circles.certificate.fault(json.loads(file.read_text())) == ""


def test_a_mute_program_is_certified_all_the_same(tmp_path: Path) -> None:
    rows, _ = scored(tmp_path, np.array(FOUR))
    assert rows["sum_of_radii"] == (1.0, "observed") and rows["overclaim"] == (None, "undefined")


@pytest.mark.parametrize("discs", [
    None,
    np.full((4, 3), np.nan),
    np.array([*FOUR[:3], [0.75, 0.75, np.inf]]),
    np.array(FOUR[:3]),
    np.array(FOUR, dtype=complex),
    np.ones((4, 3), dtype=int),
    np.array(FOUR, dtype=np.longdouble),
], ids=["missing", "nan", "inf", "too few", "complex", "whole", "long"])  # fmt: skip
def test_what_is_no_packing_fails(circles, tmp_path: Path, discs: np.ndarray | None) -> None:
    if discs is not None:
        np.save(tmp_path / "discs.npy", discs)
    with pytest.raises(circles.exact.Invalid):
        circles.exact.load(tmp_path / "discs.npy", (4, 3))


def test_a_failed_seed_has_no_certificate(tmp_path: Path) -> None:
    rows, file = scored(tmp_path, np.array([*FOUR[:3], FOUR[2]]), np.array(1.0))
    assert set(rows.values()) == {(None, "failed")} and not file.exists()


# --- certificates -------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.integers(0, 8)] * 2, st.integers(-1, 4)), min_size=1, max_size=4))
def test_the_independent_program_agrees_with_the_verifier(circles, grid: list) -> None:
    discs = [[x / 8, y / 8, r / 8] for x, y, r in grid]
    told = {"discs": [[str(Fraction(v)) for v in disc] for disc in discs]}
    told["sum_of_radii"] = str(sum((Fraction(r) for _, _, r in discs), Fraction(0)))
    try:
        verdict(circles, discs)
    except circles.exact.Invalid:
        assert circles.certificate.fault(told)
    else:
        assert not circles.certificate.fault(told)


def test_a_forged_sum_is_found(circles, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    _, file = scored(tmp_path, np.array(FOUR))
    assert circles.certificate.main([str(file)]) == 0 and "4 discs" in capsys.readouterr().out
    forged = json.loads(file.read_text()) | {"sum_of_radii": "1000000000000001/1000000000000000"}
    file.write_text(json.dumps(forged))
    assert circles.certificate.main([str(file)]) == 1 and "another" in capsys.readouterr().out


# --- the program --------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 12), st.floats(0, 1))
def test_strict_radii_pass_the_exact_verifier(circles, seed: int, n: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.random((n, 2)).round(rng.integers(1, 17))  # also equal centres, and ones on walls
    radii = circles.local.strict(centres, scale * rng.random(n))
    assert verdict(circles, np.c_[centres, radii].tolist()) >= 0


@pytest.mark.parametrize("changes", [
    {}, {"local_search": "slsqp"}, {"start": "lattice", "patience": 0.0}, {"move": "shift"},
    {"relocated": "small", "polish": "radii"},
])  # fmt: skip
def test_every_method_packs(circles, changes: dict) -> None:
    claimed, discs = packed(circles, 6, 5, **changes)
    total = verdict(circles, discs.tolist())
    assert float(total) == pytest.approx(claimed, abs=1e-12) and 1.0 < total < math.sqrt(6 / math.pi)


def test_a_linear_program_never_loses(circles) -> None:
    """Tangents lie below distances: each step's result is a packing, and no smaller than the last."""
    centres, last = np.random.default_rng(1).random((9, 2)), 0.0
    for _ in range(8):
        centres, radii = circles.local._program(centres)
        assert circles.local.strict(centres, radii).sum() >= max(last, radii.sum() - 1e-6) - 1e-6
        last = radii.sum()


def test_one_and_two_discs_reach_the_known_optimum(circles) -> None:
    """Of one disc the best radius is 1/2; two sit on a diagonal with radii 1 / (2 + sqrt 2)."""
    assert packed(circles, 1, 0)[0] == pytest.approx(0.5, abs=1e-12)
    assert packed(circles, 2, 0)[0] == pytest.approx(2 / (2 + math.sqrt(2)), abs=1e-9)


def test_a_seed_packs_the_same_again(circles) -> None:
    (_, one), (_, two) = (packed(circles, 5, 3) for _ in range(2))
    assert one.tobytes() == two.tobytes()


@pytest.mark.slow
def test_it_keeps_the_contract(blobs: FileBlobs, executor: Subprocesses) -> None:
    faults = [c for c in check_domain(find_domain("circles"), blobs, executor, "none") if not c.passed]
    assert not faults
