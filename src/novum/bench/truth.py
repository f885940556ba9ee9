"""`novum bench truth`: is the scientist right as often as it says it is?

Studies are numbered; study k of a seed is the same wherever and with whatever others it runs. The rows are
told by `novum.bench.scores`, the worlds by `novum.bench.worlds`.
"""

from collections.abc import Sequence
from functools import partial

from novum.bench.compared import compared
from novum.bench.outcome import Outcome, carry_out, study_seed, world_of
from novum.bench.pool import Told, mapped
from novum.bench.rows import Row, share
from novum.bench.scores import rows
from novum.bench.studies import run_replicated, run_study
from novum.errors import NoSandbox
from novum.state import State

DEFAULT, FULL = 400, 2000
CONFINED = {False: 2, True: 50}  # studies run in a sandbox as well: by default, and in the full run
REPLICATED = {False: 10, True: 100}  # studies replicated as studies of their own, likewise
TIMES = 3  # the sample of a replication, over that of the original
WORKERS = 2


def truth(
    seed: int,
    studies: int,
    *,
    confined: int = 2,
    replicated: int = 10,
    workers: int = WORKERS,
    told: Told | None = None,
    policy: str = "design",
    against: str = "",
) -> list[Row]:
    """All rows, from that many studies of a seed; `confined` of them are also run in a sandbox, `replicated`
    also carried out again as `novum replicate` does.

    `against` names a second search policy: its studies of the same worlds are run as well and compared.
    """
    outcomes = run_all(seed, range(studies), workers, told, policy)
    found = [*rows(outcomes), *replicated_as_studies(seed, range(replicated), workers, policy),
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
