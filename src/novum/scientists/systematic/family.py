"""Which contrasts are registered together, and on how many seeds.

The contrast of the study's idea comes first. Others join it for as long as they add expected information
(`worth`) to what the family as a whole is expected to teach: every member lowers the level of all (the
first step of Holm's procedure is planned for), and arms that are not there yet cost seeds. Per set of
factors there is one contrast, and what an earlier study of the lab has registered is left out.

Seeds per arm follow from the margin and a bound on the spread between seeds alone. A family for which they
do not suffice is made smaller; if they would not suffice for the lead alone, a smaller family cures
nothing, all seeds that the budget allows are used, and the rationale says what they can detect.
"""

from collections.abc import Sequence

from msgspec import Struct

from novum.evidence import planning
from novum.evidence.analysis import shared_evenly
from novum.evidence.contrasts import arms_of_seed, weight_norm
from novum.evidence.screening import Screened
from novum.records import Contrast, Domain
from novum.scientists.systematic.hypotheses import Form
from novum.scientists.systematic.worth import Chances, Plan, chances, information, odds_of

POWER = 0.9  # planned for, of an effect twice the margin
ENOUGH = 0.5  # underpowered: more likely than not to miss an effect of twice the margin
FAMILY = 6  # contrasts at most
ARMS = 6  # arms that a budget pays at its full number of seeds each


class Candidate(Struct, frozen=True):
    """A question as it would be registered: one contrast, or several that have to hold together."""

    form: Form
    contrasts: tuple[Contrast, ...]
    effects: tuple[Screened, ...]

    @property
    def size(self) -> float:
        return max((abs(e.estimate) for e in self.effects), default=0.0)


class Means(Struct, frozen=True):
    """What a confirmation has: seeds per arm at most, the bound on the spread of an arm, the level of all.

    `typical` is the estimated spread itself: the bound plans the sample, this weighs one contrast against
    another.
    """

    seeds: int
    sd: float
    typical: float
    alpha: float
    domain: Domain

    def cost(self, contrasts: Sequence[Contrast]) -> int:
        """Arms that a seed is run on. The base, which it has besides where seeds share out fractions, is
        left out: it is one in seventeen."""
        return arms_of_seed(contrasts, self.domain.baseline)

    def seeds_for(self, arms: int) -> int:
        """Seeds that the budget pays for, if each is run on so many arms."""
        return min(self.seeds, self.seeds * ARMS // max(1, arms))

    def chances(self, contrasts: Sequence[tuple[str, Contrast, Screened]]) -> list[Chances]:
        """Of each verdict on the members of a family of (kind, contrast, effect)."""
        seeds = self.seeds_for(self.cost([c for _, c, _ in contrasts]))
        plan = Plan(seeds, self.typical, self.alpha / max(1, len(contrasts)))
        return [chances(c, e, plan, weight_norm(c, self.domain)) for _, c, e in contrasts]

    def worth(self, contrasts: Sequence[tuple[str, Contrast, Screened]]) -> float:
        """Expected information of a family, in bits."""
        found = zip(contrasts, self.chances(contrasts), strict=True)
        return sum(information(c, chance, odds_of(kind, c, self.domain)) for (kind, c, _), chance in found)

    def expected(self, contrasts: Sequence[tuple[str, Contrast, Screened]]) -> bool:
        """Whether exploration gives support at least the chance that it gives to a refutation."""
        return sum(c.supported - c.refuted for c in self.chances(contrasts)) >= 0

    def attainable(self, m: int) -> bool:
        """Whether the budget's seeds could decide a claim of a family of m at all."""
        return m <= FAMILY and planning.fewest_seeds("paired", self.alpha, m) <= self.seeds

    def power(self, contrasts: Sequence[Contrast], n: int) -> float:
        """Of the weakest contrast, for an effect one margin beyond its margin (equivalence: for none)."""
        return min(self._power(c, n, len(contrasts)) for c in contrasts)

    def _power(self, c: Contrast, n: int, m: int) -> float:
        found = planning.power(c.margin, n, self.sd, self.alpha, m, weight=weight_norm(c, self.domain))
        return max(0.0, 2 * found - 1) if c.direction == "equivalent" else found


def choose(lead: Candidate | None, rest: Sequence[Candidate], means: Means) -> tuple[Candidate, ...]:
    """The lead and what joins it, in the order in which they joined; without a lead the best of the rest."""
    family = [lead] if lead else _first(rest, means)
    powered = bool(family) and affords(family, means)
    while (more := _next(family, rest, means)) is not None:
        if powered and not affords([*family, more], means):
            rest = [c for c in rest if c is not more]
            continue
        family.append(more)
    return tuple(family)


def affords(family: Sequence[Candidate], means: Means) -> bool:
    """Whether the seeds of the budget give every contrast enough power."""
    return means.power(contrasts_in(family), means.seeds) >= ENOUGH


def _first(rest: Sequence[Candidate], means: Means) -> list[Candidate]:
    return [max(rest, key=lambda c: (means.worth(_parts([c])), c.size))] if rest else []


def _next(family: Sequence[Candidate], rest: Sequence[Candidate], means: Means) -> Candidate | None:
    """The candidate that adds most for each arm it adds, if any adds something and can be paid."""
    now, paid = means.worth(_parts(family)), means.cost(contrasts_in(family))
    best, best_rate = None, 0.0
    for candidate in _fresh(family, rest):
        grown = [*family, candidate]
        arms = means.cost(contrasts_in(grown))
        if arms > max(ARMS, paid) or not means.attainable(len(contrasts_in(grown))):
            continue
        rate = (means.worth(_parts(grown)) - now) / max(1, arms - paid)
        if rate > best_rate:
            best, best_rate = candidate, rate
    return best


def _fresh(family: Sequence[Candidate], rest: Sequence[Candidate]) -> list[Candidate]:
    """Those whose factors no member of the family is about yet."""
    taken = {c.factors for member in family for c in member.contrasts}
    taken |= {tuple(sorted(member.form.factors)) for member in family}
    return [c for c in rest if tuple(sorted(c.form.factors)) not in taken]


def contrasts_in(family: Sequence[Candidate]) -> tuple[Contrast, ...]:
    return tuple(contrast for member in family for contrast in member.contrasts)


def worth_of(family: Sequence[Candidate], means: Means) -> float:
    """Expected information of a family, in bits."""
    return means.worth(_parts(family))


def _parts(family: Sequence[Candidate]) -> list[tuple[str, Contrast, Screened]]:
    return [
        (member.form.kind, c, e)
        for member in family
        for c, e in zip(member.contrasts, member.effects, strict=True)
    ]


def best_of(versions: Sequence[Candidate], means: Means) -> Candidate | None:
    """The version of a question (its levels, its direction, or sameness) that is expected to teach most.

    A refutation would teach something as well, but what is expected to be refuted is no prediction: it is
    registered only where that holds of every version.
    """
    likely = [c for c in versions if means.expected(_parts([c]))]
    return max(likely or versions, key=lambda c: (means.worth(_parts([c])), c.size), default=None)


# --- sample -------------------------------------------------------------------------------------------


def sample(contrasts: Sequence[Contrast], means: Means) -> tuple[int, str]:
    """Seeds per arm, and why: what the margin needs, within what the budget allows."""
    m, arms = len(contrasts), means.cost(contrasts)
    least = planning.fewest_seeds("paired", means.alpha, m)
    fractions = max(c.fractions for c in contrasts)
    most = max(least, means.seeds_for(arms))
    cap = _evenly(most, most, fractions)
    if any(c.margin <= 0 for c in contrasts):
        return cap, "the domain names no margin, so the whole budget is used"
    reached = means.power(contrasts, cap)
    if reached >= POWER:  # asked first: where even thousands of seeds would not do there is no such number
        needed = max(least, *(_needed(c, means, m) for c in contrasts))
        n, why = _evenly(needed, cap, fractions), "as many as an effect one margin beyond the margin needs"
        return n, why if n == needed else f"{why}, and as the fractions of the design can share evenly"
    if reached >= ENOUGH:
        return cap, "as many as the budget allows, a little fewer than the margin asks for"
    alone = "; with fewer claims they would not suffice either" if m > 1 else ""
    return cap, f"as many as the budget allows, fewer than the margin asks for{alone}"


def _evenly(seeds: int, most: int, fractions: int) -> int:
    """The next number up to `most`, or else the last before, that fractions share evenly and that is enough.

    Else what the spread within arms asks for may be far too few, as joint effects add to that between seeds.
    """
    near = (*range(seeds, most + 1), *range(seeds, fractions, -1))
    return next((n for n in near if shared_evenly(n, fractions)), seeds)


def _needed(contrast: Contrast, means: Means, m: int) -> int:
    return planning.sample_size(
        contrast.margin, means.sd, means.alpha, m, POWER, weight=weight_norm(contrast, means.domain),
        equivalence=contrast.direction == "equivalent",
    )  # fmt: skip


def widest(contrasts: Sequence[Contrast], domain: Domain) -> float:
    """The largest spread of a contrast in the family, in units of the spread of one arm."""
    return max((weight_norm(c, domain) for c in contrasts), default=planning.DIFFERENCE)
