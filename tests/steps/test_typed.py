"""Typed outputs: JSON is found wherever it is, what does not fit goes back, and nothing crashes."""

from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from novum.records import ModelAnswer
from novum.steps.typed import Answer, Failed, Misfit, propose, read_answer, schema_of
from novum.testing.models import question
from novum.testing.mutations import Saying, survives


class Scores(Struct, kw_only=True):
    novelty: Annotated[float, Meta(ge=0, le=1)]
    reason: str = ""


class Proposed(Answer, frozen=True, kw_only=True):
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
        ({"text": TEXT[:-5]}, "no complete JSON|missing required|unknown field"),
        ({"text": TEXT[:-40], "finish": "length"}, "cut off"),
        ({"text": "That is harmful.", "finish": "refused"}, "declined: That is harmful"),
        ({"text": TEXT.replace('"less"', '"sideways"')}, "Invalid enum value 'sideways' - at `.*direction`"),
        ({"text": TEXT.replace("0.5", "7")}, r"<= 1.* at `\$.scores\[0\].novelty`"),
        ({"text": TEXT.replace("0.5", "NaN")}, "no complete JSON object|Expected|missing"),
        ({"text": "[" * 100_000}, "no complete JSON object"),
        ({"text": "[" * 3000 + "]" * 3000}, "no complete JSON object|Expected"),
        ({"text": '{"a":' * 3000 + "1" + "}" * 3000}, "no complete JSON|missing required|unknown field"),
        ({"text": '{"title": "' + "9" * 10_000}, "no complete JSON object"),
        ({"data": [1, 2]}, "Expected `object`, got `array`"),
    ],
)  # fmt: skip
def test_what_does_not_fit_says_why(answer, says: str) -> None:
    with pytest.raises(Misfit, match=says):
        read(**answer)


async def test_a_misfit_goes_back_with_the_answer_and_the_reason() -> None:
    models = Saying(TEXT.replace('"less"', '"sideways"'), TEXT)
    assert await propose(models, question(), Proposed) == WANTED
    first, second = models.asked
    assert first.output == schema_of(Proposed) and first.output_name == "Proposed"
    assert second.parts[: len(first.parts)] == first.parts
    assert [p.speaker for p in second.parts[-2:]] == ["model", "user"]
    assert "sideways" in second.parts[-2].text and "Invalid enum value" in second.parts[-1].text


async def test_repairs_are_bounded_and_end_as_a_value() -> None:
    models = Saying(*["no"] * 10)
    found = await propose(models, question(), Proposed, repairs=3)
    assert found == Failed(reason="there is no complete JSON object in it", asked=4)
    assert len({r.key for r in models.asked}) == 4  # each a question of its own, none answered from before


async def test_a_refusal_is_not_argued_with() -> None:
    models = Saying(ModelAnswer(model="m", text="I cannot help with that.", finish="refused"))
    found = await propose(models, question(), Proposed)
    assert isinstance(found, Failed) and found.refused and found.asked == 1


async def test_a_check_beyond_types_sends_back_too() -> None:
    def check(value: Proposed) -> str:
        return "" if value.factors == ("weight_decay",) else "factors must be weight_decay"

    models = Saying(TEXT.replace('["weight_decay"]', '["luck"]'), TEXT)
    assert await propose(models, question(), Proposed, check=check) == WANTED
    assert "factors must be weight_decay" in models.asked[1].parts[-1].text


async def test_a_quoted_answer_is_bounded() -> None:
    models = Saying("x" * 1_000_000, TEXT)
    await propose(models, question(), Proposed)
    assert len(models.asked[1].parts[-2].text) < 10_000


def test_a_schema_has_an_object_at_its_root() -> None:
    schema = schema_of(Proposed)
    assert schema["type"] == "object" and set(schema["$defs"]) == {"Scores"}  # type: ignore[arg-type]


# --- mutations ----------------------------------------------------------------------------------------


async def test_mutated_answers_never_crash_and_never_ask_without_end() -> None:
    assert 0 < await survives(Proposed, GOOD, range(400)) < 400


@pytest.mark.slow
async def test_ten_thousand_mutated_answers() -> None:
    fitted = await survives(Proposed, GOOD, range(10_000))
    assert 0 < fitted < 10_000
