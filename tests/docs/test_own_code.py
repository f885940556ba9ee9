"""The walk-through of docs/own-code.md, walked: the page's script, the page's command, the page's output."""

import json
import re
from pathlib import Path

import pytest

from novum.cli.border import guarded
from novum.compute.executors.inline import InlineExecutor
from novum.domains import load_domain
from novum.domains.tryout import Tryout
from novum.journal import FileBlobs
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "own-code.md").read_text()
SCRIPT = re.findall(r"^`descend\.py`\n\n```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0]
SAID = re.findall(r"^```text\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0]


@pytest.fixture
def valley(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / "valley").mkdir()
    (tmp_path / "valley" / "descend.py").write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "valley"


def test_init_says_what_the_page_shows(valley, capsys):
    assert guarded(["init", "valley"]) == 0
    assert capsys.readouterr().out == SAID
    assert guarded(["init", "valley"]) == 0, "it may be given again"
    assert "kept as it is: domain.toml" in capsys.readouterr().out
    (valley / "references.bib").unlink()
    assert guarded(["init", "valley", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["written"] == ["references.bib"] and told["script"] == "descend.py" and told["to_do"] == []


async def one_trial(valley: Path, blobs: FileBlobs):
    tryout = Tryout(load_domain(valley, blobs), blobs, InlineExecutor(blobs), "none")
    return tryout.rows(await tryout.trial(tryout.domain.baseline, (7, 8), "one"))


def test_the_domain_measures_what_the_script_reports(valley, tmp_path):
    import asyncio

    assert guarded(["init", "valley"]) == 0
    rows = asyncio.run(one_trial(valley, FileBlobs(tmp_path / "blobs")))
    assert {key: row[0] for key, row in rows.items()} == {(s, "final_loss"): "observed" for s in (7, 8)}
    values = [row[1] for row in rows.values()]
    assert values[0] != values[1] and all(0 <= v < 9.5 for v in values)
