"""The verb *confirm*: the registered arms on seeds that did not exist before the protocol was frozen."""

from novum.records import Config, Domain, Node, Protocol
from novum.state import State
from novum.steps.planned import Planned
from novum.steps.seeds import confirm_seeds

BATCH = 4  # seeds of one trial: enough to amortise a start, few enough to lose little and fill two cores


def confirmation_plan(state: State) -> list[Planned]:
    """Every registered arm on every confirmation seed planned for it, in batches, block by block of seeds."""
    assert state.domain is not None and state.protocol is not None and state.nonce
    protocol, domain = state.protocol, state.domain
    seeds = confirm_seeds(state.protocol_hash, state.nonce, protocol.seeds_per_arm)
    arms = [(arm_node(domain, protocol, arm), protocol.seeds_of(arm, seeds)) for arm in protocol.arms]
    starts = range(0, max(len(own) for _, own in arms), BATCH)
    return [
        Planned(node, "confirm", own[i : i + BATCH]) for i in starts for node, own in arms if i < len(own)
    ]


def arm_node(domain: Domain, protocol: Protocol, arm: Config) -> Node:
    """The node of a registered arm: its registered workspace under its configuration."""
    workspace = protocol.edited(arm) or domain.workspace()
    return Node.make("tune", protocol.program, workspace, arm, plan="registered arm")
