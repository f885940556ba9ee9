"""The protected part of the program: counts updates, takes predictions, writes what is measured.

One process takes many seeds, one after the other: their arrays then stay in the processor's cache, and
a seed's result cannot depend on which other seeds ran beside it.

Reads `in/<seed>/{inputs,labels}.npy` and `commitment.txt`; writes `out/<seed>/updates.npy` (checks,),
`predictions.npy` (checks, pairs) with the predicted label of every pair.
"""

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy: matrices this small lose by more threads

import numpy as np
from isolation import Learner, LearnerFailed
from network import Objective, flush, logits, one_hot
from schedule import SPARSE, WINDOW, checks


class Task:
    """One seed's table: all pairs (n, 2), and the labels of the first of them, which are for training.

    `commitment` is the hash of all labels: it tells when every prediction is right, and nothing else.
    """

    def __init__(self, folder: Path):
        self.inputs = np.load(folder / "inputs.npy", allow_pickle=False)
        self.labels = np.load(folder / "labels.npy", allow_pickle=False)
        self.commitment = (folder / "commitment.txt").read_text().strip()
        self.tokens = int(self.inputs.max()) + 1

    def solved_by(self, predictions: np.ndarray) -> bool:
        return hashlib.sha256(predictions.tobytes()).hexdigest() == self.commitment

    def start_seed(self) -> int:
        """A seed for the initialisation which says nothing of the table's own."""
        return int.from_bytes(hashlib.sha256(self.inputs.tobytes() + self.labels.tobytes()).digest()[:8])


def take(folder: Path, seeds: list[int]) -> dict[int, Task]:
    """Read every seed's table, then remove the files."""
    tasks = {seed: Task(folder / str(seed)) for seed in seeds if (folder / str(seed)).is_dir()}
    shutil.rmtree(folder)
    return tasks


def train(learner: Learner, task: Task, config: dict) -> tuple[np.ndarray, np.ndarray]:
    """Updates until the last check, or until every pair has been right for a whole window."""
    rows, size = one_hot(task.inputs, task.tokens), len(task.labels)
    objective = Objective(np.ascontiguousarray(rows[:size]), task.labels, task.tokens)
    learner.begin([(2 * task.tokens, int(config["width"])), (int(config["width"]), task.tokens)],
                  config, task.start_seed())  # fmt: skip
    updates, predictions, wrong_at, done = [], [], 0, 0
    for check in checks():
        while done < check:
            learner.update(objective.gradient(learner.parameters))
            done += 1
        flush(learner.parameters)
        updates.append(check)
        predictions.append(logits(learner.parameters, rows).argmax(1).astype(np.uint8))
        if not task.solved_by(predictions[-1]):
            wrong_at = check
        elif check - wrong_at >= WINDOW + SPARSE:
            break
    return np.array(updates, np.int32), np.stack(predictions)


def train_all(learner: Learner, tasks: dict[int, Task], config: dict) -> dict[int, tuple]:
    """Updates and predictions of every seed that the learner got through."""
    results = {}
    for seed, task in tasks.items():
        try:
            with np.errstate(all="ignore"):  # a run that diverges is a result, not a warning
                results[seed] = train(learner, task, config)
        except LearnerFailed as failure:
            print(f"seed {seed}: the learner {failure}", file=sys.stderr)
    return results


def write(out: Path, results: dict[int, tuple]) -> None:
    """The learner is gone by now; whatever is there already was not counted or predicted here."""
    if out.is_symlink() or (out.exists() and any(out.iterdir())):
        sys.exit(f"driver: something wrote to {out}/ before the driver did")
    for seed, (updates, predictions) in results.items():
        folder = out / str(seed)
        folder.mkdir(parents=True)
        np.save(folder / "updates.npy", updates)
        np.save(folder / "predictions.npy", predictions)


def main(path: Path) -> None:
    learner = Learner()  # before anything is read, so that the learner's process never holds it
    request = json.loads(path.read_text())
    path.unlink()
    try:
        results = train_all(learner, take(Path(request["in"]), request["seeds"]), request["config"])
    finally:
        learner.close()
    write(Path(request["out"]), results)
    if not results:
        sys.exit("driver: the learner got through no seed")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
