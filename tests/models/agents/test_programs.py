"""Names of agents, what is started, and what of a person's configuration goes with it."""

from pathlib import Path

import pytest

from novum.errors import UserError
from novum.models.agents.profile import _root_of
from novum.models.agents.programs import find


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A machine on which some agents are installed, with keys of everybody's."""
    (tmp_path / "bin").mkdir()
    for name in ("claude-code-acp", "codex-acp", "npx", "own-agent"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\n")
        (tmp_path / "bin" / name).chmod(0o755)
    home = tmp_path / "home"
    for folder in (".claude", ".codex", ".npm", ".own"):
        (home / folder).mkdir(parents=True)
    keys = dict.fromkeys(
        ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GITHUB_TOKEN", "CODEX_HOME", "OWN_KEY"), "k"
    )
    return {"PATH": str(tmp_path / "bin"), "HOME": str(home), "LC_ALL": "C", **keys}


def names(paths) -> list[str]:
    return [Path(path).name for path in paths]


def test_each_gets_its_own_and_no_other(environ: dict[str, str]) -> None:
    claude, codex = find("claude", environ), find("codex", environ)
    assert names(claude.command) == ["claude-code-acp"]  # the older name
    assert (names(claude.folders), names(codex.folders)) == ([".claude"], [".codex"])
    secrets = {"ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GITHUB_TOKEN", "CODEX_HOME", "OWN_KEY"}
    assert secrets & set(claude.environ) == {"ANTHROPIC_API_KEY"}
    assert secrets & set(codex.environ) == {"OPENAI_API_KEY", "CODEX_HOME"}
    assert claude.environ["LC_ALL"] == "C"


def test_a_command_of_ones_own(environ: dict[str, str]) -> None:
    more = {"NOVUM_AGENT_FOLDERS": "~/.own:/nowhere", "NOVUM_AGENT_VARIABLES": "OWN_KEY,X"}
    agent = find("own-agent --acp 'two words'", environ | more)
    assert agent.command[1:] == ("--acp", "two words")
    assert names(agent.folders) == [".own"]
    assert "OWN_KEY" in agent.environ and "GITHUB_TOKEN" not in agent.environ
    assert names(find("npx -y @zed-industries/codex-acp", environ).folders) == [".codex", ".npm"]


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        (
            "gemini",
            "acp:gemini needs the program gemini, which is not on PATH; npm install -g @google/gemini-cli",
        ),
        ("no-such-agent --x", "acp:no-such-agent --x needs the program no-such-agent, which is not on PATH"),
        ("own-agent 'open", "acp:own-agent 'open: the command cannot be read"),
    ],
)
def test_what_is_not_there_is_said_with_what_to_do(environ: dict[str, str], rest: str, says: str) -> None:
    with pytest.raises(UserError) as raised:
        find(rest, environ)
    assert str(raised.value).startswith(says) and raised.value.fix and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("program", "shown"),
    [
        ("/home/u/.nvm/versions/node/v22/bin/node", "/home/u/.nvm/versions/node/v22"),
        ("/home/u/.nvm/v22/lib/node_modules/@x/acp/dist/index.js", "/home/u/.nvm/v22/lib/node_modules"),
        ("/home/u/venv/bin/agent", "/home/u/venv"),
        ("/home/u/.local/bin/agent", "/home/u/.local/bin/agent"),
        ("/home/u/bin/agent", "/home/u/bin/agent"),
        ("/home/u/agent.sh", "/home/u/agent.sh"),
        ("/home/u/.local/share/claude/versions/2.0.1", "/home/u/.local/share/claude/versions"),
        ("/home/bin/agent", "/home/bin/agent"),
        ("/bin/agent", "/bin/agent"),
    ],
)
def test_of_a_home_only_the_installation_is_shown(program: str, shown: str) -> None:
    assert _root_of(program, "/home/u") == shown
