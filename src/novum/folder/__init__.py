"""A study's folder: everything beside journal and blobs, all of it rebuilt from them.

`materialise` may be called at any time and again; a file that is right already is left alone, any other is
written beside and renamed into place. Paths within the files are relative to the study's folder.
"""

import contextlib
import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from novum.canonical import short_id
from novum.errors import JournalDamaged, MachineError
from novum.evidence.catalogue import catalogue
from novum.evidence.tables import claims_data, measurements_csv
from novum.folder.readme import readme
from novum.manuscript.references import find_references
from novum.protocols import Blobs
from novum.records import Node, StageResult
from novum.state import State, Trial
from novum.steps.blinding import blinded

OWN = (
    "journal.sqlite",
    "state.snapshot",
    "blobs",
    "exports",
    "inbox",
    "secret",
    "attempts",
)  # what is not rebuilt, and never written here
Files = Iterator[tuple[str, bytes]]


def materialise(folder: Path, state: State, blobs: Blobs, head: tuple[int, str]) -> None:
    """Write every file of a study that follows from its journal (`state`, `head`) and its blobs.

    Outcomes of an unfinished confirmation are left out. A blob that is missing or damaged leaves its file
    unwritten: that is for the audit to report.

    Raises:
        MachineError: the folder cannot be written.
    """
    try:
        for name, data in contents(state, blobs, head):
            _write(folder, name, data)
    except OSError as error:
        raise MachineError(
            f"cannot write {folder}: {error.strerror}",
            fix=f"free some disk, then novum resume {folder.name}: the journal holds all of it",
        ) from error


def contents(state: State, blobs: Blobs, head: tuple[int, str]) -> Files:
    """(path within the folder, bytes) of each file."""
    shown = blinded(state)
    yield "README.md", readme(shown, head).encode()
    yield from _topic(state, blobs)
    yield from _tables(shown)
    yield from _judgements(state, head)
    for node in shown.nodes.values():
        yield from _node(node, shown, blobs)
    for figure in state.figures.values():
        yield from _from_blobs(blobs, {f"figures/{figure.id}.{s}": sha for s, sha in figure.files.items()})
        yield from _from_blobs(blobs, {f"figures/{figure.id}.json": figure.data})
    yield from _paper(state, blobs)


def _topic(state: State, blobs: Blobs) -> Files:
    """The page that the study began with, and the domain that was made of it."""
    if state.topic is not None:
        yield from _from_blobs(blobs, {"topic.md": state.topic.page})
        written = state.domain.files if state.domain else {}
        yield from _from_blobs(blobs, {f"domain/{path}": sha for path, sha in written.items()})


def _tables(state: State) -> Files:
    if state.protocol is not None:
        yield (
            "protocol.json",
            _json(
                {
                    "hash": state.protocol_hash,
                    "registered_by_event": state.registered_seq,
                    "amendments": [{"replaced": old, "reason": why} for old, why in state.amendments],
                    "protocol": state.protocol,
                }
            ),
        )
        yield "claims.json", _json({"claims": claims_data(state), "statistics": _cited(state)})
    yield "measurements.csv", measurements_csv(state).encode()


def _cited(state: State) -> list[Any]:
    """The statistics that the paper refers to, with everything that they were computed from."""
    if state.paper is None:
        return []
    known = catalogue(state)
    ids = dict.fromkeys(r.id for r in find_references(state.paper.source) if r.kind == "m")
    found = []
    for id in ids:
        with contextlib.suppress(KeyError):  # a reference that leads nowhere is for the audit to report
            found.append(known.get(id))
    return found


def _judgements(state: State, head: tuple[int, str]) -> Files:
    seq, digest = head
    if state.audit_passed is not None:
        yield (
            "audit.json",
            _json(
                {
                    "passed": state.audit_passed,
                    "checks": state.audit,
                    "chain_head": {"seq": seq, "hash": digest},
                    "protocol_hash": state.protocol_hash,
                }
            ),
        )
    if state.review:
        yield "review.json", _json({"summary": state.review_summary, "items": state.review})


def _paper(state: State, blobs: Blobs) -> Files:
    if state.paper is not None:
        yield "paper/paper.md", state.paper.source.encode()
        names = {"md": "paper/resolved.md"}
        yield from _from_blobs(
            blobs, {names.get(s, f"paper/paper.{s}"): sha for s, sha in state.paper.files.items()}
        )
    bibliography = state.domain.files.get("references.bib") if state.domain else None
    if bibliography:
        yield from _from_blobs(blobs, {"paper/references.bib": bibliography})


# --- nodes --------------------------------------------------------------------------------------------


def _node(node: Node, state: State, blobs: Blobs) -> Files:
    home = f"nodes/{node.id}"
    yield f"{home}/node.json", _json({k: getattr(node, k) for k in ("id", "parents", "operator", "program",
                                                                   "config", "plan")})  # fmt: skip
    yield from _from_blobs(blobs, {f"{home}/workspace/{p}": sha for p, sha in node.workspace.items()})
    changed = diff(_before(node, state), node.workspace, blobs)
    if changed:
        yield f"{home}/diff", changed.encode()
    for trial in state.trials.values():
        if trial.node == node.id and trial.result is not None:
            yield from _trial(home, trial, blobs)


def _before(node: Node, state: State) -> Mapping[str, str]:
    """The workspace a node was made from: its first parent's, else the domain's."""
    parent = next((state.nodes[p] for p in node.parents if p in state.nodes), None)
    if parent is not None:
        return parent.workspace
    return state.domain.workspace() if state.domain else {}


def diff(old: Mapping[str, str], new: Mapping[str, str], blobs: Blobs) -> str:
    """A unified diff of two workspaces (path -> blob); empty where they are the same."""
    pieces = []
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            before, after = (_lines(blobs, files.get(path)) for files in (old, new))
            pieces += difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="")
    return "".join(f"{line}\n" for line in pieces)


def _lines(blobs: Blobs, sha: str | None) -> list[str]:
    data = _blob(blobs, sha) if sha else b""
    return (data or b"").decode("utf-8", "replace").splitlines()


def _trial(home: str, trial: Trial, blobs: Blobs) -> Files:
    assert trial.result is not None
    logs = f"{home}/logs/{trial.id}"
    yield f"{logs}/trial.json", _json(_summary(trial))
    for stage in trial.result.stages:
        for stream in ("stdout", "stderr"):
            if text := getattr(stage, stream):
                yield f"{logs}/{stage.name}.{stream}", text.encode()
        if stage.name != "prepare":  # what it made is data of the domain; it stays among the blobs
            yield from _from_blobs(blobs, _outputs(f"{home}/outputs/{trial.id}", stage))


def _summary(trial: Trial) -> dict[str, Any]:
    assert trial.result is not None
    told = ("name", "status", "exit_code", "signal", "cpu_seconds", "wall_seconds", "peak_mb", "detail")
    return {
        "id": trial.id,
        "index": trial.index,
        "phase": trial.phase,
        "seeds": trial.seeds,
        "status": trial.status,
        "reason": trial.reason,
        "attempt": trial.attempt,
        "interrupted": trial.interrupted,
        "notes": trial.notes,
        "sandbox": trial.result.sandbox,
        "host": trial.result.host,
        "stages": [{k: getattr(s, k) for k in told} for s in trial.result.stages],
    }


def _outputs(home: str, stage: StageResult) -> dict[str, str]:
    """Where the outputs of a stage go: artefacts under their seed, the evaluator's beside them."""
    kept = {p.removeprefix("out/"): sha for p, sha in stage.outputs.items()}
    prefix = f"{home}/evaluator" if stage.name == "evaluator" else home
    return {f"{prefix}/{path}": sha for path, sha in kept.items()}


# --- bytes --------------------------------------------------------------------------------------------


def _from_blobs(blobs: Blobs, files: Mapping[str, str]) -> Files:
    for name, sha in files.items():
        data = _blob(blobs, sha)
        if data is not None:
            yield name, data


def _blob(blobs: Blobs, sha: str) -> bytes | None:
    try:
        return blobs.get(sha)
    except JournalDamaged:
        return None


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=2) + b"\n"


def _write(folder: Path, name: str, data: bytes) -> None:
    """One file, atomically; names come from programs too, so none may lead outside its place."""
    parts = PurePosixPath(name).parts
    if ".." in parts or PurePosixPath(name).is_absolute() or parts[0] in OWN:
        raise ValueError(f"{name!r} is no place within a study's folder")
    target = folder / name
    with contextlib.suppress(FileNotFoundError):
        if target.stat().st_size == len(data) and target.read_bytes() == data:
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{short_id(name)}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(target)
