"""Runs a script once for each seed and keeps the numbers that it reports. Written by `novum init`: edit it.

Called with a request `{schema, config, seeds, in, out}`. Every seed gets a process of its own; what it left
beside the code is removed before the next one. `out/<seed>/reported.json` holds what it said of itself.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

SCRIPT = "train.py"
OPTIONS: dict = {}  # factor -> [option, kind]; kind: int, float, text, on, off, both
SEED = ""  # the option that takes the seed; without one the seeds do not differ, and the check says so
FIXED: list = []  # further arguments, the same in every run
REPORTS: dict = {}  # metric -> what the script calls it, in its output or in a JSON file that it writes
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    for seed in request["seeds"]:
        before = listing()
        ended = subprocess.run(
            words(request["config"], seed), capture_output=True, text=True, errors="replace"
        )
        print(f"seed {seed}: exit code {ended.returncode}\n{ended.stderr[-2000:]}", file=sys.stderr)
        found = {} if ended.returncode else reported(ended.stdout, before)
        clean(before)
        if found:
            out = Path(request["out"]) / str(seed)
            out.mkdir(parents=True, exist_ok=True)
            (out / "reported.json").write_text(json.dumps(found))


def words(config: dict, seed: int) -> list:
    """The command line of one run; an option that domain.toml no longer varies keeps its own default."""
    varied = [(*OPTIONS[factor], level) for factor, level in config.items() if factor in OPTIONS]
    options = [word for option, kind, level in varied for word in said(option, kind, level)]
    return [sys.executable, SCRIPT, *options, *([SEED, str(seed)] if SEED else []), *map(str, FIXED)]


def said(option: str, kind: str, level: object) -> list:
    """An option as the script takes it; configurations hold whole numbers as floats."""
    if kind in ("on", "off"):
        return [option] if level == (kind == "on") else []
    if kind == "both":
        return [option if level else option.replace("--", "--no-", 1)]
    return [option, str(int(level) if kind == "int" else level)]


def listing() -> dict:
    """Every file beside the code, with the time of its last change."""
    return {path: path.stat().st_mtime_ns for path in Path().rglob("*") if path.is_file()}


def reported(printed: str, before: dict) -> dict:
    """Each metric as a JSON file that the run wrote has it, else as the run printed it last."""
    new = [
        path
        for path, when in sorted(listing().items())
        if path.suffix == ".json" and before.get(path) != when
    ]
    texts = [path.read_text(errors="replace") for path in new] + printed.splitlines()[::-1]
    values = {
        metric: next((v for t in texts if (v := value(t, key)) is not None), None)
        for metric, key in REPORTS.items()
    }
    return {metric: found for metric, found in values.items() if found is not None}


def value(text: str, key: str) -> object:
    """The number that a text has for a key: of JSON anywhere in it, else after `key:` or `key=`."""
    try:
        return inside(json.loads(text), key)
    except ValueError:
        found = re.findall(rf"(?<![\w]){re.escape(key)}['\"]?\s*[:=]\s*({NUMBER})", text)
        return float(found[-1]) if found else None


def inside(data: object, key: str) -> object:
    """The number under a key of nested JSON; the last one of a list."""
    if isinstance(data, list):
        return next((found for item in data[::-1] if (found := inside(item, key)) is not None), None)
    if not isinstance(data, dict):
        return None
    mine = data.get(key)
    mine = mine[-1] if isinstance(mine, list) and mine else mine
    if isinstance(mine, (int, float)) and not isinstance(mine, bool):
        return mine
    return next((found for item in data.values() if (found := inside(item, key)) is not None), None)


def clean(before: dict) -> None:
    """Remove what a run made, so that the next one begins as it did. What lies under `out` stays."""
    for path in listing():
        if path not in before and path.parts[0] != "out":
            path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
