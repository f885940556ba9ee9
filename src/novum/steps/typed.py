"""Typed outputs: a question whose answer is a record, or a failed proposal with the reason.

The record's fields become a JSON schema, which the model is given; what it answers is looked through for
JSON that fits, also between fences and prose. What does not fit goes back with the reason, a bounded number
of times. After that the answer is `Failed`: data that the caller decides about, never an exception. The
same answers lead to the same further questions, so a repeated step asks nothing that was answered.

Every such record is an `Answer`, and `propose` takes no other: so all typed outputs there are can be listed,
and the one that is added tomorrow is among those that tests damage. What is no JSON (an edit of a program) is
read by a function of its own and goes through the same loop (`ask_until`).
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
AGAIN = "This cannot be used: REASON. Answer again, with one JSON value that fits the schema."
QUOTED_TOKENS = 2000  # of an answer that is sent back
LONGEST = 1 << 20  # characters of an answer that are looked at
STARTS = 64  # places in an answer at which JSON may begin
UNCLOSED = 8  # of them at which it begins and does not end


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of everything that a model may be asked for by schema; `kw_only` is to be said again."""


T = TypeVar("T", bound=Answer)
Read = TypeVar("Read")
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
    if not issubclass(kind, Answer):
        raise TypeError(f"{kind.__name__} is no Answer, so that no test would damage it")
    question = structs.replace(request, output=schema_of(kind), output_name=kind.__name__)

    def read(answer: ModelAnswer) -> T:
        return _checked(read_answer(answer, kind), check)

    return await ask_until(models, question, read, AGAIN, repairs=repairs, node=node)


async def ask_until(
    models: Models,
    question: ModelRequest,
    read: Callable[[ModelAnswer], Read],
    again: str,
    *,
    repairs: int = REPAIRS,
    quoted: int = QUOTED_TOKENS,
    node: str = "",
) -> Read | Failed:
    """Ask until `read` can make something of an answer, at most `repairs` times more.

    `again` is how an answer of which it can make nothing (it raises `Misfit`) is sent back, with the word
    REASON in it; `quoted` is about how many tokens of that answer go back.

    Raises:
        OutOfBudget, ProviderError, UserError: see `novum.protocols.Models`; never for what a model says.
    """
    reason = ""
    for turn in range(repairs + 1):
        answer = await models.ask(question, node=node)
        if answer.finish == "refused":
            return Failed(reason=str(_declined(answer)), asked=turn + 1, refused=True)
        try:
            return read(answer)
        except Misfit as misfit:
            reason = str(misfit)
        question = sent_back(question, answer, again.replace("REASON", reason), quoted)
    return Failed(reason=reason, asked=repairs + 1)


def sent_back(question: ModelRequest, answer: ModelAnswer, again: str, quoted: int) -> ModelRequest:
    """The question that follows an answer which does not fit: it quotes the answer and says why."""
    plain = answer.text or answer.patch
    said = plain if answer.data is None else msgspec.json.encode(answer.data).decode()
    shown = tokens.clip(said.strip(), quoted) or "(nothing)"
    parts = (*question.parts, Part(speaker="model", text=shown), Part(text=again))
    return structs.replace(question, parts=parts)


def _declined(answer: ModelAnswer) -> "Misfit":
    return Misfit(f"the model declined: {tokens.clip(answer.text.strip(), 100) or 'without a reason'}")


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
        raise _declined(answer)
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
