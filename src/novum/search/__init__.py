"""Search policies: `propose(state, rng) -> proposals`. They read the state and never run anything.

Two families under one vocabulary of names: `POLICIES` propose settings of a domain's factors, and those of
`novum.search.programs` say which program to work on next and how. `make_policy` builds one of the former by
name, `novum.search.programs.make_program_policy` one of the latter; `over_programs` tells them apart.
"""

from collections.abc import Callable

from novum.errors import UserError
from novum.program import is_open, with_program
from novum.protocols import Blobs, Policy
from novum.records import Budget, Domain, Settings
from novum.search.adaptive import AdaptivePolicy
from novum.search.design import DesignPolicy

POLICIES: dict[str, Callable[[Domain, Budget, int], Policy]] = {
    "design": DesignPolicy,
    "adaptive": AdaptivePolicy,
}


def make_policy(name: str, domain: Domain, budget: Budget, seed: int) -> Policy:
    """The policy over factors of that name.

    Raises:
        UserError: there is none; names those there are.
    """
    if name not in POLICIES:
        raise UserError(
            f"there is no search policy {name!r}", fix=f"choose one of {', '.join(sorted(POLICIES))}"
        )
    return POLICIES[name](domain, budget, seed)


def over_programs(name: str) -> bool:
    """Whether a search of that name works on programs rather than on settings of factors."""
    from novum.search.programs import CHOOSERS

    return name in CHOOSERS


def check_search(settings: Settings, domain: Domain, blobs: Blobs) -> None:
    """Refuse a search that cannot be carried out in a domain, or by the study's scientist.

    Raises:
        UserError: there is no such search, nothing may be edited, nobody can answer it, or it was asked to
            be deterministic.
    """
    from novum.search.operators import tunable
    from novum.search.programs import ASKING, CHOOSERS

    name = settings.policy
    if name in POLICIES:
        return
    if name not in CHOOSERS:
        known = ", ".join([*POLICIES, *CHOOSERS])
        raise UserError(f"there is no search {name!r}", fix=f"choose one of {known}")
    if not next(iter(domain.programs.values())).editable:
        raise UserError(
            f"the search {name} works on programs, and no file of the domain {domain.id} may be edited",
            fix="name editable files in domain.toml, or choose design or adaptive",
        )
    if settings.scientist == "systematic" and not tunable(domain, blobs):
        raise UserError(
            f"no editable file of {domain.id} holds a number, so that nothing can be moved without a model",
            fix="name a factor search (design, adaptive), or give --model NAME",
        )
    if not is_open(with_program(domain)):
        raise UserError(
            f"the search {name} needs the name `program`, which is a factor of the domain {domain.id}",
            fix="rename that factor",
        )
    if name in ASKING and (settings.scientist != "language" or not settings.models_of("judge")):
        raise UserError(
            f"the search {name} asks a model, and there is none",
            fix="choose go-explore, or give --model NAME",
        )
    if settings.deterministic:
        raise UserError(
            f"the search {name} cannot be deterministic: a program's seeds depend on when it was made",
            fix="leave out --deterministic, or choose design or adaptive",
        )
