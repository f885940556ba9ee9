"""`novum bench search`: does a search find what there is to be found, and what does it cost?

    a   every policy over programs on tasks of different character, beside a reference of forty lines
    b   what selection makes of noisy landscapes with bugs and stepping stones
    c   what of a study's time the loop wastes, in virtual time, and what a trivial candidate costs
    d   how often a program without a model packs discs as well as is known, certified without tolerance

All go through the real loop, with a journal in memory but for the costs of part c.
"""

from typing import Any

import msgspec
from msgspec import field

from novum.bench.pool import Told
from novum.bench.rows import Row
from novum.canonical import derive_seed
from novum.records import Record

PARTS = ("a", "b", "c", "d")
WORKERS = 2
PACKED = 125
"""Seeds of circle packing for the two that are compared: of 20, limits alone are wider than the margin."""
OTHERS, SMALL = {False: 4, True: 40}, {False: 6, True: 40}
"""Seeds of circle packing for policies that no target is about, and of each small task."""
LANDSCAPES, SERVED = {False: 150, True: 1000}, 2
"""Landscapes of part b; seeds of circle packing that are played over HTTP as well."""
DISCS, PACKINGS, SECONDS, REACHED = 26, {False: 4, True: 20}, 300.0, 0.8
"""Of part d: discs, seeds, CPU seconds of a seed on each process, share that is to reach the target."""


class Found(Record, kw_only=True):
    """What a part found: rows, which seeds were played, and of part a mean scores by task and contender."""

    rows: tuple[Row, ...]
    seeds: dict[str, str]
    scores: dict[str, dict[str, float]] = field(default_factory=dict)


def play(part: str, seed: int, full: bool, told: Told, workers: int = WORKERS, discs: int = DISCS) -> Found:
    """One part; `discs` are those of part d."""
    if part == "a":
        return _part_a(derive_seed(seed, "a"), seed, full, told, workers)
    if part == "b":
        from novum.bench.search import landscapes

        found = landscapes.play_all(derive_seed(seed, "b"), LANDSCAPES[full], workers, told)
        return Found(rows=tuple(landscapes.rows(found, seed)), seeds={"landscapes": _upto(LANDSCAPES[full])})
    if part == "c":
        from novum.bench.search import costs, scheduling

        rows = (*scheduling.rows(derive_seed(seed, "c"), full, told), *costs.rows(seed))
        counts = scheduling.repeats(full)
        return Found(rows=rows, seeds={f"N = {n}": _upto(k) for n, k in counts.items()})
    rows = tuple(_part_d(seed, PACKINGS[full], discs, workers, told))
    return Found(rows=rows, seeds={f"{discs} discs": _upto(PACKINGS[full])})


def _upto(count: int) -> str:
    return f"0 to {count - 1}"


def _part_a(base: int, seed: int, full: bool, told: Told, workers: int) -> Found:
    from novum.bench.search import policies
    from novum.bench.search.served import served_alike
    from novum.bench.search.tasks import PACKING, TASKS

    def seeds(contender: str, task: Any) -> int:
        if task is not PACKING:
            return SMALL[full]
        return PACKED if contender in (policies.DEFAULT, policies.REFERENCE) else OTHERS[full]

    results = policies.play_all(base, policies.CONTENDERS, TASKS, seeds, workers, told)
    scores = policies.Scores(results)
    return Found(
        rows=(*policies.rows(scores, seed), *served_alike(base, range(SERVED), results)),
        seeds={
            "circle packing": _upto(PACKED),
            "circle packing, policies without a target": _upto(OTHERS[full]),
            "small tasks": _upto(SMALL[full]),
            "over HTTP as well": _upto(SERVED),
        },
        scores=policies.table(scores),
    )


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
