"""A lookup held in memory: the fake beside the evidence catalogue, for tests and small uses."""

from collections.abc import Mapping

from novum.records import Config, Figure, Level, Record, Verdict


class KnownStatistic(Record, kw_only=True):
    """A recorded value with what it is a value of (`novum.manuscript.references.StatisticLike`)."""

    id: str
    kind: str = "value"
    name: str = ""
    label: str = ""
    metric: str = ""
    unit: str = ""
    phase: str = ""
    config: Config | None = None
    claim: str = ""
    value: float | int | str | None = None
    n: int | None = None
    sources: tuple[str, ...] = ()


class KnownClaim(Record, kw_only=True):
    id: str
    verdict: Verdict
    text: str = ""
    interval: tuple[float, float] | None = None


class InMemoryLookup:
    """References lead into dictionaries handed over at the start."""

    def __init__(
        self,
        statistics: tuple[KnownStatistic, ...] = (),
        claims: tuple[KnownClaim, ...] = (),
        figures: tuple[Figure, ...] = (),
        settings: Mapping[str, Level] | None = None,
        entries: Mapping[str, Mapping[str, str]] | None = None,
    ):
        self.statistics = {s.id: s for s in statistics}
        self.claims = {c.id: c for c in claims}
        self.figures = {f.id: f for f in figures}
        self.settings = dict(settings or {})
        self.entries = dict(entries or {})

    def statistic(self, id: str) -> KnownStatistic | None:
        return self.statistics.get(id)

    def claim(self, id: str) -> KnownClaim | None:
        return self.claims.get(id)

    def figure(self, id: str) -> Figure | None:
        return self.figures.get(id)

    def config(self, key: str) -> Level | None:
        return self.settings.get(key)

    def entry(self, key: str) -> Mapping[str, str] | None:
        return self.entries.get(key)
