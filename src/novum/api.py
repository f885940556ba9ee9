"""The package's face: what the commands, a notebook or a script call.

import novum.api as novum
outcome = novum.run(novum.Settings(domain="grokking"), lab="lab")
novum.open_study(outcome.path).state.decisions
"""

import asyncio
import getpass
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from novum import several
from novum.auditing import evidence_of
from novum.beginning import create_replication, create_study, open_ideas
from novum.compute.layers import keep_private
from novum.config import DEFAULT_DOMAIN, changed
from novum.domains.topics import is_topic
from novum.errors import (
    Interrupted,
    JournalDamaged,
    NovumError,
    OutOfBudget,
    ReadOnlyLab,
    StudyError,
    UserError,
)
from novum.events import PersonActed, StudyFinished
from novum.ideas import Given, find_idea
from novum.inbox import leave
from novum.interrupts import Interrupts
from novum.journal import JOURNAL, FileBlobs, WriterLock
from novum.loop import Loop
from novum.opening import Study, find_study, list_studies, open_study, thrown_away
from novum.protocols import Watcher
from novum.records import Check, Idea, Near, Settings, Several
from novum.reproduce import Reproduced
from novum.reproduce import reproduce as reproduce_trials
from novum.state import copy_state
from novum.steps.audit import run_checks
from novum.steps.register import amend
from novum.wiring import Coordinator, SystemClock, steps

if TYPE_CHECKING:
    from novum.export import Exported

__all__ = [
    "Outcome",
    "Proposed",
    "Settings",
    "Study",
    "Unfinished",
    "act",
    "audit",
    "export",
    "find_study",
    "ideas",
    "list_studies",
    "open_questions",
    "open_study",
    "replicate",
    "reproduce",
    "resume",
    "resume_run",
    "review",
    "run",
    "run_many",
    "unfinished",
    "write",
]


class Outcome(Struct, frozen=True, kw_only=True):
    """How a run ended. `exit_code` is that of the command line (see `novum.errors`)."""

    study: str
    path: Path
    exit_code: int
    status: str
    message: str = ""
    checks: tuple[Check, ...] = ()
    text: str = ""


class Proposed(Struct, frozen=True, kw_only=True):
    """Ideas from the best to the worst; of a language scientist they lie in a study that waits after them."""

    ideas: tuple[Idea, ...]
    nearest: dict[str, tuple[Near, ...]] = {}
    """By idea: the works and studies that its verdict of novelty rests on."""
    study: str = ""
    exit_code: int = 0
    message: str = ""


def run(
    settings: Settings,
    lab: str | Path = "lab",
    watchers: Sequence[Watcher] = (),
    *,
    idea: str = "",
    seed_ideas: Sequence[str] = (),
    evaluator: str | Path = "",
) -> Outcome:
    """A whole study from nothing to an audited, reviewed paper; blocks until it ends.

    `idea` is the id of one that lies in the lab (`ideas`); `seed_ideas` are a person's own words, which the
    language scientist puts into form first; `evaluator` is a person's own for a topic page.

    Raises:
        UserError: the settings or the domain are wrong, or there is no such idea; nothing was started.
    """
    mine, given = settings, None
    if idea and settings.scientist == "language":
        given = find_idea(lab, idea)
        mine = _in_its_domain(settings, given)
    elif idea:
        mine = structs.replace(settings, idea=_open_idea(settings, lab, idea))
    folder = create_study(
        Path(lab), mine, SystemClock(), given=given, seed_ideas=seed_ideas, evaluator=evaluator
    )
    return resume(folder, watchers=watchers)


def _in_its_domain(settings: Settings, given: Given) -> Settings:
    """The settings with the subject that an idea was proposed for, unless they name it already.

    Raises:
        UserError: they name another.
    """
    named = settings.origins.get("domain", "default") != "default" or settings.domain != DEFAULT_DOMAIN
    if named and settings.domain != given.domain:
        raise UserError(
            f"the idea {given.idea.id} is about {given.domain}, not about {settings.domain}",
            fix="leave the domain out",
        )
    return structs.replace(settings, domain=given.domain)


def _open_idea(settings: Settings, lab: str | Path, ref: str) -> str:
    """The id of an open idea of the systematic scientist, by the beginning of it."""
    found = [i.id for i in open_ideas(Path(lab), settings) if i.id.startswith(ref)]
    if len(found) != 1:
        raise UserError(f"{len(found)} open ideas begin with {ref!r}", fix="see novum ideas")
    return found[0]


def ideas(
    settings: Settings,
    count: int = 10,
    lab: str | Path = "lab",
    seed_ideas: Sequence[str] = (),
    watchers: Sequence[Watcher] = (),
    *,
    evaluator: str | Path = "",
) -> Proposed:
    """What could be asked of a domain, from the best to the worst; no trial is run.

    The systematic scientist lists what is open in the lab, and begins nothing. The language scientist
    proposes `count` ideas in a new study, which waits after them (`run(…, idea=…)`, or novum approve).

    Raises:
        UserError: the settings or the domain are wrong; nothing was started.
        StudyError: the lab has decided every question of the domain.
    """
    if count < 1:
        raise UserError(f"{count} ideas were asked for", fix="ask for one or more")
    if settings.scientist != "language" and not is_topic(settings.domain):
        if seed_ideas:
            raise UserError("the systematic scientist reads no ideas of others", fix="give --model NAME")
        return Proposed(ideas=tuple(open_ideas(Path(lab), settings)[:count]))
    mine = structs.replace(settings, proposals=count, until="ideas")
    folder = create_study(Path(lab), mine, SystemClock(), seed_ideas=seed_ideas, evaluator=evaluator)
    outcome = resume(folder, watchers=watchers)
    state = open_study(folder).state
    ranked = sorted(state.ideas.values(), key=lambda i: -i.scores.get("total", 0.0))
    message = outcome.message if outcome.exit_code else ""
    return Proposed(
        ideas=tuple(ranked[:count]),
        nearest=state.nearest,
        study=state.study,
        exit_code=outcome.exit_code,
        message=message,
    )


def run_many(
    settings: Settings, count: int, lab: str | Path = "lab", watchers: Sequence[Watcher] = ()
) -> list[Outcome]:
    """`count` studies one after another, each of an idea of its own; blocks until the last has ended.

    There may be fewer studies than asked for (see `novum.several`): as many as there are open questions when
    the run begins (`open_questions`), less those that a study of it asks on the way. After a study that was
    interrupted or failed by the machine no other begins; `resume_run` goes on there.

    Raises:
        UserError: the settings or the domain are wrong, or `count` is; nothing was started.
        StudyError: the lab has decided every question of the domain.
    """
    home = Path(lab)
    return _carry_run(home, several.planned(home, settings, count, SystemClock()), {}, {}, watchers)


def open_questions(settings: Settings, lab: str | Path = "lab") -> int:
    """How many questions of a domain are open in a lab: the most studies that a run can have.

    Raises:
        UserError, StudyError: as `run_many`.
    """
    return len(open_ideas(Path(lab), settings))


def resume_run(
    lab: str | Path,
    run: str,
    changes: dict[str, object] | None = None,
    watchers: Sequence[Watcher] = (),
) -> list[Outcome]:
    """Go on with every study of a run that did not end, then with those that it has yet to begin.

    `changes` as in `resume`; caps among them are those of the whole run. Nothing to do: no outcome.

    Raises:
        UserError: there is no such run, another process writes a study of it, or a change is not allowed.
    """
    parts = [(s, s.outline.state.several) for s in list_studies(lab)]
    made = {part.place: study for study, part in parts if part and part.run == run}
    latest = next((part for _, part in reversed(parts) if part and part.run == run), None)
    if latest is None:
        raise UserError(f"there is no run {run!r} in {lab}", fix="see novum list")
    return _carry_run(Path(lab), several.with_changes(latest, changes or {}), made, changes or {}, watchers)


def _carry_run(
    lab: Path, run: Several, made: dict[int, Study], changes: dict[str, object], watchers: Sequence[Watcher]
) -> list[Outcome]:
    """Go on with the studies `made`, by place, and begin the others, up to one that ends the run."""
    taken = {study.outline.state.settings.idea for study in made.values() if study.outline.state.settings}
    outcomes: list[Outcome] = []
    for place in range(run.count):
        known = made.get(place)
        if known is not None and known.outline.state.finished:
            continue
        path = known.path if known else several.begin(lab, run, place, taken, SystemClock())
        if path is None:
            break
        settings = open_study(path).outline.state.settings
        assert settings is not None
        taken.add(settings.idea)
        outcomes.append(resume(path, several.changes_for(run, place, changes) if known else {}, watchers))
        if outcomes[-1].exit_code > OutOfBudget.exit_code:
            break
    return outcomes


def resume(
    path: str | Path, changes: dict[str, object] | None = None, watchers: Sequence[Watcher] = ()
) -> Outcome:
    """Go on with a study where its journal ends.

    `changes` may name workers, sandbox, executor, budgets, style and until. Whatever ends the run early is
    in the outcome, with its exit code; the study can be resumed unless its status says it is finished.

    Raises:
        UserError: there is no such study, another process writes it, or a change is not allowed.
    """
    folder = Path(path)
    if not (folder / JOURNAL).is_file():
        raise UserError(f"there is no study at {folder}", fix="see novum list")
    with WriterLock(folder), Interrupts() as interrupts:
        coordinator = Coordinator(folder, watchers, changes)
        try:
            return _carry(coordinator, interrupts)
        finally:
            coordinator.close()


def replicate(
    path: str | Path,
    times: int = 1,
    seed: int | None = None,
    changes: dict[str, object] | None = None,
    watchers: Sequence[Watcher] = (),
) -> Outcome:
    """Carry out the frozen protocol of a finished study once more, on new seeds and data, as a new study.

    It lies in the same lab and has `times` the seeds per arm. `changes` as in `resume`; the original's
    budgets are not taken over. `novum.steps.replicate.outcomes` of its state says what became of each claim.

    Raises:
        UserError: there is no such study, or it has no result that could be replicated so.
    """
    folder = Path(path)
    settings = open_study(folder).outline.state.settings
    if settings is None or times < 1:
        raise UserError("a replication has at least the seeds of the original", fix="give --times 1 or more")
    unbounded = dict.fromkeys(
        ("budget_usd", "budget_tokens", "budget_calls", "budget_minutes", "budget_trials")
    )
    mine = changed(structs.replace(settings, seed=seed, until="", **unbounded), changes or {})
    made = create_replication(folder.parent.parent, folder, mine, SystemClock(), times)
    return resume(made, watchers=watchers)


def reproduce(
    path: str | Path,
    *,
    tolerance: float | None = None,
    workers: int = 2,
    sandbox: str = "",
    told: Callable[[int, int], None] = lambda done, planned: None,
) -> Reproduced:
    """Run a study's confirmation again on the same seeds and compare; the study is not changed.

    See `novum.reproduce` for the tolerance, and for what is raised.
    """
    return reproduce_trials(
        open_study(path).state,
        FileBlobs(Path(path) / "blobs"),
        tolerance=tolerance,
        workers=workers,
        sandbox=sandbox,
        told=told,
    )


def _carry(coordinator: Coordinator, interrupts: Interrupts) -> Outcome:
    if coordinator.state.finished:
        return _outcome(coordinator, "done already")
    keep_private()
    try:
        ended = asyncio.run(_interruptible(coordinator.loop(interrupts.thinking), interrupts))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _stopped(coordinator, Interrupted("interrupted", fix="go on with novum resume"))
    except JournalDamaged:
        raise
    except NovumError as error:
        return _stopped(coordinator, error)
    if ended == "done":
        passed = coordinator.state.audit_passed
        reason = "" if passed else "the audit found a fault"
        coordinator.recorder.commit(StudyFinished(status="done", reason=reason))
    return _outcome(coordinator, "" if ended == "done" else "waiting for novum approve")


async def _interruptible(loop: Loop, interrupts: Interrupts) -> str:
    """Run the loop so that the first SIGINT or SIGTERM cancels it."""
    task, running = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    interrupts.cancels(lambda: running.call_soon_threadsafe(task.cancel))
    try:
        return await loop.run()
    finally:
        interrupts.cancels(lambda: None)


def _stopped(coordinator: Coordinator, error: NovumError) -> Outcome:
    """The outcome of an early end; an end that resuming cannot mend finishes the study."""
    if error.final:
        status = "stopped" if coordinator.state.stopped_by else "failed"
        coordinator.recorder.commit(StudyFinished(status=status, reason=str(error)))
    names = {1: "failed", 3: "out_of_budget", 130: "interrupted"}
    return Outcome(
        study=coordinator.state.study,
        path=coordinator.folder,
        exit_code=error.exit_code,
        status=names.get(error.exit_code, "interrupted"),
        message=str(error),
    )


def _outcome(coordinator: Coordinator, message: str) -> Outcome:
    state = coordinator.state
    failed = state.finished and (state.finished != "done" or not state.audit_passed)
    return Outcome(
        study=state.study,
        path=coordinator.folder,
        exit_code=1 if failed else 0,
        status=("done" if state.finished == "done" else "failed") if state.finished else "waiting",
        message=message or state.finish_reason,
    )


class Unfinished(Struct, frozen=True):
    """A study that did not end; or a run of several with those of its studies that did not, if any.

    A run is unfinished, too, if it has yet to begin a study.
    """

    studies: tuple[Path, ...]
    run: str = ""


def unfinished(lab: str | Path) -> list[Unfinished]:
    """What there is to go on with in a lab, by the creation of the latest study of each."""
    groups: dict[str, list[Study]] = {}
    for study in list_studies(lab):
        part = study.outline.state.several
        key = part.run if part else study.outline.state.study
        groups[key] = [*groups.pop(key, []), study]
    found = []
    for key, studies in groups.items():
        left = tuple(s.path for s in studies if not s.outline.state.finished)
        part = studies[-1].outline.state.several
        if left or (part and len(studies) < part.count):
            found.append(Unfinished(left, key if part else ""))
    return found


# --- of a study that has been carried out -------------------------------------------------------------


def audit(path: str | Path) -> Outcome:
    """Check a study's evidence as it lies there now; writes nothing, so it works on a read-only lab.

    Beside what the loop's own audit saw it has the stored rows up to the end, the folder's files and the
    chain head that the lab's archive remembers. The outcome's `checks` hold every line.

    Raises:
        UserError: there is no such study.
        JournalDamaged: the journal cannot be read at all.
    """
    folder = Path(path)
    checks = tuple(run_checks(evidence_of(folder)))
    failed = [c.id for c in checks if not c.passed]
    message = f"the audit found faults: {', '.join(failed)}" if failed else ""
    return Outcome(
        study=folder.name,
        path=folder,
        exit_code=1 if failed else 0,
        status="faults" if failed else "passed",
        message=message,
        checks=checks,
    )


def write(path: str | Path, style: str = "") -> Outcome:
    """Render the paper again, from the journal alone, in another style if one is named.

    The outcome's `text` is the paper's. In a lab that cannot be written nothing else comes of it.

    Raises:
        UserError: the study has not come that far, or another process writes it.
    """
    return _again(Path(path), "write", {"style": style} if style else None)


def review(path: str | Path) -> Outcome:
    """Review the paper again by the checklist; `checks` of the outcome hold its items, `text` the summary.

    In a lab that cannot be written nothing is recorded.
    """
    return _again(Path(path), "review", None)


def export(path: str | Path, to: str, out: str | Path | None = None) -> "Exported":
    """Write a study in another format (`novum.export.FORMATS`), by default into its folder's `exports/`.

    The study is only read. See `novum.export.run.export` for `out`, and for what is raised.
    """
    from novum.export import export as write_export  # its formats need much that no other command does

    return write_export(path, to, out)


def _again(folder: Path, step: str, changes: dict[str, object] | None) -> Outcome:
    """Run a thinking step once more on a study that has done it; in a copy where it cannot be written."""
    if step not in open_study(folder).outline.state.steps_done:
        raise UserError(f"{folder.name} has not come to {step} yet", fix="go on with novum resume")
    try:
        return _rerun(folder, step, changes)
    except ReadOnlyLab as error:
        with thrown_away(folder) as copy:
            outcome = _rerun(copy, step, changes)
        told = f"{error.what}; nothing was written"
        return structs.replace(outcome, path=folder, status="unwritten", message=told)


def _rerun(folder: Path, step: str, changes: dict[str, object] | None) -> Outcome:
    with WriterLock(folder):
        coordinator = Coordinator(folder, (), changes)
        try:
            drafts = steps()[step](copy_state(coordinator.state), coordinator.services())
            coordinator.recorder.commit(*drafts)
            made = coordinator.state
            text = made.review_summary if step == "review" else _resolved(coordinator)
            return structs.replace(_outcome(coordinator, ""), checks=made.review, text=text)
        finally:
            coordinator.close()


def _resolved(coordinator: Coordinator) -> str:
    """The paper's text as it was just written."""
    paper = coordinator.state.paper
    sha = paper.files.get("md") if paper else None
    return coordinator.blobs.get(sha).decode("utf-8", "replace") if sha else ""


def act(path: str | Path, action: str, detail: dict[str, str] | None = None, person: str = "") -> None:
    """Put a person's decision (approve, edit, stop) into the study's inbox for the coordinator.

    Raises:
        UserError: there is no such action or study, it is finished, or the edit could not stand.
    """
    if action not in ("approve", "edit", "stop"):
        raise UserError(f"there is no action {action!r}", fix="approve, edit or stop")
    who = person or getpass.getuser()
    state = open_study(path).state
    if state.finished:
        raise UserError(f"{state.study} is finished", fix="start another with novum run")
    if action == "edit":  # tell now what the coordinator would refuse later
        try:
            amend(state, detail or {}, who)
        except StudyError as error:
            raise UserError(error.what, fix=error.fix or "edit something else") from error
    leave(Path(path), PersonActed(person=who, action=action, detail=detail or {}))  # type: ignore[arg-type]
