"""Which model plays which role in a study: from the names in its settings to models that can be asked."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from novum.asking import Calls, Panel
from novum.errors import UserError
from novum.protocols import Blobs, LanguageModel
from novum.records import ROLES, ModelAnswer, ModelRequest, Part, Role, Settings, WorstCase
from novum.spending import unpriced

Opened = Callable[[str], LanguageModel]
"""The model of a name; raises what `novum.models.open_model` raises."""


def cast(
    settings: Settings,
    calls: Calls,
    blobs: Blobs,
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Panel:
    """The models of a study by role, each opened when it is first asked.

    So a study whose answers are all in its journal needs neither keys nor clients; who needs them and lacks
    them gets `UserError` or `MissingExtra` from the first call.
    """
    calls.allow(settings.calls_at_once)
    opening = opener(settings, blobs, folder, environ=environ, sleep=sleep)
    members = _by_role(settings, lambda name: Deferred(name, opening))
    return Panel(calls, members, context_tokens=settings.context_tokens)


def check(settings: Settings, blobs: Blobs, *, environ: Mapping[str, str] | None = None) -> None:
    """Refuse, before anything is begun, what could not be asked; nothing is sent.

    Raises:
        UserError: a name leads nowhere, a key is missing, or there are no two to choose among; `UnknownPrice`
            where there is a cap on money and a model without a price.
        MissingExtra: a provider's client is not installed.
    """
    if settings.model_choice == "bandit" and len(settings.models_of("code")) < 2:
        raise UserError(
            "there are no two models to choose among for programs", fix="name others with --model-fallback"
        )
    for model in distinct(opened(settings, blobs, environ=environ)):
        if settings.budget_usd is not None and model.worst_case(_SMALL).usd is None:
            raise unpriced(model.name)


_SMALL = ModelRequest(role="ideate", parts=(Part(text="?"),), max_output_tokens=1)


def opened(
    settings: Settings, blobs: Blobs, *, environ: Mapping[str, str] | None = None
) -> dict[Role, tuple[LanguageModel, ...]]:
    """The models of each role, opened now; raises as `check` does."""
    return _by_role(settings, opener(settings, blobs, Path(), environ=environ))


def opener(
    settings: Settings,
    blobs: Blobs,
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Opened:
    """Opens a study's models by name; `folder` is the study's."""

    def open_named(name: str) -> LanguageModel:
        from novum.models import Surroundings, open_model

        around = Surroundings(
            blobs=blobs,
            prices=settings.price_of,
            environ=os.environ if environ is None else environ,
            folder=folder,
            sleep=sleep,
        )
        return open_model(name, around)

    return open_named


def distinct(members: Mapping[Role, tuple[LanguageModel, ...]]) -> list[LanguageModel]:
    """Every model once, in the order of the roles."""
    return list({id(model): model for models in members.values() for model in models}.values())


def _by_role(settings: Settings, make: Opened) -> dict[Role, tuple[LanguageModel, ...]]:
    """The models of each role; those of one name are one model."""
    made: dict[str, LanguageModel] = {}
    found: dict[Role, tuple[LanguageModel, ...]] = {}
    for role in ROLES:
        for name in settings.models_of(role):
            if name not in made:
                made[name] = make(name)
        found[role] = tuple(made[name] for name in settings.models_of(role))
    return found


class Deferred:
    """A model that is opened when it is needed; until then its name is the one it was asked for by,
    `known_as`."""

    def __init__(self, name: str, opening: Opened):
        self.known_as = name
        self._opening = opening
        self._model: LanguageModel | None = None

    @property
    def name(self) -> str:
        return self.known_as if self._model is None else self._model.name

    @property
    def patience(self) -> float | None:
        return self._opened().patience

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        return await self._opened().ask(request)

    def worst_case(self, request: ModelRequest) -> WorstCase:
        return self._opened().worst_case(request)

    async def close(self) -> None:
        if self._model is not None:
            await self._model.close()

    def _opened(self) -> LanguageModel:
        if self._model is None:
            self._model = self._opening(self.known_as)
        return self._model
