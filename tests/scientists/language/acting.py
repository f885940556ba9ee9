"""A study under a scripted model: what each role answers is a function of the request."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import structs

from novum.domains.contract import load_domain
from novum.literature.bibliography import InMemoryLiterature
from novum.models import FakeModel
from novum.program import with_program
from novum.records import ModelAnswer, ModelRequest, Settings
from novum.services import StudyServices
from novum.state import State
from novum.testing.memory import MemoryBlobs, MemoryLog

TOY = Path(__file__).parents[3] / "src" / "novum" / "domains" / "templates" / "curve"
WORKS = {"holm1979": {"author": "Holm, Sture", "year": "1979", "title": "A simple procedure"}}

IDEA = {
    "title": "Ridge penalty and held-out error",
    "hypothesis": "A larger ridge penalty lowers the held-out error of the fit.",
    "kind": "main_effect",
    "factors": ["penalty"],
    "direction": "less",
    "motivation": "Regularisation trades variance for bias. A tenfold penalty cuts the error by 42 percent.",
    "plan": "Compare levels of the penalty at the baseline of all else.",
    "risks": "none that matter",
    "interest": 6,
    "feasibility": 9,
    "novelty": 3,
}
PROGRAM_IDEA = IDEA | {
    "title": "Averaging bootstrap fits",
    "hypothesis": "Averaging the fits to bootstrap samples of the points lowers held-out error.",
    "kind": "program",
    "factors": [],
    "plan": "Edit fit.py so that it fits each of several resamples and averages the coefficients.",
}
NOVEL = {"verdict": "novel", "nearest": [], "reason": "Nothing at hand settles it."}
DONE = {"done": True}


def idea(**changes: Any) -> dict[str, Any]:
    return IDEA | changes


class Voices:
    """`protocols.Models` over one fake model; answers by what is asked for, in turn or by function."""

    def __init__(self, **answers: Sequence[Any] | Callable[[ModelRequest], Any]):
        self.answers = {name: said if callable(said) else list(said) for name, said in answers.items()}
        self.model = FakeModel(self._said)

    @property
    def asked(self) -> list[ModelRequest]:
        return self.model.asked

    def of(self, name: str) -> list[ModelRequest]:
        return [request for request in self.asked if request.output_name == name]

    def _said(self, request: ModelRequest) -> Any:
        said = self.answers[request.output_name]
        if callable(said):
            return said(request)
        return said.pop(0) if len(said) > 1 else said[0]

    def names(self, role: str) -> tuple[str, ...]:
        return ("fake:model",)

    async def ask(self, request: ModelRequest, *, node: str = "") -> ModelAnswer:
        return await self.model.ask(request)

    async def ask_all(self, requests: Sequence[ModelRequest], *, node: str = "") -> list[ModelAnswer]:
        return [await self.ask(request, node=node) for request in requests]

    async def close(self) -> None:
        return None


def stage(models: Any, *, archive: dict[str, Any] | None = None, **state: Any) -> tuple[State, StudyServices]:
    """The view and services of a study that has just begun, on the small domain."""
    from novum.scientists.language import LanguageScientist

    blobs = MemoryBlobs()
    domain = with_program(load_domain(TOY, blobs))
    settings = Settings(domain="curve", scientist="language", model="fake:model", budget="smoke")
    settings = structs.replace(settings, **{k: state.pop(k) for k in ("proposals",) if k in state})
    services = StudyServices(
        blobs=blobs, log=MemoryLog(), literature=InMemoryLiterature(WORKS), renderers=(),
        scientist=LanguageScientist(), nonce_commitment="", seed=1, archive=archive or {}, models=models,
    )  # fmt: skip
    return State(study="s", domain=domain, settings=settings, seed=1, **state), services
