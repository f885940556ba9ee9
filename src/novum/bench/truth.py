"""`novum bench truth`: is the scientist right as often as it says it is?

Studies are numbered; study k of a seed is the same wherever and with whatever others it runs. The rows are
told by `novum.bench.scores`, the worlds by `novum.bench.worlds`.
"""

from collections.abc import Sequence
from functools import partial
from itertools import count

from novum.bench.compared import compared
from novum.bench.outcome import Claim, Outcome, carry_out, claims_of, study_seed, world_of
from novum.bench.pool import Told, mapped
from novum.bench.rows import Row, share
from novum.bench.scores import ALPHA, SD, of_no_effect, rows
from novum.bench.studies import run_interaction, run_replicated, run_study
from novum.bench.worlds import World, draw, response
from novum.canonical import derive_seed
from novum.errors import NoSandbox
from novum.state import State

DEFAULT, FULL = 400, 2000
CONFINED = {False: 2, True: 50}  # studies run in a sandbox as well: by default, and in the full run
ASKED = {False: 10, True: 200}  # studies whose idea is an interaction, likewise
REPLICATED = {False: 10, True: 300}  # studies replicated as studies of their own, likewise
LARGER = {False: 4, True: 100}  # studies of the budget `full` in joint worlds, likewise
TIMES = 3  # the sample of a replication, over that of the original
WORKERS = 2


def truth(
    seed: int,
    studies: int,
    *,
    confined: int = 2,
    replicated: int = 10,
    asked: int = 10,
    larger: int = 4,
    workers: int = WORKERS,
    told: Told | None = None,
    policy: str = "design",
    against: str = "",
) -> list[Row]:
    """All rows, from that many studies of a seed; `confined` of them are also run in a sandbox, `replicated`
    also carried out again as `novum replicate` does. That many studies more are `asked` for an interaction,
    and that many more are `larger` ones of joint worlds.

    `against` names a second search policy: its studies of the same worlds are run as well and compared.
    """
    outcomes = run_all(seed, range(studies), workers, told, policy)
    found = [*rows(outcomes), *interactions_asked(seed, asked, workers, policy),
             *within_fractions(seed, range(larger), workers, policy),
             *replicated_as_studies(seed, range(replicated), workers, policy),
             *equal_in_sandbox(seed, range(confined), workers, policy)]  # fmt: skip
    if against:
        others = run_all(seed, range(studies), workers, told, against)
        found += compared(policy, outcomes, against, others)
    return found


def run_all(
    seed: int,
    numbers: Sequence[int],
    workers: int = WORKERS,
    told: Told | None = None,
    policy: str = "design",
) -> list[Outcome]:
    """Outcomes of these studies, in their order."""
    found = []
    with mapped(workers) as run:
        for outcome in run(partial(carry_out, seed, policy=policy), numbers):
            found.append(outcome)
            if told:
                told(len(found), len(numbers))
    return found


# --- interactions, which first studies hardly ever register ---------------------------------------------


def interactions_asked(seed: int, worlds: int, workers: int = WORKERS, policy: str = "design") -> list[Row]:
    """What studies find that ask about the interaction that is planted in their world, and about one that is
    not; one of each in that many plain worlds."""
    if not worlds:
        return []
    with mapped(workers) as run:
        found = list(run(partial(_interaction, seed, policy), range(worlds)))
    there, absent = [c for c, _ in found], [c for _, c in found]
    about = f"studies that ask about an interaction of 1 {SD}, plain worlds"
    return [
        share(f"supported: {about}", [any(c.true for c in cs if c.verdict == "supported") for cs in there]),
        share(f"refuted for the wrong way: {about}",
              [any(c.ahead < 0 for c in cs if c.verdict == "refuted") for cs in there]),
        share("supported: studies that ask about an interaction that is not there",
              [any(c.verdict == "supported" for c in cs) for cs in absent], at_most=ALPHA),
    ]  # fmt: skip


def _interaction(seed: int, policy: str, index: int) -> tuple[list[Claim], list[Claim]]:
    """The claims on the interaction that is planted, and those on one of two other factors."""
    world, own = _interacting(seed, index), study_seed(seed, index)
    pair = world.spec["interactions"][0]["factors"]
    rest = [name for name in response().FACTORS if name not in pair]
    there, absent = (
        [c for c in claims_of(run_interaction(world, own, two, policy=policy), world, f"{seed}/{index}")
         if c.estimand == "interaction" and set(c.factors) == set(two)]
        for two in (pair, rest[:2])
    )  # fmt: skip
    return there, absent


def _interacting(seed: int, index: int) -> World:
    """Plain world number `index` among those that hold an interaction."""
    drawn = (draw(derive_seed("novum bench truth", "interaction", seed, index, n), null=False, kind="plain")
             for n in count(0))  # fmt: skip
    return next(world for world in drawn if "interactions" in world.spec)


# --- studies large enough for the spread within fractions -----------------------------------------------


def within_fractions(
    seed: int, numbers: Sequence[int], workers: int = WORKERS, policy: str = "design"
) -> list[Row]:
    """How studies of the largest budget do in joint worlds: they have the seeds to take the spread of a claim
    within the fractions of their design."""
    if not numbers:
        return []
    with mapped(workers) as run:
        found = [claim for each in run(partial(_larger, seed, policy), numbers) for claim in each]
    about = "joint worlds on the full budget"
    none = [c for c in found if c.directed and of_no_effect(c)]
    return [
        share(f"coverage, {about}", [c.covered for c in found if c.covered is not None], at_least=0.93,
              at_most=0.97),
        share(f"false positives per contrast of no effect, {about}", [c.verdict == "supported" for c in none],
              at_most=ALPHA),
    ]  # fmt: skip


def _larger(seed: int, policy: str, index: int) -> tuple[Claim, ...]:
    world = draw(derive_seed("novum bench truth", "larger", seed, index), null=False, kind="joint")
    state = run_study(world, study_seed(seed, index), budget="full", policy=policy)
    return claims_of(state, world, f"larger/{seed}/{index}")


# --- the same again, as a study of its own -----------------------------------------------------------


def replicated_as_studies(
    seed: int, numbers: Sequence[int], workers: int = WORKERS, policy: str = "design"
) -> list[Row]:
    """How many supported claims `novum replicate --times 3` supports again, at the level that is left."""
    if not numbers:
        return []
    with mapped(workers) as run:
        found = [again for each in run(partial(_replicated, seed, policy), numbers) for again in each]
    return [share(f"supported claims that `novum replicate --times {TIMES}` supports", found, at_least=0.95)]


def _replicated(seed: int, policy: str, index: int) -> list[bool]:
    """Of each supported claim of a study, whether its replication supports it as well."""
    first, again = run_replicated(world_of(seed, index), study_seed(seed, index), TIMES, policy=policy)
    supported = [claim for claim, decided in first.decisions.items() if decided.verdict == "supported"]
    return [again is not None and claim in again.decisions and again.decisions[claim].verdict == "supported"
            for claim in supported]  # fmt: skip


# --- the same in a sandbox ----------------------------------------------------------------------------


def equal_in_sandbox(
    seed: int, numbers: Sequence[int], workers: int = WORKERS, policy: str = "design"
) -> list[Row]:
    """Whether studies run in a sandbox end in the same measurements and verdicts as in this process."""
    if not numbers:
        return []
    name = "sandboxed studies with equal measurements and verdicts"
    try:
        with mapped(workers) as run:
            return [share(name, run(partial(_is_equal, seed, policy), numbers), at_least=1.0)]
    except NoSandbox:
        return [share(f"{name} (there is no sandbox here)", [], at_least=1.0)]


def _is_equal(seed: int, policy: str, index: int) -> bool:
    world = world_of(seed, index)
    inline, confined = (
        run_study(world, study_seed(seed, index), executor=executor, policy=policy)
        for executor in ("inline", "local")
    )
    return measured(inline) == measured(confined) and inline.decisions == confined.decisions


def measured(state: State) -> dict[tuple[str, int, str], object]:
    """(configuration, seed, metric) -> value, whatever the trials are called."""
    return {(m.config_hash, m.seed, m.metric): (m.value, m.status) for m in state.measurements.values()}
