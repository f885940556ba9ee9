"""The point of the journal that a step sees: the same when the step runs again after a crash."""

from novum.events import StepStarted
from novum.protocols import Log


def pinned_head(log: Log, step: str) -> tuple[int, str]:
    """Sequence number and hash of the last event that a step's view holds.

    A step that never began (a paper written by hand from a finished journal) sees the head.
    """
    began = (e.body.view_seq for e in log.read() if isinstance(e.body, StepStarted) and e.body.step == step)
    seq = next(began, None)
    if seq is None:
        return log.head
    return next(((e.seq, e.hash) for e in log.read(after=seq - 1, until=seq)), (0, "0" * 64))
