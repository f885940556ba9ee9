"""The verb *specify*: from a topic page to a domain that is frozen before the first idea.

The scientist has the files written; the machine alone decides that they are a domain: by the conformance
suite that every domain passes, on exactly what is frozen.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from novum.canonical import digest
from novum.errors import StudyError
from novum.events import DomainFrozen, Draft
from novum.program import with_program
from novum.protocols import Services, Specifier
from novum.records import Check
from novum.state import State

ROUNDS = 5  # of trying what was written and having it mended, at most


class Specified(Struct, frozen=True, kw_only=True):
    """What a scientist has to offer: files (path -> blob), or why there are none; and what is to be told."""

    files: Mapping[str, str] = {}
    reason: str = ""
    drafts: tuple[Draft, ...] = ()


async def specify(view: State, services: Services) -> Sequence[Draft]:
    """The events that end in a frozen domain.

    Raises:
        StudyError: nothing that was written is a domain.
        OutOfBudget, ProviderError, UserError: see `novum.protocols.Models`; never for what a model says.
    """
    if not isinstance(services.scientist, Specifier):
        raise StudyError(f"the {services.scientist.name} scientist writes no domain from a topic page")
    made = await services.scientist.specify(view, services)
    if not made.files:
        fix = "see novum log; a clearer page helps, or novum domains new"
        raise StudyError(f"no domain came of the topic page: {made.reason}", fix=fix)
    tried = await services.tryouts.tried(made.files)
    if tried.domain is None or failed(tried.checks):
        raise StudyError(f"what was written is no domain: {told(tried.checks)}", fix="see novum log")
    frozen = with_program(tried.domain)
    return [*made.drafts, Draft(body=DomainFrozen(domain=frozen, hash=digest(frozen)))]


def failed(checks: Sequence[Check]) -> list[Check]:
    """The checks that did not pass."""
    return [check for check in checks if not check.passed]


def told(checks: Sequence[Check]) -> str:
    """Faults in a line."""
    return "; ".join(f"{check.id}: {check.detail}" for check in failed(checks))
