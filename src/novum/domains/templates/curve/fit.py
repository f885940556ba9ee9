"""Fits a polynomial to the points of each seed and predicts the curve where it was not given.

Called with a request `{schema, config, seeds, in, out}`; reads `in/<seed>/`, writes `out/<seed>/`.
"""

import json
import sys
from pathlib import Path

import numpy as np


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    for seed in request["seeds"]:
        given, out = Path(request["in"]) / str(seed), Path(request["out"]) / str(seed)
        x, y, between = (np.load(given / f"{name}.npy") for name in ("x", "y", "between"))
        coefficients = fit(x, y, request["config"])
        out.mkdir(parents=True)
        np.save(out / "at_points.npy", features(x, request["config"]) @ coefficients)
        np.save(out / "between.npy", features(between, request["config"]) @ coefficients)


def fit(x: np.ndarray, y: np.ndarray, config: dict) -> np.ndarray:
    """Coefficients that minimise squared error plus the ridge penalty, by least squares."""
    matrix = features(x, config)
    penalty = np.sqrt(config["penalty"]) * np.eye(matrix.shape[1])
    stacked, target = np.vstack([matrix, penalty]), np.append(y, np.zeros(len(penalty)))
    return np.linalg.lstsq(stacked, target, rcond=None)[0]


def features(x: np.ndarray, config: dict) -> np.ndarray:
    """Polynomials up to the degree at each point, (points, degree + 1)."""
    basis = {"chebyshev": np.polynomial.chebyshev.chebvander, "monomial": np.vander}[config["basis"]]
    degree = int(config["degree"])
    return basis(x, degree) if config["basis"] == "chebyshev" else basis(x, degree + 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
