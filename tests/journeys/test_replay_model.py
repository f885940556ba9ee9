"""A study with a model, gone through again from its recording."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs

from novum import api, wiring
from novum.domains import new_domain
from novum.events import Draft, ModelAnswered
from novum.protocols import Services
from novum.records import Settings
from novum.scientists.systematic import SystematicScientist
from novum.state import State
from novum.testing.models import question

SCRIPT = """
from novum.records import Prices
PRICES = Prices(input=1, output=1)
def ideate(request):
    return "an idea of sample %d" % request.sample
"""


class Asking(SystematicScientist):
    """The systematic scientist, who asks a model twice and goes by its own ideas."""

    name = "language"
    asks = ("What is new?", "What is worth it?")

    async def ideate(self, view: State, services: Services) -> Sequence[Draft]:  # type: ignore[override]
        for sample, text in enumerate(self.asks):
            await services.models.ask(question(text, sample=sample))
        return super().ideate(view, services)


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Settings, Path]:
    """Settings of a replay, and the study that it replays."""
    monkeypatch.setitem(wiring.SCIENTISTS, "language", Asking)
    new_domain(tmp_path / "toy", "toy")
    (tmp_path / "script.py").write_text(SCRIPT)
    settings = Settings(
        domain=str(tmp_path / "toy"), budget="smoke", seed=1, executor="inline", sandbox="none",
        until="ideas", scientist="language", model=f"scripted:{tmp_path / 'script.py'}",
    )  # fmt: skip
    first = api.run(settings, lab=tmp_path / "lab")
    assert first.exit_code == 0, first
    return structs.replace(settings, model=f"replay:{first.path.name}", seed=2, budget_usd=1e-9), first.path


def answers(study: Path) -> list[str]:
    return [e.body.answer for e in api.open_study(study).events() if isinstance(e.body, ModelAnswered)]


def test_the_same_questions_get_the_same_answers_for_nothing(recorded, tmp_path: Path) -> None:
    settings, first = recorded
    second = api.run(settings, lab=tmp_path / "lab")
    assert second.exit_code == 0 and second.path != first
    said = [[api.open_study(p).state.charged.usd, len(answers(p))] for p in (first, second.path)]
    assert said[0][0] > 0 and said[1] == [0, 2]


def test_another_question_ends_it_with_5(recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asking, "asks", ("What is new?", "What is it worth?"))
    second = api.run(recorded[0], lab=tmp_path / "lab")
    assert second.exit_code == 5 and "holds no answer to ideate call" in second.message
    assert len(answers(second.path)) == 1
