"""What an answer would be worth: expected information, before any data and after exploration.

Every question has three answers: the effect lies below its margins, within them, or above. *Before* data
the prior predictive gives them odds: effects are sparse and equally likely either way, those of a pair of
factors rarer still (effect hierarchy and sparsity; Hamada & Wu 1992), a reference that takes a side moves the
odds towards it, and a level that the domain calls trivial is expected to do worse. What an answer is
expected to teach is the entropy of those odds.

*After* exploration the response model says how probable each answer is, and from the size of the
confirmation follows the chance that a verdict is decisive. A verdict is worth its surprise under the prior
odds, not under the posterior: exploration may say where to look, but counts for nothing as an answer, so
what a decisive verdict adds to the record is measured from before it.
"""

import math
from collections.abc import Iterable
from statistics import NormalDist

from msgspec import Struct

from novum.evidence.contrasts import boundaries
from novum.evidence.inference import t_quantile
from novum.evidence.screening import Screened
from novum.records import Config, Contrast, Direction, Domain


class Odds(Struct, frozen=True):
    """Probabilities that an effect lies below its margins, within them, above them; they sum to one."""

    below: float
    within: float
    above: float

    @property
    def entropy(self) -> float:
        """In bits; at most log2(3)."""
        return -sum(p * math.log2(p) for p in (self.below, self.within, self.above) if p > 0)


SPARSE = Odds(0.25, 0.5, 0.25)
RARE = Odds(0.125, 0.75, 0.125)
LED = Odds(0.35, 0.3, 0.35)
"""Of a pair that an earlier study saw to act jointly, when the way it goes elsewhere is open."""
PRIOR = {"interaction": RARE, "robustness": RARE}
STATED: dict[Direction, Odds] = {
    "less": Odds(0.7, 0.2, 0.1),
    "equivalent": Odds(0.15, 0.7, 0.15),
    "greater": Odds(0.1, 0.2, 0.7),
}

FLOOR: dict[Direction, Odds] = {"less": Odds(0.9, 0.07, 0.03), "greater": Odds(0.03, 0.07, 0.9)}


def prior(kind: str, stated: Iterable[Direction] = ()) -> Odds:
    """The odds before data; `stated` are the directions that listed references give, which are averaged."""
    sides = [STATED[way] for way in stated]
    if not sides:
        return PRIOR.get(kind, SPARSE)
    count = len(sides)
    return Odds(*(sum(getattr(s, f) for s in sides) / count for f in ("below", "within", "above")))


def odds_of(kind: str, contrast: Contrast, domain: Domain) -> Odds:
    """The odds of a contrast before data: of its kind, or those of a floor against the baseline."""
    if not contrast.contexts and on_trivial(contrast.b, domain):
        return FLOOR["greater" if domain.metric(contrast.metric).goal == "minimize" else "less"]
    return prior(kind)


def on_trivial(moved: Config, domain: Domain) -> bool:
    """Whether what is moved is one factor, to a level that others should clear."""
    return len(moved) == 1 and all(level in domain.factor(name).trivial for name, level in moved.items())


def openness(odds: Odds) -> float:
    """Expected information of an answer, in [0, 1]: its entropy in units of that of three even odds."""
    return odds.entropy / math.log2(3)


# --- after exploration --------------------------------------------------------------------------------


class Plan(Struct, frozen=True):
    """What a confirmation would be: seeds per arm, spread of one arm, and the level of each of its claims."""

    n: int
    sd: float
    level: float


class Chances(Struct, frozen=True):
    """How probable it is that a contrast ends supported, and that it ends refuted."""

    supported: float
    refuted: float


def chances(contrast: Contrast, effect: Screened, plan: Plan, weight: float) -> Chances:
    """Assurance: the chance of each decisive verdict, averaged over what exploration leaves possible.

    The posterior is taken as normal, and the estimate as normal around the truth with the standard error
    that `plan` implies (O'Hagan, Stevens & Campbell 2005). `weight` is the contrast's spread in units of
    that of one arm.
    """
    if plan.n < 2:
        return Chances(0.0, 0.0)
    error = weight * plan.sd / math.sqrt(plan.n)
    reach = t_quantile(1 - plan.level, plan.n - 1.0) * error
    seen = NormalDist(effect.estimate, max(math.hypot(effect.sd, error), 1e-12))
    edges = boundaries(contrast)
    above = [1 - seen.cdf(edge + reach) for edge in edges]
    below = [seen.cdf(edge - reach) for edge in edges]
    if contrast.direction == "equivalent":
        within = max(0.0, seen.cdf(edges[1] - reach) - seen.cdf(edges[0] + reach))
        return Chances(within, below[0] + above[1])
    one = Chances(above[0], below[0])
    return one if contrast.direction == "greater" else Chances(one.refuted, one.supported)


def information(contrast: Contrast, found: Chances, odds: Odds) -> float:
    """Expected information of registering a contrast, in bits: each decisive verdict times its surprise."""
    said = {"greater": odds.above, "less": odds.below, "equivalent": odds.within}[contrast.direction]
    return found.supported * -math.log2(said) + found.refuted * -math.log2(1 - said)
