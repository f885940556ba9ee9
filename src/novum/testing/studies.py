"""Whole studies made in a moment: real events, real blobs, a simulated experiment.

Only the trials are pretended: their outcomes are drawn from a stated model instead of being run. Everything
else (seeds, protocol, readings, verdicts, catalogue) is what a study does, through the same functions, so
that checks may be tested on a record that is right in every part.
"""

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from novum import events as ev
from novum.canonical import canonical, derive_seed, digest, short_id
from novum.events import Draft, Event
from novum.evidence import planning
from novum.evidence.analysis import GUARD_FROM, registered_test
from novum.evidence.claims import family_arms
from novum.evidence.samples import config_hash
from novum.literature.bibliography import Bibliography
from novum.protocols import Blobs
from novum.recording import Recorder
from novum.records import (
    Budget,
    Config,
    Contrast,
    Domain,
    Factor,
    Figure,
    Idea,
    JobResult,
    Metric,
    Node,
    Program,
    Protocol,
    Settings,
    StageResult,
)
from novum.state import State
from novum.steps import run
from novum.steps.conclude import compare, decisions
from novum.steps.confirm import confirmation_plan
from novum.steps.illustrate import plan
from novum.steps.planned import Planned
from novum.steps.seeds import commitment, phase_seed
from novum.steps.select import selection_plan
from novum.testing.memory import MemoryBlobs, MemoryLog, Row
from novum.testing.papers import paper_of

Outcome = Literal["supported", "refuted", "inconclusive", "all_censored", "interaction"]
OUTCOMES: tuple[Outcome, ...] = ("supported", "refuted", "inconclusive", "all_censored", "interaction")
Stage = Literal["ideate", "explore", "select", "register", "confirm", "conclude", "write"]
STAGES: tuple[Stage, ...] = ("ideate", "explore", "select", "register", "confirm", "conclude", "write")
HORIZON = 1000.0
NONCE = digest("the nonce of a made study")
BIBTEX = """
@article{holm1979, title = {A simple sequentially rejective multiple test procedure}, author = {Holm, Sture},
  journal = {Scandinavian Journal of Statistics}, volume = {6}, pages = {65--70}, year = {1979},
  states = {rate: up -> updates: down}}
@article{royston2013, title = {Restricted mean survival time: an alternative to the hazard ratio},
  author = {Royston, Patrick and Parmar, Mahesh K. B.}, journal = {BMC Medical Research Methodology},
  volume = {13}, year = {2013}}
"""
FILES = {
    "prepare.py": "# makes in/ and heldout/\n",
    "driver.py": "# counts updates\nimport learner\n",
    "learner.py": "# may be edited\n",
    "evaluator.py": "# reads artefacts, writes measurements.jsonl\n",
    "domain.toml": "# the contract\n",
    "background.md": "A made subject.\n",
    "references.bib": BIBTEX,
}


class MadeStudy(Struct, frozen=True):
    """A made study: its journal (events and stored rows), its blobs, its bibliography, its state."""

    events: tuple[Event, ...]
    rows: tuple[Row, ...]
    blobs: Blobs
    entries: Mapping[str, Mapping[str, str]]
    state: State


def make_study(
    outcome: Outcome = "supported",
    *,
    seed: int = 7,
    seeds_per_arm: int = 12,
    until: Stage = "write",
    blobs: Blobs | None = None,
) -> MadeStudy:
    """A study whose confirmation comes out as `outcome` says, up to and including a stage."""
    held = blobs if blobs is not None else MemoryBlobs()
    log = MemoryLog()
    recorder = Recorder(log, held)
    literature = Bibliography(BIBTEX)
    maker = _Maker(recorder, outcome, seed, seeds_per_arm, literature)
    for stage in STAGES[: STAGES.index(until) + 1]:
        maker.carry(stage)
    return MadeStudy(tuple(log.events), tuple(log.stored), held, literature.entries(), recorder.state)


def made_domain(blobs: Blobs) -> Domain:
    """The made domain: a time to an event on one horizon, a numeric and a categorical factor."""
    return Domain(
        id="made",
        title="A made subject",
        question="What decides how many updates a made learner needs?",
        limits="Nothing here was run.",
        programs={"main": Program(command=("python", "driver.py"), editable=("learner.py",))},
        prepare=("python", "prepare.py"),
        evaluator=("python", "evaluator.py"),
        metrics=(
            Metric(name="updates", title="updates to the end", unit="updates", goal="minimize", primary=True,
                   kind="time_to_event", horizon=HORIZON, margin=50.0),
            Metric(name="accuracy", title="final accuracy", kind="proportion"),
        ),
        factors=(
            Factor(name="rate", title="learning rate", range=(0.1, 10.0), scale="log", baseline=1.0),
            Factor(name="kind", title="kind of learner", kind="categorical", levels=("plain", "fancy"),
                   baseline="plain"),
        ),
        budgets={"default": Budget(explore_trials=8, confirm_seeds=16, seconds=2.0)},
        resampled=("data", "initialisation"),
        files={path: blobs.put(text.encode()) for path, text in FILES.items()},
        prepare_files=("prepare.py",),
        evaluator_files=("evaluator.py",),
        shipped=True,
    )  # fmt: skip


# --- the model of outcomes ----------------------------------------------------------------------------


def simulated(outcome: Outcome, config: Config, seed: int) -> float:
    """Updates to the event: a common level, a part of the seed, a part of the run, the outcome's effect."""
    shared = random.Random(derive_seed("made", seed)).gauss(0, 40)
    own = random.Random(derive_seed("made", seed, config_hash(config))).gauss(0, 15)
    doses = math.log(float(config["rate"]), 4)
    fancy = config["kind"] == "fancy"
    slope = {"supported": -150.0, "refuted": 150.0, "inconclusive": -48.0, "all_censored": 0.0,
             "interaction": -250.0 * fancy}[outcome]  # fmt: skip
    level = 5000.0 if outcome == "all_censored" else 600.0
    return max(20.0, round(level + slope * doses + shared + own))


class _Maker:
    """Carries one study through its stages, as the loop does."""

    def __init__(self, recorder: Recorder, outcome: Outcome, seed: int, n: int, literature: Bibliography):
        self.recorder, self.outcome, self.n, self.literature = recorder, outcome, n, literature
        self.domain = made_domain(recorder.blobs)
        archive = recorder.blobs.put(b'{"claims":[],"ideas":[]}')
        settings = Settings(domain="made", seed=seed)
        recorder.commit(
            ev.StudyCreated(study=f"made-{short_id(outcome, seed)[:8]}", domain=self.domain,
                            settings=settings, seed=seed, novum_version="0.1.0", archive=archive,
                            environment={"python": "3.11", "numpy": "2"}),
            ev.CoordinatorStarted(host="here", pid=1, sandbox="bwrap"),
        )  # fmt: skip

    @property
    def state(self) -> State:
        return self.recorder.state

    def carry(self, stage: Stage) -> None:
        view = self.recorder.begin(stage)
        drafts = getattr(self, f"_{stage}")(view)
        self.recorder.finish(stage, [Draft(body=b) for b in drafts])

    def _ideate(self, view: State) -> Sequence[ev.EventBody]:
        idea = Idea(id=short_id("idea", self.outcome), title="A higher rate ends sooner",
                    hypothesis="Raising the rate from 1 to 4 lowers the number of updates.",
                    kind="main effect", factors=("rate",), metric="updates", direction="less")  # fmt: skip
        return [ev.IdeaProposed(idea=idea), ev.IdeaChosen(idea=idea.id, reason="the most informative")]

    def _explore(self, view: State) -> Sequence[ev.EventBody]:
        points: list[Config] = [{"rate": r, "kind": k} for r in (1.0, 4.0, 0.25) for k in ("plain", "fancy")]
        for i, config in enumerate(points):
            seeds = tuple(phase_seed(self.state.seed, "explore", 2 * i + j) for j in range(2))
            node = Node.make("tune", "main", self.domain.workspace(), config, plan="design point")
            self._trial(Planned(node, "explore", seeds, "design"), crashed=i == 5, interrupted=i == 2)
        return []

    def _select(self, view: State) -> Sequence[ev.EventBody]:
        for planned in selection_plan(view, 3):
            self._trial(planned)
        return []

    def _register(self, view: State) -> Sequence[ev.EventBody]:
        protocol = made_protocol(self.domain, view.chosen, self.outcome, self.n)
        return [ev.ProtocolRegistered(protocol=protocol, hash=protocol.hash)]

    def _confirm(self, view: State) -> Sequence[ev.EventBody]:
        self.recorder.commit(ev.NonceRevealed(nonce=NONCE))
        for planned in confirmation_plan(self.state):
            self._trial(planned)
        return []

    def _conclude(self, view: State) -> Sequence[ev.EventBody]:
        decided = [ev.ClaimDecided(decision=d) for d in decisions(view)]
        self.recorder.commit(*decided)
        return [d.body for d in compare(self.state, _Only(self.literature))]  # type: ignore[arg-type]

    def _write(self, view: State) -> Sequence[ev.EventBody]:
        seq, head = self.recorder.log.head
        figure = _figure(view, self.recorder.blobs)
        self.recorder.commit(ev.FigureMade(figure=figure))
        return [paper_of(self.state, self.literature.entries(), seq, head, self.recorder.blobs)]

    # --- trials ---------------------------------------------------------------------------------------

    def _trial(self, planned: Planned, *, crashed: bool = False, interrupted: bool = False) -> None:
        limits = run.limits_for(self.domain.budgets["default"], len(planned.seeds))
        request = run.trial_request(self.domain, planned.node, planned.phase, planned.seeds, limits)
        commit = self.recorder.commit
        commit(ev.NodeProposed(node=planned.node, index=self.state.next_index, phase=planned.phase,
                               seeds=planned.seeds, trial=request.id, policy=planned.policy))  # fmt: skip
        for attempt in range(1 + interrupted):
            commit(ev.TrialStarted(trial=request.id, key=request.key, attempt=attempt, request=request,
                                   executor="local"))  # fmt: skip
            if attempt < interrupted:
                commit(ev.TrialInterrupted(trial=request.id, attempt=attempt, reason="the coordinator ended"))
        stages = tuple(self._stages(planned, crashed))
        result = JobResult(stages=stages, sandbox="bwrap", host="here")
        commit(*run.outcome_events(self.domain, request, int(interrupted), result, self.recorder.blobs))

    def _stages(self, planned: Planned, crashed: bool) -> Iterator[StageResult]:
        yield _stage("prepare", self._stored({
            f"out/{s}/{where}": f"{where} of {s}" for s in planned.seeds for where in ("in/x", "heldout/y")
        }))  # fmt: skip
        if crashed:
            yield StageResult(name="program", status="crashed", exit_code=1, cpu_seconds=0.25,
                              stderr="ValueError: the rate is too small")  # fmt: skip
            return
        config = planned.node.config
        yield _stage("program", self._stored(
            {f"out/{s}/result": f"{s} {config_hash(config)}" for s in planned.seeds}))  # fmt: skip
        yield _stage("evaluator", self._stored(dict(self._written(config, planned.seeds))))

    def _written(self, config: Config, seeds: Sequence[int]) -> Iterator[tuple[str, str]]:
        lines = []
        for seed in seeds:
            value = simulated(self.outcome, config, seed)
            reached = value <= HORIZON
            row = {"seed": seed, "metric": "updates", "value": min(value, HORIZON),
                   "status": "observed" if reached else "censored",
                   "censored_at": None if reached else HORIZON}  # fmt: skip
            lines += [row, {"seed": seed, "metric": "accuracy", "value": 0.995 if reached else 0.25}]
            curve = "".join(f"{x},{min(1.0, x / value):.4f}\n" for x in range(0, 1001, 200))
            yield f"out/series/accuracy/{seed}.csv", "x,y\n" + curve
        yield "out/measurements.jsonl", "".join(json.dumps(line) + "\n" for line in lines)

    def _stored(self, texts: Mapping[str, str]) -> dict[str, str]:
        return {path: self.recorder.blobs.put(text.encode()) for path, text in texts.items()}


class _Only:
    """The one service that comparing with the literature needs."""

    def __init__(self, literature: Bibliography):
        self.literature = literature


def _stage(name: str, outputs: dict[str, str]) -> StageResult:
    return StageResult(name=name, status="ok", exit_code=0, cpu_seconds=0.25, wall_seconds=0.5, peak_mb=64.0,
                       outputs=outputs, stdout=f"{name} is done\n")  # fmt: skip


def made_protocol(domain: Domain, idea: str, outcome: Outcome, n: int) -> Protocol:
    """The registered protocol: the idea's contrast, and that the kind of learner does not matter."""
    contrasts = tuple(_with_test(c, n) for c in (_first_contrast(outcome), _second_contrast()))
    sd, alpha = 60.0, 0.05
    return Protocol(
        idea=idea, question=domain.question, primary_metric="updates", horizon=HORIZON, contrasts=contrasts,
        base=domain.baseline, arms=family_arms(contrasts, domain.baseline), seeds_per_arm=n, alpha=alpha,
        sd_bound=sd, detectable_effect=planning.detectable_effect(n, sd, alpha, 2, margin=50.0),
        power=planning.power(50.0, n, sd, alpha, 2), smallest_p=planning.smallest_attainable_p(n),
        program="main", workspace_hash=digest(domain.workspace()), evaluator_hash=domain.evaluator_hash,
        prepare_hash=domain.prepare_hash, domain_hash=digest(domain), resampled=domain.resampled,
        limits=run.limits_for(domain.budgets["default"], 4), nonce_commitment=commitment(NONCE),
        exploratory_comparisons=15, sample_rationale=f"{n} seeds per arm resolve the margin.",
    )  # fmt: skip


def _with_test(contrast: Contrast, n: int) -> Contrast:
    """The contrast with the test that a sample of this size is registered with."""
    return replace(contrast, test=registered_test(contrast.estimand, n)) if n >= GUARD_FROM else contrast


def _first_contrast(outcome: Outcome) -> Contrast:
    text, estimand, contexts = "A higher rate ends sooner.", "rmst_diff", ()
    if outcome == "interaction":
        text = "The rate matters for the fancy kind more than for the plain one."
        estimand, contexts = "interaction", ({"kind": "plain"}, {"kind": "fancy"})
    return Contrast(id=short_id("claim", text), text=text, metric="updates", a={"rate": 1.0}, b={"rate": 4.0},
                    estimand=estimand, direction="less", margin=50.0, test="t, by seed",
                    contexts=contexts)  # fmt: skip


def _second_contrast() -> Contrast:
    text = "The kind of learner does not matter."
    return Contrast(id=short_id("claim", text), text=text, metric="updates", a={"kind": "plain"},
                    b={"kind": "fancy"}, estimand="rmst_diff", direction="equivalent", margin=50.0,
                    test="t, by seed")  # fmt: skip


def _figure(view: State, blobs: Blobs) -> Figure:
    """One of the figures that a paper gets, with its true data; only its drawing is pretended."""
    planned = next(p for p in plan(view, blobs) if p.title == "Seeds")
    data = blobs.put(canonical(planned.data).encode())
    svg = blobs.put(f"<svg xmlns='http://www.w3.org/2000/svg'><!-- {data} --></svg>".encode())
    return Figure(id=short_id("figure", "seeds", planned.title, data), title=planned.title,
                  caption=planned.caption, kind="seeds", data=data, files={"svg": svg})  # fmt: skip
