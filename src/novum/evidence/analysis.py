"""How a registered contrast is analysed: by its estimand, its registered test and the protocol, never by
what the data look like. `docs/design/statistics.md` says why these tests, with the numbers.
"""

from typing import TYPE_CHECKING

from novum.evidence import estimators
from novum.evidence.bootstrap import guarded
from novum.evidence.contrasts import boundaries
from novum.evidence.inference import Constant, Fieller, Inference, Ranked, StudentT
from novum.evidence.permutation import label_p, sign_flip_p
from novum.evidence.samples import Arm
from novum.records import Contrast, Estimand

if TYPE_CHECKING:
    import numpy as np

GUARD_FROM = 30
"""Seeds per arm from which a test of means is guarded by a bootstrap; fewer are too few to resample."""

WITHIN_FROM = 12
"""Degrees of freedom within fractions of a design from which a test takes its spread there. With so many, t
at 99.5 % is at most a twentieth larger than if all seeds were taken as one sample.
"""

T, RANK, WITHIN = "t", "exact rank", "t, within fractions"
GUARD = ", guarded by a studentised bootstrap"


def registered_test(estimand: Estimand, seeds_per_arm: int, fractions: int = 1) -> str:
    """What to register as a contrast's `test`, and so what will be applied.

    A median difference has an exact rank test and a ratio Fieller's t at any size; weighted sums of means
    have t (paired or Welch's), from `GUARD_FROM` seeds per arm on guarded by the bootstrap. Where seeds
    share out fractions of a design evenly and are enough, the spread is that within fractions.
    """
    if estimand == "median_diff":
        return RANK
    if estimand == "ratio":
        return T
    spread = WITHIN if shared_evenly(seeds_per_arm, fractions) else T
    return spread + (GUARD if seeds_per_arm >= GUARD_FROM else "")


def shared_evenly(seeds: int, fractions: int) -> bool:
    """Whether fractions get equal numbers of seeds, and enough of them to take the spread within.

    With equal numbers the pooled spread is right for the mean over fractions also where they differ in it.
    """
    return fractions > 1 and seeds % fractions == 0 and seeds - fractions >= WITHIN_FROM


def is_guarded(test: str) -> bool:
    """Whether a registered test is guarded by a bootstrap."""
    return test.endswith(GUARD)


def is_within(test: str) -> bool:
    """Whether a registered test takes its spread within fractions of a design."""
    return test.startswith(WITHIN)


class Analysis:
    """Inference and cross-check of one contrast on a table of arms x seeds.

    `draws` and `seed` are those of the bootstrap, if the registered test has one.
    """

    def __init__(self, contrast: Contrast, weights: tuple[float, ...], paired: bool,
                 bounds: tuple[float, float] | None, *, draws: int, seed: int):  # fmt: skip
        self.contrast, self.weights, self.paired, self.bounds = contrast, weights, paired, bounds
        self.draws, self.seed = draws, seed

    def infer(self, table: "np.ndarray") -> Inference:
        """Inference from a table of arms x seeds with NaN where a value is missing."""
        found = self._infer(table)
        if not is_guarded(self.contrast.test) or not isinstance(found, StudentT):
            return found
        rows, weights = self._rows(table), self.weights
        if is_within(self.contrast.test):
            rows, weights = [estimators.aligned(*self._grouped(table))], (1.0,)
        return guarded(found, rows, weights, paired=self.paired, draws=self.draws, seed=self.seed,
                       limits=estimators.range_of(self.weights, self.bounds))  # fmt: skip

    def _infer(self, table: "np.ndarray") -> StudentT | Constant | Fieller | Ranked:
        rows = self._rows(table)
        if is_within(self.contrast.test):
            limits = estimators.range_of(self.weights, self.bounds)
            return estimators.infer_grouped(*self._grouped(table), estimators.scale_of(rows), limits)
        if self.contrast.estimand == "ratio":
            return estimators.infer_ratio(rows[0], rows[1], paired=self.paired)
        if self.contrast.estimand == "median_diff":
            return estimators.infer_median(rows[0], rows[1], paired=self.paired)
        return estimators.infer_contrast(rows, self.weights, paired=self.paired, bounds=self.bounds)

    def cross_check(self, table: "np.ndarray", inference: Inference, seed: int) -> tuple[str, float | None]:
        """Name and p-value of the permutation test at the same boundary; none for data without spread.

        Two independent arms exchange labels. Contrasts of more independent arms cannot (their arms may differ
        under the null): values are matched by their place in the list, which is arbitrary and fixed
        beforehand, and the matched contrasts, independent of each other, get random signs as pairs do.
        """
        if isinstance(inference, Constant):
            return "", None
        edges = boundaries(self.contrast)
        if not self.paired and len(table) == 2:
            a, b = self._rows(table)
            if self.contrast.estimand == "ratio":
                return "label permutation", max(label_p(a * edge, b, 0.0, seed=seed) for edge in edges)
            return "label permutation", max(label_p(a, b, edge, seed=seed) for edge in edges)
        return "sign flip", max(sign_flip_p(*self._centred(table, edge), seed=seed) for edge in edges)

    def _grouped(self, table: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
        """Per-seed values of the contrast, and the fraction that each seed ran."""
        import numpy as np

        places = np.flatnonzero(~np.isnan(table).any(axis=0))
        ran = places % self.contrast.fractions
        if len(np.unique(ran)) < self.contrast.fractions:  # joint effects would not cancel over the others
            raise estimators.Unanswerable("a fraction of the design has no seed with all its runs")
        return np.asarray(self.weights) @ table[:, places], ran

    def _centred(self, table: "np.ndarray", edge: float) -> tuple["np.ndarray", float]:
        """Per-seed values of the contrast, and the null value they are to be symmetric about."""
        import numpy as np

        if is_within(self.contrast.test):
            return estimators.aligned(*self._grouped(table)), edge
        complete = table[:, ~np.isnan(table).any(axis=0)]
        if self.contrast.estimand == "ratio":
            return complete[1] - edge * complete[0], 0.0
        return np.asarray(self.weights) @ complete, edge

    def _rows(self, table: "np.ndarray") -> list["np.ndarray"]:
        import numpy as np

        if self.paired:
            return list(table[:, ~np.isnan(table).any(axis=0)])
        return [row[~np.isnan(row)] for row in table]


def fill(found: list[Arm], planned: int) -> "np.ndarray":
    import numpy as np

    table = np.full((len(found), planned), np.nan)
    for row, arm in enumerate(found):
        for place, value in arm.values.items():
            table[row, place] = value
    return table


def extreme_tables(table: "np.ndarray", weights: tuple[float, ...]) -> list["np.ndarray"]:
    """The table with missing values replaced so as to raise, and so as to lower, the estimate most.

    Replacements are the largest and smallest values seen in any arm. Empty when nothing is missing.
    """
    import numpy as np

    missing = np.isnan(table)
    if not missing.any():
        return []
    largest, smallest = np.nanmax(table), np.nanmin(table)
    up = np.where(np.asarray(weights) > 0, largest, smallest)[:, None]
    down = np.where(np.asarray(weights) > 0, smallest, largest)[:, None]
    return [np.where(missing, up, table), np.where(missing, down, table)]
