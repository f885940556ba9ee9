"""The Evolution Transformer (Lange et al. 2024) with the weights that its authors ship in evosax.

evosax reads the weights from a pickle file of its own package; no artefact is ever read so.
"""

import numpy as np


class EvolutionTransformer:
    """`ask` gives (functions, count, d), `tell` takes values (functions, count): all at once, compiled."""

    def __init__(self, functions: int, start: np.ndarray, count: int, sigma: float, generations: int,
                 rng: np.random.Generator):  # fmt: skip
        from kit import xla

        self.jax = jax = xla.start()
        from evosax.algorithms import EvoTF_ES

        numbers = jax.numpy
        learned = EvoTF_ES(count, numbers.asarray(start), max_context_len=generations)
        params = learned.default_params.replace(std_init=sigma)
        self.keys = jax.random.split(jax.random.key(int(rng.integers(2**31))), functions)
        self.state = jax.vmap(lambda key: learned.init(key, numbers.asarray(start), params))(self.keys)

        def ask(keys, state):
            parts = jax.vmap(lambda key: jax.random.split(key, 3))(keys)
            points, state = jax.vmap(lambda key, one: learned.ask(key, one, params))(parts[:, 1], state)
            return points, parts, state

        def tell(keys, points, found, state):
            return jax.vmap(lambda *one: learned.tell(*one, params)[0])(keys, points, found, state)

        self._ask, self._tell = jax.jit(ask), jax.jit(tell)

    def ask(self) -> np.ndarray:
        self.points, self.parts, self.state = self._ask(self.keys, self.state)
        self.keys = self.parts[:, 0]
        return np.asarray(self.points)

    def tell(self, found: np.ndarray) -> None:
        values = self.jax.numpy.asarray(found, self.jax.numpy.float32)
        self.state = self._tell(self.parts[:, 2], self.points, values, self.state)
