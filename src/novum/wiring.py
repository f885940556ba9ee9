"""The one place where concrete services and plugins are put together.

Everything else takes its services as arguments typed in `protocols.py`. What is chosen here is chosen by
name from the settings; a name that is not known is the user's error, with the names that are.
"""

import contextlib
import os
import platform
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from novum import __version__, nonce
from novum.archive import Archive, as_blob
from novum.canonical import short_id
from novum.errors import JournalDamaged, MachineError, MissingExtra, UserError
from novum.events import Draft, Event, IdeaJudged, IdeaProposed, StudyCreated
from novum.inbox import FileInbox
from novum.journal import FileBlobs, Journal, read_events, stored_rows
from novum.loop import Loop, Step
from novum.portfolio import with_share
from novum.protocols import Blobs, Clock, Executor, Literature, Renderer, Scientist, Watcher
from novum.recording import Recorder
from novum.records import Domain, Idea, Original, Settings
from novum.safeguards import Safeguards, adjusted, load_policy
from novum.services import StudyServices
from novum.state import State, fold
from novum.steps.audit import AuditCase

JOURNAL = "journal.sqlite"
ATTEMPTS = "attempts"  # scratch of trials under way


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return round(time.time(), 6)

    def monotonic(self) -> float:
        return time.monotonic()


# --- a new study --------------------------------------------------------------------------------------


def create_study(lab: Path, settings: Settings, clock: Clock, share: float = 1.0) -> Path:
    """Make a study's folder with its first event; returns the folder.

    All is made in a folder beside and renamed at last, so that a study is there as a whole or not at all.
    `share` scales the domain's budget for this study (see `portfolio`).

    Raises:
        UserError: the domain is unknown or breaks its contract, or the settings name what is not there.
    """
    from novum.domains import find_domain

    find_domain(settings.domain)  # an unknown name leaves no folder behind
    return _begin(lab, settings, clock, lambda blobs: _loaded(lab, settings, blobs, share))


def open_ideas(lab: Path, settings: Settings) -> list[Idea]:
    """What a study of these settings could choose from in this lab, best first; starts nothing.

    Raises:
        UserError: as for `create_study`.
        StudyError: the lab has decided every question of the domain, or the idea that the settings name.
    """
    from novum.domains import find_domain, load_domain

    with tempfile.TemporaryDirectory(prefix="novum-ideas-") as scratch:
        blobs = FileBlobs(Path(scratch))
        domain = load_domain(find_domain(settings.domain), blobs)
        _check_settings(settings, domain)
        seed = settings.seed if settings.seed is not None else int.from_bytes(os.urandom(6), "big")
        scientist = SCIENTISTS[settings.scientist]()
        services = StudyServices(
            blobs=blobs,
            log=_NoLog(),
            literature=literature(domain, blobs),
            renderers=(),
            scientist=scientist,
            nonce_commitment="",
            seed=seed,
            archive=Archive(lab).view(domain.id),
        )
        drafts = scientist.ideate(State(domain=domain, settings=settings, seed=seed), services)
    found = {d.body.idea.id: d.body.idea for d in drafts if isinstance(d.body, IdeaProposed)}
    judged = {d.body.idea: d.body.scores for d in drafts if isinstance(d.body, IdeaJudged)}
    ideas = [replace(idea, scores=judged.get(key, {})) for key, idea in found.items()]
    return sorted(ideas, key=lambda idea: -idea.scores.get("total", 0.0))


class _NoLog:
    """The journal of a study that has not begun: empty, and not to be written to."""

    head = (0, "")

    def append(self, drafts: Sequence[Draft]) -> list[Event]:
        raise TypeError("nothing is journaled before a study begins")

    def read(self, after: int = 0, until: int | None = None) -> list[Event]:
        return []

    def rows(self, after: int = 0, until: int | None = None) -> list[tuple[int, str, str, str]]:
        return []


Inputs = Callable[[FileBlobs], StudyCreated]
"""What a study begins with, its blobs stored; id and seed are given to it afterwards."""


def _begin(lab: Path, settings: Settings, clock: Clock, inputs: Inputs) -> Path:
    """A study's folder with its first event: there as a whole, or not at all."""
    seed = settings.seed if settings.seed is not None else int.from_bytes(os.urandom(6), "big")
    now = clock.now()
    staging = _staging(lab / "studies", short_id(seed, now))
    try:
        made = inputs(FileBlobs(staging / "blobs"))
        study = f"{made.domain.id}-{short_id(made.domain.id, seed, now)[:8]}"
        journal = Journal(staging / JOURNAL, clock.now)
        Recorder(journal, FileBlobs(staging / "blobs")).commit(replace(made, study=study, seed=seed))
        journal.close()
        return staging.rename(lab / "studies" / study)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _staging(studies: Path, name: str) -> Path:
    """A folder to make a study in; what dead processes left there half made is removed."""
    for left in studies.glob(".new-*"):
        if not _alive(int(left.name.split("-")[1])):
            shutil.rmtree(left, ignore_errors=True)
    staging = studies / f".new-{os.getpid()}-{name}"
    try:
        staging.mkdir(parents=True)
    except OSError as error:
        raise MachineError(
            f"cannot write to {studies}: {error.strerror}", fix="choose another --lab"
        ) from error
    return staging


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, as somebody else
        return True
    return True


def _loaded(lab: Path, settings: Settings, blobs: FileBlobs, share: float) -> StudyCreated:
    """The inputs of a study of its own, from the domain as it lies there now."""
    from novum.domains import find_domain, load_domain

    domain = load_domain(find_domain(settings.domain), blobs)
    _check_settings(settings, domain)
    mine = with_share(domain, settings.budget, share)
    return _inputs(mine, settings, blobs, Archive(lab).view(domain.id))


def _inputs(
    domain: Domain,
    settings: Settings,
    blobs: FileBlobs,
    archive: Mapping[str, Any],
    replicates: Original | None = None,
) -> StudyCreated:
    return StudyCreated(
        study="",
        domain=domain,
        settings=settings,
        seed=0,
        novum_version=__version__,
        environment=environment(domain),
        archive=blobs.put(as_blob(archive)),
        replicates=replicates,
    )


def create_replication(lab: Path, folder: Path, settings: Settings, clock: Clock, times: int = 1) -> Path:
    """Make the folder and first event of a replication of the study in `folder`; returns its folder.

    The domain is the one that the original froze, with every file of it, whatever became of its source.

    Raises:
        UserError: the original has no result to replicate, or the sample could not support any claim.
    """
    from novum.steps.replicate import original_of, protocol_of

    events = list(read_events(folder / JOURNAL))
    state = fold(events)
    original, domain = original_of(state, (events[-1].seq, events[-1].hash), times), state.domain
    assert domain is not None
    if settings.seed == state.seed:
        raise UserError(f"the seed {settings.seed} is the original's", fix="give another, or none")
    archive = Archive(lab).view(domain.id)
    protocol_of(original, domain, archive, "")  # refuse now what could not be registered

    def inputs(blobs: FileBlobs) -> StudyCreated:
        for sha in sorted(set(domain.files.values())):
            blobs.put(FileBlobs(folder / "blobs").get(sha))
        return _inputs(domain, settings, blobs, archive, original)

    return _begin(lab, settings, clock, inputs)


def _check_settings(settings: Settings, domain: Domain) -> None:
    if settings.budget not in domain.budgets:
        raise UserError(f"domain {domain.id} has no budget {settings.budget!r}",
                        fix=f"choose one of {', '.join(sorted(domain.budgets))}")  # fmt: skip
    if settings.scientist not in SCIENTISTS:
        raise UserError(
            f"there is no scientist {settings.scientist!r}", fix=f"choose {', '.join(SCIENTISTS)}"
        )


def environment(domain: Domain) -> dict[str, str]:
    """What the results may depend on besides the code: interpreter, platform, libraries."""
    names = sorted({_distribution(r) for r in domain.requirements} | {"numpy", "scipy"})
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True)}
    return found | {n: v for n in names if (v := _version(n))}


def _distribution(requirement: str) -> str:
    return re.match(r"[\w.-]*", requirement.strip())[0]  # type: ignore[index]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


# --- a coordinator ------------------------------------------------------------------------------------


class Coordinator:
    """A study opened for writing, with everything that carries it. Hold the writer's lock around it."""

    def __init__(
        self, folder: Path, watchers: Sequence[Watcher] = (), changes: Mapping[str, object] | None = None
    ):
        self.folder = folder
        self.clock = SystemClock()
        self.blobs = FileBlobs(folder / "blobs")
        self.journal = Journal(folder / JOURNAL, self.clock.now)
        self.recorder = Recorder(self.journal, self.blobs, watchers)
        if changes:
            self.recorder.commit(configured(self.settings, changes))

    @property
    def state(self) -> State:
        return self.recorder.state

    @property
    def settings(self) -> Settings:
        assert self.state.settings is not None
        return self.state.settings

    @property
    def domain(self) -> Domain:
        assert self.state.domain is not None
        return self.state.domain

    def nonce(self) -> str:
        return nonce.obtain(self.folder, self.settings.seed, self.state.seed)

    def services(self) -> StudyServices:
        from novum.steps.seeds import commitment

        archive = msgspec.json.decode(self.blobs.get(self.state.archive))
        return StudyServices(
            blobs=self.blobs,
            log=self.journal,
            literature=literature(self.domain, self.blobs),
            renderers=renderers(),
            scientist=SCIENTISTS[self.settings.scientist](),
            nonce_commitment=commitment(self.nonce()),
            seed=self.state.seed,
            archive=archive,
        )

    def loop(self) -> Loop:
        placement = make_executor(self.settings, self.domain, self.folder, self.blobs)
        return Loop(
            self.recorder,
            self.services(),
            placement.executor,
            steps(),
            settings=self.settings,
            safeguards=safeguards(self.settings),
            inbox=FileInbox(self.folder),
            clock=self.clock,
            nonce=self.nonce,
            host=(socket.gethostname(), os.getpid()),
            layer=placement.layer,
            reaches=placement.reaches,
            disk_mb=DiskUse(self.folder),
        )

    def close(self) -> None:
        """Write what can be rebuilt, tell the archive, leave one self-contained journal."""
        from novum.folder import materialise

        head = self.journal.head
        materialise(self.folder, self.state, self.blobs, head)
        Archive(self.folder.parent.parent).store(self.state, head)
        self.journal.close()
        shutil.rmtree(self.folder / ATTEMPTS, ignore_errors=True)  # all that is kept of them is in blobs


CHANGEABLE = {
    *("workers", "sandbox", "executor", "until", "style"),
    *("budget_minutes", "budget_trials", "budget_usd", "budget_tokens"),
}


def configured(settings: Settings, changes: Mapping[str, object]) -> Any:
    """The event for settings that change on resume.

    Raises:
        UserError: a key that a study fixes at its start, or a value of the wrong type.
    """
    from novum.events import ConfigObserved

    changed(settings, changes)
    return ConfigObserved(changes=dict(changes), reason="given on resume")


def changed(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """The settings with some of those changed that a protocol does not fix; raises like `configured`."""
    if fixed := sorted(set(changes) - CHANGEABLE):
        raise UserError(
            f"a study fixes {', '.join(fixed)} when it starts", fix="start a new one with novum run"
        )
    try:
        return msgspec.convert(msgspec.to_builtins(settings) | dict(changes), Settings)
    except msgspec.ValidationError as error:
        raise UserError(f"cannot change the settings: {error}") from error


def safeguards(settings: Settings) -> Safeguards:
    """The shipped policy under the user's own limits.

    Raises:
        UserError: a limit that the policy does not permit.
    """
    return Safeguards(adjusted(load_policy(), settings.policy_limits))


def steps() -> dict[str, Step]:
    """The thinking stages by name."""
    from novum.steps import register, replicate
    from novum.steps.audit import audit
    from novum.steps.conclude import compare, conclude
    from novum.steps.review import review
    from novum.steps.write import write

    def planner(view: State) -> Any:
        return register if view.replicates is None else replicate

    return {
        "ideate": lambda view, services: services.scientist.ideate(view, services),
        "register": lambda view, services: planner(view).register(view, services),
        "conclude": conclude,
        "compare": compare,
        "write": write,
        "audit": audit,
        "review": review,
    }


def _systematic() -> Scientist:
    from novum.scientists.systematic import SystematicScientist

    return SystematicScientist()


SCIENTISTS = {"systematic": _systematic}


def evidence_of(folder: Path) -> AuditCase:
    """Everything an audit can look at in a study's folder, opened for reading only."""
    from novum.steps.audit import build_case

    path, blobs = folder / JOURNAL, FileBlobs(folder / "blobs")
    events = list(read_events(path))
    created = next((e.body for e in events if isinstance(e.body, StudyCreated)), None)
    archive = Archive(folder.parent.parent)
    head = archive.head_of(folder.name)
    memory = "the lab's archive" + (", rebuilt from journals" if archive.is_rebuilt(folder.name) else "")
    return build_case(
        events,
        blobs,
        rows=tuple(stored_rows(path)),
        folder=folder,
        anchors={memory: head} if head else {},
        entries=literature(created.domain, blobs).entries() if created else None,
        original=_quoted(folder, created.replicates) if created and created.replicates else None,
    )


def _quoted(folder: Path, taken: Original) -> Original | None:
    """What the journal of a replicated study says where the replication took it up, if that study is here."""
    from novum.steps.replicate import original_of

    path = folder.parent / taken.study / JOURNAL
    if not path.is_file():
        return None
    try:
        events = list(read_events(path, until=taken.head_seq))
        return original_of(fold(events), (events[-1].seq, events[-1].hash), taken.times)
    except JournalDamaged:  # an audit of that study says so
        return None
    except (UserError, IndexError):  # it holds no result: whatever is quoted of it is not there
        return replace(taken, decisions=())


def literature(domain: Domain, blobs: Blobs) -> Literature:
    """The works that a domain lists."""
    from novum.literature.bibliography import Bibliography

    sha = domain.files.get("references.bib")
    return Bibliography(blobs.get(sha).decode("utf-8", "replace") if sha else "")


def renderers() -> list[Renderer]:
    """Every format this installation can write."""
    from novum.manuscript.render.markdown import MarkdownRenderer
    from novum.manuscript.render.pdf import PdfRenderer

    found: list[Renderer] = [MarkdownRenderer()]
    with contextlib.suppress(MissingExtra):
        found.append(PdfRenderer())
    return found


class Placement(Struct, frozen=True):
    """Where trials run: the executor, the sandbox layer, and what that layer is known to let through."""

    executor: Executor
    layer: str
    reaches: tuple[str, ...]


def make_executor(settings: Settings, domain: Domain, folder: Path, blobs: Blobs) -> Placement:
    """The executor of a study, which is its only user, and the layer its trials will have.

    Raises:
        UserError: there is no such executor or layer.
        NoSandbox: nothing here confines the domain's programs well enough.
    """
    from novum.compute.executors.inline import InlineExecutor
    from novum.compute.executors.local import LocalExecutor
    from novum.compute.layers import resolve
    from novum.compute.probes import KNOWN_LEAKS

    if settings.executor == "inline":
        return Placement(InlineExecutor(blobs), "none", tuple(sorted(KNOWN_LEAKS["none"])))
    if settings.executor != "local":
        raise UserError(f"there is no executor {settings.executor!r}", fix="choose local")
    layer = resolve(settings.sandbox, domain.shipped).layer
    local = LocalExecutor(blobs, folder / ATTEMPTS, hidden=[folder.parent.parent])
    local.sweep()
    return Placement(local, layer, tuple(sorted(KNOWN_LEAKS[layer])))


class DiskUse:
    """How much disk a study takes, in MB, looked up on every sixteenth call."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._calls = 0
        self._last = 0.0

    def __call__(self) -> float:
        if self._calls % 16 == 0:
            found = [p.lstat().st_size for p in (self._folder / "blobs").rglob("*") if p.is_file()]
            self._last = (sum(found) + (self._folder / JOURNAL).stat().st_size) / 2**20
        self._calls += 1
        return self._last
