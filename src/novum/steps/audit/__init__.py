"""The verb *audit*: machine checks of a study's evidence.

`audit` is the step of the loop. `build_case` and `run_checks` are its pure core, which a command or a
reader elsewhere calls with more evidence: the stored rows, the folder, heads known from outside.
"""

from collections.abc import Sequence

from novum.events import AuditDone, Draft
from novum.protocols import Services
from novum.state import State
from novum.steps.audit.case import Anchor, AuditCase, AuditCheck, build_case
from novum.steps.audit.registry import CHECKS, run_checks
from novum.steps.pinned import pinned_head

__all__ = ["CHECKS", "Anchor", "AuditCase", "AuditCheck", "audit", "build_case", "run_checks"]


def audit(view: State, services: Services) -> Sequence[Draft]:
    """Audit a study from its own journal, up to where this step began."""
    until, _ = pinned_head(services.log, "audit")
    case = build_case(
        services.log.read(until=until),
        services.blobs,
        rows=services.log.rows(until=until),
        entries=services.literature.entries(),
    )
    checks = tuple(run_checks(case))
    return [Draft(body=AuditDone(passed=all(c.passed for c in checks), checks=checks))]
