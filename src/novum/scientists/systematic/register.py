"""Planning the confirmation: which contrasts, how many seeds, at which level.

Exploration decides what to ask, through a response model that only ranks; it never decides how many seeds
to spend, which follows from the margin (the smallest effect of interest) and an upper bound on the spread
between seeds.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from novum.canonical import derive_seed, digest
from novum.errors import StudyError
from novum.evidence import account, planning
from novum.evidence.analysis import registered_test
from novum.evidence.contrasts import family_arms
from novum.evidence.effects import Explored, ResponseModel, explored
from novum.evidence.samples import bounds_of
from novum.evidence.screening import screened
from novum.protocols import Services
from novum.records import Budget, Contrast, Direction, Domain, Idea, Protocol, question_key
from novum.scientists.systematic.asked import Asked
from novum.scientists.systematic.family import (
    POWER,
    Candidate,
    Means,
    best_of,
    choose,
    contrasts_in,
    sample,
    widest,
)
from novum.scientists.systematic.hypotheses import (
    Form,
    best_setting,
    contrasts_of,
    equivalence,
    forms,
    main_effects,
    robustness,
)
from novum.scientists.systematic.together import averages, together
from novum.state import State
from novum.steps.confirm import BATCH
from novum.steps.run import limits_for
from novum.steps.select import champion

JOINING = ("main_effect", "interaction", "best_setting")  # kinds that may join the lead


def register(view: State, services: Services) -> Protocol:
    """The protocol that exploration and the budget lead to.

    Raises:
        StudyError: exploration measured too little to plan anything from.
    """
    assert view.domain is not None and view.settings is not None
    domain, budget = view.domain, view.domain.budgets[view.settings.budget]
    data = _explored(view)
    bound = planning.sd_upper_bound(data.values, bounds=bounds_of(domain.primary))
    asked, earlier_work = questions(view), Asked(services.archive)
    model = ResponseModel(domain, data, derive_seed(view.seed, "response model"))
    idea = view.ideas.get(view.chosen)
    versions = lead_versions(idea, domain, model)
    earlier = account.earlier_studies(domain.id, versions[0].contrasts if versions else (), services.archive)
    means = Means(seeds=budget.confirm_seeds, sd=bound.value, typical=bound.pooled or bound.value,
                  alpha=account.level(len(earlier)), domain=domain)  # fmt: skip
    rest = [c for c in joining(asked, domain, model, means) if not _registered(c, domain, earlier_work)]
    shared = together(idea, view, model, means, earlier_work) if averages(idea, data) else ()
    family = shared or choose(best_of(versions, means), rest, means)
    looked_at = len(asked) + sum(form not in asked for form in _forms_of(idea, domain))
    return _protocol(view, services, budget, contrasts_in(family), means, looked_at, earlier)


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


def questions(view: State) -> list[Form]:
    """Every first question of the domain, and the champion of the hidden phase against the baseline."""
    domain, best = view.domain, champion(view)
    assert domain is not None
    asked = forms(domain)
    if best is not None and sum(best.config[k] != v for k, v in domain.baseline.items()) > 1:
        asked.append(best_setting(domain, best.config))  # one factor moved is that factor's main effect
    return asked


# --- candidates ---------------------------------------------------------------------------------------


def lead_versions(idea: Idea | None, domain: Domain, model: ResponseModel) -> list[Candidate]:
    """Every way to register the chosen idea: its levels, its direction, or, for a main effect, sameness."""
    return [v for form in _forms_of(idea, domain) for v in _versions(form, domain, model)]


def _forms_of(idea: Idea | None, domain: Domain) -> list[Form]:
    if idea is None:
        return []
    if idea.kind == "robustness":
        return list(robustness(*(domain.factor(f) for f in idea.factors)))
    if idea.kind == "equivalence":
        return [equivalence(form) for form in main_effects(domain.factor(idea.factors[0]))]
    return [form for form in forms(domain) if (form.kind, form.factors) == (idea.kind, idea.factors)]


def _versions(form: Form, domain: Domain, model: ResponseModel) -> Iterator[Candidate]:
    """A form in each direction that it may have."""
    ways = ways_of(form, domain)
    upward = contrasts_of(form, domain, ways[0])
    effects = tuple(screened(model, upward))
    yield Candidate(form, upward, effects)
    for way in ways[1:]:  # the effect is the same whatever is said of it
        yield Candidate(form, contrasts_of(form, domain, way), effects)
    if form.kind == "main_effect" and domain.primary.margin:
        same = equivalence(form)
        yield Candidate(same, contrasts_of(same, domain, "equivalent"), effects)


def ways_of(form: Form, domain: Domain) -> tuple[Direction, ...]:
    """The directions in which a form may be registered.

    A configuration that was chosen for doing well is registered to do well, whatever the response model makes
    of it: the hidden phase has seen it, and the model may not know how its factors act together.
    """
    if form.kind == "equivalence":
        return ("equivalent",)
    if form.kind == "best_setting":
        return ("less",) if domain.primary.goal == "minimize" else ("greater",)
    return ("greater", "less")


def joining(asked: Sequence[Form], domain: Domain, model: ResponseModel, means: Means) -> list[Candidate]:
    """What may be registered beside the idea: of each kind and set of factors, the most telling version."""
    found: dict[tuple[str, tuple[str, ...]], list[Candidate]] = {}
    for form in asked:
        if form.kind in JOINING:
            found.setdefault((form.kind, form.factors), []).extend(_versions(form, domain, model))
    return [best for versions in found.values() if (best := best_of(versions, means)) is not None]


def _registered(candidate: Candidate, domain: Domain, earlier: Asked) -> bool:
    """Whether a study of this lab has drawn on the account of this question already."""
    return any(earlier.registered(question_key(domain.id, c.metric, c.factors)) for c in candidate.contrasts)


# --- the protocol -------------------------------------------------------------------------------------


def _protocol(
    view: State,
    services: Services,
    budget: Budget,
    family: tuple[Contrast, ...],
    means: Means,
    looked_at: int,
    earlier: tuple[str, ...],
) -> Protocol:
    domain, m = means.domain, max(1, len(family))
    metric, margin = domain.primary, domain.primary.margin or 0.0
    sd, alpha, weight = means.sd, means.alpha, widest(family, domain)
    n, why = sample(family, means)
    idea = view.ideas.get(view.chosen)
    program = next(iter(domain.programs))
    return Protocol(
        idea=view.chosen,
        question=idea.hypothesis if idea else domain.question,
        primary_metric=metric.name,
        horizon=metric.horizon,
        contrasts=tuple(replace(c, test=registered_test(c.estimand, n, c.fractions)) for c in family),
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
