"""Frozen values for the words of the design; no I/O, no behaviour beyond naming themselves.

Every record is a frozen `msgspec.Struct`: compared by value, encoded as JSON, checked on decoding.
Ids are short content hashes of what they name (`novum.canonical.short_id`).
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Annotated, Literal

from msgspec import Meta, Struct, structs

from novum.canonical import digest, short_id

Level = float | str | bool
"""A level of a factor. Numbers are always floats, so that `1` and `1.0` are one level."""

Config = dict[str, Level]
"""Factor name -> level. A full configuration names every factor of the domain."""

Phase = Literal["explore", "select", "confirm"]
Verdict = Literal["supported", "refuted", "inconclusive"]
Operator = Literal["draft", "debug", "improve", "tune", "ablate", "cross"]
Estimand = Literal["mean_diff", "median_diff", "rmst_diff", "ratio", "interaction", "slope"]
Direction = Literal["greater", "less", "equivalent"]
Positive = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=0)]


class Record(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all records (msgspec does not inherit `kw_only`, hence its repetition below)."""


# --- domain ------------------------------------------------------------------------------------------


class Metric(Record, kw_only=True):
    """What an evaluator measures of one seed.

    `horizon` is the common end of observation of a `time_to_event` metric, in `unit`; a run without its
    event by then is censored there. `margin` is the smallest effect of interest, in `unit`. A self-reported
    metric may name the one that the evaluator certifies, of which it `reports` the program's own figure.
    """

    name: str
    title: str = ""
    unit: str = ""
    goal: Literal["minimize", "maximize"] = "maximize"
    primary: bool = False
    kind: Literal["value", "proportion", "count", "time_to_event"] = "value"
    horizon: Positive | None = None
    margin: Positive | None = None
    self_reported: bool = False
    reports: str = ""
    description: str = ""


class Factor(Record, kw_only=True):
    """Something an experimenter may set. Either `levels` or `range` is given; `baseline` lies within.

    `trivial` levels are there as a floor that others should clear: that one does worse than the baseline is
    no news, that it does as well would be.
    """

    name: str
    title: str = ""
    kind: Literal["numeric", "ordinal", "categorical"] = "numeric"
    levels: tuple[Level, ...] = ()
    range: tuple[float, float] | None = None
    scale: Literal["linear", "log"] = "linear"
    baseline: Level
    trivial: tuple[Level, ...] = ()
    description: str = ""


class Series(Record, kw_only=True):
    """A curve that the evaluator writes for each seed, as a figure is to show it: `title` over `x`."""

    name: str
    title: str = ""
    x: str = "step"
    description: str = ""


class Program(Record, kw_only=True):
    """A command that gets `request.json` as last argument; files not listed in `editable` are protected.

    `files` are those it names; of the files that prepare or evaluator name, it sees these alone.
    """

    command: tuple[str, ...]
    editable: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Budget(Record, kw_only=True):
    """What a study of one size may use. `seconds` and `memory_mb` bound one seed of one trial."""

    explore_trials: Count
    confirm_seeds: Count
    seconds: Positive
    memory_mb: Positive = 1024.0
    select_seeds: Count = 3
    explore_seeds: Count = 2


class Topic(Record, kw_only=True):
    """A page of text that a study begins with where there is no domain yet: a model writes that.

    `id` and `title` are the page's and become the domain's, so that no model chooses under which name a
    question is kept in the lab's account. `page`, `references` (the BibTeX that stands in it) and `evaluator`
    (a person's own, empty if the model writes one) are blobs.
    """

    id: str
    title: str
    page: str
    references: str
    evaluator: str = ""


class Domain(Record, kw_only=True, dict=True):
    """A subject of study, read from its folder and frozen: `files` maps each path to its SHA-256.

    `findings.toml` is never among the files: it is for `novum bench` alone. `authors` names the models that
    wrote a part (`evaluator`, `prepare`, `program`); a part that is not in it was written by persons.
    """

    id: str
    title: str
    question: str
    limits: str = ""
    programs: dict[str, Program]
    prepare: tuple[str, ...] = ()
    evaluator: tuple[str, ...]
    metrics: tuple[Metric, ...]
    factors: tuple[Factor, ...]
    budgets: dict[str, Budget]
    requirements: tuple[str, ...] = ()
    resampled: tuple[str, ...] = ()
    files: dict[str, str] = {}
    prepare_files: tuple[str, ...] = ()
    evaluator_files: tuple[str, ...] = ()
    authors: dict[str, str] = {}
    shipped: bool = False
    series: tuple[Series, ...] = ()

    @property
    def self_reported(self) -> bool:
        """Whether claims rest on what programs say of themselves: then nothing certifies a verdict."""
        return self.primary.self_reported

    @property
    def primary(self) -> Metric:
        """The metric that claims are made of."""
        return next(m for m in self.metrics if m.primary)

    @property
    def baseline(self) -> Config:
        """The configuration with every factor at its baseline."""
        return {f.name: f.baseline for f in self.factors}

    def metric(self, name: str) -> Metric:
        return next(m for m in self.metrics if m.name == name)

    def factor(self, name: str) -> Factor:
        return next(f for f in self.factors if f.name == name)

    @cached_property
    def evaluator_hash(self) -> str:
        """Names what scores: the command, its files and the metrics it may write."""
        return digest([self.evaluator, {p: self.files[p] for p in self.evaluator_files}, self.metrics])

    @cached_property
    def prepare_hash(self) -> str:
        return digest([self.prepare, {p: self.files[p] for p in self.prepare_files}])

    def workspace(self) -> dict[str, str]:
        """Files a program may see: neither prepare, evaluator nor the domain's description."""
        return dict(self._workspace)

    @cached_property
    def _workspace(self) -> dict[str, str]:
        described = ("domain.toml", "background.md", "references.bib")
        named = {path for program in self.programs.values() for path in program.files}
        hidden = {*self.prepare_files, *self.evaluator_files} - named | {*described}
        return {path: sha for path, sha in self.files.items() if path not in hidden}


# --- proposals and nodes ------------------------------------------------------------------------------


Slot = Literal["domain", "idea", "node", "protocol", "verdict", "text"]
"""What a scientist may be refused a proposal of."""


class Idea(Record, kw_only=True):
    """A hypothesis. `direction` is what it predicts of the metric; `open` leaves that to exploration.

    `scores` are in [0, 1].
    """

    id: str
    title: str
    hypothesis: str
    kind: str
    factors: tuple[str, ...]
    metric: str
    direction: Direction | Literal["open"]
    motivation: str = ""
    plan: str = ""
    risks: str = ""
    scores: dict[str, float] = {}
    novelty: Literal["known", "not assessed", "novel"] = "not assessed"
    nearest: tuple[str, ...] = ()


class Near(Record, kw_only=True):
    """A work or earlier study (by key or id) that comes near an idea: words of it that show this, and how the
    idea differs, as whoever judged it said. The words were found in what is listed for the key."""

    key: str
    evidence: str
    difference: str


class Node(Record, kw_only=True, dict=True):
    """A workspace and a configuration, with its parents, operator and plan."""

    id: str
    parents: tuple[str, ...] = ()
    operator: Operator
    program: str
    workspace: dict[str, str]
    config: Config
    plan: str = ""

    @cached_property
    def workspace_hash(self) -> str:
        return digest(self.workspace)

    @staticmethod
    def make(
        operator: Operator,
        program: str,
        workspace: dict[str, str],
        config: Config,
        *,
        parents: tuple[str, ...] = (),
        plan: str = "",
    ) -> "Node":
        """A node named by its workspace, program and configuration, however it was come by."""
        node_id = short_id("node", workspace, program, config)
        return Node(id=node_id, parents=parents, operator=operator, program=program,
                    workspace=workspace, config=config, plan=plan)  # fmt: skip


class Proposal(Record, kw_only=True):
    """What a policy asks the loop to do next: run a node on the next `seeds` seeds of a phase."""

    node: Node
    phase: Phase = "explore"
    seeds: int = 1


class Commission(Record, kw_only=True):
    """What a policy asks a scientist to make a node of: an operator and the nodes that it works on.

    The first parent is the one that is changed; a draft has the baseline there, or nothing. `index` counts
    the study's commissions.
    """

    id: str
    index: int
    operator: Operator
    parents: tuple[str, ...] = ()
    seeds: int = 1
    policy: str = ""

    @staticmethod
    def make(
        index: int, operator: Operator, parents: tuple[str, ...], *, seeds: int = 1, policy: str = ""
    ) -> "Commission":
        """A commission named by its place and what it asks for."""
        name = short_id("commission", index, operator, parents)
        return Commission(
            id=name, index=index, operator=operator, parents=parents, seeds=seeds, policy=policy
        )


class Choice(Record, kw_only=True):
    """Which of several models is asked for a commission, by their names in the settings.

    `models` are asked in this order, the later ones when those before them fail for good; `odds` are the
    chances that each of them had to be the first. `priced`: what they cost had a part in that, since the
    price of every attempt so far is known; else all counted as equally dear.
    """

    models: tuple[str, ...]
    odds: dict[str, float]
    priced: bool = True


# --- trials -------------------------------------------------------------------------------------------


class Limits(Record, kw_only=True):
    """Bounds of one stage. CPU time decides about a candidate; `wall_seconds` is a backstop."""

    cpu_seconds: Positive
    wall_seconds: Positive
    memory_mb: Positive = 1024.0
    processes: int = 64
    output_mb: Positive = 256.0
    output_files: int = 10_000
    file_mb: Positive = 128.0


class Stage(Record, kw_only=True):
    """A command in a folder. The folder is all it may write; it sees nothing else but its libraries.

    `files` (path -> blob) are laid down first, then `inputs`: (earlier stage, its path, path here), copied
    from what was frozen of that stage. `outputs` are the folders frozen afterwards. The request is
    written to `request.json` and named as the last argument. `python` as first word of the command is
    the interpreter of the job's environment.
    """

    name: str
    command: tuple[str, ...]
    files: dict[str, str] = {}
    inputs: tuple[tuple[str, str, str], ...] = ()
    request: dict[str, object] = {}
    outputs: tuple[str, ...] = ("out",)
    limits: Limits
    trusted: bool = False


class Job(Record, kw_only=True):
    """Stages run in order on one machine, each in its own sandbox.

    `shipped` says that every command comes with Novum, unmodified by its hash; only such a job may run
    under the `process` layer where the kernel offers nothing better.
    """

    stages: tuple[Stage, ...]
    requirements: tuple[str, ...] = ()
    sandbox: str = "auto"
    device: str = "cpu"
    shipped: bool = False


StageStatus = Literal[
    "ok", "crashed", "cpu_limit", "wall_limit", "memory_limit", "process_limit", "output_limit", "not_started"
]


class StageResult(Record, kw_only=True):
    """How one stage ended, with its frozen outputs (path under the folder -> blob)."""

    name: str
    status: StageStatus
    exit_code: int | None = None
    signal: int | None = None
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_mb: float = 0.0
    outputs: dict[str, str] = {}
    refused: tuple[str, ...] = ()
    stdout: str = ""
    stderr: str = ""
    detail: str = ""


class JobResult(Record, kw_only=True):
    """What came of a job, and the layer it ran under; `lost` says that the machine failed, not the job.

    `warm` names the stages that a zygote started; what comes of them does not depend on it.
    """

    stages: tuple[StageResult, ...]
    sandbox: str
    host: str = ""
    lost: str = ""
    warm: tuple[str, ...] = ()

    def stage(self, name: str) -> StageResult | None:
        return next((s for s in self.stages if s.name == name), None)

    @property
    def ok(self) -> bool:
        return not self.lost and all(s.status == "ok" for s in self.stages)


class TrialRequest(Record, kw_only=True, dict=True):
    """What is asked of a trial; its digest is the trial's key, so nothing volatile belongs here."""

    node: str
    program: str
    workspace_hash: str
    config: Config
    seeds: tuple[int, ...]
    phase: Phase
    prepare_hash: str
    evaluator_hash: str
    limits: Limits

    @cached_property
    def key(self) -> str:
        return digest(["trial", self])

    @property
    def id(self) -> str:
        return self.key[:12]


MeasurementStatus = Literal["observed", "censored", "undefined", "failed"]


class Measurement(Record, kw_only=True):
    """One value of one metric for one seed, with everything needed to walk back to it.

    `undefined`: the quantity does not exist for this run (a run that never fits has no lag).
    `failed`: the seed gave no valid artefact; `value` is None for both. `censored`: the event did not
    occur by `censored_at`, which is then also the value.
    """

    id: str
    metric: str
    value: float | None
    unit: str
    status: MeasurementStatus
    censored_at: float | None
    self_reported: bool
    node: str
    trial: str
    phase: Phase
    seed: int
    config_hash: str
    evaluator_hash: str
    artefact_hash: str


class Cost(Record, kw_only=True):
    usd: float = 0.0
    tokens: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(usd=self.usd + other.usd, tokens=self.tokens + other.tokens,
                    cpu_seconds=self.cpu_seconds + other.cpu_seconds,
                    wall_seconds=self.wall_seconds + other.wall_seconds)  # fmt: skip


# --- models -------------------------------------------------------------------------------------------

Role = Literal["ideate", "code", "judge", "write", "review", "vision"]
ROLES: tuple[Role, ...] = ("ideate", "code", "judge", "write", "review", "vision")


class Part(Record, kw_only=True):
    """A piece of a prompt: text, or an image (a blob of `media_type`).

    `stable` marks what stays the same over many calls of a study (the domain, its code). Providers keep
    the common beginning of prompts in a cache, so system and stable parts come first.
    """

    speaker: Literal["system", "user", "model"] = "user"
    text: str = ""
    image: str = ""
    media_type: str = ""
    stable: bool = False

    def __post_init__(self) -> None:
        if bool(self.text) == bool(self.image):
            raise ValueError("a part of a prompt is either text or an image")
        structs.force_setattr(self, "text", _storable(self.text))


class ModelRequest(Record, kw_only=True):
    """What is asked of a model; its digest is the call's key, so nothing volatile belongs here.

    No model is named: the role says who is asked, and an answer stays valid when another model is chosen
    on resume. `output` is the JSON schema of the answer, empty for free text. `sample` says which of
    several independent answers to the same question this is. A schema-invalid answer is sent back as
    further parts (the model's, then the reason), which makes it another request.

    `workspace` (path -> blob) is for coding agents: files that they get a copy of and may read, and of which
    they may change those that are `editable`. Other models see the parts alone.

    Raises:
        ValueError: parts are missing, or a stable part comes after one that is not.
    """

    role: Role
    parts: tuple[Part, ...]
    output: dict[str, object] = {}
    output_name: str = "answer"
    max_output_tokens: Annotated[int, Meta(gt=0)] = 4096
    temperature: float | None = None
    sample: Count = 0
    workspace: dict[str, str] = {}
    editable: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        places = [0 if p.speaker == "system" else 1 if p.stable else 2 for p in self.parts]
        if not places or places != sorted(places):
            raise ValueError("a prompt's parts are: system, then stable ones, then the rest")

    @property
    def key(self) -> str:
        """What the call is known by: its kind, what is asked, and the sample."""
        return digest(["model", structs.replace(self, sample=0), self.sample])

    @property
    def images(self) -> tuple[str, ...]:
        """Blobs that the prompt shows."""
        return tuple(p.image for p in self.parts if p.image)


class Usage(Record, kw_only=True):
    """Tokens of one call; those read from the provider's cache are among the input."""

    input_tokens: Count = 0
    cached_tokens: Count = 0
    output_tokens: Count = 0

    @property
    def total(self) -> int:
        return self.input_tokens + self.output_tokens


class ModelAnswer(Record, kw_only=True):
    """What a model answered. `model` is the one that did, as its provider names it.

    `data` is the structured output where the provider hands over one, `text` what was written besides or
    instead. `usd` is None where no price is known. `finish`: it `stop`ped by itself, was cut off at a
    `length`, or it or its provider `refused`.

    A coding agent's changes to the editable files of the request are a `patch` (see `novum.patches`);
    `left_out` says which other changes it made, and why they are not in it.
    """

    text: str = ""
    data: object = None
    model: str
    usage: Usage = Usage()
    usd: float | None = None
    finish: Literal["stop", "length", "refused"] = "stop"
    seconds: float = 0.0
    patch: str = ""
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        structs.force_setattr(self, "text", _storable(self.text))
        structs.force_setattr(self, "patch", _storable(self.patch))


def _storable(text: str) -> str:
    """Text that UTF-8 can hold: halves of surrogate pairs, which JSON lets through, become question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class Prices(Record, kw_only=True):
    """USD per million tokens. Cached input costs as much as other input unless said otherwise."""

    input: Annotated[float, Meta(ge=0)]
    output: Annotated[float, Meta(ge=0)]
    cached: Annotated[float, Meta(ge=0)] | None = None

    def of(self, usage: Usage) -> float:
        """What a call cost, in USD."""
        cached = self.input if self.cached is None else self.cached
        fresh = max(0, usage.input_tokens - usage.cached_tokens)
        return (fresh * self.input + usage.cached_tokens * cached + usage.output_tokens * self.output) / 1e6


class PlannedCalls(Record, kw_only=True):
    """Calls that a scientist expects to make in one step: how many, and about how long each is, in tokens."""

    step: str
    role: Role
    calls: Count
    input_tokens: Count
    output_tokens: Count


class WorstCase(Record, kw_only=True):
    """The most that a call can use; `usd` is None where no price is known."""

    tokens: Count = 0
    usd: float | None = None


# --- evidence -----------------------------------------------------------------------------------------


class Contrast(Record, kw_only=True):
    """A comparison as data; with a verdict it is a claim.

    `a` and `b` assign levels to some factors (the others stay at the protocol's base configuration).
    The estimand is of `b` relative to `a`: mean_diff = mean(b) - mean(a), ratio = mean(b) / mean(a),
    rmst_diff = difference of restricted means. An `interaction` is the difference between the
    difference b - a under `contexts[1]` and the one under `contexts[0]`. A `slope` is the change from a to b
    along the line fitted over `levels`. `margin` is in the metric's unit (for a ratio: a factor > 1).
    With `points`, full configurations of a balanced design, a mean difference is taken over all of them:
    those that have b's levels against those that have a's, so that the effect is averaged over the settings
    that the other factors have there. Where they are a fraction of all combinations, `turned` says how the
    further fractions follow: each entry names the factors whose two levels are swapped at all points. The
    seed at place i of the confirmation runs fraction i modulo their number; the effect is averaged over all.
    """

    id: str
    text: str
    metric: str
    a: Config
    b: Config
    estimand: Estimand
    direction: Direction
    margin: float
    test: str
    family: str = "primary"
    contexts: tuple[Config, ...] = ()
    levels: tuple[Level, ...] = ()
    points: tuple[Config, ...] = ()
    turned: tuple[tuple[str, ...], ...] = ()

    @property
    def fractions(self) -> int:
        """Into how many fractions, which share out the seeds, the arms fall."""
        return max(1, len(self.turned))

    @property
    def factors(self) -> tuple[str, ...]:
        """The names of the factors that the comparison moves."""
        return tuple(sorted({*self.a, *self.b, *(name for context in self.contexts for name in context)}))


def question_key(domain: str, metric: str, factors: Iterable[str]) -> str:
    """What a claim is about, whatever its levels: the account from which alpha is spent."""
    return f"{domain}:{metric}:{','.join(sorted(factors))}"


class Protocol(Record, kw_only=True):
    """The pre-registration. Hashed with `digest`, then frozen; amendments are further events.

    `detectable_effect` is the smallest true effect that ends "supported" with chance `target_power`;
    `power` is that chance for an effect of twice the margin. Both assume a spread of at most `sd_bound`.

    `alpha` is the family-wise level. Claims that are `repeated` have been supported by the study that this
    one replicates; each is tested at the level given for it instead, which nothing is drawn for (see
    `evidence.account`), and those of one level are corrected together.

    Every arm runs on the same `seeds_per_arm` seeds, unless claims are averaged over a design in fractions:
    these stand one after the other among the arms, and share out that many seeds. The base runs on all of
    them even then, since only an arm of many seeds shows that a program does not tell them apart.
    """

    idea: str
    question: str
    primary_metric: str
    horizon: float | None
    contrasts: tuple[Contrast, ...]
    base: Config
    arms: tuple[Config, ...]
    seeds_per_arm: int
    alpha: float
    correction: str = "holm"
    pairing: Literal["paired", "independent"] = "paired"
    stopping: str = "fixed sample"
    sd_bound: float
    detectable_effect: float
    power: float
    smallest_p: float
    program: str
    workspace_hash: str
    evaluator_hash: str
    prepare_hash: str
    domain_hash: str
    resampled: tuple[str, ...]
    limits: Limits
    nonce_commitment: str
    exploratory_comparisons: int = 0
    earlier_studies: tuple[str, ...] = ()
    sample_rationale: str = ""
    target_power: float = 0.9
    programs: dict[str, dict[str, str]] = {}
    """Edited workspaces that arms run, by their level of the factor `program` (see `novum.program`)."""
    repeated: dict[str, float] = {}

    @property
    def hash(self) -> str:
        return digest(self)

    @property
    def fractions(self) -> int:
        """Into how many fractions of equal size the arms fall, which share out the seeds."""
        return max((c.fractions for c in self.contrasts), default=1)

    @property
    def runs(self) -> int:
        """Runs of the confirmation: every seed on its arms, and the base on the others besides."""
        shared = self.seeds_per_arm * (len(self.arms) // self.fractions)
        return shared + sum(self.seeds_per_arm - len(self.share_of(arm, range(self.seeds_per_arm)))
                            for arm in self.arms if arm == self.base)  # fmt: skip

    def seeds_of(self, arm: Config, seeds: Sequence[int]) -> tuple[int, ...]:
        """Those of the confirmation seeds, in their order, on which an arm runs."""
        return tuple(seeds) if arm == self.base else self.share_of(arm, seeds)

    def share_of(self, arm: Config, seeds: Sequence[int]) -> tuple[int, ...]:
        """Those of the confirmation seeds with which an arm enters comparisons."""
        fraction = self.arms.index(arm) // max(1, len(self.arms) // self.fractions)
        return tuple(seeds[fraction :: self.fractions])

    def alpha_of(self, claim: str) -> float:
        """The family-wise level at which a claim is tested."""
        return self.repeated.get(claim, self.alpha)

    def corrected_with(self, contrast: Contrast) -> tuple[Contrast, ...]:
        """The contrasts over which a contrast's level is corrected, itself among them."""
        mine = _correction(self, contrast)
        return tuple(c for c in self.contrasts if _correction(self, c) == mine)

    @property
    def corrections(self) -> list[tuple[float, int]]:
        """Level and number of the contrasts that are corrected together, strictest first, without repeats."""
        found = {(self.alpha_of(c.id), len(self.corrected_with(c))) for c in self.contrasts}
        return sorted(found, key=lambda pair: pair[0] / pair[1]) or [(self.alpha, 1)]

    @property
    def strictest(self) -> float:
        """The level of Holm's first step where it is smallest."""
        alpha, m = self.corrections[0]
        return alpha / m

    def edited(self, arm: Config) -> dict[str, str] | None:
        """The workspace of an arm whose program is an edited one; None for the domain's own."""
        return next((self.programs[str(level)] for level in arm.values() if level in self.programs), None)

    def workspace_hash_of(self, arm: Config) -> str:
        """The hash of what an arm runs."""
        edited = self.edited(arm)
        return self.workspace_hash if edited is None else digest(edited)


def _correction(protocol: Protocol, contrast: Contrast) -> tuple[str, bool, float]:
    return contrast.family, contrast.id in protocol.repeated, protocol.alpha_of(contrast.id)


class Decision(Record, kw_only=True):
    """A claim's verdict. `low` and `high` are at `level`, the same adjusted level the verdict used."""

    claim: str
    verdict: Verdict
    estimate: float | None
    low: float | None
    high: float | None
    level: float
    p_value: float | None
    p_adjusted: float | None
    method: str
    n: dict[str, int] = {}
    cross_check: str = ""
    cross_check_p: float | None = None
    agrees: bool = True
    reason: str = ""
    measurements: tuple[str, ...] = ()


class Original(Record, kw_only=True):
    """The study that a replication repeats, as its journal stood at event `head_seq`: enough to hold both
    sets of results side by side without it. Seeds per arm are `times` those of its protocol.
    """

    study: str
    protocol: Protocol
    nonce: str
    decisions: tuple[Decision, ...]
    idea: Idea | None = None
    novum_version: str = ""
    head_seq: int
    head: str
    times: Annotated[int, Meta(ge=1)] = 1


class Look(Record, kw_only=True):
    """How a figure is drawn beyond what its data say: scale and limits of its axes, and words beside them.

    Limits leave no data out, and a logarithmic axis has positive data alone; else it cannot be drawn so.
    """

    log_x: bool | None = None
    log_y: bool | None = None
    x_limits: tuple[float, float] | None = None
    y_limits: tuple[float, float] | None = None
    x_label: Annotated[str, Meta(max_length=60)] = ""
    y_label: Annotated[str, Meta(max_length=60)] = ""


class Figure(Record, kw_only=True):
    """A drawn figure: its data (a blob) and the files drawn from it (suffix -> blob).

    `look` is set where it was drawn anew after a reader's objection.
    """

    id: str
    title: str
    caption: str
    kind: str
    data: str
    files: dict[str, str]
    look: Look | None = None


class Check(Record, kw_only=True):
    """One line of an audit or a checklist."""

    id: str
    passed: bool
    detail: str


class Settings(Record, kw_only=True):
    """What fixes a study, resolved by `config` and journaled with it; origins are kept beside each value."""

    domain: str
    budget: str = "default"
    scientist: str = "systematic"
    policy: str = "design"
    idea: str = ""
    """The idea to study, where a run of several has chosen it; empty: the scientist chooses."""
    proposals: Count = 3
    """Ideas that the language scientist weighs before it chooses one."""
    seed: int | None = None
    deterministic: bool = False
    """What a search proposes must not depend on the order in which trials end (`novum.steps.lagged`)."""
    workers: int = 2
    executor: str = "local"
    sandbox: str = "auto"
    device: str = "cpu"
    budget_usd: float | None = None
    budget_tokens: int | None = None
    budget_minutes: float | None = None
    budget_trials: int | None = None
    budget_calls: int | None = None
    model: str = ""
    """The model of every role that has none of its own, by plain name; see `novum.models`."""
    model_ideate: str = ""
    model_code: str = ""
    model_judge: str = ""
    model_write: str = ""
    model_review: str = ""
    model_vision: str = ""
    model_fallback: str = ""
    """Models to ask when a role's own fails for good, in order, separated by commas."""
    model_choice: Literal["order", "bandit"] = "order"
    """Whom the role `code` asks first for a version of a program: its own model, or the one that
    `novum.search.programs.arms` chooses among its own and the fall-backs."""
    price_input: float | None = None
    price_output: float | None = None
    prices: dict[str, Prices] = {}
    """A person's own prices by model name, from `[price."NAME"]` in `novum.toml`."""
    calls_at_once: int = 8
    context_tokens: int = 100_000
    """About how long a prompt may be; what is longer is shortened (see `novum.tokens`)."""
    style: str = "novum"
    until: Literal["", "domain", "ideas", "protocol"] = ""
    policy_limits: dict[str, float | tuple[str, ...]] = {}
    """A person's own limits of policy controls, from `[policy.NAME] limit = …` in `novum.toml`."""
    origins: dict[str, str] = {}

    def models_of(self, role: Role) -> tuple[str, ...]:
        """Names of the models that a role asks, first choice first; empty if there is none."""
        own = getattr(self, f"model_{role}") or self.model
        others = [name.strip() for name in self.model_fallback.split(",")]
        return tuple(dict.fromkeys(name for name in (own, *others) if name)) if own else ()

    def price_of(self, model: str) -> Prices | None:
        """A person's own price of a model: its own, else the one for all."""
        if model in self.prices or self.price_input is None or self.price_output is None:
            return self.prices.get(model)
        return Prices(input=self.price_input, output=self.price_output)


class Ranked(Record, kw_only=True):
    """An idea as a run of several studies ranked it before the first began."""

    idea: str
    total: float
    novelty: float


class Several(Record, kw_only=True):
    """The run of several studies that a study belongs to, and its own place in it (see `novum.several`).

    `settings` are those of the run as a whole, its caps included; `share` is this study's part of the budget,
    in units of an equal one. The ranking is there so that a run which was cut short goes on as it began.
    """

    run: str
    place: Count
    count: Count
    share: float
    settings: Settings
    ranking: tuple[Ranked, ...]
