"""A whole study of an edited program without any model: numbers moved, then held against the original."""

from pathlib import Path

import pytest

from novum import api
from novum.domains import new_domain
from novum.errors import UserError
from novum.events import NodeAssessed
from novum.program import ORIGINAL
from novum.records import Settings
from novum.state import State

PLAIN = 'np.sqrt(config["penalty"])'
SETTABLE = 'np.sqrt(12.5 * config["penalty"])'


def toy(folder: Path, program: str = SETTABLE, trials: int = 8) -> Path:
    """The template domain, with a number in its program that is worth moving."""
    new_domain(folder / "toy", "toy")
    toml, fit = folder / "toy" / "domain.toml", folder / "toy" / "fit.py"
    toml.write_text(toml.read_text().replace("explore_trials = 4", f"explore_trials = {trials}", 1))
    fit.write_text(fit.read_text().replace(PLAIN, program))
    return folder / "toy"


def settings_of(domain: Path, search: str, **more: object) -> Settings:
    given = {"budget": "smoke", "seed": 1, "executor": "inline", "sandbox": "none", "workers": 1} | more
    return Settings(domain=str(domain), policy=search, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> api.Outcome:
    folder = tmp_path_factory.mktemp("programs")
    return api.run(settings_of(toy(folder), "broadening"), lab=folder / "lab")


@pytest.fixture(scope="module")
def state(outcome: api.Outcome) -> State:
    return api.open_study(outcome.path).state


@pytest.mark.slow
def test_it_ends_audited_with_the_edit_held_against_the_original(outcome: api.Outcome, state: State) -> None:
    assert outcome.exit_code == 0 and state.audit_passed, outcome.message
    assert state.protocol is not None
    (contrast,) = state.protocol.contrasts
    assert contrast.factors == ("program",) and contrast.a == {"program": ORIGINAL}
    assert contrast.direction == "less" and contrast.id in state.decisions  # an error is to be small
    assert list(state.protocol.programs) == [contrast.b["program"]]


@pytest.mark.slow
def test_every_node_but_the_original_is_an_operators(state: State) -> None:
    made = [state.nodes[name] for name in state.made.values()]
    assert made and {node.operator for node in made} <= {"tune", "ablate", "cross"}
    assert state.tried == 8 and not state.model_calls
    assert all(isinstance(state.assessments[node.id], NodeAssessed) for node in made)


@pytest.mark.slow
def test_the_paper_says_that_no_model_took_part_and_prints_the_difference(state: State) -> None:
    assert state.paper is not None
    source = state.paper.source
    assert "Programs were explored by the search `broadening`" in source
    assert "No model took part" in source and "edits of the program by operators without a model" in source
    assert "response model" not in source and "space-filling" not in source
    assert f"-    penalty = {SETTABLE}" in source


@pytest.mark.parametrize(
    ("search", "program", "more", "told"),
    [
        ("greedy", PLAIN, {}, "no editable file of toy holds a number"),
        ("intelligent-go-explore", SETTABLE, {}, "asks a model, and there is none"),
        ("greedy", SETTABLE, {"deterministic": True}, "cannot be deterministic"),
        ("best", SETTABLE, {}, "there is no search 'best'"),
    ],
)
def test_a_search_that_does_not_fit_is_refused_before_anything_begins(
    tmp_path: Path, search: str, program: str, more: dict[str, object], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        api.run(settings_of(toy(tmp_path, program), search, **more), lab=tmp_path / "lab")
    assert not list((tmp_path / "lab" / "studies").glob("*"))


def test_nothing_editable_is_told_by_the_domains_name(tmp_path: Path) -> None:
    domain = toy(tmp_path)
    toml = domain / "domain.toml"
    toml.write_text(toml.read_text().replace('editable = ["fit.py"]', 'files = ["fit.py"]'))
    with pytest.raises(UserError, match="no file of the domain toy may be edited"):
        api.run(settings_of(domain, "islands"), lab=tmp_path / "lab")
