"""`novum bench truth`: what it prints, and that a missed target is exit code 1."""

import json

import pytest

from novum.bench.rows import Row
from novum.cli import benches

GOOD = Row(name="power", value=0.95, low=0.9, high=0.98, n=100, target="≥ 0.9", met=True)
BAD = Row(name="coverage", value=0.8, low=0.7, high=0.9, n=100, target="≥ 0.94", met=False)
NONE = Row(name="power of interactions", value=None, low=None, high=None, n=0)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch):
    """The rows that the benchmark is to find, and how it was asked."""
    asked = {}

    def say(*rows: Row):
        def truth(seed, studies, **more):
            asked.update(seed=seed, studies=studies, **more)
            return list(rows)

        monkeypatch.setattr(benches, "truth", truth)
        return asked

    return say


def test_rows_as_text(novum, measured) -> None:
    measured(GOOD, NONE)
    said = novum("bench", "truth", "--studies", "7", "--seed", "3")
    assert said.code == 0 and "7 studies, seed 3: every target is met" in said.out
    assert "0.900 to 0.980" in said.out and "none" in said.out


def test_rows_as_json(novum, measured) -> None:
    asked = measured(GOOD, BAD)
    said = novum("bench", "truth", "--seed", "3", "--json")
    told = json.loads(said.out)
    assert said.code == 1 and told["met"] is False
    assert (told["seed"], told["studies"]) == (3, asked["studies"])
    assert set(told["rows"][0]) >= {"name", "value", "low", "high", "target", "met"}


def test_a_missed_target_is_exit_code_one(novum, measured) -> None:
    measured(GOOD, BAD)
    said = novum("bench", "truth", "--seed", "3")
    assert said.code == 1 and "1 of 2 targets are missed" in said.out


def test_full_is_two_thousand_studies_and_fifty_confined(novum, measured) -> None:
    asked = measured(GOOD)
    novum("bench", "truth", "--full")
    assert asked["studies"] >= 2000 and asked["confined"] == 50
    first = asked["seed"]
    novum("bench", "truth")
    assert asked["seed"] != first  # fresh unless it is given


def test_policies_are_named_and_compared(novum, measured) -> None:
    asked = measured(GOOD)
    novum("bench", "truth", "--seed", "3")
    assert (asked["policy"], asked["against"]) == ("design", "")
    said = novum("bench", "truth", "--seed", "3", "--policy", "adaptive", "--against", "design", "--json")
    assert (asked["policy"], asked["against"]) == ("adaptive", "design")
    assert json.loads(said.out)["policy"] == "adaptive"


@pytest.mark.parametrize("words", [("--policy", "random"), ("--against", "random"), ("--against", "design")])
def test_a_policy_that_is_none_is_the_user_s(novum, measured, words) -> None:
    measured(GOOD)
    said = novum("bench", "truth", *words)
    assert said.code == 2 and said.err.count("\n") == 1


@pytest.mark.parametrize("words", [("--studies", "0"), ("--seed", "x"), ("--stages", "3")])
def test_wrong_options_are_the_user_s(novum, words) -> None:
    assert novum("bench", "truth", *words).code == 2


@pytest.mark.slow
def test_for_real(novum) -> None:
    said = novum("bench", "truth", "--studies", "2", "--seed", "1", "--json")
    told = json.loads(said.out)
    assert said.code in (0, 1)
    by_name = {row["name"]: row for row in told["rows"]}
    assert by_name["sandboxed studies with equal measurements and verdicts"]["value"] == 1.0
    assert "2 of 2 studies" in said.err
