"""Requests and answers in the client library's words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from novum.canonical import canonical
from novum.protocols import Blobs
from novum.records import ModelRequest, Part

if TYPE_CHECKING:
    from pydantic_ai import messages as theirs
    from pydantic_ai.models import ModelRequestParameters

Mode = Literal["native", "tool", "prompted"]
"""How structured output is asked for: by the provider's own means, as arguments of a tool, or in words."""

MODES: tuple[Mode, ...] = ("native", "tool", "prompted")
TOOL = "answer"


def parameters(request: ModelRequest, mode: Mode) -> "ModelRequestParameters":
    """What the answer is to look like, in the way that `mode` says."""
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition
    from pydantic_ai.tools import ToolDefinition

    schema: Any = request.output
    if schema and mode == "native":
        wanted = OutputObjectDefinition(json_schema=schema, name=request.output_name)
        return ModelRequestParameters(output_mode="native", output_object=wanted)
    if schema and mode == "tool":
        what = f"Give the {request.output_name} that was asked for."
        tool = ToolDefinition(name=TOOL, parameters_json_schema=schema, kind="output", description=what)
        return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)
    return ModelRequestParameters()


def said(response: "theirs.ModelResponse") -> tuple[str, object]:
    """Text and structured output of a response. Arguments that are no JSON are text: they go back."""
    texts, data = [], None
    for part in response.parts:
        if part.part_kind == "text":
            texts.append(part.content)
        elif part.part_kind == "tool-call" and data is None:
            try:
                data = msgspec.json.decode(part.args) if isinstance(part.args, str) else part.args
            except (msgspec.DecodeError, RecursionError):
                texts.append(str(part.args))
    return "".join(texts), data


def messages(request: ModelRequest, blobs: Blobs, *, told: bool = False) -> Iterator["theirs.ModelMessage"]:
    """The library's messages for a request: one per run of parts with the same speaker.

    `told` adds the schema in words. A mark for the provider's cache stands after the last stable part.
    """
    from pydantic_ai import messages as theirs

    system = "\n\n".join(part.text for part in request.parts if part.speaker == "system")
    if told:
        system = f"{system}\n\n{_schema_in_words(request)}".strip()
    opening: list[Any] = [theirs.SystemPromptPart(system)] if system else []
    turn: list[Part] = []
    for part in [p for p in request.parts if p.speaker != "system"]:
        if part.speaker == "user":
            turn.append(part)
            continue
        yield theirs.ModelRequest([*opening, theirs.UserPromptPart(list(_content(turn, blobs)))])
        yield theirs.ModelResponse([theirs.TextPart(part.text)])
        opening, turn = [], []
    if turn or opening:
        said = [theirs.UserPromptPart(list(_content(turn, blobs)))] if turn else []
        yield theirs.ModelRequest([*opening, *said])


def _content(turn: list[Part], blobs: Blobs) -> Iterator[Any]:
    from pydantic_ai.messages import BinaryContent, CachePoint

    last_stable = max((i for i, part in enumerate(turn) if part.stable), default=-1)
    for i, part in enumerate(turn):
        if part.image:
            yield BinaryContent(data=blobs.get(part.image), media_type=part.media_type or "image/png")
        else:
            yield part.text
        if i == last_stable:
            yield CachePoint()


def _schema_in_words(request: ModelRequest) -> str:
    return (
        "Answer with one JSON object and nothing else. It must fit this JSON schema:\n"
        f"{canonical(request.output)}"
    )
