"""Coding agents over their streams, the well-behaved and the others, with walls around them and without."""

import asyncio
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec import structs

from novum.errors import BadAnswer, NotAllowed, Overloaded, ProviderError, RateLimited, Rejected, TimedOut
from novum.journal import FileBlobs
from novum.models import Surroundings, open_model
from novum.models.agents import folder, profile, rpc
from novum.patches import applied
from novum.records import ModelAnswer, ModelRequest, Part, Prices
from novum.testing.models import SCHEMA, question

AGENT = Path(__file__).parent / "agent.py"
FILES = {"model.py": "x = 1\n", "main.py": "import model\n", "lib/helper.py": "y = 1\n"}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")


@pytest.fixture(params=["walls", "open"])
def walls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Once behind bubblewrap, where it works, and once as any program of the user."""
    if request.param == "walls" and not profile.works():
        pytest.skip("bubblewrap does not work here")
    monkeypatch.setattr(profile, "works", lambda: request.param == "walls")
    return request.param == "walls"


@pytest.fixture
def need_walls() -> None:
    if not profile.works():
        pytest.skip("bubblewrap does not work here")


class Bench:
    """Makes agents that follow a plan, and requests with a workspace."""

    def __init__(self, home: Path, blobs: FileBlobs):
        self.home, self.blobs = home, blobs
        self.shared = home / "shared"
        self.shared.mkdir()

    def agent(self, *steps: list, environ: dict[str, str] | None = None, prices=None, **plan):
        (self.home / "plan.json").write_text(json.dumps({"do": steps, **plan}))
        command = shlex.join([sys.executable, str(AGENT), str(self.home / "plan.json")])
        given = {"NOVUM_AGENT_FOLDERS": str(self.shared), **os.environ, **(environ or {})}
        around = Surroundings(blobs=self.blobs, environ=given, prices=lambda name: prices)
        return open_model(f"acp:{command}", around)

    def request(self, files: dict[str, str] | None = None, editable=("model.py", "new.py")) -> ModelRequest:
        workspace = {path: self.blobs.put(text.encode()) for path, text in (files or FILES).items()}
        return structs.replace(question(), role="code", workspace=workspace, editable=editable)

    async def ask(self, *steps: list, **plan) -> ModelAnswer:
        return await self.agent(*steps, **plan).ask(self.request())


@pytest.fixture
def bench(tmp_path: Path, blobs: FileBlobs) -> Bench:
    return Bench(tmp_path, blobs)


def survivors(word: str) -> list[int]:
    """Processes whose command line holds a word, after a moment's grace."""
    for _ in range(60):
        found = [int(p.parent.name) for p in Path("/proc").glob("[0-9]*/cmdline") if word in _text(p)]
        if not [pid for pid in found if pid != os.getpid()]:
            return []
        time.sleep(0.05)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""


# --- as it should be ------------------------------------------------------------------------------------


async def test_a_patch_comes_back(bench: Bench, walls: bool) -> None:
    """By its own means and through us; what is not its to change is left out, and said."""
    answer = await bench.ask(
        ["say", "I look around. "],
        ["tool"],
        ["write", "model.py", "x = 2\n"],
        ["ask_write", "new.py", "z = 3"],
        ["tool"],
        ["say", "I changed x."],
    )
    texts = {"model.py": FILES["model.py"]}
    assert applied(texts, answer.patch) == {"model.py": "x = 2\n", "new.py": "z = 3"}
    assert answer.left_out == () and answer.text == "I changed x." and answer.finish == "stop"
    assert "(test-agent 7" in answer.model and ("unconfined" in answer.model) is not walls


async def test_it_is_told_what_it_needs(bench: Bench) -> None:
    picture = bench.blobs.put(b"\x89PNG")
    parts = (*question("Make it faster.").parts, Part(image=picture, media_type="image/png"),
             Part(speaker="model", text="no"), Part(text="That is no JSON."))  # fmt: skip
    asked = structs.replace(bench.request(), parts=parts, output=SCHEMA, output_name="Verdict")
    text = (await bench.agent(["say", '{"title": "t", "score": 1}'], echo=True).ask(asked)).text
    told = ["You answer briefly.", "Make it faster.", "image-", "You answered before", "no JSON",
            "model.py, new.py", "Verdict", '"score"']  # fmt: skip
    places = [text.index(word) for word in told]
    assert places == sorted(places) and text.endswith('{"title": "t", "score": 1}')
    hello = {"protocolVersion": 1, "agentCapabilities": {"promptCapabilities": {"image": True}}}
    assert "(image)" in (await bench.agent(echo=True, hello=hello).ask(asked)).text


async def test_reading_is_of_the_workspace(bench: Bench) -> None:
    answer = await bench.ask(
        ["ask_read", "main.py"], ["ask_read", "lib/helper.py", ], ["ask_read", "/etc/passwd"],
        ["ask_read", "../../etc/passwd"], ["ask_read", "nothing.py"], ["ask", "terminal/create"],
    )  # fmt: skip
    lines = answer.text.splitlines()
    assert json.loads(lines[0]) == {"content": "import model\n"}
    assert json.loads(lines[1]) == {"content": "y = 1\n"}
    assert ["outside the workspace" in line for line in lines[2:4]] == [True, True]
    assert "No such file" in lines[4] and "not offered" in lines[5]


async def test_usage_and_money_as_the_agent_says(bench: Bench) -> None:
    counted = {"totalTokens": 120, "inputTokens": 70, "outputTokens": 20, "cachedReadTokens": 30}
    answer = await bench.ask(["cost", 0.25], end={"stopReason": "end_turn", "usage": counted})
    assert (answer.usage.total, answer.usage.output_tokens, answer.usage.cached_tokens) == (120, 20, 30)
    assert answer.usd == 0.25
    priced = bench.agent(end={"stopReason": "end_turn", "usage": counted}, prices=Prices(input=1, output=10))
    assert (await priced.ask(bench.request())).usd == pytest.approx(100e-6 + 20 * 10e-6)


async def test_silence_about_usage_costs_what_was_reserved(bench: Bench) -> None:
    model = bench.agent(["say", "done"], prices=Prices(input=1, output=2))
    answer, most = await model.ask(bench.request()), model.worst_case(bench.request())
    assert (answer.usage.total, answer.usd) == (most.tokens, most.usd)
    assert bench.agent().worst_case(bench.request()).usd is None  # a cap on money needs a price


@pytest.mark.parametrize(
    ("end", "finish"), [("max_tokens", "length"), ("max_turn_requests", "length"), ("refusal", "refused")]
)
async def test_ends_of_a_turn(bench: Bench, end: str, finish: str) -> None:
    assert (await bench.ask(["say", "well"], end={"stopReason": end})).finish == finish


# --- what goes wrong ------------------------------------------------------------------------------------

FAILURES = [
    ({"end": {"stopReason": "cancelled"}}, BadAnswer, "ended with 'cancelled'"),
    ({"end": {"code": -32603, "message": "overloaded"}}, Overloaded, "it says: overloaded"),
    ({"end": {"code": -32603, "message": "Rate limit reached"}}, RateLimited, "Rate limit"),
    ({"session": {"code": -32000, "message": "Authentication required"}}, NotAllowed, "sign in"),
    ({"session": {"sessionId": 7}}, BadAnswer, "session without a name"),
    ({"hello": {"protocolVersion": 2}}, Rejected, "version 2"),
    ({"hello": {"code": -32601, "message": "what?"}}, Rejected, "another version"),
    ({"before": [["complain", "no config\n"], ["exit", 3]]}, Rejected, r"ended with 3 .*\(no config\)"),
    ({"do": [["complain", "oh no"], ["crash"]]}, BadAnswer, r"before its answer \(oh no\)"),
    ({"do": [["raw", "x\n" * 300], ["sleep", 60]]}, BadAnswer, "not of the protocol"),
    ({"do": [["raw", '{"id": 77, "result": 1}\n' * 300], ["sleep", 60]]}, BadAnswer, "not of the protocol"),
    ({"do": [["raw", "[" * 100000 + "\n"], ["raw", "\xff\n" * 300], ["sleep", 60]]}, BadAnswer, "not of the"),
]


@pytest.mark.parametrize(("plan", "kind", "says"), FAILURES)
async def test_every_failure_is_one_of_ours(bench: Bench, plan, kind, says) -> None:
    model = bench.agent(**{"do": [], **plan})
    with pytest.raises(ProviderError, match=says) as raised:
        await model.ask(bench.request())
    assert type(raised.value) is kind
    assert str(raised.value).startswith(model.name) and "\n" not in str(raised.value)
    assert survivors(str(bench.home)) == []


async def test_some_noise_is_tolerated(bench: Bench) -> None:
    odd = 'Starting up…\nnull\n[]\n{"jsonrpc": "2.0"}\n{"method": 5, "params": []}\n\n\n'
    assert (await bench.ask(["raw", odd], ["say", "fine"], before=[["raw", odd]])).text == "fine"


@pytest.mark.parametrize(
    ("steps", "says"), [([["flood", 3 << 20]], "more than"), ([["raw", "y" * (9 << 19)]], "too long")]
)
async def test_floods_end(bench: Bench, steps, says, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "MOST_BYTES", 2 << 20)
    with pytest.raises(BadAnswer, match=says):
        await bench.ask(*steps, ["sleep", 60])
    assert survivors(str(bench.home)) == []


async def test_an_agent_that_does_not_listen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks for more and more and reads no answer: what waits for it is bounded."""
    monkeypatch.setattr(rpc, "MOST_UNREAD", 1 << 20)
    big = {"big": "b" * 100_000, "model.py": ""}
    with pytest.raises(BadAnswer, match="does not read"):
        await bench.agent(["deaf"]).ask(bench.request(big))


async def test_many_words_are_cut(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("novum.models.agents.talk.MOST_TEXT", 1000)
    answer = await bench.ask(*[["say", "ten chars."]] * 300)
    assert (len(answer.text), answer.finish) == (1000, "length")


async def test_one_that_never_says_hello(bench: Bench) -> None:
    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / 400)

    model = bench.agent(before=[["sleep", 60]])
    model._around = structs_replace(model._around, sleep=sleep)
    with pytest.raises(TimedOut, match="within 120 s"):
        await model.ask(bench.request())
    assert survivors(str(bench.home)) == []


def structs_replace(around: Surroundings, **fields) -> Surroundings:
    from dataclasses import replace

    return replace(around, **fields)


async def test_copies_left_behind_are_swept_a_day_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(bench.shared))
    old, new = bench.shared / "novum-agent-old", bench.shared / "novum-agent-new"
    for left in (old, new):
        (left / "sub").mkdir(parents=True)
    os.utime(old, (time.time() - 90000,) * 2)
    await bench.ask(["say", "done"])
    assert [path.name for path in bench.shared.glob("novum-agent-*")] == ["novum-agent-new"]


# --- ill deeds ------------------------------------------------------------------------------------------


async def test_only_editable_files_come_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even without walls, where the agent can write what it likes into its copy."""
    monkeypatch.setattr(profile, "works", lambda: False)
    answer = await bench.ask(
        ["remove", "main.py"],
        ["write", "main.py", "import os\n"],
        ["remove", "lib/helper.py"],
        ["write", "numpy.py", "1"],
        ["write", "model.py", "x = 5\n"],
        ["ask_write", "main.py", "through the door"],
        ["say", "done"],
    )
    assert applied({"model.py": "x = 1\n"}, answer.patch) == {"model.py": "x = 5\n"}
    assert answer.left_out == (
        "lib/helper.py: deleted, but protected",
        "main.py: changed, but protected",
        "numpy.py: new, and not among the files that may be changed",
    )


@pytest.mark.parametrize("name", ["link", "hardlink"])
async def test_links_are_not_followed(bench: Bench, walls: bool, name: str) -> None:
    """Neither when a file is taken, nor when it asks us to read or write."""
    secret = bench.shared / "secret.txt"
    secret.write_text("secret")
    answer = await bench.ask(
        ["remove", "model.py"],
        [name, str(secret), "model.py"],
        ["link", str(bench.shared), "out"],
        ["ask_read", "out/secret.txt"],
        ["ask_read", "model.py"] if name == "link" else ["tool"],
        ["ask_write", "model.py", "mine"],
        ["ask_write", "out/new.py", "mine"],
    )
    assert secret.read_text() == "secret" and not (bench.shared / "new.py").exists()
    assert "secret\n" not in answer.patch
    assert any(reason.startswith("out:") for reason in answer.left_out)


async def test_what_is_no_file_of_its_own_is_left_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "works", lambda: False)
    (bench.shared / "secret").write_text("secret")
    answer = await bench.ask(
        ["remove", "model.py"],
        ["link", "/etc/hostname", "model.py"],
        ["hardlink", str(bench.shared / "secret"), "new.py"],
    )
    assert answer.patch == "" and answer.left_out == ("model.py: a link", "new.py: no plain file of its own")


async def test_what_is_no_text_is_left_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "LARGEST_FILE", 1000)
    answer = await bench.ask(["write", "model.py", "x" * 2000], ["binary", "new.py"])
    assert answer.patch == ""
    assert [reason.split(":")[0] for reason in answer.left_out] == ["model.py", "new.py"]
    assert "larger than" in answer.left_out[0] and "not UTF-8" in answer.left_out[1]


async def test_a_thousand_files_are_told_in_brief(bench: Bench) -> None:
    answer = await bench.ask(*[["write", f"f{i}", ""] for i in range(100)])
    assert len(answer.left_out) == 21 and answer.left_out[-1] == "and 80 more"


async def test_behind_walls_there_is_nothing_else(bench: Bench, need_walls: None, tmp_path: Path) -> None:
    """No file of the machine but the system's, no write outside, no variable but its own."""
    lab = tmp_path / "lab"
    lab.mkdir()
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    outside = [
        lab,
        home / ".ssh",
        Path(__file__).parents[3] / "src",
        Path("/proc") / str(os.getpid()),
        tmp_path / "blobs",
    ]
    environ = {"HOME": str(home), "OPENAI_API_KEY": "sk-canary-1", "ANTHROPIC_API_KEY": "sk-canary-2"}
    deeds = [["write", str(lab / "x"), "x"], ["write", str(bench.shared / "own"), "kept"], ["environ"]]
    model = bench.agent(*[["look", str(path)] for path in outside], *deeds, environ=environ)
    text = (await model.ask(bench.request())).text
    assert [f"{path} is not there" in text for path in outside] == [True] * len(outside)
    assert f"cannot write {lab / 'x'}" in text and not (lab / "x").exists()
    assert (bench.shared / "own").read_text() == "kept"  # its own configuration it may write
    assert "sk-canary" not in text


async def test_the_lab_is_covered_wherever_it_lies(bench: Bench, need_walls: None, tmp_path: Path) -> None:
    """Also where it lies in a folder that is shown, as that of a tool in which one keeps one's labs."""
    tool = tmp_path / "tool"
    study = tool / "lab" / "studies" / "toy-1"
    study.mkdir(parents=True)
    (tool / "bin").mkdir()
    for path in (study / "journal.sqlite", tool / "data", tmp_path / "own.pem"):
        path.write_text("x")
    model = bench.agent(*[["look", str(p)] for p in (study, tool / "data", tmp_path / "own.pem")])
    program = tool / "bin" / "agent"
    program.write_text('#!/bin/sh\nexec "$@"\n')
    program.chmod(0o755)
    environ = os.environ | {"SSL_CERT_FILE": str(tmp_path / "own.pem")}
    around = Surroundings(blobs=bench.blobs, environ=environ, folder=study)
    command = f"{shlex.quote(str(program))} {model.name.removeprefix('acp:')}"
    text = (await open_model(f"acp:{command}", around).ask(bench.request())).text
    assert text.splitlines() == [
        f"{study} is not there",
        f"{tool / 'data'} is there",
        f"{tmp_path / 'own.pem'} is there",
    ]


async def test_permission_is_a_rule(bench: Bench, walls: bool) -> None:
    """Once and never for always; nothing outside; without walls no program is run."""
    kinds = ["read", "edit", "execute", "fetch", "switch_mode"]
    steps = [["permit", kind] for kind in kinds]
    outside = [
        ["permit", "edit", "/etc/passwd"],
        ["permit", "edit", "model.py"],
        ["permit", "edit", "a/../../b"],
    ]
    text = (await bench.ask(*steps, *outside)).text
    chosen = [json.loads(line)["outcome"]["optionId"] for line in text.splitlines()]
    yes, no = "allow_once", "reject_once"
    runs = yes if walls else no
    assert chosen == [yes, yes, runs, runs, no, no, yes, no]


async def test_what_it_leaves_running_dies(bench: Bench, walls: bool) -> None:
    trace = bench.shared / "trace"
    await bench.ask(["orphan", str(trace), 30], ["sleep", 0.3], ["say", "bye"])
    size = trace.stat().st_size
    time.sleep(0.2)
    assert trace.stat().st_size == size and size > 0
    assert survivors(str(bench.shared)) == []


async def test_cancelling_ends_it(bench: Bench, walls: bool) -> None:
    trace = bench.shared / "trace"
    model = bench.agent(["orphan", str(trace), 30], ["sleep", 30])
    asked = asyncio.ensure_future(model.ask(bench.request()))
    while not trace.exists():
        assert not asked.done(), asked
        await asyncio.sleep(0.02)
    began = time.monotonic()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert time.monotonic() - began < 5 and survivors(str(bench.shared)) == []
    assert asked.cancelled()


async def test_cancelling_while_it_says_goodbye_ends_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("novum.models.agents.process.FAREWELL", 60)
    model = bench.agent(["write", str(bench.shared / "done"), ""], stays=60)
    asked = asyncio.ensure_future(model.ask(bench.request()))
    while not (bench.shared / "done").exists():
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    assert not asked.done()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert asked.cancelled() and survivors(str(bench.home)) == []


@pytest.mark.parametrize("when", ["at_once", "at_work"])
def test_it_dies_with_us(bench: Bench, walls: bool, when: str) -> None:
    """A coordinator that is killed leaves no agent behind."""
    trace = bench.shared / "trace"
    model = bench.agent(["orphan", str(trace), 30], ["sleep", 30])
    code = (
        "import asyncio, os, sys\n"
        "from novum.models import open_model, Surroundings\n"
        "from novum.models.agents import profile\n"
        "from novum.testing.memory import MemoryBlobs\n"
        "from novum.testing.models import question\n"
        f"profile.works = lambda: {walls}\n"
        f"os.environ['NOVUM_AGENT_FOLDERS'] = {str(bench.shared)!r}\n"
        f"model = open_model({model.name!r}, Surroundings(blobs=MemoryBlobs()))\n"
        "print('ready', flush=True)\n"
        "asyncio.run(model.ask(question()))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        while when == "at_work" and not trace.exists():
            time.sleep(0.02)
            assert process.poll() is None
        time.sleep(0.0 if when == "at_work" else 0.12)
        process.send_signal(signal.SIGKILL)
    assert survivors(str(bench.home)) == []


async def test_closing_ends_what_runs(bench: Bench) -> None:
    model = bench.agent(["orphan", str(bench.shared / "t"), 30], ["sleep", 30])
    asked = asyncio.ensure_future(model.ask(bench.request()))
    while not (bench.shared / "t").exists():
        await asyncio.sleep(0.02)
    await model.close()
    with pytest.raises(BadAnswer):
        await asked
    assert survivors(str(bench.shared)) == []
