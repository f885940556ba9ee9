"""Search over programs: which candidate to work on next, and how.

`PROGRAM_POLICIES` is the registry: name -> (domain, budget, seed) -> policy. They give commissions, which
whoever can carry out a policy's operators makes nodes of: a model, or `novum.search.operators` without one.
"""

from collections.abc import Callable, Sequence

from novum.errors import UserError
from novum.protocols import Policy
from novum.records import Budget, Domain, Operator
from novum.search.programs.best_first import BestFirst
from novum.search.programs.broadening import Broadening
from novum.search.programs.first_explore import FirstExplore
from novum.search.programs.go_explore import GoExplore
from novum.search.programs.greedy import Greedy
from novum.search.programs.intelligent import IntelligentGoExplore
from novum.search.programs.islands import Islands
from novum.search.programs.map_elites import MapElites
from novum.search.programs.moves import ALL, Chooser, ProgramSearch, Worded
from novum.search.programs.portfolio import Portfolio
from novum.search.programs.upper_bounds import UpperBounds

DEFAULT = "broadening"
MEMBERS: dict[str, Callable[[], Chooser]] = {
    "broadening": Broadening,
    "best-first": BestFirst,
    "islands": Islands,
    "go-explore": GoExplore,
}
"""Those that a portfolio starts with."""
CHOOSERS: dict[str, Callable[[], Chooser]] = {
    "broadening": Broadening,
    "best-first": BestFirst,
    "greedy": Greedy,
    "upper-bounds": UpperBounds,
    "islands": Islands,
    "map-elites": MapElites,
    "go-explore": GoExplore,
    "intelligent-go-explore": IntelligentGoExplore,
    "first-explore": FirstExplore,
    "portfolio": lambda: Portfolio({name: make() for name, make in MEMBERS.items()}),
}
"""Name -> what chooses."""
ASKING = ("intelligent-go-explore",)
"""Those that ask a model which candidate is promising."""


def make_program_policy(
    name: str,
    domain: Domain,
    budget: Budget,
    *,
    operators: Sequence[Operator] = ALL,
    worded: Worded | None = None,
) -> Policy:
    """The policy over programs of that name, for whoever can carry out these operators.

    `worded` makes requests of questions, for those of `ASKING`; without it they decide by themselves.

    Raises:
        UserError: there is none; names those there are.
    """
    if name not in CHOOSERS:
        raise UserError(
            f"there is no search policy over programs {name!r}", fix=f"choose one of {', '.join(CHOOSERS)}"
        )
    return ProgramSearch(name, CHOOSERS[name](), domain, budget, operators, worded)
