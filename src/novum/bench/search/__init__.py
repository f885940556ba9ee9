"""`novum bench search`: does a search find what there is to be found, and what does it cost?

    a   every policy over programs on tasks of different character, beside a reference of forty lines
    b   what selection makes of noisy landscapes with bugs and stepping stones
    c   what of a study's time the loop wastes, in virtual time, and what a trivial candidate costs
    d   how often a program without a model packs discs as well as is known, certified without tolerance

All go through the real loop, with a journal in memory but for the costs of part c.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from novum.bench.pool import Told
from novum.bench.rows import Row
from novum.canonical import derive_seed
from novum.records import Record

PARTS = ("a", "b", "c", "d")
WORKERS = 2
PACKED = {False: 20, True: 125}
"""Seeds of circle packing, by whether the run is a full one."""
OTHERS, SMALL = {False: 4, True: 40}, {False: 6, True: 40}
"""Seeds of circle packing for policies that no target is about, and of each small task."""
LANDSCAPES, SERVED = {False: 150, True: 1000}, 2
"""Landscapes of part b; seeds of circle packing that are played over HTTP as well."""
DISCS, PACKINGS, SECONDS, REACHED = 26, {False: 4, True: 20}, 300.0, 0.8
"""Of part d: discs, seeds, CPU seconds of a seed on each process, share that is to reach the target."""


class Found(Record, kw_only=True):
    """What a run found: rows, which seeds were played, and mean scores by task and contender."""

    rows: tuple[Row, ...]
    seeds: dict[str, Any]
    scores: dict[str, dict[str, float]]


def search(seed: int, parts: Sequence[str], full: bool, told: Told, workers: int = WORKERS,
           discs: int = DISCS) -> Found:  # fmt: skip
    """The rows of some parts; `discs` are those of part d."""
    rows: list[Row] = []
    seeds: dict[str, Any] = {}
    scores: dict[str, dict[str, float]] = {}
    if "a" in parts:
        made, scores = _part_a(seed, full, told, workers)
        rows += made
        seeds["a"] = {
            "circle packing": f"0 to {PACKED[full] - 1}",
            "circle packing, policies without a target": f"0 to {OTHERS[full] - 1}",
            "small tasks": f"0 to {SMALL[full] - 1}",
            "over HTTP as well": f"0 to {SERVED - 1}",
        }
    if "b" in parts:
        from novum.bench.search import landscapes

        found = landscapes.play_all(derive_seed(seed, "b"), LANDSCAPES[full], workers, told)
        rows += landscapes.rows(found, seed)
        seeds["b"] = f"0 to {LANDSCAPES[full] - 1}"
    if "c" in parts:
        from novum.bench.search import costs, scheduling

        rows += [*scheduling.rows(derive_seed(seed, "c"), full), *costs.rows(seed)]
        seeds["c"] = {f"N = {n}": f"0 to {k - 1}" for n, k in scheduling.repeats(full).items()}
    if "d" in parts:
        rows += _part_d(seed, PACKINGS[full], discs, workers, told)
        seeds["d"] = f"0 to {PACKINGS[full] - 1}"
    return Found(rows=tuple(rows), seeds=seeds, scores=scores)


def _part_a(seed: int, full: bool, told: Told, workers: int) -> tuple[list[Row], dict[str, dict[str, float]]]:
    from novum.bench.search import policies
    from novum.bench.search.served import served_alike
    from novum.bench.search.tasks import PACKING, TASKS

    def seeds(contender: str, task: Any) -> int:
        if task is not PACKING:
            return SMALL[full]
        return PACKED[full] if contender in (policies.DEFAULT, policies.REFERENCE) else OTHERS[full]

    base = derive_seed(seed, "a")
    results = policies.play_all(base, policies.CONTENDERS, TASKS, seeds, workers, told)
    scores = policies.Scores(results)
    return [*policies.rows(scores, seed), *served_alike(base, range(SERVED), results)], policies.table(scores)


def _part_d(seed: int, count: int, discs: int, workers: int, told: Told) -> list[Row]:
    """Packings of a domain's program; of another number of discs than 26 or 32 no target is known here."""
    from novum.bench import optima

    name = f"circles-{discs}"
    task = optima.TASKS.get(name) or msgspec.structs.replace(
        optima.TASKS["circles-26"], name=name, problem={"n": discs}, target=None
    )
    ended = []
    told(0, count)
    for one in optima.run(task, [derive_seed(seed, "d", i) for i in range(count)], SECONDS, workers):
        ended.append(one)
        told(len(ended), count)
    return optima.rows(task, ended, REACHED)
