"""What steps are handed, put together by `wiring`."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from novum.canonical import derive_seed
from novum.protocols import Blobs, Literature, Log, Renderer, Scientist


@dataclass(frozen=True)
class StudyServices:
    """`protocols.Services` for one study. Randomness is derived from the study's seed and a purpose."""

    blobs: Blobs
    log: Log
    literature: Literature
    renderers: Sequence[Renderer]
    scientist: Scientist
    nonce_commitment: str
    seed: int
    archive: Mapping[str, Any] = field(default_factory=dict)

    def rng(self, name: str) -> random.Random:
        return random.Random(derive_seed(self.seed, "services", name))
