"""A person's decisions: approve, edit, stop. They go into the study's inbox; the coordinator takes them.

While a coordinator is at work on the study it takes the decision itself; otherwise one is started here.
"""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from novum import api
from novum.cli.output import Output, print_json
from novum.cli.running import carry_on
from novum.errors import UserError
from novum.state import State


def approve(lab: Path, ref: str, output: Output) -> int:
    """Let a waiting study go on."""
    path = _waiting(lab, ref)
    study = api.open_study(path)
    if study.status not in ("waiting", "running"):
        raise UserError(f"{study.state.study} does not wait for approval", fix="see novum show")
    return _decide(path, "approve", {}, output)


def edit(lab: Path, ref: str, changes: list[str], output: Output) -> int:
    """Amend a registered protocol, by `KEY=VALUE` or in an editor."""
    path = _waiting(lab, ref)
    state = api.open_study(path).state
    if state.protocol is None:
        raise UserError(f"{state.study} has no protocol yet", fix="begin with novum run --until protocol")
    if state.nonce:
        raise UserError(f"confirmation of {state.study} has begun", fix="a protocol is frozen from there on")
    detail = dict(_pair(text) for text in changes) if changes else _from_editor(state)
    if not detail:
        raise UserError("nothing was changed", fix="give --set KEY=VALUE")
    return _decide(path, "edit", detail, output)


def stop(lab: Path, ref: str, output: Output) -> int:
    """End a study for good."""
    path = api.find_study(lab, ref, unfinished=True)
    _decide(path, "stop", {}, output)
    return 0


def _waiting(lab: Path, ref: str) -> Path:
    """The study named, or else the latest one that waits for a person."""
    if ref:
        return api.find_study(lab, ref, unfinished=True)
    waiting = [study.path for study in api.list_studies(lab) if study.status == "waiting"]
    if not waiting:
        raise UserError(f"no study in {lab} waits for approval", fix="novum run --until protocol begins one")
    return waiting[-1]


def _decide(path: Path, action: str, detail: dict[str, str], output: Output) -> int:
    """Leave the decision; then carry it out, unless a coordinator is there to do it."""
    api.act(path, action, detail)
    study = api.open_study(path)
    if not study.is_running:
        return carry_on(path, {}, output)
    told = {"id": study.state.study, "action": action, "detail": detail, "taken": False}
    print_json(told) if output.json else print(f"{study.state.study}: {action} left for its coordinator")
    return 0


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not value.strip():
        raise UserError(f"{text!r} is no KEY=VALUE", fix="for instance --set seeds=24")
    return key.strip(), value.strip()


def _from_editor(state: State) -> dict[str, str]:
    """The protocol's values as a few lines in the person's editor; what changed, as text."""
    protocol = state.protocol
    assert protocol is not None
    before = {
        "margin": f"{protocol.contrasts[0].margin:g}",
        "seeds": str(protocol.seeds_per_arm),
        "alpha": f"{protocol.alpha:g}",
    }
    text = "".join(f"{key} = {value}\n" for key, value in before.items())
    pairs = (_pair(line) for line in _edited(text).splitlines() if line.strip())
    return {key: value for key, value in pairs if before.get(key) != value}


def _edited(text: str) -> str:
    """A text as the person leaves it in `$VISUAL` or `$EDITOR`."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "protocol.toml"
        path.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*shlex.split(editor), str(path)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise UserError(
                f"the editor '{editor}' did not work: {error}", fix="give --set KEY=VALUE"
            ) from error
        return path.read_text(encoding="utf-8")
