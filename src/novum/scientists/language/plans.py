"""What a model answers when it is asked for a confirmation: typed, and turned into contrasts by the machine.

The model says which settings are compared, in which direction, how large a difference has to be, and on how
many seeds. The wording of claims, the estimand, the arms and the seeds themselves are the machine's.
"""

from typing import Annotated, Literal

from msgspec import Meta, field, structs

from novum.program import ORIGINAL, PROGRAM
from novum.records import Config, Contrast, Direction, Domain, Factor, Level, Record
from novum.scientists.systematic.hypotheses import Form, contrasts_of, dose_response
from novum.steps.planned import allows
from novum.steps.typed import Answer

CHAMPION = "champion"
"""How a plan names the edited program that the hidden phase chose."""


DIRECTION = (
    "Where the metric is predicted to lie at `end` against `start` (less: lower); of a dose-response, as the "
    "factor rises; of an interaction, where the change from `start` to `end` lies at `second_end` against "
    "that at `second_start`. equivalent: within the margin."
)


class Comparison(Record, kw_only=True):
    """One comparison of the primary metric.

    main_effect: `factor` at `start` against `end`. equivalence: the same, claimed not to matter.
    dose_response: the slope over the levels of an ordered `factor`; `start` and `end` are left out.
    interaction: whether the change from `start` to `end` differs between `second_start` and `second_end` of
    the factor `second`. All other factors stay at their baseline, but for those that `at` holds elsewhere
    (main_effect and equivalence alone). The factor `program` has the levels "original" and "champion".
    `margin` is the smallest difference of interest, in the metric's unit; left out, the domain's.
    """

    kind: Literal["main_effect", "equivalence", "dose_response", "interaction"]
    factor: str
    start: Level | None = None
    end: Level | None = None
    second: str = ""
    second_start: Level | None = None
    second_end: Level | None = None
    at: dict[str, Level] = field(default_factory=dict)
    direction: Annotated[Direction, Meta(description=DIRECTION)]
    margin: float | None = None
    why: str = ""


class Plan(Answer, frozen=True, kw_only=True):
    """A confirmation: the metric, one to six comparisons, the first of them the idea's, and how many seeds.

    Which seeds they are is nobody's choice. `test`: "auto", or the name of the registered test.
    """

    metric: str
    comparisons: Annotated[tuple[Comparison, ...], Meta(min_length=1, max_length=6)]
    seeds_per_arm: Annotated[int, Meta(ge=2, le=10_000)]
    test: str = "auto"
    rationale: str


class Unfit(ValueError):
    """A plan that cannot be registered; says why, for whoever made it."""


def contrasts_in(plan: Plan, domain: Domain, champion: str) -> tuple[Contrast, ...]:
    """The contrasts of a plan; `champion` is the level of the factor `program` that is meant by that word.

    Raises:
        Unfit: a comparison names what the domain does not have.
    """
    return tuple(_contrast(comparison, domain, champion) for comparison in plan.comparisons)


def _contrast(c: Comparison, domain: Domain, champion: str) -> Contrast:
    factor = _factor(c.factor, domain)
    form = _form(c, factor, domain, champion)
    direction: Direction = "equivalent" if c.kind == "equivalence" else c.direction
    if c.kind == "main_effect" and direction == "equivalent":
        form = structs.replace(form, kind="equivalence")
    (made,) = contrasts_of(form, domain, direction)
    return structs.replace(made, margin=_margin(c, domain))


def _form(c: Comparison, factor: Factor, domain: Domain, champion: str) -> Form:
    if c.kind == "dose_response":
        form = next(iter(dose_response(factor)), None)
        if form is None:
            raise Unfit(f"{factor.name} has no three ordered levels for a dose-response")
        return form
    start, end = (_level(factor, level, champion) for level in (c.start, c.end))
    if start == end:
        raise Unfit(f"the comparison of {factor.name} has the same level on both sides")
    if c.kind == "interaction":
        second = _factor(c.second, domain)
        if second.name == factor.name:
            raise Unfit("an interaction is between two different factors")
        contexts = tuple(
            {second.name: _level(second, level, champion)} for level in (c.second_start, c.second_end)
        )
        if contexts[0] == contexts[1]:
            raise Unfit(f"the interaction has the same level of {second.name} on both sides")
        both = (factor.name, second.name)
        return Form(
            kind=c.kind, factors=both, a={factor.name: start}, b={factor.name: end}, contexts=contexts
        )
    held = _held(c, factor, domain, champion)
    return Form(
        kind=c.kind, factors=(factor.name,), a={factor.name: start} | held, b={factor.name: end} | held
    )


def _held(c: Comparison, factor: Factor, domain: Domain, champion: str) -> Config:
    """Levels that both arms have; those at the baseline are left unnamed."""
    found = {name: _level(_factor(name, domain), level, champion) for name, level in sorted(c.at.items())}
    if factor.name in found:
        raise Unfit(f"{factor.name} cannot be compared and held at once")
    return {name: level for name, level in found.items() if level != domain.baseline[name]}


def _factor(name: str, domain: Domain) -> Factor:
    if name not in {f.name for f in domain.factors}:
        raise Unfit(f"the domain has no factor {name!r}; its factors are {', '.join(domain.baseline)}")
    return domain.factor(name)


def _level(factor: Factor, level: Level | None, champion: str) -> Level:
    if factor.name == PROGRAM and factor.levels == (ORIGINAL,):
        return _program(level, champion)
    if isinstance(level, int) and not isinstance(level, bool):
        level = float(level)
    if level is None or not allows(factor, level):
        allowed = (
            f"from {factor.range[0]:g} to {factor.range[1]:g}"
            if factor.range
            else f"one of {list(factor.levels)}"
        )
        raise Unfit(f"{factor.name} cannot be {level!r}; it is {allowed}")
    return level


def _program(level: Level | None, champion: str) -> str:
    if level == ORIGINAL:
        return ORIGINAL
    if level in (CHAMPION, champion) and champion:
        return champion
    known = f"{ORIGINAL} and {CHAMPION}" if champion else f"{ORIGINAL} alone, since no edited program is left"
    raise Unfit(f"the program cannot be {level!r}; it is {known}")


def _margin(c: Comparison, domain: Domain) -> float:
    """The margin of a comparison, no smaller than what the domain calls of interest.

    A smaller one would make a claim easier to support, and a wider one of sameness as well.
    """
    metric = domain.primary
    declared = metric.margin or 0.0
    margin = declared if c.margin is None else c.margin
    if not margin > 0:
        raise Unfit("the domain names no margin, so every comparison needs one above 0")
    if c.margin is not None and declared and margin < declared:
        raise Unfit(f"the margin {margin:g} is smaller than {declared:g}, which the domain calls of interest")
    if declared and c.direction == "equivalent" and margin > declared:
        raise Unfit(
            f"sameness within {margin:g} says less than the domain's margin {declared:g}; keep to that"
        )
    return margin
