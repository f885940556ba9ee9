"""Where the references of a study's paper lead: catalogue, decisions, figures, configurations, literature."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from novum.manuscript.references import StatisticLike
from novum.records import Config, Contrast, Decision, Figure, Level, Verdict


class Catalogue(Protocol):
    """What is asked of `novum.evidence.catalogue.Catalogue`."""

    def statistic(self, id: str) -> StatisticLike | None: ...


class DecidedClaim(Struct, frozen=True, kw_only=True):
    """A registered contrast with its verdict."""

    id: str
    text: str
    verdict: Verdict


class StudyLookup:
    """A `novum.manuscript.references.Lookup` over what a study recorded.

    Configuration keys: `FACTOR` is its level in the protocol's base configuration, `CONTRAST.a.FACTOR` and
    `CONTRAST.b.FACTOR` are its levels in the arms of a contrast.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        contrasts: tuple[Contrast, ...],
        decisions: Mapping[str, Decision],
        figures: Mapping[str, Figure],
        base: Config,
        entries: Mapping[str, Mapping[str, str]],
    ):
        self.catalogue = catalogue
        self.contrasts = {c.id: c for c in contrasts}
        self.decisions = decisions
        self.figures = figures
        self.base = base
        self.entries = entries

    def statistic(self, id: str) -> StatisticLike | None:
        return self.catalogue.statistic(id)

    def claim(self, id: str) -> DecidedClaim | None:
        contrast, decision = self.contrasts.get(id), self.decisions.get(id)
        if contrast is None or decision is None:
            return None
        return DecidedClaim(id=id, text=contrast.text, verdict=decision.verdict)

    def figure(self, id: str) -> Figure | None:
        return self.figures.get(id)

    def config(self, key: str) -> Level | None:
        contrast, _, rest = key.partition(".")
        arm, _, factor = rest.partition(".")
        if not rest:
            return self.base.get(key)
        found = self.contrasts.get(contrast)
        if found is None or arm not in ("a", "b"):
            return None
        return {**self.base, **(found.a if arm == "a" else found.b)}.get(factor)

    def entry(self, key: str) -> Mapping[str, str] | None:
        return self.entries.get(key)
