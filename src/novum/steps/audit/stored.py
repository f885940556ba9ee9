"""Checks of bytes: every blob that is named exists under its hash, figures show the recorded data."""

import json
from collections.abc import Iterator

from novum import __version__
from novum import events as ev
from novum.canonical import canonical, sha256
from novum.errors import NovumError
from novum.records import Figure, JobResult
from novum.state import State
from novum.steps.audit.case import AuditCase, Finding, alike, found, when_written
from novum.steps.illustrate import UNCHECKED, plan


def blobs(case: AuditCase) -> Finding:
    """Every blob that an event names exists and has the hash it is named by."""
    named = dict(_named(case))
    faults = [f"{what}: {fault}" for sha, what in named.items() if (fault := _fault(case, sha))]
    return found(faults, f"{len(named)} blobs have the hashes they are named by")


def _fault(case: AuditCase, sha: str) -> str:
    try:
        case.blobs.get(sha)
    except (NovumError, KeyError, OSError) as error:
        return str(error) or f"blob {sha[:12]} is missing"
    return ""


def _named(case: AuditCase) -> Iterator[tuple[str, str]]:
    """Hash and what it is, for every blob of the study."""
    for event in case.events:
        body = event.body
        if isinstance(body, ev.StudyCreated):
            yield from _of_beginning(body)
        elif isinstance(body, ev.DomainTried):
            yield from ((sha, f"{path} of a domain that was tried") for path, sha in body.files.items())
        elif isinstance(body, ev.DomainFrozen):
            yield from ((sha, f"the domain's {path}") for path, sha in body.domain.files.items())
        elif isinstance(body, ev.NodeProposed):
            yield from ((sha, f"{path} of node {body.node.id}") for path, sha in body.node.workspace.items())
        elif isinstance(body, ev.TrialFinished | ev.TrialFailed):
            yield from _of_result(body.trial, body.result)
        elif isinstance(body, ev.FigureMade):
            yield body.figure.data, f"the data of figure {body.figure.id}"
            yield from ((sha, f"figure {body.figure.id}.{s}") for s, sha in body.figure.files.items())
        elif isinstance(body, ev.PaperRendered):
            yield from ((sha, f"paper.{suffix}") for suffix, sha in body.files.items())
        elif isinstance(body, ev.ModelAsked):
            yield body.request, f"the request of model call {body.key[:12]}"
        elif isinstance(body, ev.ModelAnswered) and body.answer:
            yield body.answer, f"the answer to model call {body.key[:12]}"


def _of_beginning(body: ev.StudyCreated) -> Iterator[tuple[str, str]]:
    if body.domain is not None:
        yield from ((sha, f"the domain's {path}") for path, sha in body.domain.files.items())
    if body.topic is not None:
        told = {body.topic.page: "the topic page", body.topic.references: "its references",
                body.topic.evaluator: "the person's evaluator"}  # fmt: skip
        yield from ((sha, what) for sha, what in told.items() if sha)
    if body.archive:
        yield body.archive, "the archive as the study saw it"


def _of_result(trial: str, result: JobResult) -> Iterator[tuple[str, str]]:
    for stage in result.stages:
        yield from ((sha, f"{path} of {stage.name} of trial {trial}") for path, sha in stage.outputs.items())


def figures(case: AuditCase) -> Finding:
    """Every figure of the paper has its data and its files, and the files of the folder are those."""
    state = case.state
    if not state.figures or state.paper is None:
        faults = ["the paper has no figure"] if state.paper else []
        return found(faults, f"no figure was drawn: the study ended in its stage '{state.stage}'")
    same = state.novum_version == __version__
    faults = list(_not_of_the_journal(case)) if same else []
    for figure in state.figures.values():
        faults += [f"figure {figure.id}: {fault}" for sha in (figure.data, *figure.files.values())
                   if (fault := _fault(case, sha))]  # fmt: skip
        if not figure.files:
            faults.append(f"figure {figure.id} names no file")
        faults += _folder_differs(case, figure)
    unseen = [f for f in state.figures.values() if f.kind == "foreign" and f.id not in state.examined]
    faults += [f"figure {f.id} is a program's own picture that nobody looked at, and does not say so"
               for f in unseen if UNCHECKED not in f.caption]  # fmt: skip
    shown = f"{len(state.figures)} figures show the data that the journal gives{_looked_at(state)}"
    other = f"the figures are those recorded; Novum {state.novum_version} alone gathers their data"
    return found(faults, shown if same else other)


def _looked_at(state: State) -> str:
    """What a vision model made of them, where one looked."""
    if not state.examined:
        return ""
    faults = [f"{figure}, {fault}" for figure, found in sorted(state.examined.items()) for fault in found]
    mended = [f"{figure}, {done}" for figure, found in sorted(state.mended.items()) for done in found]
    told = f" and found: {'; '.join(faults)}" if faults else " and found no fault"
    if faults:
        told += f"; mended: {'; '.join(mended)}" if mended else "; nothing of it could be mended"
    return f"; a vision model looked at {len(state.examined)} of them{told}"


def _not_of_the_journal(case: AuditCase) -> Iterator[str]:
    """Figures whose data, gathered again from the journal, are others than those that were drawn."""
    planned = {(p.data["kind"], p.title): p.data for p in plan(when_written(case), case.blobs)}
    for figure in case.state.figures.values():
        if _fault(case, figure.data):
            continue
        expected = planned.get((figure.kind, figure.title))
        if expected is None:
            yield f"figure {figure.id} ('{figure.title}') is none that the journal has data for"
        elif not alike(json.loads(canonical(expected)), json.loads(case.blobs.get(figure.data))):
            yield f"figure {figure.id} ('{figure.title}') shows other data than the journal gives"


def _folder_differs(case: AuditCase, figure: Figure) -> Iterator[str]:
    for suffix, sha in sorted(figure.files.items()):
        held = case.file(f"figures/{figure.id}.{suffix}")
        if held is not None and sha256(held) != sha:
            yield f"figures/{figure.id}.{suffix} is not the figure that the journal holds"
