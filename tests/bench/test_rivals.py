"""The rivals: what each makes of a world in which the answer is plain."""

import pytest

from novum.bench.rivals import design, factorial, greedy, reseeded, single
from novum.bench.worlds import World, draw, response

RUNS = 160
NULL = draw(1, null=True, kind="plain")
ONE = World(kind="plain", null=False, spec={"effects": {"a": [0.0, 4.0]}, "shared": 0.5}, planted={"a": 4.0})


def test_the_design_has_resolution_four() -> None:
    points = design()
    assert len(set(points)) == 16
    columns = list(zip(*points, strict=True))
    assert all(sum(c) == 0 for c in columns)
    for i, one in enumerate(columns):
        for j, two in enumerate(columns):
            if i != j:
                assert sum(x * y for x, y in zip(one, two, strict=True)) == 0
                product = [x * y for x, y in zip(one, two, strict=True)]
                assert all(abs(sum(x * y for x, y in zip(product, c, strict=True))) == 0
                           for k, c in enumerate(columns) if k not in (i, j))  # fmt: skip


def test_the_factorial_estimates_the_planted_effect_and_errs_rarely() -> None:
    found = {t.factor: t for t in factorial(ONE, RUNS, 0.1, 1)}
    assert found["a"].truth == pytest.approx(4.0) and found["a"].estimate == pytest.approx(4.0, abs=0.6)
    assert found["a"].p_adjusted < 1e-6
    claimed = [any(t.p_adjusted <= 0.05 for t in factorial(NULL, RUNS, 0.0, seed)) for seed in range(100)]
    assert sum(claimed) <= 12


@pytest.mark.parametrize("policy", [single, reseeded, greedy])
def test_a_search_finds_a_large_effect_and_claims_it(policy) -> None:
    claims = [policy(ONE, RUNS, 0.1, seed) for seed in range(5)]
    assert all(c.claimed and c.truth == 4.0 and not c.false for c in claims)


def test_unchecked_search_claims_something_where_there_is_nothing() -> None:
    wrong = {policy: sum(policy(NULL, RUNS, 0.1, seed).false for seed in range(20))
             for policy in (single, reseeded, greedy)}  # fmt: skip
    assert wrong[single] >= 15 and wrong[greedy] >= 15
    assert 3 <= wrong[reseeded] <= 17


def test_runs_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    own = response().respond
    monkeypatch.setattr(response(), "respond", lambda *args: calls.append(args) or own(*args))
    for policy in (single, reseeded, greedy, factorial):
        calls.clear()
        policy(NULL, RUNS, 0.1, 1)
        assert len(calls) == RUNS, policy.__name__
