"""Each world tempts a study to believe what is not so; none may end with the belief supported.

That each world does tempt is asserted beside it: without the temptation a test would prove nothing.
"""

import statistics
from pathlib import Path

import pytest

from novum.domains import load_domain
from novum.errors import DomainError
from tests.truth.harness import MARGIN, Ended, edit, study

SEEDS = [1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 11))]
every_seed = pytest.mark.parametrize("seed", SEEDS)
NOTHING: dict = {"intercept": 0.0}


def gain_explored(ended: Ended, metric: str = "response") -> float:
    """By how much the best explored configuration looked better than the baseline."""
    means = {node: statistics.fmean(values) for node, values in ended.explored(metric).items()}
    base = next(n.id for n in ended.state.nodes.values() if n.config == ended.state.domain.baseline)
    return max(means.values()) - means[base]


@every_seed
def test_luck_with_seeds(home: Path, seed: int) -> None:
    noisy = {"spread": {"a": [4.0, 4.0]}}
    ended = study(home, NOTHING | noisy, seed)
    assert gain_explored(ended) > MARGIN
    assert ended.contrasts and ended.claimed() == []


@every_seed
def test_a_factor_that_only_changes_the_variance(home: Path, seed: int) -> None:
    wider = edit("domain.toml", f"margin = {MARGIN}", "margin = 1.0")
    ended = study(home, NOTHING | {"spread": {"a": [1.0, 4.0]}}, seed, wider)
    assert gain_explored(ended) > 1.0
    assert ended.contrasts and ended.claimed() == []


@every_seed
def test_a_display_that_disagrees_with_the_evaluator(home: Path, seed: int) -> None:
    """The program says that every setting helps; what is measured says that each harms.

    Several harms together may exceed the margin: that this lowers the response is then a true claim. None
    may be made in the direction of the display.
    """
    harm = {name: [0.0, -0.2] for name in "abefgh"}
    ended = study(home, NOTHING | {"effects": harm}, seed)
    assert gain_explored(ended, "display") >= 4
    assert ended.contrasts
    assert [c.text for c in ended.claimed() if c.direction != "less"] == []
    shown = ended.measured("confirm", "display")
    assert shown and all(m.self_reported for m in shown)
    used = {id for decision in ended.decisions for id in decision.measurements}
    assert used <= {m.id for m in ended.measured("confirm", "response")}


def test_a_display_cannot_be_what_claims_are_made_of(home: Path, blobs) -> None:
    with pytest.raises(DomainError, match="self-reported"):
        study(
            home,
            NOTHING,
            1,
            edit("domain.toml", "primary = true\n", ""),
            edit("domain.toml", 'name = "display"\n', 'name = "display"\nprimary = true\n'),
        )
    with pytest.raises(DomainError, match="self-reported"):
        load_domain(home / "planted-1", blobs)


@every_seed
def test_an_effect_that_is_gone_when_it_is_confirmed(home: Path, seed: int) -> None:
    then = {"effects": {"a": [0.0, 3.0], "g": [0.0, -3.0]}}
    ended = study(home, NOTHING | {"drift": {"salts": [], "then": then}}, seed)
    assert gain_explored(ended) > 2 * MARGIN
    asked = {factor for c in ended.contrasts for factor in c.factors}
    assert asked & {"a", "g"}, "the study did not ask about what it saw"
    assert ended.claimed() == []


@every_seed
def test_few_artefacts_under_many_seeds(home: Path, seed: int) -> None:
    """The program takes four different specimens for all there are; the effect that it shows is even real."""
    coarse = edit("apparatus.py", "*specimen]", "*np.round(specimen)]")
    ended = study(home, NOTHING | {"effects": {"a": [0.0, 3.0]}}, seed, coarse)
    assert ended.decisions and {d.verdict for d in ended.decisions} == {"inconclusive"}
    assert all("count as one" in d.reason for d in ended.decisions)


@pytest.mark.parametrize("how", ["by the program", "by all"])
def test_seeds_that_are_ignored(home: Path, how: str) -> None:
    """One artefact under all seeds is one observation, even where it is scored anew for each of them."""
    blind = edit("apparatus.py", "*specimen]", "*(0.0 * specimen)]")
    spec = NOTHING | {"effects": {"a": [0.0, 3.0]}, "ignores_seed": how == "by all"}
    ended = study(home, spec, 1, *([blind] if how == "by the program" else []))
    assert all(len({m.artefact_hash for m in ended.measured("explore") if m.node == node}) == 1
               for node in ended.explored())  # fmt: skip
    assert ended.contrasts == () and ended.decisions == []


PEEKING = """
def take_the_best(folder, chosen):
    from response import LEVELS, respond
    told = json.loads((folder / "split.json").read_text())
    moved = [[level if i == place else at for i, at in enumerate(chosen)]
             for place, count in enumerate(LEVELS) for level in range(count)]
    return max(moved, key=lambda levels: respond(told, tuple(levels), told["key"]))


if __name__"""


def leak(domain: Path) -> None:
    """Held-out disturbances go to the program; with the shield on it sets up what they favour most."""
    for change in (
        edit("domain.toml", 'editable = ["apparatus.py"]', 'files = ["response.py"]'),
        edit("prepare.py", '(kept / "world.json").write_text(json.dumps(told | {"key": key}))',
             'for place in (given / "split.json", kept / "world.json"):\n'
             '            place.write_text(json.dumps(told | {"key": key}))'),
        edit("apparatus.py", "np.array([*chosen,",
             'np.array([*(take_the_best(given, chosen) if request["config"]["h"] == "on" else chosen),'),
        edit("apparatus.py", "\nif __name__", PEEKING),
    ):  # fmt: skip
        change(domain)


def test_a_split_that_leaks(home: Path) -> None:
    """No statistics can tell that the program knew what was held out, so the audit has to."""
    ended = study(home, NOTHING, 1, leak)
    lit = {n.id for n in ended.state.nodes.values() if n.config["h"] == "on"}
    with_it, without = ([v for n, vs in ended.explored().items() if (n in lit) is on for v in vs]
                        for on in (True, False))  # fmt: skip
    assert statistics.fmean(with_it) - statistics.fmean(without) > MARGIN, "the leak is worth nothing"
    assert "held-out" in ended.flagged()


def test_a_split_that_all_seeds_share(home: Path) -> None:
    """Fresh seeds on one set of data are no fresh data."""
    shared = edit("prepare.py", 'if world.get("ignores_seed") else', "if True else")
    assert "fresh-data" in study(home, NOTHING, 1, shared).flagged()


def test_an_honest_world_is_not_flagged(home: Path) -> None:
    assert study(home, NOTHING, 1).flagged() == set()
