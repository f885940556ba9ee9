"""The launcher `./novum`, with a pretended uv: what it sets up, when it does so again, what it passes on."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHELL_TOOLS = ("sh", "readlink", "dirname", "cksum", "tr", "cat", "cmp", "mkdir", "mv", "chmod", "flock")

FAKE_UV = """#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$*" >>"$UV_LOG"
echo "a word on standard output"
for last; do :; done
if [ "$1" = venv ]; then
    mkdir -p "$last/bin"
    printf '#!/bin/sh\\necho "python $*"\\n' >"$last/bin/python"
    printf '#!/bin/sh\\nprintf "[%%s]" "$@"; echo " ${NOVUM_VENV-unset}"; exit 3\\n' >"$last/bin/novum"
    chmod +x "$last/bin/python" "$last/bin/novum"
fi
"""


class Checkout:
    """A copy of what the launcher needs, at a path with a space, and a PATH of chosen tools."""

    def __init__(self, folder: Path):
        self.here, self.tools, self.log = folder / "a checkout", folder / "tools", folder / "uv.log"
        self.here.mkdir()
        self.tools.mkdir()
        for name in ("novum", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
            shutil.copy(ROOT / name, self.here)
        for name in SHELL_TOOLS:
            if found := shutil.which(name, path="/usr/bin:/bin"):
                (self.tools / name).symlink_to(found)

    def add_tool(self, name: str, text: str) -> None:
        (self.tools / name).write_text(text)
        (self.tools / name).chmod(0o755)

    def call(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": str(self.tools), "HOME": str(self.here.parent), "UV_LOG": str(self.log), **environ}
        command = [self.here / "novum", *words]
        return subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, check=False)

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture
def with_uv(checkout: Checkout) -> Checkout:
    checkout.add_tool("uv", FAKE_UV)
    return checkout


def test_first_call_sets_up_and_passes_on_words_and_exit_code(with_uv: Checkout):
    done = with_uv.call("show", "a b", "")
    assert (done.returncode, done.stdout) == (3, "[show][a b][] unset\n")
    assert [line.split()[0] for line in with_uv.asked] == ["venv", "pip", "pip"]
    assert "--require-hashes -r " + str(with_uv.here / "requirements.lock") in with_uv.asked[1]
    assert "--no-deps --no-build-isolation" in with_uv.asked[2]
    assert "ready" in done.stderr


def test_second_call_sets_up_nothing(with_uv: Checkout):
    with_uv.call("run")
    before = with_uv.asked
    done = with_uv.call("run")
    assert (with_uv.asked, done.stderr) == (before, "")


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_requirement_is_installed(with_uv: Checkout, name: str):
    with_uv.call("run")
    before = len(with_uv.asked)
    with (with_uv.here / name).open("a") as file:
        file.write("# changed\n")
    with_uv.call("run")
    assert [line.split()[0] for line in with_uv.asked[before:]] == ["pip", "pip"]


def test_a_moved_checkout_is_set_up_again(with_uv: Checkout):
    with_uv.call("run")
    before = len(with_uv.asked)
    with_uv.here = with_uv.here.rename(with_uv.here.with_name("moved"))
    with_uv.call("run")
    assert len(with_uv.asked) > before


def test_tests_run_under_the_larger_set_which_serves_commands_too(with_uv: Checkout):
    done = with_uv.call("test", "-k", "a b")
    assert done.stdout == "python -m pytest --numprocesses 2 --dist worksteal -k a b\n"
    assert str(with_uv.here / "requirements-dev.lock") in with_uv.asked[1]
    before = with_uv.asked
    with_uv.call("run")
    assert with_uv.asked == before


def test_the_environment_may_be_elsewhere(with_uv: Checkout):
    place = with_uv.here.parent / "env"
    done = with_uv.call("run", NOVUM_VENV=str(place))
    assert (place / "bin" / "novum").exists() and not (with_uv.here / ".venv").exists()
    assert done.stdout.endswith(" unset\n"), "Novum would take it for an option"


def test_through_a_link_it_finds_its_checkout(with_uv: Checkout):
    link = with_uv.here.parent / "link"
    link.symlink_to(with_uv.here / "novum")
    env = {"PATH": str(with_uv.tools), "HOME": "/", "UV_LOG": str(with_uv.log)}
    subprocess.run([link, "run"], env=env, capture_output=True, check=False)
    assert (with_uv.here / ".venv" / "bin" / "novum").exists()


def test_an_unfinished_setup_is_taken_up_again(with_uv: Checkout):
    with_uv.add_tool("uv", FAKE_UV + '[ "$1" = pip ] && exit 1\nexit 0\n')
    assert with_uv.call("run").returncode == 4
    with_uv.add_tool("uv", FAKE_UV)
    assert with_uv.call("run").returncode == 3


def test_without_uv_and_python_one_line_names_the_package(checkout: Checkout):
    done = checkout.call("run")
    assert done.returncode == 4 and "apt-get install python3-venv" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_older_python_is_not_taken(checkout: Checkout):
    checkout.add_tool("python3", "#!/bin/sh\nexit 1\n")
    assert "no Python 3.11 or newer" in checkout.call("run").stderr
    refused = checkout.call("run", NOVUM_PYTHON=str(checkout.tools / "python3"))
    assert refused.returncode == 4 and "is not a Python 3.11 or newer" in refused.stderr


def test_python_without_pip_or_means_to_make_one(checkout: Checkout):
    """As on a Debian with nothing but `python3`: no `-m` of pip, venv or ensurepip works."""
    script = f"""#!/bin/sh
    [ "$1" = -m ] && exit 1
    exec {shlex.quote(sys.executable)} "$@"
    """
    checkout.add_tool("python3", script)
    done = checkout.call("run")
    assert done.returncode == 4 and "install it, e.g. 'apt-get install python3-venv'" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write everywhere")
def test_a_checkout_of_others_is_left_alone(with_uv: Checkout):
    with_uv.here.chmod(0o555)
    with_uv.call("run")
    with_uv.here.chmod(0o755)
    assert not (with_uv.here / ".venv").exists()
    assert len(list((with_uv.here.parent / ".cache" / "novum").glob("venv-*/bin/novum"))) == 1
