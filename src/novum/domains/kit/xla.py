"""Starts JAX for a program: one thread, compiled code kept on disk, a GPU where one is asked for and present.

Import JAX through `start`, before anything else does. A program that is quicker without JAX should not use
it: compiling costs seconds, which small arrays do not earn back.
"""

import os
from pathlib import Path
from typing import Any

CACHE = "NOVUM_XLA_CACHE"  # a folder that outlives the trial, if its executor offers one
DEVICE = "NOVUM_DEVICE"
FLAGS = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def start(device: str = "") -> Any:
    """The module `jax`, set up. Without a device that of the trial is taken, and the CPU where none is said.

    Raises:
        RuntimeError: a GPU is asked for and JAX finds none.
    """
    device = device or os.environ.get(DEVICE, "cpu")
    os.environ.setdefault("XLA_FLAGS", FLAGS)
    os.environ["JAX_PLATFORMS"] = "cuda" if device == "gpu" else "cpu"
    import jax

    jax.config.update("jax_platforms", os.environ["JAX_PLATFORMS"])  # JAX may have been imported before
    jax.config.update("jax_compilation_cache_dir", str(Path(os.environ.get(CACHE, ".xla")).absolute()))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return jax
