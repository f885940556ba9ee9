"""Which questions a domain's factors can ask: main effects, dose-responses and interactions.

All are about the primary metric, with every unnamed factor at its baseline. A question is a `Form`; it
becomes a registered `Contrast` once exploration has said which levels are worth comparing and which way
the difference probably goes.
"""

import itertools
from collections.abc import Iterator

from msgspec import Struct

from novum.canonical import short_id
from novum.evidence.design import levels_of, position
from novum.records import Config, Contrast, Direction, Domain, Estimand, Factor, Level, Metric


class Form(Struct, frozen=True, kw_only=True):
    """A contrast without direction. `kind` is main_effect, dose_response, interaction or best_setting."""

    kind: str
    factors: tuple[str, ...]
    a: Config
    b: Config
    contexts: tuple[Config, ...] = ()
    levels: tuple[Level, ...] = ()


def main_effects(factor: Factor) -> Iterator[Form]:
    """The baseline against each other level."""
    for level in levels_of(factor):
        if level != factor.baseline:
            yield Form(
                kind="main_effect",
                factors=(factor.name,),
                a={factor.name: factor.baseline},
                b={factor.name: level},
            )


def dose_response(factor: Factor) -> Iterator[Form]:
    """The slope over at least three ordered levels."""
    levels = levels_of(factor)
    if factor.kind != "categorical" and len(levels) >= 3:
        ordered = tuple(sorted(levels, key=lambda level: position(factor, level)))
        chosen = ordered if len(ordered) <= 4 else (ordered[0], ordered[1], ordered[-2], ordered[-1])
        yield Form(
            kind="dose_response",
            factors=(factor.name,),
            a={factor.name: chosen[0]},
            b={factor.name: chosen[-1]},
            levels=chosen,
        )


def interactions(first: Factor, second: Factor) -> Iterator[Form]:
    """Whether moving `second` from its baseline changes what moving `first` does."""
    for one in levels_of(first):
        for other in levels_of(second):
            if one != first.baseline and other != second.baseline:
                yield Form(
                    kind="interaction",
                    factors=(first.name, second.name),
                    a={first.name: first.baseline},
                    b={first.name: one},
                    contexts=({second.name: second.baseline}, {second.name: other}),
                )


def forms(domain: Domain) -> list[Form]:
    """Every question of the domain, in the order of its factors."""
    single = [f for factor in domain.factors for f in (*main_effects(factor), *dose_response(factor))]
    pairs = itertools.combinations(domain.factors, 2)
    return [*single, *(f for one, two in pairs for f in interactions(one, two))]


def best_setting(domain: Domain, config: Config) -> Form:
    """A found configuration against the baseline."""
    moved = {k: v for k, v in config.items() if domain.baseline[k] != v}
    return Form(
        kind="best_setting",
        factors=tuple(sorted(moved)),
        a={k: domain.baseline[k] for k in moved},
        b=moved,
    )


def contrast_of(form: Form, domain: Domain, direction: Direction) -> Contrast:
    """The form as a registered comparison, with the margin that the domain calls of interest."""
    metric = domain.primary
    return Contrast(
        id=short_id("contrast", domain.id, form, direction),
        text=sentence(form, domain, direction),
        metric=metric.name,
        a=form.a,
        b=form.b,
        estimand=estimand_of(form, metric),
        direction=direction,
        margin=domain.primary.margin or 0.0,
        test="t",
        contexts=form.contexts,
        levels=form.levels,
    )


def estimand_of(form: Form, metric: Metric) -> Estimand:
    if form.kind == "interaction":
        return "interaction"
    if form.kind == "dose_response":
        return "slope"
    return "rmst_diff" if metric.kind == "time_to_event" else "mean_diff"


# --- wording ------------------------------------------------------------------------------------------


def title_of(name: str, domain: Domain) -> str:
    factor = domain.factor(name)
    return factor.title or factor.name.replace("_", " ")


def show(level: Level) -> str:
    return (
        f"{level:g}" if isinstance(level, float) else str(level).lower() if isinstance(level, bool) else level
    )


def setting(config: Config, domain: Domain) -> str:
    """`weight decay 0.1 and optimiser sgd`."""
    parts = [f"{title_of(k, domain)} {show(v)}" for k, v in sorted(config.items())]
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]


def metric_title(metric: Metric) -> str:
    return metric.title or metric.name.replace("_", " ")


def sentence(form: Form, domain: Domain, direction: Direction) -> str:
    """The claim in words, as it is registered."""
    metric = metric_title(domain.primary)
    more = "raises" if direction == "greater" else "lowers"
    if form.kind == "interaction":
        (second,) = form.contexts[1]
        way = "larger" if direction == "greater" else "smaller"
        return (
            f"the change in {metric} from {setting(form.a, domain)} to {show(form.b[form.factors[0]])}"
            f" is {way} at {setting(form.contexts[1], domain)} than at {title_of(second, domain)}"
            f" {show(form.contexts[0][second])}"
        )
    if form.kind == "dose_response":
        name = form.factors[0]
        span = f"{show(form.levels[0])} to {show(form.levels[-1])}"
        return f"increasing {title_of(name, domain)} from {span} steadily {more} {metric}"
    if form.kind == "best_setting":
        return f"the configuration chosen in the hidden phase {more} {metric} relative to the baseline"
    name = form.factors[0]
    change = f"setting {title_of(name, domain)} to {show(form.b[name])} instead of {show(form.a[name])}"
    return f"{change} {more} {metric}"
