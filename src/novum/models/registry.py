"""Models by plain name: `openai:NAME`, `ollama:NAME`, `http://host:port/v1#NAME`, `scripted:FILE.py`, …

What stands before the colon names the backend, what follows is the backend's own affair; there is no list
of models. A backend is a function `(rest, surroundings) -> LanguageModel`. Ours are listed in `BACKENDS`;
others enter by the entry point group `novum.models`, under the name of their scheme.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from novum.errors import UserError
from novum.protocols import Blobs, LanguageModel
from novum.records import Prices

GROUP = "novum.models"
PATIENCE = 900.0  # seconds for one attempt; long answers of slow models take minutes
FIRST = 300.0  # seconds until the first piece of an answer: models think, and queue
STALL = 60.0  # seconds between two pieces, after which an attempt is given up


@dataclass(frozen=True)
class Surroundings:
    """What a backend may use.

    `prices` are the user's own by the name of a model, and go before any table. `folder` is the study's,
    for backends that leave files. `sleep` is how time passes, an argument so that a test need not wait.
    """

    blobs: Blobs
    prices: Callable[[str], Prices | None] = lambda name: None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    folder: Path = Path()
    patience: float = PATIENCE
    first: float = FIRST
    stall: float = STALL
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


Opener = Callable[[str, Surroundings], LanguageModel]

_HOSTED = ("openai", "deepseek", "openrouter", "groq", "mistral", "huggingface", "ollama", "vllm", "llamacpp")

BACKENDS: dict[str, str] = {
    **{scheme: f"novum.models.hosted:{scheme}" for scheme in _HOSTED},
    "anthropic": "novum.models.hosted:open_anthropic",
    "google": "novum.models.hosted:open_google",
    "vertex": "novum.models.hosted:open_vertex",
    "bedrock": "novum.models.hosted:open_bedrock",
    "http": "novum.models.hosted:open_http",
    "https": "novum.models.hosted:open_https",
    "acp": "novum.models.acp:open_acp",
    "mailbox": "novum.models.mailbox:open_mailbox",
    "replay": "novum.models.replay:open_replay",
    "scripted": "novum.models.scripted:open_scripted",
}
"""Scheme -> `module:function`, imported when a model of that scheme is opened."""


def open_model(name: str, around: Surroundings) -> LanguageModel:
    """The model of a name, ready to be asked; nothing is sent yet.

    Raises:
        UserError: the name has no backend, or the backend cannot make sense of the rest.
        MissingExtra: the backend's library is not installed.
    """
    scheme, colon, rest = name.partition(":")
    if not colon or not rest.strip():
        raise UserError(f"{name!r} names no model", fix="write it as provider:model, such as openai:NAME")
    return _opener(scheme, name)(rest, around)


def _opener(scheme: str, name: str) -> Opener:
    if scheme in BACKENDS:
        module, _, function = BACKENDS[scheme].partition(":")
        return getattr(import_module(module), function)
    others = {point.name: point for point in entry_points(group=GROUP)}
    if scheme in others:
        return others[scheme].load()
    known = sorted({*BACKENDS, *others})
    near = get_close_matches(scheme, known, n=1)
    fix = f"did you mean {near[0]}:?" if near else f"the backends are {', '.join(known)}"
    raise UserError(f"{name!r}: there is no backend {scheme!r}", fix=fix)
