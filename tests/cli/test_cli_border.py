"""Every error becomes one line and the right exit code."""

import os
import signal
import subprocess
import sys

import pytest

from novum import errors
from novum.cli import app as commands
from novum.cli import border, reading


def raising(monkeypatch, error: BaseException) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(reading, "list_studies", fail)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UserError("the seed is wrong", fix="give another"), 2),
        (errors.DomainError("has no metric", where="domain.toml", fix="add one"), 2),
        (errors.Busy("toy is being written by process 7 on here"), 2),
        (errors.MissingExtra("pdf", "a PDF"), 2),
        (errors.StudyError("no trial gave a value"), 1),
        (errors.JournalDamaged("event 7 was altered"), 1),
        (errors.OutOfBudget("3 minutes are spent", fix="novum resume"), 3),
        (errors.MachineError("the disk is full"), 4),
        (errors.NoSandbox("nothing confines here", fix="install bubblewrap"), 4),
        (errors.ProviderError("overloaded"), 4),
        (errors.ReplayDiverged("asked for what was not recorded"), 5),
        (errors.Interrupted("interrupted"), 130),
        (KeyboardInterrupt(), 130),
        (commands.typer.Abort(), 130),
        (commands.typer.Exit(3), 3),
    ],
)
def test_exit_codes(novum, monkeypatch, error, code):
    raising(monkeypatch, error)
    said = novum("list")
    assert said.code == code and said.out == ""
    if isinstance(error, errors.NovumError):
        assert said.err == f"novum: {error}\n"
    else:
        assert said.err.count("\n") <= 1


def test_every_class_of_the_tree_has_an_exit_code_of_the_list():
    def below(kind: type) -> set[type]:
        return {kind}.union(*(below(k) for k in kind.__subclasses__()))

    assert {k.exit_code for k in below(errors.NovumError)} <= {1, 2, 3, 4, 5, 130}  # type: ignore[attr-defined]


def test_a_message_of_many_lines_is_still_one_line(novum, monkeypatch):
    raising(monkeypatch, errors.UserError("first\nsecond   third", fix="mend\nit"))
    assert novum("list").err == "novum: first second third; mend it\n"


def test_a_bug_of_ours_names_a_file_with_its_traceback(novum, monkeypatch, tmp_path):
    (tmp_path / "lab").mkdir()
    raising(monkeypatch, ZeroDivisionError("division by zero"))
    said = novum("list")
    assert said.code == 5 and said.err.count("\n") == 1
    assert said.err.startswith("novum: this is our bug: ZeroDivisionError: division by zero; please report ")
    (kept,) = (tmp_path / "lab").glob("novum-bug-*.txt")
    assert str(kept.relative_to(tmp_path)) in said.err
    assert "Traceback" in kept.read_text() and "ZeroDivisionError" in kept.read_text()


@pytest.mark.parametrize("words", [("--lab", "other"), ("--lab=other",)])
def test_the_traceback_goes_to_the_lab_that_was_named(novum, monkeypatch, tmp_path, words):
    (tmp_path / "other").mkdir()
    raising(monkeypatch, RuntimeError())
    assert "other/novum-bug-" in novum("list", *words).err


def test_without_a_lab_the_traceback_goes_to_the_temporary_folder(novum, monkeypatch, tmp_path):
    monkeypatch.setattr(border.tempfile, "gettempdir", lambda: str(tmp_path))
    raising(monkeypatch, RuntimeError("x"))
    assert novum("list").code == 5
    assert len(list(tmp_path.glob("novum-bug-*.txt"))) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["rn"], "No such command 'rn'. Did you mean 'run'? see novum --help"),
        (["run", "--worker", "2"], "No such option: --worker"),
        (["run", "--workers"], "Option '--workers' requires an argument"),
        (["run", "a", "b"], "Got unexpected extra argument"),
        (["domains", "check"], "Missing argument"),
        (["show", "--tree=3"], "does not take a value"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_2(novum, words, says):
    said = novum(*words)
    assert said.code == 2 and said.out == "" and said.err.count("\n") == 1
    assert said.err.startswith("novum: ") and says in said.err and "--help" in said.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--workers", "0"], "--workers is 0; give a whole number from 1"),
        (["--workers", "two"], "--workers is 'two'; give a whole number from 1"),
        (["--seed", "-1"], "--seed is -1; give a whole number from 0"),
        (["--sandbox", "docker"], "--sandbox is 'docker'; give one of auto, bwrap"),
        (["--executor", "slurm"], "--executor is 'slurm'; give local"),
        (["--device", "cuda"], "--device is 'cuda'; give one of cpu, gpu"),
        (["--budget", "huge"], "--budget is 'huge'; give one of smoke, default, full"),
        (["--budget-minutes", "nan"], "--budget-minutes is nan; give a number above 0"),
        (["--budget-trials", "0"], "--budget-trials is 0; give a whole number from 1"),
        (["--until", "paper"], "--until is 'paper'; give one of domain, ideas, protocol"),
        (["--lab", ""], "--lab is ''; give a folder"),
    ],
)
def test_a_bad_value_is_one_line_and_2_and_nothing_is_made(novum, tmp_path, words, says):
    said = novum("run", *words)
    assert said.code == 2 and said.err.startswith(f"novum: {says}") and said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_malformed_novum_toml_is_named_by_every_command(novum, tmp_path):
    (tmp_path / "novum.toml").write_text("worker = 2\n")
    for command in ("run", "resume", "list", "show", "log", "doctor", "audit", "approve"):
        said = novum(command)
        assert said.code == 2
        assert said.err == "novum: novum.toml:1: there is no option 'worker'; did you mean 'workers'?\n"


def test_an_unknown_variable_is_named(novum, monkeypatch):
    monkeypatch.setenv("NOVUM_SEEDS", "3")
    said = novum("list")
    assert said.code == 2 and "environment variable NOVUM_SEEDS" in said.err and "'NOVUM_SEED'" in said.err


SLEEPER = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where whoever runs the tests ignores it
from novum.cli import border, reading
def sleeper(*_):
    print("ready", flush=True)
    time.sleep(60)
reading.list_studies = sleeper
sys.exit(border.guarded(["list"]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_130_and_one_line(number, tmp_path):
    child = subprocess.Popen(
        [sys.executable, "-c", SLEEPER],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    child.send_signal(number)
    _, err = child.communicate(timeout=20)
    assert child.returncode == 130 and err == "novum: interrupted; novum resume goes on from here\n"


def test_sigterm_ends_what_a_shell_started_in_the_background(tmp_path):
    """A shell without job control has such a command ignore SIGINT."""
    child = subprocess.Popen(
        [sys.executable, "-c", SLEEPER],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    child.send_signal(signal.SIGTERM)
    assert child.communicate(timeout=20) and child.returncode == 130


def test_a_reader_that_goes_away_is_no_error(lab, tmp_path):
    shell = f"{sys.executable} -m novum log toy-aaa1 --json | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, cwd=tmp_path)
    assert done.stderr == "" and done.stdout.splitlines()[-1] == "0"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_locale_without_our_signs_is_no_error(lab, tmp_path, encoding):
    environ = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "80"}
    printed = b""
    for words in (["list"], ["show", "toy-aaa1", "--tree"]):
        line = [sys.executable, "-m", "novum", *words]
        done = subprocess.run(line, capture_output=True, cwd=tmp_path, env=environ)
        assert done.returncode == 0 and done.stderr == b""
        printed += done.stdout
    assert printed.isascii() == (encoding == "ascii")


def test_a_gpu_that_is_not_there_is_one_line_before_anything_is_made(novum, tmp_path, monkeypatch):
    from novum.compute.node import devices

    monkeypatch.setattr(devices, "gpu", list)
    said = novum("run", "control", "--device", "gpu", "--lab", "lab")
    assert said.code == 2 and said.err.count("\n") == 1
    assert "no GPU is present here" in said.err and said.err.endswith("use --device cpu\n")
    assert not list(tmp_path.glob("lab/studies/*"))
