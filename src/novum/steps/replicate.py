"""The verb *replicate*: register the frozen protocol of a finished study again, on a sample of its own.

Nothing is explored, selected or planned. Contrasts, arms, margins, programs and evaluator are the original's
to the letter; new are the nonce (and with it every seed and all data), the number of seeds if a multiple was
asked for, and the level, which is what the lab's account for the question has left.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from novum.errors import StudyError, UserError
from novum.events import Draft, IdeaChosen, IdeaProposed, ProtocolRegistered
from novum.evidence import account, planning
from novum.evidence.contrasts import weight_norm
from novum.evidence.replication import Replicated, replicated
from novum.protocols import Services
from novum.records import Domain, Original, Protocol
from novum.state import State
from novum.steps.register import check
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
    earlier = account.earlier_studies(domain.id, old.contrasts, archive)
    earlier = earlier if original.study in earlier else (*earlier, original.study)  # from another lab
    n, alpha, m = original.times * old.seeds_per_arm, account.level(len(earlier)), len(old.contrasts)
    _require(n, old, alpha, m)
    margin = max(c.margin for c in old.contrasts)
    weight = max(weight_norm(c, domain) for c in old.contrasts)
    paired = old.pairing == "paired"
    return structs.replace(
        old,
        nonce_commitment=nonce_commitment,
        seeds_per_arm=n,
        alpha=alpha,
        earlier_studies=earlier,
        smallest_p=planning.smallest_attainable_p(n, old.pairing),
        detectable_effect=planning.detectable_effect(
            n, old.sd_bound, alpha, m, old.target_power, margin=margin, weight=weight, paired=paired
        ),
        power=planning.power(margin, n, old.sd_bound, alpha, m, weight=weight, paired=paired),
        sample_rationale=f"{original.times} times the seeds per arm of {original.study}",
    )


def _require(n: int, old: Protocol, alpha: float, m: int) -> None:
    fewest = planning.fewest_seeds(old.pairing, alpha, m)
    if n < fewest:
        times = -(-fewest // old.seeds_per_arm)
        raise UserError(
            f"at the level that is left for this question ({alpha:.2g} over {m} claims) {n} seeds per arm "
            "could not support anything",
            fix=f"replicate with --times {times} or more",
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
