"""Every layer that works here is tried with the whole probe suite, as this user and as a plain one."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import novum
from novum.compute.layers import examine
from novum.compute.probes import KNOWN_LEAKS, PROBES, probe_layer
from novum.compute.probes.suite import FORGERY, REACHING
from novum.compute.sandbox.layers import ORDER, WITH_ZYGOTES
from novum.errors import UserError

AS_PLAIN_USER = """
import asyncio, json, sys
from novum.compute.layers import examine
from novum.compute.probes import probe_layer
found = {}
for layer in sys.argv[1:]:
    report = examine(layer)
    starts = [] if report.problem else [False] if report.warm_problem else [False, True]
    results = [r for warm in starts for r in asyncio.run(probe_layer(layer, warm=warm))]
    found[layer] = {"problem": report.problem, "cold": report.warm_problem,
                    "results": [[r.probe, r.verdict, r.detail] for r in results]}
print(json.dumps(found))
"""


@pytest.fixture(params=[False, True], ids=["cold", "warm"])
def warm(request: pytest.FixtureRequest, layer: str) -> bool:
    """Both ways to start under a layer that has them."""
    if request.param and examine(layer).warm_problem:
        pytest.skip(f"{layer}: {examine(layer).warm_problem}")
    return request.param


async def test_a_layer_refuses_all_it_promises_to(layer: str, warm: bool) -> None:
    results = await probe_layer(layer, warm=warm)
    assert [result.probe for result in results] == list(PROBES)
    assert [r for r in results if r.verdict == "not run"] == []
    assert [r for r in results if r.verdict == "leaked" and r.probe not in KNOWN_LEAKS[layer]] == []


async def test_the_probes_find_what_gets_through() -> None:
    """Without walls they leak, so a refusal above means something."""
    results = await probe_layer("none", {*REACHING, *FORGERY})
    leaked = {result.probe for result in results if result.verdict == "leaked"}
    assert leaked >= {"network", "write_outside", "read_outside", "package", "signals", "process_list",
                      "system_calls", "heldout", "other_processes", "list_outside"}  # fmt: skip
    assert "environment" not in leaked, "keys are scrubbed even with --sandbox none"
    assert "links" not in leaked, "links are refused by the freeze, not by the layer"


def test_the_strong_layers_are_known_to_leak_nothing() -> None:
    assert {name for name in ORDER if KNOWN_LEAKS[name]} == {"process"}


async def test_unknown_probes_are_named() -> None:
    with pytest.raises(UserError, match="no probe 'escape'"):
        await probe_layer("process", {"escape"})


def plain_python() -> str:
    """An interpreter of our version that other users may run."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = shutil.which(name, path="/usr/local/bin:/usr/bin")
    if os.geteuid() != 0 or found is None or shutil.which("setpriv") is None:
        pytest.skip("needs root, setpriv, and a system interpreter of our version")
    return found


@pytest.mark.slow
def test_layers_hold_for_a_plain_user_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = Path("/var/tmp") / f"novum-plain-{os.getpid()}"
    home.mkdir()
    os.chown(home, 65534, 65534)
    source = str(Path(novum.__file__).parents[1])
    path = f"{source}:{sysconfig.get_path('purelib')}"
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "-i", "PATH=/usr/bin:/bin"]
    command = [*user, f"HOME={home}", f"PYTHONPATH={path}", "PYTHONDONTWRITEBYTECODE=1", plain_python()]
    try:
        done = subprocess.run(
            [*command, "-c", AS_PLAIN_USER, *ORDER], capture_output=True, cwd=home, text=True
        )
        if "ModuleNotFoundError" in done.stderr:
            pytest.skip("a plain user cannot read this checkout")
        assert done.returncode == 0, done.stderr
    finally:
        shutil.rmtree(home)
    found = json.loads(done.stdout)
    assert not found["process"]["problem"]
    assert {layer for layer in WITH_ZYGOTES if found[layer]["cold"] and not found[layer]["problem"]} == set()
    leaks = [(layer, *row) for layer in ORDER for row in found[layer]["results"]
             if row[1] != "refused" and row[0] not in KNOWN_LEAKS[layer]]  # fmt: skip
    assert leaks == []


def test_the_page_on_confinement_states_the_known_leaks() -> None:
    page = Path(__file__).parents[2] / "docs" / "confinement.md"
    rows = {line.split("|")[1].strip(" `"): line.split("|")[4] for line in page.read_text().splitlines()
            if line.startswith("| `") and line.count("|") == 5}  # fmt: skip
    for layer in ORDER:
        assert set(rows[layer].replace("`", "").replace(",", " ").split()) == KNOWN_LEAKS[layer]
