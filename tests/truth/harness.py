"""Worlds built to tempt, carried through the real loop; what came of them, beside the truth."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from novum.auditing import evidence_of
from novum.bench.studies import drifting, run_domain
from novum.bench.worlds import World, write_domain
from novum.records import Contrast, Decision, Measurement
from novum.state import State
from novum.steps.audit import run_checks

Change = Callable[[Path], None]
MARGIN = 0.5  # of a standard deviation: luck does not reach so far twice


class Ended(Struct, frozen=True):
    """A finished study and its folder."""

    state: State
    folder: Path

    @property
    def decisions(self) -> list[Decision]:
        return list(self.state.decisions.values())

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        return self.state.protocol.contrasts if self.state.protocol else ()

    def claimed(self) -> list[Contrast]:
        """The effects that ended supported."""
        return [c for c in self.contrasts if c.direction != "equivalent"
                and self.state.decisions[c.id].verdict == "supported"]  # fmt: skip

    def explored(self, metric: str = "response") -> dict[str, list[float]]:
        """Node -> values of exploration."""
        found: dict[str, list[float]] = {}
        for m in self.measured("explore", metric):
            if m.value is not None:
                found.setdefault(m.node, []).append(m.value)
        return found

    def measured(self, phase: str, metric: str = "response") -> list[Measurement]:
        return self.state.measurements_of(metric, phase)  # type: ignore[arg-type]

    def flagged(self) -> set[str]:
        """Checks of the audit that fail on the journal, those of the paper aside: there is none."""
        paper = {"numbers", "bare-numbers", "all-trials", "references", "figures"}
        return {c.id for c in run_checks(evidence_of(self.folder)) if not c.passed} - paper


def study(home: Path, spec: dict, seed: int, *changes: Change) -> Ended:
    """A study of a world with the margin of these tests, its domain changed by `changes`."""
    world = World(kind="made", null=True, spec=spec, planted={})
    domain = write_domain(home / f"planted-{seed}", world, drifting(seed))
    for change in (edit("domain.toml", "margin = 0.1", f"margin = {MARGIN}"), *changes):
        change(domain)
    state = run_domain(domain, seed, home / "lab")
    return Ended(state, home / "lab" / "studies" / state.study)


def edit(file: str, old: str, new: str) -> Change:
    """Replace a text that must be there."""

    def change(domain: Path) -> None:
        text = (domain / file).read_text()
        assert old in text, f"{file} does not hold {old!r}"
        (domain / file).write_text(text.replace(old, new))

    return change
