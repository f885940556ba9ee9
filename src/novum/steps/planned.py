"""What the loop is to run next: a node, a phase and the seeds it gets."""

from msgspec import Struct

from novum.domains.edits import forbidden_edits
from novum.program import PROGRAM, is_open, level_of
from novum.records import Domain, Factor, Node, Phase


class Planned(Struct, frozen=True):
    node: Node
    phase: Phase
    seeds: tuple[int, ...]
    policy: str = ""


def faults_of(node: Node, domain: Domain) -> str:
    """Why a node cannot be run in a domain, or ""."""
    if node.program not in domain.programs:
        return f"the domain has no program {node.program!r}"
    unknown = sorted(node.config.keys() - {f.name for f in domain.factors})
    missing = sorted({f.name for f in domain.factors} - node.config.keys())
    if unknown or missing:
        return f"the configuration has unknown factors {unknown} and lacks {missing}"
    opened = is_open(domain)
    if opened and node.config[PROGRAM] != level_of(domain, node.workspace):
        return "the configuration names another program than the files are"
    settable = [f for f in domain.factors if not (opened and f.name == PROGRAM)]
    wrong = [f.name for f in settable if not allows(f, node.config[f.name])]
    if wrong:
        return f"levels out of bounds for {', '.join(wrong)}"
    forbidden = forbidden_edits(domain, node.program, node.workspace)
    return f"protected files were changed: {', '.join(forbidden)}" if forbidden else ""


def allows(factor: Factor, level: object) -> bool:
    """Whether a factor may take a level."""
    if factor.range is not None:
        low, high = factor.range
        return isinstance(level, float | int) and not isinstance(level, bool) and low <= level <= high
    return any(level == allowed and type(level) is type(allowed) for allowed in factor.levels)
