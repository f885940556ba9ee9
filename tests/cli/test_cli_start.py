"""Start-up is a feature, and every command explains itself."""

import os
import re
import resource
import subprocess
import sys

import pytest

COMMANDS = (
    *(
        "run",
        "ideas",
        "resume",
        "list",
        "show",
        "log",
        "write",
        "audit",
        "review",
        "mailbox",
        "reproduce",
        "replicate",
        "export",
        "approve",
        "edit",
        "stop",
        "init",
        "doctor",
    ),
    *("domains list", "domains show", "domains check", "domains new"),
    "bench truth",
)
HEAVY = (
    "numpy",
    "scipy",
    "matplotlib",
    "msgspec",
    "rich",
    "sqlite3",
    "asyncio",
    "bibtexparser",
    "pypandoc",
    "typst",
)


def test_help_imports_nothing_heavy():
    script = (
        "import sys; from novum.cli.border import guarded; code = guarded(['--help']); "
        "print(code, *sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    code, *modules = done.stderr.split()
    loaded = {name.partition(".")[0] for name in modules}
    assert code == "0" and not loaded & set(HEAVY)
    ours = {name for name in modules if name.startswith("novum")}
    assert ours <= {f"novum{m}" for m in ("", ".errors", ".cli", ".cli.app", ".cli.border", ".cli.options")}


def test_linear_algebra_has_one_thread_however_many_the_machine_allows():
    """With several, sums differ in the last bit, and an audit elsewhere found other figures."""
    code = (
        "import os, sys\nfrom novum.cli import main\ntry:\n main(['--version'])\nexcept SystemExit:\n pass\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
    )
    env = os.environ | {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-2:] == ["1", "False"]


def test_help_costs_at_most_a_quarter_of_a_cpu_second():
    """The best of three, so that a busy machine does not fail it; 0.11 s where it was written."""

    def cost() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "novum", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(cost() for _ in range(3)) <= 0.25


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(novum, command):
    said = novum(*command.split(), "--help")
    assert said.code == 0 and said.err == ""
    assert said.out.startswith(f"Usage: novum {command}")
    text = said.out.split("\n\n")[1].strip()
    assert re.match(r"[A-Z].*\.", text, re.DOTALL)


def test_the_list_of_commands_is_the_whole_of_it(novum):
    listed = re.findall(r"^  (\w+)  +[A-Z]", novum("--help").out.split("Commands:")[1], re.MULTILINE)
    assert listed == [*(c for c in COMMANDS if " " not in c), "domains", "bench"]
    assert "..." not in novum("--help").out.split("Commands:")[1]  # no summary is cut off


def test_without_words_it_helps(novum):
    said = novum()
    assert said.code == 0 and said.out.startswith("Usage: novum")


def test_version(novum):
    from novum import __version__

    assert novum("--version").out == f"novum {__version__}\n"
