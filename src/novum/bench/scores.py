"""From the outcomes of many studies to the rows of `novum bench truth`."""

from collections.abc import Callable, Iterator, Sequence

from novum.bench.outcome import Claim, Outcome
from novum.bench.rivals import Claimed, Tested
from novum.bench.rows import Row, mean, share

ALPHA, ALPHA_HIGH = 0.05, 0.065
SIZES = (0.25, 0.5, 1.0, 2.0)
SD = "within-arm SD"


def rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """Every row that can be told from the outcomes."""
    parts = (_errors, _power, _calibration, _rivals, _costs)
    return [row for part in parts for row in part(outcomes)]


def claims(outcomes: Sequence[Outcome]) -> list[Claim]:
    return [claim for outcome in outcomes for claim in outcome.claims]


def _errors(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """False positives. A null contrast is one whose true value is exactly zero, or within its margin.

    Claims that something does *not* matter count only where any false claim does.
    """
    level = {"at_most": ALPHA, "high_at_most": ALPHA_HIGH}
    all_claims, nulls = claims(outcomes), [o for o in outcomes if o.null]
    every = [c for c in all_claims if c.directed]
    none = filter(of_no_effect, every)
    yield share("false positives per contrast of no effect", map(_supported, none), **level)
    joint = [c for c in claims([o for o in outcomes if o.kind == "joint"]) if c.directed and of_no_effect(c)]
    yield share("false positives per contrast of no effect, joint worlds", map(_supported, joint), **level)
    yield share("false positives per contrast within its margin",
                [_supported(c) for c in every if abs(c.truth) <= c.margin], **level)  # fmt: skip
    yield share("null worlds with an effect supported", [any_supported(o) for o in nulls], **level)
    yield share("studies with a false claim", [any(map(_false, o.claims)) for o in outcomes], **level)
    yield share("false among supported claims", [not c.true for c in all_claims if _supported(c)])
    supported = [c for c in every if _supported(c)]
    yield share("wrong direction among supported claims", [c.ahead < 0 for c in supported], at_most=0.001)
    yield share("no effect or wrong direction among supported claims", [c.ahead <= 0 for c in supported])
    yield share("wrong direction per registered contrast that has an effect",
                [_supported(c) and c.ahead < 0 for c in every if c.truth], at_most=0.001)  # fmt: skip


def _supported(claim: Claim) -> bool:
    return claim.verdict == "supported"


def any_supported(outcome: Outcome) -> bool:
    return any(_supported(c) for c in outcome.claims if c.directed)


def _false(claim: Claim) -> bool:
    return _supported(claim) and not claim.true


def of_no_effect(claim: Claim) -> bool:
    """Whether what a claim is about does nothing at all."""
    return abs(claim.truth) < 1e-9


# --- power --------------------------------------------------------------------------------------------


def _power(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """Planted main effects that ended supported, whether or not they were registered."""
    plain = [o for o in outcomes if o.kind == "plain"]
    for size in SIZES:
        limits = {"at_least": 0.9} if size == 1.0 else {}
        yield share(
            f"power, main effect of {size:g} {SD}, plain worlds", effects_found(plain, size), **limits
        )
    yield share(f"power, main effect of 1 {SD}, all worlds", effects_found(outcomes, 1.0))
    yield share(f"main effect of 1 {SD} registered, plain worlds", effects_found(plain, 1.0, is_registered))
    single = [c for o in plain for c in o.claims if len(c.factors) == 1 and c.directed]
    registered = [c for c in single if 0.9 < c.ahead < 1.1]
    yield share(f"power of registered contrasts of 1 {SD}, plain worlds", map(_supported, registered))
    pairs = [c for c in claims(outcomes) if c.estimand == "interaction" and c.true]
    yield share("power of registered interactions", map(_supported, pairs))


def effects_found(
    outcomes: Sequence[Outcome], size: float, test: Callable[[Claim], bool] = _supported
) -> Iterator[bool]:
    """Per planted main effect of a size: whether a true claim about that factor alone passes the test."""
    for outcome in outcomes:
        for factor, planted in outcome.planted.items():
            if abs(planted) == size:
                mine = [c for c in outcome.claims if c.directed and c.factors == (factor,)]
                yield any(test(c) and c.true for c in mine)


def is_registered(claim: Claim) -> bool:
    return True


# --- calibration --------------------------------------------------------------------------------------


def _calibration(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    every = claims(outcomes)
    limits = {"at_least": 0.94, "at_most": 0.96, "low_at_least": 0.93, "high_at_most": 0.97}
    yield share("coverage of 95 % intervals", [c.covered for c in every if c.covered is not None], **limits)
    for kind in sorted({o.kind for o in outcomes}):
        mine = [c for o in outcomes if o.kind == kind for c in o.claims]
        yield share(f"coverage, {kind} worlds", [c.covered for c in mine if c.covered is not None])
    refuted = [c for c in every if c.verdict == "refuted"]
    yield share("refuted claims that are indeed not true", [not c.true for c in refuted])
    yield share("supported claims that replicate at three times the sample",
                [c.replicated == "supported" for c in every if c.replicated], at_least=0.95)  # fmt: skip


# --- others -------------------------------------------------------------------------------------------

POLICIES: tuple[tuple[str, Callable[[Outcome], Claimed]], ...] = (
    ("best single-seed node", lambda o: o.single),
    ("best node, three seeds", lambda o: o.reseeded),
    ("greedy", lambda o: o.greedy),
)


def _rivals(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    nulls = [o for o in outcomes if o.null]
    for name, claim in POLICIES:
        yield share(f"{name}: null worlds with a claim", [claim(o).claimed for o in nulls])
        yield share(f"{name}: false among claims", [claim(o).false for o in outcomes if claim(o).claimed])
    yield from _factorial(outcomes)


def _factorial(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """The plain factorial at its own level, and at the level that errs as often as the studies did."""
    nulls, plain = [o for o in outcomes if o.null], [o for o in outcomes if o.kind == "plain"]
    yield share("factorial: null worlds with a claim", [any(_claims(t) for t in o.factorial) for o in nulls])
    size = 1.0
    own = list(_tested(plain, size, ALPHA))
    yield share(f"factorial: power, main effect of 1 {SD}, plain worlds", own)
    level = equal_level(nulls)
    equal = list(_tested(plain, size, level))
    yield share(f"factorial: the same at equal errors (level {level:.3g})", equal)
    study = list(effects_found(plain, size))
    gains = [float(s) - float(f) for s, f in zip(study, equal, strict=True)]
    yield mean("power of studies minus that of the factorial at equal errors", gains, high_at_least=0.0)


def _claims(tested: Tested, level: float = ALPHA) -> bool:
    return tested.p_adjusted < level


def _tested(outcomes: Sequence[Outcome], size: float, level: float) -> Iterator[bool]:
    """As `_found`, for what the factorial claims at a level."""
    for outcome in outcomes:
        found = {t.factor: t for t in outcome.factorial}
        for factor, planted in outcome.planted.items():
            if abs(planted) == size:
                yield _claims(found[factor], level) and found[factor].estimate * planted > 0


def equal_level(nulls: Sequence[Outcome]) -> float:
    """The level below which the factorial claims something in as many null worlds as the studies did."""
    wrong = sum(map(any_supported, nulls))
    smallest = sorted(min(t.p_adjusted for t in o.factorial) for o in nulls)
    return min(ALPHA, smallest[wrong]) if wrong < len(smallest) else ALPHA


def _costs(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    yield share("studies that ended without a protocol", [o.gave_up for o in outcomes])
    yield mean("seed-runs of a study", [float(o.runs) for o in outcomes])
    yield mean("processor seconds of a study", [o.seconds for o in outcomes])
