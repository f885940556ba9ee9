"""What exploration says of candidate contrasts: a Bayesian linear model of the response.

Configuration means are regressed on coded main effects, their curvature (numeric and ordinal factors) and
products of pairs. Coefficients have normal priors around zero, curvature and products with a much smaller
standard deviation than main effects (effect hierarchy; Hamada & Wu 1992); the intercept is flat. The ratio of
prior to noise variance is averaged over a grid by marginal likelihood, the noise variance integrated out,
so little data shrink effects towards nothing instead of inventing them. It only ranks candidates: no claim
rests on it.

A time to event enters as its value restricted to the horizon; undefined seeds (and failed ones of other
metrics) are dropped and counted. Positive responses that span more than a factor of 20 are modelled on the
log scale; contrasts are always given in the metric's own unit.
"""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from novum.evidence.claims import arms, boundaries, weights_of
from novum.evidence.design import levels_of, position
from novum.evidence.samples import config_hash, gather
from novum.records import Config, Contrast, Domain, Factor, Level, Measurement, Metric, Record

if TYPE_CHECKING:
    import numpy as np

RATIOS = tuple(10.0 ** (k / 2 - 3) for k in range(13))  # prior over noise variance, 1e-3 .. 1e3
MINOR = 0.15  # prior SD of curvature and products relative to main effects: a larger one buries main effects
LOG_SPAN = 20.0
DRAWS = 2000


class Explored(Record, kw_only=True):
    """Exploration data of one metric: per configuration the usable values, and how many seeds had none."""

    metric: str
    configs: tuple[Config, ...]
    values: tuple[tuple[float, ...], ...]
    dropped: int = 0
    censored: int = 0


class Effect(Record, kw_only=True):
    """The posterior of a contrast, in the metric's unit (a ratio for ratios).

    `beyond` is the chance that it lies outside its margins on either side; `as_predicted` that the claim is
    true as stated; `information` the entropy, in bits, of where it lies (below, within, above): what a
    decisive confirmation would be expected to teach.
    """

    estimate: float
    sd: float
    beyond: float
    as_predicted: float
    information: float


def explored(
    metric: Metric, configs: Sequence[Config], measurements: Sequence[Measurement]
) -> Explored:
    """Gather the explore measurements of `configs` (each once, any order of arrival)."""
    found = [m for m in measurements if m.phase == "explore" and m.metric == metric.name]
    kept, values, dropped, censored = [], [], 0, 0
    for key, levels in sorted({config_hash(c): dict(c) for c in configs}.items()):
        mine = [m for m in found if m.config_hash == key]
        arm = gather(levels, metric, sorted({m.seed for m in mine}), mine)
        dropped, censored = dropped + arm.lost, censored + arm.censored
        if arm.values:
            kept.append(levels)
            values.append(tuple(arm.values[place] for place in sorted(arm.values)))
    return Explored(metric=metric.name, configs=tuple(kept), values=tuple(values), dropped=dropped,
                    censored=censored)  # fmt: skip


class ResponseModel:
    """The fitted model. `draws` holds coefficient draws, one row each; all from `seed`, so repeatable.

    Raises:
        ValueError: fewer than three configurations with values.
    """

    def __init__(self, domain: Domain, data: Explored, seed: int = 0):
        import numpy as np

        if len(data.configs) < 3:
            raise ValueError("a response model needs at least three configurations with values")
        self.domain, self.data = domain, data
        self.factors = [f for f in domain.factors if len({repr(c[f.name]) for c in data.configs}) > 1]
        means = np.array([sum(v) / len(v) for v in data.values])
        self.log = bool(means.min() > 0 and means.max() / means.min() > LOG_SPAN)
        self.horizon = domain.metric(data.metric).horizon
        response = np.log(means) if self.log else means
        design, scales = self._columns(data.configs)
        self.middle = design.mean(axis=0)
        self.draws, self.offsets = _posterior(design - self.middle, scales, response, seed)

    def predict(self, configs: Sequence[Config]) -> "np.ndarray":
        """Posterior draws (rows) of the mean response at configurations (columns), in the metric's unit."""
        import numpy as np

        columns, _ = self._columns(configs)
        linear = self.draws @ (columns - self.middle).T + self.offsets[:, None]
        found = np.exp(np.minimum(linear, 700.0)) if self.log else linear
        return np.clip(found, 0.0, self.horizon) if self.horizon else found

    def effect(self, contrast: Contrast, base: Config) -> Effect:
        """The posterior of a contrast's estimand (medians are taken as means)."""
        at = self.predict(arms(contrast, base))
        if contrast.estimand == "ratio":
            draws = at[:, 1] / at[:, 0]
        else:
            draws = at @ weights_of(contrast, self.domain)
        return _summary(draws, contrast)

    def profile(self, factor: Factor) -> list[tuple[Level, float, float, float]]:
        """(level, median, low, high) of the response averaged over the explored configurations, 90 %."""
        import numpy as np

        rows = []
        for level in levels_of(factor):
            at = self.predict([c | {factor.name: level} for c in self.data.configs]).mean(axis=1)
            low, high = np.quantile(at, [0.05, 0.95])
            rows.append((level, float(np.median(at)), float(low), float(high)))
        return rows

    def _columns(self, configs: Sequence[Config]) -> tuple["np.ndarray", "np.ndarray"]:
        """Model columns (configurations x terms) and the prior scale of each."""
        import numpy as np

        main = {f.name: _code(f, [c[f.name] for c in configs]) for f in self.factors}
        blocks, scales = [], []
        for f in self.factors:
            blocks += [main[f.name]]
            scales += [1.0] * main[f.name].shape[1]
            if f.kind != "categorical" and len({repr(c[f.name]) for c in self.data.configs}) > 2:
                blocks += [1.5 * main[f.name] ** 2 - 0.5]
                scales += [MINOR]
        for f, g in combinations(self.factors, 2):
            joint = (main[f.name][:, :, None] * main[g.name][:, None, :]).reshape(len(configs), -1)
            blocks, scales = [*blocks, joint], [*scales, *[MINOR] * joint.shape[1]]
        return np.hstack(blocks) if blocks else np.zeros((len(configs), 0)), np.array(scales)


def _code(factor: Factor, levels: list[Level]) -> "np.ndarray":
    """Numeric and ordinal: one column in [-1, 1]. Categorical: one column a level, 1 or -1/(k-1)."""
    import numpy as np

    if factor.kind != "categorical":
        return np.array([[2 * position(factor, level) - 1] for level in levels])
    rest = -1.0 / max(1, len(factor.levels) - 1)
    return np.array([[1.0 if level == known else rest for known in factor.levels] for level in levels])


def _posterior(
    design: "np.ndarray", scales: "np.ndarray", response: "np.ndarray", seed: int
) -> tuple["np.ndarray", "np.ndarray"]:
    """Draws of coefficients and intercept, averaged over prior-to-noise ratios by marginal likelihood."""
    import numpy as np

    rng = np.random.Generator(np.random.PCG64(seed))
    n, centred, prior = len(response), response - response.mean(), scales**2
    fits: list[tuple[Any, Any, float]] = []
    evidence: list[float] = []
    for ratio in RATIOS:
        gram = np.eye(n) + ratio * (design * prior) @ design.T
        solved = np.linalg.solve(gram, centred)
        squares = max(float(centred @ solved), 1e-300)
        evidence.append(-0.5 * np.linalg.slogdet(gram)[1] - (n - 1) / 2 * math.log(squares))
        precision = np.diag(1 / (ratio * prior)) + design.T @ design
        fits.append((ratio * prior * (design.T @ solved), precision, squares / (n - 1)))
    shares = np.exp(np.array(evidence) - max(evidence))
    counts = rng.multinomial(DRAWS, shares / shares.sum())
    drawn = [_draw(*fit, int(k), n, rng) for fit, k in zip(fits, counts, strict=True) if k]
    coefficients, noise = np.vstack([d[0] for d in drawn]), np.concatenate([d[1] for d in drawn])
    return coefficients, response.mean() + noise / math.sqrt(n)


def _draw(
    mean: "np.ndarray", precision: "np.ndarray", variance: float, count: int, n: int, rng: Any
) -> tuple["np.ndarray", "np.ndarray"]:
    """Student draws of coefficients, with noise for the intercept under the same variance draw.

    The root is Cholesky's, of which there is one: eigenvectors of equal eigenvalues are another set on
    another processor, and so would be the draws of a study that is audited there.
    """
    import numpy as np

    root = np.linalg.inv(np.linalg.cholesky(precision))
    sigma = np.sqrt(variance * (n - 1) / rng.chisquare(n - 1, count))
    return (mean + sigma[:, None] * (rng.standard_normal((count, len(mean))) @ root),
            sigma * rng.standard_normal(count))  # fmt: skip


def _summary(draws: "np.ndarray", contrast: Contrast) -> Effect:
    import numpy as np

    margin = contrast.margin
    low, high = (1 / margin, margin) if contrast.estimand == "ratio" else (-margin, margin)
    below, above = float((draws < low).mean()), float((draws > high).mean())
    within = 1 - below - above
    edges = boundaries(contrast)
    true = {"greater": draws > edges[0], "less": draws < edges[0]}.get(
        contrast.direction, (draws > edges[0]) & (draws < edges[-1])
    )
    information = -sum(p * math.log2(p) for p in (below, within, above) if p > 0)
    return Effect(estimate=float(np.median(draws)), sd=float(draws.std()), beyond=below + above,
                  as_predicted=float(np.mean(true)), information=abs(information))  # fmt: skip
