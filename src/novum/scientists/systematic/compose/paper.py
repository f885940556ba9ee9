"""What every section of the systematic scientist's paper is written from, and how it chooses its words."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from novum.canonical import derive_seed
from novum.evidence.catalogue import Catalogue, statistic_id
from novum.evidence.samples import config_hash
from novum.protocols import Blobs, Literature
from novum.records import Config, Domain, Figure, Metric, Protocol
from novum.scientists.systematic.compose.claim import HASH, Claim
from novum.scientists.systematic.compose.wording import factor_noun, factor_title, listing, whole
from novum.search.adaptive import INFORMED
from novum.state import State

VOICES = {"supported": 0, "refuted": 1, "inconclusive": 2, "censored": 3, "interaction": 4,
          "dose": 0, "best": 1, "same": 2, "mixed": 2, "unfinished": 3}  # fmt: skip
"""Story -> voice. What the paper has to tell decides its voice, so that papers with different outcomes share
no sentence; within a voice the study's own hash chooses among what is left."""

COUNT = 5
PAGE_WIDTH = 300.0  # points; a wider figure spans both columns


class Paper:
    """A study under its author's eyes. Everything in it is a pure function of the journal."""

    def __init__(self, view: State, catalogue: Catalogue, figures: Sequence[Figure], blobs: Blobs,
                 literature: Literature, head: tuple[int, str]):  # fmt: skip
        assert view.domain is not None and view.protocol is not None and view.settings is not None
        self.view, self.catalogue, self.blobs = view, catalogue, blobs
        self.literature, self.head = literature, head
        self.domain: Domain = view.domain
        self.protocol: Protocol = view.protocol
        self.settings = view.settings
        self.figures = tuple(figures)
        self.claims = tuple(
            Claim(i, c, view.decisions.get(c.id), self.domain, self.protocol.base, catalogue,
                  view.comparisons.get(c.id, ()))
            for i, c in enumerate(self.protocol.contrasts, 1)
        )  # fmt: skip
        self.story = story_of(self.claims)
        self.voice = VOICES[self.story]

    # --- choosing words -------------------------------------------------------------------------------

    def say(self, slot: str, *alternatives: str, turn: int | None = None) -> str:
        """One of the alternatives, whose number is a multiple of five: one of those in the paper's voice.

        Among these the study's hash decides, or the `turn` where neighbours must not sound alike.
        """
        mine = alternatives[self.voice :: COUNT]
        return mine[(derive_seed("wording", self.view.study, slot) if turn is None else turn) % len(mine)]

    # --- the main thing -------------------------------------------------------------------------------

    @property
    def lead(self) -> Claim:
        """The claim told first: that of the chosen idea, or in a mixed family the first decided one."""
        if self.story != "mixed":
            return self.claims[0]
        return next(c for c in self.claims if c.verdict_word != "inconclusive")

    @property
    def adaptive(self) -> bool:
        """Whether results steered the exploration."""
        return any(n.plan == INFORMED for n in self.view.nodes.values())

    @property
    def metric(self) -> Metric:
        return self.domain.metric(self.protocol.primary_metric)

    @property
    def subject(self) -> str:
        """All factors that claims move, in words."""
        names = {f for claim in self.claims for f in claim.factors}
        return listing([factor_noun(f) for f in self.domain.factors if f.name in names])

    def with_verdict(self, verdict: str) -> list[Claim]:
        return [c for c in self.claims if c.verdict_word == verdict]

    @property
    def complete(self) -> bool:
        return any(c.decided for c in self.claims)

    # --- references -----------------------------------------------------------------------------------

    def m(self, kind: str, spec: str = "", name: str = "", phase: str = "") -> str:
        """A reference to a statistic of the study."""
        return f"{{{{m:{statistic_id(kind, name, '', phase)}{'|' + spec if spec else ''}}}}}"

    def value(self, kind: str, name: str = "", phase: str = "") -> float:
        found = self.catalogue.statistic(statistic_id(kind, name, "", phase))
        return float(found.value) if found and isinstance(found.value, int | float) else 0.0

    def arm(
        self, config: Config, kind: str, metric: Metric, phase: str = "confirm", spec: str | None = None
    ) -> str:
        """A reference to a statistic of an arm, or a dash in words where it has no value."""
        found = statistic_id(kind, "", metric.name, phase, config_hash(config))
        statistic = self.catalogue.statistic(found)
        if statistic is None or statistic.value is None:
            return "–"
        spec = whole(metric) if spec is None else spec
        return f"{{{{m:{found}{'|' + spec if spec else ''}}}}}"

    def arm_value(self, config: Config, kind: str, metric: Metric, phase: str = "confirm") -> float | None:
        found = self.catalogue.statistic(statistic_id(kind, "", metric.name, phase, config_hash(config)))
        return float(found.value) if found is not None and isinstance(found.value, int | float) else None

    def config(self, config: Config, baseline: str = "baseline") -> str:
        """What a configuration sets apart from the baseline, for tables: "weight decay 0.25, loss mse"."""
        parts = [f"{factor_title(f)} {{{{cfg:arm.{config_hash(config)[:HASH]}.{f.name}}}}}"
                 for f in self.domain.factors if config.get(f.name) != f.baseline]  # fmt: skip
        return ", ".join(parts) or baseline

    def brief(self, config: Config) -> str:
        """As `config`, but the found setting by that name: it is spelled out where arms are listed."""
        return "the found setting" if config == self.found_setting else self.config(config)

    @property
    def found_setting(self) -> Config | None:
        """The arm that moves several factors at once, if a claim compares it."""
        base = self.protocol.base
        return next(({**base, **c.contrast.b} for c in self.claims if c.kind == "best"), None)

    # --- figures --------------------------------------------------------------------------------------

    def figure(self, kind: str, name: str = "") -> Figure | None:
        return next((f for f in self.figures if f.kind == kind and name in f.title), None)

    def see(self, figure: Figure) -> str:
        return f"{{{{fig:{figure.id}}}}}"

    def place(self, figure: Figure | None) -> str:
        """The figure as a block, as wide as it was drawn."""
        if figure is None:
            return ""
        return f"{{{{fig:{figure.id}{'|wide' if self._width(figure) > PAGE_WIDTH else ''}}}}}"

    def _width(self, figure: Figure) -> float:
        sha = figure.files.get("svg")
        found = re.search(rb'<svg[^>]*?\swidth="([\d.]+)pt"', self.blobs.get(sha)[:2000]) if sha else None
        return float(found[1]) if found else 0.0

    # --- record ---------------------------------------------------------------------------------------

    @property
    def date(self) -> str:
        """The day on which the study was created, in UTC."""
        when = datetime.fromtimestamp(self.view.created, UTC)
        return f"{when.day} {when:%B %Y}"

    @property
    def background(self) -> str:
        sha = self.domain.files.get("background.md")
        return self.blobs.get(sha).decode("utf-8", "replace").strip() if sha and self.blobs.has(sha) else ""

    def cites(self, key: str) -> bool:
        return key in self.literature.entries()

    def cite(self, key: str) -> str:
        """A citation with a space before it, if the domain lists the work."""
        return f" [@{key}]" if self.cites(key) else ""


def story_of(claims: Sequence[Claim]) -> str:
    """What there is to tell. The first claim, the chosen idea's, decides, whatever became of the rest.

    Only where it stays open while another was decided is the story one of a family ("mixed").
    """
    first, verdicts = claims[0], [c.verdict_word for c in claims]
    if not any(c.decided for c in claims):
        return "unfinished"
    if all(c.none_reached for c in claims):
        return "censored"
    if first.kind != "main":
        return first.kind
    return "mixed" if verdicts[0] == "inconclusive" and set(verdicts) != {"inconclusive"} else verdicts[0]
