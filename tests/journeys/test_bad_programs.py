"""A program may do what it likes: one clear line, the right exit code, nothing lost."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from novum import api
from novum.domains import new_domain
from novum.events import MeasurementsRecorded

pytestmark = pytest.mark.slow

READ = "import json, os, sys, time\nrequest = json.load(open(sys.argv[1]))\n"
BAD = {
    "crashes": ("raise SystemExit('no luck today')\n", "no luck today"),
    "hangs": ("while True: pass\n", "cpu limit"),
    "prints nothing": ("pass\n", "measurement"),
    "writes NaN": (
        READ + "import numpy as np\n"
        "for s in request['seeds']:\n"
        "    os.makedirs(f'out/{s}')\n"
        "    for given, made in (('x', 'at_points'), ('between', 'between')):\n"
        "        np.save(f'out/{s}/{made}.npy', np.load(f'in/{s}/{given}.npy') * np.nan)\n",
        "",
    ),
    "forks": (
        "import os, time\n"
        "for _ in range(200):\n"
        "    try:\n"
        "        if os.fork() == 0: time.sleep(60)\n"
        "    except OSError: break\n"
        "raise SystemExit('forked')\n",
        "",
    ),
    "ignores signals": (
        "import signal\n"
        "for n in (signal.SIGINT, signal.SIGTERM, signal.SIGXCPU): signal.signal(n, signal.SIG_IGN)\n"
        "while True: pass\n",
        "cpu limit",
    ),
    "writes a million metrics": (
        READ + "os.makedirs('out', exist_ok=True)\n"
        "line = json.dumps({'seed': 1, 'metric': 'heldout_error', 'value': 0.0}) + chr(10)\n"
        "open('out/measurements.jsonl', 'w').write(line * 1000000)\n",
        "",
    ),
    "forges its measurements": (
        READ + "for s in request['seeds']:\n"
        "    os.makedirs(f'out/{s}')\n"
        "    line = json.dumps({'seed': s, 'metric': 'heldout_error', 'value': 0.0})\n"
        "    open(f'out/{s}/measurements.jsonl', 'w').write(line)\n"
        "    open('out/measurements.jsonl', 'a').write(line + chr(10))\n",
        "",
    ),
}


def carried_out(domain: Path, lab: Path) -> subprocess.CompletedProcess[str]:
    words = [
        sys.executable,
        "-m",
        "novum",
        "run",
        str(domain),
        "--lab",
        str(lab),
        "--budget",
        "smoke",
        "--seed",
        "1",
    ]
    return subprocess.run(words, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("name", BAD)
def test_a_study_of_a_program_that(name: str, tmp_path: Path) -> None:
    program, told = BAD[name]
    folder = tmp_path / "toy"
    new_domain(folder, "toy")
    (folder / "fit.py").write_text(program)
    text = (folder / "domain.toml").read_text()
    (folder / "domain.toml").write_text(re.sub(r"(?m)^seconds = .*", "seconds = 0.5", text))
    done = carried_out(folder, tmp_path / "lab")
    assert done.returncode == 1, done.stderr
    lines = [line for line in done.stderr.splitlines() if "explored configurations" in line]
    assert len(lines) == 1
    assert told in lines[0]
    assert "Traceback" not in done.stderr + done.stdout
    study = api.open_study(api.find_study(tmp_path / "lab"))
    assert study.status == "failed"
    values = [
        m.value
        for e in study.events()
        if isinstance(e.body, MeasurementsRecorded)
        for m in e.body.measurements
    ]
    assert values and set(values) == {None}
    assert {t.status for t in study.state.trials.values()} == {"failed"}
