"""Every derived statistic that a paper may cite, enumerated from the state of a study.

A statistic's id names *what it is* (kind, metric, phase, configuration, claim), not its value, so a
manuscript may be written before the numbers are in and the audit can rebuild the catalogue from the journal
and compare. Order of arrival changes neither ids nor values. Confirm values are absent until every planned
seed of every registered arm has been run: nothing of a confirmation is shown before its end.
"""

from difflib import get_close_matches
from typing import Any

from msgspec import field

from novum.evidence.derived.arms import of_arms
from novum.evidence.derived.claims import of_claims
from novum.evidence.derived.joint import of_pairs
from novum.evidence.derived.original import of_original
from novum.evidence.derived.study import of_settings, of_study
from novum.evidence.samples import config_hash
from novum.evidence.statistic import Statistic, Value, statistic_id
from novum.evidence.tried import PHASES, arm_of, confirmation_complete
from novum.records import Config, Measurement, Record
from novum.state import State

__all__ = ["PHASES", "Catalogue", "Statistic", "Value", "arm_of", "catalogue", "confirmation_complete",
           "statistic_id"]  # fmt: skip


class Catalogue(Record, kw_only=True):
    """All statistics by id, in a fixed order; `configs` are the arms by their hash."""

    statistics: dict[str, Statistic]
    configs: dict[str, Config] = field(default_factory=dict)
    measurements: dict[str, Measurement] = field(default_factory=dict)

    def get(self, id: str) -> Statistic:
        """The statistic, or single measurement, with this id.

        Raises:
            KeyError: unknown id; the message names near ones.
        """
        if id in self.statistics:
            return self.statistics[id]
        if id in self.measurements:
            return _single(self.measurements[id], self.configs)
        near = get_close_matches(id, [*self.statistics, *self.measurements], n=3)
        raise KeyError(f"no statistic {id!r}" + (f"; near ids: {', '.join(near)}" if near else ""))

    def statistic(self, id: str) -> Statistic | None:
        """Like `get`, with None for an unknown id."""
        return self.get(id) if id in self.statistics or id in self.measurements else None

    def find(self, **wanted: Any) -> tuple[Statistic, ...]:
        """The statistics whose fields equal all of `wanted`."""
        unknown = [k for k in wanted if k not in Statistic.__struct_fields__]
        if unknown:
            raise KeyError(f"statistics have no field {unknown[0]!r}; fields: {Statistic.__struct_fields__}")
        every = self.statistics.values()
        return tuple(s for s in every if all(getattr(s, k) == v for k, v in wanted.items()))

    def one(self, **wanted: Any) -> Statistic:
        """The only statistic that `wanted` describes.

        Raises:
            KeyError: none or several; the message names the kinds there are.
        """
        found = self.find(**wanted)
        if len(found) == 1:
            return found[0]
        kinds = sorted({s.kind for s in self.statistics.values()})
        near = get_close_matches(str(wanted.get("kind", "")), kinds, n=3) or kinds
        raise KeyError(f"{len(found)} statistics match {wanted}; kinds: {', '.join(near)}")

    def centre(self, metric: str, phase: str, config: Config) -> Statistic:
        """The mean of an arm; of a time to event, its restricted mean."""
        found = self.find(metric=metric, phase=phase, config=config)
        return next(s for s in found if s.kind in ("mean", "restricted_mean"))


def catalogue(state: State) -> Catalogue:
    """The catalogue of a study at a state."""
    visible = [p for p in PHASES if p != "confirm" or confirmation_complete(state)]
    parts = [*of_study(state), *of_settings(state), *of_claims(state), *of_pairs(state),
             *of_original(state), *of_arms(state, visible)]  # fmt: skip
    configs = {config_hash(node.config): node.config for node in state.nodes.values()}
    if state.protocol is not None:
        configs |= {config_hash(c): c for c in (state.protocol.base, *state.protocol.arms)}
    shown = {k: m for k, m in state.measurements.items() if m.phase in visible}
    return Catalogue(
        statistics={s.id: s for s in parts},
        configs={k: configs[k] for k in sorted(configs)},
        measurements={k: shown[k] for k in sorted(shown)},
    )


def _single(m: Measurement, configs: dict[str, Config]) -> Statistic:
    return Statistic(id=m.id, kind="measurement", label=f"{m.metric} of one seed", value=m.value,
                     name=str(m.seed), metric=m.metric, unit=m.unit, phase=m.phase, arm=m.config_hash,
                     config=configs.get(m.config_hash), n=1, counts={m.status: 1},
                     sources=(m.id,))  # fmt: skip
