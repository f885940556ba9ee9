"""Several main effects registered on one two-level design, where every run informs every claim.

A comparison around the baseline uses the runs of its own two arms only. In a fractional factorial design
(`evidence.factorial`) each factor is at its baseline in one half of the points and at another level in the
other, so that all runs serve all main effects: with eight factors, sixteen points and as many runs as five
arms would have, the standard error is about half as large. What is claimed then is an *average* over the
settings of the other factors, which the claim says.

Those points are a fraction of all combinations, in which a joint effect of three factors looks like the
effect of a fourth. So seeds take turns at fractions that differ in its sign, and over all seeds it cancels;
on the way it adds to the spread between seeds, as it should where effects depend on so much else.

All claims lose evidence when runs at one level fail, or are cut off at the horizon and so tell little of what
the other factors do. So a level at which a run failed while exploring is not used, and where more than a
tenth of the explored runs gave no full observation, claims are made around the baseline instead.
"""

from collections.abc import Collection, Sequence

from msgspec import Struct

from novum.evidence import factorial, planning
from novum.evidence.effects import Explored, ResponseModel
from novum.evidence.screening import screened
from novum.records import Config, Domain, Idea, Level, question_key
from novum.scientists.systematic.asked import Asked
from novum.scientists.systematic.family import Candidate, Means, best_of, worth_of
from novum.scientists.systematic.hypotheses import Form, contrasts_of, equivalence, main_effects
from novum.scientists.systematic.worth import on_trivial
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


class Change(Struct, frozen=True):
    """The level of a factor to compare with its baseline, and whether they may be called the same: `bold`."""

    level: Level
    bold: bool


def _telling(
    view: State, domain: Domain, model: ResponseModel, means: Means, earlier: Asked
) -> dict[str, Change]:
    """Factor -> its most telling change, the most telling factor first."""
    failed, found = _failed(view), []
    for factor in domain.factors:
        if earlier.registered(question_key(domain.id, domain.primary.name, (factor.name,))):
            continue
        barred = failed.get(factor.name, set())
        forms = [form for form in main_effects(factor) if form.b[factor.name] not in barred]
        if forms:
            worth, change = _change(factor.name, forms, model, means)
            found.append((worth, factor.name, change))
    return {name: change for _, name, change in sorted(found, key=lambda row: -row[0])}


def _change(name: str, forms: Sequence[Form], model: ResponseModel, means: Means) -> tuple[float, Change]:
    """The most telling of a factor's changes, with its worth alone."""
    bold = _bold(name, forms, model, means.domain)
    best = best_of(
        [v for form in forms for v in _versions(form, means.domain, model, form.b[name] in bold)], means
    )
    assert best is not None
    level = best.form.b[name]
    return worth_of([best], means), Change(level, level in bold)


def _bold(name: str, forms: Sequence[Form], model: ResponseModel, domain: Domain) -> set[Level]:
    """The levels of which it tells something that they are as the baseline: sameness is to be had of any
    factor by moving it a little, so of those that seemed to do most, and of trivial ones.
    """
    trivial = {form.b[name] for form in forms if on_trivial(form.b, domain)}
    sizes = {form.b[name]: _directed(form, domain, model)[0].size for form in forms}
    rivals = [level for level in sizes if level not in trivial]
    return trivial | {max(rivals, key=lambda level: sizes[level])} if rivals else trivial


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
    chosen: dict[str, Change], domain: Domain, model: ResponseModel, means: Means
) -> tuple[Candidate, ...]:
    """Every chosen factor's main effect over the design of all of them; none if it could not be decided."""
    levels = {name: change.level for name, change in chosen.items()}
    points, turned = design_over(levels, domain.baseline), fractions_over(levels)
    if planning.fewest_seeds("paired", means.alpha, len(chosen)) > means.seeds_for(len(points)):
        return ()
    found = []
    for name, change in chosen.items():
        form = Form(kind="main_effect", factors=(name,), a={name: domain.baseline[name]},
                    b={name: change.level}, points=points, turned=turned)  # fmt: skip
        best = best_of(_versions(form, domain, model, change.bold), means)
        assert best is not None
        found.append(best)
    return tuple(found)


def _versions(form: Form, domain: Domain, model: ResponseModel, bold: bool) -> list[Candidate]:
    """A main effect in either direction, or none beyond the margin."""
    ways = _directed(form, domain, model)
    if not (bold and domain.primary.margin):
        return ways
    same = equivalence(form)
    return [*ways, Candidate(same, contrasts_of(same, domain, "equivalent"), ways[0].effects)]


def _directed(form: Form, domain: Domain, model: ResponseModel) -> list[Candidate]:
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


def fractions_over(chosen: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """The factors turned in each fraction of the design; none where one fraction is clear by itself."""
    names = list(chosen)
    found = tuple(tuple(names[k] for k in places) for places in factorial.fractions(len(names)))
    return found if len(found) > 1 else ()
