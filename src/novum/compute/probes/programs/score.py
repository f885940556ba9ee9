"""Stands for an evaluator: scores 0 if the artefact equals the held-out secret, else 1."""

import json
from pathlib import Path

secret = Path("heldout/labels.txt").read_text()
texts = [path.read_text() for path in sorted(Path("artefacts").rglob("*")) if path.is_file()]
value = 0.0 if secret in texts else 1.0
Path("out/measurements.jsonl").write_text(json.dumps({"seed": 1, "metric": "error", "value": value}) + "\n")
