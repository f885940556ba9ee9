"""Every seam of Novum on one screen.

Services reach steps, scientists and policies as arguments typed here; concrete ones are put together in
`wiring.py` alone. Each seam has a fake that ships beside the real thing and one conformance suite in
`novum.testing`, run over the registry.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from novum.events import Draft, Event
from novum.records import (
    Check,
    Commission,
    Contrast,
    Direction,
    Domain,
    Figure,
    Idea,
    Job,
    JobResult,
    Measurement,
    ModelAnswer,
    ModelRequest,
    Node,
    Phase,
    PlannedCalls,
    Proposal,
    Role,
    Settings,
    WorstCase,
)
from novum.records import Protocol as StudyProtocol


class Clock(Protocol):
    """Time as an argument. `now` is seconds since the epoch, `monotonic` never goes back."""

    def now(self) -> float: ...
    def monotonic(self) -> float: ...


class Blobs(Protocol):
    """Content-addressed bytes; `put` and `take` (a file, which is gone then) return when they are durable."""

    def put(self, data: bytes) -> str: ...
    def take(self, file: Path) -> str: ...
    def get(self, sha: str) -> bytes: ...
    def has(self, sha: str) -> bool: ...
    def path(self, sha: str) -> Path: ...


class Log(Protocol):
    """The append-only, hash-chained journal of one study, with a single writer."""

    def append(self, drafts: Sequence[Draft]) -> list[Event]: ...
    def read(self, after: int = 0, until: int | None = None) -> Iterable[Event]: ...
    def rows(self, after: int = 0, until: int | None = None) -> Iterable[tuple[int, str, str, str]]: ...
    @property
    def head(self) -> tuple[int, str]: ...


class Executor(Protocol):
    """Runs jobs somewhere. `submit` is idempotent per key; `find` re-adopts what outlived us."""

    name: str

    async def submit(self, job: Job, key: str, attempt: int) -> None: ...
    async def wait(self, key: str, attempt: int) -> JobResult: ...
    async def kill(self, key: str, attempt: int) -> None: ...
    def find(self, key: str, attempt: int) -> bool: ...
    async def close(self) -> None: ...


class LanguageModel(Protocol):
    """One model behind one name. Who wants retries, fall-backs, recording or a budget wraps it.

    `ask` is one attempt, at most one paid call, with no retries inside; it raises a `ProviderError` for
    whatever goes wrong outside, and being cancelled it stops asking. What the model says, be it nonsense
    or a refusal, is an answer. `worst_case` bounds what an attempt can use. `patience` is how many seconds
    an attempt may take, None for as long as it likes (a person may be the model).
    """

    @property
    def name(self) -> str: ...
    @property
    def patience(self) -> float | None: ...
    async def ask(self, request: ModelRequest) -> ModelAnswer: ...
    def worst_case(self, request: ModelRequest) -> WorstCase: ...
    async def close(self) -> None: ...


class Models(Protocol):
    """The models as steps and scientists see them: recorded, within budget, by role.

    `names` are those that a role asks, the first choice and its fall-backs; empty if there is none.
    `node` says for which node a call is made. Answers of `ask_all` come in the order of their requests.
    `close` is for the loop, at the end of a session.
    """

    def names(self, role: Role) -> tuple[str, ...]: ...
    async def ask(self, request: ModelRequest, *, node: str = "") -> ModelAnswer: ...
    async def ask_all(self, requests: Sequence[ModelRequest], *, node: str = "") -> list[ModelAnswer]: ...
    async def close(self) -> None: ...


class View(Protocol):
    """What steps, scientists and policies may read: the folded state (`novum.state.State`)."""

    study: str
    domain: Domain | None
    settings: Settings | None
    seed: int
    ideas: dict[str, Idea]
    chosen: str
    protocol: StudyProtocol | None
    nodes: dict[str, Node]
    measurements: dict[str, Measurement]

    def measurements_of(self, metric: str, phase: Phase) -> list[Measurement]: ...
    def trials_in(self, phase: Phase) -> list[Any]: ...


class Policy(Protocol):
    """Search: proposes, never executes. An empty answer with nothing running ends exploration.

    Where the files of a node are yet to be written, it gives a commission, and a `Builder` makes the node. An
    `Inquirer` may give a question to a model instead.
    """

    name: str

    def propose(self, state: Any, rng: random.Random) -> Sequence[Proposal | Commission | ModelRequest]: ...


@runtime_checkable
class Inquirer(Protocol):
    """A policy that asks models: it hears what came of each question, and is then asked to propose again.

    The call is recorded, so that the same question has the same answer in every carrying out; it is empty
    if every model failed. Nothing else is proposed meanwhile. A question put twice is refused.
    """

    def heard(self, request: ModelRequest, answer: str) -> None: ...


class Literature(Protocol):
    """Works known offline or online, by citation key, and what they state about a contrast."""

    def entries(self) -> Mapping[str, Mapping[str, str]]: ...
    def bibtex(self) -> str: ...
    def statements(
        self, contrast: Contrast, base: Mapping[str, Any], observed: Direction | None = None
    ) -> Sequence[tuple[str, Literal["agrees", "contradicts"], str]]: ...


@runtime_checkable
class Scientist(Protocol):
    """Fills the slots of the steps. The systematic one uses no model; the language one does.

    `planned_calls` says before a study begins which calls of models it is likely to make.
    """

    name: str
    author_line: str

    def ideate(self, view: Any, services: "Services") -> Sequence[Draft]: ...
    def ideas(self, view: Any, services: "Services") -> Sequence[Idea]: ...
    def judge(self, view: Any, services: "Services") -> Sequence[Draft]: ...
    def policy(self, view: Any, services: "Services") -> Policy: ...
    def register(self, view: Any, services: "Services") -> StudyProtocol: ...
    def compose(self, view: Any, evidence: Any, figures: Sequence[Figure], services: "Services") -> Any: ...
    def planned_calls(self, domain: Domain, settings: Settings) -> Sequence[PlannedCalls]: ...


class Made(Protocol):
    """What came of a commission: a node, or why there is none; and what is to be told of the way there."""

    @property
    def node(self) -> Node | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def drafts(self) -> Sequence[Draft]: ...


@runtime_checkable
class Builder(Protocol):
    """A scientist that writes programs: makes nodes of commissions, and says what became of them."""

    async def build(self, view: Any, commission: Commission, services: "Services") -> Made: ...
    async def assess(self, view: Any, trial: str, services: "Services") -> Sequence[Draft]: ...


@runtime_checkable
class Specifier(Protocol):
    """A scientist that writes a domain from a topic page (see `novum.steps.specify`)."""

    async def specify(self, view: Any, services: "Services") -> Any: ...


class Tryouts(Protocol):
    """The conformance suite of domains, recorded: what was tried once is not run again.

    `files` maps each path of a domain's folder to its blob. The domain is None if it cannot be read; `log` is
    what failing commands said.
    """

    async def tried(self, files: Mapping[str, str]) -> "TriedDomain": ...


class TriedDomain(Protocol):
    """What the suite found of a folder."""

    @property
    def domain(self) -> Domain | None: ...
    @property
    def checks(self) -> Sequence[Check]: ...
    @property
    def log(self) -> str: ...


class Renderer(Protocol):
    """Turns a resolved manuscript, in which values are marked (`novum.manuscript.marks`), into one format."""

    suffix: str

    def render(self, markdown: str, assets: Mapping[str, bytes], style: str) -> bytes: ...


class Watcher(Protocol):
    """Sees every event after it is committed: progress, cost, optional trackers."""

    def saw(self, event: Event, state: Any) -> None: ...


class Services(Protocol):
    """What a step is handed."""

    blobs: Blobs
    log: Log
    literature: Literature
    renderers: Sequence[Renderer]
    scientist: Scientist
    models: Models
    tryouts: Tryouts
    nonce_commitment: str
    archive: Mapping[str, Any]

    def rng(self, name: str) -> random.Random: ...
