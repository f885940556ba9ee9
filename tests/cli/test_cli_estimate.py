"""run --estimate: what a study may take, and nothing begun."""

import json


def test_the_command_says_it_and_begins_nothing(novum, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = novum("run", "grokking", "--budget", "smoke", "--estimate")
    assert said.code == 0 and "none is asked" in said.out and "processor time, at most" in said.out
    told = json.loads(novum("run", "grokking", "--budget", "smoke", "--estimate", "--json").out)
    keys = {"domain", "budget", "scientist", "seeds", "cpu_seconds", "calls", "tokens", "usd", "typical"}
    assert set(told) == keys
    assert not (tmp_path / "lab").exists()
