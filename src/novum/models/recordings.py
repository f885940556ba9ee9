"""What models answered in a study, by what was asked: read from its journal, or from a small file of its own.

The file holds answers and no questions: a first line that says whose it is, then one line for each call. A
question is known by its key. It has a second, wider key in which numbers count for nothing, but for those in
its system and stable parts: on another machine the last digits of a measurement may be others, and what was
answered to the same question still is an answer to it. That it was given to other numbers is said with it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from novum.canonical import canonical, digest
from novum.errors import UserError
from novum.events import Event, ModelAnswered, ModelAsked
from novum.protocols import Blobs
from novum.records import ModelAnswer, ModelRequest

SUFFIX = ".jsonl"
SCHEMA = 1
OTHER_NUMBERS = " (said of other numbers)"
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w])")


class Title(Struct, frozen=True, kw_only=True, tag_field="kind", tag="recording"):
    """The first line of a file: which study's answers these are, and how that was begun."""

    study: str
    schema: int = SCHEMA
    command: str = ""


class Recorded(Struct, frozen=True, kw_only=True):
    """An answer, by the key of its question and by the wider one."""

    key: str
    wide: str
    role: str
    answer: ModelAnswer


class Recording:
    """Answers by what was asked."""

    def __init__(self, answers: Iterator[Recorded]):
        self._exact: dict[str, ModelAnswer] = {}
        self._wide: dict[str, list[ModelAnswer]] = {}
        for recorded in answers:
            self._exact[recorded.key] = recorded.answer
            self._wide.setdefault(recorded.wide, []).append(recorded.answer)

    def answer(self, request: ModelRequest) -> ModelAnswer | None:
        """What was answered to a request, or to the one that differs from it in numbers alone; else None."""
        if (said := self._exact.get(request.key)) is not None:
            return said
        near = self._wide.get(wide_key(request), [])
        if len(near) != 1:  # which of them was meant cannot be told
            return None
        return structs.replace(near[0], model=f"{near[0].model}{OTHER_NUMBERS}")


def wide_key(request: ModelRequest) -> str:
    """A request's key without the numbers of what changes from question to question."""
    parts = tuple(
        part if part.stable or part.speaker == "system" or not part.text
        else structs.replace(part, text=_NUMBER.sub("#", part.text))
        for part in request.parts
    )  # fmt: skip
    return digest(["wide", structs.replace(request, parts=parts, sample=0), request.sample])


def of_journal(events: Iterator[Event], blobs: Blobs) -> Iterator[Recorded]:
    """The answers that a journal holds, in the order of their questions."""
    asked: dict[str, ModelRequest] = {}
    for event in events:
        body = event.body
        if isinstance(body, ModelAsked) and body.key not in asked:
            asked[body.key] = msgspec.json.decode(blobs.get(body.request), type=ModelRequest)
        if isinstance(body, ModelAnswered) and body.answer and body.key in asked:
            request = asked[body.key]
            answer = msgspec.json.decode(blobs.get(body.answer), type=ModelAnswer)
            yield Recorded(key=body.key, wide=wide_key(request), role=request.role, answer=answer)


def written(title: Title, answers: Iterator[Recorded]) -> bytes:
    """The file of a recording."""
    return "".join(f"{canonical(line)}\n" for line in (title, *answers)).encode()


def of_file(path: Path) -> Iterator[Recorded]:
    """The answers in a file.

    Raises:
        UserError: it cannot be read, or is no recording.
    """
    try:
        first, *rest = path.read_bytes().splitlines()
        title = msgspec.json.decode(first, type=Title)
        yield from (msgspec.json.decode(line, type=Recorded) for line in rest)
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise UserError(
            f"{path} is no recording: {error}", fix="make one with novum export --to recording"
        ) from error
    if title.schema != SCHEMA:
        raise UserError(
            f"{path} is a recording of the form {title.schema}", fix="make it again with novum export"
        )


def title_of(path: Path) -> Title:
    """Whose answers a file holds, and the command that its study was begun with."""
    with path.open("rb") as file:
        return msgspec.json.decode(file.readline(), type=Title)
