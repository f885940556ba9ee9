"""How a study begins: its folder with one event, there as a whole or not at all.

That event holds every input of the study, so that nothing outside its folder is asked for again: the domain
as it lay there, the settings, the seed, what the lab knew, the versions of what results depend on.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from novum import __version__, casting
from novum.archive import Archive, as_blob
from novum.canonical import as_text, short_id
from novum.domains.topics import Page, is_topic, read_page
from novum.domains.written import LIBRARIES
from novum.errors import MachineError, UserError
from novum.events import Draft, Event, StudyCreated
from novum.ideas import Given
from novum.journal import JOURNAL, FileBlobs, Journal, read_events
from novum.portfolio import with_share
from novum.program import with_program
from novum.protocols import Clock
from novum.recording import Recorder
from novum.records import ROLES, Domain, Idea, Original, Settings, Several, Topic
from novum.search import check_search, over_programs
from novum.services import StudyServices
from novum.state import State, fold
from novum.wiring import SCIENTISTS, literature, references_of, refuse_device, refuse_unconfined

TYPED = "command line"
Inputs = Callable[[FileBlobs], StudyCreated]
"""What a study begins with, its blobs stored; id and seed are given to it afterwards."""


def create_study(
    lab: Path,
    settings: Settings,
    clock: Clock,
    several: Several | None = None,
    *,
    given: Given | None = None,
    seed_ideas: Sequence[str] = (),
    evaluator: str | Path = "",
) -> Path:
    """Make a study's folder with its first event; returns the folder.

    All is made in a folder beside and renamed at last, so that a study is there as a whole or not at all.
    One of `several` has its share of the domain's budget (see `portfolio`). The language scientist studies
    the idea that is `given`, or proposes the `seed_ideas`, in a person's words, first.

    Where the settings name a topic page in place of a domain, the study begins with the page, and a model
    writes the domain; all but the `evaluator`, if a person has one. An idea that was proposed in such a study
    is studied in the domain that was written there.

    Raises:
        UserError: the domain is unknown or breaks its contract, or the settings name what is not there.
    """
    if seed_ideas and settings.scientist != "language":
        raise UserError("the systematic scientist reads no ideas of others", fix="give --model NAME")
    subject = _subject(lab, settings, given, several, evaluator)

    def inputs(blobs: FileBlobs) -> StudyCreated:
        made = subject(blobs)
        return replace(made, given=given.idea if given else None, seed_ideas=tuple(seed_ideas))

    return _begin(lab, settings, clock, inputs)


def _subject(
    lab: Path, settings: Settings, given: Given | None, several: Several | None, evaluator: str | Path
) -> Inputs:
    """What a study is about: a topic page, the frozen domain of another study, a domain as it lies there."""
    from novum.domains import find_domain

    if given is not None and given.written is not None:
        return lambda blobs: _taken_over(lab, settings, blobs, given)
    if is_topic(settings.domain):
        page = read_page(settings.domain)
        own = _evaluator(evaluator) if evaluator else b""
        require_writers(settings)
        return lambda blobs: _with_topic(lab, settings, blobs, page, own)
    if evaluator:
        raise UserError("a domain has its own evaluator", fix="give --evaluator with a topic page")
    find_domain(settings.domain)  # an unknown name leaves no folder behind
    return lambda blobs: _loaded(lab, settings, blobs, several)


def require_writers(settings: Settings) -> None:
    """A topic page needs somebody to write the domain, and walls around what is written."""
    if settings.scientist != "language" or not (settings.models_of("ideate") and settings.models_of("code")):
        raise UserError(
            f"{settings.domain} is a topic page, and a model has to write its domain",
            fix="give --model NAME (with --model mailbox:DIR you answer yourself, without a key)",
        )
    refuse_unconfined(settings, None)


def _evaluator(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}", fix="name a file of Python") from error


def _with_topic(
    lab: Path, settings: Settings, blobs: FileBlobs, page: Page, evaluator: bytes
) -> StudyCreated:
    """The inputs of a study that begins with a page."""
    casting.check(settings, blobs)
    topic = Topic(
        id=page.id,
        title=page.title,
        page=blobs.put(Path(settings.domain).read_bytes()),
        references=blobs.put(page.references.encode()) if page.references else "",
        evaluator=blobs.put(evaluator) if evaluator else "",
    )
    mine = replace(settings, domain=Path(settings.domain).name)
    return replace(_inputs(None, mine, blobs, Archive(lab).view(topic.id)), topic=topic)


def _taken_over(lab: Path, settings: Settings, blobs: FileBlobs, given: Given) -> StudyCreated:
    """The inputs of a study in the domain that another study has had written and frozen."""
    domain, folder = given.written, given.folder
    assert domain is not None
    for sha in sorted(set(domain.files.values())):
        blobs.put(FileBlobs(folder / "blobs").get(sha))
    check_settings(settings, domain, blobs)
    mine = replace(settings, domain=domain.id)
    return _inputs(domain, mine, blobs, Archive(lab).view(domain.id))


def _spelt(settings: Settings) -> Settings:
    """Settings whose paths are text, however this machine's locale spells them."""
    return replace(settings, domain=as_text(settings.domain))


def open_ideas(lab: Path, settings: Settings) -> list[Idea]:
    """Everything that a study of these settings could ask in this lab, best first; starts nothing.

    Raises:
        UserError: as for `create_study`.
        StudyError: the lab has decided every question of the domain.
    """
    from novum.domains import find_domain, load_domain

    with tempfile.TemporaryDirectory(prefix="novum-ideas-") as scratch:
        blobs = FileBlobs(Path(scratch))
        domain = load_domain(find_domain(settings.domain), blobs)
        check_settings(settings, domain, blobs)
        seed = settings.seed if settings.seed is not None else int.from_bytes(os.urandom(6), "big")
        scientist = SCIENTISTS[settings.scientist]()
        services = StudyServices(
            blobs=blobs,
            log=_NoLog(),
            literature=literature(references_of(domain), blobs),
            renderers=(),
            scientist=scientist,
            nonce_commitment="",
            seed=seed,
            archive=Archive(lab).view(domain.id),
        )
        return list(scientist.ideas(State(domain=domain, settings=settings, seed=seed), services))


class _NoLog:
    """The journal of a study that has not begun: empty, and not to be written to."""

    head = (0, "")

    def append(self, drafts: Sequence[Draft]) -> list[Event]:
        raise TypeError("nothing is journaled before a study begins")

    def read(self, after: int = 0, until: int | None = None) -> list[Event]:
        return []

    def rows(self, after: int = 0, until: int | None = None) -> list[tuple[int, str, str, str]]:
        return []


def _begin(lab: Path, settings: Settings, clock: Clock, inputs: Inputs) -> Path:
    """A study's folder with its first event: there as a whole, or not at all."""
    seed = settings.seed if settings.seed is not None else int.from_bytes(os.urandom(6), "big")
    now = clock.now()
    staging = _staging(lab / "studies", short_id(seed, now))
    try:
        made = inputs(FileBlobs(staging / "blobs"))
        name = made.domain.id if made.domain else made.topic.id if made.topic else "study"
        study = f"{name}-{short_id(name, seed, now)[:8]}"
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


def _loaded(lab: Path, settings: Settings, blobs: FileBlobs, several: Several | None) -> StudyCreated:
    """The inputs of a study of its own, from the domain as it lies there now."""
    from novum.domains import find_domain, load_domain

    domain = _as_studied(load_domain(find_domain(settings.domain), blobs), settings)
    check_settings(settings, domain, blobs)
    mine = with_share(domain, settings.budget, several.share) if several else domain
    return replace(_inputs(mine, settings, blobs, Archive(lab).view(domain.id)), several=several)


def _as_studied(domain: Domain, settings: Settings) -> Domain:
    """The domain, with the program as a factor where the scientist may edit it."""
    opened = settings.scientist == "language" or over_programs(settings.policy)
    return with_program(domain) if opened else domain


def _inputs(
    domain: Domain | None,
    settings: Settings,
    blobs: FileBlobs,
    archive: Mapping[str, Any],
    replicates: Original | None = None,
) -> StudyCreated:
    from novum.compute.environment import versions_here

    return StudyCreated(
        study="",
        domain=domain,
        settings=_spelt(settings),
        seed=0,
        novum_version=__version__,
        environment=versions_here(domain.requirements if domain else LIBRARIES),
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


def check_settings(settings: Settings, domain: Domain, blobs: FileBlobs) -> None:
    """Refuse what a study cannot begin with: budget, scientist, models.

    Raises:
        UserError: the settings name what is not there.
    """
    if settings.budget not in domain.budgets:
        raise UserError(f"domain {domain.id} has no budget {settings.budget!r}",
                        fix=f"choose one of {', '.join(sorted(domain.budgets))}")  # fmt: skip
    refuse_unconfined(settings, domain)
    refuse_device(settings, domain)
    check_search(settings, domain, blobs)
    if settings.scientist not in SCIENTISTS:
        raise UserError(
            f"there is no scientist {settings.scientist!r}", fix=f"choose {', '.join(SCIENTISTS)}"
        )
    if settings.scientist == "systematic":
        _refuse_models(settings)
        return
    if settings.scientist == "language" and not settings.models_of("ideate"):
        raise UserError("the language scientist has no model to ideate", fix="give one with --model NAME")
    casting.check(settings, blobs)


def _refuse_models(settings: Settings) -> None:
    """The systematic scientist asks no model: those that `novum.toml` names for others it passes over."""
    keys = ("model", *(f"model_{role}" for role in ROLES))
    here = [k for k in keys if getattr(settings, k) and settings.origins.get(k, TYPED) == TYPED]
    if here:
        raise UserError("the systematic scientist asks no model", fix="name the scientist language")
