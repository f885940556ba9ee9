"""Which questions a domain's factors can ask.

All are about the primary metric, with every unnamed factor at its baseline. A question is a `Form`; it
becomes one or more registered `Contrast`s once exploration has said which levels are worth comparing and
what the difference probably is: an increase, a decrease, or none that matters.

    main_effect    the baseline of a factor against another level
    equivalence    the same, claimed to lie within the margin on both sides
    dose_response  the slope over at least three ordered levels
    interaction    whether moving one factor changes what moving another does
    robustness     whether a main effect holds at each level of another factor
    best_setting   a configuration found in the hidden phase against the baseline

A robustness question is an intersection: it is answered "yes" only if the effect is supported at *every*
level of the other factor. So it is registered as one ordinary contrast per level, all of them members of
the study's family and judged like any other. Testing each of them at a level of its own makes the
conjunction conservative (Berger 1982 would allow the full level for each); nothing is loosened.
"""

import itertools
from collections.abc import Iterator

from msgspec import Struct, structs

from novum.canonical import short_id
from novum.evidence.design import levels_of, position
from novum.records import Config, Contrast, Direction, Domain, Estimand, Factor, Level, Metric
from novum.scientists.systematic.phrases import claim_text

SPAN = 4  # levels of a slope, and of the factor over which an effect has to hold


class Form(Struct, frozen=True, kw_only=True):
    """A question without direction; `kind` is one of those above. A robustness has one context a level.

    With `points`, the configurations of a design, a main effect is averaged over them, and over the fractions
    that `turned` makes of them.
    """

    kind: str
    factors: tuple[str, ...]
    a: Config
    b: Config
    contexts: tuple[Config, ...] = ()
    levels: tuple[Level, ...] = ()
    points: tuple[Config, ...] = ()
    turned: tuple[tuple[str, ...], ...] = ()


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


def equivalence(form: Form) -> Form:
    """A main effect asked the other way: does it lie within the margin?"""
    return structs.replace(form, kind="equivalence")


def dose_response(factor: Factor) -> Iterator[Form]:
    """The slope over at least three ordered levels."""
    levels = levels_of(factor)
    if factor.kind != "categorical" and len(levels) >= 3:
        ordered = tuple(sorted(levels, key=lambda level: position(factor, level)))
        chosen = _spread(ordered)
        yield Form(
            kind="dose_response",
            factors=(factor.name,),
            a={factor.name: chosen[0]},
            b={factor.name: chosen[-1]},
            levels=chosen,
        )


def interactions(first: Factor, second: Factor) -> Iterator[Form]:
    """Whether moving `second` from its baseline changes what moving `first` does.

    Not at a trivial level, unless there is no other: what leaves nothing to act on changes every effect.
    """
    for one, other in itertools.product(_rivals(first), _rivals(second)):
        yield Form(
            kind="interaction",
            factors=(first.name, second.name),
            a={first.name: first.baseline},
            b={first.name: one},
            contexts=({second.name: second.baseline}, {second.name: other}),
        )


def _rivals(factor: Factor) -> list[Level]:
    others = [level for level in levels_of(factor) if level != factor.baseline]
    return [level for level in others if level not in factor.trivial] or others


def robustness(first: Factor, second: Factor) -> Iterator[Form]:
    """Whether what moving `first` does holds at each level of `second` (at most four, its ends included)."""
    others = _spread(tuple(level for level in levels_of(second) if level != second.baseline), SPAN - 1)
    for form in main_effects(first):
        yield structs.replace(
            form,
            kind="robustness",
            factors=(first.name, second.name),
            contexts=tuple({second.name: level} for level in (second.baseline, *others)),
        )


def forms(domain: Domain) -> list[Form]:
    """Every first question of the domain, in the order of its factors.

    Equivalence and robustness are not among them: they follow from what was found (see `ideate`).
    """
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


# --- registration -------------------------------------------------------------------------------------


def contrasts_of(form: Form, domain: Domain, direction: Direction) -> tuple[Contrast, ...]:
    """The form as registered comparisons: one, or one per level for a robustness question.

    The level that is the other factor's baseline is left unnamed, so that the comparison there is the
    main effect that it is, and draws from the same account of alpha.
    """
    if form.kind != "robustness":
        return (contrast_of(form, domain, direction),)
    parts = []
    for context in form.contexts:
        held = {k: v for k, v in context.items() if domain.baseline[k] != v}
        part = structs.replace(form, a=form.a | held, b=form.b | held, contexts=())
        parts.append(contrast_of(part, domain, direction))
    return tuple(parts)


def contrast_of(form: Form, domain: Domain, direction: Direction) -> Contrast:
    """The form as one registered comparison, with the margin that the domain calls of interest."""
    metric = domain.primary
    return Contrast(
        id=short_id("contrast", domain.id, form, direction),
        text=claim_text(kind=form.kind, a=form.a, b=form.b, contexts=form.contexts, levels=form.levels,
                        averaged=bool(form.points), direction=direction, domain=domain),
        metric=metric.name,
        a=form.a,
        b=form.b,
        estimand=estimand_of(form, metric),
        direction=direction,
        margin=domain.primary.margin or 0.0,
        test="t",
        contexts=form.contexts,
        levels=form.levels,
        points=form.points,
        turned=form.turned,
    )  # fmt: skip


def estimand_of(form: Form, metric: Metric) -> Estimand:
    if form.kind == "interaction":
        return "interaction"
    if form.kind == "dose_response":
        return "slope"
    return "rmst_diff" if metric.kind == "time_to_event" else "mean_diff"


def _spread(levels: tuple[Level, ...], most: int = SPAN) -> tuple[Level, ...]:
    """At most `most` of some levels, those at either end."""
    half = most // 2
    return levels if len(levels) <= most else (*levels[: most - half], *levels[-half:])
