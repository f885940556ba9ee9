"""Checks of what programs were given: nothing that was to be kept from them, and data of its own per seed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from novum.domains.leaks import given_hash, leaks
from novum.steps.audit.case import AuditCase, Finding, found

FRESH = {"data", "split"}  # sources of randomness for which each seed needs inputs of its own

Prepared = tuple[Sequence[int], Mapping[str, str]]
"""The seeds of a trial, and what prepare wrote for them."""


def held_out(case: AuditCase) -> Finding:
    """No held-out content lies in the inputs that a program was given."""
    faults, looked_at = [], 0
    for seeds, written in _prepared(case):
        looked_at += len(seeds)
        for name, secret in leaks(written, seeds, case.blobs):
            faults.append(f"{name} holds the held-out {secret}: programs saw it")
    return found(faults, f"inputs of {looked_at} seeds hold nothing that was held out")


def fresh_data(case: AuditCase) -> Finding:
    """Different seeds were given different inputs, where data or split are said to be resampled."""
    seeds_of: dict[str, set[int]] = defaultdict(set)
    for seeds, written in _prepared(case):
        for seed in seeds:
            if given := given_hash(written, seed):
                seeds_of[given].add(seed)
    shared = [sorted(seeds) for seeds in seeds_of.values() if len(seeds) > 1]
    assert case.state.domain is not None
    if not FRESH & set(case.state.domain.resampled):
        return found([], f"data are not said to be resampled; {len(shared)} inputs served more than one seed")
    faults = [f"{len(seeds)} seeds were given the same inputs, {seeds[0]} and {seeds[1]} among them"
              for seeds in shared]  # fmt: skip
    return found(faults, f"{len(seeds_of)} inputs, none of which served two seeds")


def _prepared(case: AuditCase) -> Iterator[Prepared]:
    for trial in sorted(case.state.trials.values(), key=lambda t: t.index):
        stage = trial.result.stage("prepare") if trial.result else None
        if stage is not None:
            yield trial.seeds, stage.outputs
