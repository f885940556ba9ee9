"""Ten thousand damaged answers through every typed output there is, and thousands through every slot.

The list of outputs is made from the code (`typed_outputs`), so that one which is added is damaged as well,
from the day on which it is there. An answer ends as a record or as a failed proposal; a slot ends as it does
with a model that says nothing of use. Each within the questions that it is allowed.
"""

import asyncio
import contextlib
import dataclasses
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import novum
from novum.errors import StudyError
from novum.models.examples import example
from novum.patches import diff
from novum.records import ModelAnswer, ModelRequest
from novum.scientists.language import LanguageScientist
from novum.steps.specify import ROUNDS
from novum.steps.typed import Answer, propose, schema_of
from novum.steps.write import write
from novum.testing.models import question
from novum.testing.mutations import Saying, mutate, survives, typed_outputs
from tests.scientists.language import test_build, test_register, test_topic, test_writing
from tests.scientists.language.acting import IDEA, NOVEL, PROGRAM_IDEA, Voices, stage
from tests.scientists.studies import Synthetic

OUTPUTS = typed_outputs()
outputs = pytest.mark.parametrize("kind", OUTPUTS, ids=lambda kind: kind.__name__)


@outputs
async def test_a_damaged_answer_is_a_record_or_a_failed_proposal(kind: type[Answer]) -> None:
    assert await survives(kind, example(schema_of(kind)), range(40)) < 40


@pytest.mark.slow
@outputs
async def test_ten_thousand_damaged_answers(kind: type[Answer]) -> None:
    fitted = await survives(kind, example(schema_of(kind)), range(10_000))
    assert 0 < fitted < 10_000


async def test_what_is_on_no_list_is_not_asked_for() -> None:
    from msgspec import Struct

    class Unlisted(Struct):
        title: str

    with pytest.raises(TypeError, match="no test would damage it"):
        await propose(Saying("{}"), question(), Unlisted)  # type: ignore[type-var]


# --- slots --------------------------------------------------------------------------------------------


class Damaging:
    """Damages what would be said, three times in four; counts the questions."""

    def __init__(self, seed: int, **good: Any):
        self.rng, self.good = random.Random(seed), good
        self.models = Voices(**dict.fromkeys(good, self._said))

    def _said(self, request: ModelRequest) -> Any:
        good = self.good[request.output_name]
        value = good(request) if callable(good) else good
        if self.rng.random() < 0.25:
            return value
        if isinstance(value, ModelAnswer):
            return ModelAnswer(model="agent", patch=mutate(self.rng, value.patch))
        return mutate(self.rng, value if isinstance(value, str) else json.dumps(value))

    def bounded(self, most: int) -> int:
        """How much was asked; no more than is allowed, and nothing twice."""
        asked = self.models.asked
        assert len(asked) <= most and len({r.key for r in asked}) == len(asked)
        return len(asked)


def ideation(seed: int) -> int:
    said = Damaging(
        seed, IdeaProposal=IDEA, Reflection={"done": False, "idea": PROGRAM_IDEA}, NoveltyVerdict=NOVEL
    )
    view, services = stage(said.models, proposals=2)
    asyncio.run(_awaited(services.scientist.ideate(view, services)))
    return said.bounded(2 * (3 + 2 * 2 + 3))


def edit(seed: int) -> int:
    said = Damaging(seed, answer=test_build.edit(test_build.LAST + " * 0.5"))
    state, services, base = test_build.begun(said.models)
    test_build.made(said.models, state, services, base)
    return said.bounded(3)


def patch(seed: int) -> int:
    def agent(request: ModelRequest) -> ModelAnswer:
        text = services.blobs.get(request.workspace["fit.py"]).decode()
        return ModelAnswer(model="agent", patch=diff({"fit.py": text}, {"fit.py": text + "# more\n"}))

    said = Damaging(seed, answer=agent)
    state, services, base = test_build.begun(said.models)
    test_build.made(said.models, state, services, base)
    return said.bounded(3)


def assessment(seed: int) -> int:
    said = Damaging(seed, Assessment={"as_planned": True, "broken": False, "finding": "It helps."})
    state, services, _ = test_build.begun(said.models)
    asyncio.run(_awaited(services.scientist.assess(state, "t0", services)))
    return said.bounded(2)


def registration(seed: int) -> int:
    said = Damaging(seed, Plan=test_register.plan(test_register.PENALTY))
    view, services = test_register.explored(said.models)
    asyncio.run(_awaited(services.scientist.register(view, services)))
    return said.bounded(3)


@cache
def concluded() -> Synthetic:
    return Synthetic("supported", seeds=8)


def writing(seed: int) -> int:
    said = Damaging(
        seed,
        Interpreted=test_writing.INTERPRETED,
        Introduced=test_writing.INTRODUCED,
        Summed=test_writing.SUMMED,
        Mended={"sentences": [{"number": 1, "text": ""}]},
    )
    study = concluded()
    services = dataclasses.replace(study.services(LanguageScientist(), []), models=said.models)
    asyncio.run(_awaited(write(study.state, services)))
    return said.bounded(3 * (2 + 2))


def specification(seed: int) -> int:
    """From a topic page to the files of a domain; a study whose domain nobody can write ends by saying so."""
    said = Damaging(seed, answer=test_topic.answering)
    asked: list[ModelRequest] = []

    def answer(request: ModelRequest) -> Any:
        asked.append(request)
        return said._said(request)

    with contextlib.suppress(StudyError):
        test_topic.specified(answer)
    assert len(asked) <= 3 * ROUNDS * 3 and len({r.key for r in asked}) == len(asked)
    return len(asked)


async def _awaited(found):
    return await found


SLOTS: dict[Callable[[int], int], int] = {
    ideation: 3,
    edit: 3,
    patch: 3,
    assessment: 3,
    registration: 2,
    specification: 2,
}
slots = pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.__name__)


@slots
def test_a_slot_takes_damaged_answers(slot: Callable[[int], int]) -> None:
    assert sum(slot(seed) for seed in range(SLOTS[slot]))


@pytest.mark.slow
@slots
def test_a_slot_takes_two_thousand_damaged_answers(slot: Callable[[int], int]) -> None:
    asked = seed = 0
    while asked < 2000:
        asked, seed = asked + slot(seed), seed + 1


@pytest.mark.slow
def test_a_paper_is_written_whatever_its_author_says() -> None:
    assert sum(writing(seed) for seed in range(4)) > 12


def test_nobody_asks_past_the_bounded_loop() -> None:
    """Steps and scientists ask through `novum.steps.typed`; the writer's note-taker hands on."""
    source = Path(novum.__file__).parent
    paths = [
        p for package in ("steps", "scientists", "search") for p in sorted((source / package).rglob("*.py"))
    ]
    asking = [str(p.relative_to(source)) for p in paths if "odels.ask(" in p.read_text()]
    assert asking == ["steps/typed.py", "scientists/language/writing/writer.py"]
