"""The contrasts that a search is to inform: plain comparisons, without direction or margin."""

from collections.abc import Iterator, Sequence

from novum.evidence.design import levels_of
from novum.records import Config, Contrast, Domain, Estimand, Factor


def main_contrasts(domain: Domain) -> tuple[Contrast, ...]:
    """Every factor's baseline against each other level."""
    return tuple(_contrast(domain, move) for factor in domain.factors for move in _moves(factor))


def lead_contrasts(domain: Domain, kind: str, factors: Sequence[str]) -> tuple[Contrast, ...]:
    """What an idea is about: how two factors act together, else what its first factor does."""
    known = [f for f in domain.factors if f.name in factors]
    if kind in ("interaction", "robustness") and len(known) == 2:
        first, second = known
        return tuple(
            _contrast(domain, one, ({second.name: second.baseline}, other))
            for one in _moves(first)
            for other in _moves(second)
        )
    return tuple(_contrast(domain, move) for factor in known for move in _moves(factor))


def _moves(factor: Factor) -> Iterator[Config]:
    return ({factor.name: level} for level in levels_of(factor) if level != factor.baseline)


def _contrast(domain: Domain, move: Config, contexts: tuple[Config, ...] = ()) -> Contrast:
    estimand: Estimand = "interaction" if contexts else "mean_diff"
    return Contrast(
        id="", text="", metric=domain.primary.name, a={k: domain.baseline[k] for k in move}, b=move,
        estimand=estimand, direction="greater", margin=0.0, test="", contexts=contexts,
    )  # fmt: skip
