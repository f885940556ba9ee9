"""What a trial may import is an allow-list, and Novum is never on it."""

import errno
import importlib.metadata as metadata
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec import structs

from novum.compute.environment import base_interpreter, environment, versions_here
from novum.compute.executors.local import LocalExecutor
from novum.compute.node import view
from novum.errors import MachineError, UserError
from novum.journal.blobs import FileBlobs
from novum.records import Job
from novum.testing.executors import output, python_stage, run

LOOK = """
import importlib.util, json, os, sys
from pathlib import Path
import numpy
names = ("numpy", "scipy", "matplotlib", "novum", "msgspec", "pytest", "pip", "setuptools")
found = {
    "importable": [name for name in names if importlib.util.find_spec(name) is not None],
    "sum": float(numpy.ones((3, 4)).sum()),
    "environment": sorted(os.environ),
    "arguments": sys.argv,
    "seed": os.environ["PYTHONHASHSEED"],
    "threads": os.environ["OMP_NUM_THREADS"],
    "encoding": sys.getfilesystemencoding(),
}
Path("out/found.json").write_text(json.dumps(found))
"""


COMPUTE = """
import numpy
rng = numpy.random.default_rng(7)
numpy.save("out/a.npy", rng.normal(size=(50, 50)) @ rng.normal(size=50))
"""


@pytest_asyncio.fixture
async def local(blobs: FileBlobs, tmp_path: Path) -> AsyncIterator[LocalExecutor]:
    made = LocalExecutor(blobs, tmp_path / "scratch")
    yield made
    await made.close()


def test_the_closure_holds_what_is_needed_and_no_more() -> None:
    found = environment(("scipy>=1.0",))
    assert {"numpy", "scipy"} <= set(found.libraries)
    assert set(found.versions) == {"numpy", "scipy"}
    assert "novum" not in found.libraries
    assert "pytest" not in found.libraries
    assert all(Path(path).exists() for path in found.libraries.values())


def test_compiled_libraries_come_along() -> None:
    """Wheels keep their shared libraries in a folder beside the package."""
    site = Path(environment(("numpy",)).libraries["numpy"]).parent
    beside = {path.name for path in site.glob("numpy.libs")}
    assert beside <= set(environment(("numpy",)).libraries)


def test_no_requirement_exposes_nothing() -> None:
    assert environment(()).libraries == {}


@pytest.mark.parametrize(
    ("requirement", "told"),
    [
        ("novum", "may not see"),
        ("Novum>=0.1", "may not see"),
        ("no-such-distribution", "not installed"),
        ("numpy==0.0.1", "0.0.1"),
        ("!!", "not a requirement"),
    ],
)
def test_bad_requirements_are_the_users_error(requirement: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        environment((requirement,))


def test_the_interpreter_is_the_one_behind_the_virtual_environment() -> None:
    python = Path(base_interpreter())
    assert python.is_file()
    assert not python.is_symlink()
    assert not (python.parent.parent / "pyvenv.cfg").exists()


def test_novum_and_every_site_folder_are_hidden() -> None:
    hidden = environment(()).hidden
    assert str(Path(__file__).parents[2] / "src" / "novum") in hidden or any(
        "novum" in path for path in hidden
    )
    stdlib = Path(json.__file__).resolve().parents[1]
    for site in stdlib.glob("site-packages"):
        assert str(site) in hidden


def test_versions_are_for_the_record() -> None:
    found = versions_here(("pytest>=8", "no-such-library"))
    assert set(found) == {"python", "platform", "numpy", "scipy", "pytest"}
    assert found["pytest"] == pytest.__version__


async def test_inside_there_is_what_was_asked_for(layer: str, blobs: FileBlobs, local: LocalExecutor) -> None:
    job = Job(
        stages=(python_stage("only", LOOK, blobs),), requirements=("numpy",), sandbox=layer, shipped=True
    )
    result = await run(local, job, "k")
    assert result.ok, result
    assert result.sandbox == layer
    found = json.loads(output(result, "only", "out/found.json", blobs))
    assert found["importable"] == ["numpy"]
    assert found["sum"] == 12.0
    assert found["arguments"] == ["main.py", "request.json"]
    assert (found["seed"], found["threads"], found["encoding"]) == ("0", "1", "utf-8")
    assert {name for name in found["environment"] if "KEY" in name or "TOKEN" in name} == set()


async def test_each_layer_computes_the_same(layer: str, blobs: FileBlobs, local: LocalExecutor) -> None:
    job = Job(stages=(python_stage("only", COMPUTE, blobs),), requirements=("numpy",), shipped=True)
    here = await run(local, structs.replace(job, sandbox=layer), "here")
    plain = await run(local, structs.replace(job, sandbox="none"), "plain")
    assert here.stages[0].outputs == plain.stages[0].outputs != {}


def test_paths_without_holes_cover_the_rest(tmp_path: Path) -> None:
    for path in ("lib/a", "lib/site/secret", "lib/b/c", "bin"):
        (tmp_path / path).mkdir(parents=True)
    covered = view.paths_without(str(tmp_path), [f"{tmp_path}/lib/site"])
    assert covered == [f"{tmp_path}/{p}" for p in ("bin", "lib/a", "lib/b")]
    assert view.paths_without(str(tmp_path), [str(tmp_path)]) == []
    assert view.paths_without(str(tmp_path), ["/elsewhere"]) == [str(tmp_path)]


def test_no_room_for_the_links_is_the_machines_fault_and_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    found = environment(("numpy",))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "symlink_to", full)
        for _ in range(2):
            with pytest.raises(MachineError, match="No space left"):
                found.farm(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert found.farm(tmp_path).is_dir()
    assert found.farm(tmp_path).name == next(tmp_path.iterdir()).name
def test_a_missing_library_of_an_extra_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    found = metadata.distribution

    def without(name: str):
        if name == "evosax":
            raise metadata.PackageNotFoundError(name)
        return found(name)

    monkeypatch.setattr(metadata, "distribution", without)
    monkeypatch.setattr(metadata, "requires", lambda name: ["rich>=14", 'evosax>=0.3; extra == "jax"'])
    with pytest.raises(UserError) as caught:
        environment(("evosax",))
    assert caught.value.fix == "pip install 'novum[jax]'"
    assert "\n" not in str(caught.value)
