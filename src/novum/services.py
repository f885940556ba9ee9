"""What steps are handed, put together by `wiring`."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from novum.canonical import derive_seed
from novum.errors import UserError
from novum.protocols import (
    Blobs,
    Literature,
    Log,
    Models,
    Renderer,
    Scientist,
    TriedDomain,
    Tryouts,
)
from novum.records import ModelAnswer, ModelRequest, Role


class NoModels:
    """`protocols.Models` of a study without any: there is nobody to ask."""

    def names(self, role: Role) -> tuple[str, ...]:
        return ()

    async def ask(self, request: ModelRequest, *, node: str = "") -> ModelAnswer:
        raise UserError(f"there is no model to {request.role}", fix="give one with --model NAME")

    async def ask_all(self, requests: Sequence[ModelRequest], *, node: str = "") -> list[ModelAnswer]:
        return [await self.ask(request, node=node) for request in requests]

    async def close(self) -> None:
        return None


class NoTryouts:
    """`protocols.Tryouts` where nothing runs."""

    async def tried(self, files: Mapping[str, str]) -> TriedDomain:
        raise UserError("no domain can be tried here", fix="novum run carries a topic page to a domain")


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
    models: Models = field(default_factory=NoModels)
    tryouts: Tryouts = field(default_factory=NoTryouts)

    def rng(self, name: str) -> random.Random:
        return random.Random(derive_seed(self.seed, "services", name))
