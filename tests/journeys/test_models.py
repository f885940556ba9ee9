"""A study whose steps ask models, up to its ideas: the same loop and journal, by the public face."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from novum import api, wiring
from novum.domains import new_domain
from novum.events import CoordinatorStopped, Draft, ModelAnswered, ModelAsked
from novum.protocols import Services
from novum.records import Part, Prices, Settings
from novum.scientists.systematic import SystematicScientist
from novum.state import State
from novum.testing.models import question

SCRIPT = """
from pathlib import Path
from novum.errors import NotAllowed

def answer(request):
    here = Path(__file__).parent
    with (here / "asked").open("a") as file:
        print(request.role, request.sample, file=file)
    if request.sample >= 2 and (here / "no-credit").exists():
        raise NotAllowed("the credit is spent")
    return "an idea"
"""


class Asking(SystematicScientist):
    """The systematic scientist, who asks a model four times and goes by its own ideas."""

    name = "language"

    async def ideate(self, view: State, services: Services) -> Sequence[Draft]:  # type: ignore[override]
        for sample in range(4):
            await services.models.ask(question(sample=sample))
        return super().ideate(view, services)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setitem(wiring.SCIENTISTS, "language", Asking)
    new_domain(tmp_path / "toy", "toy")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    name = f"scripted:{script}"
    return Settings(
        domain=str(tmp_path / "toy"),
        budget="smoke",
        seed=1,
        executor="inline",
        sandbox="none",
        until="ideas",
        scientist="language",
        model=name,
        prices={name: Prices(input=1, output=1)},
    )


def asked(tmp_path: Path) -> list[str]:
    return (tmp_path / "asked").read_text().splitlines()


def test_what_was_answered_before_a_failure_is_not_asked_again(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "no-credit").touch()
    first = api.run(settings, lab=tmp_path / "lab")
    assert first.exit_code == 4 and "credit" in first.message and "novum resume" in first.message
    assert asked(tmp_path) == ["ideate 0", "ideate 1", "ideate 2"]
    (tmp_path / "no-credit").unlink()
    second = api.resume(first.path)
    assert asked(tmp_path)[3:] == ["ideate 2", "ideate 3"]
    study = api.open_study(second.path)
    events = list(study.events())
    assert [e.body.attempt for e in events if isinstance(e.body, ModelAsked)] == [0, 0, 0, 1, 0]
    paid = [e.cost.usd for e in events if isinstance(e.body, ModelAnswered) and e.cost]
    assert study.state.spent.usd == pytest.approx(sum(paid)) and study.state.spent.usd > 0
    assert study.state.reserved == {} and study.state.calls_in_doubt == []
    assert {c.step for c in study.state.model_calls.values()} == {"ideate"}


def test_a_spent_budget_is_exit_3_and_resumes_with_a_larger_one(tmp_path: Path, settings: Settings) -> None:
    from msgspec import structs

    most = 4200 / 1e6  # of one call, about: 4096 tokens of answer and a short prompt
    first = api.run(structs.replace(settings, budget_usd=1.5 * most), lab=tmp_path / "lab")
    assert first.exit_code == 3 and "--budget-usd" in first.message
    stopped = [e.body for e in api.open_study(first.path).events() if isinstance(e.body, CoordinatorStopped)]
    assert stopped[-1].reason.startswith("out of budget")
    assert not (tmp_path / "asked").exists()  # six tenths of the cap are less than one call may cost
    second = api.resume(first.path, {"budget_usd": 1.0})
    assert second.exit_code == 0 and len(asked(tmp_path)) == 4


def test_parts_of_a_prompt_are_checked_where_they_are_made() -> None:
    with pytest.raises(ValueError, match="either text or an image"):
        Part(text="", image="")
    with pytest.raises(ValueError, match="system, then stable"):
        type(question())(role="code", parts=(Part(text="a"), Part(text="b", stable=True)))
