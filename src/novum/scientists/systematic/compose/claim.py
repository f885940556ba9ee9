"""One registered claim as prose sees it: its references, its arms in words, how its verdict came about."""

from msgspec import structs

from novum.evidence.catalogue import Catalogue, statistic_id
from novum.evidence.contrasts import arms, boundaries, held
from novum.evidence.samples import config_hash
from novum.records import Config, Contrast, Decision, Domain, Metric
from novum.scientists.systematic.compose.wording import factor_noun, factor_title, listing, whole
from novum.state import Comparison

HASH = 12


MANY = 3  # factors that a cell names one by one


class Claim:
    """A contrast with its decision. Methods named like statistics return references to them."""

    def __init__(self, number: int, contrast: Contrast, decision: Decision | None, domain: Domain,
                 base: Config, catalogue: Catalogue, compared: tuple[Comparison, ...]):  # fmt: skip
        self.number, self.contrast, self.decision = number, contrast, decision
        self.domain, self.base, self.catalogue, self.compared = domain, base, catalogue, compared
        self.metric: Metric = domain.metric(contrast.metric)
        self.registered = arms(contrast, base)
        self.arms = _told(contrast, self.registered)

    # --- what it is -----------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self.contrast.id

    @property
    def label(self) -> str:
        return f"C{self.number}"

    @property
    def kind(self) -> str:
        """main, same, dose, interaction or best."""
        if self.contrast.estimand == "interaction":
            return "interaction"
        if self.contrast.estimand == "slope":
            return "dose"
        if self.contrast.direction == "equivalent":
            return "same"
        return "best" if len(self.moved) > 1 else "main"

    @property
    def averaged(self) -> bool:
        """Whether the effect is one averaged over the points of a design; `arms` are then an example each."""
        return bool(self.contrast.points)

    @property
    def moved(self) -> tuple[str, ...]:
        """The factors that differ between a and b, in the domain's order."""
        a, b = {**self.base, **self.contrast.a}, {**self.base, **self.contrast.b}
        return tuple(f.name for f in self.domain.factors if a[f.name] != b[f.name])

    @property
    def context(self) -> str:
        """The factor that an interaction's effect is said to depend on."""
        return next(iter(self.contrast.contexts[1]))

    @property
    def factors(self) -> tuple[str, ...]:
        return (*self.moved, self.context) if self.kind == "interaction" else self.moved

    @property
    def held(self) -> tuple[str, ...]:
        """Factors that both arms hold away from the base: where a robustness is asked for."""
        return tuple(held(self.contrast)) if self.kind in ("main", "same") else ()

    @property
    def subject(self) -> str:
        """The factors in words: "weight decay", "weight decay and the optimiser"."""
        return self.moved_words + (f" under a changed {self.held_words}" if self.held else "")

    @property
    def moved_words(self) -> str:
        return listing([factor_noun(self.domain.factor(f)) for f in self.factors])

    @property
    def held_words(self) -> str:
        return listing([factor_title(self.domain.factor(f)) for f in self.held])

    @property
    def about(self) -> str:
        """The factors as a heading or a cell names them; of a found setting, that it is one."""
        if self.kind == "best" and len(self.factors) > MANY:
            return "the found setting"
        return listing([factor_title(self.domain.factor(f)) for f in self.factors])

    @property
    def verdict_word(self) -> str:
        return self.decision.verdict if self.decision else "inconclusive"

    @property
    def decided(self) -> bool:
        """Whether there was anything to decide from."""
        return self.decision is not None and self.decision.estimate is not None

    # --- how it went ----------------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """Whether the estimate is positive (above one for a ratio)."""
        null = 1.0 if self.contrast.estimand == "ratio" else 0.0
        return self.decided and self.decision.estimate > null  # type: ignore[union-attr, operator]

    @property
    def predicted_up(self) -> bool:
        return self.contrast.direction == "greater"

    @property
    def as_predicted(self) -> bool:
        """Whether the estimate at least points the way that was predicted."""
        return self.contrast.direction != "equivalent" and self.up == self.predicted_up

    @property
    def excludes_zero(self) -> bool:
        d = self.decision
        if d is None or d.low is None or d.high is None:
            return False
        null = 1.0 if self.contrast.estimand == "ratio" else 0.0
        return d.low > null or d.high < null

    @property
    def reversed(self) -> bool:
        """Whether the whole interval lies on the side opposite to the prediction."""
        return self.excludes_zero and not self.as_predicted and self.contrast.direction != "equivalent"

    @property
    def immaterial(self) -> bool:
        """Whether the whole interval lies within the margin: no effect of interest either way."""
        d = self.decision
        if d is None or d.low is None or d.high is None or self.contrast.direction == "equivalent":
            return False
        low, high = boundaries(structs.replace(self.contrast, direction="equivalent"))
        return low < d.low and d.high < high

    @property
    def negligible(self) -> bool:
        """Whether the size in percent of the first arm rounds to nothing."""
        found = self.catalogue.statistic(
            statistic_id("relative_percent", "", self.metric.name, "confirm", claim=self.id)
        )
        return found is not None and isinstance(found.value, int | float) and abs(found.value) < 0.5

    @property
    def none_reached(self) -> bool:
        """Whether no run of any arm reached its event."""
        return len(self.silent_arms) == len(self.registered)

    @property
    def silent_arms(self) -> list[Config]:
        """The arms in which no run reached its event by the horizon."""
        return [arm for arm in self.registered if self._reached(arm) == 0]

    def all_reached(self, arm: Config) -> bool:
        """Whether every run of an arm reached its event."""
        planned = self._count("n_planned", arm)
        return planned is not None and self._reached(arm) == planned

    def _reached(self, arm: Config) -> float | None:
        return self._count("n_reached", arm)

    def _count(self, kind: str, arm: Config) -> float | None:
        found = self.catalogue.statistic(
            statistic_id(kind, "", self.metric.name, "confirm", config_hash(arm))
        )
        return found.value if found else None  # type: ignore[return-value]

    @property
    def censored(self) -> int:
        return self.decision.n.get("censored", 0) if self.decision else 0

    def edge(self) -> float:
        return boundaries(self.contrast)[0]

    # --- references -----------------------------------------------------------------------------------

    @property
    def verdict(self) -> str:
        return f"{{{{c:{self.id}}}}}"

    def m(self, kind: str, spec: str | None = None, name: str = "") -> str:
        """A reference to one of the claim's statistics."""
        found = statistic_id(kind, name, self.metric.name, "confirm", claim=self.id)
        spec = whole(self.metric) if spec is None else spec
        return f"{{{{m:{found}{'|' + spec if spec else ''}}}}}"

    def side(self, kind: str, metric: Metric) -> str:
        """A reference to the mean of one side of an averaged claim in a metric; a dash without one."""
        found = statistic_id(kind, "", metric.name, "confirm", claim=self.id)
        known, spec = self.catalogue.statistic(found), whole(metric)
        if known is None or known.value is None:
            return "–"
        return f"{{{{m:{found}{'|' + spec if spec else ''}}}}}"

    def has(self, kind: str, name: str = "") -> bool:
        found = self.catalogue.statistic(statistic_id(kind, name, self.metric.name, "confirm", claim=self.id))
        return found is not None and found.value is not None

    @property
    def interval(self) -> str:
        """ "98.3 % interval from −24 to 3" with its level."""
        if not (self.has("claim_low") and self.has("claim_high")):
            return f"the {self.m('level', '.1f')} % interval is unbounded"
        return f"{self.m('level', '.1f')} % interval from {self.m('claim_low')} to {self.m('claim_high')}"

    @property
    def margin(self) -> str:
        return self.m("margin", "")

    def level(self, config: Config, factor: str) -> str:
        """A reference to the level of a factor in a full configuration."""
        return f"{{{{cfg:arm.{config_hash(config)[:HASH]}.{factor}}}}}"

    def at(self, config: Config, factor: str) -> str:
        """A level in words: "weight decay 0.25", "the *sgd* optimiser"."""
        known = self.domain.factor(factor)
        if known.kind == "categorical":
            return f"the *{self.level(config, factor)}* {factor_title(known)}"
        return f"{factor_title(known)} {self.level(config, factor)}"

    def setting(self, config: Config, factors: tuple[str, ...] = ()) -> str:
        return listing([self.at(config, f) for f in factors or (*self.moved, *self.held)])

    def arm(self, config: Config, kind: str, spec: str | None = None) -> str:
        """A reference to a statistic of one of its arms in confirmation."""
        found = statistic_id(kind, "", self.metric.name, "confirm", config_hash(config))
        spec = whole(self.metric) if spec is None else spec
        return f"{{{{m:{found}{'|' + spec if spec else ''}}}}}"

    @property
    def centre_kind(self) -> str:
        return "restricted_mean" if self.metric.kind == "time_to_event" else "mean"

    @property
    def centre_word(self) -> str:
        return "restricted mean" if self.metric.kind == "time_to_event" else "mean"


def _told(contrast: Contrast, registered: tuple[Config, ...]) -> tuple[Config, ...]:
    """The arms that sentences take a claim's levels from: of a design, the first point on either side."""
    if not contrast.points:
        return registered
    sides = (contrast.a, contrast.b)
    return tuple(next(point for point in registered if side.items() <= point.items()) for side in sides)
