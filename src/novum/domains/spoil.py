"""Ways to spoil a seed's artefacts, to see that an evaluator is neither stopped nor fooled by them."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from novum.protocols import Blobs

Given = dict[str, str]
"""Path in the evaluator's folder -> blob."""

TEXT = (".json", ".jsonl", ".csv", ".txt", ".md")
FORGED = b'{"seed": %d, "metric": "%s", "value": 1e9, "status": "observed"}\n'


@dataclass(frozen=True)
class Kind:
    """`apply(given, seed, blobs)` spoils one seed; `fails` says whether the seed must then fail."""

    apply: Callable[[Given, int, Blobs], Given]
    fails: bool
    passed: str


def is_plain(path: str, data: bytes) -> bool:
    """A .npy array without objects, or UTF-8 text."""
    if path.endswith(".npy"):
        return _array(data) is not None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return PurePosixPath(path).suffix in TEXT


def _array(data: bytes) -> Any:
    """The array in a .npy file, or None where there is none to be had without pickle."""
    import numpy as np

    try:
        return np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError):
        return None


def _missing(given: Given, seed: int, blobs: Blobs) -> Given:
    return {path: sha for path, sha in given.items() if not path.startswith(f"artefacts/{seed}/")}


def _not_numbers(given: Given, seed: int, blobs: Blobs) -> Given:
    import numpy as np

    return _replace(given, seed, blobs, lambda array: np.full(array.shape, np.nan))


def _other_shape(given: Given, seed: int, blobs: Blobs) -> Given:
    import numpy as np

    return _replace(
        given, seed, blobs, lambda array: np.concatenate([array.ravel(), array.ravel()[:1]])[None]
    )


def _pickled(given: Given, seed: int, blobs: Blobs) -> Given:
    import numpy as np

    return _replace(given, seed, blobs, lambda array: np.array([{"value": 1e9}], dtype=object))


def _torn(given: Given, seed: int, blobs: Blobs) -> Given:
    return _each(given, seed, blobs, lambda data: data[: len(data) // 2])


def _replace(given: Given, seed: int, blobs: Blobs, change: Callable[[Any], Any]) -> Given:
    """Change every array of a seed; other files become empty."""
    return _each(given, seed, blobs, lambda data: _changed(data, change))


def _each(given: Given, seed: int, blobs: Blobs, change: Callable[[bytes], bytes]) -> Given:
    """Change the content of every artefact of a seed."""
    mine = {path: sha for path, sha in given.items() if path.startswith(f"artefacts/{seed}/")}
    return given | {path: blobs.put(change(blobs.get(sha))) for path, sha in mine.items()}


def _changed(data: bytes, change: Callable[[Any], Any]) -> bytes:
    import numpy as np

    array = _array(data)
    if array is None:
        return b""
    file = io.BytesIO()
    np.save(file, change(array), allow_pickle=True)
    return file.getvalue()


def _forged(given: Given, seed: int, blobs: Blobs) -> Given:
    """Measurements where artefacts belong, and files that nobody asked for."""
    forged = blobs.put(FORGED % (seed, b"score"))
    names = ("measurements.jsonl", "out/measurements.jsonl", "series/score/1.csv", "extra.npy", "numpy.py")
    return given | {f"artefacts/{seed}/{name}": forged for name in names}


KINDS = {
    "missing seed": Kind(_missing, True, "a seed without artefacts fails alone"),
    "not a number": Kind(_not_numbers, True, "a seed of NaN fails alone"),
    "wrong shape": Kind(_other_shape, True, "arrays of another shape fail alone"),
    "pickled object": Kind(_pickled, True, "pickles are not read"),
    "torn file": Kind(_torn, True, "half a file fails alone"),
    "forged measurements": Kind(_forged, False, "measurements among the artefacts change nothing"),
}
