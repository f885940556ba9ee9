"""What of a study must not depend on when, how fast and with how many interruptions it was carried out.

A study whose proposals depend on no result (policy `design`, and every replication) ends in the same bytes of
`paper/paper.md`, `claims.json` and `measurements.csv` however often it was killed on the way. Values that are
about the carrying out itself are marked as such, and replaced here by their mark: the chain's head with its
number (a hash over times), what trials cost, and how many attempts were cut short.
"""

import json
import re
from pathlib import Path

from novum.state import State

FILES = ("paper/paper.md", "claims.json", "measurements.csv")
VOLATILE = ("cpu_seconds", "wall_seconds", "usd", "tokens", "interrupted")
"""Kinds of statistics that tell of the carrying out, not of what was found."""


def comparable(folder: Path, state: State) -> dict[str, str]:
    """The three files of a finished study with marked values masked, by name."""
    texts = {name: (folder / name).read_text() for name in FILES}
    return texts | {
        "paper/paper.md": _without_head(texts["paper/paper.md"], state),
        "claims.json": _without_costs(texts["claims.json"]),
    }


def _without_head(text: str, state: State) -> str:
    assert state.paper is not None
    return re.sub(rf"event {state.paper.head_seq}, `{state.paper.head}`", "event ‹number›, `‹head›`", text)


def _without_costs(text: str) -> str:
    told = json.loads(text)
    for statistic in told["statistics"]:
        if statistic["kind"] in VOLATILE:
            statistic["value"] = f"‹{statistic['kind']}›"
    return json.dumps(told, indent=1, ensure_ascii=False)
