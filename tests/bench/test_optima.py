"""The benchmark of optimisation domains certifies what workers hand it, and counts only that."""

import numpy as np
import pytest

from novum.bench import optima
from novum.bench.optima import Ended, Task

TWO = Task(name="two", domain="circles", problem={"n": 2}, target=1.0)
HALVES = [[0.25, 0.25, 0.25], [0.75, 0.75, 0.25]]


def test_only_what_the_evaluator_certifies_has_a_value(tmp_path) -> None:
    with optima.apparatus(TWO) as built:
        assert optima.certify(built, {"discs": np.array(HALVES)}, 1, tmp_path / "kept") == 0.5
        overlapping = {"discs": np.array([HALVES[0], [0.5, 0.25, 0.25]])}
        assert optima.certify(built, overlapping, 2, tmp_path / "kept") is None
        assert not built.meets(0.5) and built.meets(1.0) and built.better(0.6, 0.5)
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["two-1.json"]


def test_an_unknown_key_of_the_problem_is_refused() -> None:
    with pytest.raises(KeyError, match="circles has no 'm'"), \
            optima.apparatus(Task(name="odd", domain="circles", problem={"m": 3})):  # fmt: skip
        pass


def test_rows_judge_the_share_that_reached_the_target() -> None:
    ended = [Ended(seed=s, value=1.0 if s else None, met=bool(s), cpu=2.0 + s) for s in range(4)]
    reached, cpu, value = optima.rows(TWO, ended, at_least=0.8)
    assert (reached.value, reached.met, reached.n) == (0.75, False, 4)
    assert (cpu.value, value.value, value.n) == (3.5, 1.0, 3)


@pytest.mark.slow
def test_workers_share_the_end_alone() -> None:
    """Two discs on a diagonal: every local search ends there."""
    best = 2 / (2 + 2**0.5)
    task = Task(name="two", domain="circles", problem={"n": 2}, target=best - 1e-12)
    (ended,) = list(optima.run(task, [1], seconds=20.0))
    assert ended.met and ended.value == pytest.approx(best, abs=1e-12) and ended.cpu < 20
