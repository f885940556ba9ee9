"""What the paper says of robustness, and of an exploration that results steered."""

import pytest
from msgspec import structs

from novum.evidence.contrasts import held
from novum.search.adaptive import INFORMED
from tests.scientists.papers import composed, synthetic
from tests.scientists.studies import Synthetic


def told(outcome: str) -> str:
    return " ".join(synthetic(outcome).source.split())


def verdicts(outcome: str) -> list[str]:
    state = synthetic(outcome).state
    return [state.decisions[c.id].verdict for c in state.protocol.contrasts]


def test_an_effect_at_every_level_is_said_to_hold() -> None:
    assert verdicts("robust") == ["supported", "supported"]
    assert "was found at each registered level of training fraction" in told("robust")


def test_an_effect_at_one_level_alone_is_said_to_depend_on_it() -> None:
    assert verdicts("fragile") == ["supported", "refuted"]
    assert "depends on training fraction or is missing at some registered level" in told("fragile")


def test_a_claim_names_the_level_that_both_its_arms_hold() -> None:
    paper = synthetic("robust")
    other = paper.state.protocol.contrasts[1]
    assert held(other) == {"train_fraction": 0.7}
    (row,) = (
        line for line in paper.source.splitlines() if line.startswith("| C2 | ") and "moving from" in line
    )
    assert "updates to generalise at training fraction {{cfg:arm." in row


def test_where_no_robustness_was_asked_nothing_is_said_of_it() -> None:
    assert "registered level of" not in told("supported")


def test_a_factor_at_whose_levels_was_compared_is_not_called_untested() -> None:
    for line in synthetic("fragile").source.splitlines():
        if "stayed at their baseline" in line or "baseline values are part" in line:
            assert "training fraction" not in line


@pytest.mark.parametrize("outcome", ["supported", "refuted", "inconclusive", "censored", "interaction"])
def test_an_exploration_that_results_steered_is_not_called_a_design(outcome: str) -> None:
    study = Synthetic(outcome)
    state = study.state
    key = state.trials_in("explore")[-1].node
    state.nodes[key] = structs.replace(state.nodes[key], plan=INFORMED)
    paper = composed(state, study.services())
    assert [str(f) for f in paper.faults] == []
    said = " ".join(paper.source.split())
    told_so = ("promised to tell", "earlier results left open", "expected information of a point",
               "was unsure of what mattered", "results steered it")  # fmt: skip
    assert sum(words in said for words in told_so) == 1
    assert not any(words in said for words in ("by a space-filling design, {{", "laid out so as to fill"))
