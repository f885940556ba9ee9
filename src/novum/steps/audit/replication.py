"""The check of a replication: it is one, of the study it names, and shares nothing with it but the plan."""

from collections.abc import Iterator

from novum.evidence.replication import departures
from novum.records import Original
from novum.state import State
from novum.steps.audit.case import AuditCase, Finding, found
from novum.steps.replicate import level, original_seeds, supported
from novum.steps.seeds import commitment


def replication(case: AuditCase) -> Finding:
    """The protocol is the original's, the sample is not; what is quoted of the original is in its journal."""
    state, original = case.state, case.state.replicates
    if original is None:
        unearned = state.protocol is not None and state.protocol.repeated
        faults = ["claims are tested at levels of their own, and no study is replicated"] if unearned else []
        return found(faults, "this study replicates none")
    faults = [*_itself(state, original), *_protocol(state, original), *_sample(state, original)]
    if case.original is None:
        where = f"{original.study} is not at hand, so that what is quoted of it rests on this journal"
        return found(faults, where)
    if case.original != original:
        faults.append(
            f"what is quoted of {original.study} is not what its journal holds at event {original.head_seq}"
        )
    n = len(original.decisions)
    return found(faults, f"the protocol and {n} decisions of {original.study} are those of its journal")


def _itself(state: State, original: Original) -> Iterator[str]:
    if original.study == state.study:
        yield "the study says that it replicates itself"
    if commitment(original.nonce) != original.protocol.nonce_commitment:
        yield f"the nonce that is quoted of {original.study} does not open its commitment"
    if [d.claim for d in original.decisions] != [c.id for c in original.protocol.contrasts]:
        yield f"the decisions that are quoted of {original.study} are not on its registered claims"


def _protocol(state: State, original: Original) -> Iterator[str]:
    protocol = state.protocol
    if protocol is None:
        return
    yield from (f"the protocol is no replication: {fault}"
                for fault in departures(original.protocol, protocol, original.times))  # fmt: skip
    if original.study not in protocol.earlier_studies:
        yield "the original does not count among the earlier studies of the question"
    repeated = supported(original)
    if protocol.repeated != repeated:
        yield "the claims that draw nothing on the account are not those that the original supported"
    due = level(repeated, len(protocol.contrasts) - len(repeated), len(protocol.earlier_studies))
    if not state.amendments and protocol.alpha != due:
        yield "the level is not what the account has left for the question"


def _sample(state: State, original: Original) -> Iterator[str]:
    for phase in ("explore", "select"):
        if state.trials_in(phase):  # type: ignore[arg-type]
            yield f"a replication has no trials of the phase {phase}"
    theirs = frozenset(original_seeds(original))
    for trial in state.trials_in("confirm"):
        for seed in trial.seeds:
            if seed in theirs:
                yield f"trial {trial.id} uses seed {seed} of the original"
