"""Which contrasts are strong: their effect averaged over the explored configurations.

A registered contrast compares arms around one base configuration. There the response model has to
extrapolate: what every pair of factors does together enters, each hardly known, and the estimate is mostly
noise. Averaged over the configurations that were run, joint effects cancel nearly, as they do in a balanced
design, and what is left is what screening looks for (effect sparsity and hierarchy; Hamada & Wu 1992). In
simulated worlds of eight factors with twenty points, ranking by the average put an effect of one standard
deviation among the first four in 81 % of 200 studies, ranking by the extrapolation in 72 % (92 % and 74 %
with no points that move one factor alone).

An interaction is the same wherever it is taken from, as the model knows no effects of three factors; an
effect that is registered as an average over a design is taken over the points of that design.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from novum.evidence.contrasts import arms, family_arms, weights_of
from novum.evidence.effects import ResponseModel
from novum.records import Config, Contrast, Record

if TYPE_CHECKING:
    import numpy as np

BASES = 16  # explored configurations over which an effect is averaged


class Screened(Record, kw_only=True):
    """Median and standard deviation of a contrast's averaged effect, in the metric's unit."""

    estimate: float
    sd: float


def screened(model: ResponseModel, contrasts: Sequence[Contrast]) -> list[Screened]:
    """What the response model makes of each contrast, averaged over the configurations it has seen."""
    import numpy as np

    draws = effect_draws(model, contrasts)
    return [Screened(estimate=float(np.median(d)), sd=float(d.std())) for d in draws.T]


def effect_draws(model: ResponseModel, contrasts: Sequence[Contrast]) -> "np.ndarray":
    """Posterior draws (rows) of the averaged effect of contrasts (columns)."""
    import numpy as np

    joint = [c for c in contrasts if c.points or c.estimand == "interaction"]
    single = [c for c in contrasts if c not in joint]
    found = np.empty((len(model.draws), len(contrasts)))
    places = {id(c): k for k, c in enumerate(contrasts)}
    base = model.domain.baseline
    for group, bases in ((single, _bases(model)), (joint, [base])):
        if group:
            columns = [places[id(c)] for c in group]
            found[:, columns] = sum(_at(model, group, b) for b in bases) / len(bases)
    return found


def _bases(model: ResponseModel) -> list[Config]:
    """Explored configurations, evenly taken from all of them."""
    known = model.data.configs
    count = min(BASES, len(known))
    return [known[(k * len(known)) // count] for k in range(count)]


def _at(model: ResponseModel, contrasts: Sequence[Contrast], base: Config) -> "np.ndarray":
    """Draws of contrasts taken around one base."""
    import numpy as np

    configs = list(family_arms(contrasts, base))
    weights = np.zeros((len(configs), len(contrasts)))
    for column, contrast in enumerate(contrasts):
        for arm, weight in zip(arms(contrast, base), weights_of(contrast, model.domain), strict=True):
            weights[configs.index(arm), column] += weight
    return model.predict(configs) @ weights
