"""What is sent keeps its beginning, so that providers' caches hit; and what a mode asks for."""

import json

import pytest

pytest.importorskip("pydantic_ai")

from novum.journal import FileBlobs
from novum.models import Surroundings, open_model
from novum.records import ModelRequest, Part
from novum.testing.server import Server

CODE = "def train():\n    return 42\n" * 50


def asked(server: Server) -> list[str]:
    """The messages of each request as sent, in one text each."""
    return [json.dumps(seen.body["messages"]) for seen in server.seen]


async def test_calls_that_share_their_stable_parts_share_their_beginning(blobs: FileBlobs) -> None:
    """The code is sent first and the same; what differs comes after it, repairs at the very end."""
    stable = (Part(speaker="system", text="You improve programs."), Part(text=CODE, stable=True))
    first = ModelRequest(role="code", parts=(*stable, Part(text="Make it faster.")))
    other = ModelRequest(role="code", parts=(*stable, Part(text="Make it right.")))
    repair = ModelRequest(
        role="code", parts=(*first.parts, Part(speaker="model", text="no"), Part(text="again"))
    )
    with Server(["a", "b", "c"]) as server:
        model = open_model(f"{server.url}#x", Surroundings(blobs=blobs, environ={}))
        for request in (first, other, repair):
            await model.ask(request)
        await model.close()
    texts = asked(server)
    shared = texts[0][: texts[0].index("Make it faster")]
    assert json.dumps(CODE)[1:-1] in shared
    assert texts[1].startswith(shared)
    assert texts[2].startswith(texts[0].rstrip("]}"))


async def test_a_server_of_which_nothing_is_known_is_told_the_schema_in_words(blobs: FileBlobs) -> None:
    schema: dict[str, object] = {"type": "object", "properties": {"marker": {"type": "string"}}}
    request = ModelRequest(role="code", parts=(Part(text="Say something."),), output=schema)
    with Server([{"marker": "x"}]) as server:
        model = open_model(f"{server.url}#x", Surroundings(blobs=blobs, environ={}))
        answer = await model.ask(request)
        await model.close()
    system = server.seen[0].body["messages"][0]
    assert system["role"] == "system" and "marker" in system["content"]
    assert (answer.data or json.loads(answer.text)) == {"marker": "x"}
