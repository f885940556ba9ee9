"""Seeds per arm: what the margin needs where the budget has it, else what the budget has."""

import pytest
from msgspec import structs

from novum.domains import find_domain, load_domain
from novum.evidence import planning
from novum.records import Contrast
from novum.scientists.systematic.family import POWER, Means, sample
from novum.scientists.systematic.together import design_over, fractions_over


def contrast(margin: float) -> Contrast:
    return Contrast(id="x", text="", metric="response", a={"a": "closed"}, b={"a": "open"},
                    estimand="mean_diff", direction="greater", margin=margin, test="t")  # fmt: skip


def means(blobs, seeds: int, sd: float) -> Means:
    domain = load_domain(find_domain("planted"), blobs)
    return Means(seeds=seeds, sd=sd, typical=sd, alpha=0.04, domain=domain)


@pytest.mark.parametrize("sd", [0.2, 0.5, 1.0])
def test_as_many_as_the_margin_needs(blobs, sd: float) -> None:
    n, why = sample([contrast(1.0)], means(blobs, 200, sd))
    assert n == max(planning.sample_size(1.0, sd, 0.04, 1, POWER), planning.fewest_seeds("paired", 0.04, 1))
    assert "needs" in why


@pytest.mark.parametrize("sd", [5.0, 100.0])
def test_a_spread_for_which_no_sample_would_do_takes_what_there_is(blobs, sd: float) -> None:
    n, why = sample([contrast(0.1)], means(blobs, 24, sd))
    assert n == 24 and "fewer than the margin asks for" in why


@pytest.mark.parametrize(
    ("budget", "sd", "n"),
    [(24, 0.1, 9), (60, 0.1, 9), (64, 0.1, 24), (200, 0.1, 24), (200, 9.0, 72), (60, 9.0, 22)],
)
def test_fractions_share_seeds_evenly_where_there_are_enough(blobs, budget: int, sd: float, n: int) -> None:
    """Twenty-four are the fewest for eight of them; what is less stays as it is."""
    has = means(blobs, budget, sd)
    chosen = {f.name: f.levels[1] for f in has.domain.factors}
    points, turned = design_over(chosen, has.domain.baseline), fractions_over(chosen)
    family = [
        structs.replace(contrast(0.3), id=f.name, a={f.name: f.baseline}, b={f.name: chosen[f.name]},
                        points=points, turned=turned)
        for f in has.domain.factors
    ]  # fmt: skip
    found, why = sample(family, has)
    assert found == n
    assert ("share evenly" in why) == (n == 24)
