"""Answers of models, damaged in the ways that answers are; for every typed output there is.

    @pytest.mark.parametrize("kind", typed_outputs())
    async def test_it_survives(kind):
        await survives(kind, example(schema_of(kind)), range(400))

A typed output has to end as a record or as a failed proposal, within the questions it is allowed, whatever
a model says; what it ends as must be storable.
"""

import json
import random
from collections.abc import Iterator, Sequence
from importlib import import_module
from pkgutil import walk_packages

from novum.canonical import canonical
from novum.records import ModelAnswer, ModelRequest, Role
from novum.steps.typed import REPAIRS, Answer, Failed, propose
from novum.testing.models import question

HERE = ("novum.steps", "novum.scientists")
"""Packages in which models are asked."""
ODD = '{}[]",:\\\n\x00\ud800\u202e🙂'
STRAY = ("NaN", "1e999", "null", "-0", "True", "\\u12", "//", '"":', "undefined")
VALUES = ("5", "-1", "0.5e400", "[]", "{}", '"high"', "null", "9" * 5000, '"' + "a" * 5000 + '"')


class Saying:
    """`novum.protocols.Models` that say certain things in turn, and keep what they were asked."""

    def __init__(self, *answers: str | ModelAnswer):
        self.left = list(answers)
        self.asked: list[ModelRequest] = []

    def names(self, role: Role) -> tuple[str, ...]:
        return ("scripted:saying",)

    async def ask(self, request: ModelRequest, *, node: str = "") -> ModelAnswer:
        self.asked.append(request)
        said = self.left.pop(0)
        return said if isinstance(said, ModelAnswer) else ModelAnswer(model="saying", text=said)

    async def ask_all(self, requests: Sequence[ModelRequest], *, node: str = "") -> list[ModelAnswer]:
        return [await self.ask(request, node=node) for request in requests]

    async def close(self) -> None:
        return None


def typed_outputs(packages: Sequence[str] = HERE) -> list[type[Answer]]:
    """Every record that a step or a scientist may ask a model for, by name: whatever is an `Answer`."""
    for package in packages:
        for found in walk_packages(import_module(package).__path__, f"{package}."):
            import_module(found.name)
    kinds = [kind for kind in _below(Answer) if kind.__module__.startswith(tuple(packages))]
    return sorted(kinds, key=lambda kind: (kind.__module__, kind.__name__))


def _below(kind: type[Answer]) -> Iterator[type[Answer]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)


def mutate(rng: random.Random, text: str) -> str:
    """A text with one to three damages: cut, doubled, spliced, re-quoted, fenced, with other values."""
    ways = (
        lambda t: t[: rng.randrange(len(t) + 1)],
        lambda t: t[rng.randrange(len(t) + 1) :],
        lambda t: t + t[: rng.randrange(len(t) + 1)],
        lambda t: _spliced(rng, t, rng.choice(ODD)),
        lambda t: _spliced(rng, t, rng.choice(STRAY)),
        lambda t: t.replace('"', rng.choice(("'", "“", '\\"')), rng.randrange(6)),
        lambda t: t.replace(",", rng.choice((";", ",,", "")), rng.randrange(4)),
        lambda t: f"```{rng.choice(('json', '', 'python'))}\n{t}\n```" * rng.randrange(1, 3),
        lambda t: rng.choice(("{", "[", "}", "(", "<think>")) * rng.randrange(200) + t,
        lambda t: _other_value(rng, t),
    )
    for _ in range(rng.randrange(1, 4)):
        text = rng.choice(ways)(text)
    return text


def _spliced(rng: random.Random, text: str, piece: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + piece + text[at + rng.randrange(3) :]


def _other_value(rng: random.Random, text: str) -> str:
    """A text in which some value after a colon is another."""
    colons = [i for i, char in enumerate(text) if char == ":"]
    if not colons:
        return text
    start = rng.choice(colons) + 1
    end = min((i for i in (text.find(c, start) for c in ",}]") if i > 0), default=len(text))
    return text[:start] + rng.choice(VALUES) + text[end:]


async def survives(kind: type[Answer], example: object, seeds: range) -> int:
    """Ask for a record with mutated answers, once for each seed; returns how many became one.

    `example` is a valid answer as plain data. Raises AssertionError if anything else comes of an answer
    than a record or a failed proposal, or if more is asked than is allowed.
    """
    text, fitted = json.dumps(example), 0
    for seed in seeds:
        rng = random.Random(seed)
        models = Saying(*(mutate(rng, text) for _ in range(REPAIRS + 1)))
        found = await propose(models, question(), kind)
        assert isinstance(found, kind | Failed), f"seed {seed}: {found!r}"
        canonical(found).encode()  # else it could not be journaled
        fitted += isinstance(found, kind)
    return fitted
