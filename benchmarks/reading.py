"""Reading a long study: `python benchmarks/reading.py`.

A journal of 100,000 events (`--events`), of the kinds, sizes and proportions of an exploration. Measured is
from the file to the folded state; `novum show` as a whole command, with the snapshot of that state and
without; and what writing events and the snapshot takes.
"""

import argparse
import shutil
import time
from pathlib import Path

from made import long_study
from measuring import NOVUM, in_turn, own_cpu, row, scratch, show

from novum import snapshot
from novum.bench.rows import Row
from novum.journal import JOURNAL, head_of, read_events
from novum.state import fold

FOLD_S, SHOWN_S = 2.0, 0.2


def rows(repeats: int, events: int) -> list[Row]:
    with scratch() as home:
        lab = Path(home, "lab")
        folder = lab / "studies" / "made-long"
        folder.mkdir(parents=True)
        used = own_cpu()
        long_study(folder, events)
        written = (own_cpu() - used) / events
        named = f"{events:,} events"
        folded = [_folding(folder) for _ in range(repeats)]
        kept = [_keeping(folder) for _ in range(repeats)]
        whole = [_restoring(folder) for _ in range(repeats)]
        bare = lab.with_name("bare")
        shutil.copytree(lab, bare, ignore=shutil.ignore_patterns(snapshot.FILE))
        ask = {at.name: [NOVUM, "show", "--json", "--lab", at] for at in (lab, bare)}
        shown = {name: [u.cpu for u in found] for name, found in in_turn(ask, repeats).items()}
        size = (folder / snapshot.FILE).stat().st_size / (folder / JOURNAL).stat().st_size
    return [
        row(f"journal of {named} to state, CPU-s", folded, at_most=FOLD_S),
        row(f"`novum show` of {named} from the snapshot, CPU-s", shown["lab"], at_most=SHOWN_S),
        row(f"`novum show` of {named} without it, CPU-s", shown["bare"]),
        row(f"whole state of {named} from the snapshot, CPU-s", whole),
        row(f"writing the snapshot of {named}, CPU-s", kept),
        row("size of the snapshot over that of the journal", [size]),
        row("making and writing one event, 5,000 to a commit, CPU-ms", [1000 * written]),
    ]


def _folding(folder: Path) -> float:
    began = time.process_time()
    fold(read_events(folder / JOURNAL))
    return time.process_time() - began


def _keeping(folder: Path) -> float:
    state, head = fold(read_events(folder / JOURNAL)), head_of(folder / JOURNAL)
    began = time.process_time()
    snapshot.write(folder, state, head)
    return time.process_time() - began


def _restoring(folder: Path) -> float:
    began = time.process_time()
    snapshot.state_of(folder)
    return time.process_time() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    given = parser.parse_args()
    show(rows(given.repeats, given.events), given.json)
