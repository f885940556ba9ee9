"""Several main effects registered on one two-level design, where every run informs every claim.

A comparison around the baseline uses the runs of its own two arms only. In a fractional factorial design
(`evidence.factorial`) each factor is at its baseline in one half of the points and at another level in the
other, so that all runs serve all main effects: with eight factors, sixteen points and as many runs as five
arms would have, the standard error is about half as large. What is claimed then is an *average* over the
settings of the other factors, which the claim says.

All claims lose evidence when runs at one level fail, or are cut off at the horizon and so tell little of what
the other factors do. So a level at which a run failed while exploring is not used, and where more than a
tenth of the explored runs gave no full observation, claims are made around the baseline instead.
"""

from novum.evidence import factorial, planning
from novum.evidence.effects import Explored, ResponseModel
from novum.evidence.screening import screened
from novum.records import Config, Domain, Idea, Level, question_key
from novum.scientists.systematic.asked import Asked
from novum.scientists.systematic.family import Candidate, Means, best_of, worth_of
from novum.scientists.systematic.hypotheses import Form, contrasts_of, main_effects
from novum.state import State

FEWEST = 3  # factors: two have as many points as arms around the baseline
LARGEST = 8  # claims of one family
INCOMPLETE = 0.1  # share of explored runs without a full observation


def averages(idea: Idea | None, data: Explored) -> bool:
    """Whether claims may be averages: a main effect is asked for, and nearly every run told something."""
    runs = sum(len(values) for values in data.values) + data.dropped
    return (idea is None or idea.kind == "main_effect") and data.dropped + data.censored <= INCOMPLETE * runs


def together(
    idea: Idea | None, view: State, model: ResponseModel, means: Means, earlier: Asked
) -> tuple[Candidate, ...]:
    """The main effects of as many factors as can be decided together, the idea's first; or none.

    Once runs are shared, a further factor costs the others a share of the level and no run, while a factor
    that is left out is left without any evidence: exploration is too small to say that it does nothing.
    """
    domain = means.domain
    telling = _telling(view, domain, model, means, earlier)
    if idea is not None and idea.factors[0] not in telling:
        return ()
    first = (idea.factors[0],) if idea is not None else ()
    names = [*first, *(name for name in telling if name not in first)]
    for count in range(min(len(names), LARGEST), FEWEST - 1, -1):
        if family := _family({name: telling[name] for name in names[:count]}, domain, model, means):
            return family
    return ()


def _telling(
    view: State, domain: Domain, model: ResponseModel, means: Means, earlier: Asked
) -> dict[str, Level]:
    """Factor -> the level to compare with its baseline, the most telling factor first."""
    failed, found = _failed(view), []
    for factor in domain.factors:
        if earlier.registered(question_key(domain.id, domain.primary.name, (factor.name,))):
            continue
        barred = failed.get(factor.name, set())
        forms = [form for form in main_effects(factor) if form.b[factor.name] not in barred]
        best = best_of([v for form in forms for v in _directed(form, domain, model)], means)
        if best is not None:
            found.append((worth_of([best], means), factor.name, best.form.b[factor.name]))
    return {name: level for _, name, level in sorted(found, key=lambda row: -row[0])}


def _failed(view: State) -> dict[str, set[Level]]:
    """The levels away from the baseline of all explored configurations in which a seed failed."""
    assert view.domain is not None
    metric, base = view.domain.primary.name, view.domain.baseline
    trials = {m.trial for m in view.measurements_of(metric, "explore") if m.status == "failed"}
    found: dict[str, set[Level]] = {}
    for trial in view.trials_in("explore"):
        if trial.status == "failed" or trial.id in trials:
            for name, level in view.nodes[trial.node].config.items():
                if level != base[name]:
                    found.setdefault(name, set()).add(level)
    return found


def _family(
    chosen: dict[str, Level], domain: Domain, model: ResponseModel, means: Means
) -> tuple[Candidate, ...]:
    """Every chosen factor's main effect over the design of all of them; none if it could not be decided."""
    points = design_over(chosen, domain.baseline)
    if planning.fewest_seeds("paired", means.alpha, len(chosen)) > means.seeds_for(len(points)):
        return ()
    found = []
    for name, level in chosen.items():
        form = Form(kind="main_effect", factors=(name,), a={name: domain.baseline[name]}, b={name: level},
                    points=points)  # fmt: skip
        best = best_of(_directed(form, domain, model), means)
        assert best is not None
        found.append(best)
    return tuple(found)


def _directed(form: Form, domain: Domain, model: ResponseModel) -> list[Candidate]:
    """A main effect in either direction."""
    upward = contrasts_of(form, domain, "greater")
    effects = tuple(screened(model, upward))
    return [Candidate(form, upward, effects), Candidate(form, contrasts_of(form, domain, "less"), effects)]


def design_over(chosen: dict[str, Level], base: Config) -> tuple[Config, ...]:
    """The points of the two-level design in some factors, the others at the base; the first is the base."""
    rows = factorial.two_level(len(chosen))
    return tuple(
        base | {name: level for (name, level), sign in zip(chosen.items(), row, strict=True) if sign > 0}
        for row in rows
    )
