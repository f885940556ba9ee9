"""Providers' clients against a provider on this machine, over real HTTP."""

import asyncio
import base64
import random

import pytest

pytest.importorskip("pydantic_ai")

from novum import events as ev
from novum.errors import (
    BadAnswer,
    MissingExtra,
    NotAllowed,
    Overloaded,
    ProviderError,
    RateLimited,
    Refused,
    Rejected,
    TimedOut,
    UserError,
)
from novum.journal import FileBlobs
from novum.models import Surroundings, open_model
from novum.pacing import Pace
from novum.recording import Recorder
from novum.records import ModelAnswer, ModelRequest, Part, Prices
from novum.steps.typed import propose
from novum.testing.memory import MemoryLog
from novum.testing.models import CHECKS, SCHEMA, question
from novum.testing.server import Broken, Fail, Say, Server, hurried
from tests.histories import created
from tests.steps.test_typed import GOOD, WANTED, Proposed

ENVIRON = {"OPENAI_API_KEY": "sk-canary", "ANTHROPIC_API_KEY": "sk-canary", "GROQ_API_KEY": "sk-canary"}


def around(blobs: FileBlobs, **fields) -> Surroundings:
    environ = ENVIRON | fields.pop("environ", {})
    return Surroundings(blobs=blobs, environ=environ, prices=lambda name: Prices(input=1, output=5), **fields)


def openai(server: Server, blobs: FileBlobs, **fields):
    return open_model("openai:any", around(blobs, environ={"OPENAI_BASE_URL": server.url}, **fields))


def anthropic(server: Server, blobs: FileBlobs, **fields):
    return open_model("anthropic:any", around(blobs, environ={"ANTHROPIC_BASE_URL": server.root}, **fields))


def google(server: Server, blobs: FileBlobs, **fields):
    pytest.importorskip("google.genai")
    environ = {"GEMINI_API_KEY": "sk-canary", "GEMINI_BASE_URL": server.root}
    return open_model("google:any", around(blobs, environ=environ, **fields))


def address(server: Server, blobs: FileBlobs, **fields):
    return open_model(f"{server.url}#any", around(blobs, **fields))


def limit_of(server: Server) -> int | None:
    """The longest answer that the first request allows, in the word that its server is sure to know."""
    return server.seen[0].body.get("max_tokens") or server.seen[0].body.get("max_completion_tokens")


PICTURE = b"\x89PNG not really"
PROTOCOLS = [openai, anthropic, address]
DIALECTS = [openai, anthropic, google]  # an address given by hand is asked as OpenAI is


@pytest.mark.parametrize("opened", DIALECTS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
async def test_the_conformance_suite(check, opened, blobs: FileBlobs) -> None:
    servers = []

    def make(said):
        script = [Fail(503, e.what) if isinstance(e, ProviderError) else e for e in said]
        servers.append(Server(script).__enter__())
        return opened(servers[-1], blobs)

    try:
        await check(make)
    finally:
        for server in servers:
            server.__exit__(None, None, None)


@pytest.mark.parametrize("opened", PROTOCOLS)
async def test_usage_price_and_name_are_the_providers(opened, blobs: FileBlobs) -> None:
    with Server([Say("42", usage=(1000, 400, 200)), Say("43", usage=None)]) as server:
        model = opened(server, blobs)
        answer, uncounted = await model.ask(question()), await model.ask(question())
        await model.close()
    assert (answer.usage.input_tokens, answer.usage.cached_tokens, answer.usage.output_tokens) == (
        1000,
        400,
        200,
    )
    assert answer.usd == pytest.approx(1000e-6 + 200 * 5e-6)
    assert answer.model.endswith(":served-1") or answer.model == "served-1"
    if opened is not anthropic:
        assert uncounted.usage.input_tokens > 100  # nothing counted is not nothing used


@pytest.mark.parametrize("opened", PROTOCOLS)
async def test_what_is_sent(opened, blobs: FileBlobs) -> None:
    picture = blobs.put(PICTURE)
    parts = (*question().parts, Part(image=picture, media_type="image/png"), Part(speaker="model", text="41"),
             Part(text="That cannot be used."))  # fmt: skip
    with Server(["42"]) as server:
        model = opened(server, blobs)
        await model.ask(ModelRequest(role="vision", parts=parts, max_output_tokens=77, temperature=0.3))
        await model.close()
    (seen,) = server.seen
    told = str(seen.body)
    assert seen.body["stream"] is True and seen.body["temperature"] == 0.3
    assert limit_of(server) == 77
    places = [told.index(text) for text in ("We do arithmetic", "What is 6", "'41'", "cannot be used")]
    assert places == sorted(places)
    assert base64.b64encode(PICTURE).decode() in told
    assert [m["role"] for m in seen.body["messages"] if m["role"] != "system"] == [
        "user",
        "assistant",
        "user",
    ]
    if opened is anthropic:  # the provider's cache ends where what is stable ends
        marked = [b for b in seen.body["messages"][0]["content"] if "cache_control" in b]
        assert [b["text"] for b in marked] == ["We do arithmetic."]


FAILURES = [
    (Fail(429, "slow down", "rate_limit_exceeded", retry_after=7), RateLimited),
    (Fail(429, "pay first", "insufficient_quota"), NotAllowed),
    (Fail(500, "oops"), Overloaded),
    (Fail(502, "gateway"), Overloaded),
    (Fail(503, "busy"), Overloaded),
    (Fail(529, "overloaded", "overloaded_error"), Overloaded),
    (Fail(401, "who are you"), NotAllowed),
    (Fail(403, "not you"), NotAllowed),
    (Fail(404, "no such model", "model_not_found"), Rejected),
    (Fail(400, "too long", "context_length_exceeded"), Rejected),
    (Fail(400, "harmful", "content_filter"), Refused),
    (Fail(422, "what?"), Rejected),
    (Broken("drop"), BadAnswer),
    (Broken("cut"), BadAnswer),
    (Broken("garbage"), BadAnswer),
    (Broken("odd"), BadAnswer),
    (Broken("empty"), BadAnswer),
    (Broken("stall"), TimedOut),
    (Broken("silence"), TimedOut),
]


@pytest.mark.parametrize("opened", DIALECTS)
@pytest.mark.parametrize(
    ("failure", "kind"), FAILURES, ids=lambda x: getattr(x, "how", getattr(x, "status", ""))
)
async def test_every_failure_is_one_of_ours_and_one_attempt(opened, failure, kind, blobs: FileBlobs) -> None:
    if opened is not openai and getattr(failure, "code", "") in ("insufficient_quota", "content_filter"):
        pytest.skip("words of OpenAI's protocol")
    with Server([failure, "42"]) as server:
        slow = isinstance(failure, Broken) and failure.how in ("stall", "silence")
        model = opened(server, blobs, **({"sleep": hurried()} if slow else {}))
        with pytest.raises(ProviderError) as raised:
            await model.ask(question())
        assert type(raised.value) is kind, raised.value
        assert len(server.seen) == 1  # no retries of the client's own
        if not slow:
            assert (await model.ask(question())).text == "42"
        await model.close()
    assert raised.value.retry_after == getattr(failure, "retry_after", None)
    assert "sk-canary" not in str(raised.value)


async def test_nobody_listens(blobs: FileBlobs) -> None:
    with Server([]) as server:
        model = address(server, blobs)
    with pytest.raises(Overloaded, match="connection"):
        await model.ask(question())
    await model.close()


@pytest.mark.parametrize("opened", DIALECTS)
async def test_a_long_answer_that_keeps_coming_is_no_stall(opened, blobs: FileBlobs) -> None:
    with Server([Say("slowly but surely", pause=0.05)]) as server:
        model = opened(
            server, blobs, sleep=hurried()
        )  # 60 s are 0.06 s: the whole takes longer, no piece does
        assert (await model.ask(question())).text == "slowly but surely"
        await model.close()


@pytest.mark.parametrize("opened", DIALECTS)
async def test_a_refusal_and_a_cut_are_answers(opened, blobs: FileBlobs) -> None:
    with Server([Say("I had better not", "content_filter"), Say("It is 4", "length")]) as server:
        model = opened(server, blobs)
        assert (await model.ask(question())).finish == "refused"
        assert (await model.ask(question())).finish == "length"
        await model.close()


@pytest.mark.parametrize("rejects", [(), ("response_format",), ("response_format", "tools")])
@pytest.mark.parametrize("opened", PROTOCOLS)
async def test_structured_output_finds_a_way_that_the_server_takes(opened, rejects, blobs: FileBlobs) -> None:
    wanted = {"title": "forty-two", "score": 0.5}
    with Server([wanted, wanted], rejects=rejects) as server:
        recorder = Recorder(MemoryLog(), blobs, pace=Pace(sleep=hurried(2000), rng=random.Random(0)))
        recorder.commit(created())
        model = opened(server, blobs)
        for sample in (0, 1):
            answer = await recorder.ask(question(sample=sample, output=SCHEMA), [model])
            assert '"score": 0.5' in answer.text or answer.data == wanted
        await model.close()
    assert len(server.seen) <= 2 + len(rejects)  # what was rejected once is not tried again


@pytest.mark.parametrize("opened", DIALECTS)
async def test_a_whole_call_through_everything_that_goes_wrong(opened, blobs: FileBlobs) -> None:
    """429, 503, a dropped connection, a stall, JSON of the wrong form, torn JSON, and at last the answer."""
    wrong = GOOD | {"direction": "sideways"}
    script = [Fail(429, retry_after=2), Fail(503), Broken("drop"), Broken("stall"), wrong,
              Say('{"title": "torn', raw=True), GOOD]  # fmt: skip
    with Server(script) as server:
        recorder = Recorder(MemoryLog(), blobs, pace=Pace(sleep=hurried(2000), rng=random.Random(0)))
        recorder.commit(created())
        model = opened(server, blobs, sleep=hurried())

        class Models:
            async def ask(self, request, *, node: str = "") -> ModelAnswer:
                return await recorder.ask(request, [model], node=node)

        assert await propose(Models(), question(), Proposed) == WANTED  # type: ignore[arg-type]
        await model.close()
    asked = [e.body for e in recorder.log.read() if isinstance(e.body, ev.ModelAsked)]
    assert len(asked) == len(server.seen) == 7
    assert len({a.key for a in asked}) == 3
    assert len(recorder.state.calls_in_doubt) == 2  # the drop and the stall may have been charged for
    stored = b"".join(p.read_bytes() for p in blobs.root.rglob("*") if p.is_file())
    assert b"sk-canary" not in stored


async def test_a_cancelled_call_lets_go_of_the_connection(blobs: FileBlobs) -> None:
    with Server([Broken("stall"), "42"]) as server:
        model = openai(server, blobs)
        asked = asyncio.create_task(model.ask(question()))
        while not server.seen:
            await asyncio.sleep(0.005)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (await model.ask(question())).text == "42"
        await model.close()


# --- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("openai:x", "OPENAI_API_KEY"),
        ("anthropic:x", "ANTHROPIC_API_KEY"),
        ("deepseek:x", "DEEPSEEK_API_KEY"),
        ("openrouter:a/b", "OPENROUTER_API_KEY"),
        ("groq:x", "GROQ_API_KEY"),
        ("mistral:x", "MISTRAL_API_KEY"),
        ("huggingface:a/b", "HF_TOKEN"),
        ("google:x", "GEMINI_API_KEY or GOOGLE_API_KEY"),
        ("vertex:x", "GOOGLE_CLOUD_PROJECT"),
    ],
)
def test_a_provider_without_its_key_names_the_variable(name: str, variable: str, blobs: FileBlobs) -> None:
    with pytest.raises((UserError, MissingExtra)) as raised:
        open_model(name, Surroundings(blobs=blobs, environ={}))
    assert variable in str(raised.value) or isinstance(raised.value, MissingExtra)


@pytest.mark.parametrize("name", ["ollama:x", "vllm:a/b", "llamacpp:x"])
async def test_servers_of_ones_own_need_no_key_and_cost_nothing(name: str, blobs: FileBlobs) -> None:
    variable = f"{name.partition(':')[0].upper()}_BASE_URL"
    with Server(["42"]) as server:
        model = open_model(name, Surroundings(blobs=blobs, environ={variable: server.url}))
        answer = await model.ask(question())
        await model.close()
    assert (answer.text, answer.usd, model.worst_case(question()).usd) == ("42", 0.0, 0.0)
    assert limit_of(server) == question().max_output_tokens
    assert answer.model == f"{name.partition(':')[0]}:served-1"


def test_bedrock_says_what_it_lacks(blobs: FileBlobs) -> None:
    with pytest.raises(UserError, match=r"boto3|AWS_REGION"):
        open_model("bedrock:x", Surroundings(blobs=blobs, environ={}))


async def test_bedrock_is_asked_once_and_by_nobody_elses_retries(blobs: FileBlobs, monkeypatch) -> None:
    pytest.importorskip("boto3")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIACANARY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-canary-canary")
    with Server([Fail(503, "busy"), Fail(429, "slow down")]) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.root)
        model = open_model("bedrock:maker.name-v1:0", around(blobs, environ={"AWS_REGION": "eu-central-1"}))
        for kind, place in ((Overloaded, 1), (RateLimited, 2)):
            with pytest.raises(kind):
                await model.ask(question())
            assert len(server.seen) == place
        await model.close()
    assert "converse-stream" in server.seen[0].path and "We do arithmetic" in str(server.seen[0].body)
    assert model.worst_case(question()).usd is not None  # the price that a person gave


@pytest.mark.parametrize("name", ["deepseek:x", "openrouter:a/x", "groq:x", "mistral:x", "huggingface:a/x"])
def test_every_provider_is_bounded_in_a_word_that_it_heeds(name: str, blobs: FileBlobs) -> None:
    keys = ("DEEPSEEK_API_KEY", "OPENROUTER_API_KEY", "GROQ_API_KEY", "MISTRAL_API_KEY", "HF_TOKEN")
    model = open_model(name, Surroundings(blobs=blobs, environ=dict.fromkeys(keys, "k")))
    profile = model._model.profile  # type: ignore[attr-defined]
    assert profile["openai_chat_supports_max_completion_tokens"] is False
    assert profile["openai_chat_streaming_requires_finish_reason"] is True


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("http://127.0.0.1:9/v1", "#NAME"),
        ("http:#x", "#NAME"),
        ("openrouter:x", "must be prefixed"),
        ("https://me:secret@host/v1#x", "holds a key"),
        ("https://host/v1?key=secret#x", "holds a key"),
    ],
)
def test_an_address_is_checked_and_never_holds_a_key(name: str, says: str, blobs: FileBlobs) -> None:
    with pytest.raises(UserError, match=says) as raised:
        open_model(name, Surroundings(blobs=blobs, environ={"OPENROUTER_API_KEY": "k"}))
    assert "secret" not in str(raised.value)


def test_prices_come_from_the_user_then_the_table_then_nobody(blobs: FileBlobs) -> None:
    environ = {"OPENAI_API_KEY": "sk-x"}
    listed = open_model("openai:gpt-4o", Surroundings(blobs=blobs, environ=environ)).worst_case(question())
    own = open_model(
        "openai:gpt-4o",
        Surroundings(blobs=blobs, environ=environ, prices=lambda name: Prices(input=0, output=1)),
    )
    unknown = open_model("openai:no-such-model-9", Surroundings(blobs=blobs, environ=environ))
    gateway = open_model("http://127.0.0.1:9/v1#x", Surroundings(blobs=blobs, environ={}))
    elsewhere = environ | {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    behind = open_model("openai:gpt-4o", Surroundings(blobs=blobs, environ=elsewhere))
    assert behind.worst_case(question()).usd is None
    assert listed.usd and 0 < listed.usd < 1
    assert own.worst_case(question()).usd == pytest.approx(question().max_output_tokens * 1e-6)
    assert unknown.worst_case(question()).usd is None
    assert gateway.worst_case(question()).usd is None
