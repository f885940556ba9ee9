"""Composed sources of synthetic studies, each made once per test run; figures are named and not drawn."""

from functools import cache

import msgspec

from novum.canonical import short_id
from novum.evidence.catalogue import catalogue
from novum.literature.bibliography import InMemoryLiterature
from novum.manuscript.checks import check, vocabulary
from novum.manuscript.faults import ManuscriptFault
from novum.manuscript.references import resolve
from novum.records import Figure
from novum.scientists.systematic.compose import compose
from novum.services import StudyServices
from novum.state import Paper, State
from novum.steps.illustrate import plan
from novum.steps.lookup import StudyLookup, values_of
from novum.testing.memory import MemoryLog
from novum.testing.studies import MadeStudy, make_study
from tests.scientists.studies import Synthetic


class Composed(msgspec.Struct, frozen=True):
    """A paper's source with the study it is about and the faults found in it."""

    source: str
    state: State
    faults: tuple[ManuscriptFault, ...]
    background: str
    services: StudyServices

    def with_paper(self) -> State:
        """The state as the journal would hold it with this paper in it; nothing is rendered."""
        lookup = StudyLookup(self.state, self.services.literature.entries())
        values = values_of(resolve(self.source, lookup))
        seq, head = self.services.log.head
        paper = Paper(source=self.source, values=values, files={}, head=head, head_seq=seq,
                      protocol_hash=self.state.protocol_hash, pages=0, notes=())  # fmt: skip
        return msgspec.structs.replace(self.state, paper=paper)


@cache
def synthetic(outcome: str) -> Composed:
    """The paper of a synthetic study of the shipped domain."""
    made = Synthetic(outcome)
    return composed(made.state, made.services())


@cache
def made(outcome: str) -> Composed:
    """The paper of a study from `novum.testing`."""
    return of_study(make_study(outcome, until="conclude"))  # type: ignore[arg-type]


def of_study(study: MadeStudy) -> Composed:
    log = MemoryLog()
    log.events.extend(study.events)
    services = StudyServices(
        blobs=study.blobs,
        log=log,
        literature=InMemoryLiterature(study.entries),
        renderers=(),
        scientist=None,  # type: ignore[arg-type]
        nonce_commitment="",
        seed=1,
    )
    return composed(study.state, services)


def composed(state: State, services: StudyServices) -> Composed:
    figures = [
        Figure(
            id=short_id(p.title),
            title=p.title,
            caption=p.caption,
            kind=p.data["kind"],
            data="0" * 64,
            files={},
        )
        for p in plan(state, services.blobs)
    ]
    seen = msgspec.structs.replace(state, figures={f.id: f for f in figures})
    source = compose(seen, catalogue(state), figures, services)
    assert state.domain is not None
    faults = check(source, StudyLookup(seen, services.literature.entries()), vocabulary(state.domain))
    text = services.blobs.get(state.domain.files["background.md"]).decode()
    return Composed(source, seen, tuple(faults), text, services)
