"""Which model plays which role in a study: from the names in its settings to models that can be asked."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from novum.asking import Calls, Panel
from novum.protocols import Blobs, LanguageModel
from novum.records import ROLES, ModelRequest, Part, Role, Settings
from novum.spending import unpriced


def cast(
    settings: Settings,
    calls: Calls,
    blobs: Blobs,
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Panel:
    """The models of a study by role, each of them opened once; empty where the settings name none.

    Raises:
        UserError: a name leads nowhere, or a key is missing; nothing was sent.
        MissingExtra: a provider's client is not installed.
    """
    members = opened(settings, blobs, folder, environ=environ, sleep=sleep)
    return Panel(calls, members, context_tokens=settings.context_tokens)


def check(settings: Settings, blobs: Blobs, *, environ: Mapping[str, str] | None = None) -> None:
    """Refuse, before anything is begun, what could not be asked; nothing is sent.

    Raises:
        UserError: as `cast`; `UnknownPrice` where there is a cap on money and a model without a price.
    """
    found = opened(settings, blobs, Path(), environ=environ)
    if settings.budget_usd is None:
        return
    for model in (model for members in found.values() for model in members):
        if model.worst_case(_SMALL).usd is None:
            raise unpriced(model.name)


_SMALL = ModelRequest(role="ideate", parts=(Part(text="?"),), max_output_tokens=1)


def opened(
    settings: Settings,
    blobs: Blobs,
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> dict[Role, tuple[LanguageModel, ...]]:
    """The models of each role; those of one name are one model. Raises as `cast` does."""
    names: dict[Role, tuple[str, ...]] = {role: settings.models_of(role) for role in ROLES}
    if not any(names.values()):
        return {}
    from novum.models import Surroundings, open_model

    around = Surroundings(
        blobs=blobs,
        prices=settings.price_of,
        environ=os.environ if environ is None else environ,
        folder=folder,
        sleep=sleep,
    )
    made = {
        name: open_model(name, around) for name in dict.fromkeys(n for some in names.values() for n in some)
    }
    return {role: tuple(made[name] for name in some) for role, some in names.items()}
