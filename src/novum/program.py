"""The program as a factor: configurations say which files ran, so that no two programs are ever one arm.

A study whose scientist may edit the program has, beside the domain's own factors, a factor `program`. Its
level is `original` for the domain's own files and otherwise a name that follows from the content of the
edited ones. Programs are never shown it.
"""

from collections.abc import Iterable, Mapping

from msgspec import structs

from novum.canonical import short_id
from novum.records import Config, Domain, Factor, Level

PROGRAM = "program"
ORIGINAL = "original"


def with_program(domain: Domain) -> Domain:
    """The domain with the factor `program`; as it is if nothing may be edited, or the name is taken."""
    program = next(iter(domain.programs.values()))
    if not program.editable or any(f.name == PROGRAM for f in domain.factors):
        return domain
    factor = Factor(
        name=PROGRAM,
        title="program",
        kind="categorical",
        levels=(ORIGINAL,),
        baseline=ORIGINAL,
        description="The files that ran: the domain's own, or edited ones by a name made from their content.",
    )
    return structs.replace(domain, factors=(*domain.factors, factor))


def is_open(domain: Domain) -> bool:
    """Whether the program is a factor of this domain."""
    return any(f.name == PROGRAM and f.levels == (ORIGINAL,) for f in domain.factors)


def with_levels(domain: Domain, configs: Iterable[Config]) -> Domain:
    """The domain in which the factor `program` has every level that some configurations have; for readers."""
    if not is_open(domain):
        return domain
    edits = sorted({str(c[PROGRAM]) for c in configs if c.get(PROGRAM, ORIGINAL) != ORIGINAL})
    own = tuple(f for f in domain.factors if f.name != PROGRAM)
    program = structs.replace(domain.factor(PROGRAM), levels=(ORIGINAL, *edits))
    return structs.replace(domain, factors=(*own, program))


def level_of(domain: Domain, workspace: Mapping[str, str]) -> str:
    """The level of the factor `program` that a workspace has."""
    own = domain.workspace()
    return ORIGINAL if dict(workspace) == own else f"edit {short_id('program', dict(workspace))[:8]}"


def shown(config: Mapping[str, Level], domain: Domain) -> Config:
    """A configuration as the stages of a trial get it: which files run is no setting of theirs."""
    hidden = PROGRAM if is_open(domain) else None
    return {name: level for name, level in config.items() if name != hidden}
