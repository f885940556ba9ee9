"""Two search policies on the same worlds with the same budgets: what one has over the other.

Studies with the same number are paired: world, seed and budget are equal, and so is everything that does not
follow from the policy. Differences are per world or per planted effect, with normal limits.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from novum.bench.outcome import Outcome
from novum.bench.rows import Row, mean
from novum.bench.scores import SD, any_supported, effects_found, is_registered

Told = Callable[[Sequence[Outcome]], Iterable[bool | int | float]]
"""What is compared, one value per world or planted effect, in the same order for either policy."""


def compared(policy: str, mine: Sequence[Outcome], other: str, theirs: Sequence[Outcome]) -> Iterator[Row]:
    """Rows of `policy` minus `other`, from the outcomes of both in the order of the studies."""
    for name, told in WHAT:
        pairs = zip(told(mine), told(theirs), strict=True)
        yield mean(f"{policy} minus {other}: {name}", [float(a) - float(b) for a, b in pairs])


def _plain(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [o for o in outcomes if o.kind == "plain"]


WHAT: tuple[tuple[str, Told], ...] = (
    (f"power, main effect of 1 {SD}, plain worlds", lambda found: effects_found(_plain(found), 1.0)),
    (f"power, main effect of 1 {SD}, all worlds", lambda found: effects_found(found, 1.0)),
    (f"main effect of 1 {SD} registered", lambda found: effects_found(found, 1.0, is_registered)),
    ("null worlds with an effect supported", lambda found: [any_supported(o) for o in found if o.null]),
    ("seed-runs of a study", lambda found: [o.runs for o in found]),
    ("processor seconds of a study", lambda found: [o.seconds for o in found]),
)
