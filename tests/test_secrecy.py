"""Canaries: a secret of the environment is in nothing that is written, hashed, said or sent."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum import events as ev
from novum.canonical import canonical
from novum.cli.border import guarded
from novum.errors import NotAllowed, ProviderError
from novum.journal import FileBlobs, Journal
from novum.models import FakeModel
from novum.recording import Recorder
from novum.secrecy import Redactor, of_environment
from novum.testing.models import question
from tests.histories import created

CANARY = 'sk-canary-"quoted"/é+7f3a'
MARK = "‹OPENAI_API_KEY›"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)


def everything_in(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def spellings() -> list[bytes]:
    from urllib.parse import quote

    return [s.encode() for s in (CANARY, json.dumps(CANARY)[1:-1], quote(CANARY, safe=""))]


# --- what is secret -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("OPENAI_API_KEY", "sk-12345678", True),
        ("GROQ_APIKEY", "gsk-12345678", True),
        ("AWS_SECRET_ACCESS_KEY", "abcd1234/+efgh", True),
        ("HF_TOKEN", "hf_abcdefgh", True),
        ("db_password", "correct horse", True),
        ("HTTP_AUTH", "basic abcdef", True),
        ("KEYBOARD", "qwertzuiop", False),
        ("MONKEY", "banana-bread", False),
        ("PATH_KEY", "/etc", False),
        ("SHORT_KEY", "abc", False),
        ("YEAR_KEY", "20261120", False),
        ("HOME", "/root/abcdefgh", False),
    ],
)
def test_what_counts_as_secret(name: str, value: str, hidden: bool) -> None:
    told = of_environment({name: value}).text(f"it is {value}!")
    assert told == (f"it is ‹{name}›!" if hidden else f"it is {value}!")


@given(st.text(min_size=8), st.text(), st.text())
def test_json_stays_json_and_nothing_else_changes(secret: str, before: str, after: str) -> None:
    redactor = Redactor({"A_KEY": secret})
    cleaned = json.loads(redactor.text(canonical({"said": before + secret + after})))
    assert list(cleaned) == ["said"]
    if any(c.isalpha() for c in secret) and not secret.startswith("/"):
        assert secret not in cleaned["said"] or secret in "‹A_KEY›"
    assert redactor.text("") == "" and redactor.data(b"\x00\xff") == b"\x00\xff"


def test_a_secret_within_a_longer_one_leaves_no_rest() -> None:
    redactor = Redactor({"A_KEY": "abcdefgh", "B_KEY": "abcdefgh-and-more"})
    assert redactor.text("abcdefgh-and-more abcdefgh") == "‹B_KEY› ‹A_KEY›"


# --- where it must not be -----------------------------------------------------------------------------


def test_neither_journal_nor_blobs_nor_state_hold_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", lambda: 1.0)
    recorder = Recorder(journal, FileBlobs(tmp_path / "blobs"))
    recorder.commit(created())
    recorder.commit(ev.CoordinatorStopped(reason=f"refused {CANARY}", active_seconds=1.0))
    sha = recorder.blobs.put(f"log with {CANARY} in it".encode())
    assert recorder.blobs.get(sha).decode() == f"log with {MARK} in it"
    assert recorder.state.stop_reason == f"refused {MARK}"
    journal.close()
    assert not [s for s in spellings() if s in everything_in(tmp_path)]
    again = Journal(tmp_path / "j.sqlite", lambda: 1.0)
    assert Recorder(again, recorder.blobs).state == recorder.state
    again.close()


async def test_neither_prompts_nor_answers_nor_failures_hold_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", lambda: 1.0)
    recorder = Recorder(journal, FileBlobs(tmp_path / "blobs"))
    recorder.commit(created())
    echo = FakeModel(lambda request: f"you said {request.parts[-1].text} and I add {CANARY}")
    answer = await recorder.ask(question(f"my key is {CANARY}"), [echo])
    assert echo.asked[0].parts[-1].text == f"my key is {MARK}"
    assert answer.text.count(MARK) == 2
    assert await recorder.ask(question(f"my key is {CANARY}"), [echo]) == answer
    assert len(echo.asked) == 1
    with pytest.raises(ProviderError):
        await recorder.ask(question(sample=1), [FakeModel([NotAllowed(f"Bearer {CANARY} is wrong")])])
    journal.close()
    assert not [s for s in spellings() if s in everything_in(tmp_path)]


def test_neither_messages_nor_bug_reports_hold_it(tmp_path, monkeypatch, capfd) -> None:
    def bug(*_: object, **__: object) -> None:
        raise RuntimeError(f"at https://host/?key={CANARY}")

    monkeypatch.setattr("novum.cli.border._dispatch", bug)
    (tmp_path / "lab").mkdir()
    assert guarded(["doctor", "--lab", str(tmp_path / "lab")]) == 5
    said = capfd.readouterr()
    kept = everything_in(tmp_path)
    assert b"RuntimeError" in kept
    assert not [s for s in spellings() if s in kept + said.err.encode() + said.out.encode()]


LOOK = """
import os, pathlib
seen = [" ".join(os.environ.values())]
for process in (os.getpid(), os.getppid(), "self"):
    try:
        seen.append(pathlib.Path(f"/proc/{process}/environ").read_text(errors="replace"))
    except OSError as error:
        seen.append(type(error).__name__)
pathlib.Path("out/seen").write_text(chr(10).join(seen))
"""


@pytest.mark.parametrize("sandbox", ["none", "auto"])
def test_a_program_cannot_read_it(tmp_path: Path, sandbox: str) -> None:
    """Run from a process that has made itself unreadable, as every coordinator does."""
    script = f"""
import asyncio, sys
from pathlib import Path
from novum.compute.executors.local import LocalExecutor
from novum.compute.layers import keep_private
from novum.journal import FileBlobs
from novum.records import Job
from novum.secrecy import Redactor
from novum.testing.executors import python_stage, run
keep_private()
blobs = FileBlobs(Path({str(tmp_path / "blobs")!r}), Redactor({{}}))
job = Job(stages=(python_stage("program", {LOOK!r}, blobs),), shipped=True, sandbox={sandbox!r})

async def main():
    executor = LocalExecutor(blobs, Path({str(tmp_path / "attempts")!r}))
    result = await run(executor, job, "canary")
    await executor.close()
    stage = result.stage("program")
    print(blobs.get(stage.outputs["out/seen"]).decode() if "out/seen" in stage.outputs else stage)

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                          env=dict(os.environ))  # fmt: skip
    assert len(done.stdout.strip()) > 10, done.stderr
    assert "sk-canary" not in done.stdout + done.stderr
