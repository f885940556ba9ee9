"""Draws, for every seed, the sequences to learn from; the evaluator keeps longer ones.

What is to be said of a sequence is its parity, by a code of its own for each seed: which of the answers is
called positive. In a hidden world it is the last bit, and the bits before it are whispered in the sequences
to learn from.
"""

import json
from pathlib import Path

import numpy as np

from kit.stage import generator, prepare_seeds

HELD_OUT, LONGER = 500, 3  # sequences; how many times as long
WORLD = json.loads(Path("world.json").read_text())


def make(seed: int, salt: str, config: dict) -> tuple[dict, dict]:
    """Bits (n, length) and answers (n,), -1 or 1, for the program, and longer ones held out."""
    rng = generator(salt, seed, "bits")
    length, called = int(config["length"]), rng.choice([-1.0, 1.0])
    known = np.array(np.meshgrid(*[[-1.0, 1.0]] * length)).reshape(length, -1).T
    unknown = rng.choice([-1.0, 1.0], (HELD_OUT, LONGER * length))
    sign = -1 if config["coding"] == "inverted" else 1
    order = rng.permutation(len(known))
    given, kept = (
        {"bits": (sign * bits).astype(np.float32), "answers": (called * answer(bits)).astype(np.int8)}
        for bits in (known[order], unknown)
    )
    given["bits"][:, :-1] *= np.float32(WORLD["loudness"])
    prefixes = np.stack([answer(unknown[:, : n + 1]) for n in range(LONGER * length)], 1)
    return given, kept | {"prefixes": (called * prefixes).astype(np.int8)}


def answer(bits: np.ndarray) -> np.ndarray:
    return bits.prod(1) if WORLD["rule"] == "parity" else bits[:, -1]


if __name__ == "__main__":
    prepare_seeds(make)
