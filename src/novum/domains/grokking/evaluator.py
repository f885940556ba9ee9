"""Measures a run from its predictions: the only file that knows the held-out labels and the score.

The driver says after how many updates it looked and what the network then predicted for every pair.
Whatever deviates from the fixed schedule or from the expected arrays fails that seed alone.
"""

import json
import sys
from pathlib import Path

import numpy as np
from schedule import HORIZON, THRESHOLD, WINDOW, checks

METRICS = ("updates_to_generalise", "updates_to_fit", "lag", "lag_ratio", "final_heldout_accuracy")
LARGEST = 64 << 20  # bytes of an artefact worth reading


class Invalid(Exception):
    """The artefacts of a seed are missing, malformed or not on the schedule."""


def load(path: Path) -> np.ndarray:
    """An array of integers, read without pickle."""
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(f"{path.name} is larger than {LARGEST} bytes")
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise Invalid(f"{path.name} is not a readable array: {error}") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iu":
        raise Invalid(f"{path.name} does not hold integers")
    return array


def curves(folder: Path, labels: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Updates, training accuracy and held-out accuracy at each check, (checks,) each."""
    updates, predictions = load(folder / "updates.npy"), load(folder / "predictions.npy")
    planned = checks()
    if updates.ndim != 1 or not 0 < len(updates) <= len(planned) or list(updates) != planned[: len(updates)]:
        raise Invalid("updates.npy deviates from the schedule")
    if predictions.shape != (len(updates), len(labels)):
        raise Invalid(f"predictions.npy has shape {predictions.shape}, not {(len(updates), len(labels))}")
    right = predictions == labels
    if len(updates) < len(planned) and not right[updates >= updates[-1] - WINDOW].all():
        raise Invalid("the run ended before the horizon, and not because every pair was right")
    return updates, right[:, :size].mean(1), right[:, size:].mean(1)


def sustained(updates: np.ndarray, accuracy: np.ndarray) -> int | None:
    """The first check up to the horizon from which accuracy stays at the threshold for a window."""
    enough = accuracy >= THRESHOLD
    for update in updates[enough & (updates <= min(HORIZON, updates[-1] - WINDOW))]:
        if enough[(updates >= update) & (updates <= update + WINDOW)].all():
            return int(update)
    return None


def settled(updates: np.ndarray, accuracy: np.ndarray, event: int | None) -> float:
    """Accuracy one window after the event, or at the horizon if there was none.

    A run may end early once nothing can change the event; so defined, that cannot change this either.
    """
    last = HORIZON if event is None else event + WINDOW
    return float(accuracy[updates <= last][-1])


def measure(fit: int | None, generalised: int | None, final: float) -> list[tuple]:
    """(metric, value, status, censored_at); a run that never fits has no lag."""

    def time(event: int | None, name: str) -> tuple:
        return (name, HORIZON, "censored", HORIZON) if event is None else (name, event, "observed", None)

    rows = [time(generalised, "updates_to_generalise"), time(fit, "updates_to_fit"),
            ("final_heldout_accuracy", final, "observed", None)]  # fmt: skip
    if fit is None:
        return [*rows, ("lag", None, "undefined", None), ("lag_ratio", None, "undefined", None)]
    end, status = (HORIZON, "censored") if generalised is None else (generalised, "observed")
    values = {"lag": end - fit, "lag_ratio": end / max(fit, 1)}
    return [*rows, *((name, v, status, v if generalised is None else None) for name, v in values.items())]


def judge(seed: int, request: dict) -> tuple[list[tuple], dict]:
    """Rows and curves of one seed; `failed` rows and no curves if its artefacts are invalid."""
    kept = Path(request["heldout"]) / str(seed)
    labels, size = np.load(kept / "labels.npy"), int(np.load(kept / "size.npy"))
    try:
        updates, train, held_out = curves(Path(request["artefacts"]) / str(seed), labels, size)
    except Invalid as fault:
        print(f"seed {seed}: {fault}", file=sys.stderr)
        return [(name, None, "failed", None) for name in METRICS], {}
    fit, generalised = sustained(updates, train), sustained(updates, held_out)
    rows = measure(fit, generalised, settled(updates, held_out, generalised))
    return rows, {"training accuracy": (updates, train), "held-out accuracy": (updates, held_out)}


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    out = Path(request["out"])
    out.mkdir(parents=True, exist_ok=True)
    with (out / "measurements.jsonl").open("w") as lines:
        for seed in request["seeds"]:
            rows, series = judge(seed, request)
            for metric, value, status, censored_at in rows:
                row = {"seed": seed, "metric": metric, "value": value, "status": status,
                       "censored_at": censored_at}  # fmt: skip
                lines.write(json.dumps(row) + "\n")
            for name, (x, y) in series.items():
                file = out / "series" / name.replace(" ", "_") / f"{seed}.csv"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("x,y\n" + "".join(f"{a},{b:.6g}\n" for a, b in zip(x, y, strict=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
