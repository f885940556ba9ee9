"""Somebody's own training script: logistic regression by gradient descent, as a stranger would write it."""

import argparse
import json
import math
import random
from pathlib import Path

PATIENCE = 5


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.3, help="Step size.")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--momentum", type=float, default=0.5)
    parser.add_argument("--schedule", choices=["constant", "decay"], default="constant")
    parser.add_argument("--shuffle", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out-dir", default=".")
    parser.add_argument("--num-workers", type=int, default=2)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    points = [draw(rng) for _ in range(160)]
    weights, speed = [0.0, 0.0], [0.0, 0.0]
    for epoch in range(args.epochs):
        rate = args.lr / (1 + epoch if args.schedule == "decay" else 1)
        if args.shuffle:
            rng.shuffle(points)
        for x, y in points[:120]:
            slip = y - 1 / (1 + math.exp(-sum(w * v for w, v in zip(weights, x, strict=True))))
            speed = [args.momentum * s + rate * slip * v for s, v in zip(speed, x, strict=True)]
            weights = [w + s for w, s in zip(weights, speed, strict=True)]
        print(f"epoch={epoch} train_loss: {loss(weights, points[:120]):.4f}")
    told = {"val_loss": loss(weights, points[120:]), "epochs": args.epochs}
    Path(args.out_dir, "metrics.json").write_text(json.dumps(told))


def draw(rng: random.Random) -> tuple[list[float], int]:
    x = [rng.gauss(0, 1), rng.gauss(0, 1)]
    return x, int(x[0] - x[1] + rng.gauss(0, 0.5) > 0)


def loss(weights: list[float], points: list) -> float:
    signed = [sum(w * v for w, v in zip(weights, x, strict=True)) * (2 * y - 1) for x, y in points]
    return sum(math.log1p(math.exp(-min(max(s, -30), 30))) for s in signed) / len(signed)


if __name__ == "__main__":
    main()
