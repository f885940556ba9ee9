"""Checks of the pre-registration: the protocol came first, its seeds were drawn after it."""

from collections.abc import Iterator

from msgspec import structs

from novum import events as ev
from novum.canonical import digest
from novum.steps.audit.case import AuditCase, Finding, found
from novum.steps.seeds import commitment, confirm_seeds, phase_seed

NONE = "nothing was registered: the study ended before its protocol"


def protocol_first(case: AuditCase) -> Finding:
    """The protocol's hash recomputes, and nothing of the confirmation precedes it."""
    registered = case.of(ev.ProtocolRegistered, ev.ProtocolAmended)
    started = case.first(case.confirming)
    revealed = case.first(lambda e: isinstance(e.body, ev.NonceRevealed))
    if not registered:
        early = [f"event {started} confirms without a protocol"] if started else []
        early += ["the nonce was revealed without a protocol"] if revealed else []
        return found(early, NONE)
    faults = [*_hashes(case), *_foreign(case)]
    for what, seq in (("the nonce was revealed", revealed), ("the confirmation began", started)):
        late = [e.seq for e in registered if seq and e.seq > seq]
        faults += [f"event {s} registers a protocol after {what} (event {seq})" for s in late]
    amended = f", amended {len(registered) - 1} times" if len(registered) > 1 else ""
    before = f"before the confirmation at event {started}" if started else "no confirmation was begun"
    return found(faults, f"registered at event {registered[0].seq}{amended}, {before}")


def _hashes(case: AuditCase) -> Iterator[str]:
    current = ""
    for event in case.of(ev.ProtocolRegistered, ev.ProtocolAmended):
        body = event.body
        if body.protocol.hash != body.hash:
            yield f"the protocol of event {event.seq} does not give the hash it was registered under"
        if isinstance(body, ev.ProtocolRegistered) and current:
            yield f"event {event.seq} registers a second protocol instead of amending the first"
        if isinstance(body, ev.ProtocolAmended) and body.replaces != current:
            yield f"event {event.seq} amends a protocol that was not the registered one"
        current = body.hash


def _foreign(case: AuditCase) -> Iterator[str]:
    protocol, domain = case.state.protocol, case.state.domain
    if protocol is None or domain is None:
        return
    for what, ours, theirs in (
        ("evaluator", protocol.evaluator_hash, domain.evaluator_hash),
        ("preparation", protocol.prepare_hash, domain.prepare_hash),
        ("primary metric", protocol.primary_metric, domain.primary.name),
    ):
        if ours != theirs:
            yield f"the protocol's {what} is not the study's"
    if protocol.domain_hash not in (digest(domain), digest(structs.replace(domain, shipped=False))):
        yield "the protocol was registered for another domain (its contract or a file) than the study's"


def nonce(case: AuditCase) -> Finding:
    """The revealed nonce opens the commitment, and every confirmation seed follows from it."""
    state = case.state
    confirming = state.trials_in("confirm")
    reveals = case.of(ev.NonceRevealed)
    if state.protocol is None or not reveals:
        faults = [f"trial {t.id} confirms, and no nonce was revealed" for t in confirming]
        return found(faults, NONE if state.protocol is None else "the confirmation was not begun")
    faults = ["the nonce was revealed more than once"] if len(reveals) > 1 else []
    if commitment(state.nonce) != state.protocol.nonce_commitment:
        faults.append("the revealed nonce does not open the protocol's commitment")
    first = case.first(case.confirming)
    if first and first < reveals[0].seq:
        faults.append(f"event {first} confirms before the nonce was revealed (event {reveals[0].seq})")
    drawn = confirm_seeds(state.protocol_hash, state.nonce, state.protocol.seeds_per_arm)
    allowed = frozenset(drawn)
    faults += [f"trial {t.id} confirms on seed {s}, which is none of the protocol's"
               for t in confirming for s in t.seeds if s not in allowed]  # fmt: skip
    return found(faults, f"all confirmation seeds are the {len(drawn)} that protocol and nonce give")


def seeds_disjoint(case: AuditCase) -> Finding:
    """No seed serves two phases or occurs twice in one trial, and none was chosen by hand."""
    trials = sorted(case.state.trials.values(), key=lambda t: (t.index, t.id))
    phases: dict[int, set[str]] = {}
    for trial in trials:
        for seed in trial.seeds:
            phases.setdefault(seed, set()).add(trial.phase)
    faults = [
        f"seed {s} serves the phases {' and '.join(sorted(p))}" for s, p in phases.items() if len(p) > 1
    ]
    faults += [f"trial {t.id} has the same seed twice" for t in trials if len(set(t.seeds)) < len(t.seeds)]
    faults += _undrawn(case)
    counts = {p: sum(p in held for held in phases.values()) for p in ("explore", "select", "confirm")}
    return found(faults, ", ".join(f"{n} {p}" for p, n in counts.items()) + " seeds, none shared")


def _undrawn(case: AuditCase) -> Iterator[str]:
    """Exploration and selection seeds are the first ones of their pools; explored points share none."""
    for phase in ("explore", "select"):
        used = [s for t in case.state.trials_in(phase) for s in t.seeds]  # type: ignore[arg-type]
        pool = {phase_seed(case.state.seed, phase, i) for i in range(len(used))}  # type: ignore[arg-type]
        for seed in used:
            if seed not in pool:
                yield f"{phase} seed {seed} is not one that the study's seed gives"
        if phase == "explore" and len(set(used)) < len(used):
            yield "two explored trials share a seed"


def complete(case: AuditCase) -> Finding:
    """Every registered arm has an outcome on every confirmation seed, and no other arm was confirmed."""
    state = case.state
    if state.protocol is None or not state.nonce:
        decided = [f"claim {c} was decided without a confirmation" for c in state.decisions]
        return found(decided, NONE if state.protocol is None else "the confirmation was not begun")
    seeds = confirm_seeds(state.protocol_hash, state.nonce, state.protocol.seeds_per_arm)
    arms = list(state.protocol.arms)
    held: set[tuple[int, int]] = set()
    faults = []
    for trial in state.trials_in("confirm"):
        config = state.nodes[trial.node].config
        if config not in arms:
            faults.append(f"trial {trial.id} confirms an arm that was not registered")
        elif trial.status in ("done", "failed"):
            again = [s for s in trial.seeds if (arms.index(config), s) in held]
            faults += [f"arm {arms.index(config) + 1} was run twice on seed {s}" for s in again]
            held.update((arms.index(config), s) for s in trial.seeds)
    planned = [(a, s) for a, arm in enumerate(arms) for s in state.protocol.seeds_of(arm, seeds)]
    missing = [run for run in planned if run not in held]
    words = [f"arm {a + 1} has no outcome on seed {s}" for a, s in missing]
    words += [f"arm {a + 1} was run on seed {s}, which is another fraction's" for a, s in held - {*planned}]
    total = len(planned)
    if state.decisions or state.paper is not None:
        return found([*faults, *words, *_undecided(case)], f"all {total} registered runs have an outcome")
    return found(faults, f"stopped while confirming: {len(missing)} of {total} registered runs are missing")


def _undecided(case: AuditCase) -> Iterator[str]:
    assert case.state.protocol is not None
    registered = {c.id for c in case.state.protocol.contrasts}
    for claim in sorted(registered - case.state.decisions.keys()):
        yield f"the registered claim {claim} has no verdict"
    for claim in sorted(case.state.decisions.keys() - registered):
        yield f"the claim {claim} was decided and never registered"
