"""The real thing from end to end, through the commands alone (about a minute)."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def call(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "novum", *words], capture_output=True, text=True, cwd=cwd)


def told(cwd: Path) -> dict:
    return json.loads(call("show", "--json", cwd=cwd).stdout)


def test_a_study_from_its_protocol_over_a_kill_to_its_audit(tmp_path):
    asked = call("run", "--budget", "smoke", "--seed", "3", "--until", "protocol", cwd=tmp_path)
    assert asked.returncode == 0, asked.stderr
    before = told(tmp_path)
    assert before["waits_for"] == "approval" and before["id"] in asked.stdout.splitlines()[-1]
    assert all(claim["verdict"] is None for claim in before["claims"])

    killed = subprocess.Popen(
        [sys.executable, "-m", "novum", "approve"], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while told(tmp_path)["trials"]["done"] <= before["trials"]["done"] and time.monotonic() < deadline:
        time.sleep(0.5)
    killed.kill()
    killed.wait()
    between = told(tmp_path)
    assert between["status"] == "interrupted" and between["stage"] == "confirm"

    ended = call("resume", "--workers", "1", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    after = told(tmp_path)
    assert after["status"] == "done" and after["audit"]["passed"] is True
    assert all(claim["verdict"] in ("supported", "refuted", "inconclusive") for claim in after["claims"])
    assert all(claim["text"].split()[0] in ended.stdout for claim in after["claims"])
    assert after["settings"]["workers"]["value"] == 1
    assert (tmp_path / after["paper"]).read_bytes().startswith(b"%PDF")
    assert after["protocol"]["hash"] == before["protocol"]["hash"]

    checked = json.loads(call("audit", "--json", cwd=tmp_path).stdout)
    assert checked["passed"] is True
    assert call("resume", cwd=tmp_path).stdout == "nothing unfinished in lab\n"
