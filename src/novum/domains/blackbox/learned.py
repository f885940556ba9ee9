"""The Evolution Transformer (Lange et al. 2024) with the weights that its authors ship in evosax.

evosax reads the weights from a pickle file of its own package; no artefact is ever read so.
"""

import functools
from collections.abc import Callable

import numpy as np


@functools.cache
def compiled(dimensions: int, count: int, sigma: float, generations: int) -> tuple[Callable, ...]:
    """`init`, `ask` and `tell` for many functions at once; all seeds of a process share what was compiled."""
    from kit import xla

    jax = xla.start()
    from evosax.algorithms import EvoTF_ES

    start = jax.numpy.zeros(dimensions)
    learned = EvoTF_ES(count, start, max_context_len=generations)
    params = learned.default_params.replace(std_init=sigma)

    def typed(state):
        """With types that do not change from the first call to the next, which would compile it again."""
        return jax.tree.map(lambda part: part.astype(part.dtype), state)

    def init(key, functions: int):
        keys = jax.random.split(key, functions)
        return keys, typed(jax.vmap(lambda one: learned.init(one, start, params))(keys))

    def ask(keys, state):
        parts = jax.vmap(lambda key: jax.random.split(key, 3))(keys)
        points, state = jax.vmap(lambda key, one: learned.ask(key, one, params))(parts[:, 1], state)
        return points, parts, state

    def tell(keys, points, found, state):
        return typed(jax.vmap(lambda *one: learned.tell(*one, params)[0])(keys, points, found, state))

    return jax.random.key, jax.jit(init, static_argnums=1), jax.jit(ask), jax.jit(tell)


class EvolutionTransformer:
    """`ask` gives (functions, count, d), `tell` takes values (functions, count): all at once, compiled.

    It begins at zero.
    """

    def __init__(self, functions: int, dimensions: int, count: int, sigma: float, generations: int,
                 rng: np.random.Generator):  # fmt: skip
        key, init, self._ask, self._tell = compiled(dimensions, count, sigma, generations)
        self.keys, self.state = init(key(int(rng.integers(2**31))), functions)

    def ask(self) -> np.ndarray:
        self.points, self.parts, self.state = self._ask(self.keys, self.state)
        self.keys = self.parts[:, 0]
        return np.asarray(self.points)

    def tell(self, found: np.ndarray) -> None:
        self.state = self._tell(self.parts[:, 2], self.points, found.astype(np.float32), self.state)
