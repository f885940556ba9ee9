"""Passes on what the program says of itself, and certifies nothing. Written by `novum init`.

So every metric is labelled self-reported, and no verdict is certified. To change that, let the program leave
what can be measured (predictions, weights, a log) in `out/<seed>/`, measure that here, and then remove
`self_reported` from the metrics and from [domain]. See docs/own-code.md.
"""

import json
import math
import sys
from pathlib import Path

METRICS: list = []


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    lines = [json.dumps(row) for seed in request["seeds"] for row in measure(request, seed)]
    (Path(request["out"]) / "measurements.jsonl").write_text("".join(f"{line}\n" for line in lines))


def measure(request: dict, seed: int) -> list:
    """One row per metric; a seed without a report fails alone."""
    try:
        said = json.loads((Path(request["artefacts"]) / str(seed) / "reported.json").read_text())
    except (OSError, ValueError):
        said = {}
    return [row(seed, metric, said.get(metric) if isinstance(said, dict) else None) for metric in METRICS]


def row(seed: int, metric: str, value: object) -> dict:
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    status = "observed" if number else "failed"
    return {"seed": seed, "metric": metric, "value": value if number else None, "status": status}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
