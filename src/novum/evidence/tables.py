"""The tables of a study's folder: rows of `measurements.csv` and the content of `claims.json`."""

import csv
import io
from typing import Any

import msgspec

from novum.state import State

MEASUREMENT_COLUMNS: tuple[str, ...] = (
    "id", "metric", "value", "unit", "status", "censored_at", "self_reported", "node", "trial", "phase",
    "seed", "config_hash", "evaluator_hash", "artefact_hash",
)  # fmt: skip


def measurement_rows(state: State) -> list[dict[str, Any]]:
    """One row per measurement, in the order of proposals, then seeds, then metrics."""
    place = {(t.id, s): (t.index, i) for t in state.trials.values() for i, s in enumerate(t.seeds)}
    last = (1 << 30, 0)
    found = sorted(
        state.measurements.values(), key=lambda m: (*place.get((m.trial, m.seed), last), m.metric, m.id)
    )
    return [{column: getattr(m, column) for column in MEASUREMENT_COLUMNS} for m in found]


def measurements_csv(state: State) -> str:
    """`measurements.csv`: missing values are empty, numbers have their shortest exact form."""
    text = io.StringIO()
    writer = csv.DictWriter(text, MEASUREMENT_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in measurement_rows(state):
        writer.writerow({k: _cell(v) for k, v in row.items()})
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def claims_data(state: State) -> list[dict[str, Any]]:
    """`claims.json`: each registered contrast with its decision (or none yet) and what references say."""
    if state.protocol is None:
        return []
    claims = []
    for contrast in state.protocol.contrasts:
        decision = state.decisions.get(contrast.id)
        claims.append(
            {
                "id": contrast.id,
                "text": contrast.text,
                "contrast": msgspec.to_builtins(contrast),
                "decision": msgspec.to_builtins(decision) if decision else None,
                "verdict": decision.verdict if decision else "inconclusive",
                "comparisons": [msgspec.to_builtins(c) for c in state.comparisons.get(contrast.id, ())],
            }
        )
    return claims
