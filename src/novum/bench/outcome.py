"""What one study of the benchmark amounts to: its claims beside the truth, and what rivals made of it."""

import time

from novum.bench import rivals
from novum.bench.simulate import at_95, repeat
from novum.bench.studies import run_study
from novum.bench.worlds import World, draw, true_contrast
from novum.canonical import derive_seed
from novum.records import Contrast, Decision, Direction, Estimand, Record, Verdict
from novum.state import State
from novum.steps.seeds import confirm_seeds


class Claim(Record, kw_only=True):
    """A registered contrast with its verdict, and the truth in the same unit.

    `covered` says whether the interval at 95 %, of the contrast looked at alone, holds the truth (None:
    there is no interval). `replicated` is the verdict of the repetition with three times the sample.
    """

    factors: tuple[str, ...]
    estimand: Estimand
    direction: Direction
    margin: float
    verdict: Verdict
    truth: float
    covered: bool | None
    replicated: Verdict | None = None

    @property
    def directed(self) -> bool:
        """Whether it predicts a direction, and not that nothing matters."""
        return self.direction != "equivalent"

    @property
    def ahead(self) -> float:
        """The true contrast, positive if it has the predicted direction."""
        return -self.truth if self.direction == "less" else self.truth

    @property
    def true(self) -> bool:
        """Whether the true contrast lies beyond the margin as predicted; or within it, if that is claimed."""
        return self.ahead > self.margin if self.directed else abs(self.truth) < self.margin


class Outcome(Record, kw_only=True):
    """One study. `runs` counts seeds over all trials; `gave_up` that it ended without a protocol."""

    index: int
    kind: str
    null: bool
    planted: dict[str, float]
    claims: tuple[Claim, ...]
    gave_up: bool
    runs: int
    seconds: float
    single: rivals.Claimed
    reseeded: rivals.Claimed
    greedy: rivals.Claimed
    factorial: tuple[rivals.Tested, ...]


def world_of(seed: int, index: int, kind: str = "") -> World:
    """The world of a study. Its hidden seed is derived apart from everything that the study is told."""
    return draw(derive_seed("novum bench truth", "world", seed, index), null=index % 2 == 0, kind=kind)


def study_seed(seed: int, index: int) -> int:
    return derive_seed("novum bench truth", "study", seed, index)


def carry_out(seed: int, index: int, policy: str = "design") -> Outcome:
    """Study number `index` of a benchmark: run, held against the truth, and compared."""
    world, began = world_of(seed, index), time.process_time()
    state = run_study(world, study_seed(seed, index), policy=policy)
    seconds = time.process_time() - began
    assert state.domain is not None
    runs = sum(len(t.seeds) for t in state.trials.values())
    rival = (world, runs, state.domain.primary.margin or 0.0, derive_seed("novum bench truth", seed, index))
    return Outcome(
        index=index,
        kind=world.kind,
        null=world.null,
        planted=world.planted,
        claims=claims_of(state, world, f"{seed}/{index}"),
        gave_up=not state.decisions,
        runs=runs,
        seconds=seconds,
        single=rivals.single(*rival),
        reseeded=rivals.reseeded(*rival),
        greedy=rivals.greedy(*rival),
        factorial=tuple(rivals.factorial(*rival)),
    )


def claims_of(state: State, world: World, name: str) -> tuple[Claim, ...]:
    """Every decided contrast of a study beside its truth; supported ones are repeated."""
    protocol, domain = state.protocol, state.domain
    if protocol is None or domain is None or not state.decisions:
        return ()
    seeds = confirm_seeds(state.protocol_hash, state.nonce, protocol.seeds_per_arm)
    alone = at_95(protocol, state.measurements_of(domain.primary.name, "confirm"), seeds, domain)
    decided = [state.decisions[c.id] for c in protocol.contrasts]
    supported = any(d.verdict == "supported" for d in decided)
    again = repeat(protocol, domain, world, f"repeat/{name}") if supported else [None] * len(decided)
    return tuple(
        _claim(c, d, true_contrast(c, protocol.base, domain, world), one, later)
        for c, d, one, later in zip(protocol.contrasts, decided, alone, again, strict=True)
    )


def _claim(contrast: Contrast, decision: Decision, truth: float, alone: Decision,
           again: Decision | None) -> Claim:  # fmt: skip
    return Claim(
        factors=contrast.factors,
        estimand=contrast.estimand,
        direction=contrast.direction,
        margin=contrast.margin,
        verdict=decision.verdict,
        truth=truth,
        covered=_covered(alone, truth),
        replicated=again.verdict if again and decision.verdict == "supported" else None,
    )


def _covered(decision: Decision, truth: float) -> bool | None:
    if decision.low is None or decision.high is None:
        return None
    return decision.low <= truth <= decision.high
