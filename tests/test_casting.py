"""From the names in the settings to models by role."""

from pathlib import Path

import pytest

from novum.beginning import check_settings
from novum.casting import cast, check
from novum.errors import UnknownPrice, UserError
from novum.journal import FileBlobs
from novum.recording import Recorder
from novum.records import Prices, Settings
from novum.testing.memory import MemoryLog
from novum.testing.models import question
from tests.histories import created

SCRIPT = "def answer(request):\n    return NAME + ' as ' + request.role\n"


def script(folder: Path, name: str, more: str = "") -> str:
    path = folder / f"{name}.py"
    path.write_text(f"NAME = 'scripted:{name}'\n{SCRIPT}{more}")
    return f"scripted:{path}"


def settings(**fields) -> Settings:
    return Settings(domain="toy", **fields)


async def test_each_role_asks_its_own_model_and_one_is_enough(tmp_path: Path, blobs: FileBlobs) -> None:
    recorder = Recorder(MemoryLog(), blobs)
    recorder.commit(created())
    chosen = settings(model=script(tmp_path, "all"), model_write=script(tmp_path, "pen"))
    panel = cast(chosen, recorder.calls, blobs, tmp_path)
    said = {}
    for role in ("ideate", "write"):
        request = question()
        said[role] = (await panel.ask(type(request)(role=role, parts=request.parts))).text
    assert said == {"ideate": "scripted:all as ideate", "write": "scripted:pen as write"}
    await panel.close()


async def test_a_prompt_that_is_too_long_is_shortened(tmp_path: Path, blobs: FileBlobs) -> None:
    recorder = Recorder(MemoryLog(), blobs)
    recorder.commit(created())
    path = tmp_path / "echo.py"
    path.write_text("def answer(request):\n    return str(len(request.parts[-1].text))")
    panel = cast(settings(model=f"scripted:{path}", context_tokens=1000), recorder.calls, blobs, tmp_path)
    assert 2000 < int((await panel.ask(question("log line\n" * 100_000))).text) < 3500
    assert (await panel.ask(question("short"))).text == "5"


def test_no_name_is_no_model(tmp_path: Path, blobs: FileBlobs) -> None:
    recorder = Recorder(MemoryLog(), blobs)
    assert cast(settings(), recorder.calls, blobs, tmp_path).names("ideate") == ()


def test_what_could_not_be_asked_is_refused_before_anything_begins(tmp_path: Path, blobs: FileBlobs) -> None:
    with pytest.raises(UserError, match="OPENAI_API_KEY"):
        check(settings(model="openai:x"), blobs, environ={})
    with pytest.raises(UserError, match="no backend"):
        check(settings(model_vision="nobody:x"), blobs, environ={})
    unknown = settings(model="http://127.0.0.1:9/v1#x", budget_usd=1.0)
    with pytest.raises(UnknownPrice, match="--price-input"):
        check(unknown, blobs, environ={})
    priced = {"http://127.0.0.1:9/v1#x": Prices(input=1, output=1)}
    check(settings(model="http://127.0.0.1:9/v1#x", budget_usd=1.0, prices=priced), blobs, environ={})
    check(settings(model="http://127.0.0.1:9/v1#x"), blobs, environ={})


def test_a_bandit_with_one_model_is_refused_before_anything_begins(tmp_path: Path, blobs: FileBlobs) -> None:
    one, other = script(tmp_path, "one"), script(tmp_path, "other")
    with pytest.raises(UserError, match="no two models to choose among"):
        check(settings(model=one, model_choice="bandit"), blobs)
    with pytest.raises(UserError, match="--model-fallback"):
        check(settings(model=one, model_fallback=one, model_choice="bandit"), blobs)
    check(settings(model=one, model_fallback=other, model_choice="bandit"), blobs)


async def test_answers_from_the_journal_need_no_model_at_all(tmp_path: Path, blobs: FileBlobs) -> None:
    recorder = Recorder(MemoryLog(), blobs)
    recorder.commit(created())
    name = script(tmp_path, "gone")
    first = await cast(settings(model=name), recorder.calls, blobs, tmp_path).ask(question())
    (tmp_path / "gone.py").unlink()
    panel = cast(settings(model=name), recorder.calls, blobs, tmp_path)
    assert await panel.ask(question()) == first
    assert panel.names("code") == (name,)
    with pytest.raises(UserError, match="no such file"):
        await panel.ask(question(sample=1))
    await panel.close()


def test_a_model_for_a_scientist_who_asks_none_is_said(tmp_path: Path) -> None:
    from novum.domains import find_domain, load_domain

    blobs = FileBlobs(tmp_path / "blobs")
    domain = load_domain(find_domain("grokking"), blobs)
    with pytest.raises(UserError, match="asks no model"):
        check_settings(Settings(domain="grokking", model="openai:x"), domain, blobs)
