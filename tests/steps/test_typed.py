"""Typed outputs: JSON is found wherever it is, what does not fit goes back, and nothing crashes."""

import random
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from novum.canonical import canonical
from novum.records import ModelAnswer, ModelRequest, Role
from novum.steps.typed import Failed, Misfit, propose, read_answer, schema_of
from novum.testing.models import question


class Scores(Struct, kw_only=True):
    novelty: Annotated[float, Meta(ge=0, le=1)]
    reason: str = ""


class Proposed(Struct, kw_only=True):
    """What a test asks for: every kind of field that the steps use."""

    title: Annotated[str, Meta(min_length=1)]
    direction: Literal["greater", "less"]
    factors: tuple[str, ...]
    levels: dict[str, float | str | bool]
    scores: list[Scores]
    note: str | None = None


GOOD = {
    "title": "Weight decay brings the transition forward",
    "direction": "less",
    "factors": ["weight_decay"],
    "levels": {"weight_decay": 1.0, "optimiser": "adamw", "clip": True},
    "scores": [{"novelty": 0.5, "reason": 'a brace } and a quote " in \\ a string'}],
}
TEXT = msgspec.json.encode(GOOD).decode()
WANTED = msgspec.convert(GOOD, Proposed)


class Scripted:
    """`Models` that answer from a list and keep what they were asked; more questions than answers fail."""

    def __init__(self, *answers: str | ModelAnswer):
        self.left = list(answers)
        self.asked: list[ModelRequest] = []

    def names(self, role: Role) -> tuple[str, ...]:
        return ("scripted",)

    async def ask(self, request: ModelRequest, *, node: str = "") -> ModelAnswer:
        self.asked.append(request)
        said = self.left.pop(0)
        return said if isinstance(said, ModelAnswer) else ModelAnswer(model="scripted", text=said)

    async def ask_all(self, requests: Sequence[ModelRequest], *, node: str = "") -> list[ModelAnswer]:
        return [await self.ask(request, node=node) for request in requests]

    async def close(self) -> None:
        return None


def read(text: str = "", **fields) -> Proposed:
    return read_answer(ModelAnswer(model="m", text=text, **fields), Proposed)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"```json\n{TEXT}\n```",
        f"Here you are:\n\n```\n{TEXT}\n```\nI hope that it helps {{really}}.",
        f"First I thought of {{'x': 1}} and [1, 2], but {TEXT} is better.",
        f"\ufeff {TEXT}",
        f"[{TEXT}]\n{TEXT}",
    ],
)
def test_json_is_found_among_fences_and_prose(text: str) -> None:
    assert read(text) == WANTED


def test_what_the_provider_took_out_goes_first() -> None:
    assert read("some prose", data=GOOD) == WANTED
    assert read("", data=TEXT) == WANTED


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"text": ""}, "it is empty"),
        ({"text": "I would rather not say."}, "no complete JSON object"),
        ({"text": TEXT[:-5]}, "no complete JSON object|missing required"),
        ({"text": TEXT[:-40], "finish": "length"}, "cut off"),
        ({"text": "That is harmful.", "finish": "refused"}, "declined: That is harmful"),
        ({"text": TEXT.replace('"less"', '"sideways"')}, "Invalid enum value 'sideways' - at `.*direction`"),
        ({"text": TEXT.replace("0.5", "7")}, r"<= 1.* at `\$.scores\[0\].novelty`"),
        ({"text": TEXT.replace("0.5", "NaN")}, "no complete JSON object|Expected|missing"),
        ({"text": "[" * 100_000}, "no complete JSON object"),
        ({"text": "[" * 3000 + "]" * 3000}, "no complete JSON object|Expected"),
        ({"text": '{"a":' * 3000 + "1" + "}" * 3000}, "no complete JSON object|missing required"),
        ({"text": '{"title": "' + "9" * 10_000}, "no complete JSON object"),
        ({"data": [1, 2]}, "Expected `object`, got `array`"),
    ],
)  # fmt: skip
def test_what_does_not_fit_says_why(answer, says: str) -> None:
    with pytest.raises(Misfit, match=says):
        read(**answer)


async def test_a_misfit_goes_back_with_the_answer_and_the_reason() -> None:
    models = Scripted(TEXT.replace('"less"', '"sideways"'), TEXT)
    assert await propose(models, question(), Proposed) == WANTED
    first, second = models.asked
    assert first.output == schema_of(Proposed) and first.output_name == "Proposed"
    assert second.parts[: len(first.parts)] == first.parts
    assert [p.speaker for p in second.parts[-2:]] == ["model", "user"]
    assert "sideways" in second.parts[-2].text and "Invalid enum value" in second.parts[-1].text


async def test_repairs_are_bounded_and_end_as_a_value() -> None:
    models = Scripted(*["no"] * 10)
    found = await propose(models, question(), Proposed, repairs=3)
    assert found == Failed(reason="there is no complete JSON object in it", asked=4)
    assert len({r.key for r in models.asked}) == 4  # each a question of its own, none answered from before


async def test_a_refusal_is_not_argued_with() -> None:
    models = Scripted(ModelAnswer(model="m", text="I cannot help with that.", finish="refused"))
    found = await propose(models, question(), Proposed)
    assert isinstance(found, Failed) and found.refused and found.asked == 1


async def test_a_check_beyond_types_sends_back_too() -> None:
    def check(value: Proposed) -> str:
        return "" if value.factors == ("weight_decay",) else "factors must be weight_decay"

    models = Scripted(TEXT.replace('["weight_decay"]', '["luck"]'), TEXT)
    assert await propose(models, question(), Proposed, check=check) == WANTED
    assert "factors must be weight_decay" in models.asked[1].parts[-1].text


async def test_a_quoted_answer_is_bounded() -> None:
    models = Scripted("x" * 1_000_000, TEXT)
    await propose(models, question(), Proposed)
    assert len(models.asked[1].parts[-2].text) < 10_000


def test_a_schema_has_an_object_at_its_root() -> None:
    schema = schema_of(Proposed)
    assert schema["type"] == "object" and set(schema["$defs"]) == {"Scores"}  # type: ignore[arg-type]


# --- mutations ----------------------------------------------------------------------------------------


def mutate(rng: random.Random, text: str) -> str:
    """A text damaged in the ways that answers are: cut, doubled, spliced, with odd characters and values."""
    ways = (
        lambda t: t[: rng.randrange(len(t) + 1)],
        lambda t: t[rng.randrange(len(t) + 1) :],
        lambda t: t + t[: rng.randrange(len(t) + 1)],
        lambda t: _swap(rng, t, rng.choice('{}[]",:\\\n\x00\ud800\u202e🙂')),
        lambda t: _swap(rng, t, rng.choice(("NaN", "1e999", "null", "-0", "True", "\\u12", "//", '"":'))),
        lambda t: t.replace('"', rng.choice(("'", "“", '\\"')), rng.randrange(6)),
        lambda t: t.replace(",", rng.choice((";", ",,", "")), rng.randrange(4)),
        lambda t: f"```{rng.choice(('json', '', 'python'))}\n{t}\n```" * rng.randrange(1, 3),
        lambda t: rng.choice(("{", "[", "}", "(", "<think>")) * rng.randrange(200) + t,
        lambda t: t.replace("0.5", rng.choice(("5", "-1", "0.5e400", "[]", '"high"', "9" * 5000))),
    )
    for _ in range(rng.randrange(1, 4)):
        text = rng.choice(ways)(text)
    return text


def _swap(rng: random.Random, text: str, piece: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + piece + text[at + rng.randrange(3) :]


async def ask_mutated(seeds: range, kind: type[Struct], text: str) -> int:
    """Ask with mutated answers; every outcome is a record or a failed proposal. Returns how many fitted."""
    fitted = 0
    for seed in seeds:
        rng = random.Random(seed)
        models = Scripted(*(mutate(rng, text) for _ in range(3)))
        found = await propose(models, question(), kind)
        assert isinstance(found, kind | Failed)
        assert len(models.asked) <= 3
        canonical(found).encode()  # whatever came can be journaled
        fitted += isinstance(found, kind)
    return fitted


async def test_mutated_answers_never_crash_and_never_ask_without_end() -> None:
    assert 0 < await ask_mutated(range(400), Proposed, TEXT) < 400


@pytest.mark.slow
async def test_ten_thousand_mutated_answers() -> None:
    assert 0 < await ask_mutated(range(3400), Proposed, TEXT) < 3400  # up to three answers each
