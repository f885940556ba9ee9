"""Synthetic studies of the shipped domain whose outcome is made to order, as real states with real verdicts.

The trials are invented; everything after them (verdicts, catalogue, comparisons) is computed by the
package itself, so a paper over such a study is a paper over a study.
"""

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import structs

import novum
from novum import events as ev
from novum.canonical import digest, short_id
from novum.domains.contract import load_domain
from novum.events import Draft
from novum.evidence import planning
from novum.evidence.analysis import registered_test
from novum.evidence.claims import family_arms
from novum.literature.bibliography import Bibliography
from novum.records import (
    Config,
    Cost,
    Domain,
    Idea,
    JobResult,
    Limits,
    Measurement,
    Node,
    Phase,
    Protocol,
    Settings,
    StageResult,
    TrialRequest,
)
from novum.scientists.systematic.hypotheses import Form, best_setting, contrast_of
from novum.scientists.systematic.together import design_over, fractions_over
from novum.services import StudyServices
from novum.state import State, fold
from novum.steps.conclude import compare, conclude
from novum.steps.seeds import commitment, confirm_seeds, phase_seed
from novum.testing.memory import MemoryBlobs, MemoryLog

GROKKING = Path(novum.__file__).parent / "domains" / "grokking"
HORIZON, LIMITS = 3000.0, Limits(cpu_seconds=80.0, wall_seconds=640.0, memory_mb=512.0)
NONCE = "a nonce nobody could guess"
START = 1_795_190_400.0  # 20 November 2026, UTC


Truth = Callable[[Config], float | None]
"""The mean of the primary metric under a configuration; None where the event never comes."""


def _effect(config: Config, base: Config, shifts: dict[tuple[str, object], float]) -> float:
    return sum(shift for (name, level), shift in shifts.items() if config[name] == level != base[name])


def _additive(**shifts: dict[object, float]) -> Truth:
    def truth(config: Config) -> float:
        return 1200.0 + sum(by_level.get(config[name], 0.0) for name, by_level in shifts.items())

    return truth


def _never(config: Config) -> float | None:
    return None


def _stalled(config: Config) -> float | None:
    return None if config["weight_decay"] == 0.0 else 1200.0


def _stalled_sgd(config: Config) -> float | None:
    return None if config["optimizer"] == "sgd" else 1200.0 + 700.0 * (config["weight_decay"] == 0.5)


def _joint(config: Config) -> float:
    slow = 900.0 if config["weight_decay"] == 0.5 else 0.0
    return (
        1200.0
        - 250.0 * (config["train_fraction"] == 0.7)
        + slow * (0.35 if config["train_fraction"] == 0.7 else 1.0)
    )


def _stalled_apart(config: Config) -> float | None:
    """Without much decay nothing happens, unless there are many data."""
    if config["weight_decay"] == 0.5 and config["train_fraction"] == 0.5:
        return None
    return 1200.0 - 300.0 * (config["train_fraction"] == 0.7)


def _main(factor: str, a: object, b: object) -> Form:
    return Form(kind="main_effect", factors=(factor,), a={factor: a}, b={factor: b})


def _held(factor: str, a: object, b: object, **held: object) -> Form:
    """A main effect at a level of another factor: a part of a robustness."""
    return Form(kind="robustness", factors=(factor, *held), a={factor: a, **held}, b={factor: b, **held})


def _at_baseline_only(config: Config) -> float:
    return 1200.0 + 900.0 * (config["weight_decay"] == 0.5 and config["train_fraction"] == 0.5)


ROBUST = tuple(
    (form, "greater")
    for form in (_main("weight_decay", 1.0, 0.5), _held("weight_decay", 1.0, 0.5, train_fraction=0.7))
)


INTERACTION = Form(
    kind="interaction",
    factors=("weight_decay", "train_fraction"),
    a={"weight_decay": 1.0},
    b={"weight_decay": 0.5},
    contexts=({"train_fraction": 0.5}, {"train_fraction": 0.7}),
)
DOSE = Form(
    kind="dose_response",
    factors=("init_scale",),
    a={"init_scale": 0.5},
    b={"init_scale": 4.0},
    levels=(0.5, 1.0, 2.0, 4.0),
)

CHANGED = {"weight_decay": 0.5, "train_fraction": 0.7, "init_scale": 2.0, "optimizer": "sgd"}
"""Factor -> the level that a design compares with the baseline."""


def _averaged(factor: str) -> Form:
    """A main effect over the design in the factors of `CHANGED`."""
    base = load_domain(GROKKING, MemoryBlobs()).baseline  # type: ignore[arg-type]
    return structs.replace(_main(factor, base[factor], CHANGED[factor]), points=design_over(CHANGED, base))


AVERAGED = tuple(zip(map(_averaged, CHANGED), ("greater", "less", "greater", "less"), strict=True))
SHARED = tuple((structs.replace(form, turned=fractions_over(CHANGED)), way) for form, way in AVERAGED)
"""The same where seeds take turns at two fractions of the design."""


def _turned_round(config: Config) -> float:
    """A larger scale is slow with the one optimiser and fast with the other; data help with either."""
    large = 1 if config["init_scale"] == 2.0 else 0
    way = 1 if config["optimizer"] == "adamw" else -1
    return 1500.0 + 400.0 * way * large - 300.0 * (config["train_fraction"] == 0.7)

STORIES: dict[str, tuple[Truth, tuple[tuple[Form, str], ...]]] = {
    "supported": (
        _additive(weight_decay={0.5: 900.0, 2.0: -350.0}, train_fraction={0.7: -600.0}),
        ((_main("weight_decay", 1.0, 0.5), "greater"), (_main("train_fraction", 0.5, 0.7), "less")),
    ),
    "refuted": (
        _additive(init_scale={2.0: -700.0, 0.5: 20.0}),
        ((_main("init_scale", 1.0, 2.0), "greater"),),
    ),
    "immaterial": (_additive(), ((_main("init_distribution", "normal", "uniform"), "greater"),)),
    "inconclusive": (
        _additive(init_distribution={"uniform": 180.0}, width={128.0: -190.0}),
        ((_main("init_distribution", "normal", "uniform"), "greater"), (_main("width", 96.0, 128.0), "less")),
    ),
    "censored": (_never, ((_main("optimizer", "adamw", "sgd"), "greater"),)),
    "interaction": (_joint, ((INTERACTION, "less"), (_main("weight_decay", 1.0, 0.5), "greater"))),
    "interaction, cut off": (_stalled_apart, ((INTERACTION, "less"),)),
    "dose": (_additive(init_scale={0.5: -300.0, 2.0: 500.0, 4.0: 1100.0}), ((DOSE, "greater"),)),
    "equivalent": (_additive(), ((_main("init_distribution", "normal", "uniform"), "equivalent"),)),
    "mixed": (
        _additive(weight_decay={0.5: 900.0}, learning_rate={0.005: -800.0}),
        (
            (_main("weight_decay", 1.0, 0.5), "greater"),
            (_main("learning_rate", 0.01, 0.005), "greater"),
            (_main("init_distribution", "normal", "uniform"), "greater"),
        ),
    ),
    "best": (
        _additive(train_fraction={0.7: -600.0}, learning_rate={0.02: -300.0}),
        (),
    ),
    "bound": (_stalled, ((_main("weight_decay", 1.0, 0.0), "greater"),)),
    "robust": (_additive(weight_decay={0.5: 900.0}, train_fraction={0.7: -300.0}), ROBUST),
    "fragile": (_at_baseline_only, ROBUST),
    "averaged": (_additive(weight_decay={0.5: 900.0}, train_fraction={0.7: -300.0}), AVERAGED),
    "averaged, the other way": (
        _additive(weight_decay={0.5: -500.0}, train_fraction={0.7: -300.0}, init_scale={2.0: 120.0}),
        AVERAGED,
    ),
    "averaged, none open": (
        _additive(weight_decay={0.5: 600.0}, train_fraction={0.7: -500.0}, init_scale={2.0: 700.0}),
        AVERAGED[:3],
    ),
    "averaged, all open": (
        _additive(
            weight_decay={0.5: 210.0},
            train_fraction={0.7: -190.0},
            init_scale={2.0: 190.0},
            optimizer={"sgd": -195.0},
        ),
        AVERAGED,
    ),
    "averaged, censored": (_stalled_sgd, AVERAGED),
    "averaged, turned round": (_turned_round, SHARED),
    "averaged, none jointly": (_additive(weight_decay={0.5: 900.0}, train_fraction={0.7: -300.0}), SHARED),
    "unfinished": (_additive(weight_decay={0.5: 900.0}), ((_main("weight_decay", 1.0, 0.5), "greater"),)),
}
OUTCOMES = tuple(STORIES)


class Synthetic:
    """One made study: its log, blobs and services, and the state up to the verb *write*."""

    def __init__(self, outcome: str, *, seeds: int = 16, seed: int = 11, spread: float = 220.0):
        self.outcome, self.n, self.seed, self.spread = outcome, seeds, seed, spread
        self.blobs = MemoryBlobs()
        self.log = MemoryLog(lambda: START + 3 * len(self.log.events))
        self.domain: Domain = load_domain(GROKKING, self.blobs)  # type: ignore[arg-type]
        self.truth, self.family = STORIES[outcome]
        if outcome == "best":
            found = {**self.domain.baseline, "train_fraction": 0.7, "learning_rate": 0.02}
            self.family = ((best_setting(self.domain, found), "less"),)
        self.contrasts = tuple(contrast_of(form, self.domain, way) for form, way in self.family)  # type: ignore[arg-type]
        if self.contrasts[0].turned:
            test = registered_test("mean_diff", seeds, self.contrasts[0].fractions)
            self.contrasts = tuple(structs.replace(c, test=test) for c in self.contrasts)
        self.index = 0
        self._tell()

    @property
    def state(self) -> State:
        return fold(self.log.events)

    def services(self, scientist: object = None, renderers: Sequence[object] = ()) -> StudyServices:
        literature = Bibliography(self.blobs.get(self.domain.files["references.bib"]).decode())
        return StudyServices(
            blobs=self.blobs,
            log=self.log,
            literature=literature,
            renderers=renderers,  # type: ignore[arg-type]
            scientist=scientist,
            nonce_commitment=commitment(NONCE),
            seed=self.seed,
        )  # type: ignore[arg-type]

    # --- the telling ------------------------------------------------------------------------------------

    def _tell(self) -> None:
        settings = Settings(domain="grokking", origins={"domain": "default"})
        environment = {"python": "3.11.9", "platform": "Linux", "numpy": "1.26.4", "scipy": "1.14.0"}
        self._add(
            ev.StudyCreated(
                study=f"grokking-{short_id(self.outcome)[:8]}",
                domain=self.domain,
                settings=settings,
                seed=self.seed,
                novum_version="0.1.0",
                environment=environment,
            ),
            ev.CoordinatorStarted(host="a-machine", pid=1, sandbox="bwrap"),
        )
        self._step("ideate", self._ideas())
        self._step("explore", [*self._exploration(), *self._judgements()])
        self._step("select", self._selection())
        self._step("register", [ev.ProtocolRegistered(protocol=(p := self._protocol()), hash=p.hash)])
        self._step("confirm", self._confirmation())
        services = self.services()
        self._step("conclude", conclude(self.state, services))
        self._step("compare", compare(self.state, services))

    def _add(self, *drafts: Draft | ev.EventBody) -> None:
        self.log.append([d if isinstance(d, Draft) else Draft(body=d) for d in drafts])

    def _step(self, name: str, inside: Sequence[Draft | ev.EventBody]) -> None:
        self._add(ev.StepStarted(step=name, view_seq=self.log.head[0]), *inside, ev.StepFinished(step=name))

    def _ideas(self) -> list[ev.EventBody]:
        form = self.family[0][0]
        idea = Idea(
            id=short_id("idea", self.outcome),
            title="an idea",
            kind=form.kind,
            factors=form.factors,
            hypothesis=f"moving {', '.join(form.factors)} changes the outcome",
            metric="updates_to_generalise",
            direction="open",
            motivation=self.domain.question,
            novelty="known" if self.outcome in ("supported", "refuted") else "not assessed",
        )
        other = Idea(
            id=short_id("other", self.outcome),
            title="another",
            kind="main_effect",
            factors=("width",),
            hypothesis="moving width changes the outcome",
            metric="updates_to_generalise",
            direction="open",
        )
        return [
            ev.IdeaProposed(idea=idea),
            ev.IdeaProposed(idea=other),
            ev.IdeaChosen(idea=idea.id, reason="highest score (0.95) of 2 ideas"),
        ]

    def _judgements(self) -> list[ev.EventBody]:
        """What exploration made of the ideas; the chosen one stands behind the other."""
        scores = {short_id("idea", self.outcome): 0.4, short_id("other", self.outcome): 0.7}
        return [
            ev.IdeaJudged(idea=idea, scores={"information": score}, novelty="not assessed", trials=4)
            for idea, score in scores.items()
        ]

    def _exploration(self) -> list[Draft]:
        rng = random.Random(digest(["explore", self.outcome, self.seed]))
        told, used = [], 0
        for point in range(14):
            config = dict(self.domain.baseline)
            for name in rng.sample([f.name for f in self.domain.factors], 3) if point else ():
                config[name] = rng.choice(self.domain.factor(name).levels)
            seeds = tuple(phase_seed(self.seed, "explore", used + i) for i in range(2))
            used += 2
            told += self._trial(config, "explore", seeds, failed=point == 9)
        return told

    def _selection(self) -> list[Draft]:
        seeds = tuple(phase_seed(self.seed, "select", i) for i in range(3))
        configs = [self.domain.baseline, {**self.domain.baseline, "train_fraction": 0.6}]
        return [d for config in configs for d in self._trial(config, "select", seeds)]

    def _protocol(self) -> Protocol:
        m, n = len(self.contrasts), self.n
        domain = self.domain
        margin = max(c.margin for c in self.contrasts)
        bound = 300.0 if self.outcome != "censored" else 2000.0
        return Protocol(
            idea=short_id("idea", self.outcome),
            question=domain.question,
            primary_metric=domain.primary.name,
            horizon=HORIZON,
            contrasts=self.contrasts,
            base=domain.baseline,
            arms=family_arms(self.contrasts, domain.baseline),
            seeds_per_arm=n,
            alpha=0.05,
            sd_bound=bound,
            detectable_effect=planning.detectable_effect(n, bound, 0.05, m, margin=margin),
            power=planning.power(margin, n, bound, 0.05, m),
            smallest_p=planning.smallest_attainable_p(n),
            program="train",
            workspace_hash=digest(domain.workspace()),
            evaluator_hash=domain.evaluator_hash,
            prepare_hash=domain.prepare_hash,
            domain_hash="d" * 64,
            resampled=domain.resampled,
            limits=LIMITS,
            nonce_commitment=commitment(NONCE),
            exploratory_comparisons=27,
            sample_rationale="the budget's number of seeds",
        )

    def _confirmation(self) -> list[Draft | ev.EventBody]:
        protocol = self._protocol()
        seeds = confirm_seeds(protocol.hash, NONCE, self.n)
        blocks = [(arm, own[i : i + 4]) for arm in protocol.arms for own in (protocol.seeds_of(arm, seeds),)
                  for i in range(0, len(own), 4)]  # fmt: skip
        blocks = blocks[: -len(protocol.arms)] if self.outcome == "unfinished" else blocks
        trials = [d for arm, block in blocks for d in self._trial(arm, "confirm", block)]
        return [ev.NonceRevealed(nonce=NONCE), *trials]

    # --- one trial --------------------------------------------------------------------------------------

    def _trial(
        self, config: Config, phase: Phase, seeds: tuple[int, ...], *, failed: bool = False
    ) -> list[Draft]:
        node = Node.make("tune", "train", self.domain.workspace(), config, plan="a design point")
        request = TrialRequest(
            node=node.id,
            program="train",
            workspace_hash=digest(node.workspace),
            config=config,
            seeds=seeds,
            phase=phase,
            prepare_hash=self.domain.prepare_hash,
            evaluator_hash=self.domain.evaluator_hash,
            limits=LIMITS,
        )
        proposed = ev.NodeProposed(
            node=node,
            index=self.index,
            phase=phase,
            seeds=seeds,
            trial=request.id,
            policy="design" if phase == "explore" else "",
        )
        self.index += 1
        status = "crashed" if failed else "ok"
        stage = StageResult(
            name="program", status=status, cpu_seconds=1.4 * len(seeds), wall_seconds=1.6 * len(seeds)
        )
        result = JobResult(stages=(stage,), sandbox="bwrap", host="a-machine")
        started = ev.TrialStarted(trial=request.id, key=request.key, attempt=0, request=request)
        if failed:
            end: ev.EventBody = ev.TrialFailed(
                trial=request.id, attempt=0, result=result, reason="the loss became NaN"
            )
        else:
            end = ev.TrialFinished(trial=request.id, attempt=0, result=result, seeds_ok=len(seeds))
        times = {s: None if failed else self._times(config, s) for s in seeds}
        measured = tuple(m for s in seeds for m in self._measured(request, s, times[s]))
        series = (
            {}
            if failed
            else {
                name: {str(s): self._curve(times[s], name) for s in seeds}
                for name in ("held-out_accuracy", "training_accuracy")
            }
        )
        cost = Cost(cpu_seconds=stage.cpu_seconds, wall_seconds=stage.wall_seconds)
        return [
            Draft(body=proposed),
            Draft(body=started),
            Draft(body=end, cost=cost),
            Draft(body=ev.MeasurementsRecorded(trial=request.id, measurements=measured)),
            Draft(body=ev.SeriesRecorded(trial=request.id, series=series)),
        ]

    def _times(self, config: Config, seed: int) -> tuple[float, float | None]:
        """Updates to fit, and to generalise (None: not by the horizon). Seeds matter across arms: pairing."""
        common, own = random.Random(f"seed {seed}"), random.Random(f"{seed} {digest(config)}")
        fit = 60.0 + 5 * round(own.gauss(4, 2))
        mean = self.truth(config)
        if mean is None:
            return fit, None
        drawn = mean + self.spread * (0.6 * common.gauss(0, 1) + 0.8 * own.gauss(0, 1))
        time = 20.0 * round(max(200.0, drawn) / 20)
        return fit, time if time < HORIZON else None

    def _measured(
        self, request: TrialRequest, seed: int, times: tuple[float, float | None] | None
    ) -> list[Measurement]:
        if times is None:
            rows = {m.name: (None, "failed") for m in self.domain.metrics}
        else:
            fit, end = times
            censored = end is None
            rows = {
                "updates_to_generalise": (
                    HORIZON if censored else end,
                    "censored" if censored else "observed",
                ),
                "updates_to_fit": (fit, "observed"),
                "lag": (HORIZON - fit if censored else end - fit, "censored" if censored else "observed"),
                "lag_ratio": (None if censored else end / fit, "undefined" if censored else "observed"),
                "final_heldout_accuracy": (0.31 if censored else 0.997, "observed"),
            }
        return [self._measurement(request, seed, name, *row) for name, row in rows.items()]

    def _measurement(
        self, request: TrialRequest, seed: int, name: str, value: float | None, status: str
    ) -> Measurement:
        metric = self.domain.metric(name)
        return Measurement(
            id=short_id("measurement", request.key, seed, name),
            metric=name,
            value=value,
            unit=metric.unit,
            status=status,
            censored_at=value if status == "censored" else None,
            self_reported=False,  # type: ignore[arg-type]
            node=request.node,
            trial=request.id,
            phase=request.phase,
            seed=seed,
            config_hash=digest(request.config),
            evaluator_hash=self.domain.evaluator_hash,
            artefact_hash=short_id("artefact", request.key, seed),
        )

    def _curve(self, times: tuple[float, float | None] | None, name: str) -> str:
        assert times is not None
        middle = times[0] / 2 if name == "training_accuracy" else (times[1] or 1e9) - 120
        rows = (
            f"{x},{0.04 + 0.96 / (1 + math.exp(min(50.0, (middle - x) / 60))):.4g}"
            for x in range(0, 3001, 75)
        )
        return self.blobs.put(("x,y\n" + "\n".join(rows) + "\n").encode())
