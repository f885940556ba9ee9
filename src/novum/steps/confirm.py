"""The verb *confirm*: the registered arms on seeds that did not exist before the protocol was frozen."""

from novum.records import Config, Domain, Node, Protocol
from novum.state import State
from novum.steps.planned import Planned
from novum.steps.seeds import confirm_seeds

BATCH = 4  # seeds of one trial: enough to amortise a start, few enough to lose little and fill two cores


def confirmation_plan(state: State) -> list[Planned]:
    """Every registered arm on every confirmation seed, in batches, block of seeds by block of seeds."""
    assert state.domain is not None and state.protocol is not None and state.nonce
    protocol, domain = state.protocol, state.domain
    seeds = confirm_seeds(state.protocol_hash, state.nonce, protocol.seeds_per_arm)
    nodes = [arm_node(domain, protocol, arm) for arm in protocol.arms]
    blocks = [seeds[i : i + BATCH] for i in range(0, len(seeds), BATCH)]
    return [Planned(node, "confirm", block) for block in blocks for node in nodes]


def arm_node(domain: Domain, protocol: Protocol, arm: Config) -> Node:
    """The node of a registered arm: its registered workspace under its configuration."""
    workspace = protocol.edited(arm) or domain.workspace()
    return Node.make("tune", protocol.program, workspace, arm, plan="registered arm")
