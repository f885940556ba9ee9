"""Which program `acp:NAME` starts, and what of a person's own configuration goes with it.

An agent signs in by itself, with what its own command line tool has stored. It gets the folders and
variables that it needs for that and no others; of ours it gets none.
"""

import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from novum.errors import UserError

MORE_FOLDERS, MORE_VARIABLES = "NOVUM_AGENT_FOLDERS", "NOVUM_AGENT_VARIABLES"


class Known(Struct, frozen=True, kw_only=True):
    """An agent that we know by name: ways to start it, its configuration below the home, its variables."""

    commands: tuple[tuple[str, ...], ...]
    folders: tuple[str, ...]
    variables: tuple[str, ...]
    install: str


KNOWN: Mapping[str, Known] = {
    "claude": Known(
        commands=(("claude-agent-acp",), ("claude-code-acp",)),
        folders=(".claude", ".claude.json", ".config/claude"),
        variables=("ANTHROPIC_*", "CLAUDE_*", "AWS_REGION", "AWS_BEARER_TOKEN_BEDROCK"),
        install="npm install -g @agentclientprotocol/claude-agent-acp, and sign in with claude",
    ),
    "codex": Known(
        commands=(("codex-acp",),),
        folders=(".codex",),
        variables=("OPENAI_API_KEY", "OPENAI_BASE_URL", "CODEX_*"),
        install="npm install -g @zed-industries/codex-acp, and sign in with codex login",
    ),
    "gemini": Known(
        commands=(("gemini", "--acp"),),
        folders=(".gemini",),
        variables=(
            "GEMINI_*",
            "GOOGLE_API_KEY",
            "GOOGLE_CLOUD_PROJECT",
            "GOOGLE_CLOUD_LOCATION",
            "GOOGLE_GENAI_*",
        ),
        install="npm install -g @google/gemini-cli, and sign in with gemini",
    ),
}
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE")
COMMON = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_*", "TZ", "TERM"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *CERTIFICATES,
)


class Agent(Struct, frozen=True, kw_only=True):
    """A program that can be started: its words with the first one's full path, the paths of its own
    configuration that are there, and its whole environment. `hidden` are folders that it is not to see."""

    command: tuple[str, ...]
    folders: tuple[str, ...]
    environ: dict[str, str]
    hidden: tuple[str, ...] = ()


def find(rest: str, environ: Mapping[str, str]) -> Agent:
    """The agent of a known name, or of any command line.

    Raises:
        UserError: the command cannot be read, or its program is not installed.
    """
    name = f"acp:{rest}"
    try:
        words = tuple(shlex.split(rest))
    except ValueError as error:
        raise UserError(f"{name}: the command cannot be read ({error})", fix="mend its quotes") from error
    known = KNOWN.get(rest)
    for command in known.commands if known else (words,):
        path = shutil.which(command[0], path=environ.get("PATH", os.defpath))
        if path is not None:
            return _agent((os.path.abspath(path), *command[1:]), known or _meant(words), environ)
    if known is None:
        raise UserError(
            f"{name} needs the program {words[0]}, which is not on PATH", fix="install it, or mend the name"
        )
    programs = " or ".join(command[0] for command in known.commands)
    raise UserError(f"{name} needs the program {programs}, which is not on PATH", fix=known.install)


def _meant(words: tuple[str, ...]) -> Known | None:
    """The known agent that a command of one's own starts, told by its program or package."""
    parts = {part for word in words for part in (word, os.path.basename(word))}
    for known in KNOWN.values():
        if any(command[0] in parts for command in known.commands):
            return known
    return None


def _agent(command: tuple[str, ...], known: Known | None, environ: Mapping[str, str]) -> Agent:
    home = Path(environ.get("HOME") or Path.home())
    folders = [str(home / folder) for folder in (known.folders if known else ())]
    more = [folder for folder in environ.get(MORE_FOLDERS, "").split(":") if folder]
    folders += [str(home / folder.removeprefix("~/")) for folder in more]
    if os.path.basename(command[0]) == "npx":
        folders.append(str(home / ".npm"))
    wanted = (*COMMON, *(known.variables if known else ()), *environ.get(MORE_VARIABLES, "").split(","))
    kept = {key: value for key, value in environ.items() if any(_fits(key, want) for want in wanted)}
    there = tuple(folder for folder in folders if os.path.exists(folder))
    return Agent(command=command, folders=there, environ=kept | {"TMPDIR": "/tmp"})


def _fits(name: str, wanted: str) -> bool:
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted
