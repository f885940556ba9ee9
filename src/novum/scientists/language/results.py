"""What a prompt says of a trial: explored measurements and the log, never anything of another phase."""

import statistics

from novum import tokens
from novum.records import Metric
from novum.state import State, Trial


def summary(view: State, node: str, *, brief: bool = False) -> str:
    """The explored measurements of a node in words; the primary metric alone if `brief`."""
    assert view.domain is not None
    trial = next((t for t in view.trials.values() if t.node == node and t.phase == "explore"), None)
    if trial is None or trial.status not in ("done", "failed"):
        return "not run yet"
    if trial.status == "failed":
        return f"failed: {trial.reason}"
    metrics = (view.domain.primary,) if brief else view.domain.metrics
    return "; ".join(_told(view, node, metric) for metric in metrics)


def _told(view: State, node: str, metric: Metric) -> str:
    measured = (m for m in view.measurements.values() if m.node == node)
    mine = [m for m in measured if m.metric == metric.name and m.phase == "explore"]
    values = [m.value for m in mine if m.value is not None]
    spread = f", from {min(values):.4g} to {max(values):.4g}" if len(values) > 1 else ""
    mean = f"mean {statistics.fmean(values):.4g} of {len(values)} seeds{spread}" if values else "no value"
    others = [s for s in ("censored", "undefined", "failed") if any(m.status == s for m in mine)]
    counted = "".join(f", {sum(m.status == s for m in mine)} {s}" for s in others)
    return f"{metric.name} {mean}{counted}"


def log_of(trial: Trial, most: int) -> str:
    """What the program said and how its stages ended, head and tail."""
    if trial.result is None:
        return ""
    parts = []
    for stage in trial.result.stages:
        said = "\n".join(text.strip() for text in (stage.stdout, stage.stderr) if text.strip())
        if (stage.name == "program" and said) or stage.status != "ok":
            ended = stage.status.replace("_", " ")
            parts.append(f"[{stage.name}: {ended}] {stage.detail}\n{said}".strip())
    return tokens.clip("\n".join([*parts, *trial.notes]), most)
