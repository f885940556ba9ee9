"""Runs of a planted world without program, stage or journal: for what is compared with a study, or repeats
its confirmation. The disturbances are the domain's own, under keys that no study uses.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from novum.bench.worlds import World, indices, response
from novum.canonical import digest
from novum.evidence.claims import decide
from novum.evidence.samples import config_hash
from novum.records import Config, Decision, Domain, Measurement, MeasurementStatus, Protocol

Levels = tuple[int, ...]


class Apparatus:
    """One world to be run by hand; `name` sets its disturbances apart from those of any other."""

    def __init__(self, world: World, name: str):
        self.world, self.name = world, name

    def run(self, levels: Levels, seed: int) -> float | None:
        """The primary metric of one run; None if it failed. One seed is shared by all settings run on it."""
        found = response().respond(self.world.spec, levels, f"{self.name}/{seed}")
        metric = self.world.metric
        return found if found is None or metric == "response" else response().scaled(metric, found)


def repeat(protocol: Protocol, domain: Domain, world: World, name: str, times: int = 3) -> list[Decision]:
    """The verdicts when a frozen protocol is carried out again, on new seeds, with `times` the sample."""
    wider = structs.replace(protocol, seeds_per_arm=times * protocol.seeds_per_arm)
    apparatus, seeds = Apparatus(world, name), tuple(range(wider.seeds_per_arm))
    measured = [_measurement(apparatus, arm, seed, wider, domain)
                for arm in wider.arms for seed in wider.seeds_of(arm, seeds)]  # fmt: skip
    return decide(wider, measured, seeds, domain)


def _measurement(
    apparatus: Apparatus, arm: Config, seed: int, protocol: Protocol, domain: Domain
) -> Measurement:
    value = apparatus.run(indices(arm, domain), seed)
    horizon = domain.primary.horizon
    status: MeasurementStatus = "failed" if value is None else "observed"
    if value is not None and horizon and value >= horizon:
        status = "censored"
    name = digest([apparatus.name, arm, seed])
    return Measurement(
        id=name, metric=domain.primary.name, value=value, unit=domain.primary.unit, status=status,
        censored_at=value if status == "censored" else None, self_reported=False, node="", trial="",
        phase="confirm", seed=seed, config_hash=config_hash(arm), evaluator_hash=protocol.evaluator_hash,
        artefact_hash=name,
    )  # fmt: skip


def at_95(protocol: Protocol, measured: Sequence[Measurement], seeds: Sequence[int], domain: Domain) -> Any:
    """Per registered contrast its decision when it is looked at alone and at 95 %: for coverage."""
    alone = (structs.replace(protocol, contrasts=(c,), alpha=0.05) for c in protocol.contrasts)
    return [decide(one, measured, seeds, domain)[0] for one in alone]
