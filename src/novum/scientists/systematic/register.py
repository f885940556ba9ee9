"""Planning the confirmation: which contrasts, how many seeds, at which level.

Exploration decides what to ask, through a response model that only ranks; it never decides how many seeds
to spend, which follows from the margin (the smallest effect of interest) and an upper bound on the spread
between seeds.
"""

from collections.abc import Sequence

from msgspec import Struct

from novum.canonical import derive_seed, digest
from novum.errors import StudyError
from novum.evidence import account, planning
from novum.evidence.contrasts import family_arms, weight_norm
from novum.evidence.effects import Effect, Explored, ResponseModel, explored
from novum.evidence.samples import bounds_of
from novum.protocols import Services
from novum.records import Budget, Contrast, Domain, Protocol
from novum.scientists.systematic.hypotheses import Form, best_setting, contrast_of, forms
from novum.state import State
from novum.steps.confirm import BATCH
from novum.steps.run import limits_for
from novum.steps.select import champion

POWER = 0.9
FAMILY = 4


class Candidate(Struct, frozen=True):
    form: Form
    contrast: Contrast
    effect: Effect


def register(view: State, services: Services) -> Protocol:
    """The protocol that exploration and the budget lead to.

    Raises:
        StudyError: exploration measured too little to plan anything from.
    """
    assert view.domain is not None and view.settings is not None
    domain, budget = view.domain, view.domain.budgets[view.settings.budget]
    data = _explored(view)
    candidates = judged(view, data)
    family = choose_family(view, candidates)
    earlier = account.earlier_studies(domain.id, family, services.archive)
    alpha = account.level(len(earlier))
    return _protocol(view, services, budget, data, family, len(candidates), alpha, earlier)


LEAST = 3  # configurations that must have given something before anything can be planned


def _explored(view: State) -> Explored:
    assert view.domain is not None
    metric, trials = view.domain.primary, view.trials_in("explore")
    if len({digest(view.nodes[t.node].config) for t in trials if t.status == "done"}) < LEAST:
        failed = [t.reason for t in trials if t.reason]
        raise StudyError(
            f"fewer than {LEAST} of {len(trials)} explored configurations gave a measurement"
            + (f"; the last failure: {failed[-1]}" if failed else ""),
            fix="see novum log, and novum domains check",
        )
    configs = [view.nodes[t.node].config for t in trials]
    return explored(metric, configs, view.measurements_of(metric.name, "explore"))


def judged(view: State, data: Explored) -> list[Candidate]:
    """Every question of the domain, with what exploration makes of it and the direction it suggests."""
    domain = view.domain
    assert domain is not None
    model = ResponseModel(domain, data, derive_seed(view.seed, "response model"))
    best = champion(view)
    asked = forms(domain)
    if best is not None and sum(best.config[k] != v for k, v in domain.baseline.items()) > 1:
        asked.append(best_setting(domain, best.config))  # one factor moved is that factor's main effect
    return [_judge(form, domain, model) for form in asked]


def _judge(form: Form, domain: Domain, model: ResponseModel) -> Candidate:
    upward = contrast_of(form, domain, "greater")
    effect = model.effect(upward, domain.baseline)
    if effect.estimate >= 0:
        return Candidate(form, upward, effect)
    downward = contrast_of(form, domain, "less")
    return Candidate(form, downward, model.effect(downward, domain.baseline))


def choose_family(view: State, candidates: Sequence[Candidate]) -> tuple[Contrast, ...]:
    """The contrast of the chosen idea first, then the strongest of the rest, one per set of factors."""
    idea = view.ideas.get(view.chosen)
    ranked = sorted(
        candidates, key=lambda c: (-c.effect.as_predicted, -abs(c.effect.estimate), c.contrast.id)
    )
    lead = [c for c in ranked if idea and (c.form.kind, c.form.factors) == (idea.kind, idea.factors)]
    best = [c for c in ranked if c.form.kind == "best_setting"]
    effects = [c for c in ranked if c.form.kind == "main_effect"]
    family: list[Candidate] = []
    for candidate in [*lead[:1], *best, *effects]:
        if len(family) < FAMILY and candidate.form.factors not in [c.form.factors for c in family]:
            family.append(candidate)
    return tuple(c.contrast for c in family)


def _protocol(
    view: State,
    services: Services,
    budget: Budget,
    data: Explored,
    family: tuple[Contrast, ...],
    looked_at: int,
    alpha: float,
    earlier: tuple[str, ...],
) -> Protocol:
    domain = view.domain
    assert domain is not None
    metric, m = domain.primary, max(1, len(family))
    margin = metric.margin or 0.0
    sd = planning.sd_upper_bound(data.values, bounds=bounds_of(metric)).value
    weight = widest(family, domain)
    n, why = sample(margin, sd, alpha, m, budget, weight)
    idea = view.ideas.get(view.chosen)
    program = next(iter(domain.programs))
    return Protocol(
        idea=view.chosen,
        question=idea.hypothesis if idea else domain.question,
        primary_metric=metric.name,
        horizon=metric.horizon,
        contrasts=family,
        base=domain.baseline,
        arms=family_arms(family, domain.baseline),
        seeds_per_arm=n,
        alpha=alpha,
        sd_bound=sd,
        detectable_effect=planning.detectable_effect(n, sd, alpha, m, POWER, margin=margin, weight=weight),
        power=planning.power(margin, n, sd, alpha, m, weight=weight),
        smallest_p=planning.smallest_attainable_p(n),
        program=program,
        workspace_hash=digest(domain.workspace()),
        evaluator_hash=domain.evaluator_hash,
        prepare_hash=domain.prepare_hash,
        domain_hash=digest(domain),
        resampled=domain.resampled,
        limits=limits_for(budget, BATCH),
        nonce_commitment=services.nonce_commitment,
        exploratory_comparisons=looked_at,
        earlier_studies=earlier,
        sample_rationale=why,
    )


def widest(family: Sequence[Contrast], domain: Domain) -> float:
    """The largest spread of a contrast in the family, in units of the spread of one arm."""
    return max((weight_norm(c, domain) for c in family), default=planning.DIFFERENCE)


def sample(margin: float, sd: float, alpha: float, m: int, budget: Budget, weight: float) -> tuple[int, str]:
    """Seeds per arm, and why: what the margin needs, within what the budget allows."""
    least = planning.fewest_seeds("paired", alpha, m)
    if margin <= 0:
        return max(least, budget.confirm_seeds), "the domain names no margin, so the whole budget is used"
    needed = max(least, planning.sample_size(margin, sd, alpha, m, POWER, weight=weight))
    if needed <= budget.confirm_seeds:
        return needed, "as many as an effect one margin beyond the margin needs"
    return max(least, budget.confirm_seeds), "as many as the budget allows, fewer than the margin asks for"
