"""The kit computes what it says, and is copied into the domains that name it, protected."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from novum.domains import load_domain, new_domain
from novum.domains.shared import KIT, kit_names
from novum.errors import DomainError

LAYERS = (5, 4, 3)


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The kit's modules by the names that programs import them by."""
    monkeypatch.syspath_prepend(KIT.parent)
    names = ("networks", "descent", "strategies", "stage")
    yield SimpleNamespace(**{name: importlib.import_module(f"kit.{name}") for name in names})
    for name in [name for name in sys.modules if name == "kit" or name.startswith("kit.")]:
        del sys.modules[name]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


# --- networks -----------------------------------------------------------------------------------------


def test_gradient_is_that_of_the_log_likelihood(kit, rng) -> None:
    flat = rng.standard_normal(kit.networks.size(LAYERS))
    inputs, labels = rng.standard_normal((7, 5)), rng.integers(3, size=7)

    def value(row):
        return kit.networks.log_likelihood(kit.networks.forward(row, inputs, LAYERS), labels)

    steps = 1e-5 * np.eye(len(flat))
    numeric = (value(flat + steps) - value(flat - steps)) / 2e-5
    assert np.allclose(kit.networks.gradient(flat, inputs, labels, LAYERS), numeric, atol=1e-6)


def test_a_network_does_not_depend_on_those_beside_it(kit, rng) -> None:
    flat = np.stack([kit.networks.initialise(rng, LAYERS) for _ in range(9)])
    inputs = rng.standard_normal((7, 5)).astype(np.float32)
    together = kit.networks.forward(flat, inputs, LAYERS)
    assert all((kit.networks.forward(flat[i : i + 1], inputs, LAYERS) == together[i]).all() for i in range(9))


# --- strategies ---------------------------------------------------------------------------------------


def made(kit, rng, start) -> dict:
    s = kit.strategies
    return {
        "es": s.OpenES(start, 40, 0.1, rng, rate=0.1),
        "snes": s.SNES(start, 40, 0.3, rng),
        "cmaes": s.CMAES(start, 40, 0.3, rng),
        "sep_cmaes": s.CMAES(start, 40, 0.3, rng, full=False),
        "hill": s.HillClimber(start, 40, 0.1, rng),
        "ga": s.SeedGA(start, 40, 0.1, rng, parents=5),
        "random": s.RandomSearch(start, 40, 1.0, rng),
    }


@pytest.mark.parametrize("name", ["es", "snes", "cmaes", "sep_cmaes", "hill", "ga", "random"])
def test_every_strategy_climbs(kit, rng, name: str) -> None:
    """From distance 2 on a sphere; random search only finds something nearer than its start."""
    strategy = made(kit, rng, np.full(4, 1.0, np.float32))[name]
    for _ in range(60):
        strategy.tell(-(strategy.ask() ** 2).sum(1))
    assert np.linalg.norm(strategy.centre) < (1.0 if name == "random" else 0.3)


def test_cma_learns_a_rotated_ellipsoid_that_the_diagonal_cannot(kit, rng) -> None:
    turn, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    scales = 10.0 ** np.linspace(0, 3, 6)

    def reached(full: bool) -> float:
        strategy = kit.strategies.CMAES(np.ones(6, np.float32), 12, 0.5, np.random.default_rng(1), full=full)
        for _ in range(120):
            strategy.tell(-((strategy.ask() @ turn) ** 2 @ scales))
        return float((strategy.mean @ turn) ** 2 @ scales)

    assert reached(True) < 1e-6 < reached(False)


def test_a_list_of_seeds_is_the_member_to_the_last_bit(kit, rng) -> None:
    strategy = kit.strategies.SeedGA(np.zeros(30, np.float32), 20, 0.1, rng, parents=4)
    for _ in range(15):
        strategy.tell(-((strategy.ask() - 3) ** 2).sum(1))
    members = strategy.ask()
    assert max(map(len, strategy.codes)) > 10
    for code, member in zip(strategy.codes, members, strict=True):
        assert strategy.decode(code).tobytes() == member.tobytes()


def test_ranks_and_utilities(kit) -> None:
    assert kit.strategies.centred_ranks(np.array([3.0, -1.0, 1e9])).tolist() == [0.0, -0.5, 0.5]
    weights = kit.strategies.utilities(10)
    assert abs(weights.sum()) < 1e-6 and (np.diff(weights) <= 0).all()


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_rules_go_uphill(kit, name: str) -> None:
    rule, at = kit.descent.RULES[name](0.05), np.full(3, 2.0)
    for _ in range(200):
        at = at + rule.step(-2 * at)
    assert np.abs(at).max() < 0.1


# --- stages -------------------------------------------------------------------------------------------


def test_arrays_are_looked_at_before_they_are_believed(kit, tmp_path: Path) -> None:
    for name, array in {"good": [[1.0, 2.0]], "whole": [[1, 2]], "endless": [[1.0, np.inf]]}.items():
        np.save(tmp_path / f"{name}.npy", np.array(array))
    (tmp_path / "torn.npy").write_bytes(b"\x93NUMPY")
    assert kit.stage.load(tmp_path / "good.npy", (None, 2)).shape == (1, 2)
    for name, shape in {
        "good": (1, 3),
        "whole": (1, 2),
        "endless": (1, 2),
        "torn": (1, 2),
        "no": (1,),
    }.items():
        with pytest.raises(kit.stage.Invalid):
            kit.stage.load(tmp_path / f"{name}.npy", shape)


def test_generators_differ_by_every_word(kit) -> None:
    drawn = {float(kit.stage.generator(*words).random()) for words in (("a", 1), ("a", 2), ("b", 1), ("a",))}
    assert len(drawn) == 4
    assert kit.stage.generator("a", 1).random() == kit.stage.generator("a", 1).random()


# --- how it gets into a domain ------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_domain(tmp_path / "toy")


def name_kit(folder: Path, value: str) -> None:
    path = folder / "domain.toml"
    path.write_text(path.read_text().replace('id = "toy"', f'id = "toy"\nkit = {value}', 1))


def test_named_files_join_the_workspace(folder: Path, blobs) -> None:
    plain = load_domain(folder, blobs)
    name_kit(folder, '["networks.py"]')
    domain = load_domain(folder, blobs)
    assert set(domain.files) - set(plain.files) == {"kit/networks.py"}
    assert blobs.get(domain.workspace()["kit/networks.py"]) == (KIT / "networks.py").read_bytes()


def test_faults_of_the_kit_are_named(folder: Path, blobs) -> None:
    name_kit(folder, '["network.py"]')
    with pytest.raises(DomainError, match=r"no file 'network.py'.*did you mean networks.py"):
        load_domain(folder, blobs)


def test_a_file_of_the_kit_cannot_be_edited(folder: Path, blobs) -> None:
    name_kit(folder, '["networks.py"]')
    path = folder / "domain.toml"
    path.write_text(path.read_text().replace('editable = ["', 'editable = ["kit/networks.py", "', 1))
    with pytest.raises(DomainError, match="belongs to the kit"):
        load_domain(folder, blobs)


def test_an_own_file_of_the_same_path_is_refused(folder: Path, blobs) -> None:
    (folder / "kit").mkdir()
    (folder / "kit" / "networks.py").write_text("")
    name_kit(folder, '["networks.py"]')
    with pytest.raises(DomainError, match="has its own kit/networks"):
        load_domain(folder, blobs)


def test_the_kit_names_its_files() -> None:
    assert {"networks.py", "strategies.py", "stage.py", "descent.py", "xla.py"} <= set(kit_names())
