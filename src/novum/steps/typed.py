"""Typed outputs: a question whose answer is a record, or a failed proposal with the reason.

The record's fields become a JSON schema, which the model is given; what it answers is looked through for
JSON that fits, also between fences and prose. What does not fit goes back with the reason, a bounded number
of times. After that the answer is `Failed`: data that the caller decides about, never an exception. The
same answers lead to the same further questions, so a repeated step asks nothing that was answered.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, structs

from novum import tokens
from novum.protocols import Models
from novum.records import ModelAnswer, ModelRequest, Part, Record

REPAIRS = 2  # further questions after an answer that does not fit
QUOTED_TOKENS = 2000  # of an answer that is sent back
LONGEST = 1 << 20  # characters of an answer that are looked at
STARTS = 64  # places in an answer at which JSON may begin
UNCLOSED = 8  # of them at which it begins and does not end

T = TypeVar("T", bound=Struct)
Check = Callable[[Any], str]
"""What is wrong with a value beyond its types, as a sentence for the model; empty if it will do."""


class Failed(Record, kw_only=True):
    """A failed proposal: why the last answer could not be used, after so many questions."""

    reason: str
    asked: int
    refused: bool = False


class Misfit(ValueError):
    """An answer that does not fit; says why, in words that are sent back."""


async def propose(
    models: Models,
    request: ModelRequest,
    kind: type[T],
    *,
    check: Check = lambda value: "",
    repairs: int = REPAIRS,
    node: str = "",
) -> T | Failed:
    """Ask for a record of a kind; `request.output` is set to its schema.

    Raises:
        OutOfBudget, ProviderError, UserError: see `novum.protocols.Models`; never for what a model says.
    """
    question = structs.replace(request, output=schema_of(kind), output_name=kind.__name__)
    reason = ""
    for turn in range(repairs + 1):
        answer = await models.ask(question, node=node)
        try:
            return _checked(read_answer(answer, kind), check)
        except Misfit as misfit:
            reason = str(misfit)
        if answer.finish == "refused":
            return Failed(reason=reason, asked=turn + 1, refused=True)
        question = sent_back(question, answer, reason)
    return Failed(reason=reason, asked=repairs + 1)


def sent_back(question: ModelRequest, answer: ModelAnswer, reason: str) -> ModelRequest:
    """The question that follows an answer which does not fit: it quotes the answer and says why."""
    said = answer.text if answer.data is None else msgspec.json.encode(answer.data).decode()
    quoted = tokens.clip(said.strip(), QUOTED_TOKENS) or "(nothing)"
    again = f"This cannot be used: {reason}. Answer again, with one JSON value that fits the schema."
    return structs.replace(
        question, parts=(*question.parts, Part(speaker="model", text=quoted), Part(text=again))
    )


def _checked(value: T, check: Check) -> T:
    if wrong := check(value):
        raise Misfit(wrong)
    return value


# --- reading an answer --------------------------------------------------------------------------------


def read_answer(answer: ModelAnswer, kind: type[T]) -> T:
    """The record that an answer holds.

    Raises:
        Misfit: it holds none, or one that does not fit.
    """
    if answer.finish == "refused":
        raise Misfit(f"the model declined: {tokens.clip(answer.text.strip(), 100) or 'without a reason'}")
    reasons = []
    for value in _values(answer):
        try:
            return msgspec.convert(value, kind, strict=False)
        except (msgspec.ValidationError, RecursionError) as error:
            reasons.append(str(error))
    if answer.finish == "length":
        raise Misfit("it was cut off at the greatest length allowed, so be shorter")
    if reasons:
        raise Misfit(reasons[0])
    raise Misfit("there is no complete JSON object in it" if answer.text.strip() else "it is empty")


def _values(answer: ModelAnswer) -> Iterator[Any]:
    """Every JSON value in an answer that could be meant: what the provider took out, the text, its parts."""
    if answer.data is not None and not isinstance(answer.data, str):
        yield answer.data
    text = (answer.data if isinstance(answer.data, str) else answer.text)[:LONGEST].strip()
    for candidate in (text, *_spans(text)):
        try:
            value = msgspec.json.decode(candidate)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if isinstance(value, dict | list):
            yield value


def _spans(text: str) -> Iterator[str]:
    """Parts of a text between matching outer brackets, objects before lists, in their order."""
    for opening in "{[":
        place, unclosed = text.find(opening), 0
        for _ in range(STARTS):
            if place < 0 or unclosed > UNCLOSED:
                break
            end = _closing(text, place)
            if end:
                yield text[place:end]
            unclosed += not end
            place = text.find(opening, end or place + 1)


def _closing(text: str, start: int) -> int:
    """One past the bracket that closes the one at `start`; 0 if none does. Strings are skipped."""
    depth, place, inside = 0, start, False
    while place < len(text):
        char = text[place]
        if inside:
            place += char == "\\"
            inside = char != '"'
        elif char == '"':
            inside = True
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
            if not depth:
                return place + 1
        place += 1
    return 0


# --- schemas ------------------------------------------------------------------------------------------


@cache
def schema_of(kind: type[Struct]) -> dict[str, object]:
    """The JSON schema of a record, with an object at its root as providers demand; do not change it."""
    schema = msgspec.json.schema(kind)
    defined = schema.pop("$defs", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    root = dict(defined.pop(name)) if name else schema
    return {**root, "$defs": defined} if defined else root
