"""What the study's ideas are worth in the light of the trials so far.

An idea is worth the expected information of its best version: its levels, its direction or sameness, as it
would be registered alone on the seeds that the budget allows (`worth`). The unit is that of the score before
data, where an answer is taken to be sure to come; here it counts only as far as it is likely to be decisive,
and one that would surprise counts more, so that a score may exceed one.
"""

import math
from collections.abc import Sequence

from msgspec import Struct

from novum.canonical import derive_seed
from novum.events import Draft, IdeaJudged
from novum.evidence import account, planning
from novum.evidence.contrasts import weight_norm
from novum.evidence.effects import Explored, ResponseModel, explored
from novum.evidence.samples import bounds_of
from novum.protocols import Services
from novum.records import Domain, Idea
from novum.scientists.systematic.family import Candidate
from novum.scientists.systematic.ideate import ACTOR, stated_on
from novum.scientists.systematic.register import LEAST, lead_versions
from novum.scientists.systematic.worth import Chances, Plan, chances, information, prior
from novum.state import State

EVEN = math.log2(3)  # bits of three even odds: the unit of the score


def judge(view: State, services: Services) -> list[Draft]:
    """Every idea's expected information from the trials of a view; nothing where a model cannot be fitted."""
    assert view.domain is not None and view.settings is not None
    domain, metric = view.domain, view.domain.primary
    trials = view.trials_in("explore")
    data = explored(metric, [view.nodes[t.node].config for t in trials],
                    view.measurements_of(metric.name, "explore"))  # fmt: skip
    if len(data.configs) < LEAST or not (bounds_of(metric) or _varies(data)):
        return []
    spread = planning.sd_upper_bound(data.values, bounds=bounds_of(metric))
    model = ResponseModel(domain, data, derive_seed(view.seed, "response model"))
    seeds = domain.budgets[view.settings.budget].confirm_seeds
    alone = Alone(domain, services, seeds, spread.pooled or spread.value)
    return [
        Draft(body=_judged(idea, lead_versions(idea, domain, model), alone, len(trials)), actor=ACTOR)
        for idea in view.ideas.values()
    ]


def _varies(data: Explored) -> bool:
    return any(len(set(values)) > 1 for values in data.values)


class Alone(Struct, frozen=True):
    """What a confirmation of one question would have: seeds per arm and spread, with what the lab knows."""

    domain: Domain
    services: Services
    seeds: int
    sd: float

    def chances(self, version: Candidate) -> list[Chances]:
        """Of each comparison of a version, at the level that its account has left."""
        earlier = account.earlier_studies(self.domain.id, version.contrasts, self.services.archive)
        plan = Plan(self.seeds, self.sd, account.level(len(earlier)) / len(version.contrasts))
        return [
            chances(c, effect, plan, weight_norm(c, self.domain))
            for c, effect in zip(version.contrasts, version.effects, strict=True)
        ]

    def expected(self, version: Candidate) -> bool:
        """Whether support has at least the chance of a refutation."""
        return sum(c.supported - c.refuted for c in self.chances(version)) >= 0

    def bits(self, version: Candidate, kind: str) -> float:
        _, stated = stated_on(version.form, self.domain, self.services.literature)
        odds, found = prior(kind, stated), self.chances(version)
        return sum(information(c, chance, odds) for c, chance in zip(version.contrasts, found, strict=True))


def _judged(idea: Idea, versions: Sequence[Candidate], alone: Alone, trials: int) -> IdeaJudged:
    versions = [v for v in versions if alone.expected(v)] or versions  # as in `family.best_of`
    worth = [alone.bits(version, idea.kind) for version in versions]
    best = max(range(len(versions)), key=worth.__getitem__, default=None)
    return IdeaJudged(
        idea=idea.id,
        scores={"information": 0.0 if best is None else round(worth[best] / EVEN, 4)},
        novelty=idea.novelty,
        reason="" if best is None else _reason(versions[best], alone),
        trials=trials,
    )


def _reason(version: Candidate, alone: Alone) -> str:
    """The version that is worth most, and how likely a decisive answer to its first comparison is."""
    first = alone.chances(version)[0]
    return (f"most as: {version.contrasts[0].text}; supported with chance {first.supported:.2f}, "
            f"refuted with {first.refuted:.2f}")  # fmt: skip
