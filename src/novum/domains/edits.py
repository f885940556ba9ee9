"""Which files of a workspace a candidate may change."""

from collections.abc import Mapping

from novum.records import Domain


def forbidden_edits(domain: Domain, program: str, workspace: Mapping[str, str]) -> tuple[str, ...]:
    """Paths that differ from the domain's own and are not editable in this program, sorted.

    Changed, removed and added files all count: an added `numpy.py` would be imported like a changed one.
    An empty answer means that the workspace may run.
    """
    ours = domain.workspace()
    editable = domain.programs[program].editable
    paths = sorted({*ours, *workspace})
    return tuple(p for p in paths if ours.get(p) != workspace.get(p) and p not in editable)
