"""The verb *replicate*: register the frozen protocol of a finished study again, on a sample of its own.

Nothing is explored, selected or planned. Contrasts, arms, margins, programs and evaluator are the original's
to the letter; new are the nonce (and with it every seed and all data), the number of seeds if a multiple was
asked for, and the level: that of the original for what it supported, and for the rest what the lab's account
of the question has left (`evidence.account`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from novum.errors import StudyError, UserError
from novum.events import Draft, IdeaChosen, IdeaProposed, ProtocolRegistered
from novum.evidence import account, planning
from novum.evidence.replication import Replicated, replicated
from novum.protocols import Services
from novum.records import Domain, Original, Protocol
from novum.state import State
from novum.steps.register import check, with_power
from novum.steps.seeds import confirm_seeds

ACTOR = "novum:replicate"


def original_of(state: State, head: tuple[int, str], times: int) -> Original:
    """What a replication takes from a finished study, whose journal ends at `head`.

    Raises:
        UserError: the study is not finished, or decided nothing.
    """
    if state.finished != "done" or state.protocol is None or not state.decisions:
        raise UserError(
            f"{state.study} has not come to its end, so it has no result to replicate",
            fix="go on with novum resume, or name a study that is done",
        )
    return Original(
        study=state.study,
        protocol=state.protocol,
        nonce=state.nonce,
        decisions=tuple(state.decisions[c.id] for c in state.protocol.contrasts),
        idea=state.ideas.get(state.chosen),
        novum_version=state.novum_version,
        head_seq=head[0],
        head=head[1],
        times=times,
    )


def register(view: State, services: Services) -> Sequence[Draft]:
    """The events that register the original's protocol again, with the idea it came from."""
    original, domain = view.replicates, view.domain
    assert original is not None and domain is not None
    try:
        protocol = protocol_of(original, domain, services.archive, services.nonce_commitment)
    except UserError as error:  # looked at before the study began; here it is what came of the study
        raise StudyError(f"no replication can be planned: {error.what}", fix=error.fix) from error
    check(protocol, view)
    taken = [] if original.idea is None else [
        Draft(body=IdeaProposed(idea=original.idea), actor=ACTOR),
        Draft(body=IdeaChosen(idea=original.idea.id, reason=f"the idea of {original.study}"), actor=ACTOR),
    ]  # fmt: skip
    return [*taken, Draft(body=ProtocolRegistered(protocol=protocol, hash=protocol.hash), actor=ACTOR)]


def protocol_of(
    original: Original, domain: Domain, archive: Mapping[str, Any], nonce_commitment: str
) -> Protocol:
    """The original's protocol with a sample and a level of its own.

    Raises:
        UserError: at that level the sample could not support any claim; says how many times are enough.
    """
    old = original.protocol
    repeated = supported(original)
    left = tuple(c for c in old.contrasts if c.id not in repeated)
    earlier = account.earlier_studies(domain.id, left, archive)
    earlier = earlier if original.study in earlier else (*earlier, original.study)  # from another lab
    n = original.times * old.seeds_per_arm
    new = structs.replace(
        old,
        nonce_commitment=nonce_commitment,
        seeds_per_arm=n,
        alpha=level(repeated, len(left), len(earlier)),
        repeated=repeated,
        earlier_studies=earlier,
        smallest_p=planning.smallest_attainable_p(n, old.pairing),
        sample_rationale=f"{original.times} times the seeds per arm of {original.study}",
    )
    _require(new, old.seeds_per_arm)
    return with_power(new, domain)


def supported(original: Original) -> dict[str, float]:
    """The claims that the original supported, each with the level at which it did."""
    held = [d.claim for d in original.decisions if d.verdict == "supported"]
    return {claim: original.protocol.alpha_of(claim) for claim in held}


def level(repeated: Mapping[str, float], left: int, earlier: int) -> float:
    """The family-wise level of a replication: what the account has, for the claims that are `left` to draw on
    it; where there are none, the level of those that it repeats."""
    return account.level(earlier) if left else max(repeated.values())


def _require(protocol: Protocol, once: int) -> None:
    """Refuse a sample that could support none of the claims; `once` are the original's seeds per arm."""
    pairing = protocol.pairing
    fewest, alpha, m = min((planning.fewest_seeds(pairing, *pair), *pair) for pair in protocol.corrections)
    if protocol.seeds_per_arm < fewest:
        raise UserError(
            f"at the level that is left for this question ({alpha:.2g} over {m} claims) "
            f"{protocol.seeds_per_arm} seeds per arm could not support anything",
            fix=f"replicate with --times {-(-fewest // once)} or more",
        )


def outcomes(state: State) -> list[Replicated]:
    """Every registered claim of a replication that has been decided, with both decisions."""
    if state.replicates is None:
        return []
    return [replicated(d, state.decisions[d.claim]) for d in state.replicates.decisions
            if d.claim in state.decisions]  # fmt: skip


def original_seeds(original: Original) -> tuple[int, ...]:
    """The confirmation seeds that the original used: a replication must share none of them."""
    return confirm_seeds(original.protocol.hash, original.nonce, original.protocol.seeds_per_arm)
