"""Where the references of a study's manuscript lead: its catalogue, claims, figures and bibliography."""

from collections.abc import Mapping

from msgspec import Struct

from novum.evidence.catalogue import Statistic, catalogue
from novum.manuscript.references import Resolved
from novum.records import Contrast, Decision, Figure, Level, Verdict
from novum.state import State
from novum.steps.declared import declared


class DecidedClaim(Struct, frozen=True):
    """A registered claim with the verdict it was given."""

    id: str
    text: str
    verdict: Verdict
    interval: tuple[float, float] | None = None
    """Of the difference that it is about; None for a ratio, or where there was nothing to decide from."""


class StudyLookup:
    """`novum.manuscript.references.Lookup` over the state of a study."""

    def __init__(self, state: State, entries: Mapping[str, Mapping[str, str]]):
        self._state = state
        self._entries = entries
        self._catalogue = catalogue(state)

    def statistic(self, id: str) -> Statistic | None:
        try:
            return self._catalogue.get(id)
        except KeyError:
            return None

    def claim(self, id: str) -> DecidedClaim | None:
        decision = self._state.decisions.get(id)
        contrasts = self._state.protocol.contrasts if self._state.protocol else ()
        contrast = next((c for c in contrasts if c.id == id), None)
        if decision is None:
            return None
        if contrast is None:
            return DecidedClaim(id, "", decision.verdict)
        return DecidedClaim(id, contrast.text, decision.verdict, _interval(contrast, decision))

    def claim_name(self, id: str) -> str:
        """What readers call a claim: C and its place in the protocol; of another claim, its id."""
        contrasts = self._state.protocol.contrasts if self._state.protocol else ()
        return next((f"C{place}" for place, c in enumerate(contrasts, 1) if c.id == id), id)

    def figure(self, id: str) -> Figure | None:
        return self._state.figures.get(id)

    def config(self, key: str) -> Level | None:
        """A factor's level in the registered base configuration (before that: at its baseline), or what
        else is declared (`novum.steps.declared`)."""
        protocol, domain = self._state.protocol, self._state.domain
        base = protocol.base if protocol else domain.baseline if domain else {}
        found = base.get(key)
        return declared(self._state, self._catalogue.configs, key) if found is None else found

    def entry(self, key: str) -> Mapping[str, str] | None:
        return self._entries.get(key)


def _interval(contrast: Contrast, decision: Decision) -> tuple[float, float] | None:
    if contrast.estimand == "ratio" or decision.low is None or decision.high is None:
        return None
    return decision.low, decision.high


def values_of(resolved: Resolved) -> dict[str, str]:
    """What each reference of a manuscript became, as `paper.rendered` keeps it: `kind:id|format` -> text."""
    return {f"{u.kind}:{u.id}" + (f"|{u.spec}" if u.spec else ""): u.text for u in resolved.used}
