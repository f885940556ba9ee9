"""The conformance suite of language models: what every backend must do.

    @pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
    async def test_my_backend(check):
        await check(lambda said: MyModel(…))

Each check is given a function that makes a model which will say certain things in turn: a text, a dict (as
structured output), or an error of `novum.errors`. What stands behind the model (a server, a person, a
journal) is the test's to arrange. A check raises AssertionError if the backend breaks the contract of
`novum.protocols.LanguageModel`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from novum.errors import ProviderError
from novum.protocols import LanguageModel
from novum.records import ModelRequest, Part

Make = Callable[[Sequence[str | dict[str, object] | ProviderError]], LanguageModel]
Check = Callable[[Make], Awaitable[None]]

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "score": {"type": "number"}},
    "required": ["title", "score"],
}


def question(text: str = "What is 6 × 7?", sample: int = 0, **fields: object) -> ModelRequest:
    """A request with a system part, a stable part and a question."""
    parts = (
        Part(speaker="system", text="You answer briefly."),
        Part(text="We do arithmetic.", stable=True),
        Part(text=text),
    )
    return ModelRequest(role="ideate", parts=parts, sample=sample, **fields)  # type: ignore[arg-type]


async def check_it_has_a_name(make: Make) -> None:
    """The name says which model it is; asking does not change it."""
    model = make(["42"])
    before = model.name
    assert before and isinstance(before, str)
    await model.ask(question())
    assert model.name == before
    await model.close()


async def check_a_text_comes_back_whole(make: Make) -> None:
    """Free text arrives as it was said, with characters of every kind, and says who said it."""
    said = "It is 42.\n\n```python\nprint('π ≈ 3', \"\\n\")\n```\n日本語 🙂"
    model = make([said])
    answer = await model.ask(question())
    assert answer.text.strip() == said
    assert answer.data is None
    assert answer.model and answer.finish == "stop"
    await model.close()


async def check_structured_output_arrives(make: Make) -> None:
    """Asked for JSON of a schema, the value is in `data`, or as JSON in `text`."""
    import json

    wanted = {"title": "forty-two", "score": 0.5}
    model = make([wanted])
    answer = await model.ask(question(output=SCHEMA))
    assert (json.loads(answer.text) if answer.data is None else answer.data) == wanted
    await model.close()


async def check_the_worst_case_bounds_what_is_used(make: Make) -> None:
    """No attempt uses more tokens or money than was announced before it."""
    model = make(["forty-two " * 10])
    request = question(max_output_tokens=200)
    most = model.worst_case(request)
    answer = await model.ask(request)
    assert answer.usage.total <= most.tokens
    assert most.usd is None or (answer.usd is not None and answer.usd <= most.usd)
    await model.close()


async def check_a_failure_is_a_provider_error(make: Make) -> None:
    """What goes wrong outside is a `ProviderError`, and the next call works."""
    from novum.errors import Overloaded

    model = make([Overloaded("the service is down"), "42"])
    try:
        await model.ask(question())
    except ProviderError:
        pass
    else:
        raise AssertionError("a failure was passed off as an answer")
    assert (await model.ask(question(sample=1))).text.strip() == "42"
    await model.close()


async def check_calls_may_overlap(make: Make) -> None:
    """Several calls at once each get an answer of their own."""
    model = make([f"answer {i}" for i in range(5)])
    answers = await asyncio.gather(*(model.ask(question(sample=i)) for i in range(5)))
    assert sorted(a.text.strip() for a in answers) == [f"answer {i}" for i in range(5)]
    await model.close()


async def check_it_closes_twice(make: Make) -> None:
    """Closing is safe at any time, also when nothing was asked."""
    model = make([])
    await model.close()
    await model.close()


CHECKS: tuple[Check, ...] = (
    check_it_has_a_name,
    check_a_text_comes_back_whole,
    check_structured_output_arrives,
    check_the_worst_case_bounds_what_is_used,
    check_a_failure_is_a_provider_error,
    check_calls_may_overlap,
    check_it_closes_twice,
)
FREE_OF_FAILURES = tuple(c for c in CHECKS if c is not check_a_failure_is_a_provider_error)
"""For backends that have no provider to fail (a person, a recording)."""
