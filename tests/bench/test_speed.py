"""The scripts of benchmarks/: how rows are made, and bounds so loose that only a regression breaks them.

No bound is on wall time: a busy machine must not fail a test. The targets themselves are judged by
`benchmarks/speed.py`.
"""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from novum.bench.rows import Row

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "benchmarks"


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(SCRIPTS)
    import measuring

    return measuring


@pytest.fixture
def speed(measuring: ModuleType) -> ModuleType:
    import speed

    return speed


def test_a_row_is_the_median_and_only_that_is_judged(measuring: ModuleType) -> None:
    one = measuring.row("x", [5.0, 1.0, 2.0, 3.0, 4.0], at_most=3.0)
    assert (one.value, one.n, one.target, one.met) == (3.0, 5, "≤ 3", True)
    assert 1.0 < one.low < 2.0 and 4.0 < one.high < 5.0
    assert measuring.row("x", [5.0, 1.0, 3.1], at_most=3.0).met is False
    assert measuring.row("x", [5.0, 1.0, 3.0], at_least=3.1).met is False
    alone = measuring.row("x", [2.0])
    assert (alone.low, alone.value, alone.high, alone.met) == (2.0, 2.0, 2.0, None)


def test_what_a_command_used_is_counted_with_its_children(measuring: ModuleType) -> None:
    burn = "sum(i * i for i in range(3_000_000))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"
    found = measuring.in_turn(
        {"bare": [sys.executable, "-c", "pass"], "child": [sys.executable, "-c", child]}, 1
    )
    assert found["child"][0].cpu > 3 * found["bare"][0].cpu > 0
    with pytest.raises(SystemExit, match="ended with 3"):
        measuring.use_of([sys.executable, "-c", "raise SystemExit(3)"])
    assert measuring.use_of([sys.executable, "-c", "raise SystemExit(3)"], fails=True).peak > 1


def test_groups_measured_now_take_the_place_of_their_like(speed: ModuleType, tmp_path: Path) -> None:
    def group(name: str, value: float) -> object:
        rows = (Row(name="x", value=value, low=value, high=value, n=1),)
        return speed.Group(name=name, title="T", command="c", date="d", machine="m", rows=rows)

    out = tmp_path / "speed.json"
    speed.write(out, speed.joined(out, [group("reading", 1.0), group("startup", 2.0)]))
    speed.write(out, speed.joined(out, [group("reading", 3.0)]))
    kept = json.loads(out.read_text())
    assert [(g["name"], g["rows"][0]["value"]) for g in kept] == [("startup", 2.0), ("reading", 3.0)]


def test_every_group_has_its_script_and_says_what_it_measures(speed: ModuleType) -> None:
    for name in speed.GROUPS:
        assert speed.title_of(name).strip() and "\n" not in speed.title_of(name)
    assert {g["name"] for g in json.loads((ROOT / "docs" / "speed.json").read_text())} <= set(speed.GROUPS)


# --- loose bounds -----------------------------------------------------------------------------------------


def figures(script: str, *options: str) -> list[Row]:
    words = [sys.executable, str(SCRIPTS / f"{script}.py"), "--json", *options]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [Row(**json.loads(line)) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_a_command_starts_within_twenty_bare_interpreters() -> None:
    bare, helped, ratio, peak, listed = figures("startup", "--repeats", "5")
    assert ratio.value < 20 and helped.value < 0.5 and listed.value < 0.6 and peak.value < 100
    assert bare.value < helped.value


@pytest.mark.slow
def test_a_long_study_is_folded_and_shown_quickly() -> None:
    fold, shown, bare, whole, *_ = figures("reading", "--repeats", "2", "--events", "40000")
    assert fold.value < 2 and shown.value < 0.4
    assert shown.value < bare.value / 1.5 and whole.value < bare.value


@pytest.mark.slow
def test_the_coordinator_costs_little_beside_a_trial() -> None:
    trial, alone, stages, _, waiting, _ = figures("coordinator", "--repeats", "1")
    assert trial.value < 0.1 and alone.value < 0.01 and waiting.value < 150
    assert trial.value < stages.value


@pytest.mark.slow
def test_grokking_stays_a_matter_of_seconds() -> None:
    there, never = figures("grokking", "--repeats", "1")
    assert there.value < 4 and never.value < 10


def test_what_seeds_share_is_told_from_what_each_costs(measuring: ModuleType) -> None:
    import batches

    once, each = 6.0, 0.25
    alone, among = once + each, once / batches.TOGETHER + each
    assert batches.startup_share(alone, among) == pytest.approx(once / alone)
    rows = batches.rows_of("x", True, [(alone, among)])
    assert rows[1].value >= batches.DOMINATES and rows[2].target == "≥ 5" and rows[2].met
    small = batches.rows_of("x", False, [(2.0, 1.0)])
    assert small[2].target == "" and small[2].value == 2.0


def test_diffusion_is_not_measured_without_an_interpreter_that_has_pytorch(
    speed: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["speed.py", "diffusion"])
    with pytest.raises(SystemExit):
        speed.main()
    assert "--torch PYTHON" in capsys.readouterr().err
