"""How a domain's stages read their request, take one seed after another, and write what comes of each.

A seed that fails fails alone. Arrays are read without pickle, and nothing that an artefact holds is believed
before its type, shape and finiteness have been looked at.
"""

import hashlib
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

LARGEST = 64 << 20  # bytes of an artefact worth reading
BITS = {"pcg64": np.random.PCG64, "philox": np.random.Philox}
Row = tuple[float | None, str, float | None]
"""Value, status and, where the status is `censored`, the end of observation."""


class Invalid(Exception):
    """The artefact of a seed is missing, malformed or not what was asked for."""


def request() -> dict[str, Any]:
    """What this stage was asked: the JSON file that the last word of its command names."""
    return json.loads(Path(sys.argv[-1]).read_text())


def generator(*words: object) -> np.random.Generator:
    """A generator of random numbers of its own for each sequence of words, such as salt, seed and purpose.

    Secret as far as one of the words is: prepare and the evaluator get a `salt` that programs never see.
    """
    text = "/".join(map(str, words))
    return np.random.default_rng(list(hashlib.sha256(text.encode()).digest()))


# --- prepare and program ------------------------------------------------------------------------------


def save(folder: Path, arrays: Mapping[str, Any]) -> None:
    """Each entry as `NAME.npy` in the folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", np.asarray(array))


def prepare_seeds(make: Callable[[int, str, dict], tuple[dict, dict]]) -> None:
    """For each seed, `make(seed, salt, config)` gives the arrays for the program and those held out."""
    asked = request()
    for seed in asked["seeds"]:
        given, kept = make(seed, asked.get("salt", ""), asked["config"])
        save(Path(asked["out"]) / str(seed) / "in", given)
        save(Path(asked["out"]) / str(seed) / "heldout", kept)


def run_seeds(run: Callable[[dict[str, np.ndarray], dict, int], dict]) -> None:
    """For each seed, `run(inputs, config, seed)` gives the arrays that are its artefacts.

    A run that diverges is a result, not a warning. Exits with status 1 if no seed was got through.
    """
    asked = request()
    done = 0
    for seed in asked["seeds"]:
        try:
            with np.errstate(all="ignore"):
                arrays = run(load_all(Path(asked["in"]) / str(seed)), asked["config"], seed)
        except Exception:  # a border: the other seeds must not suffer
            print(f"seed {seed}:\n{traceback.format_exc()}", file=sys.stderr)
            continue
        save(Path(asked["out"]) / str(seed), arrays)
        done += 1
    if not done:
        sys.exit("no seed was got through")


def randomness(inputs: Mapping[str, np.ndarray], config: Mapping[str, Any]) -> np.random.Generator:
    """A program's random numbers: they follow from its inputs and its configuration, not from the seed.

    Arms that differ in a setting without effect then differ in chance alone, where equal numbers would make
    them equal to the last bit. The setting `generator`, if there is one, names the algorithm: pcg64 or
    philox.
    """
    text = hashlib.sha256(json.dumps(dict(config), sort_keys=True).encode())
    for name in sorted(inputs):
        text.update(np.ascontiguousarray(inputs[name]).tobytes())
    bits = BITS[config.get("generator", "pcg64")]
    return np.random.Generator(bits(int.from_bytes(text.digest()[:16])))


def load_all(folder: Path) -> dict[str, np.ndarray]:
    """Every array of a folder by its name."""
    return {path.stem: np.load(path, allow_pickle=False) for path in sorted(folder.glob("*.npy"))}


# --- evaluator ----------------------------------------------------------------------------------------


def load(path: Path, shape: Sequence[int | None], kinds: str = "f") -> np.ndarray:
    """A finite array of that shape (None: any length) whose dtype is of one of the `kinds`.

    Raises:
        Invalid: if the file holds anything else.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(f"{path.name} is larger than {LARGEST} bytes")
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise Invalid(f"{path.name} is not a readable array: {error}") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in kinds:
        raise Invalid(f"{path.name} is not an array of the kind {kinds}")
    if array.ndim != len(shape) or any(n not in (None, m) for n, m in zip(shape, array.shape, strict=True)):
        raise Invalid(f"{path.name} has shape {array.shape}, not {tuple(shape)}")
    if not np.isfinite(array).all():
        raise Invalid(f"{path.name} holds numbers that are not finite")
    return array


def evaluate_seeds(metrics: Iterable[str], measure: Callable[[Path, dict, dict], dict[str, Any]]) -> None:
    """Measure every seed: `measure(artefacts, heldout, asked)` gives values or rows by metric.

    `artefacts` is the folder of that seed, `heldout` its held-out arrays. A metric left out is undefined for
    the seed; where the artefact is invalid all have failed. Entries `series/NAME` are curves (points, 2).
    """
    asked = request()
    lines = []
    for seed in asked["seeds"]:
        heldout = load_all(Path(asked["heldout"]) / str(seed))
        try:
            with np.errstate(all="ignore"):
                found = measure(Path(asked["artefacts"]) / str(seed), heldout, asked)
        except Invalid as fault:
            print(f"seed {seed}: {fault}", file=sys.stderr)
            found = dict.fromkeys(metrics, (None, "failed", None))
        _write_series(Path(asked["out"]), seed, found)
        lines += [_line(seed, name, _row(found.get(name))) for name in metrics]
    Path(asked["out"]).mkdir(exist_ok=True)
    (Path(asked["out"]) / "measurements.jsonl").write_text("\n".join(lines) + "\n")


def _row(found: Any) -> Row:
    if isinstance(found, tuple):
        return found
    if found is None or not np.isfinite(found):
        return None, "undefined" if found is None else "failed", None
    return float(found), "observed", None


def _line(seed: int, metric: str, row: Row) -> str:
    value, status, censored_at = row
    measured = {"seed": seed, "metric": metric, "value": value, "status": status}
    return json.dumps(measured | ({} if censored_at is None else {"censored_at": censored_at}))


def _write_series(out: Path, seed: int, found: dict[str, Any]) -> None:
    for name in [name for name in found if name.startswith("series/")]:
        path = out / name / f"{seed}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = "".join(f"{x:.10g},{y:.10g}\n" for x, y in np.asarray(found.pop(name)))
        path.write_text("x,y\n" + rows)
