"""The one place where concrete services and plugins are put together.

Everything else takes its services as arguments typed in `protocols.py`. What is chosen here is chosen by
name from the settings; a name that is not known is the user's error, with the names that are.
"""

import contextlib
import os
import shutil
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from novum import nonce, snapshot
from novum.archive import Archive
from novum.casting import cast
from novum.config import changed
from novum.errors import MissingExtra, UserError
from novum.events import ConfigObserved
from novum.inbox import FileInbox
from novum.journal import JOURNAL, FileBlobs, Journal
from novum.journal.disk import DiskUse
from novum.loop import Loop, Step
from novum.pacing import Pace
from novum.protocols import Blobs, Executor, Literature, Renderer, Scientist, Tryouts, Watcher
from novum.recording import Recorder
from novum.records import Domain, Settings
from novum.safeguards import Safeguards, adjusted, load_policy
from novum.services import NoTryouts, StudyServices
from novum.state import State
from novum.tryouts import RecordedTryouts

ATTEMPTS = "attempts"  # scratch of trials under way


class SystemClock:
    """The machine's clock: it asks for the time of day once, and then counts.

    So a journal's times never go back within a session, whoever sets the machine's clock meanwhile; what a
    session that was killed took is told by them.
    """

    def __init__(self) -> None:
        self._started = time.time() - _uptime()

    def now(self) -> float:
        return round(self._started + _uptime(), 6)

    def monotonic(self) -> float:
        return time.monotonic()


def _uptime() -> float:
    """Seconds since some moment, with those that the machine slept where it counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Coordinator:
    """A study opened for writing, with everything that carries it. Hold the writer's lock around it."""

    def __init__(
        self, folder: Path, watchers: Sequence[Watcher] = (), changes: Mapping[str, object] | None = None
    ):
        self.folder = folder
        self.clock = SystemClock()
        self.blobs = FileBlobs(folder / "blobs")
        self.blobs.sweep()
        self.journal = Journal(folder / JOURNAL, self.clock.now)
        self.recorder = Recorder(self.journal, self.blobs, watchers, pace=Pace(now=self.clock.now))
        if changes:
            given: dict[str, Any] = dict(changes)
            changed(self.settings, given)  # refuses what may not be journaled
            self.recorder.commit(ConfigObserved(changes=given, reason="given on resume"))

    @property
    def state(self) -> State:
        return self.recorder.state

    @property
    def settings(self) -> Settings:
        assert self.state.settings is not None
        return self.state.settings

    @property
    def references(self) -> str:
        """The blob of the works at hand: the domain's, or the topic page's until there is one."""
        if self.state.domain is not None:
            return references_of(self.state.domain)
        assert self.state.topic is not None
        return self.state.topic.references

    def nonce(self) -> str:
        return nonce.obtain(self.folder, self.settings.seed, self.state.seed)

    def services(self, tryouts: Tryouts | None = None) -> StudyServices:
        from novum.steps.seeds import commitment

        archive = msgspec.json.decode(self.blobs.get(self.state.archive))
        return StudyServices(
            blobs=self.blobs,
            log=self.journal,
            literature=literature(self.references, self.blobs),
            renderers=renderers(),
            scientist=SCIENTISTS[self.settings.scientist](),
            nonce_commitment=commitment(self.nonce()),
            seed=self.state.seed,
            archive=archive,
            models=cast(self.settings, self.recorder.calls, self.blobs, self.folder),
            tryouts=tryouts or NoTryouts(),
        )

    def loop(self, thinking: Callable[[], AbstractContextManager[None]] = nullcontext) -> Loop:
        placement = make_executor(self.settings, self.state.domain, self.folder, self.blobs)
        tryouts = RecordedTryouts(self.recorder, placement.executor, placement.layer)
        return Loop(
            self.recorder,
            self.services(tryouts),
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
            disk_mb=DiskUse(self.folder, self.blobs),
            thinking=thinking,
        )

    def close(self) -> None:
        """Write what can be rebuilt, tell the archive, leave one self-contained journal."""
        from novum.folder import materialise

        shutil.rmtree(self.folder / ATTEMPTS, ignore_errors=True)  # all that is kept of them is in blobs
        head = self.journal.head
        try:
            materialise(self.folder, self.state, self.blobs, head)
            snapshot.write(self.folder, self.state, head)
            Archive(self.folder.parent.parent).store(self.state, head)
        finally:
            self.journal.close()


def safeguards(settings: Settings) -> Safeguards:
    """The shipped policy under the user's own limits.

    Raises:
        UserError: a limit that the policy does not permit.
    """
    return Safeguards(adjusted(load_policy(), settings.policy_limits))


def steps() -> dict[str, Step]:
    """The thinking stages by name, and *judge*, which goes on while exploration runs."""
    from novum.steps import register, replicate
    from novum.steps.audit import audit
    from novum.steps.conclude import compare, conclude
    from novum.steps.judge import judge
    from novum.steps.review import review
    from novum.steps.specify import specify
    from novum.steps.write import write

    def planner(view: State) -> Any:
        return register if view.replicates is None else replicate

    return {
        "specify": specify,
        "ideate": lambda view, services: services.scientist.ideate(view, services),
        "judge": judge,
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


def _language() -> Scientist:
    from novum.scientists.language import LanguageScientist

    return LanguageScientist()


SCIENTISTS = {"systematic": _systematic, "language": _language}


def references_of(domain: Domain) -> str:
    """The blob of a domain's works; empty if it lists none."""
    return domain.files.get("references.bib", "")


def literature(sha: str, blobs: Blobs) -> Literature:
    """The works of a bibliography, by its blob; none if that is empty."""
    from novum.literature.bibliography import Bibliography

    return Bibliography(blobs.get(sha).decode("utf-8", "replace") if sha else "")


def renderers() -> list[Renderer]:
    """Every format this installation can write."""
    from novum.manuscript.render.html.renderer import HtmlRenderer
    from novum.manuscript.render.latex.renderer import BibRenderer, LatexRenderer
    from novum.manuscript.render.markdown import MarkdownRenderer
    from novum.manuscript.render.pdf import PdfRenderer

    found: list[Renderer] = [MarkdownRenderer()]
    for renderer in (PdfRenderer, HtmlRenderer, LatexRenderer, BibRenderer):
        with contextlib.suppress(MissingExtra):
            found.append(renderer())
    return found


class Placement(Struct, frozen=True):
    """Where trials run: the executor, the sandbox layer, and what that layer is known to let through."""

    executor: Executor
    layer: str
    reaches: tuple[str, ...]


def refuse_unconfined(settings: Settings, domain: Domain | None) -> None:
    """What a model wrote to prepare and to measure is a stranger's code, whatever its role.

    Without a domain: what a model is going to write of a topic page.

    Raises:
        UserError: a model wrote part of the domain, and nothing would confine it.
    """
    theirs = ("evaluator", "prepare", "program") if domain is None else sorted(domain.authors)
    if theirs and (settings.sandbox in ("none", "process") or settings.executor == "inline"):
        written = " and the ".join(theirs)
        of = f"wrote the {written} of {domain.id}" if domain else f"writes the {written} of a topic page"
        raise UserError(
            f"a model {of}, and nothing would confine it",
            fix="use --sandbox auto and --executor local",
        )


def refuse_device(settings: Settings, domain: Domain) -> None:
    """What trials compute on has to be present before a study begins, with what the domain needs for it.

    Raises:
        UserError: it is not.
    """
    from novum.compute.environment import gpu_libraries
    from novum.compute.executors.local import devices_of
    from novum.compute.layers import resolve

    if settings.device != "cpu":
        devices_of(settings.device, resolve(settings.sandbox, domain.shipped).layer)
        gpu_libraries(domain.requirements)


def make_executor(settings: Settings, domain: Domain | None, folder: Path, blobs: Blobs) -> Placement:
    """The executor of a study, which is its only user, and the layer its trials will have.

    Raises:
        UserError: there is no such executor or layer, or it confines nothing and a model wrote the domain.
        NoSandbox: nothing here confines the domain's programs well enough.
    """
    from novum.compute.executors.inline import InlineExecutor
    from novum.compute.executors.local import LocalExecutor
    from novum.compute.layers import resolve
    from novum.compute.probes import KNOWN_LEAKS

    refuse_unconfined(settings, domain)
    if settings.executor == "inline":
        return Placement(InlineExecutor(blobs), "none", tuple(sorted(KNOWN_LEAKS["none"])))
    if settings.executor != "local":
        raise UserError(f"there is no executor {settings.executor!r}", fix="choose local")
    layer = resolve(settings.sandbox, domain is not None and domain.shipped).layer
    local = LocalExecutor(blobs, folder / ATTEMPTS, hidden=[folder.parent.parent])
    local.sweep()
    return Placement(local, layer, tuple(sorted(KNOWN_LEAKS[layer])))
