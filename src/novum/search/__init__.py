"""Search policies: `propose(state, rng) -> proposals`. They read the state and never run anything.

`POLICIES` is the registry; `make_policy` builds one by name for a domain, a budget and a seed.
"""

from collections.abc import Callable

from novum.errors import UserError
from novum.protocols import Policy
from novum.records import Budget, Domain
from novum.search.adaptive import AdaptivePolicy
from novum.search.design import DesignPolicy

POLICIES: dict[str, Callable[[Domain, Budget, int], Policy]] = {
    "design": DesignPolicy,
    "adaptive": AdaptivePolicy,
}


def make_policy(name: str, domain: Domain, budget: Budget, seed: int) -> Policy:
    """The policy of that name.

    Raises:
        UserError: there is none; names those there are.
    """
    if name not in POLICIES:
        raise UserError(
            f"there is no search policy {name!r}", fix=f"choose one of {', '.join(sorted(POLICIES))}"
        )
    return POLICIES[name](domain, budget, seed)
