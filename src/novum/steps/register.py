"""The verb *register*: the scientist plans, the machine checks, the protocol is hashed and frozen.

What is checked does not depend on who planned: every metric exists, every arm can be run, the sample could
support a claim at all, and program, evaluator and preparation are those of the study. From here the
hash decides; whatever changes is an amendment, journaled with its reason and disclosed.
"""

import inspect
from collections.abc import Mapping, Sequence

from msgspec import Struct, structs

from novum.errors import StudyError, UserError
from novum.events import Draft, ProtocolAmended, ProtocolRegistered
from novum.evidence import planning
from novum.evidence.analysis import is_within
from novum.evidence.contrasts import family_arms, weight_norm
from novum.protocols import Services
from novum.records import Domain, Protocol
from novum.state import State
from novum.steps.confirm import arm_node
from novum.steps.planned import faults_of

EDITABLE = ("seeds", "margin", "alpha")


class Registration(Struct, frozen=True):
    """A scientist's protocol, with the events of the way there; None if it has no plan of its own."""

    protocol: Protocol | None
    drafts: Sequence[Draft] = ()


async def register(view: State, services: Services) -> Sequence[Draft]:
    """Ask the scientist for a protocol, check it, freeze it."""
    try:
        planned = services.scientist.register(view, services)
        found = await planned if inspect.isawaitable(planned) else planned
    except UserError as error:  # a plan that cannot be made is what came of the study, not a wrong input
        raise StudyError(f"no confirmation can be planned: {error.what}", fix=error.fix) from error
    made = found if isinstance(found, Registration) else Registration(found)
    if made.protocol is None:
        raise StudyError("no confirmation can be planned: the scientist has no plan")
    check(made.protocol, view)
    frozen = ProtocolRegistered(protocol=made.protocol, hash=made.protocol.hash)
    return [*made.drafts, Draft(body=frozen)]


def check(protocol: Protocol, view: State) -> None:
    """Refuse a protocol that could not be carried out or could not conclude.

    Raises:
        StudyError: names the first fault.
    """
    assert view.domain is not None
    for fault in faults(protocol, view.domain, view):
        raise StudyError(f"the protocol is refused: {fault}")


def faults(protocol: Protocol, domain: Domain, view: State) -> list[str]:
    """Everything wrong with a protocol, in words."""
    known = {m.name for m in domain.metrics}
    found = [f"there is no metric {c.metric}" for c in protocol.contrasts if c.metric not in known]
    if not protocol.contrasts:
        found.append("it registers no contrast")
    if len({c.family for c in protocol.contrasts}) > 1:  # each family would get the whole level
        found.append("its contrasts are spread over several families")
    if protocol.arms != family_arms(protocol.contrasts, protocol.base):
        found.append("its arms are not those of its contrasts")
    if not _one_design(protocol):
        found.append("its claims are averaged over different designs in fractions, over arms that repeat, or "
                     "over none that is the base")  # fmt: skip
    found += [f for arm in protocol.arms if (f := faults_of(arm_node(domain, protocol, arm), domain))]
    found += _foreign(protocol, domain)
    if any(is_within(c.test) and protocol.seeds_per_arm < 2 * c.fractions for c in protocol.contrasts):
        found.append("its test needs two seeds in each fraction of the design")
    if protocol.repeated and view.replicates is None:
        found.append("it repeats claims of no study")
    if view.nonce:
        found.append("confirmation has begun")
    try:
        planning.require_attainable(protocol.seeds_per_arm, protocol.pairing, *protocol.corrections[-1])
    except UserError as error:
        found.append(error.what)
    return found


def _one_design(protocol: Protocol) -> bool:
    """Whether fractions, if there are any, are those of all claims, hold the base and no arm twice."""
    if protocol.fractions == 1:
        return True
    first = protocol.contrasts[0]
    same = all((c.points, c.turned) == (first.points, first.turned) for c in protocol.contrasts)
    whole = len(protocol.arms) == protocol.fractions * len(first.points)
    return same and whole and protocol.base in protocol.arms


def _foreign(protocol: Protocol, domain: Domain) -> list[str]:
    same = {
        "evaluator": protocol.evaluator_hash == domain.evaluator_hash,
        "preparation": protocol.prepare_hash == domain.prepare_hash,
        "primary metric": protocol.primary_metric == domain.primary.name,
    }
    return [f"its {what} is not the study's" for what, equal in same.items() if not equal]


def amend(view: State, changes: Mapping[str, str], person: str) -> Draft:
    """A person's edit of the registered protocol, with everything that follows from it recomputed.

    Raises:
        UserError: nothing is registered yet, a key may not be edited, or a value makes no protocol.
        StudyError: the edited protocol is refused.
    """
    if view.protocol is None:
        raise UserError("there is no registered protocol to edit yet")
    values = _values(changes)
    protocol = view.protocol
    n = int(values.get("seeds", protocol.seeds_per_arm))
    alpha = values.get("alpha", protocol.alpha)
    contrasts = protocol.contrasts
    if "margin" in values:
        contrasts = tuple(structs.replace(c, margin=values["margin"]) for c in contrasts)
    assert view.domain is not None
    changed = with_power(
        structs.replace(
            protocol,
            contrasts=contrasts,
            seeds_per_arm=n,
            alpha=alpha,
            smallest_p=planning.smallest_attainable_p(n, protocol.pairing),
            sample_rationale=f"{n} seeds per arm, set by {person}",
        ),
        view.domain,
    )
    check(changed, view)
    reason = f"{person} set " + ", ".join(f"{k} to {v}" for k, v in sorted(changes.items()))
    body = ProtocolAmended(protocol=changed, hash=changed.hash, replaces=view.protocol_hash, reason=reason)
    return Draft(body=body, actor=f"person:{person}")


def with_power(protocol: Protocol, domain: Domain) -> Protocol:
    """With the detectable effect and power of its claim that is tested most strictly."""
    n, sd, strictest = protocol.seeds_per_arm, protocol.sd_bound, protocol.strictest
    margin = max(c.margin for c in protocol.contrasts)
    weight = max(weight_norm(c, domain) for c in protocol.contrasts)
    paired = protocol.pairing == "paired"
    return structs.replace(
        protocol,
        detectable_effect=planning.detectable_effect(
            n, sd, strictest, 1, protocol.target_power, margin=margin, weight=weight, paired=paired
        ),
        power=planning.power(margin, n, sd, strictest, 1, weight=weight, paired=paired),
    )


def _values(changes: Mapping[str, str]) -> dict[str, float]:
    unknown = sorted(set(changes) - set(EDITABLE))
    if unknown or not changes:
        raise UserError(f"cannot edit {', '.join(unknown) or 'nothing'}", fix=f"edit {', '.join(EDITABLE)}")
    try:
        values = {k: float(v) for k, v in changes.items()}
    except ValueError as error:
        raise UserError(f"an edited value is not a number: {error}") from error
    if not (2 <= values.get("seeds", 2) <= 10_000 and values.get("margin", 1) > 0):
        raise UserError("seeds must be 2 to 10,000 and the margin above 0")
    if not 0 < values.get("alpha", 0.01) <= 0.05:
        raise UserError("alpha must be above 0 and at most 0.05")
    return values
